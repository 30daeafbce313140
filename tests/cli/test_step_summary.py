"""`--format github` and the step summary of GitHub Actions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readiness.cli.step_summary import MOST

OWN_POLICIES = Path(__file__).parents[1] / "engine" / "policies"
BUCKET = 'resource "demo_bucket" "a" {\n  encrypted = false\n}\n'


@pytest.fixture
def summary(cli: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file of the step, which does not exist yet."""
    cli.write({"main.tf": BUCKET})
    path = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    return path


def run(cli: Any, *args: str) -> Any:
    return cli.run("check", *args, "--policies", str(OWN_POLICIES), "--select", "demo-*")


def test_it_is_appended(cli: Any, summary: Path) -> None:
    summary.write_text("before\n", encoding="utf-8")
    assert run(cli, "-f", "github").status == 1
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("before\n## readiness: failed\n")
    assert "<code>demo-bucket-encrypted</code>" in text
    once = len(text)
    run(cli, "-f", "github")
    assert len(summary.read_text(encoding="utf-8")) == 2 * once - len("before\n")


@pytest.mark.parametrize(
    "args", [("-f", "text"), ("-f", "markdown"), ("-f", "json", "--report", "github=x.txt")]
)
def test_only_the_format_of_the_step_writes_it(cli: Any, summary: Path, args: tuple[str, ...]) -> None:
    assert run(cli, *args).status == 1
    assert not summary.exists()


def test_a_full_summary_is_not_made_too_large(cli: Any, summary: Path) -> None:
    summary.write_bytes(b"x" * (MOST - 1000))
    result = run(cli, "-f", "github")
    assert (result.status, summary.stat().st_size) == (1, MOST - 1000)
    assert result.err == "note: no room is left in $GITHUB_STEP_SUMMARY for the findings by cause\n"


def test_a_summary_that_cannot_be_written_changes_no_status(
    cli: Any, summary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary.parent))
    result = run(cli, "-f", "github")
    assert result.status == 1
    assert result.out.startswith("::error file=main.tf,")
    assert result.err.startswith("note: $GITHUB_STEP_SUMMARY cannot be written: ")
