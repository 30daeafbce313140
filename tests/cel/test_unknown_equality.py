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
