"""Blocks that are no resources of a provider: terraform, provider, variable, output and module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Build = Callable[..., Any]

MAIN = """\
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
  backend "s3" {
    bucket  = "state"
    encrypt = true
  }
}

provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "west"
  region = "us-west-2"
}

variable "a" {
  type        = list(object({ x = string }))
  description = "An A"
  sensitive   = true
}

output "o" {
  value     = aws_s3_bucket.b.id
  sensitive = true
}

resource "aws_s3_bucket" "b" {}
data "aws_caller_identity" "me" {}
resource "random_id" "r" {}
"""


def test_settings(build: Build) -> None:
    found = build({"versions.tf": MAIN})["terraform"]
    assert (found.type, found.mode, found.name) == ("terraform", "block", ".")
    assert found.span == ("versions.tf", 1, 1, 13, 2)
    assert found.header == ("versions.tf", 1, 1, 1, 10)
    assert found.body == {
        "required_version": ">= 1.5",
        "required_providers": {"aws": {"source": "hashicorp/aws", "version": "~> 5.0"}},
        "backend": [{"bucket": "state", "encrypt": True, "type": "s3"}],
        "folder": ".",
        "called": False,
        "providers": ["aws", "aws"],
        "provider_types": ["aws", "random"],
        "managed": ["aws_s3_bucket", "random_id"],
        "variables": ["a"],
        "outputs": ["o"],
        "modules": [],
        "workspaces": [],
    }
    assert found.body["required_providers"].value_spans["aws"] == ("versions.tf", 4, 11, 7, 6)


def test_settings_of_several_blocks(build: Build) -> None:
    texts = {
        "a.tf": 'terraform {\n  required_version = "1"\n}\nterraform {\n  required_providers {\n    a = { version = "1" }\n  }\n}\n',
        "b.tf": 'terraform {\n  required_providers {\n    b = "2"\n  }\n}\n',
    }
    body = build(texts)["terraform"].body
    assert body["required_version"] == "1"
    assert body["required_providers"] == {"a": {"version": "1"}, "b": "2"}
    assert body["required_providers"].key_spans["b"] == ("b.tf", 3, 5, 3, 6)


@pytest.mark.parametrize(
    ("names", "path"),
    [
        (["main.tf", "versions.tf"], "versions.tf"),
        (["main.tf", "terraform.tf"], "terraform.tf"),
        (["main.tf", "providers.tf"], "providers.tf"),
        (["a.tf", "main.tf"], "main.tf"),
        (["z.tf", "b.tf"], "b.tf"),
    ],
)
def test_place_of_missing_settings(build: Build, names: list[str], path: str) -> None:
    built = build({name: f'resource "r" "r{index}" {{}}\n' for index, name in enumerate(names)})
    assert built["terraform"].span == (path, 1, 1, 1, 1)


def test_required_providers_that_are_not_blocks(build: Build) -> None:
    built = build('variable "u" {}\nterraform {\n  required_providers = var.u\n}\n')
    assert built["terraform"].body["required_providers"] == {}


def test_providers(build: Build) -> None:
    built = build(MAIN)
    assert built["provider.aws"].body == {"region": "eu-west-1"}
    assert built["provider.aws.west"].body == {"alias": "west", "region": "us-west-2"}
    assert (built["provider.aws.west"].type, built["provider.aws.west"].name) == ("provider", "aws.west")
    assert built["provider.aws.west"].header == ("main.tf", 19, 1, 19, 15)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("string", "string"),
        ('"string"', "string"),
        ("list(object({ x = string }))", "list"),
        ("map(any)", "map"),
        ("any", "any"),
    ],
)
def test_variables(build: Build, text: str, expected: str) -> None:
    built = build(f'variable "a" {{\n  type = {text}\n  default = null\n}}\n')
    assert built["var.a"].body == {"default": None, "type": expected}
    assert built["var.a"].body.key_spans["type"] == ("main.tf", 2, 3, 2, 7)
    assert (built["var.a"].type, built["var.a"].name) == ("variable", "a")


def test_outputs(build: Build) -> None:
    found = build(MAIN)["output.o"]
    assert found.body["sensitive"] is True
    assert found.body["value"].refs == ("aws_s3_bucket.b.id",)
    assert [link.address for link in found.references] == ["aws_s3_bucket.b"]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "moved {\n  from = a.b\n  to = a.c\n}\n"])
def test_folder_that_declares_nothing(build: Build, text: str) -> None:
    assert build(text).resources == []


def test_a_folder_of_values_is_no_root(build: Build) -> None:
    assert build({"env/prod.tfvars": "a = 1\n"}).resources == []


def test_called_folder(build: Build) -> None:
    built = build({"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": 'variable "a" {}\n'})
    assert built["terraform"].body["called"] is False
    assert built["module.m.terraform"].body["called"] is True
    assert built["terraform"].body["modules"] == ["m"]


ADDRESSES = """\
locals {
  who = "team-${var.n}"
}
variable "n" { default = 1 }
moved {
  from = aws_instance.a
  to   = module.m["x"].aws_instance.b[0]
}
import {
  to = aws_instance.c
  id = local.who
}
removed {
  from = aws_instance.d
  lifecycle {
    destroy = false
  }
}
check "health" {
  data "http" "self" {
    url = "https://${local.who}"
  }
  assert {
    condition     = data.http.self.status_code == 200
    error_message = "down: ${local.who}"
  }
}
"""


def test_blocks_that_name_addresses(build: Build) -> None:
    built = build(ADDRESSES)
    assert built.errors == []
    bodies = {r.address: (r.type, r.span.line, r.body) for r in built.resources if r.type in NAMING}
    assert bodies == {
        "moved.aws_instance.a": (
            "moved",
            5,
            {"from": "aws_instance.a", "to": 'module.m["x"].aws_instance.b[0]'},
        ),
        "import.aws_instance.c": ("import", 9, {"id": "team-1", "to": "aws_instance.c"}),
        "removed.aws_instance.d": (
            "removed",
            13,
            {"lifecycle": [{"destroy": False}], "from": "aws_instance.d"},
        ),
    }


NAMING = ("moved", "import", "removed")


def test_a_check(build: Build) -> None:
    body = build(ADDRESSES)["check.health"].body
    assert body["data"][0] == {"url": "https://team-1", "type": "http", "name": "self"}
    assert body["assert"][0]["error_message"] == "down: team-1"


def test_a_local(build: Build) -> None:
    found = build(ADDRESSES)["local.who"]
    assert (found.type, found.name, found.body, found.span.line) == ("local", "who", {"value": "team-1"}, 2)


def test_keywords_of_a_provisioner(build: Build) -> None:
    text = 'resource "r" "r" {\n  provisioner "local-exec" {\n    command = "x"\n    when = destroy\n    on_failure = continue\n  }\n}\n'
    assert build(text)["r.r"].body["provisioner"] == [
        {"command": "x", "when": "destroy", "on_failure": "continue", "type": "local-exec"}
    ]


@pytest.mark.parametrize("meta", ["for_each = {}", "count = 0"])
def test_a_call_without_instances(build: Build, meta: str) -> None:
    key = "each.key" if "each" in meta else "count.index"
    built = build(f'module "m" {{\n  source = "x/y/z"\n  {meta}\n  name = "n-${{{key}}}"\n}}\n')
    body = built["module.m"].body
    assert (body["source"], body["name"].reason) == ("x/y/z", "module.m has no instance")
