"""Services by labels, tags, releases, namespaces and folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.estate.services.conftest import Found, manifest

Find = Callable[[Mapping[str, str]], Found]

PART, NAME, INSTANCE = "app.kubernetes.io/part-of", "app.kubernetes.io/name", "app.kubernetes.io/instance"


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (f"{{{PART}: shop, {NAME}: cart}}", "shop"),
        (f"{{{NAME}: cart, Service: other}}", "cart"),
        ("{service: Check Out}", "Check Out"),
        ("{app: cart}", "cart"),
        ("{application: cart, app: other}", "cart"),
        ("{app: '{{ name }}'}", None),
        ("{app: unknown}", None),
        ("{team: cart}", None),
    ],
)
def test_the_first_key_that_names_one(find: Find, labels: str, expected: str | None) -> None:
    found = find({"a.yaml": manifest("ConfigMap/a", labels)})
    assert found.found_by == ({} if expected is None else {expected: "label"})
    assert found.estate.resources[0].service == expected


def test_names_that_differ_in_case_and_blanks_are_one(find: Find) -> None:
    found = find(
        {
            "a.yaml": manifest("ConfigMap/a", "{service: Check Out}"),
            "b.yaml": manifest("ConfigMap/b", "{service: check_out}"),
        }
    )
    assert found.members == {"Check Out": ["ConfigMap/a", "ConfigMap/b"]}


def test_labels_of_pods_count_where_the_workload_has_none(find: Find) -> None:
    found = find({"a.yaml": manifest("Deployment/web", template="{app: cart}")})
    assert found.members == {"cart": ["Deployment/web"]}


def test_a_common_word_does_not_join_strangers(find: Find) -> None:
    found = find(
        {
            "a/redis.yaml": manifest("Deployment/shop/redis", f"{{{NAME}: redis}}", template="{x: a}"),
            "a/shop.yaml": manifest("Deployment/shop/shop", f"{{{NAME}: shop}}", template="{x: b}"),
            "b/redis.yaml": manifest("Deployment/blog/redis", f"{{{NAME}: redis}}", template="{x: c}"),
            "b/blog.yaml": manifest("Deployment/blog/blog", f"{{{NAME}: blog}}", template="{x: d}"),
        }
    )
    assert found.members == {
        "blog": ["Deployment/blog/redis", "Deployment/blog/blog"],
        "shop": ["Deployment/shop/redis", "Deployment/shop/shop"],
    }


def test_a_common_word_has_the_name_of_its_instance(find: Find) -> None:
    found = find({"a.yaml": manifest("ConfigMap/a", f"{{{NAME}: postgresql, {INSTANCE}: orders}}")})
    assert found.members == {"orders": ["ConfigMap/a"]}


def test_a_common_word_is_a_service_where_copies_of_the_same_services_stand(find: Find) -> None:
    def folder(name: str) -> str:
        return manifest(f"Deployment/frontend-{name}", template="{app: frontend}") + manifest(
            f"Deployment/cart-{name}", template="{app: cartservice}"
        )

    found = find({"one/all.yaml": folder("1"), "two/all.yaml": folder("2")})
    assert found.members == {
        "cartservice": ["Deployment/cart-1", "Deployment/cart-2"],
        "frontend": ["Deployment/frontend-1", "Deployment/frontend-2"],
    }


def test_a_part_joins_its_service_in_the_same_namespace_alone(find: Find) -> None:
    found = find(
        {
            "a/x.yaml": manifest("Deployment/shop/cart", template="{app: cart}")
            + manifest("Deployment/shop/cart-worker", template="{app: cart-worker}")
            + manifest("Deployment/shop/cart-gateway", template="{app: cart-gateway}"),
            "b/y.yaml": manifest("Deployment/other/cart-cron", template="{app: cart-cron}"),
        }
    )
    assert found.members == {
        "cart": ["Deployment/shop/cart", "Deployment/shop/cart-worker"],
        "cart-cron": ["Deployment/other/cart-cron"],
        "cart-gateway": ["Deployment/shop/cart-gateway"],
    }


def test_what_several_owners_have_a_part_in_is_a_system(find: Find) -> None:
    labels = f"{{{PART}: shop, {NAME}: %s, owner: %s}}"
    found = find(
        {
            "a.yaml": manifest("ConfigMap/cart", labels % ("cart", "team-cart")),
            "b.yaml": manifest("ConfigMap/pay", labels % ("pay", "team-pay")),
        }
    )
    assert found.members == {"cart": ["ConfigMap/cart"], "pay": ["ConfigMap/pay"]}
    assert [(s.name, s.system, s.owner) for s in found.estate.services] == [
        ("cart", "shop", "team-cart"),
        ("pay", "shop", "team-pay"),
    ]


def test_what_one_owner_has_is_one_service(find: Find) -> None:
    labels = f"{{{PART}: argocd, {NAME}: %s, owner: platform}}"
    found = find(
        {
            "a.yaml": manifest("ConfigMap/a", labels % "argocd-server"),
            "b.yaml": manifest("ConfigMap/b", labels % "argocd-redis"),
        }
    )
    assert found.members == {"argocd": ["ConfigMap/a", "ConfigMap/b"]}


@pytest.mark.parametrize(
    ("namespace", "expected"),
    [
        ("cart", "cart"),
        ("cart-prod", "cart"),
        ("preprod-cart", "cart"),
        ("kube-system", None),
        ("istio-system", None),
        ("default", None),
        ("monitoring", None),
        ("staging", None),
    ],
)
def test_a_namespace_is_a_service_unless_it_is_everybodys(
    find: Find, namespace: str, expected: str | None
) -> None:
    text = manifest(f"Namespace/{namespace}") + manifest(f"ConfigMap/{namespace}/a")
    found = find({"a.yaml": text})
    assert found.found_by == ({} if expected is None else {expected: "namespace"})
    assert {resource.service for resource in found.estate.resources} == {expected}
    assert len(found.unassigned) == (0 if expected else 2)


def test_a_namespace_of_two_services_gives_its_rest_to_none(find: Find) -> None:
    found = find(
        {
            "a/a.yaml": manifest("ConfigMap/shop/a", "{service: cart}"),
            "b/b.yaml": manifest("ConfigMap/shop/b", "{service: pay}"),
            "c/c.yaml": manifest("Namespace/shop") + manifest("ConfigMap/shop/c"),
        }
    )
    assert sorted(found.unassigned) == ["ConfigMap/shop/c", "Namespace/shop"]
    assert sorted(found.found_by) == ["cart", "pay"]


def test_a_namespace_in_which_nothing_runs_is_none(find: Find) -> None:
    found = find({"a.yaml": manifest("ConfigMap/argocd/settings")})
    assert found.found_by == {}


def test_what_is_linked_with_workloads_of_one_service(find: Find) -> None:
    service = manifest("Service/shop/web", spec="{selector: {x: a}, ports: [{port: 80}]}")
    found = find(
        {
            "a/a.yaml": manifest("Deployment/shop/cart", "{service: cart}", template="{x: a}"),
            "b/b.yaml": manifest("Deployment/shop/pay", "{service: pay}", template="{x: b}"),
            "c/c.yaml": service,
        }
    )
    assert found["cart"].resources[-1].address == "Service/shop/web"


def rights(name: str, *accounts: str) -> str:
    """A role for all of a cluster, and a binding that gives it to accounts of the namespace `shop`."""
    api = "rbac.authorization.k8s.io"
    given = ", ".join(f"{{kind: ServiceAccount, name: {one}, namespace: shop}}" for one in accounts)
    return (
        f"---\napiVersion: {api}/v1\nkind: ClusterRole\nmetadata: {{name: {name}}}\nrules: []\n"
        f"---\napiVersion: {api}/v1\nkind: ClusterRoleBinding\nmetadata: {{name: {name}}}\n"
        f"roleRef: {{apiGroup: {api}, kind: ClusterRole, name: {name}}}\nsubjects: [{given}]\n"
    )


def test_permissions_are_of_the_only_service_that_has_them(find: Find) -> None:
    found = find(
        {
            "a/a.yaml": manifest("ServiceAccount/shop/cart", "{service: cart}"),
            "b/b.yaml": manifest("ServiceAccount/shop/pay", "{service: pay}"),
            "c/one.yaml": rights("one", "cart"),
            "d/two.yaml": rights("two", "cart", "pay"),
        }
    )
    assert found.members == {
        "cart": ["ServiceAccount/shop/cart", "ClusterRole/one", "ClusterRoleBinding/one"],
        "pay": ["ServiceAccount/shop/pay"],
    }
    assert found.unassigned == ["ClusterRole/two", "ClusterRoleBinding/two"]


def test_terraform_by_tags_and_the_rest_of_the_root(find: Find) -> None:
    text = """
resource "aws_s3_bucket" "a" {
  tags = { Service = "cart" }
}

resource "aws_iam_role_policy_attachment" "b" {
  role = "x"
}
"""
    found = find({"cart/main.tf": text, "other/main.tf": 'resource "aws_s3_bucket" "c" {}\n'})
    assert found.found_by == {"cart": "tag"}
    assert [r.address for r in found["cart"].resources if r.mode == "managed"] == [
        "aws_s3_bucket.a",
        "aws_iam_role_policy_attachment.b",
    ]
    assert found.unassigned == ["aws_s3_bucket.c"]


def test_a_root_whose_tags_mostly_name_no_service_is_nobodys(find: Find) -> None:
    untold = "".join(f'resource "aws_s3_bucket" "b{i}" {{\n  tags = {{ Env = "x" }}\n}}\n' for i in range(3))
    found = find({"main.tf": 'resource "aws_s3_bucket" "a" {\n  tags = { Service = "cart" }\n}\n' + untold})
    assert [r.address for r in found["cart"].resources] == ["aws_s3_bucket.a"]
    assert found.unassigned == ["aws_s3_bucket.b0", "aws_s3_bucket.b1", "aws_s3_bucket.b2"]


def test_a_tag_that_is_not_known_names_none(find: Find) -> None:
    text = 'variable "s" {}\nresource "aws_s3_bucket" "a" {\n  tags = { Service = var.s }\n}\n'
    found = find({"main.tf": text})
    assert (found.found_by, found.unassigned) == ({}, ["aws_s3_bucket.a"])


def test_operations_by_the_name_of_a_service(find: Find) -> None:
    rules = "groups:\n  - name: x\n    rules:\n      - {alert: Down, expr: up == 0}\n"
    found = find(
        {
            "deploy/cart.yaml": manifest("ConfigMap/cart", "{service: cart}"),
            "rules/cart-alerts.yaml": rules,
            "rules/cartoons.yaml": rules,
        }
    )
    assert [resource.header.path for resource in found["cart"].resources] == [
        "deploy/cart.yaml",
        "rules/cart-alerts.yaml",
    ]


@pytest.mark.parametrize(
    ("second", "expected"), [("cart", "cart"), ("pay", None), ("'{{ $labels.job }}'", None)]
)
def test_rules_by_the_label_of_their_alerts(find: Find, second: str, expected: str | None) -> None:
    alert = "      - {{alert: Down, expr: up == 0, labels: {{service: {0}}}}}\n"
    rules = "groups:\n  - name: x\n    rules:\n" + alert.format("cart") + alert.format(second)
    found = find({"rules/all.yaml": rules})
    assert found.estate.by_type["PrometheusRule"][0].service == expected


def test_helpers_are_never_listed_as_left_over(find: Find) -> None:
    text = 'variable "a" {}\nlocals {\n  b = 1\n}\noutput "c" {\n  value = 1\n}\n'
    crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.example.com}\n"
    group = "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: team}\nspec: {type: team}\n"
    found = find({"main.tf": text, "crd.yaml": crd, "group.yaml": group})
    assert found.unassigned == []


def test_what_policies_see(find: Find) -> None:
    found = find({"a.yaml": manifest("ConfigMap/a", "{service: cart, owner: team-cart, tier: tier-0}")})
    resource: Any = found["cart"].resource
    assert (resource.address, resource.type, resource.platform, resource.mode) == (
        "service.cart",
        "service",
        "repository",
        "block",
    )
    assert resource.body["owner"] == "team-cart"
    assert resource.body.span_of("owner").line == 4
    assert found.estate.linked(resource, "ConfigMap") == [found.estate.resources[0]]
    assert found.estate.linked(found.estate.resources[0], "service") == []
    assert resource not in found.estate.resources


def test_a_tier_of_some_resources_is_not_that_of_the_others(find: Find) -> None:
    found = find(
        {
            "a.yaml": manifest("ConfigMap/a", "{app: cart, tier: tier-2}"),
            "b.yaml": manifest("ConfigMap/b", "{app: cart}"),
        }
    )
    assert found["cart"].tier == 2
    assert [resource.tier for resource in found["cart"].resources] == [2, None]


def test_a_sensitive_value_names_no_service(find: Find) -> None:
    text = """
variable "owner" {
  default   = "hidden-words"
  sensitive = true
}

resource "aws_s3_bucket" "a" {
  tags = { Service = "of-${var.owner}", owner = var.owner, App = "cart" }
}
"""
    found = find({"main.tf": text})
    assert [(service.name, service.owner) for service in found.estate.services] == [("cart", None)]
