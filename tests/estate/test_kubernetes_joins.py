"""Links between objects wherever they are written, and where names and labels are not known."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest

Declare = Callable[..., Any]

DEPLOYMENT = """\
resource "kubernetes_deployment_v1" "%s" {
  metadata {
    name      = %s
    namespace = %s
  }
  spec {
    template {
      metadata {
        labels = { app = %s }
      }
      spec {
        container {
          image = "i"
        }
      }
    }
  }
}
"""
BUDGET = """\
resource "kubernetes_pod_disruption_budget_v1" "b" {
  metadata {
    name      = "b"
    namespace = %s
  }
  spec {
    selector {
      match_labels = { app = %s }
    }
  }
}
"""
VARIABLES = 'variable "u" {}\nvariable "v" {}\n'


def test_blocks_and_manifests_are_linked(declare: Declare) -> None:
    found = declare(
        {
            "main.tf": DEPLOYMENT % ("d", '"d"', '"n"', '"web"'),
            "service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: 'n'}\n"
            "spec:\n  selector: {app: web}\n",
        }
    )
    assert found.linked("Deployment/n/d", "Service") == ["Service/n/s"]
    assert found.linked("Service/n/s", "workload") == ["Deployment/n/d"]


@pytest.mark.parametrize(
    ("deployment", "budget", "linked"),
    [
        (('"n"', '"web"'), ('"n"', '"web"'), ["PodDisruptionBudget/n/b"]),
        (('"n"', '"web"'), ('"n"', '"api"'), []),
        # The same unknown is equal to itself.
        (('"n"', "var.u"), ('"n"', "var.u"), ["PodDisruptionBudget/n/b"]),
        (("var.u", '"web"'), ("var.u", '"web"'), ["PodDisruptionBudget/(var.u)/b"]),
        # Another one may be equal.
        (('"n"', "var.u"), ('"n"', "var.v"), ["PodDisruptionBudget/n/b?"]),
        (('"n"', "var.u"), ('"n"', '"web"'), ["PodDisruptionBudget/n/b?"]),
        (('"n"', '"web"'), ("var.u", '"web"'), ["PodDisruptionBudget/(var.u)/b?"]),
        # What is certain of an unknown may be enough.
        (('"n"', '"a-${var.u}"'), ('"n"', '"b"'), []),
        (("var.u", '"web"'), ("var.u", '"api"'), []),
    ],
)
def test_selectors(
    deployment: tuple[str, str], budget: tuple[str, str], linked: list[str], declare: Declare
) -> None:
    found = declare(VARIABLES + DEPLOYMENT % ("d", '"d"', *deployment) + BUDGET % budget)
    address = next(address for address in found.addresses if address.startswith("Deployment/"))
    assert found.linked(address, "PodDisruptionBudget") == linked


def test_unknown_labels_of_a_template(declare: Declare) -> None:
    text = (DEPLOYMENT % ("d", '"d"', '"n"', '""')).replace('labels = { app = "" }', "labels = var.u")
    found = declare(VARIABLES + text + BUDGET % ('"n"', '"web"'))
    assert found.linked("Deployment/n/d", "PodDisruptionBudget") == ["PodDisruptionBudget/n/b?"]


@pytest.mark.parametrize(
    ("name", "target", "linked"),
    [
        ('"d"', "kubernetes_deployment_v1.d.metadata[0].name", ["HorizontalPodAutoscaler/n/h"]),
        ("var.u", "kubernetes_deployment_v1.d.metadata[0].name", ["HorizontalPodAutoscaler/n/h"]),
        ("var.u", "var.v", ["HorizontalPodAutoscaler/n/h?"]),
        ('"d"', '"e"', []),
    ],
)
def test_targets_of_autoscalers(name: str, target: str, linked: list[str], declare: Declare) -> None:
    found = declare(
        VARIABLES
        + DEPLOYMENT % ("d", name, '"n"', '"web"')
        + 'resource "kubernetes_horizontal_pod_autoscaler_v2" "h" {\n  metadata {\n    name = "h"\n'
        '    namespace = "n"\n  }\n  spec {\n    scale_target_ref {\n      kind = "Deployment"\n'
        f"      name = {target}\n    }}\n  }}\n}}\n"
    )
    address = next(address for address in found.addresses if address.startswith("Deployment/"))
    assert found.linked(address, "HorizontalPodAutoscaler") == linked


def test_roots_are_not_joined_by_what_is_unknown(declare: Declare) -> None:
    found = declare(
        {
            "a/main.tf": VARIABLES + DEPLOYMENT % ("d", '"d"', "var.u", '"web"'),
            "b/main.tf": VARIABLES + BUDGET % ("var.u", '"web"'),
        }
    )
    assert found.linked("Deployment/(var.u)/d", "PodDisruptionBudget") == []


def test_addresses_do_not_depend_on_other_roots(declare: Declare) -> None:
    text = VARIABLES + DEPLOYMENT % ("d", '"d"', "var.u", '"web"')
    found = declare({"a/main.tf": text, "b/main.tf": text})
    assert [(r.root, r.address) for r in found.objects] == [
        ("a", "Deployment/(var.u)/d"),
        ("b", "Deployment/(var.u)/d"),
    ]


def test_copies_of_a_module_stay_in_their_root(declare: Declare) -> None:
    call = 'module "app" {\n  source = "../app"\n}\n'
    found = declare(
        {
            "dev/main.tf": call,
            "prod/main.tf": call,
            "app/main.tf": DEPLOYMENT % ("d", '"d"', '"n"', '"web"') + BUDGET % ('"n"', '"web"'),
        }
    )
    deployments = [resource for resource in found.objects if resource.type == "Deployment"]
    assert sorted(resource.root for resource in deployments) == ["dev", "prod"]
    for resource in deployments:
        linked = found.estate.linked(resource, "PodDisruptionBudget")
        assert [other.root for other in linked] == [resource.root]


def test_too_many_pairs_may_all_belong_together(declare: Declare, monkeypatch: pytest.MonkeyPatch) -> None:
    from readiness.estate.embedded import join

    text = VARIABLES + DEPLOYMENT % ("d", '"d"', '"n"', '"web"') + BUDGET % ("var.u", '"web"')
    monkeypatch.setattr(importlib.import_module(join.__module__), "PAIR_LIMIT", 0)
    found = declare(text)
    assert found.linked("Deployment/n/d", "PodDisruptionBudget") == ["PodDisruptionBudget/(var.u)/b?"]
    assert found.linked("PodDisruptionBudget/(var.u)/b", "Deployment") == ["Deployment/n/d?"]
