"""References to the same unknown value, from the files to the report."""

from __future__ import annotations

import json

from tests.conftest import Cli

TASK = """\
resource "aws_iam_role" "task" {
  name_prefix        = "checkout"
  assume_role_policy = "{}"
}
variable "role" {}
locals {
  role = aws_iam_role.task.arn
}
resource "aws_ecs_task_definition" "one" {
  family             = "checkout"
  execution_role_arn = local.role
  task_role_arn      = aws_iam_role.task.arn
}
resource "aws_ecs_task_definition" "open" {
  family             = "checkout"
  execution_role_arn = var.role
  task_role_arn      = aws_iam_role.task.arn
}
"""


def test_one_reference_in_two_arguments_is_a_finding(cli: Cli) -> None:
    cli.write({"main.tf": TASK})
    result = cli.run("check", "--select", "aws-ecs-shared-role", "--format", "json", "main.tf")
    found = [
        (item["status"], item["resource"]["address"], item["location"]["line"])
        for item in json.loads(result.out)["findings"]
    ]
    assert found == [
        ("fail", "aws_ecs_task_definition.one", 12),
        ("unknown", "aws_ecs_task_definition.open", 16),
    ]
