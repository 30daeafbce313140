"""The known ways from permissions to more permissions, over whole documents."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.policy.iam.escalation import METHODS, escalations
from readiness.policy.statements import statements
from readiness.values import List, Unknown

WAITS = Unknown("var.a has no value", ("var.a",))
PASS = {"Action": "iam:PassRole", "Resource": "*"}
RUN = {"Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:instance/*"}


def found(*written: Any) -> List:
    """The escalations of a policy with these statements."""
    policy = statements({"Statement": list(written)})
    assert isinstance(policy, List)
    return escalations(policy)


def names(*written: Any) -> list[str]:
    """The names of those that are certain."""
    return [item["name"] for item in found(*written) if item["granted"] is True]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_each_method_needs_all_of_its_actions(method: Any) -> None:
    assert method.name in names({"Action": list(method.actions), "Resource": "*"})
    for missing in method.actions:
        rest = [action for action in method.actions if action != missing]
        assert method.name not in names({"Action": rest, "Resource": "*"})


def test_names_are_unique() -> None:
    assert len({method.name for method in METHODS}) == len(METHODS)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([PASS, RUN], ["PassRoleToInstance"]),
        ([{**PASS, "Resource": "arn:aws:iam::111122223333:role/*"}, RUN], ["PassRoleToInstance"]),
        ([{**PASS, "Resource": "arn:aws:iam::111122223333:role/worker"}, RUN], []),
        ([PASS, {**RUN, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}], []),
        ([PASS, {**RUN, "Effect": "Deny"}], []),
        ([PASS, {**RUN, "Principal": {"AWS": "111122223333"}}], []),
        ([PASS, RUN, {"Effect": "Deny", "Action": "ec2:Run*", "Resource": "*"}], []),
        ([PASS, RUN, {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}], []),
        (
            [
                PASS,
                RUN,
                {"Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam::111122223333:role/a"},
            ],
            ["PassRoleToInstance"],
        ),
        (
            [
                PASS,
                RUN,
                {
                    "Effect": "Deny",
                    "Action": "iam:*",
                    "Resource": "*",
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
                },
            ],
            ["PassRoleToInstance"],
        ),
        ([{"NotAction": "iam:*", "Resource": "*"}, PASS], None),
        (
            [{"Action": "iam:PutUserPolicy", "Resource": "arn:aws:iam::*:user/${aws:username}"}],
            ["PutUserPolicy"],
        ),
        ([{"Action": "iam:CreateLoginProfile", "Resource": "arn:aws:iam::*:user/${aws:username}"}], []),
        ([{"Action": "lambda:UpdateFunctionCode", "Resource": "arn:aws:lambda:*:*:function:exports-*"}], []),
        ([{"Action": "s3:*", "Resource": "*"}], []),
    ],
)
def test_documents(written: list[Any], expected: list[str] | None) -> None:
    given = names(*written)
    if expected is None:
        assert {"PassRoleToInstance", "PassRoleToFunction", "UpdateFunctionCode"} <= set(given)
        assert "CreatePolicyVersion" not in given
    else:
        assert given == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}, True),
        ({"StringLike": {"iam:passedtoservice": ["ecs-tasks.amazonaws.com", "ec2*"]}}, True),
        ({"StringEqualsIfExists": {"iam:PassedToService": "ec2.amazonaws.com"}}, True),
        ({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, False),
        ({"StringNotEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, False),
        (
            {
                "StringEquals": {
                    "iam:PassedToService": "ec2.amazonaws.com",
                    "aws:RequestedRegion": "eu-central-1",
                }
            },
            False,
        ),
        ({"StringEquals": {"iam:PassedToService": [WAITS]}}, None),
        ({"StringEquals": WAITS}, None),
        (WAITS, None),
    ],
)
def test_the_service_that_a_role_is_passed_to(condition: Any, expected: bool | None) -> None:
    items = found({**PASS, "Condition": condition}, RUN)
    if expected is None:
        assert [(item["name"], item["granted"]) for item in items] == [("PassRoleToInstance", WAITS)]
    else:
        assert bool(items) is expected


@pytest.mark.parametrize(
    "written",
    [
        [{**PASS, "Resource": [WAITS]}, RUN],
        [{**PASS, "Effect": WAITS}, RUN],
        [
            PASS,
            {"Action": [WAITS], "Resource": "*", "Sid": "Some"},
            {"Effect": "Deny", "NotAction": "ec2:Run*"},
        ],
        [PASS, RUN, {"Effect": WAITS, "Action": "iam:PassRole", "Resource": "*"}],
        [PASS, RUN, {"Effect": "Deny", "Action": [WAITS], "Resource": "*"}],
    ],
)
def test_unknowns_are_no_answer(written: list[Any]) -> None:
    answers = {item["name"]: item["granted"] for item in found(*written)}
    assert answers["PassRoleToInstance"] is WAITS


def test_an_unknown_pattern_of_another_service_decides_nothing() -> None:
    other = Unknown("var.verb has no value", ("var.verb",), prefix="s3:")
    assert found(PASS, {"Action": [other], "Resource": "*"}) == []


def test_a_statement_that_is_unknown_is_told() -> None:
    assert found(PASS, WAITS) == [WAITS]


def test_what_is_told_of_a_method() -> None:
    (item,) = found({**PASS, "Sid": "Pass", "Action": "iam:Pass*"}, RUN)
    assert item["kind"] == "pass-role"
    assert item["actions"] == ["iam:PassRole", "ec2:RunInstances"]
    assert item["patterns"] == ["iam:Pass*", "ec2:RunInstances"]
    assert item["sid"] == "Pass"
