"""Two unknowns are equal, different, or neither is known."""

from __future__ import annotations

import pytest

from readiness.policy import cel
from readiness.values import Unknown

ROLE = Unknown("only apply knows it", ("aws_iam_role.a.arn",), not_null=True, prefix="arn:aws:iam::")
KEY = Unknown("only apply knows it", ("aws_kms_key.a.arn",), not_null=True, prefix="arn:aws:kms:")
LONGER = Unknown("a template", ("var.name",), not_null=True, prefix="arn:aws:iam::1234:role/")
QUEUE = Unknown("a template", ("var.name",), prefix="orders-", suffix=".fifo")
TOPIC = Unknown("a template", ("var.name",), prefix="orders-", suffix="-topic")
PLAIN = Unknown("a variable", ("var.x",))

CASES = [
    # one, other, the result of ==: a bool, or None for unknown
    (ROLE, ROLE, None),
    (ROLE, KEY, False),
    (ROLE, LONGER, None),
    (LONGER, ROLE, None),
    (QUEUE, TOPIC, False),
    (QUEUE, PLAIN, None),
    (PLAIN, PLAIN, None),
    (ROLE, "arn:aws:sqs:::x", False),
    (ROLE, None, False),
]


@pytest.mark.parametrize(("one", "other", "expected"), CASES)
@pytest.mark.parametrize("operator", ["==", "!="])
def test_equality_of_unknowns(one: Unknown, other: object, expected: bool | None, operator: str) -> None:
    program = cel.compile(f"object.a {operator} object.b")
    for a, b in ((one, other), (other, one)):
        result = program.evaluate({"object": {"a": a, "b": b}})
        if expected is None:
            assert isinstance(result, Unknown)
        else:
            assert result is (expected if operator == "==" else not expected)


HERE = ("root", "aws_iam_role.a", "arn")
NAMED = Unknown("only apply knows it", ("aws_iam_role.a.arn",), not_null=True, identity=HERE)
AGAIN = Unknown("only apply knows it", ("aws_iam_role.a.arn",), identity=HERE)
OTHER = Unknown("only apply knows it", ("aws_iam_role.b.arn",), identity=("root", "aws_iam_role.b", "arn"))

SAME = [
    # condition, the result: None for unknown
    ("object.a == object.b", True),
    ("object.b == object.a", True),
    ("object.a != object.b", False),
    ("object['a'] == object.list[0]", True),
    ("object.a in object.list", True),
    ("object.other in object.list", None),
    ("object.a == object.other", None),
    ("object.a != object.other", None),
    ("object.list.exists(x, x == object.b)", True),
    ("object.a.x == object.b.x", None),
    ("object.a.x == object.a.y", None),
    ("object.a[0] == object.a[1]", None),
    ("object.a.x == object.b", None),
    ("object.a + 'x' == object.b", None),
    ("object.a.lowerAscii() == object.b", None),
    ("(object.a == 'x') == object.b", None),
    ("(object.a == 'x') == (object.b == 'y')", None),
    ("!object.a == object.b", None),
    ("(object.a && true) == object.b", None),
    ("(object.a ? 1 : 2) == object.b", None),
    ("has(object.b) == object.b", None),
    ("object.?b.orValue('x') == object.b", None),
    ("object.list.exists(x, x == 'y') == object.a", None),
]


@pytest.mark.parametrize(("condition", "expected"), SAME)
def test_one_value_in_two_places(condition: str, expected: bool | None) -> None:
    body = {"a": NAMED, "b": AGAIN, "other": OTHER, "list": [NAMED, "x"]}
    result = cel.compile(condition).evaluate({"object": body})
    if expected is None:
        assert isinstance(result, Unknown)
    else:
        assert result is expected
