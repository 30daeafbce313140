"""`readiness policies test DIR`: policies prove themselves, and what differs is said precisely."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

OWN_POLICIES = Path(__file__).parents[1] / "engine" / "policies"

POLICY = """\
id: own-demo
title: Demonstration of a policy
control: own-01
severity: high
{extra}resources: [demo_bucket]
assert: object.a == 1
message: "{{address}} has a wrong value"
remediation: |
  Set `a` to 1 on the bucket.
examples:
"""
PASS = ['resource "demo_bucket" "x" {\n  a = 1\n}\n']
FAIL = ['resource "demo_bucket" "x" {\n  a = 2\n}\n']
WAITS = 'variable "a" {}\nresource "demo_bucket" "x" {\n  a = var.a\n}\n'
BOTH = 'resource "demo_bucket" "x" {\n  a = 1\n}\nresource "demo_bucket" "y" {\n  a = 2\n}\n'


def block(text: str, extra: str = "") -> str:
    """An example as a mapping with `code`, or as a text."""
    if not extra:
        return "    - |\n" + textwrap.indent(text, "      ")
    return "    - code: |\n" + textwrap.indent(text, "        ") + f"      {extra}\n"


def policy(
    passing: Sequence[str] = PASS, failing: Sequence[str] = FAIL, unknown: Sequence[str] = (), extra: str = ""
) -> str:
    """A policy file with examples, each a text or an item that is written already."""
    text = POLICY.format(extra=extra)
    for name, examples in (("pass", passing), ("fail", failing), ("unknown", unknown)):
        if examples:
            items = [item if item.startswith("    -") else block(item) for item in examples]
            text += f"  {name}:\n" + "".join(items)
    return text


CASES: dict[str, tuple[str, int, str]] = {
    # what: policy, line of the example, what is said of it
    "a pass that fails": (
        policy(passing=[*PASS, *FAIL]),
        16,
        "pass example 2: expected a pass, got fail at main.tf:2:3 on demo_bucket.x: demo_bucket.x has a wrong value",
    ),
    "a pass that waits": (
        policy(passing=[WAITS]),
        12,
        "pass example 1: expected a pass, got unknown at main.tf:3:3",
    ),
    "a pass with nothing to check": (
        policy(passing=['resource "other" "x" {\n}\n']),
        12,
        "pass example 1: expected a pass, but nothing was checked: no resource of its types",
    ),
    "a pass that `when` leaves out": (
        policy(extra="when: object.b == 1\n", failing=[FAIL[0].replace("a = 2", "b = 1")]),
        13,
        "pass example 1: expected a pass, but nothing was checked: `when`, `each` or the tier left nothing to check",
    ),
    "a pass without its tier": (
        policy(extra="tiers: {0: high}\n", failing=[FAIL[0].replace("a = 2", 'tags = { tier = "0" }')]),
        13,
        "pass example 1: expected a pass, but nothing was checked: `when`, `each` or the tier left nothing to check",
    ),
    "a fail that passes": (policy(failing=PASS), 17, "fail example 1: expected a finding, got a pass"),
    "a fail that waits": (
        policy(failing=[WAITS]),
        17,
        "fail example 1: expected a finding, got unknown at main.tf:3:3",
    ),
    "another line": (
        policy(failing=[block(FAIL[0], "at: 1")]),
        17,
        "fail example 1: expected a finding at line 1, got fail at main.tf:2:3 on demo_bucket.x",
    ),
    "another address": (
        policy(failing=[block(BOTH, "address: demo_bucket.x")]),
        17,
        "fail example 1: expected a finding on demo_bucket.x, got fail at main.tf:5:3 on demo_bucket.y",
    ),
    "an unknown that passes": (
        policy(unknown=PASS),
        22,
        "unknown example 1: expected an unknown, got a pass",
    ),
    "an unknown that fails": (
        policy(unknown=FAIL),
        22,
        "unknown example 1: expected an unknown, got fail at main.tf:2:3",
    ),
    "an unknown that fails besides": (
        policy(unknown=[WAITS + BOTH]),
        22,
        "unknown example 1: expected an unknown, got ",
    ),
    "not readable": (
        policy(passing=['resource "demo_bucket" "x" {\n  a = = 1\n}\n']),
        12,
        "pass example 1: it cannot be read: main.tf:2:7: ",
    ),
    "a manifest that is not readable": (
        policy(passing=["apiVersion: v1\nkind: [\n"]),
        12,
        "pass example 1: it cannot be read: manifest.yaml:",
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_what_differs(cli: Any, what: str) -> None:
    text, line, expected = CASES[what]
    cli.write({"mine/own-demo.yaml": text})
    result = cli.run("policies", "test", "mine")
    assert (result.status, result.err) == (2, "")
    first, last = result.out.splitlines()
    assert first.startswith(f"mine/own-demo.yaml:{line}:7: own-demo: {expected}")
    assert last.startswith("1 policy, ")
    assert last.endswith(": 1 problem")


def test_what_holds(cli: Any) -> None:
    at = block(FAIL[0], "at: 2\n      address: demo_bucket.x")
    files = "    - files:\n        a.tf: 'resource \"demo_bucket\" \"x\" {a = var.a}'\n        terraform.tfvars: 'a = 2'\n        v.tf: 'variable \"a\" {}'\n"
    cli.write({"mine/deep/own-demo.yaml": policy(failing=[*FAIL, at, files], unknown=[WAITS])})
    result = cli.run("policies", "test", "mine")
    assert (result.status, result.out) == (0, "1 policy, 5 examples: all proven\n")


def test_parameters_of_an_example(cli: Any) -> None:
    text = policy(extra="params: {a: {type: integer, default: 1}}\n").replace(
        "object.a == 1", "object.a == params.a"
    )
    cli.write(
        {
            "mine/own-demo.yaml": text
            + '    - {params: {a: 1}, code: \'resource "demo_bucket" "x" {a = 2}\'}\n'
        }
    )
    assert cli.run("policies", "test", "mine").out == "1 policy, 3 examples: all proven\n"
    cli.write(
        {
            "mine/own-demo.yaml": text
            + '    - {params: {a: 2}, code: \'resource "demo_bucket" "x" {a = 2}\'}\n'
        }
    )
    result = cli.run("policies", "test", "mine")
    assert result.status == 2
    assert "fail example 2: expected a finding, got a pass" in result.out


def test_a_condition_of_the_wrong_type(cli: Any) -> None:
    cli.write({"mine/own-demo.yaml": policy(extra="when: object.a + 'x' == ''\n")})
    result = cli.run("policies", "test", "mine")
    assert result.status == 2
    assert "pass example 1: expected a pass, got fail at main.tf:2:3 on demo_bucket.x: " in result.out
    assert "(`+` does not take (int, string))" in result.out


def test_a_file_of_ones_own(cli: Any) -> None:
    cli.write({"mine/own-demo.yaml": policy()})
    result = cli.run("policies", "test", "mine/own-demo.yaml")
    assert (result.status, result.out) == (0, "1 policy, 2 examples: all proven\n")
    result = cli.run("policies", "test", "mine/missing.yaml")
    assert (result.status, result.err) == (2, "error: the policy folder 'mine/missing.yaml' does not exist\n")


def test_the_policies_of_these_tests(cli: Any) -> None:
    result = cli.run("policies", "test", str(OWN_POLICIES))
    assert result.status == 0
    assert result.out.startswith("6 policies, 13 examples, 6 aliases, ")
    assert result.out.endswith(": all proven\n")


def test_list_is_the_contract(cli: Any) -> None:
    cli.write(
        {"mine/own-demo.yaml": policy(extra="aliases: [CKV_OWN_1]\nfix: {set: {a: 1}, safety: safe}\n")}
    )
    result = cli.run("policies", "list", "--format", "json", "--policies", "mine", "--select", "own-demo")
    assert result.status == 0
    assert json.loads(result.out) == [
        {
            "id": "own-demo",
            "title": "Demonstration of a policy",
            "severity": "high",
            "control": "own-01",
            "aliases": ["CKV_OWN_1"],
            "resources": ["demo_bucket"],
            "fixable": "safe",
        }
    ]


def test_list_of_the_built_in_policies(cli: Any) -> None:
    result = cli.run("policies", "list", "--format", "json")
    listed = json.loads(result.out)
    ids = [entry["id"] for entry in listed]
    assert ids == sorted(ids)
    assert len(ids) == len(set(ids)) >= 80
    fields = ["id", "title", "severity", "control", "aliases", "resources", "fixable"]
    assert {tuple(entry) for entry in listed} == {tuple(fields)}
    assert all("{" not in entry["title"] for entry in listed)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("CKV_AWS_157", "aws-rds-multi-az"),
        ("ckv_aws_157", "aws-rds-multi-az"),
        ("kube-linter:no-liveness-probe", "k8s-probe-liveness"),
        ("no-liveness-probe", "k8s-probe-liveness"),
        ("aws-rds-multi-az", "aws-rds-multi-az"),
    ],
)
def test_explain_by_a_peers_id(cli: Any, wanted: str, expected: str) -> None:
    result = cli.run("explain", wanted)
    assert result.status == 0
    assert expected in result.out.splitlines()[0]
