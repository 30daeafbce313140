"""Policies on changes: how they are written, proven and explained."""

from __future__ import annotations

import pytest
from tests.conftest import Cli

POLICY = """\
id: own-no-shrink
title: Volumes never shrink
control: chg-03
severity: high
"on": change
resources: [aws_ebs_volume]
when: action in ["update", "replace"]
assert: '!(before.size > after.size)'
message: "{address} shrinks from {before.size} to {after.size} ({replace_paths.join(\\", \\")}; {reason})"
remediation: |
  Make a new volume, copy the data and remove the old one.
examples:
  pass:
    - changes:
        - address: aws_ebs_volume.a
          action: update
          before: {size: 10}
          after: {size: 20}
  fail:
    - changes:
        - address: module.m["x"].aws_ebs_volume.a[1]
          action: replace
          before: {size: 20}
          after: {size: 10}
          replace_paths: [size]
          reason: replace_because_cannot_update
      address: module.m["x"].aws_ebs_volume.a[1]
    - |
      {
        "format_version": "1.2",
        "resource_changes": [
          {
            "address": "aws_ebs_volume.a", "type": "aws_ebs_volume", "name": "a",
            "change": {"actions": ["update"], "before": {"size": 20}, "after": {"size": 10}}
          }
        ]
      }
  unknown:
    - changes:
        - address: aws_ebs_volume.a
          action: replace
          before: {size: 20}
          after: {type: gp3}
          unknown: [size]
"""


def test_examples_of_changes(cli: Cli) -> None:
    cli.write({"own/own-no-shrink.yaml": POLICY})
    result = cli.run("policies", "test", "own")
    assert (result.status, result.out.strip()) == (
        0,
        "1 policy, 4 examples, 1 policy with known fields: all proven",
    )


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        # The wrong outcome of each kind of example.
        ("before: {size: 10}", "before: {size: 30}", "pass example 1: expected a pass, got fail"),
        ("before: {size: 20}\n          after: {size: 10}", "before: {size: 5}", "fail example 1: expected"),
        ("unknown: [size]", "unknown: [type]", "unknown example 1: expected an unknown"),
        ("action: update", "action: create", "nothing was checked"),
    ],
)
def test_examples_that_do_not_hold(cli: Cli, before: str, after: str, says: str) -> None:
    assert before in POLICY
    cli.write({"own/own-no-shrink.yaml": POLICY.replace(before, after, 1)})
    result = cli.run("policies", "test", "own")
    assert result.status == 2
    assert says in result.out


@pytest.mark.parametrize(
    ("before", "after", "line", "says"),
    [
        ("action: update", "action: recreate", 14, "an example is a text, or a mapping with"),
        ("action: update", "verb: update", 14, "an example is a text, or a mapping with"),
        ('"on": change', '"on": plan', 5, "'plan' is not one of"),
        ("before.size", "befor.size", 8, "did you mean `before`"),
    ],
)
def test_mistakes_in_policies_on_changes(cli: Cli, before: str, after: str, line: int, says: str) -> None:
    cli.write({"own/own-no-shrink.yaml": POLICY.replace(before, after, 1)})
    result = cli.run("policies", "test", "own")
    assert result.status == 2
    assert f"own/own-no-shrink.yaml:{line}:" in result.out
    assert says in result.out


def test_a_change_that_is_none_is_not_looked_at(cli: Cli) -> None:
    cli.write(
        {
            "own/own-no-shrink.yaml": POLICY.replace('when: action in ["update", "replace"]\n', ""),
            "plan.json": """{
              "format_version": "1.2",
              "resource_changes": [
                {"address": "aws_ebs_volume.same", "type": "aws_ebs_volume", "name": "same",
                 "change": {"actions": ["no-op"], "before": {"size": 2}, "after": {"size": 1}}},
                {"address": "aws_ebs_volume.less", "type": "aws_ebs_volume", "name": "less",
                 "change": {"actions": ["update"], "before": {"size": 2}, "after": {"size": 1}}}
              ]
            }""",
        }
    )
    result = cli.run(
        "check", "--format", "json", "plan.json", "--policies", "own", "--select", "own-no-shrink"
    )
    assert result.found() == [("own-no-shrink", "aws_ebs_volume.less", "plan.json", 6)]
    assert result.findings[0]["message"] == "aws_ebs_volume.less shrinks from 2 to 1 (; null)"


def test_variables_of_changes_are_null_elsewhere(cli: Cli) -> None:
    policy = """\
id: own-always
title: No policy on resources sees a change
control: chg-03
severity: high
resources: [aws_ebs_volume]
assert: '[action, before, after, replace_paths, reason].all(x, x == null)'
message: "{address} has a change"
remediation: |
  Nothing to do: this is a test.
examples:
  pass: ['resource "aws_ebs_volume" "a" { size = 1 }']
  fail:
    - changes: [{address: aws_ebs_volume.a, action: create, after: {size: 1}}]
"""
    cli.write({"own/own-always.yaml": policy})
    assert cli.run("policies", "test", "own").status == 0


def test_explain_shows_the_plan_of_an_example(cli: Cli) -> None:
    out = cli.run("explain", "tf-change-destroy-data").out
    assert '"action_reason": "delete_because_no_module"' in out
