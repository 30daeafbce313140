"""Variables, their types and files, and locals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.values import List, Map, Unknown

Build = Callable[..., Any]

OURS: dict[type, type] = {list: List, dict: Map}

MAIN = 'variable "a" { default = "default" }\nresource "r" "r" { x = var.a }\n'

FILES: dict[str, tuple[Mapping[str, str], Mapping[str, str], str]] = {
    "default": ({}, {}, "default"),
    "terraform.tfvars": ({"terraform.tfvars": 'a = "t"'}, {}, "t"),
    "terraform.tfvars.json": ({"terraform.tfvars.json": '{"a": "${j}"}'}, {}, "${j}"),
    "json after text": ({"terraform.tfvars": 'a = "t"', "terraform.tfvars.json": '{"a": "j"}'}, {}, "j"),
    "auto": ({"x.auto.tfvars": 'a = "x"'}, {}, "x"),
    "auto over terraform.tfvars": (
        {"terraform.tfvars": 'a = "t"', "a.auto.tfvars": 'a = "auto"'},
        {},
        "auto",
    ),
    "auto in the order of names": ({"b.auto.tfvars": 'a = "b"', "a.auto.tfvars": 'a = "a"'}, {}, "b"),
    "auto and json": ({"b.auto.tfvars.json": '{"a": "b"}', "c.auto.tfvars": 'a = "c"'}, {}, "c"),
    "samples are not read": ({"example.tfvars": 'a = "e"', "prod-sample.tfvars": 'a = "s"'}, {}, "default"),
    "other folders are not read": ({"other/prod.tfvars": 'a = "other"'}, {}, "default"),
    "a folder without a name for it": ({"env/terraform.tfvars": 'a = "env"'}, {}, "default"),
    "a file of shared variables": ({"common.tfvars": 'a = "common"'}, {}, "common"),
    "nothing that is declared": ({"prod.tfvars": 'b = "prod"'}, {}, "default"),
    "named": (
        {"terraform.tfvars": 'a = "t"', "z.auto.tfvars": 'a = "z"'},
        {"prod.tfvars": 'a = "prod"'},
        "prod",
    ),
    "last named": ({}, {"2.tfvars": 'a = "2"', "1.tfvars": 'a = "1"'}, "1"),
    "named json": ({}, {"p.tfvars.json": '{"a": "p"}'}, "p"),
}


@pytest.mark.parametrize("name", FILES)
def test_precedence(build: Build, name: str) -> None:
    texts, var_files, expected = FILES[name]
    built = build({"main.tf": MAIN, **texts}, var_files=var_files)
    assert built.errors == []
    assert built["r.r"].body["x"] == expected


def test_no_default(build: Build) -> None:
    found = build('variable "region" {}\nresource "r" "r" { x = var.region }\n')["r.r"].body["x"]
    assert isinstance(found, Unknown)
    assert (found.reason, found.refs) == ("var.region has no default and no value here", ("var.region",))
    assert not found.not_null


TYPES: list[tuple[str, str, Any]] = [
    ("string", "1", "1"),
    ("string", "true", "true"),
    ("number", '"1"', 1),
    ("bool", '"true"', True),
    ("any", "[1]", [1]),
    ("list(string)", '[1, true, "a"]', ["1", "true", "a"]),
    ("set(string)", '["b", "a", "b"]', ["a", "b"]),
    ("set(number)", '["1", 1]', [1]),
    ("map(string)", "{ a = 1 }", {"a": "1"}),
    ("map(list(number))", '{ a = ["1"] }', {"a": [1]}),
    ("tuple([string, number])", '[1, "2"]', ["1", 2]),
    ("object({ a = string })", "{ a = 1, b = 2 }", {"a": "1"}),
    ("object({ a = optional(string) })", "{}", {"a": None}),
    ('object({ a = optional(string, "d") })', "{}", {"a": "d"}),
    ('object({ a = optional(string, "d") })', "{ a = null }", {"a": "d"}),
    ("object({ a = optional(number, 1) })", '{ a = "2" }', {"a": 2}),
    ("list(object({ a = optional(bool, true) }))", "[{}, { a = false }]", [{"a": True}, {"a": False}]),
    (
        'map(object({ a = optional(object({ b = optional(string, "c") }), {}) }))',
        "{ x = {} }",
        {"x": {"a": {"b": "c"}}},
    ),
    ("string", "null", None),
    ('"string"', "1", "1"),
    ('"list"', "[1]", [1]),
    ("list", "[1]", [1]),
]


@pytest.mark.parametrize(
    ("kind", "text", "expected"), TYPES, ids=[f"{kind} {text}" for kind, text, _ in TYPES]
)
def test_types(build: Build, kind: str, text: str, expected: Any) -> None:
    built = build(
        f'variable "a" {{\n  type = {kind}\n  default = {text}\n}}\nresource "r" "r" {{ x = var.a }}\n'
    )
    assert built.errors == []
    found = built["r.r"].body["x"]
    assert found == expected
    assert type(found) is OURS.get(type(expected), type(expected))


UNFIT = [
    ("number", '"a"', "'a' is not a number"),
    ("bool", '"yes"', "a bool is required"),
    ("string", "[]", "a collection cannot be converted to a string"),
    ("list(string)", '"a"', "a list is required"),
    ("set(string)", "{}", "a set is required"),
    ("map(string)", "[]", "a map is required"),
    ("map(string)", "{ a = [] }", "a collection cannot be converted to a string"),
    ("object({ a = string })", "{}", "the attribute 'a' is required"),
    ("object({ a = string })", "[]", "an object is required"),
    ("tuple([string])", "[]", "a tuple of 1 items is required"),
]


@pytest.mark.parametrize(
    ("kind", "text", "message"), UNFIT, ids=[f"{kind} {text}" for kind, text, _ in UNFIT]
)
def test_values_that_do_not_fit(build: Build, kind: str, text: str, message: str) -> None:
    built = build(
        f'variable "a" {{\n  type = {kind}\n  default = {text}\n}}\nresource "r" "r" {{ x = var.a }}\n'
    )
    found = built["r.r"].body["x"]
    assert isinstance(found, Unknown)
    assert found.reason == f"the value does not fit the type of the variable: {message}"


def test_type_keeps_places(build: Build) -> None:
    built = build(
        'variable "a" {\n  type = map(string)\n  default = {\n    k = 1\n  }\n}\nresource "r" "r" { x = var.a }\n'
    )
    found = built["r.r"].body["x"]
    assert found.value_spans == {"k": ("main.tf", 4, 9, 4, 10)}


NULLABLE = [
    ("nullable = false", '"d"'),
    ("nullable = true", "null"),
    ("", "null"),
]


@pytest.mark.parametrize(("line", "expected"), NULLABLE)
def test_null_and_nullable(build: Build, line: str, expected: str) -> None:
    variable = f'variable "a" {{\n  default = "d"\n  {line}\n}}\nresource "r" "r" {{ x = var.a }}\n'
    wanted = None if expected == "null" else "d"
    assert build({"main.tf": variable, "terraform.tfvars": "a = null\n"})["r.r"].body["x"] == wanted
    built = build({"main.tf": 'module "m" {\n  source = "./m"\n  a = null\n}\n', "m/main.tf": variable})
    assert built["module.m.r.r"].body["x"] == wanted


LOCALS = [
    ("a = 1\nb = local.a + 1", "local.b", 2),
    ("b = local.a + 1\na = 1", "local.b", 2),
    ("a = { x = local.b }\nb = [1]", "local.a.x[0]", 1),
]


@pytest.mark.parametrize(("locals_", "text", "expected"), LOCALS)
def test_locals(build: Build, locals_: str, text: str, expected: Any) -> None:
    built = build(f'locals {{\n{locals_}\n}}\nresource "r" "r" {{ x = {text} }}\n')
    assert built["r.r"].body["x"] == expected


CYCLES = [
    ("a = local.a", "local.a → local.a"),
    ("a = local.b\nb = local.a", "local.a → local.b → local.a"),
    ("a = [local.b]\nb = { x = local.c }\nc = local.a[0]", "local.a → local.b → local.c → local.a"),
]


@pytest.mark.parametrize(("locals_", "why"), CYCLES)
def test_cycles(build: Build, locals_: str, why: str) -> None:
    built = build(f'locals {{\n{locals_}\n}}\nresource "r" "r" {{ x = jsonencode(local.a) }}\n')
    found = built["r.r"].body["x"]
    assert isinstance(found, Unknown)
    assert (found.reason, found.refs) == (f"local.a refers to itself: {why}", ("local.a",))
    assert [(e.path, e.line, e.column, e.message) for e in built.errors] == [
        ("main.tf", 2, 1, f"local.a refers to itself: {why}")
    ]


def test_cycles_of_resources(build: Build) -> None:
    text = 'resource "r" "a" { x = r.b.x }\nresource "r" "b" { x = r.a.x }\nresource "r" "c" { x = r.c.y }\n'
    built = build(text)
    assert built["r.a"].body["x"].reason == "r.a refers to itself: r.a → r.b → r.a"
    assert built["r.c"].body["x"].reason == "r.c refers to itself: r.c → r.c"
    assert [(e.line, e.message.split(":")[0]) for e in built.errors] == [
        (1, "r.a refers to itself"),
        (3, "r.c refers to itself"),
    ]
    assert built.addresses == ["r.a", "r.b", "r.c"]


def test_a_long_chain_of_locals(build: Build) -> None:
    lines = "\n".join(f"x{n} = local.x{n + 1}" for n in range(3000))
    text = f'locals {{\n{lines}\nx3000 = 1\n}}\nresource "r" "r" {{ x = local.x0 }}\n'
    built = build(text)
    assert (built["r.r"].body["x"], built.errors) == (1, [])


def test_a_chain_of_locals_that_use_the_former_twice(build: Build) -> None:
    lines = "\n".join(f"x{n} = local.x{n - 1} + local.x{n - 1}" for n in range(1, 201))
    text = f'locals {{\nx0 = 1\n{lines}\n}}\nresource "r" "r" {{ x = local.x200 }}\n'
    assert build(text)["r.r"].body["x"] == 2**200


def test_a_chain_of_texts_that_double_is_bounded(build: Build) -> None:
    lines = "\n".join(f'x{n} = "${{local.x{n - 1}}}${{local.x{n - 1}}}"' for n in range(1, 201))
    found = build(f'locals {{\nx0 = "ab"\n{lines}\n}}\nresource "r" "r" {{ x = local.x200 }}\n')["r.r"].body[
        "x"
    ]
    assert isinstance(found, Unknown)
    assert "the text would have more than" in found.reason


def test_a_long_cycle_of_locals(build: Build) -> None:
    lines = "\n".join(f"x{n} = local.x{(n + 1) % 300}" for n in range(300))
    built = build(f'locals {{\n{lines}\n}}\nresource "r" "r" {{ x = local.x0 }}\n')
    assert isinstance(built["r.r"].body["x"], Unknown)
    assert all("refers to itself" in error.message for error in built.errors)
    assert built.errors


DUPLICATES = [
    ("locals { a = 1 }\nlocals { a = 2 }\n", "local.a", 10),
    ('variable "a" {}\nvariable "a" {}\n', "var.a", 1),
    ('output "a" {}\noutput "a" {}\n', "output.a", 1),
    ('resource "r" "r" {}\nresource "r" "r" {}\n', "r.r", 1),
    ('data "r" "r" {}\ndata "r" "r" {}\n', "data.r.r", 1),
    ('module "m" {}\nmodule "m" {}\n', "module.m", 1),
]


@pytest.mark.parametrize(("text", "address", "column"), DUPLICATES, ids=[case[1] for case in DUPLICATES])
def test_declared_twice(build: Build, text: str, address: str, column: int) -> None:
    message = f"{address} is declared twice, which Terraform rejects; the first is in main.tf on line 1"
    assert build(text).errors == [SourceError("main.tf", 2, column, message)]
    first, second = text.splitlines(keepends=True)
    message = f"{address} is declared twice, which Terraform rejects; the first is in a.tf on line 1"
    assert build({"a.tf": first, "b.tf": second}).errors == [SourceError("b.tf", 1, column, message)]
    assert build({"main.tf": first, "main_override.tf": second}).errors == []
    assert build({"main.tf": first, "override.tf": second}).errors == []
    assert build({"main.tf": first, "main.tofu": second}).errors == []


def test_of_two_declarations_the_first_is_kept(build: Build) -> None:
    built = build('resource "r" "r" { x = 1 }\nresource "r" "r" { x = 2 }\n')
    assert built["r.r"].body["x"] == 1
    built = build({"main.tf": 'resource "r" "r" { x = 1 }', "override.tf": 'resource "r" "r" { x = 2 }'})
    assert built["r.r"].body["x"] == 2
    built = build({"main.tf": 'resource "r" "r" { x = 1 }', "main.tofu": 'resource "r" "r" { x = 2 }'})
    assert built["r.r"].body["x"] == 2


def test_argument_set_twice_keeps_the_first(build: Build) -> None:
    built = build('resource "r" "r" {\n  x = 1\n  x = 2\n}\nlocals {\n  a = 1\n  a = 2\n}\n')
    assert [(error.line, error.column) for error in built.errors] == [(3, 3), (7, 3)]
    assert built["r.r"].body["x"] == 1
