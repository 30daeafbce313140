"""Expressions, as Terraform evaluates them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from readiness.values import List, Map, Unknown

Value = Callable[..., Any]

OURS: dict[type, type] = {list: List, dict: Map}

BESIDE = """
variable "u" {}
variable "n" { default = null }
variable "s" { default = "text" }
variable "l" { default = ["a", "b", "c"] }
variable "m" { default = { y = 2, x = 1 } }
variable "objects" { default = [{ id = 1, tags = ["p"] }, { id = 2, tags = [] }] }
resource "aws_s3_bucket" "b" { bucket = "logs" }
"""

KNOWN = [
    # Arithmetic.
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("7 / 2", 3.5),
    ("6 / 2", 3),
    ("7 % 3", 1),
    ("-7 % 3", -1),
    ("7.5 % 2", 1.5),
    ("7 % 0", 7),
    ("0.1 + 0.2", 0.3),
    ("2 - -3", 5),
    ('"2" + 3', 5),
    ("9007199254740993 + 1", 9007199254740994),
    ("10000000000000000000 / 10", 10**18),
    # Comparison.
    ("1 < 2", True),
    ("2 <= 1", False),
    ('"10" > 9', True),
    ("1 == 1.0", True),
    ('1 == "1"', False),
    ("true == 1", False),
    ("null == null", True),
    ("null != 1", True),
    ("[1, 2] == [1, 2]", True),
    ("{ a = [1] } == { a = [1] }", True),
    ("{ a = 1 } == { a = 1, b = 2 }", False),
    ("[1] == [true]", False),
    # Logic.
    ("true && false", False),
    ("true || false", True),
    ("!true", False),
    ('!"false"', True),
    ('"true" && true', True),
    ("true || var.u", True),
    ("var.u || true", True),
    ("false && var.u", False),
    ("var.u && false", False),
    ("var.n != null && var.n.x", False),
    ("var.n == null || var.n.x > 1", True),
    # Conditionals.
    ("true ? 1 : 2", 1),
    ("false ? var.u : 2", 2),
    ("var.n == null ? 1 : var.n.x", 1),
    ("var.u ? 1 : 1", 1),
    ('1 < 2 ? 3 < 2 ? "a" : "b" : "c"', "b"),
    # Templates.
    ('"a${1}b${true}c${1.5}"', "a1btruec1.5"),
    ('"${1e3}"', 1000),
    ('"x${0.0000001}"', "x0.0000001"),
    ('"x${100000000000000000000000}"', "x100000000000000000000000"),
    ('"${var.l}"', ["a", "b", "c"]),
    ('"%{ if var.s == "text" }y%{ else }n%{ endif }"', "y"),
    ('"%{ for x in var.l }${x},%{ endfor }"', "a,b,c,"),
    ('"%{ for i, x in var.l }${i}${x}%{ endfor }"', "0a1b2c"),
    ('"%{ for k, v in var.m }${k}${v} %{ endfor }"', "x1 y2 "),
    ('"a ${~ 1 ~} b"', "a1b"),
    ('"$${x} %%{ y }"', "${x} %{ y }"),
    # Index, attribute, splat.
    ("var.l[1]", "b"),
    ('var.l["1"]', "b"),
    ("var.l.2", "c"),
    ('var.m["x"]', 1),
    ("var.m.y", 2),
    ("[10, 20][1]", 20),
    ('{ a = { b = "c" } }.a.b', "c"),
    ("var.objects[0].tags[0]", "p"),
    ("var.objects[*].id", [1, 2]),
    ("var.objects.*.id", [1, 2]),
    ("var.objects[*].tags[*]", [["p"], []]),
    ("var.objects.*.id[1]", 2),
    ("var.s[*]", ["text"]),
    ("var.n[*]", []),
    ("var.m[*].x", [1]),
    # For.
    ("[for x in var.l : upper(x)]", ["A", "B", "C"]),
    ("[for i, x in var.l : i]", [0, 1, 2]),
    ("[for k, v in var.m : k]", ["x", "y"]),
    ("[for v in { b = 1, a = 2 } : v]", [2, 1]),
    ('[for x in var.l : x if x != "b"]', ["a", "c"]),
    ("{ for x in var.l : x => upper(x) }", {"a": "A", "b": "B", "c": "C"}),
    ("{ for o in var.objects : length(o.tags) => o.id... }", {"1": [1], "0": [2]}),
    ("{ for i, x in var.l : i => x }", {"0": "a", "1": "b", "2": "c"}),
    ("[for x in [1, 2] : [for y in [10, 20] : x * y]]", [[10, 20], [20, 40]]),
    ("[for x in [] : x]", []),
    # Objects.
    ('{ (var.s) = 1, "a-b" = 2, 3 = 4, null = 5 }', {"text": 1, "a-b": 2, "3": 4, "null": 5}),
    ("{ a = 1, a = 2 }", {"a": 2}),
    # try and can.
    ("try(var.n.x, 1)", 1),
    ('try(var.m.z, var.l[9], "d")', "d"),
    ("try([var.m.z], [])", []),
    ("try({ a = var.m.z }, {})", {}),
    ("try(var.m.x, 9)", 1),
    ("can(var.m.z)", False),
    ("can(var.m.x)", True),
    ("can(var.u)", True),
    ("can([tonumber(\"a\")])", False),
    ("can(regex(\"^t\", var.s))", True),
    # Calls.
    ("max(var.objects[*].id...)", 2),
    ("core::upper(\"a\")", "A"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), KNOWN, ids=[text for text, _ in KNOWN])
def test_known(value: Value, text: str, expected: Any) -> None:
    found = value(text, BESIDE)
    assert found == expected
    assert type(found) is OURS.get(type(expected), type(expected))


NO_VALUE = "var.u has no default and no value here"

UNKNOWN = [
    ("var.u", NO_VALUE, ("var.u",), False),
    ("var.u.x[0]", NO_VALUE, ("var.u",), False),
    ("var.u + 1", NO_VALUE, ("var.u",), True),
    ("-var.u", NO_VALUE, ("var.u",), None),
    ("!var.u", NO_VALUE, ("var.u",), None),
    ("var.u < 1", NO_VALUE, ("var.u",), True),
    ("var.u && true", NO_VALUE, ("var.u",), None),
    ("false || var.u", NO_VALUE, ("var.u",), None),
    ("var.u == 1", NO_VALUE, ("var.u",), None),
    ("[1, var.u] == [1, 2]", NO_VALUE, ("var.u",), None),
    ('"a${var.u}"', NO_VALUE, ("var.u",), True),
    ("var.u ? 1 : 2", NO_VALUE, ("var.u",), True),
    ("var.u ? 1 : null", NO_VALUE, ("var.u",), False),
    ("var.l[var.u]", NO_VALUE, ("var.u",), False),
    ("var.u[*].id", NO_VALUE, ("var.u",), True),
    ("[for x in var.u : x]", NO_VALUE, ("var.u",), True),
    ("[for x in var.l : x if var.u]", NO_VALUE, ("var.u",), True),
    ("{ for x in var.l : var.u => x }", NO_VALUE, ("var.u",), True),
    ('"%{ if var.u }a%{ endif }"', NO_VALUE, ("var.u",), True),
    ("can(var.u.x)", NO_VALUE, ("var.u",), True),
    ("can([var.u + 1])", NO_VALUE, ("var.u",), True),
    ("try(var.u, 1)", NO_VALUE, ("var.u",), False),
    ("max(var.u...)", NO_VALUE, ("var.u",), None),
    ("var.missing", "the variable missing is not declared in .", ("var.missing",), False),
    ("local.missing", "local.missing is not declared in .", ("local.missing",), False),
    ("data.a.b.c", "data.a.b is not declared in .", ("data.a.b",), False),
    ("a.b.c", "a.b is not declared in .", ("a.b",), False),
    ("module.m.x", "module.m is not declared", ("module.m",), False),
    ("path.cwd", "path.cwd depends on where Terraform runs", (), True),
    (
        "terraform.workspace",
        "terraform.workspace is chosen when Terraform runs",
        ("terraform.workspace",),
        True,
    ),
    ("aws_s3_bucket.b.id", "aws_s3_bucket.b.id is known only after apply", ("aws_s3_bucket.b.id",), True),
    (
        "aws_s3_bucket.b.region",
        "aws_s3_bucket.b.region is known only after apply",
        ("aws_s3_bucket.b.region",),
        False,
    ),
    ("timestamp()", "the function timestamp() is not evaluated: it gives the time of the run", (), True),
    ("provider::ns::f(1)", "the function provider::ns::f() is not evaluated", (), False),
]


@pytest.mark.parametrize(("text", "why", "refs", "not_null"), UNKNOWN, ids=[case[0] for case in UNKNOWN])
def test_unknown(value: Value, text: str, why: str, refs: tuple[str, ...], not_null: bool | None) -> None:
    found = value(text, BESIDE)
    assert isinstance(found, Unknown)
    assert (found.reason, found.refs) == (why, refs)
    if not_null is not None:
        assert found.not_null is not_null


def test_unknown_is_not_null(value: Value) -> None:
    assert value("aws_s3_bucket.b.id == null", BESIDE) is False
    assert value('"a${var.u}" != null', BESIDE) is True
    assert isinstance(value("var.u == null", BESIDE), Unknown)


def test_unknown_parts_stay_apart(value: Value) -> None:
    found = value("[1, var.u, { a = var.u, b = 2 }]", BESIDE)
    assert found[0] == 1
    assert isinstance(found[1], Unknown)
    assert isinstance(found[2]["a"], Unknown)
    assert found[2]["b"] == 2


ERRORS = [
    ("1 / 0", "division by zero"),
    ("0 / 0", "division by zero"),
    ('"a" + 1', "'a' is not a number"),
    ('" 1" + 1', "' 1' is not a number"),
    ('"1_000" + 1', "'1_000' is not a number"),
    ('"inf" + 1', "'inf' is not a number"),
    ("true + 1", "a number is required, not a bool"),
    ("[] + 1", "a number is required"),
    ("!1", "a bool is required"),
    ("1 && true", "a bool is required"),
    ("null ? 1 : 2", "a bool is required"),
    ('"a${null}"', "null cannot be part of a string"),
    ('"a${[]}"', "a collection cannot be converted to a string"),
    ("var.l[3]", "the index 3 is outside a list of 3 items"),
    ("var.l[-1]", "the index -1 is outside a list of 3 items"),
    ("var.l[0.5]", "0.5 is not an index of a list"),
    ('var.l["a"]', "'a' is not a number"),
    ('var.m["z"]', "there is no key 'z'"),
    ("var.m.z", "there is no attribute 'z'"),
    ("var.s.z", "the attribute 'z' is read from something that has none"),
    ("var.s[0]", "an index is applied to something that has no items"),
    ("[for x in 1 : x]", "`for` needs a list or a map"),
    ('{ for x in ["a", "a"] : x => 1 }', "two items of the `for` have the key 'a'"),
    ("{ (null) = 1 }", "null cannot be part of a string"),
    ("count.index", "`count` is used outside a block with `count`"),
    ("each.key", "`each` is used outside a block with `for_each`"),
    ("bare", "'bare' is not a value that can be used here"),
    ("try()", "try() needs an argument"),
    ("can()", "can() needs one argument"),
    ("try(var.m.z, var.l[9])", "the index 9 is outside a list of 3 items"),
    ("max(1...)", "only a list can be expanded with `...`"),
    ("upper()", "upper(): it was given 0 arguments"),
    ("upper(1, 2)", "upper(): it was given 2 arguments"),
    ("upper([])", "upper(): argument 1: a collection cannot be converted to a string"),
    ("upper(null)", "upper(): argument 1 must not be null"),
    ("sort(1)", "sort(): argument 1: a list is required"),
    ("transpose([])", "transpose(): argument 1: a map is required"),
]


@pytest.mark.parametrize(("text", "message"), ERRORS, ids=[text for text, _ in ERRORS])
def test_error(reason: Callable[..., str], text: str, message: str) -> None:
    assert reason(text, BESIDE) == f"it cannot be evaluated: {message}"


def test_error_has_its_place(value: Value) -> None:
    found = value("[\n    1,\n    1 / 0,\n  ]")
    assert found[0] == 1
    assert found[1].span == ("main.tf", 4, 5, 4, 10)


def test_places_of_values(value: Value) -> None:
    found = value('[\n    1,\n    { a = "b" },\n  ]')
    assert found.span == ("main.tf", 2, 7, 5, 4)
    assert found.item_spans == [("main.tf", 3, 5, 3, 6), ("main.tf", 4, 5, 4, 16)]
    assert found[1].key_spans == {"a": ("main.tf", 4, 7, 4, 8)}
    assert found[1].value_spans == {"a": ("main.tf", 4, 11, 4, 14)}
    assert found[1].span == ("main.tf", 4, 5, 4, 16)


def test_paths(value: Value) -> None:
    assert value('"${path.module}/x ${path.root}"') == "./x ."


def test_chain_of_texts(value: Value) -> None:
    """Each local is the former one twice: what would be 2**200 characters is refused."""
    chain = "".join(f'  a{i} = "${{local.a{i - 1}}}${{local.a{i - 1}}}"\n' for i in range(1, 201))
    beside = f'locals {{\n  a0 = "x"\n{chain}}}\n'
    assert value("local.a10", beside) == "x" * 1024
    found = value("local.a200", beside)
    assert isinstance(found, Unknown)
    assert found.reason == "it cannot be evaluated: the text would have more than 4,000,000 characters"


def test_chain_of_numbers(value: Value) -> None:
    """Each local is the former one times itself: what nobody writes is refused."""
    chain = "".join(f"  a{i} = local.a{i - 1} * local.a{i - 1}\n" for i in range(1, 41))
    beside = f"locals {{\n  a0 = 2\n{chain}}}\n"
    assert value("local.a9", beside) == 2**512
    found = value("local.a40", beside)
    assert isinstance(found, Unknown)
    assert found.reason == "it cannot be evaluated: the number is too large, or too close to zero"


def test_fractions_stay_exact(value: Value) -> None:
    beside = "locals {\n  third = 1 / 3\n  small = 1e-400\n}\n"
    assert value("local.third", beside) == 1 / 3
    assert value("local.third * 3 == 1", beside) is True
    assert value("[local.third][0] * 3 == 1", beside) is True
    assert value("local.third == 0.3333333333333333", beside) is False
    assert value("local.third > 0.3333333333333333", beside) is True
    assert value("-local.third + local.third", beside) == 0
    assert value("local.small == 0", beside) is False
    assert value("local.small * 1e400", beside) == 1


TYPES = [
    ("aws_s3_bucket.b.list == []", None),
    ("aws_s3_bucket.b.list == [1]", False),
    ("aws_s3_bucket.b.empty == []", "the types of the two sides are not known"),
    ("aws_s3_bucket.b.empty == [1]", False),
    ('aws_s3_bucket.b.tags == { a = "b" }', "the types of the two sides are not known"),
    ("true ? aws_s3_bucket.b.tags : { a = 1 }", {"a": "b"}),
    ('(true ? ["x"] : aws_s3_bucket.b.list) == ["x"]', "the types of the two sides are not known"),
    ("true ? [1] : aws_s3_bucket.b.unknown", [1]),
    ("true ? { a = 1 } : [var.u]", "the results of the conditional have inconsistent types"),
]


@pytest.mark.parametrize(("text", "expected"), TYPES, ids=[text for text, _ in TYPES])
def test_types_of_resources(value: Value, text: str, expected: Any) -> None:
    """Its provider says whether an attribute is a list, a set or a tuple."""
    beside = """
variable "u" {}
resource "aws_s3_bucket" "b" {
  list  = ["x"]
  empty = []
  tags  = { a = "b" }
}
"""
    found = value(text, beside)
    if isinstance(expected, str):
        assert isinstance(found, Unknown)
        assert expected in found.reason
    else:
        assert found == (expected if expected is not None else False)


BLOCK = """resource "aws_x" "x" {
  count = 1
  tags  = { a = "b" }
  config {
    name = "n"
  }
}
"""

OF_BLOCKS: list[tuple[str, Any]] = [
    ("aws_x.x[0].config[0].name", "n"),
    ("aws_x.x[0].config[0].computed", None),
    ('try(aws_x.x[0].config[0].computed, "default")', None),
    ("can(aws_x.x[0].config[0].computed)", True),
    ("aws_x.x[0].config[*].computed", [None]),
    ("one(aws_x.x[*].config[0].computed)", None),
    ('try(aws_x.x[0].tags.c, "default")', "default"),
]


@pytest.mark.parametrize(("text", "expected"), OF_BLOCKS)
def test_what_a_nested_block_does_not_say_its_provider_may(value: Value, text: str, expected: Any) -> None:
    found = value(text, BLOCK)
    known = (
        [None if isinstance(item, Unknown) else item for item in found] if isinstance(found, list) else found
    )
    assert (None if isinstance(known, Unknown) else known) == expected
    assert expected is not None or isinstance(found, Unknown)
