"""Override files, as https://developer.hashicorp.com/terraform/language/files/override has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Build = Callable[..., Any]

MAIN = """variable "days" { default = 1 }
locals { name = "main" }
provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = { owner = "main" }
  }
}
resource "aws_db_instance" "a" {
  identifier = local.name
  days       = var.days
  setting { name = "one" }
  setting { name = "two" }
  lifecycle {
    prevent_destroy = true
    ignore_changes  = [tags]
  }
}
output "days" { value = var.days }
"""

OVER = """variable "days" { default = 7 }
locals { name = "over" }
provider "aws" {
  default_tags {
    tags = { owner = "over" }
  }
}
resource "aws_db_instance" "a" {
  size = 3
  setting { name = "three" }
  lifecycle {
    prevent_destroy = false
  }
}
"""


def test_an_override_changes_what_it_names(build: Build) -> None:
    built = build({"main.tf": MAIN, "override.tf": OVER})
    assert built.errors == []
    resource = built["aws_db_instance.a"]
    body = resource.body
    assert {key: body[key] for key in ("identifier", "days", "size")} == {
        "identifier": "over",
        "days": 7,
        "size": 3,
    }
    assert [block["name"] for block in body["setting"]] == ["three"]
    assert body["lifecycle"][0] == {"prevent_destroy": False, "ignore_changes": ["tags"]}
    assert resource.tags == {"owner": "over"}
    assert built["output.days"].body["value"] == 7


def test_where_overridden_values_stand(build: Build) -> None:
    body = build({"main.tf": MAIN, "override.tf": OVER})["aws_db_instance.a"].body
    places = {key: (body.span_of(key).path, body.span_of(key).line) for key in ("days", "size", "setting")}
    assert places == {"days": ("main.tf", 11), "size": ("override.tf", 9), "setting": ("override.tf", 10)}


def test_the_last_override_wins(build: Build) -> None:
    files = {
        "main.tf": MAIN,
        "a_override.tf": 'variable "days" { default = 8 }\n',
        "b_override.tf": 'variable "days" { default = 9 }\n',
        "override.tf.json": '{"variable": {"days": {"description": "text"}}}',
    }
    built = build(files)
    assert built["aws_db_instance.a"].body["days"] == 9
    assert built["var.days"].body == {"default": 9, "description": "text"}


def test_count_and_module_arguments(build: Build) -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n  x = 1\n}\nresource "r" "r" { count = 1 }\n',
        "override.tf": 'module "m" { x = 2 }\nresource "r" "r" { count = 2 }\n',
        "m/main.tf": 'variable "x" {}\nresource "r" "m" { x = var.x }\n',
    }
    built = build(files)
    assert built.addresses == ["r.r[0]", "r.r[1]", "module.m.r.m"]
    assert built["module.m.r.m"].body["x"] == 2
