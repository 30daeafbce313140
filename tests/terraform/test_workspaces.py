"""The names that a configuration holds `terraform.workspace` against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Build = Callable[..., Any]

CASES = [
    ('locals { a = terraform.workspace == "prod" ? 3 : 1 }', [("prod", 1)]),
    ('locals { a = "prod" != terraform.workspace }', [("prod", 1)]),
    ('resource "a_b" "c" {\n  count = terraform.workspace == "prod" ? 1 : 0\n}', [("prod", 2)]),
    ('provider "aws" {\n  profile = terraform.workspace == "prod" ? "p" : "d"\n}', [("prod", 2)]),
    ("locals {\n  a = { dev = 1, prod = 3 }[terraform.workspace]\n}", [("dev", 2), ("prod", 2)]),
    ("locals {\n  a = lookup({ prod = 3 }, terraform.workspace, 1)\n}", [("prod", 2)]),
    ('locals {\n  a = contains(["prod"], terraform.workspace)\n}', [("prod", 2)]),
    (
        'locals {\n  w = terraform.workspace\n  a = local.w == "prod"\n  b = local.w == "prod"\n}',
        [("prod", 3)],
    ),
    ('locals { a = "shop-${terraform.workspace}" }', []),
    ('variable "env" {}\nlocals { a = var.env == "prod" }', []),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_names_of_workspaces(build: Build, text: str, expected: list[tuple[str, int]]) -> None:
    found = build(text)["terraform"].body["workspaces"]
    assert [(name, span.line) for name, span in zip(found, found.item_spans, strict=True)] == expected


def test_a_module_has_its_own(build: Build) -> None:
    built = build(
        {
            "main.tf": 'module "m" { source = "./m" }',
            "m/main.tf": 'resource "a_b" "c" { d = terraform.workspace == "prod" }',
        }
    )
    found = {r.body["folder"]: list(r.body["workspaces"]) for r in built.resources if r.type == "terraform"}
    assert found == {".": [], "m": ["prod"]}
