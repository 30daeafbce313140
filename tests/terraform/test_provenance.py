"""Where a value came from when it is not written where it is used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.counting import counted

from readiness.terraform.provenance import explain
from readiness.values import Map

Build = Callable[..., Any]


def places(container: Any, key: Any) -> list[tuple[str, str, int, int, int]]:
    """(what, path, line, column, end column)."""
    return [
        (what, span.path, span.line, span.column, span.end_column) for what, span in explain(container, key)
    ]


CASES: list[tuple[dict[str, str], list[tuple[str, str, int, int, int]]]] = [
    ({"main.tf": 'resource "r" "r" {\n  x = 1\n}\n'}, []),
    (
        {"main.tf": 'variable "a" {\n  default = 1\n}\nresource "r" "r" {\n  x = var.a\n}\n'},
        [("default of variable a", "main.tf", 2, 13, 14)],
    ),
    (
        {
            "main.tf": 'variable "a" {\n  default = 1\n}\nresource "r" "r" {\n  x = "${var.a}-b"\n}\n',
            "terraform.tfvars": "# first\na = 25\n",
        },
        [("terraform.tfvars", "terraform.tfvars", 2, 5, 7)],
    ),
    (
        {"main.tf": 'locals {\n  a = { k = local.b }\n  b = "x"\n}\nresource "r" "r" {\n  x = local.a["k"]\n}\n'},
        [("local.a", "main.tf", 2, 7, 22), ("local.b", "main.tf", 3, 7, 10)],
    ),
    (
        {"main.tf": 'variable "a" {\n  default = [1]\n}\nlocals {\n  b = var.a\n}\nresource "r" "r" {\n  x = [for i in local.b : i]\n}\n'},
        [("local.b", "main.tf", 5, 7, 12), ("default of variable a", "main.tf", 2, 13, 16)],
    ),
    ({"main.tf": 'variable "a" {}\nresource "r" "r" {\n  x = var.a\n}\n'}, []),
    ({"main.tf": 'locals {\n  a = local.a\n}\nresource "r" "r" {\n  x = local.a\n}\n'}, [("local.a", "main.tf", 2, 7, 14)]),
    ({"main.tf": 'resource "r" "r" {\n  x = var.none + local.none\n}\n'}, []),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "expected"), CASES)
def test_attributes(build: Build, texts: dict[str, str], expected: list[Any]) -> None:
    assert places(build(texts)["r.r"].body, "x") == expected


def test_argument_of_a_module(build: Build) -> None:
    built = build(
        {
            "main.tf": 'variable "size" {\n  default = 5\n}\nmodule "m" {\n  source = "./m"\n  days   = var.size\n}\n',
            "m/main.tf": 'variable "days" {\n  default = 7\n}\nresource "r" "r" {\n  x = var.days\n}\n',
        }
    )
    assert places(built["module.m.r.r"].body, "x") == [
        ("argument of module.m", "main.tf", 6, 12, 20),
        ("default of variable size", "main.tf", 2, 13, 14),
    ]


def test_nested_blocks_and_mappings(build: Build) -> None:
    built = build(
        'variable "a" {\n  default = 1\n}\nresource "r" "r" {\n  b {\n    c = var.a\n  }\n'
        '  dynamic "d" {\n    for_each = [1]\n    content {\n      e = var.a\n    }\n  }\n  tags = {\n    k = var.a\n    (var.a) = 2\n  }\n}\n'
    )
    body = built["r.r"].body
    default = [("default of variable a", "main.tf", 2, 13, 14)]
    assert places(body["b"][0], "c") == default
    assert places(body["d"][0], "e") == default
    assert places(body["tags"], "k") == default
    assert places(body["tags"], "1") == []


@pytest.mark.parametrize(("container", "key"), [(Map({"a": 1}), "a"), ({}, "a"), ([1], 0), (None, "x")])
def test_nothing_to_explain(container: Any, key: Any) -> None:
    assert explain(container, key) == []


def test_absent_key(build: Build) -> None:
    assert explain(build('resource "r" "r" {}\n')["r.r"].body, "x") == []


def test_many_references_are_followed_once(build: Build) -> None:
    lines = [f"x{n} = [{', '.join([f'local.x{n + 1}'] * 30)}]" for n in range(20)]
    built = build("locals {\n" + "\n".join(lines) + '\nx20 = 1\n}\nresource "r" "r" { x = local.x0 }\n')
    with counted(20_000):
        found = explain(built["r.r"].body, "x")
    assert [what for what, _ in found] == [f"local.x{n}" for n in range(9)]
