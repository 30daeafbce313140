"""Deprecated and removed API versions: the table, the schemas, and the option that chooses a release."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.kubernetes.schemas import lifecycle as module
from readiness.kubernetes.schemas.lifecycle import lifecycle
from readiness.kubernetes.schemas.store import load, minor, releases, served

KINDS = [
    ("extensions/v1beta1", "Ingress", "1.14", "1.22", "networking.k8s.io/v1"),
    ("apps/v1beta2", "DaemonSet", "1.9", "1.16", "apps/v1"),
    ("batch/v1beta1", "CronJob", "1.21", "1.25", "batch/v1"),
    ("policy/v1beta1", "PodSecurityPolicy", "1.21", "1.25", None),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.23", "1.26", "autoscaling/v2"),
    ("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", "1.29", "1.32", "flowcontrol.apiserver.k8s.io/v1"),
    ("v1", "Endpoints", "1.33", None, "discovery.k8s.io/v1 EndpointSlice"),
    # Of no table: the schemas show it.
    ("networking.k8s.io/v1alpha1", "ClusterCIDR", None, "1.29", None),
    (
        "storagemigration.k8s.io/v1alpha1",
        "StorageVersionMigration",
        None,
        "1.35",
        "storagemigration.k8s.io/v1",
    ),
]


@pytest.mark.parametrize(("version", "kind", "deprecated", "removed", "replacement"), KINDS)
def test_a_life(
    version: str, kind: str, deprecated: str | None, removed: str | None, replacement: str | None
) -> None:
    life = lifecycle(version, kind)
    assert life is not None
    assert (life.deprecated_in, life.removed_in, life.replacement) == (deprecated, removed, replacement)
    assert life.project == "Kubernetes"


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("apps/v1", "Deployment"),
        ("cert-manager.io/v1", "Certificate"),
        ("external-secrets.io/v1alpha1", "PushSecret"),
    ],
)
def test_what_lives_on(version: str, kind: str) -> None:
    assert lifecycle(version, kind) is None


def test_a_release_decides() -> None:
    life = lifecycle("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema")
    assert life is not None
    verdicts = [(life.deprecated(load(n)), life.removed(load(n))) for n in (28, 29, 31, 32)]
    assert verdicts == [(False, False), (True, False), (True, False), (True, True)]


def test_what_a_cluster_has_of_another_project_is_not_known() -> None:
    life = lifecycle("cert-manager.io/v1alpha2", "Issuer")
    assert life is not None
    assert (life.project, life.removed_in) == ("cert-manager", "1.6")
    assert life.deprecated(load(25))
    assert not life.removed(load(37))


def test_the_table_agrees_with_the_schemas() -> None:
    newest = minor(releases()[-1])
    compared = 0
    for (version, kind), life in module._table().items():
        span = served(version, kind)
        if span is not None and span[1] < newest:
            assert life.removed_in == f"1.{span[1] + 1}", (version, kind)
            compared += 1
        elif span is not None:
            # Still there in the newest release: what is said of its end lies in the future.
            assert life.removed_in is None or minor_of(life.removed_in) > newest, (version, kind)
        elif life.project == "Kubernetes":
            assert life.removed_in is not None and minor_of(life.removed_in) <= 25, (version, kind)
        assert life.source.startswith("https://")
    assert compared > 15


def test_a_replacement_is_served() -> None:
    newest = load(minor(releases()[-1]))
    for (_, kind), life in module._table().items():
        if life.project == "Kubernetes" and life.replacement is not None:
            version, _, other = life.replacement.partition(" ")
            assert (version, other or kind) in newest.kinds, life.replacement


def minor_of(release: str) -> int:
    """The number behind the dot, also of a release to come."""
    return int(release.partition(".")[2])


FLOW = """\
apiVersion: flowcontrol.apiserver.k8s.io/v1beta3
kind: FlowSchema
metadata: {name: a}
spec: {priorityLevelConfiguration: {name: a}}
"""


@pytest.mark.parametrize(
    ("release", "policies"),
    [
        ("1.28", []),
        ("v1.31.2", ["k8s-api-deprecated"]),
        ("1.32", ["k8s-api-removed"]),
        ("", ["k8s-api-removed"]),
    ],
)
def test_the_option(cli: Any, release: str, policies: list[str]) -> None:
    cli.write({"flow.yaml": FLOW})
    chosen = ("--kubernetes-version", release) if release else ()
    result = cli.run("check", "-f", "json", "--select", "k8s-api-*,k8s-schema", *chosen)
    assert [(f[0], f[2], f[3]) for f in result.found()] == [(name, "flow.yaml", 1) for name in policies]


def test_a_release_that_is_not_known(cli: Any) -> None:
    cli.write({"flow.yaml": FLOW})
    result = cli.run("check", "--kubernetes-version", "1.19")
    assert result.status == 2
    assert "no schemas of Kubernetes '1.19'; choose a release from 1.25 to 1.37" in result.err
