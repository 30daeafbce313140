"""The environments of a service."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from tests.estate.services.conftest import Found, manifest

Find = Callable[[Mapping[str, str]], Found]

BASE = {
    "base/cart.yaml": manifest("Deployment/cart", "{service: cart}", template="{app: cart}"),
    "base/kustomization.yaml": "resources: [cart.yaml]\n",
}


def overlays(*folders: str) -> dict[str, str]:
    """Overlays of one base in folders, by the path of their files."""
    made = dict(BASE)
    for folder in folders:
        up = "/".join([".."] * (folder.count("/") + 1))
        made[f"{folder}/kustomization.yaml"] = f"resources: [{up}/base]\nnamePrefix: x-\n"
    return made


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        (("overlays/prod", "overlays/eu-west-1"), ["eu-west-1", "prod"]),
        (("overlays/prod-eu", "overlays/prod-us"), ["prod-eu", "prod-us"]),
        (("tests/with-spanner", "kustomize"), []),
        (("clusters/one", "clusters/two"), []),
    ],
)
def test_overlays_are_environments_where_their_names_say_so(
    find: Find, folders: tuple[str, ...], expected: list[str]
) -> None:
    assert find(overlays(*folders))["cart"].environments == expected


def test_a_label_says_any_environment(find: Find) -> None:
    found = find({"a.yaml": manifest("ConfigMap/a", "{service: cart, environment: spanner}")})
    assert found["cart"].environments == ["spanner"]


@pytest.mark.parametrize(
    ("more", "elsewhere"),
    [
        ({}, False),
        ({"b.yaml": manifest("ConfigMap/b", "{service: cart}")}, False),
        ({"b.yaml": manifest("Deployment/b", "{service: cart}", template="{app: b}")}, True),
    ],
)
def test_what_runs_outside_of_them(find: Find, more: dict[str, str], elsewhere: bool) -> None:
    labels = "{service: cart, environment: dev}"
    found = find({"a.yaml": manifest("Deployment/a", labels, template="{app: a}"), **more})
    resource = found["cart"].resource
    assert resource is not None
    assert (resource.body["environments"], resource.body["elsewhere"]) == (["dev"], elsewhere)
