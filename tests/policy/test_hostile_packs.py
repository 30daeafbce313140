"""Packs and settings of careless and hostile people: status 2 and a place, never a crash, a hang or silence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

TF = {"a.tf": 'resource "demo_bucket" "a" {\n  name = "a"\n}\n'}
POLICY = """\
id: own-demo
title: Demonstration of a policy
control: own-01
severity: high
resources: [demo_bucket]
params:
  days: {type: integer, default: 7, maximum: 14}
assert: object.a == params.days
message: "{address} is wrong"
remediation: |
  Set `a` to 7 on the bucket.
examples:
  pass:
    - code: |
        resource "demo_bucket" "a" {
          a = 8
        }
      params: {days: 8}
  fail: ["resource \\"demo_bucket\\" \\"a\\" {}"]
"""

WRONG: dict[str, tuple[str, str, str]] = {
    # what: text to replace, replacement, place and message
    "condition of a number": (
        "assert: object.a == params.days",
        "assert: params.days + 1",
        "8:9: assert: true or false is expected here, and this is a whole number",
    ),
    "part of a condition that is a text": (
        "object.a == params.days",
        "object.a == 7 && 'object.b'",
        "8:26: assert: true or false is expected here, and this is a text",
    ),
    "when": ("assert:", "when: size(object.a)\nassert:", "8:7: when: true or false is expected here"),
    "each": ("assert:", "each: object.a == 1\nassert:", "8:7: each: a list or a map is expected here"),
    "sum of a number and a text": (
        "params.days\n",
        "params.days + 'a'\n",
        "8:33: assert: `+` does not take (int, string)",
    ),
    "parameter": (
        "params.days\n",
        "params.dayz\n",
        "8:21: assert: there is no parameter `dayz`; did you mean `days`?",
    ),
    "parameter of the message": (
        "{address} is",
        "{params.day} is",
        "9:10: message: there is no parameter `day`",
    ),
    "default of another type": (
        "default: 7",
        "default: seven",
        "7:34: params.days.default: a whole number is expected, not 'seven'",
    ),
    "default out of bounds": ("default: 7", "default: 15", "7:34: params.days.default: 15 is too great"),
    "pattern": (
        "type: integer, default: 7, maximum: 14",
        "type: string, default: a, pattern: '((('",
        "7:45: params.days.pattern: ",
    ),
    "type of items": (
        "type: integer, default: 7, maximum: 14",
        "type: array, default: [], items: {type: strin}",
        "7:50: params.days.items.type: 'strin' is not one of ",
    ),
    "parameter of an example": (
        "params: {days: 8}",
        "params: {dayz: 8}",
        "18:16: examples.pass.0.params.dayz: there is no parameter 'dayz'; did you mean 'days'?",
    ),
    "value of an example": (
        "params: {days: 8}",
        "params: {days: x}",
        "18:22: examples.pass.0.params.days: a whole number is expected, not 'x'",
    ),
    "key twice": (
        "severity: high\n",
        "severity: high\nseverity: low\n",
        "5:1: the key `severity` is written twice in this mapping: here and at line 4, column 1\n",
    ),
    "tag": (
        "severity: high",
        "severity: !!python/object/apply:os.system [x]",
        "4:11: severity: a list is not one of critical, high, medium, low, info",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_mistake_of_a_policy_is_no_finding(cli: Any, what: str) -> None:
    old, new, expected = WRONG[what]
    assert old in POLICY
    cli.write({"mine/own-demo.yaml": POLICY.replace(old, new, 1), **TF})
    result = cli.run("check", "--policies", "mine")
    assert (result.status, result.out) == (2, "")
    assert f"mine/own-demo.yaml:{expected}" in result.err


def test_the_policy_itself_is_right(cli: Any) -> None:
    cli.write({"mine/own-demo.yaml": POLICY, **TF})
    assert cli.run("policies", "test", "mine").status == 0


CONTROLS = {
    "binary": (b"\xff\xfe", "1:1: the file is not UTF-8"),
    "empty": (b"", "1:1: 'controls' is missing here"),
    "a text": (b"foo", "1:1: a mapping of controls is expected"),
    "not closed": (b"controls: [\n", "2:1: it is no YAML: "),
    "no title": (b"controls:\n  - id: acme-01\n", "2:5: controls.0: 'title' is missing here"),
    "id": (b"controls:\n  - {id: x, title: t}\n", "2:10: controls.0.id: 'x' is not right here: "),
    "field": (b"controls:\n  - {id: acme-01, titel: t}\n", "2:5: controls.0: 'title' is missing here"),
    "twice": (
        b"controls:\n  - {id: acme-01, title: t}\n  - {id: acme-01, title: t}\n",
        "3:10: the control 'acme-01' stands here twice",
    ),
    "deep": (b"controls: " + b"[" * 50_000, "1:40: values nest deeper than 30 levels"),
}


@pytest.mark.parametrize("what", CONTROLS)
def test_wrong_controls_of_a_pack(cli: Any, what: str) -> None:
    content, expected = CONTROLS[what]
    cli.write({"mine/own-demo.yaml": POLICY, "mine/controls.yaml": content, **TF})
    for arguments in (("check", "--policies", "mine"), ("policies", "test", "mine")):
        result = cli.run(*arguments)
        assert (result.status, result.out) == (2, "")
        assert f"mine/controls.yaml:{expected}" in result.err


@pytest.mark.parametrize("name", ["readiness.yaml", "mine/pack.yaml"])
def test_deep_nesting_does_not_end_the_process(cli: Any, name: str) -> None:
    cli.write({"mine/own-demo.yaml": POLICY, name: "a: " + "[" * 100_000, **TF})
    result = cli.run("check", "--policies", "mine")
    assert (result.status, result.out) == (2, "")
    assert f"{name}:1:33: values nest deeper than 30 levels" in result.err


def test_a_pattern_cannot_hang_on_a_value_of_the_settings(cli: Any) -> None:
    policy = POLICY.replace(
        "{type: integer, default: 7, maximum: 14}", "{type: string, default: aa, pattern: '^(a+)+$'}"
    )
    policy = policy.replace("days: 8", "days: aaa")
    settings = "packs: [mine]\npolicies:\n  own-demo: {params: {days: '" + "a" * 40 + "!'}}\n"
    cli.write({"mine/own-demo.yaml": policy, "readiness.yaml": settings, **TF})
    result = cli.run("check")
    assert (result.status, result.out) == (2, "")
    assert "readiness.yaml:3:29: policies.own-demo.params.days: " in result.err


def test_a_huge_policy_is_refused_at_once(cli: Any) -> None:
    cli.write({"mine/own-demo.yaml": "a: [" + "1," * 600_000 + "]", **TF})
    result = cli.run("check", "--policies", "mine")
    assert (result.status, result.out) == (2, "")
    assert "mine/own-demo.yaml:1:1: the file is too large: 1 MB is the most that is read" in result.err


def test_a_policy_in_a_yml_file_is_used(cli: Any) -> None:
    cli.write({"mine/own-demo.yml": POLICY, "mine/notes.yml": "a: 1\n", **TF})
    result = cli.run("check", "--policies", "mine", "--select", "own-demo", "-f", "concise")
    assert result.status == 1
    assert "own-demo demo_bucket.a is wrong" in result.out


def test_links_to_folders_are_followed_once_and_hidden_folders_are_not_read(cli: Any) -> None:
    cli.write({"mine/real/own-demo.yaml": POLICY, "pack/.hidden/own-demo.yaml": "broken: [", **TF})
    Path("pack/linked").symlink_to("../mine/real")
    Path("pack/again").symlink_to("../mine/real")
    Path("mine/real/up").symlink_to("..")
    result = cli.run("check", "--policies", "pack", "--select", "own-demo", "-f", "concise")
    assert result.status == 1
    assert result.out.count("own-demo demo_bucket.a is wrong") == 1


def test_what_cannot_be_read_in_a_pack_is_told(cli: Any) -> None:
    cli.write({"mine/own-demo.yaml": POLICY, **TF})
    Path("mine/own-gone.yaml").symlink_to("nowhere")
    result = cli.run("check", "--policies", "mine")
    assert (result.status, result.out) == (2, "")
    assert "mine/own-gone.yaml: it is a link to nothing" in result.err
    Path("mine/own-gone.yaml").unlink()
    os.mkfifo("mine/own-gone.yaml")
    result = cli.run("check", "--policies", "mine")
    assert (result.status, result.out) == (2, "")
    assert "mine/own-gone.yaml: a file is expected: a pipe or a device is none" in result.err


@pytest.mark.parametrize("name", ["readiness.yaml", "readiness.lock"])
def test_what_decides_about_a_gate_is_not_passed_over(cli: Any, name: str) -> None:
    cli.write(TF)
    Path(name).symlink_to("nowhere")
    result = cli.run("check")
    assert (result.status, result.out) == (2, "")
    assert f"{name}: a file is expected, not a folder, a pipe or a link to nothing" in result.err


def test_a_lock_cannot_drive_the_terminal(cli: Any) -> None:
    lock = r'{"version": 1, "packs": [{"name": "readiness", "version": "\u001b[2J", "hash": "h", "policies": {}}]}'
    cli.write({"readiness.lock": lock, **TF})
    result = cli.run("policies", "diff")
    assert "\x1b" not in result.out + result.err
    assert r"readiness \x1b[2J -> " in result.out


def test_words_for_what_is_no_pack(cli: Any) -> None:
    cli.write(TF)
    expected = "'a.tf' is neither a folder of policies nor a file of one (*.yaml)"
    assert expected in cli.run("check", "--policies", "a.tf").err
    assert "the policy folder '' does not exist" in cli.run("check", "--policies", "").err
    assert "--config names no file" in cli.run("check", "--config", "").err


def test_pages_are_never_written_over_the_files_of_others(cli: Any) -> None:
    cli.write({"mine/own-demo.yaml": POLICY, "docs/README.md": "by hand\n"})
    result = cli.run("policies", "docs", "--policies", "mine", "--output", "docs")
    assert result.status == 2
    assert "'docs/README.md' was not written by this command" in result.err
    assert Path("docs/README.md").read_text(encoding="utf-8") == "by hand\n"
    assert not Path("docs/own-demo.md").exists()
    Path("docs/README.md").unlink()
    assert cli.run("policies", "docs", "--policies", "mine", "--output", "docs").status == 0
    assert cli.run("policies", "docs", "--policies", "mine", "--output", "docs", "--check").status == 0
