"""The pages about policies: what is in them, what they escape, and that those of the repository are up to date."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

import pytest

from readiness.outputs.pages import Catalogue, pages, stale
from readiness.outputs.pages.markdown import code, fenced, inline, prose
from readiness.outputs.pages.policy import _broken
from readiness.policy.bundle import builtin_folder, load_builtin
from readiness.policy.controls import load_controls
from readiness.policy.model import Example, Examples, Policy

ROOT = builtin_folder().parent
LINK = re.compile(r"\]\(([^()\s]+)\)")


@pytest.fixture(scope="module")
def built() -> dict[str, str]:
    """The pages of the built-in policies."""
    return pages(Catalogue(load_builtin(examples=True), load_controls(builtin_folder())))


def policy(**changes: Any) -> Policy:
    """A policy with a parameter and an example of either kind."""
    given: dict[str, Any] = {
        "id": "acme-demo",
        "title": "Buckets keep {params.days} days",
        "control": "acme-01",
        "severity": "high",
        "resources": ("demo_bucket",),
        "assert_": "object.days >= params.days",
        "message": "too few",
        "remediation": "Keep more.",
        "path": "own/storage/acme-demo.yaml",
        "params": {"days": {"type": "integer", "default": 7, "minimum": 1, "description": "a | b"}},
        "examples": Examples(
            [Example({"main.tf": "days = 7\n"}, 1)], [Example({"main.tf": "days = 1\n"}, 1)]
        ),
    }
    return Policy(**{**given, **changes})


def page(**changes: Any) -> str:
    """The page of such a policy."""
    return pages(Catalogue([policy(**changes)], {}, "own"))["acme-demo.md"]


# -- the repository --------------------------------------------------------------------


def test_the_pages_of_the_repository_are_up_to_date(built: dict[str, str]) -> None:
    assert stale(ROOT / "docs" / "policies", built) == [], "run `readiness policies docs`"


def test_every_policy_and_control_has_a_page(built: dict[str, str]) -> None:
    ids = {path.stem for path in builtin_folder().glob("*/*/*.yaml")}
    assert ids <= {name.removesuffix(".md") for name in built}
    assert {f"controls/{id_}.md" for id_ in load_controls(builtin_folder())} <= set(built)


def test_every_link_between_pages_leads_somewhere(built: dict[str, str]) -> None:
    dead = []
    for name, text in built.items():
        outside = re.sub(
            r"^(`{3,}).*?^\1$|`[^`\n]*`|<code>.*?</code>", "", text, flags=re.MULTILINE | re.DOTALL
        )
        for target in LINK.findall(outside):
            page_name = posixpath.normpath(posixpath.join(posixpath.dirname(name), target.partition("#")[0]))
            if not target.startswith("https:") and page_name not in built:
                dead.append((name, target))
    assert dead == []


def test_every_fence_is_closed(built: dict[str, str]) -> None:
    for name, text in built.items():
        assert len(re.findall(r"^`{3,}", text, re.MULTILINE)) % 2 == 0, name


def test_the_page_of_a_policy_has_all_of_it(built: dict[str, str]) -> None:
    text = built["aws-rds-backup-retention.md"]
    assert text.startswith(
        "# Databases keep automated backups for at least 7 days\n\n| Id | `aws-rds-backup-retention` |"
    )
    for line in (
        "| **Severity** | high (tier 0: critical, tier 1: high, tier 2: medium; other tiers are not checked) |",
        "| **Control** | [Persistent data is backed up and recoverable](controls/bck-01.md) (`bck-01`) |",
        "| **Platform** | [AWS](platforms/aws.md), rds |",
        "| **Other tools** | `CKV_AWS_133`, `CKV_AWS_360`, `CKV_AWS_361`, `AVD-AWS-0077` |",
        "| `days` | integer | `7` | 1 to 35 | Days that automated backups are kept. |",
        "readiness explain aws-rds-backup-retention",
        "## Fails",
        "## Passes",
        "## References",
    ):
        assert f"\n{line}\n" in text


def test_the_page_of_a_control_has_all_of_it(built: dict[str, str]) -> None:
    text = built["controls/run-01.md"]
    assert text.startswith("# Alerts and critical services link to a runbook\n")
    for line in (
        "| tier-0 | block | Every page and every service has a runbook that resolves. |",
        "| Runbook coverage of critical alerts | &gt;=80 | percent | tier-1 | Principal Production Engineer |",
        "| [`run-prom-runbook`](../run-prom-runbook.md) | high | Paging Prometheus alerts link a runbook |",
    ):
        assert f"\n{line}\n" in text


# -- what is escaped -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a | b", "a &#124; b"),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        ("*all* of _it_, not a_b", r"\*all\* of \_it\_, not a_b"),
        ("[x](javascript:y)", r"\[x\](javascript:y)"),
        ("the tag `latest`", "the tag `latest`"),
        ("`a|b` is code", "<code>a&#124;b</code> is code"),
        ("a ` alone", "a &#96; alone"),
        ("two\nlines", "two lines"),
        ("hidden \u202e text", "hidden \\\\u202e text"),
    ],
)
def test_inline(text: str, shown: str) -> None:
    assert inline(text) == shown


def test_code_with_what_would_end_it() -> None:
    assert code("a") == "`a`"
    assert code("a|`b`<c>") == "<code>a&#124;&#96;b&#96;&lt;c&gt;</code>"


def test_a_fence_is_longer_than_those_in_it() -> None:
    assert fenced("```\nx\n```", "text") == ["````text", "```", "x", "```", "````"]


def test_prose_keeps_markdown_and_no_html() -> None:
    written = "# Head\n<b>x</b> `<b>` <https://example.com/a>\n\n```html\n<b>\n```\n\n```hcl\nopen"
    assert prose(written) == [
        "\\# Head",
        "&lt;b>x&lt;/b> `<b>` <https://example.com/a>",
        "",
        "```html",
        "<b>",
        "```",
        "",
        "```hcl",
        "open",
        "```",
    ]


def test_a_table_keeps_its_columns() -> None:
    assert "| `days` | integer | `7` | at least 1 | a &#124; b |" in page().splitlines()


def test_a_long_condition_is_broken_outside_brackets_and_texts() -> None:
    condition = 'object.a.all(x, x == " && " && x != null) && object.b == true' + " && object.c == true" * 3
    assert _broken(condition).split("\n") == [
        'object.a.all(x, x == " && " && x != null)',
        "&& object.b == true",
        *["&& object.c == true"] * 3,
    ]
    assert _broken("object.a && object.b") == "object.a && object.b"


def test_the_shortest_example_is_shown_where_the_first_is_long() -> None:
    long = Example({"main.tf": "x = 1\n" * 60}, 1)
    short = Example({"main.tf": "y = 2\n"}, 1)
    text = page(examples=Examples([long, short], [short]))
    assert "x = 1" not in text
    assert text.count("y = 2") == 2


def test_what_is_opinionated_says_so() -> None:
    assert "opinionated" not in page()
    assert "| **Profiles** | readiness, all (opinionated: not every" in page(default=False)


# -- the command -----------------------------------------------------------------------

PACK = {
    "own/storage/acme-demo.yaml": """id: acme-demo
title: Buckets are encrypted
control: own-01
severity: high
resources: [demo_bucket]
assert: object.encrypted == true
message: "{address} is not encrypted"
remediation: |
  Set `encrypted` on the bucket.
examples:
  pass: ['resource "demo_bucket" "a" { encrypted = true }']
  fail: ['resource "demo_bucket" "a" {}']
"""
}
PAGES = [
    "README.md",
    "acme-demo.md",
    "controls/own-01.md",
    "frameworks.md",
    "other-tools.md",
    "platforms/storage.md",
    "severities/high.md",
]


def there(root: Path) -> list[str]:
    """The files below a folder."""
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_pack_of_ones_own(cli: Any) -> None:
    cli.write(PACK)
    made = cli.run("policies", "docs", "--policies", "own", "--output", "pages")
    assert (made.status, made.out, made.err) == (0, "pages: 7 pages, 7 changed\n", "")
    assert there(cli.root / "pages") == PAGES
    again = cli.run("policies", "docs", "--policies", "own", "--output", "pages")
    assert again.out == "pages: 7 pages, 0 changed\n"
    index = (cli.root / "pages" / "README.md").read_text(encoding="utf-8")
    assert "1 policy for 1 control; 1 is in the profile `default`" in index
    assert "| [storage](platforms/storage.md) | 1 |   | 1 |   |   |   |" in index


def test_check_names_what_is_stale(cli: Any) -> None:
    cli.write(PACK)
    args = ("policies", "docs", "--policies", "own", "--output", "pages")
    cli.run(*args)
    fresh = cli.run(*args, "--check")
    assert (fresh.status, fresh.out) == (0, "pages: 7 pages, all up to date\n")
    folder = cli.root / "pages"
    page = folder / "acme-demo.md"
    page.write_text("changed\n" + page.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "frameworks.md").unlink()
    (folder / "gone-policy.md").write_text(
        (folder / "README.md").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (folder / "mine.md").write_text("# Notes of our own\n", encoding="utf-8")
    old = cli.run(*args, "--check")
    assert old.status == 1
    assert old.out.splitlines() == [
        "pages/acme-demo.md",
        "pages/frameworks.md",
        "pages/gone-policy.md",
        "3 pages to renew: `readiness policies docs --output pages --policies own`",
    ]
    assert cli.run(*args).out == "pages: 7 pages, 3 changed\n"
    assert there(folder) == sorted([*PAGES, "mine.md"])


def test_the_folder_of_the_pages_is_one(cli: Any) -> None:
    cli.write({**PACK, "pages": "x"})
    refused = cli.run("policies", "docs", "--policies", "own", "--output", "pages")
    assert (refused.status, refused.out) == (2, "")
    assert "'pages' is no folder" in refused.err
