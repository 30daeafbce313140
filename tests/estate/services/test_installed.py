"""Services by what is installed as a whole: releases, and applications of a delivery."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from tests.estate.services.conftest import Found, component, manifest

Find = Callable[[Mapping[str, str]], Found]


def application(name: str, path: str = "elsewhere", labels: str = "{}") -> str:
    """An application of Argo CD that delivers a folder."""
    source = f"{{repoURL: https://git.example.com/acme/shop.git, path: {path}, targetRevision: v1}}"
    return (
        "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\n"
        f"metadata: {{name: {name}, namespace: argocd, labels: {labels}}}\n"
        f"spec: {{project: shop, source: {source}, destination: {{namespace: shop}}}}\n"
    )


def test_a_folder_beside_those_of_environments_is_one(find: Find) -> None:
    found = find(
        {
            "apps/dev/cart.yaml": application("dev-cart"),
            "apps/edge/cart.yaml": application("edge-cart"),
            "other/edge/pay.yaml": application("edge-pay"),
        }
    )
    assert found.members == {
        "cart": ["Application/argocd/dev-cart", "Application/argocd/edge-cart"],
        "edge-pay": ["Application/argocd/edge-pay"],
    }


@pytest.mark.parametrize("name", ["<env>-cart", "'{{ values.name }}'", "'${{ values.name }}'", "'#NAME#'"])
def test_a_name_that_is_filled_in_later_is_no_service(find: Find, name: str) -> None:
    labels = f"{{app.kubernetes.io/name: {name}}}"
    found = find({"a.yaml": application(name), "b.yaml": manifest("ConfigMap/b", labels)})
    assert found.found_by == {}


def test_what_brings_other_applications_is_no_service(find: Find) -> None:
    found = find({"boot.yaml": application("all-of-it", "apps"), "apps/cart.yaml": application("cart")})
    assert found.members == {"cart": ["Application/argocd/cart"]}
    assert found.unassigned == ["Application/argocd/all-of-it"]


def test_the_namespace_of_argo_cd_is_not_that_of_what_it_delivers(find: Find) -> None:
    found = find({"apps/cart.yaml": application("cart"), "argo/a.yaml": manifest("ConfigMap/argocd/a")})
    assert found.unassigned == ["ConfigMap/argocd/a"]


def test_manifests_belong_to_the_application_that_delivers_their_folder(find: Find) -> None:
    found = find(
        {
            "apps/all.yaml": application("cart", "cart")
            + application("pay", "both")
            + application("tax", "both"),
            "cart/job.yaml": manifest("ConfigMap/a"),
            "cart/below/job.yaml": manifest("ConfigMap/b"),
            "both/job.yaml": manifest("ConfigMap/c"),
        }
    )
    assert found.members["cart"] == ["Application/argocd/cart", "ConfigMap/a"]
    assert sorted(found.unassigned) == ["ConfigMap/b", "ConfigMap/c"]


RELEASE = """
resource "helm_release" "basket" {{
  {each}
  name       = "{name}"
  repository = "https://charts.example.com"
  chart      = "basket"
  version    = "1.0.0"
}}

resource "kubernetes_config_map" "a" {{
  metadata {{
    name   = "a"
    labels = {{ app = "{label}" }}
  }}
}}

resource "aws_s3_bucket" "b" {{}}
"""


@pytest.mark.parametrize(
    ("label", "service", "by"), [("basket-token", "basket", "release"), ("token", None, None)]
)
def test_a_root_follows_its_release_and_not_a_workload_beside_it(
    find: Find, label: str, service: str | None, by: str | None
) -> None:
    found = find({"main.tf": RELEASE.format(each="", name="basket", label=label)})
    of = {resource.address: resource.service for resource in found.estate.resources}
    assert of["helm_release.basket"] == "basket"
    assert of["aws_s3_bucket.b"] == service
    assert found.found_by.get("token") == (None if service else "label")


def test_instances_of_one_release_are_one_service(find: Find) -> None:
    text = RELEASE.format(
        each='for_each = toset(["team-a", "team-b"])', name="basket-${each.key}", label="basket"
    )
    found = find({"main.tf": text})
    releases = [address for address in found.members["basket"] if address.startswith("helm_release.")]
    assert releases == ['helm_release.basket["team-a"]', 'helm_release.basket["team-b"]']
    assert found.unassigned == []
    assert list(found.found_by) == ["basket"]


def test_the_skeleton_of_a_catalog_entry_is_no_service_but_names_a_system(find: Find) -> None:
    name, labels = "'${{ values.name }}'", "{app.kubernetes.io/part-of: shop, app.kubernetes.io/name: %s}"
    found = find(
        {
            "one/catalog-info.yaml": component(name, "{type: service, system: shop}"),
            "two/catalog-info.yaml": component(name, "{type: service, system: '${{ values.system }}'}"),
            "one/a.yaml": manifest("ConfigMap/a", labels % "cart"),
            "two/b.yaml": manifest("ConfigMap/b", labels % "pay"),
            "docs/catalog-info.yaml": component("handbook", "{type: documentation}"),
        }
    )
    assert found.members == {"cart": ["ConfigMap/a"], "pay": ["ConfigMap/b"]}
    assert (found.problems, found.unassigned) == ([], [])


def test_a_part_of_a_chart_of_charts_follows_what_stands_beside_it(find: Find) -> None:
    def chart(name: str) -> dict[str, str]:
        folder = f"charts/{name}"
        secret = manifest(f"Secret/{name}-key")
        return {
            f"{folder}/Chart.yaml": f"apiVersion: v2\nname: {name}\nversion: 1.0.0\n",
            f"{folder}/templates/a.yaml": manifest(f"ConfigMap/{name}", f"{{service: {name}}}"),
            f"{folder}/templates/b.yaml": secret,
        }

    whole = "apiVersion: v2\nname: whole\nversion: 1.0.0\n"
    found = find({"Chart.yaml": whole, **chart("cart"), **chart("pay")})
    assert {name: sorted(set(members)) for name, members in found.members.items()} == {
        "cart": ["ConfigMap/cart", "Secret/cart-key"],
        "pay": ["ConfigMap/pay", "Secret/pay-key"],
    }
    assert found.unassigned == []
