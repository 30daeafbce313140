"""Functions of resources and modules as a whole, of which only what is written is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.terraform.conftest import Build

from readiness.values import Unknown

Value = Callable[..., Any]

BESIDE = """\
resource "aws_s3_bucket" "b" {
  bucket = "logs"
}

resource "aws_s3_bucket" "each" {
  for_each = toset(["x", "y"])
  bucket   = each.key
}
"""


@pytest.mark.parametrize(
    "call",
    [
        "jsonencode(aws_s3_bucket.b)",
        "keys(aws_s3_bucket.b)",
        "length(aws_s3_bucket.b)",
        "merge(aws_s3_bucket.b, { a = 1 })",
        "values(aws_s3_bucket.b)",
        "yamlencode(aws_s3_bucket.b)",
    ],
)
def test_a_resource_is_known_in_part(value: Value, call: str) -> None:
    found = value(call, BESIDE)
    assert isinstance(found, Unknown)
    assert found.reason == "of aws_s3_bucket.b only the arguments that are written are known"
    assert found.refs == ("aws_s3_bucket.b",)
    assert found.not_null


def test_a_resource_inside_of_what_is_encoded(value: Value) -> None:
    found = value("jsonencode({ a = 1, b = [aws_s3_bucket.b] })", BESIDE)
    assert isinstance(found, Unknown)
    assert found.document["a"] == 1
    assert isinstance(found.document["b"][0], Unknown)


def test_lookup_of_an_attribute(value: Value) -> None:
    assert value('lookup(aws_s3_bucket.b, "bucket", "none")', BESIDE) == "logs"
    found = value('lookup(aws_s3_bucket.b, "arn", "none")', BESIDE)
    assert isinstance(found, Unknown)
    assert found.refs == ("aws_s3_bucket.b.arn",)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("keys(aws_s3_bucket.each)", ["x", "y"]),
        ("length(aws_s3_bucket.each)", 2),
        ("values(aws_s3_bucket.each)[*].bucket", ["x", "y"]),
        ("nonsensitive(aws_s3_bucket.b).bucket", "logs"),
    ],
)
def test_instances_of_a_resource(value: Value, call: str, expected: Any) -> None:
    assert value(call, BESIDE) == expected


def test_outputs_of_a_module(build: Build) -> None:
    built = build(
        {
            "main.tf": 'module "m" {\n  source = "./m"\n}\nresource "r" "r" {\n'
            "  x = jsonencode(module.m)\n  y = keys(module.m)\n  z = merge(module.m, { a = 3 }).a\n}\n",
            "m/main.tf": 'output "a" {\n  value = 1\n}\noutput "b" {\n  value = "x"\n}\n',
        }
    )
    body = built["r.r"].body
    assert body["x"] == '{"a":1,"b":"x"}'
    assert body["y"] == ["a", "b"]
    assert body["z"] == 3
