"""Every call of `functions/` against what Terraform itself makes of it (see its README)."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.terraform.conftest import Built

from readiness.terraform.convert import to_text
from readiness.terraform.kinds import type_of
from readiness.values import Unknown

FOLDER = Path(__file__).parent / "functions"
RECORDED: dict[str, Any] = json.loads((FOLDER / "recorded.json").read_text(encoding="utf-8"))
VALUES: dict[str, dict[str, Any]] = RECORDED["values"]
CALLS: dict[str, Any] = {call: found for calls in VALUES.values() for call, found in calls.items()}

NEWER: dict[str, Any] = {
    # Since go-cty 1.16.2, and so says the documentation.
    'element(["a", "b", "c"], -1)': "c",
    # Since go-cty 1.18.1.
    "contains([null], null)": True,
    # Null without a type is an error, null of a list is not; which one it is, is not known here.
    "coalescelist(null, [1])": [{"number": "1"}],
    # Since go-cty 1.16.1; unknown in Terraform 1.11.
    'format("%v", null)': "null",
    'format("%#v", null)': "null",
    # Since go-cty-yaml 1.1.1.
    'yamldecode("a: &x {b: 1}\\nb: &y {b: 2, c: 3}\\nc:\\n  <<: [*x, *y]")': {
        "a": {"b": {"number": "1"}},
        "b": {"b": {"number": "2"}, "c": {"number": "3"}},
        "c": {"b": {"number": "2"}, "c": {"number": "3"}},
    },
}
"""What later versions of Terraform evaluate."""

WITHIN = {
    # The last digit, where Go computes the exponential function in another way than C.
    "pow(10.01, -2.5)": "0.003154385780258773",
    # There is no negative zero here.
    'format("%f", -0.0)': "0.000000",
}
"""What differs."""

NOT_EVALUATED = {
    "base64gzip(": "the function base64gzip() is not evaluated",
    "cidrsubnet(": "negative numbers are not worked out",
    "cidrhost(": "networks of addresses of IPv4 written as IPv6 are not worked out",
    "issensitive(": "what is sensitive is not tracked",
    "rsadecrypt(": "no keys are used here",
    "textdecodebase64(": "is not worked out",
    "textencodebase64(": "is not worked out",
    "yamlencode(": "a key is long, or of several lines",
    "regex(": "",
    "replace(": "might take too long on this text",
}
"""What may be unknown though Terraform knows it, and why."""

UNTYPED = frozenset(
    {
        'lookup(tomap({a=1}), "b", null)',
        *(f"to{name}(null)" for name in ("bool", "list", "map", "number", "set", "string")),
    }
)
"""Null, whose type is not known here."""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What each call gives here, or why it is not known."""
    blocks = [f'resource "r" "r{index}" {{\n  x = [{call}]\n}}\n' for index, call in enumerate(CALLS)]
    built = Built({"main.tf": "".join(blocks)})
    assert built.errors == []
    values = {}
    bodies = {resource.address: resource.body.get("x") for resource in built.resources}
    for index, call in enumerate(CALLS):
        value = bodies[f"r.r{index}"]
        values[call] = value if isinstance(value, Unknown) else value[0]
    return values


def written(value: Any) -> Any:
    """A value as the record has it."""
    if isinstance(value, bool) or value is None or isinstance(value, Unknown):
        return value
    if isinstance(value, (int, float)):
        return Decimal(to_text(value))
    if isinstance(value, list):
        return [written(item) for item in value]
    if isinstance(value, dict):
        return {key: written(item) for key, item in value.items()}
    assert isinstance(value, str)
    return str(value)


def recorded(value: Any) -> Any:
    """A value of the record, with numbers that can be compared."""
    if isinstance(value, dict):
        if value.keys() == {"number"}:
            return Decimal(value["number"])
        return {key: recorded(item) for key, item in value.items()}
    return [recorded(item) for item in value] if isinstance(value, list) else value


def kind_of(kind: Any) -> Any:
    """A type as the record has it."""
    if not isinstance(kind, tuple):
        return kind
    inner = kind[1]
    if isinstance(inner, dict):
        return [kind[0], {name: kind_of(item) for name, item in inner.items()}]
    return [kind[0], list(map(kind_of, inner)) if kind[0] == "tuple" else kind_of(inner)]


def test_there_are_enough() -> None:
    assert {name: len(calls) for name, calls in VALUES.items()} == {
        "collections": 301,
        "encodings": 127,
        "format": 225,
        "hashes": 21,
        "networks": 52,
        "numbers": 243,
        "patterns": 666,
        "strings": 151,
        "times": 67,
        "yaml": 132,
    }


@pytest.mark.parametrize("call", CALLS)
def test_call(found: dict[str, Any], call: str) -> None:
    value, expected = found[call], CALLS[call]
    if call in NEWER:
        assert expected is None
        assert written(value) == recorded(NEWER[call])
    elif call in WITHIN:
        assert to_text(value) == WITHIN[call]
    elif isinstance(value, Unknown):
        why = next((why for name, why in NOT_EVALUATED.items() if call.startswith(name)), None)
        if expected is not None or not value.reason.startswith("it cannot be evaluated: "):
            assert why is not None, value.reason
            assert why in value.reason
            assert not value.reason.startswith("it cannot be evaluated")
    else:
        assert expected is not None, value
        assert written(value) == recorded(expected["value"])
        if call not in UNTYPED:
            assert kind_of(type_of(value)) == expected["type"]


def test_little_is_left_out(found: dict[str, Any]) -> None:
    unknown = [call for call in CALLS if CALLS[call] is not None and isinstance(found[call], Unknown)]
    assert len(unknown) <= 23


BESIDE = """
resource "terraform_data" "u" {
  input = timestamp()
}

locals {
  s = terraform_data.u.id
  u = jsondecode(terraform_data.u.id)
  n = length(terraform_data.u.id)
}
"""

CERTAIN: dict[str, Any] = {
    'endswith(local.s, "")': True,
    'strcontains(local.s, "")': True,
    'strcontains("ab-${local.s}", "ab")': True,
    'matchkeys([local.s, "b"], ["x", "y"], ["y"])': ["b"],
    'join(",", ["a", local.s]) == "b"': False,
    'format("a%s", local.s) == "b"': False,
    'lower("ABC-${local.s}") == "abd"': False,
}
"""What is certain though Terraform leaves it to apply."""

LESS = frozenset(
    {
        # That a value is a string and no list, its provider says.
        'flatten([["a"], [local.s]])',
        'formatlist("%s-%s", ["a", "b"], local.s)',
        # The length of a set is not known where an item is not.
        'setunion(["a"], [local.s])',
        'sort(["b", local.s])',
    }
)
"""What stays unknown though a plan knows some of it."""

NULLABLE = frozenset(
    {
        'element(["a", "b"], local.n)',
        "jsondecode(local.s)",
        'lookup({ a = 1 }, local.s, 1)',
        'lookup(local.u, "a", 1)',
        "one(local.u)",
        "yamldecode(local.s)",
    }
)  # fmt: skip
"""What may be null."""

BEGINS = {
    'base64gzip(local.s)': "H4sIAAAAAAAA/",
    'bcrypt("a")': "$2a$",
    'coalesce("x-${local.s}", "b")': "x-",
    'coalesce(null, "x-${local.s}")': "x-",
    'format("%s-%s", "a", local.s)': "a-",
    'format("a%s", local.s)': "a",
    'join(",", ["a", "b"], [local.s])': "a,b,",
    'join(",", ["a", local.s])': "a,",
    'lower("ABC-${local.s}")': "abc",
    'trimprefix("ab-${local.s}", "ab")': "-",
}  # fmt: skip
"""How texts begin that are not known."""


@pytest.fixture(scope="module")
def waiting() -> dict[str, Any]:
    """What each call with unknown arguments gives here."""
    calls = RECORDED["unknown"]["calls"]
    blocks = [f'resource "r" "r{index}" {{\n  x = [{call}]\n}}\n' for index, call in enumerate(calls)]
    built = Built({"main.tf": BESIDE + "".join(blocks)})
    assert built.errors == []
    bodies = {resource.address: resource.body.get("x") for resource in built.resources}
    return {call: bodies[f"r.r{index}"][0] for index, call in enumerate(calls)}


@pytest.mark.parametrize("call", RECORDED["unknown"]["calls"])
def test_unknown(waiting: dict[str, Any], call: str) -> None:
    value, expected = waiting[call], RECORDED["unknown"]["calls"][call]
    if call in CERTAIN:
        assert expected == {"unknown": True}
        assert value == CERTAIN[call]
    elif call in LESS:
        assert isinstance(value, Unknown)
    else:
        as_known(value, expected)
    if isinstance(value, Unknown):
        assert not value.reason.startswith("it cannot be evaluated")
        assert value.not_null is (call not in NULLABLE)
        assert value.prefix == BEGINS.get(call, "")


def as_known(value: Any, expected: Any) -> None:
    """As known as in a plan of Terraform, and no more."""
    if expected == {"unknown": True}:
        assert isinstance(value, Unknown), value
    elif isinstance(expected, dict) and expected.keys() != {"number"}:
        assert isinstance(value, dict)
        assert value.keys() == expected.keys()
        for key in expected:
            as_known(value[key], expected[key])
    elif isinstance(expected, list):
        assert isinstance(value, list)
        assert len(value) == len(expected)
        for one, other in zip(value, expected, strict=True):
            as_known(one, other)
    else:
        assert written(value) == recorded(expected)
