"""Examples of policies on changes: `before` beside what is now."""

from __future__ import annotations

from typing import Any

import pytest

POLICY = """\
id: own-copies
title: No change makes fewer copies
control: bck-01
severity: high
"on": change
resources: [demo_store]
when: action != "create"
assert: >-
  action != "delete" && !(after.copies < before.copies && before.copies != after.copies)
  && (action != "delete" || size(gone("demo_bucket")) > 0)
message: "{address} had {before.copies} copies"
remediation: |
  Leave as many copies as there were.
examples:
"""
STORE = 'resource "demo_store" "main" {{\n  name   = "main"\n  copies = {}\n}}\n'
WAITS = 'variable "copies" {{}}\n{}'.format(STORE.format("var.copies"))


def example(before: str, now: str, extra: str = "") -> str:
    """An example with both sides, as YAML."""
    sides = (("before", before), ("code", now))
    texts = (
        f"{name}: |\n" + "".join(f"        {line}\n" for line in text.splitlines()) for name, text in sides
    )
    return "    - " + "      ".join(texts) + (f"      {extra}\n" if extra else "")


PASS = example(STORE.format(2), STORE.format(3)) + example(WAITS, WAITS.replace('"main"\n', '"other"\n'))
FAIL = example(STORE.format(3), STORE.format(2), "at: 3")
GOOD = (
    f"{POLICY}  pass:\n{PASS}  fail:\n{FAIL}{example(STORE.format(3), '# gone', 'address: demo_store.main')}"
)
GOOD += "  unknown:\n" + example(STORE.format(3), WAITS)
ONE = GOOD.replace('action != "delete" && !(after', "!(after").replace(
    '\n  && (action != "delete" || size(gone("demo_bucket")) > 0)', ' && action != "delete"'
)


def proven(cli: Any, text: str) -> tuple[int, str]:
    """The exit status of `policies test` on a policy, and what it says."""
    cli.write({"own/own-copies.yaml": text})
    result = cli.run("policies", "test", "own")
    return result.status, result.out + result.err


def test_examples_with_two_sides_prove_a_policy(cli: Any) -> None:
    assert proven(cli, ONE) == (0, "1 policy, 5 examples, 2 conjuncts: all proven\n")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("at: 3", "at: 2", "expected a finding at line 2, got fail at main.tf:3:3 on demo_store.main"),
        (
            "demo_store.main\n",
            "demo_store.other\n",
            "expected a finding on demo_store.other, got fail at main.tf:1:1",
        ),
    ],
)
def test_what_is_not_so_is_said(cli: Any, old: str, new: str, said: str) -> None:
    status, out = proven(cli, ONE.replace(old, new))
    assert (status, said in out) == (2, True)


def test_a_condition_that_no_side_needs_is_found(cli: Any) -> None:
    status, out = proven(cli, GOOD)
    assert status == 2
    assert "no example notices that" in out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            ONE.replace('"on": change\n', ""),
            "before: only a policy on changes (",
        ),
        (
            ONE.replace("      code: |", "      address: |", 1),
            "before: it needs `code` or `files`, which say what is now",
        ),
        (
            ONE.replace(
                "    - before: |",
                "    - changes: [{address: demo_store.a, action: delete}]\n      before: |",
                1,
            ),
            "before: each of the `changes` has a `before` of its own",
        ),
        (
            ONE.replace("before: |", "before: [a]\n      x: |", 1),
            "examples.pass.0: an example is a text, or a mapping",
        ),
    ],
)
def test_a_side_that_nothing_is_made_of_is_refused(cli: Any, text: str, said: str) -> None:
    status, out = proven(cli, text)
    assert (status, said in out) == (2, True), out


def test_explain_and_pages_show_both_sides(cli: Any) -> None:
    cli.write({"own/own-copies.yaml": ONE})
    out = cli.run("explain", "--policies", "own", "own-copies").out
    assert out.index("# before") < out.index("copies = 2") < out.index("# now") < out.index("copies = 3")
    document = cli.run("explain", "--policies", "own", "own-copies", "--format", "json").out
    assert '"before"' in document
    cli.run("policies", "docs", "--policies", "own", "--output", "pages")
    page = (cli.root / "pages/own-copies.md").read_text()
    assert page.index("Before:") < page.index("copies = 3") < page.index("Now:") < page.index("copies = 2")
