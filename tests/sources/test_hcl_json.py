"""Terraform's JSON syntax gives the same blocks as HCL, with places in the JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.sources.hcl import ast
from readiness.sources.hcl.file import HclFile, assemble, cut_file
from readiness.sources.hcl.parse import parse_chunk
from readiness.sources.hcl.tfjson import from_json
from readiness.sources.json_source import read as read_json


def from_text(text: str, path: str = "main.tf.json") -> HclFile:
    return from_json(path, read_json(path, text))


def from_data(data: Any) -> HclFile:
    return from_text(json.dumps(data, indent=2))


def from_hcl(text: str) -> HclFile:
    return assemble("main.tf", cut_file(text), parse_chunk)


def shape(node: Any) -> Any:
    """Blocks and nodes without their places; attributes and blocks in the order of their names."""
    if isinstance(node, ast.Block):
        inner = sorted((attribute.name, shape(attribute.value)) for attribute in node.attributes)
        return (node.type, node.labels, inner, [shape(block) for block in node.blocks])
    if isinstance(node, ast.Paren):
        return shape(node.of)
    if isinstance(node, ast.Node):
        fields = [shape(getattr(node, name)) for name in node.__struct_fields__ if name != "at"]
        return (type(node).__name__, *fields)
    if isinstance(node, (list, tuple)):
        return [shape(item) for item in node]
    return node


def blocks(file: HclFile) -> list[Any]:
    assert file.errors == []
    return [shape(block) for _, chunk in file.chunks for block in chunk.blocks]


SAME: dict[str, tuple[Any, str]] = {
    "resource": (
        {"resource": {"aws_s3_bucket": {"logs": {"bucket": "logs-${var.env}", "force_destroy": True}}}},
        'resource "aws_s3_bucket" "logs" {\n  bucket = "logs-${var.env}"\n  force_destroy = true\n}\n',
    ),
    "nested blocks": (
        {
            "resource": {
                "aws_security_group": {
                    "web": {"ingress": [{"from_port": 1}, {"from_port": 2}], "timeouts": {"create": "1h"}}
                }
            }
        },
        'resource "aws_security_group" "web" {\n  ingress {\n    from_port = 1\n  }\n'
        '  ingress {\n    from_port = 2\n  }\n  timeouts {\n    create = "1h"\n  }\n}\n',
    ),
    "mappings stay arguments": (
        {"resource": {"aws_instance": {"a": {"tags": {"Name": "x", "Size": 1}}}}},
        'resource "aws_instance" "a" {\n  tags = { Name = "x", Size = 1 }\n}\n',
    ),
    "several of one name": (
        {"resource": {"a": [{"x": {"n": 1}}, {"y": {"n": 2}}]}},
        'resource "a" "x" {\n  n = 1\n}\nresource "a" "y" {\n  n = 2\n}\n',
    ),
    "comments": (
        {"//": "top", "locals": {"//": "in", "a": 1}},
        "locals {\n  a = 1\n}\n",
    ),
    "variable": (
        {"variable": {"a": {"type": "map(string)", "default": {"k": "v"}}}},
        'variable "a" {\n  type = map(string)\n  default = { k = "v" }\n}\n',
    ),
    "data": ({"data": {"aws_ami": {"a": {"owners": ["self"]}}}}, 'data "aws_ami" "a" {\n  owners = ["self"]\n}\n'),
    "providers": (
        {"provider": {"aws": [{"region": "a"}, {"alias": "b", "region": "c"}]}},
        'provider "aws" {\n  region = "a"\n}\nprovider "aws" {\n  alias = "b"\n  region = "c"\n}\n',
    ),
    "provider of a resource": (
        {"resource": {"a": {"b": {"provider": "aws.west", "depends_on": ["a.c", "module.d"]}}}},
        'resource "a" "b" {\n  provider = aws.west\n  depends_on = [a.c, module.d]\n}\n',
    ),
    "provider with marks": (
        {"resource": {"a": {"b": {"provider": "${aws.west}"}}}},
        'resource "a" "b" {\n  provider = aws.west\n}\n',
    ),
    "terraform": (
        {
            "terraform": {
                "required_version": ">= 1.5",
                "required_providers": {"aws": {"source": "hashicorp/aws", "version": "~> 5.0"}},
                "backend": {"s3": {"bucket": "state"}},
            }
        },
        'terraform {\n  required_version = ">= 1.5"\n  required_providers {\n    aws = {\n'
        '      source = "hashicorp/aws"\n      version = "~> 5.0"\n    }\n  }\n'
        '  backend "s3" {\n    bucket = "state"\n  }\n}\n',
    ),
    "module": (
        {"module": {"m": {"source": "./m", "rules": [{"a": 1}], "settings": {"b": "${var.b}"}}}},
        'module "m" {\n  source = "./m"\n  rules = [{ a = 1 }]\n  settings = { b = var.b }\n}\n',
    ),
    "dynamic": (
        {
            "resource": {
                "a": {"b": {"dynamic": {"ingress": {"for_each": "${var.p}", "content": {"port": "${ingress.value}"}}}}}
            }
        },
        'resource "a" "b" {\n  dynamic "ingress" {\n    for_each = var.p\n    content {\n'
        "      port = ingress.value\n    }\n  }\n}\n",
    ),
    "provisioner": (
        {"resource": {"a": {"b": {"provisioner": [{"local-exec": {"command": "x"}}]}}}},
        'resource "a" "b" {\n  provisioner "local-exec" {\n    command = "x"\n  }\n}\n',
    ),
    "lifecycle": (
        {"resource": {"a": {"b": {"lifecycle": {"ignore_changes": ["tags"], "prevent_destroy": True}}}}},
        'resource "a" "b" {\n  lifecycle {\n    ignore_changes = ["tags"]\n    prevent_destroy = true\n  }\n}\n',
    ),
    "templates": (
        {"locals": {"a": "%{ if var.x }y%{ endif }", "b": "$${c}", "d": "${f(\"e\")}"}},
        'locals {\n  a = "%{ if var.x }y%{ endif }"\n  b = "$${c}"\n  d = f("e")\n}\n',
    ),
    "constants": (
        {"output": {"a": {"value": None, "sensitive": False}, "b": {"value": [1, 2.5, {}]}}},
        'output "a" {\n  value = null\n  sensitive = false\n}\noutput "b" {\n  value = [1, 2.5, {}]\n}\n',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_same_as_hcl(name: str) -> None:
    data, text = SAME[name]
    assert blocks(from_data(data)) == blocks(from_hcl(text))


def test_array_at_the_root() -> None:
    assert blocks(from_data([{"locals": {"a": 1}}, {"locals": {"b": 2}}])) == [
        ("locals", [], [("a", ("Lit", 1))], []),
        ("locals", [], [("b", ("Lit", 2))], []),
    ]


TEXT = """\
{
  "resource": {
    "aws_s3_bucket": {
      "logs": {
        "bucket": "logs-${var.env}",
        "tags": {"a": "b"},
        "ingress": [{"port": 1}]
      }
    }
  }
}
"""


def test_places() -> None:
    block = from_text(TEXT).chunks[0][1].blocks[0]
    assert (block.at, block.header) == ((4, 7, 8, 8), (4, 7, 4, 13))
    bucket, tags = block.attributes
    assert (bucket.at, bucket.value.at) == ((5, 9, 5, 17), (5, 19, 5, 36))
    assert isinstance(bucket.value, ast.Tpl)
    assert bucket.value.parts[1].at == (5, 27, 5, 34)
    assert isinstance(tags.value, ast.Obj)
    assert [(key.at, value.at) for key, value in tags.value.items] == [((6, 18, 6, 21), (6, 23, 6, 26))]
    assert block.blocks[0].attributes[0].at == (7, 22, 7, 28)


def test_variable_files_hold_text_as_it_is() -> None:
    file = from_text('{"a": "${x}", "b": [{"c": "%{d}"}]}', "terraform.tfvars.json")
    assert file.is_values
    assert file.errors == []
    attributes = file.chunks[0][1].attributes
    assert [(a.name, a.at, shape(a.value)) for a in attributes] == [
        ("a", (1, 2, 1, 5), ("Lit", "${x}")),
        ("b", (1, 15, 1, 18), ("Tup", [("Obj", [[("Lit", "c"), ("Lit", "%{d}")]])])),
    ]


BROKEN = [
    ('{"locals": {"a": "${1 +}"}, "output": {}}', 1, 24, "expected a value, found `}`"),
    ('{"locals": {"a": "x ${b"}, "output": {}}', 1, 21, "this `${` is never closed"),
    ('{"locals": 1, "output": {}}', 1, 12, "expected an object for `locals`"),
    ('{"resource": {"a": "b"}, "output": {}}', 1, 20, "expected an object for `resource.a`"),
    ('{"resource": {"a": {"b": {"provider": "aws."}}}}', 1, 44, "expected a name, found `}`"),
    ("[1]", 1, 1, "a Terraform file in JSON holds an object"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), BROKEN, ids=[case[0] for case in BROKEN])
def test_broken(text: str, line: int, column: int, message: str) -> None:
    file = from_text(text)
    assert file.errors == [SourceError("main.tf.json", line, column, message)]
    assert file.chunks == []


def test_broken_block_between_others() -> None:
    file = from_data({"resource": {"a": {"b": {"x": 1}, "c": {"x": "${"}, "d": {"x": 2}}}})
    assert [error.message for error in file.errors] == ["this `${` is never closed"]
    assert [chunk.blocks[0].labels for _, chunk in file.chunks] == [["a", "b"], ["a", "d"]]


def test_no_json() -> None:
    file = from_text('{"locals": ')
    assert [(error.line, error.column) for error in file.errors] == [(1, 1)]
    assert file.chunks == []
