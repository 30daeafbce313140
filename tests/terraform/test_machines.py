"""What the name of a machine type says: vCPUs, and memory at the most."""

from __future__ import annotations

import pytest

from readiness.terraform.machines import Machine, machine


@pytest.mark.parametrize(
    ("name", "vcpu", "memory"),
    [
        ("m7i.medium", 1, 4),
        ("m5.large", 2, 8),
        ("m7i-flex.xlarge", 4, 16),
        ("c6gn.16xlarge", 64, 128),
        ("c5.9xlarge", 36, 72),
        ("c5n.18xlarge", 72, 192),
        ("r8g.48xlarge", 192, 1536),
        ("t3.small", 2, 2),
        ("t4g.2xlarge", 8, 32),
        ("Standard_D4s_v5", 4, 16),
        ("standard_d8pls_v5", 8, 16),
        ("Standard_E16-4as_v5", 4, 128),
        ("Standard_F8s_v2", 8, 16),
        ("Standard_F4as_v6", 4, 16),
        ("Standard_F2ams_v6", 2, 16),
        ("Standard_D2_v2", 2, 7),
        ("Standard_DS14_v2", 16, 112),
        ("Standard_B4ms", 4, 16),
        ("Standard_B2als_v2", 2, 4),
        ("e2-medium", 2, 4),
        ("n1-standard-4", 4, 16),
        ("n2d-highmem-8", 8, 64),
        ("c3-highcpu-22", 22, 44),
        ("c3-standard-8-lssd", 8, 32),
        ("n2-custom-6-20480", 6, 20),
        ("custom-2-13312-ext", 2, 13),
    ],
)
def test_a_type_says_how_large_it_is(name: str, vcpu: int, memory: float) -> None:
    assert machine(name) == Machine(vcpu, memory)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "m5",
        "m5.metal",
        "m4.large",
        "m9i.large",
        "g5.xlarge",
        "t2.nano",
        "Standard_D99_v2",
        "Standard_D4_v1",
        "Standard_E192is_v6",
        "Standard_NC6s_v3",
        "n2-standard",
        "a2-highgpu-1g",
        "m5.large ",
    ],
)
def test_what_is_not_understood_is_not_judged(name: str) -> None:
    assert machine(name) is None
