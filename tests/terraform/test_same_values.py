"""Unknowns that are one and the same value, whatever apply makes of it, and those that may differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from readiness.policy import cel
from readiness.values import Unknown

Build = Callable[..., Any]

HEAD = """variable "name" {}
variable "number" {}
resource "azurerm_resource_group" "main" {
  name     = "rg-${var.name}"
  location = "westeurope"
}
resource "azurerm_resource_group" "other" {
  name     = "rg-${var.name}"
  location = "westeurope"
}
resource "azurerm_resource_group" "some" {
  count    = var.number
  location = "westeurope"
}
resource "azurerm_resource_group" "keyed" {
  for_each = toset(["a", "b"])
  location = "westeurope"
}
data "azurerm_resource_group" "read" { name = "shared" }
locals {
  made   = "vnet-${var.name}"
  group  = azurerm_resource_group.main.name
  groups = [azurerm_resource_group.main.name, azurerm_resource_group.other.name]
  random = uuid()
}
module "made" {
  source = "./made"
  name   = azurerm_resource_group.main.name
}
module "many" {
  source = "./made"
  count  = var.number
  name   = "x"
}
"""
MADE = """variable "name" {}
resource "azurerm_key_vault" "this" {
  resource_group_name = var.name
}
output "group" { value = var.name }
output "vault" { value = azurerm_key_vault.this.id }
output "text" { value = "id-${azurerm_key_vault.this.id}" }
"""

SAME = [
    ("azurerm_resource_group.main.id", "azurerm_resource_group.main.id"),
    ("azurerm_resource_group.main.name", "azurerm_resource_group.main.name"),
    ("azurerm_resource_group.main.name", "local.group"),
    ("azurerm_resource_group.main.name", "local.groups[0]"),
    ("azurerm_resource_group.main.name", "module.made.group"),
    ("azurerm_resource_group.main.name", "(azurerm_resource_group.main.name)"),
    ("data.azurerm_resource_group.read.id", "data.azurerm_resource_group.read.id"),
    ('azurerm_resource_group.keyed["a"].id', 'azurerm_resource_group.keyed["a"].id'),
    ("module.made.vault", "module.made.vault"),
    ("module.made.text", "module.made.text"),
    ("var.name", "var.name"),
    ("local.made", "local.made"),
    ("local.random", "local.random"),
]
OPEN = [
    ("azurerm_resource_group.main.id", "azurerm_resource_group.other.id"),
    ("azurerm_resource_group.main.id", "azurerm_resource_group.main.name"),
    ("azurerm_resource_group.main.name", "azurerm_resource_group.other.name"),
    ("azurerm_resource_group.main.name", "local.groups[1]"),
    ("azurerm_resource_group.some[0].id", "azurerm_resource_group.some[1].id"),
    ("azurerm_resource_group.some[0].id", "azurerm_resource_group.some[0].id"),
    ('azurerm_resource_group.keyed["a"].id', 'azurerm_resource_group.keyed["b"].id'),
    ("module.many[0].vault", "module.many[1].vault"),
    ("module.many[0].text", "module.many[1].text"),
    ("var.name", "var.number"),
    ("var.name", "upper(var.name)"),
    ("upper(var.name)", "lower(var.name)"),
    ("upper(var.name)", "upper(var.name)"),
    ("var.name.a", "var.name.b"),
    ("var.name[0]", "var.name[1]"),
    ('"${var.name}-a"', '"${var.name}-a"'),
    ("uuid()", "uuid()"),
    ("timestamp()", "timestamp()"),
    ("var.name ? var.name : 1", "var.name"),
    ("var.name == 1", "var.name"),
    ("!var.name", "var.name"),
]


def holds(build: Build, one: str, other: str) -> Any:
    """What `object.one == object.other` gives for two expressions."""
    text = HEAD + f'resource "terraform_data" "x" {{\n  one = {one}\n  other = {other}\n}}\n'
    built = build({"main.tf": text, "made/main.tf": MADE})
    return cel.compile("object.one == object.other").evaluate({"object": built["terraform_data.x"].body})


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_reference_is_the_same_value(build: Build, one: str, other: str) -> None:
    assert holds(build, one, other) is True
    assert holds(build, other, one) is True


@pytest.mark.parametrize(("one", "other"), OPEN)
def test_anything_else_may_differ(build: Build, one: str, other: str) -> None:
    assert isinstance(holds(build, one, other), Unknown)


def test_what_is_written_is_what_others_refer_to(build: Build) -> None:
    built = build(
        HEAD + 'resource "azurerm_key_vault" "v" { resource_group_name = azurerm_resource_group.main.name }',
    )
    program = cel.compile("vault.resource_group_name == group.name")
    vault = built["azurerm_key_vault.v"].body
    answers = [
        program.evaluate({"vault": vault, "group": built[f"azurerm_resource_group.{name}"].body})
        for name in ("main", "other")
    ]
    assert answers[0] is True
    assert isinstance(answers[1], Unknown)


def test_resources_of_modules_that_are_evaluated_once(build: Build) -> None:
    text = """variable "name" {}
resource "aws_kms_key" "k" {
  name = "key-${var.name}"
}
resource "aws_db_instance" "d" {
  kms  = aws_kms_key.k.arn
  name = aws_kms_key.k.name
}
"""
    calls = "".join(f'module "{n}" {{\n  source = "./m"\n  name = var.given\n}}\n' for n in ("a", "b"))
    built = build({"main.tf": f'variable "given" {{}}\n{calls}', "m/main.tf": text})
    same, apart = cel.compile("d.kms == e.kms"), cel.compile("d.name == k.name")
    bodies = {n: built[f"module.{n}.aws_db_instance.d"].body for n in ("a", "b")}
    keys = {n: built[f"module.{n}.aws_kms_key.k"].body for n in ("a", "b")}
    for name, other in (("a", "b"), ("b", "a")):
        assert same.evaluate({"d": bodies[name], "e": bodies[name]}) is True
        assert isinstance(same.evaluate({"d": bodies[name], "e": bodies[other]}), Unknown)
        assert apart.evaluate({"d": bodies[name], "k": keys[name]}) is True
        assert isinstance(apart.evaluate({"d": bodies[name], "k": keys[other]}), Unknown)


def test_two_environments_have_values_of_their_own(build: Build) -> None:
    text = 'resource "aws_kms_key" "k" {}\nresource "aws_db_instance" "d" { kms = aws_kms_key.k.arn }'
    files = {f"environments/{name}.tfvars": f'env = "{name}"\n' for name in ("dev", "prod")}
    built = build({"main.tf": f'variable "env" {{}}\n{text}', **files})
    one, other = [r.body for r in built.resources if r.address == "aws_db_instance.d"]
    program = cel.compile("a.kms == b.kms")
    assert program.evaluate({"a": one, "b": one}) is True
    assert isinstance(program.evaluate({"a": one, "b": other}), Unknown)
