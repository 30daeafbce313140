"""Functions of providers, with the examples of their documentation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from readiness.terraform.functions import call
from readiness.terraform.kinds import OBJECT, type_of
from readiness.values import List, Map, Unknown

Value = Callable[..., Any]
INSTANCE = "projects/my-project/zones/us-central1-c/instances/my-instance"
SUBNETWORK = (
    "https://www.googleapis.com/compute/v1/projects/my-project/regions/us-central1/subnetworks/my-subnetwork"
)
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  configfile: a\n"

KNOWN: list[tuple[str, list[Any], Any]] = [
    (
        "provider::aws::arn_parse",
        ["arn:aws:iam::444455556666:role/example"],
        {
            "partition": "aws",
            "service": "iam",
            "region": "",
            "account_id": "444455556666",
            "resource": "role/example",
        },
    ),
    (
        "provider::aws::arn_parse",
        ["arn:aws:logs:eu-west-1:1:log-group:/a:*"],
        {
            "partition": "aws",
            "service": "logs",
            "region": "eu-west-1",
            "account_id": "1",
            "resource": "log-group:/a:*",
        },
    ),
    (
        "provider::aws::arn_build",
        ["aws", "iam", "", "444455556666", "role/example"],
        "arn:aws:iam::444455556666:role/example",
    ),
    (
        "provider::aws::trim_iam_role_path",
        ["arn:aws:iam::444455556666:role/with/path/example"],
        "arn:aws:iam::444455556666:role/example",
    ),
    (
        "provider::aws::trim_iam_role_path",
        ["arn:aws:iam::444455556666:role/example"],
        "arn:aws:iam::444455556666:role/example",
    ),
    ("provider::google::name_from_id", [INSTANCE], "my-instance"),
    ("provider::google::project_from_id", [INSTANCE], "my-project"),
    ("provider::google::zone_from_id", [INSTANCE], "us-central1-c"),
    ("provider::google::region_from_id", [SUBNETWORK], "us-central1"),
    (
        "provider::google::location_from_id",
        ["projects/my-project/locations/us-central1/services/my-service"],
        "us-central1",
    ),
    ("provider::google::region_from_zone", ["us-central1-b"], "us-central1"),
    ("provider::google-beta::region_from_zone", ["us-central1-b"], "us-central1"),
    (
        "provider::kubernetes::manifest_decode",
        [MANIFEST],
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"configfile": "a"}},
    ),
    (
        "provider::kubernetes::manifest_decode_multi",
        [f"---\n{MANIFEST}---\n---\napiVersion: v1\nkind: Secret\nmetadata: {{}}\n"],
        [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"configfile": "a"}},
            {"apiVersion": "v1", "kind": "Secret", "metadata": {}},
        ],
    ),
    ("provider::terraform::encode_tfvars", [Map({"example": "Hello!"})], 'example = "Hello!"\n'),
    ("provider::terraform::encode_tfvars", [Map()], ""),
    (
        "provider::terraform::decode_tfvars",
        ['example = "Hello!"\nother = [1, {b = 2}]\n# c\nd = <<E\nhi\nE\n'],
        {"example": "Hello!", "other": [1, {"b": 2}], "d": "hi\n"},
    ),
    ("provider::terraform::decode_tfvars", [""], {}),
    ("provider::terraform::decode_tfvars", ["a = [for x in [1, 2]: x + 1]\nb = -1\nc = null"], {"a": [2, 3], "b": -1, "c": None}),
    ("provider::terraform::encode_expr", ["a"], '"a"'),
    ("provider::terraform::encode_expr", [1.5], "1.5"),
    ("provider::terraform::encode_expr", [True], "true"),
    ("provider::terraform::encode_expr", [[]], "[]"),
    ("provider::terraform::encode_expr", [{}], "{}"),
    ("provider::terraform::encode_expr", ['h\n"x" ${a} %{b} \\ \t é 😀 \x01 \u200b $ % $$'],
     '"h\\n\\"x\\" $${a} %%{b} \\\\ \\t é 😀 \\u0001 \\u200b $ % $$"'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "expected"), KNOWN, ids=[f"{case[0]} {case[1]}" for case in KNOWN])
def test_known(name: str, args: list[Any], expected: Any) -> None:
    found = call(name, args)
    assert found == expected
    if isinstance(expected, dict):
        assert type_of(found)[0] == OBJECT
    elif isinstance(expected, list):
        assert type_of(found)[0] == "tuple"


REFUSED = [
    ("provider::aws::arn_parse", "arn:aws:iam::1", "'arn:aws:iam::1' is no ARN: it has not the six parts of one"),
    ("provider::aws::arn_parse", "a:b:c:d:e:f", "'a:b:c:d:e:f' is no ARN"),
    ("provider::aws::trim_iam_role_path", "arn:aws:iam::1:user/a", "'arn:aws:iam::1:user/a' is not the ARN of a role"),
    ("provider::aws::trim_iam_role_path", "arn:aws:iam:x:1:role/a", "is not the ARN of a role"),
    ("provider::google::zone_from_id", SUBNETWORK, "does not hold 'zones/([^/]+)/'"),
    ("provider::google::name_from_id", "a", "'a' does not hold"),
    ("provider::google::region_from_zone", "foobar", "'foobar' is not the name of a zone"),
    ("provider::google::region_from_zone", "", "'' is not the name of a zone"),
    ("provider::kubernetes::manifest_decode", "kind: Pod\nmetadata: {}", "the manifest has no apiVersion"),
    ("provider::kubernetes::manifest_decode", "", "the text holds 0 manifests, not one"),
    ("provider::kubernetes::manifest_decode", f"{MANIFEST}---\n{MANIFEST}", "the text holds 2 manifests, not one"),
    ("provider::kubernetes::manifest_decode", "a: [", "the text is not YAML"),
    ("provider::kubernetes::manifest_decode_multi", "- a", "a manifest is an object"),
    ("provider::kubernetes::manifest_encode", {}, "the manifest has no apiVersion"),
    ("provider::terraform::decode_tfvars", 'a = upper("a")', "'a' is no constant"),
    ("provider::terraform::decode_tfvars", "a = var.b", "'a' is no constant"),
    ("provider::terraform::decode_tfvars", "a = [for x in [1]: y]", "'a' is no constant"),
    ("provider::terraform::decode_tfvars", "a {}", "the text has"),
    ("provider::terraform::decode_tfvars", "a = 1\na = 2", "the text has not the form of a variable file"),
    ("provider::terraform::decode_tfvars", "a = b c", "the text has not the form of a variable file"),
    ("provider::terraform::encode_tfvars", {"a b": 1}, "'a b' cannot be the name of a variable"),
    ("provider::terraform::encode_tfvars", [1], "argument 1: a map is required"),
    ("provider::terraform::encode_expr", None, "argument 1 must not be null"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "arg", "message"), REFUSED, ids=[f"{case[0]} {case[1]}" for case in REFUSED]
)
def test_refused(name: str, arg: Any, message: str) -> None:
    from readiness.terraform.convert import EvaluationError

    with pytest.raises(EvaluationError) as raised:
        call(name, [arg])
    assert message in str(raised.value)


def test_arn_of_unknown_parts(value: Value) -> None:
    found = value(
        'provider::aws::arn_build("aws", "iam", "", data.aws_caller_identity.me.account_id, "role/admin")',
        'data "aws_caller_identity" "me" {}\n',
    )
    assert isinstance(found, Unknown)
    assert found.refs == ("data.aws_caller_identity.me.account_id",)
    assert (found.prefix, found.suffix) == ("arn:aws:iam::", ":role/admin")


def test_manifest_keeps_its_structure() -> None:
    manifest = Map({"apiVersion": "v1", "kind": "Pod", "metadata": Map({"name": Unknown("it waits")})})
    found = call("provider::kubernetes::manifest_encode", [manifest])
    assert isinstance(found, Unknown)
    assert found.reason == "it waits"
    assert found.document is manifest
    several = call("provider::kubernetes::manifest_encode", [List([manifest, manifest])])
    assert several.document is None


LAYOUT = """a = {
  "-a"  = 3
  "1"   = true
  "a b" = null
  a-b   = 2
  for   = 1
  x     = 1
  yy = [1, "a", {
    z = 1
    zz = {
      q = []
    }
  }]
  é = {}
}
b = [[1, 2], [], [{
  a = 1
  }, {
  bbb = 2
  c = {
    d = 1
  }
}], "x"]
c = [[{
  a = 1
}]]
null   = null
number = 5
s = {
  bbbbb = 2
  日本    = 1
}
"""
"""As Terraform 1.11 writes it."""


def test_layout(value: Value) -> None:
    written = value(
        """provider::terraform::encode_tfvars({
          a = { x = 1, yy = [1, "a", { z = 1, zz = { q = [] } }], "a b" = null, "1" = true, "é" = {}, "for" = 1,
                "a-b" = 2, "-a" = 3 }
          b = [[1, 2], [], [{ a = 1 }, { bbb = 2, c = { d = 1 } }], "x"]
          c = [[{ a = 1 }]]
          null   = null
          number = 5
          s = { "日本" = 1, "bbbbb" = 2 }
        })"""
    )
    assert written == LAYOUT


def test_unknown_expressions() -> None:
    assert call("provider::terraform::encode_expr", [{"a": Unknown("it waits")}]).prefix == "{"
    assert call("provider::terraform::encode_expr", [[Unknown("it waits")]]).prefix == "["
    assert call("provider::terraform::encode_expr", [Unknown("it waits")]).prefix == ""
