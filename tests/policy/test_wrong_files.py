"""Wrong policy files: status 2 and the exact place, before anything is checked."""

from __future__ import annotations

from typing import Any

import pytest

GOOD = {"good.tf": 'resource "demo_bucket" "good" {\n}\n'}

POLICY = """\
id: own-demo
title: Demonstration of a policy
control: own-01
severity: high
resources: [demo_bucket]
assert: object.a == 1
message: "{address} is wrong"
remediation: |
  Set `a` to 1 on the bucket.
examples:
  pass: ["x = 1"]
  fail: ["x = 1"]
"""

WRONG: dict[str, tuple[str, str, str]] = {
    # what: text to replace, replacement, place and message
    "field": ("assert:", "asert:", "6:1: there is no field 'asert' here; did you mean 'assert'?"),
    "missing": ("severity: high\n", "", "1:1: 'severity' is missing here"),
    "severity": (
        "severity: high",
        "severity: hgih",
        "4:11: severity: 'hgih' is not one of critical, high, medium, low, info; did you mean 'high'?",
    ),
    "control": ("own-01", "own-99", "3:1: there is no control 'own-99'; did you mean"),
    "id": ("id: own-demo", "id: own-other", "1:1: the id 'own-other' must equal the file name 'own-demo'"),
    "id form": (
        "id: own-demo",
        "id: Own Demo",
        "1:5: id: 'Own Demo' is not right here: lower-case words joined by hyphens",
    ),
    "resources": ("[demo_bucket]", "[]", "5:12: resources: an empty list says nothing"),
    "YAML": ("severity: high", "severity: [high", "5:"),
    "duplicate key": ("severity: high", "title: Demonstration again", "4:1: "),
    "no mapping": (POLICY, "- a\n", "1:1: a policy file holds one YAML mapping"),
    "two documents": (
        "examples:",
        "---\nexamples:",
        "11:1: a policy file holds one YAML mapping, and a second",
    ),
    "empty": (POLICY, "", "1:1: a policy file holds one YAML mapping"),
    "condition": ("object.a == 1", "object.a = = 1", "6:18: assert: "),
    "condition not closed": ("object.a == 1", "(object.a == 1", "6:"),
    "unknown name": ("object.a == 1", "objekt.a == 1", "6:9: assert: "),
    "unknown function": ("object.a == 1", "object.a.frobnicate()", "6:"),
    "message": ("{address} is wrong", "{adress} is wrong", "7:"),
    "message not closed": ("{address} is wrong", "{address is wrong", "7:"),
    "regular expression": ("object.a == 1", "object.a.matches('(')", "6:"),
    "example": ('fail: ["x = 1"]', "fail: [1]", "12:10: examples.fail.0: an example is a text, or a mapping"),
    "example field": ('fail: ["x = 1"]', "fail: [{cod: x}]", "12:10: examples.fail.0: "),
    "parameter": (
        "assert:",
        "params: {days: {type: integer}}\nassert:",
        "6:16: params.days: 'default' is missing here",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_policy_file_is_named_with_its_place(cli: Any, what: str) -> None:
    old, new, expected = WRONG[what]
    assert old in POLICY
    cli.write({"mine/own-demo.yaml": POLICY.replace(old, new, 1), "a.tf": 'resource "other" "a" {\n}\n'})
    result = cli.run("check", "a.tf", "--policies", "mine")
    assert (result.status, result.out) == (2, "")
    assert f"mine/own-demo.yaml:{expected}" in result.err
    result = cli.run("policies", "test", "mine")
    assert (result.status, result.err) == (2, "")
    assert result.out.replace(": own-demo:", ":", 1).startswith(f"mine/own-demo.yaml:{expected}")


def test_a_policy_file_that_is_no_text(cli: Any) -> None:
    cli.write({"mine/own-demo.yaml": POLICY.encode() + b"# \xff\n", **GOOD})
    result = cli.run("check", "--policies", "mine")
    assert (result.status, result.out) == (2, "")
    assert "mine/own-demo.yaml:13:3: " in result.err


def test_ids_are_unique_within_and_across_folders(cli: Any) -> None:
    cli.write({"mine/a/own-demo.yaml": POLICY, "mine/b/own-demo.yaml": POLICY, **GOOD})
    result = cli.run("check", "--policies", "mine")
    assert result.status == 2
    assert "mine/b/own-demo.yaml:1:5: the id 'own-demo' is taken by mine/a/own-demo.yaml" in result.err
    result = cli.run("check", "--policies", "mine/a", "--policies", "mine/b")
    assert result.status == 2
    assert "mine/b/own-demo.yaml:1:5: the id 'own-demo' is taken by mine/a/own-demo.yaml:1:5" in result.err


def test_controls_of_ones_own(cli: Any) -> None:
    cli.write({"mine/own-demo.yaml": POLICY.replace("own-01", "team-01"), **GOOD})
    assert cli.run("check", "--policies", "mine").status == 2
    cli.write({"mine/controls.yaml": "controls:\n  - id: team-01\n    title: Ours\n"})
    result = cli.run("check", "--policies", "mine", "--select", "team-01")
    assert (result.status, "own-demo" in result.out) == (1, True)


@pytest.mark.parametrize("text", ["controls: 1\n", "[", "- id: a\n", "controls: [{title: x}]\n", ""])
def test_broken_controls_of_ones_own(cli: Any, text: str) -> None:
    cli.write({"mine/own-demo.yaml": POLICY, "mine/controls.yaml": text, **GOOD})
    result = cli.run("check", "--policies", "mine")
    assert (result.status, result.out) == (2, "")
    assert "mine/controls.yaml" in result.err
    assert "\n" not in result.err.rstrip("\n")
