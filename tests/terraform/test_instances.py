"""Resources and their instances, references between them, and dynamic blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from readiness.estate.model import Link
from readiness.values import List, Map, Unknown

Build = Callable[..., Any]

UNKNOWN = 'variable "u" {}\n'

COUNTS: list[tuple[str, list[str]]] = [
    ("count = 2", ["r.r[0]", "r.r[1]"]),
    ('count = "1"', ["r.r[0]"]),
    ("count = 0", []),
    ("count = var.on ? 1 : 0", ["r.r[0]"]),
    ("count = var.u", ["r.r"]),
    ("count = null", ["r.r"]),
    ("count = -1", ["r.r"]),
    ("count = 1.5", ["r.r"]),
    ("count = 100000000", ["r.r"]),
    ('for_each = toset(["b", "a"])', ['r.r["a"]', 'r.r["b"]']),
    ("for_each = { b = 1, a = 2 }", ['r.r["a"]', 'r.r["b"]']),
    ('for_each = { "x\\"y" = 1 }', ['r.r["x\\"y"]']),
    ("for_each = {}", []),
    ("for_each = [for o in [{ n = \"a\" }] : o.n]", ['r.r["a"]']),
    ("for_each = var.u", ["r.r"]),
    ("for_each = toset([var.u])", ["r.r"]),
    ("for_each = [var.u]", ["r.r"]),
    ("for_each = [{}]", ["r.r"]),
    ('for_each = "text"', ["r.r"]),
    ("for_each = { for i in range(1024) : i => i }", ["r.r"]),
    ("", ["r.r"]),
]  # fmt: skip


@pytest.mark.parametrize("mode", ["resource", "data"])
@pytest.mark.parametrize(("line", "addresses"), COUNTS, ids=[line for line, _ in COUNTS])
def test_addresses(build: Build, mode: str, line: str, addresses: list[str]) -> None:
    built = build(f'{UNKNOWN}variable "on" {{ default = true }}\n{mode} "r" "r" {{\n  {line}\n}}\n')
    assert built.errors == []
    prefix = "data." if mode == "data" else ""
    assert built.addresses == [prefix + address for address in addresses]
    assert {resource.type for resource in built.resources if resource.mode != "block"} <= {f"{prefix}r"}


def test_count_index(build: Build) -> None:
    built = build('resource "r" "r" {\n  count = 2\n  x = "n${count.index}"\n}\n')
    assert [built[f"r.r[{n}]"].body["x"] for n in range(2)] == ["n0", "n1"]


def test_each(build: Build) -> None:
    built = build(
        'resource "r" "r" {\n  for_each = { a = { n = 1 } }\n  k = each.key\n  v = each.value.n\n}\n'
    )
    assert built['r.r["a"]'].body == {"k": "a", "v": 1}


def test_unknown_count(build: Build) -> None:
    built = build(UNKNOWN + 'resource "r" "r" {\n  count = var.u\n  x = count.index\n}\n')
    found = built["r.r"].body["x"]
    assert (found.reason, found.refs) == ("the number of instances (`count`) is not known", ("var.u",))
    assert built["r.r"].maybe


def test_unknown_each(build: Build) -> None:
    built = build(UNKNOWN + 'resource "r" "r" {\n  for_each = var.u\n  k = each.key\n  v = each.value.x\n}\n')
    body = built["r.r"].body
    assert body["k"].reason == body["v"].reason == "the instances (`for_each`) are not known"
    assert (body["k"].not_null, body["v"].not_null) == (True, False)


REFERENCES: list[tuple[str, str, Any]] = [
    ("", "r.a.name", "n"),
    ("", "r.a.id", Unknown("r.a.id is known only after apply", ("r.a.id",))),
    ("", "r.a.none", Unknown("r.a.none is known only after apply", ("r.a.none",))),
    ("count = 2", "r.a[1].name", "n"),
    ("count = 2", "r.a[*].name", ["n", "n"]),
    ("count = 2", "r.a.*.name", ["n", "n"]),
    ("count = 2", "length(r.a)", 2),
    ("count = 1", "one(r.a[*].name)", "n"),
    ("count = 1", "r.a[0].id", Unknown("r.a[0].id is known only after apply", ("r.a[0].id",))),
    ("count = 0", "try(r.a[0].name, 1)", 1),
    ("count = 0", "one(r.a[*].name)", None),
    ("count = 0", "length(r.a) > 0 ? r.a[0].name : 2", 2),
    ('for_each = toset(["k"])', 'r.a["k"].name', "n"),
    ('for_each = toset(["k"])', "values(r.a)[*].name", ["n"]),
    ('for_each = toset(["k"])', "{ for k, v in r.a : k => v.name }", {"k": "n"}),
    ('for_each = toset(["k"])', "keys(r.a)", ["k"]),
    ("count = var.u", "r.a[0].name", "n"),
    ("count = var.u", "r.a[0].id", Unknown("r.a.id is known only after apply", ("r.a.id",))),
    ("count = var.u", "r.a[*].name", Unknown("the number of instances of r.a is not known", ("r.a",))),
    ("count = var.u", "r.a.*.name", Unknown("the number of instances of r.a is not known", ("r.a",))),
    ("count = var.u", "length(r.a)", Unknown("the number of instances of r.a is not known", ("r.a",))),
    ("count = var.u", "try(r.a[0].name, 1)", "n"),
    ("for_each = var.u", 'r.a["k"].name', "n"),
    (
        "for_each = var.u",
        "[for x in r.a : x.name]",
        Unknown("the number of instances of r.a is not known", ("r.a",)),
    ),
    (
        "for_each = var.u",
        "values(r.a)[*].id",
        Unknown("the number of instances of r.a is not known", ("r.a",)),
    ),
]


@pytest.mark.parametrize(("line", "text", "expected"), REFERENCES, ids=[f"{a} {b}" for a, b, _ in REFERENCES])
def test_references(build: Build, line: str, text: str, expected: Any) -> None:
    built = build(
        f'{UNKNOWN}resource "r" "a" {{\n  {line}\n  name = "n"\n}}\nresource "r" "b" {{\n  x = {text}\n}}\n'
    )
    found = built["r.b"].body["x"]
    if isinstance(expected, Unknown):
        assert isinstance(found, Unknown)
        assert (found.reason, found.refs) == (expected.reason, expected.refs)
    else:
        assert found == expected


def test_never_null(build: Build) -> None:
    built = build(
        'resource "r" "a" {}\ndata "d" "d" {}\nresource "r" "b" {\n  x = r.a.arn\n  y = r.a.url\n  z = data.d.d.id\n}\n'
    )
    body = built["r.b"].body
    assert [body[name].not_null for name in "xyz"] == [True, False, True]
    assert body["z"].reason == "data.d.d.id is known only when the plan reads it"


LINKS: list[tuple[str, list[tuple[str, str]]]] = [
    ("x = r.a.id", [("r.a", "x")]),
    ('x = "${r.a.id}-${r.c[0].id}"', [("r.a", "x"), ("r.c[0]", "x")]),
    ("x = r.a.name", [("r.a", "x")]),
    ("x = local.a", [("r.a", "x")]),
    ("x = local.nested.k[0]", [("r.a", "x")]),
    ("x = r.c[*].id", [("r.c[0]", "x"), ("r.c[1]", "x")]),
    ("x = r.d[0].id", [("r.d", "x")]),
    ("x = r.d[*].id", [("r.d", "x")]),
    ("b {\n c = r.a.id\n}", [("r.a", "b.c")]),
    ("b {\n d {\n c = r.a.id\n}\n}", [("r.a", "b.d.c")]),
    (
        'dynamic "b" {\n for_each = [r.a.id]\n content {\n c = b.value\n}\n}',
        [("r.a", "b.for_each"), ("r.a", "b.c")],
    ),
    ("depends_on = [r.a]", [("r.a", "depends_on")]),
    ("for_each = { k = r.a.id }\nx = each.value", [("r.a", "x")]),
    ("x = true ? 1 : r.a.id", []),
    ("lifecycle {\n ignore_changes = [x]\n}", []),
]


@pytest.mark.parametrize(("line", "links"), LINKS, ids=[line for line, _ in LINKS])
def test_links(build: Build, line: str, links: list[tuple[str, str]]) -> None:
    beside = (
        'resource "r" "a" { name = "n" }\nresource "r" "c" { count = 2 }\nresource "r" "d" { count = var.u }\n'
        "locals {\n  a = r.a.id\n  nested = { k = [r.a.id] }\n}\n"
    )
    built = build(f'{UNKNOWN}{beside}resource "r" "b" {{\n{line}\n}}\n')
    found = next(resource for resource in built.resources if resource.address.startswith("r.b"))
    assert found.references == [Link(address, via) for address, via in links]


BODY = """\
resource "r" "r" {
  a = 1

  one {
    b = 2
  }
  many { c = 3 }
  many { c = 4 }
  provisioner "local-exec" { command = "x" }
  count      = 1
  provider   = aws.west
  depends_on = []
}
"""


def test_body(build: Build) -> None:
    body = build(BODY)["r.r[0]"].body
    assert body == {
        "a": 1,
        "one": [{"b": 2}],
        "many": [{"c": 3}, {"c": 4}],
        "provisioner": [{"command": "x", "type": "local-exec"}],
    }
    assert body.span == ("main.tf", 1, 1, 13, 2)
    assert body.key_spans["a"] == ("main.tf", 2, 3, 2, 4)
    assert body.value_spans["a"] == ("main.tf", 2, 7, 2, 8)
    assert body.key_spans["one"] == ("main.tf", 4, 3, 4, 6)
    assert body.value_spans["one"] == ("main.tf", 4, 3, 6, 4)
    assert body["one"][0].value_spans["b"] == ("main.tf", 5, 9, 5, 10)
    assert body["many"].item_spans == [("main.tf", 7, 3, 7, 17), ("main.tf", 8, 3, 8, 17)]
    assert isinstance(body["many"], List)
    assert isinstance(body["many"][0], Map)


def test_places_of_resources(build: Build) -> None:
    built = build({"main.tf": '# first\n\nresource "r" "r" {\n  x = 1\n}\n'})
    assert built["r.r"].span == ("main.tf", 3, 1, 5, 2)
    assert built["r.r"].header == ("main.tf", 3, 1, 3, 17)


LIFECYCLE: list[tuple[str, Any]] = [
    ("prevent_destroy = true", {"prevent_destroy": True}),
    ('ignore_changes = [tags, tags["Name"], a[0].b, "old"]',
     {"ignore_changes": ["tags", 'tags["Name"]', "a[0].b", "old"]}),
    ("ignore_changes = all", {"ignore_changes": "all"}),
    ("replace_triggered_by = [r.other.id]", {"replace_triggered_by": ["r.other.id"]}),
    ('precondition {\n condition = 1 < 2\n error_message = "m"\n}',
     {"precondition": [{"condition": True, "error_message": "m"}]}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), LIFECYCLE, ids=[line for line, _ in LIFECYCLE])
def test_lifecycle(build: Build, line: str, expected: Any) -> None:
    body = build(f'resource "r" "r" {{\n  lifecycle {{\n    {line}\n  }}\n}}\n')["r.r"].body
    assert body["lifecycle"] == [expected]


def test_places_of_ignored_changes(build: Build) -> None:
    body = build('resource "r" "r" {\n  lifecycle {\n    ignore_changes = [tags, all]\n  }\n}\n')["r.r"].body
    names = body["lifecycle"][0]["ignore_changes"]
    assert names.item_spans == [("main.tf", 3, 23, 3, 27), ("main.tf", 3, 29, 3, 32)]


DYNAMIC: list[tuple[str, Any]] = [
    ("for_each = [1, 2]\n content {\n p = b.value\n k = b.key\n}", [{"p": 1, "k": 0}, {"p": 2, "k": 1}]),
    ('for_each = toset(["y", "x"])\n content {\n p = b.value\n k = b.key\n}',
     [{"p": "x", "k": "x"}, {"p": "y", "k": "y"}]),
    ("for_each = { y = 1, x = 2 }\n content {\n p = b.value\n k = b.key\n}", [{"p": 2, "k": "x"}, {"p": 1, "k": "y"}]),
    ("for_each = []\n content {\n p = 1\n}", []),
    ("for_each = true ? [1] : []\n content {\n p = 1\n}", [{"p": 1}]),
    ("for_each = [{ q = 5 }]\n iterator = it\n content {\n p = it.value.q\n}", [{"p": 5}]),
    ('for_each = [[1, 2], [3]]\n content {\n dynamic "c" {\n for_each = b.value\n content {\n n = c.value\n}\n}\n}',
     [{"c": [{"n": 1}, {"n": 2}]}, {"c": [{"n": 3}]}]),
    ("for_each = [each_is_wrong]\n content {\n p = 1\n}", [{"p": 1}]),
    ("content {\n}", []),
    ("for_each = [1]", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), DYNAMIC, ids=[text for text, _ in DYNAMIC])
def test_dynamic(build: Build, text: str, expected: Any) -> None:
    body = build(f'resource "r" "r" {{\n  dynamic "b" {{\n    {text}\n  }}\n}}\n')["r.r"].body
    assert body["b"] == expected


def test_dynamic_beside_a_block(build: Build) -> None:
    text = 'resource "r" "r" {\n  b { p = 0 }\n  dynamic "b" {\n    for_each = [1]\n    content {\n      p = b.value\n    }\n  }\n}\n'
    body = build(text)["r.r"].body
    assert body["b"] == [{"p": 0}, {"p": 1}]
    assert body["b"].item_spans == [("main.tf", 2, 3, 2, 14), ("main.tf", 3, 3, 8, 4)]
    assert body["b"][1].value_spans["p"] == ("main.tf", 6, 11, 6, 18)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("var.u", 'the blocks of `dynamic "b"` depend on var.u'),
        ("r.a[*].id", 'the blocks of `dynamic "b"` depend on r.a'),
        ('"text"', "the `for_each` of a dynamic block is not a collection"),
        ("1 / 0", 'the blocks of `dynamic "b"` depend on a value that is not known'),
    ],
)
def test_unknown_dynamic(build: Build, source: str, why: str) -> None:
    text = f'{UNKNOWN}resource "r" "a" {{ count = var.u }}\nresource "r" "r" {{\n  dynamic "b" {{\n    for_each = {source}\n    content {{}}\n  }}\n}}\n'
    (found,) = build(text)["r.r"].body["b"]
    assert isinstance(found, Unknown)
    assert found.reason == why
    assert found.span == ("main.tf", 4, 3, 7, 4)


def test_too_many_dynamic_blocks(build: Build) -> None:
    text = 'for_each = range(1000)\n content {\n dynamic "c" {\n for_each = range(1000)\n content {\n n = 1\n}\n}\n}'
    body = build(f'resource "r" "r" {{\n  dynamic "b" {{\n    {text}\n  }}\n}}\n')["r.r"].body
    assert len(body["b"]) == 1000
    assert body["b"][0]["c"][0].reason == "a dynamic block would make more than 10,000 blocks"


def test_heredoc_values(build: Build) -> None:
    text = (
        'resource "aws_s3_bucket" "b" {}\nresource "aws_iam_policy" "p" {\n  policy = <<-EOT\n    {\n'
        '      "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "${aws_s3_bucket.b.arn}"}]\n    }\n  EOT\n}\n'
    )
    found = build(text)["aws_iam_policy.p"]
    policy = found.body["policy"]
    assert isinstance(policy, Unknown)
    assert policy.document["Statement"][0]["Action"] == "*"
    assert policy.document["Statement"][0]["Resource"].refs == ("aws_s3_bucket.b.arn",)
    assert found.references == [Link("aws_s3_bucket.b", "policy")]
    assert found.body.value_spans["policy"] == ("main.tf", 3, 12, 7, 6)
