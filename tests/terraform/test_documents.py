"""`aws_iam_policy_document`: the JSON that it renders."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from readiness.values import JsonText, Unknown

Build = Callable[..., Any]

BESIDE = """
variable "u" {}
resource "aws_s3_bucket" "b" {}
data "aws_iam_policy_document" "first" {
  statement {
    sid       = "One"
    actions   = ["s3:Get*"]
    resources = ["*"]
  }
  statement {
    actions   = ["s3:List*"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "second" {
  statement {
    sid     = "One"
    effect  = "Deny"
    actions = ["s3:Put*"]
  }
}
"""


def document(build: Build, text: str) -> Any:
    """The value of `json`, from another resource that uses it."""
    use = 'resource "r" "use" { policy = data.aws_iam_policy_document.x.json }\n'
    built = build(f'{BESIDE}\ndata "aws_iam_policy_document" "x" {{\n{text}\n}}\n{use}')
    assert built.errors == []
    return built["r.use"].body["policy"]


ONE = {"Sid": "One", "Effect": "Allow", "Action": ["s3:Get*"], "Resource": ["*"]}
LIST = {"Effect": "Allow", "Action": ["s3:List*"], "Resource": ["*"]}
DENY = {"Sid": "One", "Effect": "Deny", "Action": ["s3:Put*"]}
OWN = {"Sid": "Own", "Effect": "Allow", "Action": ["a"]}
OWN_TEXT = 'statement {\n sid = "Own"\n actions = ["a"]\n}'
FIRST, SECOND = (f"data.aws_iam_policy_document.{name}.json" for name in ("first", "second"))

STATEMENTS: list[tuple[str, list[Any]]] = [
    ("", []),
    ('statement {\n effect = "Deny"\n not_actions = ["a"]\n not_resources = ["b"]\n}',
     [{"Effect": "Deny", "NotAction": ["a"], "NotResource": ["b"]}]),
    ('statement {\n principals {\n type = "AWS"\n identifiers = ["a", "b"]\n}\n principals {\n type = "Service"\n identifiers = ["c"]\n}\n}',
     [{"Effect": "Allow", "Principal": {"AWS": ["a", "b"], "Service": ["c"]}}]),
    ('statement {\n principals {\n type = "AWS"\n identifiers = ["a"]\n}\n principals {\n type = "AWS"\n identifiers = ["b"]\n}\n}',
     [{"Effect": "Allow", "Principal": {"AWS": ["a", "b"]}}]),
    ('statement {\n principals {\n type = "*"\n identifiers = ["*"]\n}\n}', [{"Effect": "Allow", "Principal": "*"}]),
    ('statement {\n not_principals {\n type = "AWS"\n identifiers = ["a"]\n}\n}',
     [{"Effect": "Allow", "NotPrincipal": {"AWS": ["a"]}}]),
    ('statement {\n condition {\n test = "T"\n variable = "v"\n values = ["1"]\n}\n condition {\n test = "T"\n variable = "w"\n values = ["2"]\n}\n}',
     [{"Effect": "Allow", "Condition": {"T": {"v": ["1"], "w": ["2"]}}}]),
    ('statement {\n condition {\n test = "T"\n variable = "v"\n values = ["1"]\n}\n condition {\n test = "T"\n variable = "v"\n values = ["2"]\n}\n}',
     [{"Effect": "Allow", "Condition": {"T": {"v": ["1", "2"]}}}]),
    ('statement {\n resources = ["arn:aws:s3:::b/&{aws:username}"]\n}',
     [{"Effect": "Allow", "Resource": ["arn:aws:s3:::b/${aws:username}"]}]),
    ("statement {\n actions = []\n dynamic \"principals\" {\n for_each = []\n content {}\n}\n}", [{"Effect": "Allow"}]),
    ('dynamic "statement" {\n for_each = ["a", "b"]\n content {\n actions = [statement.value]\n}\n}',
     [{"Effect": "Allow", "Action": ["a"]}, {"Effect": "Allow", "Action": ["b"]}]),
    (f"source_policy_documents = [{FIRST}]\n{OWN_TEXT}", [ONE, LIST, OWN]),
    (f"source_policy_documents = [{FIRST}, {SECOND}]", [DENY, LIST]),
    (f"source_policy_documents = [{FIRST}]\nstatement {{\n sid = \"One\"\n}}", [{"Sid": "One", "Effect": "Allow"}, LIST]),
    (f"override_policy_documents = [{SECOND}]\nstatement {{\n sid = \"One\"\n}}\n{OWN_TEXT}", [DENY, OWN]),
    (f"override_policy_documents = [{SECOND}]", [DENY]),
    (f"source_json = {FIRST}\noverride_json = {SECOND}", [DENY, LIST]),
    ("source_policy_documents = [jsonencode({ Statement = { Sid = \"S\" } }), \"\"]", [{"Sid": "S"}]),
    ("source_policy_documents = null", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "statements"), STATEMENTS, ids=[text for text, _ in STATEMENTS])
def test_statements(build: Build, text: str, statements: list[Any]) -> None:
    found = document(build, text)
    assert isinstance(found, JsonText)
    assert json.loads(found) == {"Version": "2012-10-17", "Statement": statements}
    assert found.value == {"Version": "2012-10-17", "Statement": statements}


def test_version_and_id(build: Build) -> None:
    found = document(build, 'version = "2008-10-17"\npolicy_id = "p"')
    assert json.loads(found) == {"Version": "2008-10-17", "Id": "p", "Statement": []}


def test_places_in_a_document(build: Build) -> None:
    found = document(build, 'statement {\n  actions = ["*"]\n}')
    statement = found.value["Statement"][0]
    assert statement.span == ("main.tf", 24, 1, 26, 2)
    assert statement.value_spans["Action"] == ("main.tf", 25, 13, 25, 18)


PARTLY: list[tuple[str, str, dict[str, Any]]] = [
    ("statement {\n resources = [aws_s3_bucket.b.arn]\n}", "aws_s3_bucket.b.arn", {"Effect": "Allow"}),
    ("statement {\n effect = var.u\n}", "var.u", {}),
    ("statement {\n principals {\n type = \"AWS\"\n identifiers = var.u\n}\n}", "var.u", {"Effect": "Allow"}),
    ("statement {\n principals {\n type = var.u\n identifiers = []\n}\n}", "var.u", {"Effect": "Allow"}),
    ("statement {\n condition {\n test = \"T\"\n variable = \"v\"\n values = var.u\n}\n}", "var.u", {"Effect": "Allow"}),
    ("statement {\n condition {\n test = var.u\n variable = \"v\"\n values = []\n}\n}", "var.u", {"Effect": "Allow"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "ref", "known"), PARTLY, ids=[text for text, _, _ in PARTLY])
def test_partly_unknown(build: Build, text: str, ref: str, known: dict[str, Any]) -> None:
    found = document(build, text)
    assert isinstance(found, Unknown)
    assert found.refs == (ref,)
    assert found.not_null
    (statement,) = found.document["Statement"]
    assert {key: statement[key] for key in known} == known


WHOLLY = [
    ("source_policy_documents = [var.u]", "var.u has no default and no value here"),
    ("source_policy_documents = var.u", "var.u has no default and no value here"),
    ("override_json = var.u", "var.u has no default and no value here"),
    (
        'dynamic "statement" {\n for_each = var.u\n content {}\n}',
        'the blocks of `dynamic "statement"` depend on var.u',
    ),
    ('source_policy_documents = ["{"]', "a policy document is not JSON: jsondecode(): the text is not JSON"),
    ('source_policy_documents = ["[]"]', "the policy document is not valid"),
    ("source_policy_documents = [jsonencode([])]", "the policy document is not valid"),
    ("source_policy_documents = [1]", "the policy document is not valid"),
    ("source_policy_documents = [{}]", "a policy document is not JSON: jsondecode(): argument 1"),
    ('statement = ["x"]', "the policy document is not valid"),
    ("statement = var.u", "var.u has no default and no value here"),
]


@pytest.mark.parametrize(("text", "why"), WHOLLY, ids=[text for text, _ in WHOLLY])
def test_unknown(build: Build, text: str, why: str) -> None:
    found = document(build, text)
    assert isinstance(found, Unknown)
    assert found.reason.startswith(why)
    assert (found.not_null, found.document) == (True, None)


def test_references_through_a_document(build: Build) -> None:
    text = BESIDE + (
        'data "aws_iam_policy_document" "x" {\n  statement {\n    resources = [aws_s3_bucket.b.arn]\n  }\n}\n'
        'resource "r" "use" { policy = data.aws_iam_policy_document.x.json }\n'
    )
    built = build(text)
    data = built["data.aws_iam_policy_document.x"]
    assert data.type == "data.aws_iam_policy_document"
    assert [(link.address, link.via) for link in data.references] == [
        ("aws_s3_bucket.b", "statement.resources")
    ]
    assert [link.address for link in built["r.use"].references] == [
        "data.aws_iam_policy_document.x",
        "aws_s3_bucket.b",
    ]
