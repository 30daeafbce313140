"""IAM policies in every form they are written give the same statements, with spans and unknowns."""

from __future__ import annotations

import json
from typing import Any

import pytest

from readiness.estate.build import from_texts
from readiness.policy.statements import statements
from readiness.values import JsonText, List, Map, Unknown

NORMAL = {
    "sid": "Read",
    "effect": "Allow",
    "actions": ["s3:GetObject"],
    "not_actions": [],
    "resources": ["*"],
    "not_resources": [],
    "principals": ["*"],
    "public": True,
    "not_principals": False,
    "conditions": {},
}
WRITTEN = {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*", "Principal": "*"}
DOCUMENT = {"Version": "2012-10-17", "Statement": [WRITTEN]}

TERRAFORM = {
    "JSON text": """
resource "demo" "a" {
  policy = "{\\"Statement\\": {\\"Sid\\": \\"Read\\", \\"Action\\": [\\"s3:GetObject\\"], \\"Resource\\": \\"*\\", \\"Principal\\": \\"*\\"}}"
}
""",
    "heredoc": """
resource "demo" "a" {
  policy = <<-EOT
    {"Statement": [{"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": ["*"], "Principal": "*"}]}
  EOT
}
""",
    "jsonencode": """
resource "demo" "a" {
  policy = jsonencode({
    Statement = [{ Sid = "Read", Effect = "Allow", Action = ["s3:GetObject"], Resource = "*", Principal = "*" }]
  })
}
""",
    "local": """
locals {
  p = { Statement = { Sid = "Read", Action = "s3:GetObject", Resource = "*", Principal = "*" } }
}
resource "demo" "a" {
  policy = jsonencode(local.p)
}
""",
    "document": """
data "aws_iam_policy_document" "d" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
resource "demo" "a" {
  policy = data.aws_iam_policy_document.d.json
}
""",
}


def policy_of(text: str) -> Any:
    """The argument `policy` of the resource in a Terraform text."""
    loaded = from_texts({"main.tf": text})
    assert loaded.errors == []
    (resource,) = loaded.estate.by_type["demo"]
    return resource.body["policy"]


def read(document: Any) -> List:
    """The statements of a policy that has some."""
    found = statements(document)
    assert isinstance(found, List)
    return found


def plain(value: Any) -> Any:
    """Plain lists and mappings."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("form", TERRAFORM)
def test_forms_of_terraform(form: str) -> None:
    assert plain(statements(policy_of(TERRAFORM[form]))) == [NORMAL]


@pytest.mark.parametrize(
    "document",
    [
        DOCUMENT,
        {"Statement": WRITTEN},
        json.dumps(DOCUMENT),
        JsonText(json.dumps(DOCUMENT), Map(DOCUMENT)),
        Map({"Statement": List([Map(WRITTEN)])}),
        Unknown("it waits for var.a", document=Map({"Statement": List([Map(WRITTEN)])})),
    ],
    ids=["mapping", "one statement", "text", "text with its value", "with spans", "known in parts"],
)
def test_forms_of_values(document: Any) -> None:
    assert plain(statements(document)) == [NORMAL]


@pytest.mark.parametrize(
    "nothing", [None, "", "no JSON", "[]", "1", {}, {"Statement": None}, {"Statement": []}, 3, "[" * 9999]
)
def test_no_policy_has_no_statements(nothing: Any) -> None:
    assert statements(nothing) == []


@pytest.mark.parametrize(
    ("written", "name", "expected"),
    [
        ({}, "effect", "Allow"),
        ({"Effect": "Deny"}, "effect", "Deny"),
        ({}, "sid", None),
        ({"Action": "a:b"}, "actions", ["a:b"]),
        ({"NotAction": ["a:b"]}, "not_actions", ["a:b"]),
        ({"NotAction": ["a:b"]}, "actions", []),
        ({"NotResource": "arn"}, "not_resources", ["arn"]),
        ({"NotPrincipal": {"AWS": "x"}}, "not_principals", True),
        ({"NotPrincipal": {"AWS": "x"}}, "public", False),
        ({}, "principals", []),
        ({"Principal": "*"}, "principals", ["*"]),
        ({"Principal": {"AWS": ["1", "2"], "Service": "ec2"}}, "principals", ["1", "2", "ec2"]),
        ({"Principal": {"AWS": "*"}}, "public", True),
        ({"Principal": {"AWS": ["1", "*"]}}, "public", True),
        ({"Principal": {"AWS": "1"}}, "public", False),
        ({"Principal": {"Service": "*"}}, "public", False),
        ({"Condition": {"Bool": {"a": "true"}}}, "conditions", {"Bool": {"a": "true"}}),
        ({"Condition": None}, "conditions", {}),
    ],
)
def test_parts(written: dict[str, Any], name: str, expected: Any) -> None:
    (statement,) = read({"Statement": [written]})
    assert plain(statement[name]) == expected


WAITS = Unknown("var.a has no value", ("var.a",))


def test_unknowns_stay_unknown() -> None:
    assert statements(WAITS) is WAITS
    assert statements({"Statement": WAITS}) is WAITS
    assert statements({"Statement": [WAITS]}) == [WAITS]
    (statement,) = read({"Statement": [{"Action": WAITS, "Principal": WAITS, "Effect": WAITS}]})
    assert [statement[name] for name in ("actions", "principals", "public", "effect")] == [WAITS] * 4
    assert statement["resources"] == []


def test_one_unknown_account_hides_no_star() -> None:
    (statement,) = read({"Statement": [{"Principal": {"AWS": [WAITS, "*"]}}]})
    assert statement["public"] is True
    (statement,) = read({"Statement": [{"Principal": {"AWS": [WAITS, "1"]}}]})
    assert statement["public"] is WAITS


def test_unknown_parts_in_terraform() -> None:
    text = TERRAFORM["jsonencode"].replace('Resource = "*"', "Resource = var.arn") + 'variable "arn" {}\n'
    (statement,) = read(policy_of(text))
    assert statement["actions"] == ["s3:GetObject"]
    assert isinstance(statement["resources"], Unknown) or isinstance(statement["resources"][0], Unknown)


@pytest.mark.parametrize(("form", "line"), [("jsonencode", 4), ("document", 5)])
def test_spans_lead_to_what_is_written(form: str, line: int) -> None:
    (statement,) = read(policy_of(TERRAFORM[form]))
    span = statement.span_of("actions")
    assert span is not None
    assert (span.path, span.line) == ("main.tf", line)


def test_a_statement_that_is_none() -> None:
    assert plain(statements({"Statement": ["text"]})) == [{}]
