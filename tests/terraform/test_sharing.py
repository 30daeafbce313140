"""Modules that are called with the same inputs are evaluated once, and each has its own addresses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from readiness.estate.model import Link
from readiness.terraform import module as module_room
from readiness.terraform.provenance import explain
from readiness.values import Unknown

Build = Callable[..., Any]

LEAF = """variable "x" {}
variable "y" { default = "d" }
resource "aws_kms_key" "k" {
  name = "key-${var.x}"
}
resource "aws_db_instance" "d" {
  for_each = toset(["a", "b"])
  kms      = aws_kms_key.k.arn
  name     = var.x
  policy   = jsonencode({ key = aws_kms_key.k.arn, x = var.x })
  setting {
    value = var.y
  }
}
output "arn" { value = aws_db_instance.d["a"].arn }
output "name" { value = var.x }
"""


def call(name: str, source: str, lines: str) -> str:
    return f'module "{name}" {{\n  source = "{source}"\n  {lines}\n}}\n'


@pytest.fixture
def evaluations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses whose bodies are evaluated, as they are."""
    seen: list[str] = []
    original = module_room.evaluated

    def noted(address: str, *rest: Any) -> Any:
        seen.append(address)
        return original(address, *rest)

    monkeypatch.setattr(module_room, "evaluated", noted)
    return seen


def test_a_diamond(build: Build, evaluations: list[str]) -> None:
    middle = (
        'variable "x" {}\n'
        + call("leaf", "../leaf", "x = var.x")
        + 'output "arn" { value = module.leaf.arn }\n'
    )
    files = {
        "main.tf": call("left", "./left", 'x = "v"')
        + call("right", "./right", 'x = "v"')
        + 'resource "r" "r" {\n  l = module.left.arn\n  r = module.right.arn\n}\n',
        "left/main.tf": middle,
        "right/main.tf": middle,
        "leaf/main.tf": LEAF,
    }
    built = build(files)
    assert built.errors == []
    assert sorted(evaluations) == [
        'module.right.module.leaf.aws_db_instance.d["a"]',
        'module.right.module.leaf.aws_db_instance.d["b"]',
        "module.right.module.leaf.aws_kms_key.k",
        "r.r",
    ]
    for side in ("left", "right"):
        base = f"module.{side}.module.leaf"
        resource = built[f'{base}.aws_db_instance.d["a"]']
        assert (resource.module, resource.body["name"]) == (base, "v")
        assert resource.body["kms"].refs == (f"{base}.aws_kms_key.k.arn",)
        assert resource.body["kms"].reason == f"{base}.aws_kms_key.k.arn is known only after apply"
        assert resource.body["policy"].document["key"].refs == (f"{base}.aws_kms_key.k.arn",)
        assert resource.references == [
            Link(f"{base}.aws_kms_key.k", "kms"),
            Link(f"{base}.aws_kms_key.k", "policy"),
        ]
        places = [(what, span.path, span.line) for what, span in explain(resource.body, "name")]
        assert places[0][0] == f"argument of {base}"
        assert places[-1] == (f"argument of module.{side}", "main.tf", 3 if side == "left" else 7)
    root = built["r.r"].body
    assert root["l"].refs == ('module.left.module.leaf.aws_db_instance.d["a"].arn',)
    assert root["r"].refs == ('module.right.module.leaf.aws_db_instance.d["a"].arn',)


DISTINCT = [
    ('x = "v"', 'x = "w"'),
    ("x = aws_x.a.id", "x = aws_x.b.id"),
    ('x = "v"', 'x = "v"\n  y = "e"'),
    ("x = 1", 'x = "1"'),
    ("x = true", "x = 1"),
    ("x = var.u", "x = aws_x.a.id"),
]


@pytest.mark.parametrize(("one", "other"), DISTINCT)
def test_other_inputs_are_evaluated_apart(build: Build, evaluations: list[str], one: str, other: str) -> None:
    beside = 'variable "u" {}\nresource "aws_x" "a" {}\nresource "aws_x" "b" {}\n'
    build({"main.tf": beside + call("a", "./leaf", one) + call("b", "./leaf", other), "leaf/main.tf": LEAF})
    assert evaluations.count("module.a.aws_kms_key.k") == 1
    assert evaluations.count("module.b.aws_kms_key.k") == 1


def test_a_chain_of_diamonds(build: Build, evaluations: list[str]) -> None:
    levels = 9
    files = {"main.tf": call("a", "./m1", 'x = "v"') + call("b", "./m1", 'x = "v"')}
    for n in range(1, levels):
        inner = call("a", f"../m{n + 1}", "x = var.x") + call("b", f"../m{n + 1}", "x = var.x")
        files[f"m{n}/main.tf"] = 'variable "x" {}\n' + inner
    files[f"m{levels}/main.tf"] = 'variable "x" {}\nresource "r" "r" { x = var.x }\n'
    built = build(files)
    assert len(evaluations) == 1
    assert len({r.address for r in built.resources if r.type == "r"}) == 2**levels


def test_modules_that_need_each_other(build: Build) -> None:
    leaf = 'variable "x" {}\nvariable "y" {}\nresource "r" "one" { x = var.x }\nresource "r" "two" { x = var.y }\n'
    leaf += 'output "one" { value = r.one.x }\noutput "two" { value = r.two.x }\n'
    main = call("a", "./leaf", 'x = "v"\n  y = module.b.one') + call(
        "b", "./leaf", 'x = "v"\n  y = module.a.one'
    )
    built = build({"main.tf": main, "leaf/main.tf": leaf})
    assert built.errors == []
    assert {r.address: r.body["x"] for r in built.resources if r.type == "r"} == dict.fromkeys(
        ["module.a.r.one", "module.a.r.two", "module.b.r.one", "module.b.r.two"], "v"
    )


def test_an_unknown_count_of_one_call(build: Build) -> None:
    main = (
        'variable "n" {}\n' + call("a", "./leaf", 'x = "v"') + call("b", "./leaf", 'x = "v"\n  count = var.n')
    )
    built = build({"main.tf": main, "leaf/main.tf": LEAF})
    found = {r.address: r.maybe for r in built.resources if r.type == "aws_kms_key"}
    assert found == {"module.a.aws_kms_key.k": False, "module.b.aws_kms_key.k": True}
    assert not isinstance(built["module.b.aws_kms_key.k"].body["name"], Unknown)
