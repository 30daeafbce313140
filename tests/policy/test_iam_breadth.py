"""What statements say of their breadth, and what of it stays unknown."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.estate.build import from_texts
from readiness.policy import cel
from readiness.policy.iam.arns import account_of, scope_of
from readiness.policy.statements import statements
from readiness.values import List, Unknown

WAITS = Unknown("var.a has no value", ("var.a",))
QUEUE = Unknown("known after apply", ("aws_sqs_queue.jobs.arn",), not_null=True, prefix="arn:")


def one(**written: Any) -> Any:
    """The only statement of a policy."""
    found = statements({"Statement": [{"Action": "s3:GetObject", "Resource": "*", **written}]})
    assert isinstance(found, List)
    return found[0]


def test_breadth_of_wildcards() -> None:
    statement = one(Action=["sqs:Receive*", "SQS:*Permission", "made:Up"])
    assert statement["expanded"] == [
        "made:Up",
        "sqs:AddPermission",
        "sqs:ReceiveMessage",
        "sqs:RemovePermission",
    ]
    assert statement["access"] == {
        "list": 0,
        "read": 1,
        "write": 0,
        "permissions_management": 2,
        "tagging": 0,
        "unknown": 1,
    }
    assert statement["levels"] == ["read", "permissions_management", "unknown"]
    assert statement["permissions"] == ["sqs:AddPermission", "sqs:RemovePermission"]
    assert statement["services"] == ["made", "sqs"]


def test_not_action_is_everything_else() -> None:
    statement = one(Action=None, NotAction=["iam:*", "sts:*"])
    assert "iam" not in statement["services"]
    assert "s3:PutBucketPolicy" in statement["permissions"]
    assert statement["access"]["write"] > 9_000


def test_unknown_actions_stay_unknown() -> None:
    statement = one(Action=["s3:GetObject", WAITS])
    assert statement["expanded"] == ["s3:GetObject", WAITS]
    assert statement["levels"] == ["read", WAITS]
    assert statement["access"]["write"] is WAITS
    assert one(Action=WAITS)["expanded"] == [WAITS]
    assert one(Action=None, NotAction=["s3:*", WAITS])["expanded"] == [WAITS]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('"s3:GetObject" in s.expanded', True),
        ('"s3:PutObject" in s.expanded', WAITS),
        ("s.access.read > 0", WAITS),
        ('s.levels.exists(l, l == "read")', True),
        ("has(s.expanded) && has(s.resource_scope)", True),
        ('s["services"].exists(x, x == "s3")', True),
        ("has(s.nonsense)", False),
        ("s.nonsense == null", True),
    ],
)
def test_conditions_see_them(condition: str, expected: Any) -> None:
    program = cel.compile(condition, variables={"s"})
    assert program.evaluate({"s": one(Action=["s3:GetObject", WAITS])}) is expected


def test_what_is_worked_out_is_not_listed() -> None:
    statement = one()
    assert statement["levels"] == ["read"]
    assert "levels" not in list(statement)
    assert statement == one()
    with pytest.raises(KeyError):
        statement["nonsense"]


@pytest.mark.parametrize(
    ("pattern", "scope"),
    [
        ("*", "all"),
        ("**", "all"),
        ("arn:aws:s3*", "all"),
        ("arn:aws:s3:::*", "service"),
        ("arn:aws:s3:::*/*", "service"),
        ("arn:aws:s3:::acme-reports/*", "prefix"),
        ("arn:aws:s3:::acme-*", "prefix"),
        ("arn:aws:s3:::acme-reports", "specific"),
        ("arn:aws:iam::111122223333:role/*", "service"),
        ("arn:aws:iam::*:role/deploy", "specific"),
        ("arn:aws:iam::111122223333:role/app*", "prefix"),
        ("arn:aws:iam::111122223333:*", "service"),
        ("arn:aws:ssm:*:*:parameter*", "service"),
        ("arn:aws:ssm:*:*:parameter/checkout/*", "prefix"),
        ("arn:aws:secretsmanager:eu-central-1:111122223333:secret:*", "service"),
        ("arn:aws:secretsmanager:eu-central-1:111122223333:secret:checkout-??????", "prefix"),
        ("arn:aws:logs:*:*:log-group:/aws/lambda/*", "prefix"),
        ("arn:aws:sqs:*:*:*", "service"),
        ("arn:aws:apigateway:eu-central-1::/restapis/*", "service"),
        ("arn:aws:made:::gizmo/*", "prefix"),
    ],
)
def test_scope(pattern: str, scope: str) -> None:
    assert scope_of(pattern) == scope


def unknown(ref: str, prefix: str = "", suffix: str = "") -> Unknown:
    """An unknown text."""
    return Unknown("not known", (ref,), not_null=True, prefix=prefix, suffix=suffix)


@pytest.mark.parametrize(
    ("pattern", "scope"),
    [
        (unknown("aws_s3_bucket.b.arn", "arn:"), "specific"),
        (unknown("aws_s3_bucket.b.arn", "arn:", "/*"), "prefix"),
        (unknown("module.m.aws_s3_bucket.b[0].arn", "arn:", "/*"), "prefix"),
        (unknown("aws_cloudwatch_log_group.g.arn", "arn:", ":*"), "prefix"),
        (unknown("data.aws_caller_identity.me.account_id", "arn:aws:iam::", ":role/*"), "service"),
        (unknown("var.account", "arn:aws:iam::", ":role/*"), "service"),
        (unknown("var.account", "arn:aws:iam::", ":role/deploy"), "specific"),
        (unknown("data.aws_partition.p.partition", "arn:", ":role/*"), "service"),
        (unknown("var.region", "arn:aws:secretsmanager:", ":111122223333:secret:a-*"), "prefix"),
        (unknown("var.region", "arn:aws:secretsmanager:", ":111122223333:secret:*"), "service"),
        (unknown("var.bucket", "arn:aws:s3:::", "/*"), None),
        (unknown("var.bucket", "arn:aws:s3:::acme-"), "prefix"),
        (unknown("var.name", "arn:aws:iam::111122223333:role/"), None),
        (unknown("aws_s3_bucket.b.id", "arn:aws:s3:::", "/*"), "prefix"),
        (unknown("var.arn"), None),
        (unknown("module.m.arn", "arn:"), None),
        (unknown("data.aws_ssm_parameter.p.value"), None),
    ],
)
def test_scope_of_what_is_known_in_part(pattern: Unknown, scope: str | None) -> None:
    assert scope_of(pattern) == (pattern if scope is None else scope)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"Resource": ["arn:aws:s3:::a", "arn:aws:s3:::b/*"]}, "prefix"),
        ({"Resource": ["arn:aws:s3:::a", "*"]}, "all"),
        ({"Resource": [WAITS, "*"]}, "all"),
        ({"Resource": [WAITS, "arn:aws:s3:::a"]}, WAITS),
        ({"Resource": WAITS}, WAITS),
        ({"Resource": [QUEUE]}, "specific"),
        ({"Resource": None}, None),
        ({"Resource": None, "NotResource": "arn:aws:s3:::a"}, "all"),
    ],
)
def test_scope_of_a_statement(written: dict[str, Any], expected: Any) -> None:
    assert one(**written)["resource_scope"] == expected
    assert one(**written)["scope"] == expected


def test_condition_keys() -> None:
    tests = {
        "StringEquals": {"aws:SourceArn": "x", "AWS:sourcearn": "x"},
        "Bool": {"aws:SecureTransport": "true"},
    }
    assert one(Condition=tests)["condition_keys"] == ["aws:securetransport", "aws:sourcearn"]
    assert one()["condition_keys"] == []
    assert one(Condition=WAITS)["condition_keys"] is WAITS
    assert one(Condition={"Bool": WAITS})["condition_keys"] == [WAITS]
    named = one(Condition=unknown("var.issuer", suffix=":sub"))["condition_keys"]
    program = cel.compile('keys.exists(k, k.endsWith(":sub"))', variables={"keys"})
    assert program.evaluate({"keys": named}) is True
    assert isinstance(cel.compile('"a" in keys', variables={"keys"}).evaluate({"keys": named}), Unknown)


@pytest.mark.parametrize(
    ("principal", "account"),
    [
        ("111122223333", "111122223333"),
        ("arn:aws:iam::111122223333:root", "111122223333"),
        ("arn:aws-cn:sts::111122223333:assumed-role/a/b", "111122223333"),
        (unknown("var.role", "arn:aws:iam::111122223333:role/"), "111122223333"),
        ("*", None),
        ("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1", None),
        ("AIDACKCEVSQ6C2EXAMPLE", None),
    ],
)
def test_account(principal: Any, account: str | None) -> None:
    assert account_of(principal) == account


def test_principals_by_kind() -> None:
    principal = {"AWS": ["111122223333", "*"], "Service": "ec2.amazonaws.com", "Federated": ["a", "b"]}
    statement = one(Principal=principal)
    assert statement["accounts"] == ["111122223333"]
    assert statement["service_principals"] == ["ec2.amazonaws.com"]
    assert statement["federated_principals"] == ["a", "b"]
    assert one(Principal=WAITS)["service_principals"] == [WAITS]
    assert one()["accounts"] == []


@pytest.mark.parametrize(
    ("principals", "resource", "expected"),
    [
        (["111122223333", "444455556666"], "arn:aws:sqs:eu-central-1:111122223333:jobs", ["444455556666"]),
        (["111122223333"], "arn:aws:sqs:eu-central-1:111122223333:jobs", []),
        ([], "*", []),
        (["111122223333"], "arn:aws:s3:::acme-reports", None),
        ([unknown("data.aws_caller_identity.me.account_id")], "*", []),
        ([unknown("module.m.aws_iam_role.r[0].arn", "arn:")], "*", []),
    ],
)
def test_external_accounts(principals: list[Any], resource: str, expected: list[str] | None) -> None:
    found = one(Principal={"AWS": principals}, Resource=resource)["external_accounts"]
    assert isinstance(found, Unknown) if expected is None else found == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"Action": "*"}, True),
        ({"Action": "iam:CreatePolicyVersion"}, True),
        ({"Action": "iam:CreatePolicyVersion", "Resource": "arn:aws:iam::111122223333:policy/a"}, False),
        ({"Action": "iam:PassRole"}, False),
        ({"Action": ["iam:PassRole", "ec2:RunInstances"]}, True),
        ({"Action": "iam:CreatePolicyVersion", "Resource": [WAITS]}, WAITS),
    ],
)
def test_privileged(written: dict[str, Any], expected: Any) -> None:
    assert one(**written)["privileged"] is expected


DOCUMENT = """
resource "aws_sqs_queue" "jobs" { name = "jobs" }
data "aws_iam_policy_document" "worker" {
  statement {
    actions   = ["sqs:*Permission"]
    resources = [aws_sqs_queue.jobs.arn]
  }
}
"""


def test_the_body_of_a_document_is_a_policy() -> None:
    loaded = from_texts({"main.tf": DOCUMENT})
    (resource,) = loaded.estate.of_type("data.aws_iam_policy_document")
    (statement,) = statements(resource.body)
    assert statement["permissions"] == ["sqs:AddPermission", "sqs:RemovePermission"]
    assert statement["resource_scope"] == "specific"
    assert statement.span_of("permissions").line == 5
    assert statement.span_of("resource_scope").line == 6
