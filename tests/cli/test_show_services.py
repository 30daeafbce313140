"""`readiness show --services`: the services of a repository, whole."""

from __future__ import annotations

from typing import Any

import pytest
from tests.conftest import Cli

COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: cart
  labels: {tier: tier-1}
spec: {type: service, lifecycle: production}
"""
BUCKET = 'resource "aws_s3_bucket" "a" {}\n'
OWNERS = "* @acme/platform\n/cart/ @acme/team-cart\n"


@pytest.fixture
def shop(cli: Cli) -> Cli:
    """A repository with a service in a folder, and a bucket of nobody's."""
    (cli.root / ".git").mkdir()
    cli.write(
        {
            "cart/catalog-info.yaml": COMPONENT,
            "cart/main.tf": BUCKET,
            "cart/docs/runbooks/disk.md": "# Disk\n",
            "docs/notes.md": "# Notes\n",
            "docs/cart-on-call.md": "# On call\n",
            "shared/main.tf": BUCKET,
            "CODEOWNERS": OWNERS,
        }
    )
    return cli


def test_text(shop: Cli) -> None:
    result = shop.run("show", "--services")
    assert (result.status, result.err) == (0, "")
    assert result.out == (
        "service  owner            tier  environments  found by  resources\n"
        "cart     @acme/team-cart  1     -             catalog           2\n"
        "\n"
        "unassigned: 1 resource\n"
        "  aws_s3_bucket.a  shared/main.tf:1:1\n"
    )


def test_json(shop: Cli) -> None:
    result = shop.run("show", "--services", "--format", "json")
    (cart,) = result.report["services"]
    assert (cart["name"], cart["owner"], cart["tier"], cart["found_by"]) == (
        "cart",
        "@acme/team-cart",
        1,
        "catalog",
    )
    assert cart["said"]["owner"]["by"] == "codeowners"
    assert cart["documents"] == ["cart/docs/runbooks/disk.md", "docs/cart-on-call.md", "docs/notes.md"]
    assert cart["location"] == {
        "path": "cart/catalog-info.yaml",
        "line": 4,
        "column": 3,
        "end_line": 4,
        "end_column": 13,
    }
    assert result.report["unassigned"] == [
        {
            "address": "aws_s3_bucket.a",
            "type": "aws_s3_bucket",
            "location": {"path": "shared/main.tf", "line": 1, "column": 1, "end_line": 1, "end_column": 29},
        }
    ]


def test_documents_of_two_services(shop: Cli) -> None:
    shop.write(
        {
            "pay/catalog-info.yaml": COMPONENT.replace("cart", "pay"),
            "readiness-services.yaml": "services:\n  pay: {documents: [docs/no*.md]}\n",
        }
    )
    report = shop.run("show", "--services", "--format", "json").report
    assert {one["name"]: one["documents"] for one in report["services"]} == {
        "cart": ["cart/docs/runbooks/disk.md", "docs/cart-on-call.md"],
        "pay": ["docs/notes.md"],
    }


def test_settings_name_keys_and_folders(shop: Cli) -> None:
    shop.write(
        {
            "readiness.yaml": (
                "metadata: {service: [acme.example/app], tier: [criticality], tiers: {vital: 0}}\n"
                'services: {folders: ["shared/{name}"]}\n'
            ),
            "shared/dns/main.tf": BUCKET,
            "deploy/a.yaml": (
                "apiVersion: v1\nkind: ConfigMap\n"
                "metadata: {name: a, labels: {acme.example/app: pay, app: other, criticality: Vital}}\n"
            ),
        }
    )
    found = _facts(shop.run("show", "--services", "--format", "json").report)
    assert found == {"cart": (None, "catalog"), "dns": (None, "folder"), "pay": (0, "label")}
    isolated = _facts(shop.run("show", "--services", "--isolated", "--format", "json").report)
    assert isolated == {"cart": (1, "catalog"), "other": (None, "label")}


def _facts(report: dict[str, Any]) -> dict[str, tuple[int | None, str]]:
    return {one["name"]: (one["tier"], one["found_by"]) for one in report["services"]}


def test_a_wrong_file_of_services_ends_the_run(shop: Cli) -> None:
    shop.write({"readiness-services.yaml": "services:\n  cart:\n    teir: 1\n"})
    for command in (("show", "--services"), ("check", "--select", "aws-s3-encryption")):
        result = shop.run(*command)
        assert result.status == 2
        assert "readiness-services.yaml:3:5: services.cart: there is no field 'teir' here" in result.err


def test_a_file_of_services_at_the_root_counts_for_named_paths(shop: Cli) -> None:
    shop.write({"readiness-services.yaml": "services:\n  ledger: {tier: 0, paths: [shared]}\n"})
    report = shop.run("show", "--services", "--in", "shared", "--format", "json").report
    assert _facts(report) == {"ledger": (0, "declared")}
    assert [one["address"] for one in report["services"][0]["resources"]] == ["aws_s3_bucket.a", "terraform"]


def test_what_cannot_be_read_is_told(shop: Cli) -> None:
    shop.write({"readiness-services.yaml": "services:\n  cart: {tier: gold-plated}\n"})
    result = shop.run("show", "--services")
    assert result.status == 0
    assert result.err.startswith(
        "error: readiness-services.yaml:2:10: 'gold-plated' is no tier of the service 'cart'"
    )


def test_an_address_and_services_exclude_each_other(shop: Cli) -> None:
    result = shop.run("show", "aws_s3_bucket.a", "--services")
    assert (result.status, result.err) == (
        2,
        "error: --services shows all services: leave the address out\n",
    )


def test_a_long_table_is_80_columns_wide(shop: Cli) -> None:
    name = "a-service-with-a-name-that-goes-on-and-on-and-on-and-on-until-nobody-listens"
    shop.write(
        {"readiness-services.yaml": f"services:\n  {name}: {{owner: team-of-many-people-and-words}}\n"}
    )
    lines = shop.run("show", "--services").out.splitlines()
    assert {len(line) for line in lines[:3]} == {80}
    assert lines[1].startswith("a-service-with-a")


def test_nothing_names_a_service(cli: Cli) -> None:
    cli.write({"main.tf": BUCKET})
    assert cli.run("show", "--services").out == (
        "no service is found: no catalog, label, tag, release or namespace names one\n\n"
        "unassigned: 1 resource\n  aws_s3_bucket.a  main.tf:1:1\n"
    )
