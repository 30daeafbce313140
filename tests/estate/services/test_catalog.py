"""Services by a catalog, and what joins resources with its components."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from tests.estate.services.conftest import Found, component, manifest

from readiness.estate.metadata import who_says

Find = Callable[[Mapping[str, str]], Found]

SYSTEM = "---\napiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: shop}\nspec: {owner: x}\n"


@pytest.mark.parametrize(
    ("annotations", "labels"),
    [
        ("{}", "{app.kubernetes.io/name: cart}"),
        ("{}", "{app.kubernetes.io/part-of: Cart}"),
        ("{}", "{app.kubernetes.io/part-of: store, app.kubernetes.io/name: cart}"),
        ("{backstage.io/kubernetes-id: basket}", "{backstage.io/kubernetes-id: basket, app: other}"),
        ("{}", "{backstage.io/kubernetes-id: cart}"),
        ("{backstage.io/kubernetes-label-selector: 'run=web,side=front'}", "{run: web, side: front}"),
    ],
)
def test_joins(find: Find, annotations: str, labels: str) -> None:
    found = find(
        {
            "catalog/one.yaml": component("cart", annotations=annotations) + component("pay"),
            "deploy/a.yaml": manifest("ConfigMap/a", labels),
        }
    )
    assert found.members == {"cart": ["Component/cart", "ConfigMap/a"], "pay": ["Component/pay"]}
    assert found.found_by["cart"] == "catalog"


@pytest.mark.parametrize("selector", ["run!=web", "run in (web)", "run"])
def test_a_selector_of_another_form_joins_nothing(find: Find, selector: str) -> None:
    notes = f"{{backstage.io/kubernetes-label-selector: '{selector}'}}"
    found = find(
        {
            "x/one.yaml": component("cart", annotations=notes) + component("pay"),
            "deploy/a.yaml": manifest("ConfigMap/a", "{run: web}"),
        }
    )
    assert found.unassigned == ["ConfigMap/a"]


def test_a_system_is_no_service(find: Find) -> None:
    labels = "{app.kubernetes.io/part-of: shop, app.kubernetes.io/name: %s}"
    found = find(
        {
            "catalog-info.yaml": component("cart", "{type: service, system: shop}") + SYSTEM,
            "deploy/a.yaml": manifest("ConfigMap/a", labels % "cart"),
            "deploy/b.yaml": manifest("ConfigMap/b", labels % "cart-expire-old"),
            "deploy/c.yaml": manifest("ConfigMap/c", labels % "pay"),
        }
    )
    assert found.members == {
        "cart": ["Component/cart", "ConfigMap/a", "ConfigMap/b"],
        "pay": ["ConfigMap/c"],
    }
    assert found["cart"].system == "shop"


def test_the_only_component_of_a_folder_has_what_stands_below(find: Find) -> None:
    found = find(
        {
            "services/cart/catalog-info.yaml": component("cart"),
            "services/cart/infra/main.tf": 'resource "aws_s3_bucket" "a" {}\n',
            "services/pay/catalog-info.yaml": component("pay"),
            "services/shared/main.tf": 'resource "aws_s3_bucket" "b" {}\n',
        }
    )
    assert [r.service for r in found.estate.by_type["aws_s3_bucket"]] == ["cart", None]


def test_a_component_above_others_has_not_what_stands_between(find: Find) -> None:
    found = find(
        {
            "catalog-info.yaml": component("platform"),
            "cart/catalog-info.yaml": component("cart"),
            "infra/main.tf": 'resource "aws_s3_bucket" "b" {}\n',
        }
    )
    assert found.unassigned == ["aws_s3_bucket.b"]


def test_what_a_component_alone_depends_on(find: Find) -> None:
    entity = "---\napiVersion: backstage.io/v1alpha1\nkind: Resource\nmetadata: {name: cart-db}\nspec: {type: db, owner: x}\n"
    spec = "{type: service, dependsOn: ['resource:default/cart-db']}"
    found = find(
        {
            "x/one.yaml": component("cart", spec) + entity + component("pay"),
            "infra/main.tf": 'resource "aws_db_instance" "cart_db" {}\nresource "aws_s3_bucket" "b" {}\n',
        }
    )
    database = found.estate.by_type["aws_db_instance"][0]
    assert database.service == "cart"
    assert found.estate.by_type["backstage.io/Resource"][0].service == "cart"


def test_libraries_are_not_operated(find: Find) -> None:
    assert find({"catalog-info.yaml": component("kit", "{type: library}")}).found_by == {}


def test_two_components_of_one_name_are_one_service_and_told(find: Find) -> None:
    found = find({"a/catalog-info.yaml": component("cart"), "b/catalog-info.yaml": component("cart")})
    assert found.members == {"cart": ["Component/cart", "Component/cart"]}
    assert found.problems == [
        (
            "b/catalog-info.yaml",
            5,
            3,
            "two components of the catalog have the name 'cart'; the other one stands at"
            " a/catalog-info.yaml:5, and what belongs to either counts for one service",
        )
    ]


def test_what_has_another_shape_than_a_catalog_is_told(find: Find) -> None:
    head = "apiVersion: backstage.io/v1alpha1\nkind: Component\n"
    found = find(
        {
            "a.yaml": head + "metadata: {name: pay}\nspec: nothing\n",
            "b.yaml": head + "metadata: {title: x}\nspec: {type: service}\n",
            "c.yaml": head + "metadata: {name: web}\nspec:\n  owner: [a]\n  dependsOn: pay\n",
        }
    )
    assert found.found_by == {"pay": "catalog", "web": "catalog"}
    assert found["web"].owner is None
    assert found["web"].depends_on == []
    assert found.problems == [
        (
            "a.yaml", 4, 1,
            "in the catalog entry 'pay' `spec` is no mapping, so nothing is known of the service",
        ),
        ("b.yaml", 2, 1, "a component of the catalog has no name (`metadata.name`), so it is no service"),
        ("c.yaml", 5, 3, "in the catalog entry 'web' `spec.owner` is no text, so it does not count"),
        ("c.yaml", 6, 3, "in the catalog entry 'web' `spec.dependsOn` is no list, so it does not count"),
    ]  # fmt: skip


def spaced(name: str, space: str) -> str:
    """A component in a namespace of the catalog."""
    return component(name).replace(f"  name: {name}\n", f"  name: {name}\n  namespace: {space}\n")


def test_a_label_may_leave_out_the_namespace_of_the_catalog(find: Find) -> None:
    label = "{app.kubernetes.io/name: %s}"
    found = find(
        {
            "a/catalog-info.yaml": spaced("cart", "lab") + spaced("pay", "lab") + spaced("pay", "shop"),
            "b/cart.yaml": manifest("ConfigMap/cart", label % "cart"),
            "b/pay.yaml": manifest("ConfigMap/pay", label % "pay"),
            "b/tax.yaml": manifest("ConfigMap/tax", label % "lab/cart"),
        }
    )
    assert found.members == {
        "lab/cart": ["Component/lab/cart", "ConfigMap/cart", "ConfigMap/tax"],
        "lab/pay": ["Component/lab/pay"],
        "pay": ["ConfigMap/pay"],
        "shop/pay": ["Component/shop/pay"],
    }


def test_a_declaration_may_leave_out_the_namespace_of_the_catalog(find: Find) -> None:
    declared = "services:\n  cart: {tier: 1}\n"
    found = find({"a/catalog-info.yaml": spaced("cart", "lab"), "readiness-services.yaml": declared})
    assert [(one.name, one.tier) for one in found.estate.services] == [("cart", 1)]
    assert found.members == {"cart": ["Component/lab/cart"]}


def test_components_of_two_namespaces_are_two_services(find: Find) -> None:
    other = component("cart").replace("  name: cart", "  name: cart\n  namespace: lab")
    assert find({"a.yaml": component("cart"), "b.yaml": other}).found_by == {
        "cart": "catalog",
        "lab/cart": "catalog",
    }


def test_what_a_component_says(find: Find) -> None:
    spec = "{type: service, lifecycle: production, owner: group:default/team-cart, system: shop}"
    notes = "{github.com/project-slug: acme/cart, rto: 1h}"
    found = find({"catalog-info.yaml": component("cart", spec, notes, "{tier: tier-1}")})
    cart = found["cart"]
    assert (cart.owner, cart.tier, cart.system, cart.lifecycle) == ("team-cart", 1, "shop", "production")
    assert (cart.link, cart.rto, cart.rpo) == ("https://github.com/acme/cart", "1h", None)
    assert {fact: (said.by, said.span.line) for fact, said in cart.said.items()} == {
        "owner": ("catalog", 8),
        "system": ("catalog", 8),
        "lifecycle": ("catalog", 8),
        "link": ("catalog", 7),
        "tier": ("catalog", 6),
        "rto": ("catalog", 7),
    }


def test_an_owner_that_is_nobody(find: Find) -> None:
    found = find({"catalog-info.yaml": component("cart", "{type: service, owner: unknown}")})
    assert (found["cart"].owner, found["cart"].said["owner"].value) == (None, "unknown")


def test_the_tier_passes_on_to_what_names_none(find: Find) -> None:
    found = find(
        {
            "catalog-info.yaml": component("cart", labels="{tier: tier-0}"),
            "a.yaml": manifest("ConfigMap/a", "{app: cart}"),
            "b.yaml": manifest("ConfigMap/b", "{app: cart, tier: '2'}"),
        }
    )
    first, second = found.estate.by_type["ConfigMap"]
    assert (first.tier, second.tier) == (0, 2)
    told = who_says("tier", first, found.estate)
    assert told is not None
    assert (told.what, told.key, told.value) == ("tier of the service", "cart", "tier-0")
    own = who_says("tier", second, found.estate)
    assert own is not None
    assert (own.what, own.key, own.value) == ("label", "tier", "2")


def test_a_tier_that_nobody_can_read_is_told(find: Find) -> None:
    found = find({"catalog-info.yaml": component("cart", labels="{tier: gold-plated}")})
    assert found["cart"].tier is None
    assert found.problems == [
        (
            "catalog-info.yaml",
            6,
            12,
            "'gold-plated' is no tier of the service 'cart' that anybody can read: write 0 to 9 or `tier-1`,"
            " or say in the settings what it means (`metadata.tiers`)",
        )
    ]


def test_a_layer_is_no_tier(find: Find) -> None:
    found = find({"a.yaml": manifest("ConfigMap/a", "{app: cart, tier: frontend}")})
    assert (found["cart"].tier, found.problems) == (None, [])
