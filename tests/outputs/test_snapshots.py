"""Every format, compared whole with what a person has read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from sample_reports import OPTIONS, REPORTS

from readiness.outputs import FORMATS, render

CASES: list[tuple[str, str, str, dict[str, Any]]] = [
    # snapshot, format, report, options
    ("text.txt", "text", "full", {}),
    ("text-color.txt", "text", "full", {"color": True}),
    ("text-narrow.txt", "text", "full", {"width": 48}),
    ("text-verbose.txt", "text", "full", {"verbose": True, "show_suppressed": True, "width": 100}),
    ("text-statistics.txt", "text", "full", {"statistics": True, "show_suppressed": True}),
    ("text-quiet.txt", "text", "full", {"quiet": True}),
    ("text-clean.txt", "text", "clean", {}),
    ("text-empty.txt", "text", "empty", {}),
    ("text-errors.txt", "text", "errors", {}),
    ("text-quiet-errors.txt", "text", "errors", {"quiet": True}),
    ("concise.txt", "concise", "full", {}),
    ("concise-suppressed.txt", "concise", "full", {"show_suppressed": True, "color": True}),
    ("concise-statistics.txt", "concise", "full", {"statistics": True, "quiet": True}),
    ("concise-empty.txt", "concise", "empty", {}),
    ("report.json", "json", "full", {}),
    ("report-clean.json", "json", "clean", {}),
    ("github.txt", "github", "full", {}),
    ("github-suppressed.txt", "github", "full", {"show_suppressed": True, "quiet": True}),
    ("github-empty.txt", "github", "empty", {"quiet": True}),
    ("sarif.json", "sarif", "full", {}),
    ("text-compared.txt", "text", "compared", {"show_suppressed": True}),
    ("text-unchanged.txt", "text", "compared", {"show_unchanged": True, "quiet": True}),
    ("concise-compared.txt", "concise", "compared", {"show_suppressed": True}),
    ("github-compared.txt", "github", "compared", {}),
    ("report-compared.json", "json", "compared", {}),
    ("sarif-compared.json", "sarif", "compared", {}),
    ("gitlab.json", "gitlab", "full", {}),
    ("gitlab-compared.json", "gitlab", "compared", {"show_suppressed": True}),
    ("gitlab-clean.json", "gitlab", "clean", {}),
    ("junit.xml", "junit", "full", {"show_suppressed": True}),
    ("junit-compared.xml", "junit", "compared", {}),
    ("junit-empty.xml", "junit", "empty", {}),
    ("markdown.md", "markdown", "full", {}),
    ("markdown-compared.md", "markdown", "compared", {"show_suppressed": True}),
    ("markdown-clean.md", "markdown", "clean", {}),
    ("html.html", "html", "compared", {}),
    ("html-clean.html", "html", "clean", {}),
    ("csv.csv", "csv", "compared", {}),
    ("sarif-empty.json", "sarif", "empty", {}),
]


@pytest.mark.parametrize(("name", "format_", "report", "options"), CASES, ids=[case[0] for case in CASES])
def test_snapshot(
    name: str, format_: str, report: str, options: dict[str, Any], snapshot: Callable[[str, str], None]
) -> None:
    snapshot(name, render(format_, REPORTS[report](), replace(OPTIONS, **options)))


def test_every_format_has_a_snapshot() -> None:
    assert {case[1] for case in CASES} == set(FORMATS)


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("format_", FORMATS)
def test_same_bytes_twice_and_a_final_newline(format_: str, report: str) -> None:
    first = render(format_, REPORTS[report](), OPTIONS)
    assert first == render(format_, REPORTS[report](), OPTIONS)
    assert first.endswith("\n")
    assert not first.endswith("\n\n")


@pytest.mark.parametrize("format_", FORMATS)
def test_ignored_unknowns_are_not_listed(format_: str) -> None:
    report = REPORTS["full"]()
    assert "aws-sg-description" in render(format_, report, OPTIONS)
    report.unknown = "ignore"
    assert "aws-sg-description" not in render(format_, report, OPTIONS)


def test_ignored_unknowns_are_counted() -> None:
    report = REPORTS["full"]()
    report.unknown = "ignore"
    assert "1 unknown (not listed, --unknown ignore)" in render("text", report, replace(OPTIONS, width=200))


@pytest.mark.parametrize("format_", FORMATS)
def test_color_only_when_asked(format_: str) -> None:
    assert "\x1b" not in render(format_, REPORTS["full"](), OPTIONS)
