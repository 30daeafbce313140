"""`linked` with a body: what is linked with another resource than the one under check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readiness.estate.build import from_texts
from readiness.policy.host import Host
from readiness.repo.facts import RepositoryFacts
from readiness.values import Map, Unknown

TEXT = """
variable "scope" {}
variable "number" {}
resource "azurerm_resource_group" "shop" { name = "shop" }
resource "azurerm_resource_group" "network" { name = "network" }
resource "azurerm_key_vault" "shop" {
  name                = "shop"
  resource_group_name = azurerm_resource_group.shop.name
}
resource "azurerm_management_lock" "group" {
  name  = "group"
  scope = azurerm_resource_group.shop.id
}
resource "azurerm_management_lock" "network" {
  name  = "${azurerm_resource_group.shop.name}-network"
  scope = azurerm_resource_group.network.id
}
"""
OPEN = 'resource "azurerm_management_lock" "open" {\n  name  = "open"\n  scope = var.scope\n}\n'
MAYBE = """resource "azurerm_management_lock" "maybe" {
  count = var.number
  name  = "maybe"
  scope = azurerm_resource_group.shop.id
}
"""

CASES = [
    # more blocks, of which resource, type, via, names (or addresses of what is not certain)
    ("", "azurerm_resource_group.shop", "azurerm_management_lock", "scope", ["group"]),
    ("", "azurerm_resource_group.shop", "azurerm_management_lock", "name", ["shop-network"]),
    ("", "azurerm_resource_group.shop", "azurerm_management_lock", "scop", []),
    ("", "azurerm_resource_group.network", "azurerm_management_lock", "scope", ["shop-network"]),
    ("", "azurerm_management_lock.group", "azurerm_resource_group", "scope", ["shop"]),
    ("", "azurerm_resource_group.shop", "azurerm_key_vault", "resource_group_name", ["shop"]),
    ("", "azurerm_resource_group.network", "azurerm_key_vault", "resource_group_name", []),
    ("", "azurerm_key_vault.shop", "azurerm_management_lock", "scope", []),
    (OPEN, "azurerm_key_vault.shop", "azurerm_management_lock", "scope", ["var.scope"]),
    (OPEN, "azurerm_management_lock.open", "azurerm_key_vault", "scope", ["var.scope"]),
    (MAYBE, "azurerm_resource_group.shop", "azurerm_management_lock", "scope", ["group", MAYBE]),
]


def names(found: list[Any]) -> list[str]:
    """The names of what was found, with what an unknown waits for in its place."""
    return [",".join(item.refs) if isinstance(item, Unknown) else item["name"] for item in found]


@pytest.mark.parametrize(("more", "address", "type_", "via", "expected"), CASES)
def test_neighbours_by_an_argument(
    more: str, address: str, type_: str, via: str, expected: list[str]
) -> None:
    estate = from_texts({"main.tf": TEXT + more}).estate
    host = Host(estate, RepositoryFacts(Path()))
    (body,) = [resource.body for resource in estate.resources if resource.address == address]
    wanted = ["azurerm_management_lock.maybe" if item is MAYBE else item for item in expected]
    assert names(host.linked(type_, body, via)) == wanted


def test_any_argument_will_do() -> None:
    estate = from_texts({"main.tf": TEXT}).estate
    host = Host(estate, RepositoryFacts(Path()))
    (group,) = [r.body for r in estate.resources if r.address == "azurerm_resource_group.shop"]
    assert names(host.linked("azurerm_management_lock", group)) == ["group", "shop-network"]


def test_what_is_no_resource_has_no_neighbours() -> None:
    host = Host(from_texts({"main.tf": TEXT}).estate, RepositoryFacts(Path()))
    assert host.linked("azurerm_management_lock", Map({"name": "shop"})) == []
    assert host.linked("azurerm_management_lock", None, "scope") == []
