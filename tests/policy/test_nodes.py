"""`nodes()`: which node sizes a run declares, and what says that there may be others; `instances()`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readiness.estate.build import from_texts
from readiness.policy.host import Host
from readiness.policy.nodes import nodes
from readiness.repo.facts import RepositoryFacts
from readiness.values import Unknown

GROUP = """
resource "aws_eks_node_group" "main" {
  cluster_name   = "shop"
  instance_types = ["m7i.large"]
}
"""


def found(text: str, manifest: str = "") -> tuple[list[str], int]:
    """The machine types that are known, and how many entries are not."""
    loaded = from_texts({"main.tf": text} | ({"object.yaml": manifest} if manifest else {}))
    assert loaded.errors == []
    entries = nodes(loaded.estate)
    unknown = [entry for entry in entries if isinstance(entry, Unknown)]
    return [entry["type"] for entry in entries if not isinstance(entry, Unknown)], len(unknown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GROUP, (["m7i.large"], 0)),
        ('resource "aws_eks_node_group" "main" {}', (["t3.medium"], 0)),
        ('resource "google_container_cluster" "main" {}', (["e2-medium"], 0)),
        (
            'resource "google_container_cluster" "main" {\n'
            "  node_pool {\n"
            "    node_config {\n"
            '      machine_type = "n2-standard-8"\n'
            "    }\n"
            "  }\n"
            "}",
            (["n2-standard-8"], 0),
        ),
        (
            'resource "google_container_cluster" "main" {\n  remove_default_node_pool = true\n}\n'
            'resource "google_container_node_pool" "main" {\n  cluster = "main"\n}',
            (["e2-medium"], 0),
        ),
        (
            'resource "azurerm_kubernetes_cluster" "main" {\n'
            "  default_node_pool {\n"
            '    vm_size = "Standard_D4s_v5"\n'
            "  }\n"
            "  node_provisioning_profile {\n"
            '    mode = "Manual"\n'
            "  }\n"
            "}\n"
            'resource "azurerm_kubernetes_cluster_node_pool" "main" {\n  vm_size = "Standard_D8s_v5"\n}',
            (["Standard_D4s_v5", "Standard_D8s_v5"], 0),
        ),
    ],
)
def test_node_types_and_their_defaults(text: str, expected: tuple[list[str], int]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        'resource "aws_eks_node_group" "b" {\n  instance_types = ["g5.xlarge"]\n}',
        'variable "t" {}\nresource "aws_eks_node_group" "b" {\n  instance_types = [var.t]\n}',
        'variable "t" {}\nresource "aws_eks_node_group" "b" {\n  instance_types = var.t\n}',
        'variable "n" {}\nresource "aws_eks_node_group" "b" {\n  count = var.n\n}',
        'resource "aws_eks_node_group" "b" {\n  launch_template {\n    id = "lt-1"\n  }\n}',
        'resource "aws_eks_cluster" "b" {\n  compute_config {\n    enabled = true\n  }\n}',
        'resource "aws_eks_fargate_profile" "b" {}',
        'resource "aws_autoscaling_group" "b" {\n  max_size = 4\n}',
        'data "aws_eks_cluster" "b" {\n  name = "other"\n}',
        'resource "google_container_cluster" "b" {\n  enable_autopilot = true\n}',
        'resource "google_container_cluster" "b" {\n  remove_default_node_pool = true\n'
        "  cluster_autoscaling {\n    enabled = true\n  }\n}",
        'variable "m" {}\nresource "google_container_node_pool" "b" {\n'
        "  node_config {\n    machine_type = var.m\n  }\n}",
        'resource "azurerm_kubernetes_cluster" "b" {\n'
        '  node_provisioning_profile {\n    mode = "Auto"\n  }\n}',
        'resource "digitalocean_kubernetes_cluster" "b" {}',
        'module "eks" {\n  source  = "terraform-aws-modules/eks/aws"\n  version = "20.0.0"\n}',
        'resource "helm_release" "b" {\n  name  = "k"\n  chart = "karpenter"\n}',
    ],
)
def test_other_nodes_than_the_declared_ones(text: str) -> None:
    assert found(GROUP + text) == (["m7i.large"], 1)
    assert found(text) == ([], 0)  # a run without any known node says nothing about nodes


@pytest.mark.parametrize(
    "manifest",
    [
        "apiVersion: karpenter.sh/v1\nkind: NodePool\nmetadata: {name: b}\nspec: {}\n",
        "apiVersion: cluster.x-k8s.io/v1beta1\nkind: MachineDeployment\nmetadata: {name: b}\nspec: {}\n",
    ],
)
def test_objects_that_make_nodes(manifest: str) -> None:
    assert found(GROUP, manifest) == (["m7i.large"], 1)


@pytest.mark.parametrize(
    "text",
    [
        'resource "aws_eks_cluster" "b" {\n  compute_config {\n    enabled = false\n  }\n}',
        'resource "google_container_cluster" "b" {\n  remove_default_node_pool = true\n'
        '  cluster_autoscaling {\n    autoscaling_profile = "BALANCED"\n  }\n}',
        'resource "helm_release" "b" {\n  name  = "web"\n  chart = "web"\n}',
        'module "dns" {\n  source = "terraform-aws-modules/route53/aws"\n}',
    ],
)
def test_what_brings_no_nodes(text: str) -> None:
    assert found(GROUP + text) == (["m7i.large"], 0)


def test_sizes_are_quantities() -> None:
    (entry,) = nodes(from_texts({"main.tf": GROUP}).estate)
    assert entry == {
        "address": "aws_eks_node_group.main",
        "type": "m7i.large",
        "cpu": "2",
        "memory": "8192Mi",
    }


def instances(text: str, address: str) -> list[Any]:
    loaded = from_texts({"main.tf": text})
    host = Host(loaded.estate, RepositoryFacts(Path()))
    (host.current,) = [r for r in loaded.estate.resources if r.address == address]
    return host.instances()


def test_instances_of_the_same_block() -> None:
    web = 'resource "aws_instance" "web" {\n  count = 2\n  ami   = "ami-${count.index}"\n}\n'
    other = 'resource "aws_instance" "other" {\n  ami = "ami-2"\n}\n'
    assert [body["ami"] for body in instances(web + other, "aws_instance.web[1]")] == ["ami-0", "ami-1"]
    assert [body["ami"] for body in instances(web + other, "aws_instance.other")] == ["ami-2"]


def test_instances_of_a_number_that_is_not_known() -> None:
    text = 'variable "n" {}\nresource "aws_instance" "web" {\n  count = var.n\n}\n'
    loaded = from_texts({"main.tf": text})
    (address,) = [r.address for r in loaded.estate.resources if r.type == "aws_instance"]
    (only,) = instances(text, address)
    assert isinstance(only, Unknown)
