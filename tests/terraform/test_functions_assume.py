"""The `assume…` functions, whose documentation is https://opentofu.org/docs/language/functions/assume_family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from readiness.values import Unknown

Value = Callable[..., Any]
BESIDE = 'resource "aws_vpc" "v" {}\nvariable "u" {}\n'

KNOWN: list[tuple[str, Any]] = [
    ('assumeequal("a", "a")', "a"),
    ('assumeequal(1, "1")', "1"),
    ('assumeequal(aws_vpc.v.arn, "arn:a")', "arn:a"),
    ('assumenotnull("a")', "a"),
    ("assumenotnull(var.u) != null", True),
    ('assumestringprefix("vpc-1", "vpc-")', "vpc-1"),
    ('startswith(assumestringprefix(aws_vpc.v.id, "vpc-"), "vpc-")', True),
    ('assumestringprefix(aws_vpc.v.id, "vpc-") == ""', False),
    ("assumestringprefix(null, \"a\")", None),
    ("assumelistlength([1, 2], 1, 2)", [1, 2]),
    ("assumelistlengthmin([1], 1)", [1]),
    ("assumelistlengthmax([1], 1)", [1]),
    ('assumesetlength(toset(["a"]), 1, 1)', ["a"]),
    ('assumesetlengthmin(toset(["a"]), 0)', ["a"]),
    ('assumesetlengthmax(toset(["a"]), 1)', ["a"]),
    ("assumemaplength({ a = 1 }, 0, 1)", {"a": 1}),
    ("assumemaplengthmin({ a = 1 }, 1)", {"a": 1}),
    ("assumemaplengthmax({ a = 1 }, 1)", {"a": 1}),
    ("assumemaplengthmax(null, 1)", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), KNOWN, ids=[text for text, _ in KNOWN])
def test_known(value: Value, text: str, expected: Any) -> None:
    assert value(text, BESIDE) == expected


REFUSED = [
    ('assumeequal("a", "b")', "assumeequal(): the two values are not equal"),
    ('assumeequal("a", 1)', "assumeequal(): 'a' is not a number"),
    ("assumenotnull(null)", "assumenotnull(): the value is null"),
    ('assumestringprefix("subnet-1", "vpc-")', "assumestringprefix(): the text does not begin with 'vpc-'"),
    ("assumelistlength([], 1, 2)", "assumelistlength(): there are fewer than 1 items"),
    ("assumelistlengthmax([1, 2], 1)", "assumelistlengthmax(): there are more than 1 items"),
    ("assumemaplengthmin([], 0)", "assumemaplengthmin(): a map is required"),
    ("assumesetlengthmin({}, 0)", "assumesetlengthmin(): a list or set is required"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[text for text, _ in REFUSED])
def test_refused(reason: Callable[..., str], text: str, message: str) -> None:
    assert reason(text, BESIDE) == f"it cannot be evaluated: {message}"


def test_unknown(value: Value) -> None:
    found = value('assumenotnull(assumestringprefix(aws_vpc.v.id, "vpc-"))', BESIDE)
    assert isinstance(found, Unknown)
    assert (found.prefix, found.not_null, found.refs) == ("vpc-", True, ("aws_vpc.v.id",))
    assert value("assumelistlengthmin(var.u, 1)", BESIDE).refs == ("var.u",)
