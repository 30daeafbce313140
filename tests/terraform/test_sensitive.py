"""Values of sensitive variables stay out of everything that is printed."""

from __future__ import annotations

from typing import Any

import pytest

SECRET = "hunter2-9c1f"

MAIN = """variable "password" {
  type      = string
  sensitive = true
}
variable "settings" {
  type      = map(string)
  default   = { token = "tok-55aa-71" }
  sensitive = true
}
locals {
  url = "postgres://app:${var.password}@db/orders"
}
resource "aws_db_instance" "main" {
  identifier = var.password
  password   = var.password
  url        = local.url
  token      = var.settings.token
}
module "m" {
  source   = "./m"
  password = var.password
}
"""

POLICY = """
id: own-loud
title: Databases have no identifier
control: bck-01
severity: high
resources: [aws_db_instance]
assert: object.identifier == null
message: "{address} is called {object.identifier}, reached at {object.url}, with {object.token}"
remediation: Remove `identifier`, which is of no use here, and everything goes on as it was.
examples: {pass: [{code: a}], fail: [{code: a}]}
"""

FILES = {
    "pol/own-loud.yaml": POLICY,
    "infra/main.tf": MAIN,
    "infra/terraform.tfvars": f'password = "{SECRET}"\n',
    "infra/m/main.tf": 'variable "password" {}\noutput "p" { value = var.password }\n',
}


@pytest.mark.parametrize("format_", ["text", "concise", "json", "sarif", "github"])
def test_no_format_prints_it(cli: Any, format_: str) -> None:
    cli.write(FILES)
    result = cli.run(
        "check", "infra", "--policies", "pol", "--select", "own-loud,tf-*,aws-*", "-v", "-f", format_
    )
    assert (
        "is called (sensitive), reached at postgres://app:(sensitive)@db/orders, with (sensitive)"
        in result.out
    )
    assert SECRET not in result.out + result.err
    assert "tok-55aa-71" not in result.out + result.err


@pytest.mark.parametrize("format_", ["text", "json"])
def test_show_does_not_print_it(cli: Any, format_: str) -> None:
    cli.write(FILES)
    result = cli.run("show", "--in", "infra", "--format", format_)
    assert "postgres://app:(sensitive)@db/orders" in result.out
    assert SECRET not in result.out + result.err
    assert "tok-55aa-71" not in result.out + result.err


def test_given_on_the_command_line(cli: Any) -> None:
    cli.write({**FILES, "infra/terraform.tfvars": ""})
    result = cli.run("show", "aws_db_instance.main", "--in", "infra", "--var", f"password={SECRET}")
    assert 'identifier = "(sensitive)"' in result.out
    assert SECRET not in result.out + result.err


def test_other_values_are_printed(cli: Any) -> None:
    cli.write({**FILES, "infra/main.tf": MAIN.replace("sensitive = true", "sensitive = false")})
    result = cli.run("show", "aws_db_instance.main", "--in", "infra")
    assert f'identifier = "{SECRET}"' in result.out
