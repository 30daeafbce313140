"""The comment on a pull request: what comes first, and how much there may be."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace
from sample_reports import OPTIONS, compared_report, finding, full_report, many_findings

from readiness.engine.model import Comparison, Counts, Report
from readiness.errors import SourceError
from readiness.outputs import render
from readiness.outputs.causes import by_cause, matrix
from readiness.outputs.markdown_report import CELL, LIMIT, page


@pytest.mark.parametrize(
    ("number", "policies"), [(500, 12), (500, 500), (5_000, 40), (20_000, 1_300), (20_000, 1)]
)
def test_it_fits_a_comment_and_counts_the_rest(number: int, policies: int) -> None:
    text = render("markdown", many_findings(number, policies), OPTIONS)
    assert len(text) < LIMIT
    assert text.startswith("## readiness: failed\n\n**")
    rows = len(re.findall(r"^- `infra/s3.tf:3` ", text, re.MULTILINE))
    more = [
        int(n.replace(",", ""))
        for n in re.findall(r"^- … and ([\d,]+) more of this policy$", text, re.MULTILINE)
    ]
    left = [int(n.replace(",", "")) for n in re.findall(r"\*\*… and ([\d,]+) more finding", text)]
    assert rows + sum(more) + sum(left) == number
    assert text.count("<details") == text.count("</details>")


def test_long_texts_are_cut() -> None:
    long = "x" * 100_000
    found = [
        finding(f"p{index}", message=long, address=f"a.{long}", title=long, remediation=long)
        for index in range(50)
    ]
    report = Report(found, [SourceError(long, 1, 1, long)] * 100, Counts(resources=1))
    text = render("markdown", report, OPTIONS)
    assert len(text) < LIMIT
    assert max(len(run) for run in re.findall("x+", text)) < CELL
    assert "- … and 80 more\n" in text


@pytest.mark.parametrize("char", "<|`@")
def test_signs_that_take_more_room_when_they_are_escaped_fit_too(char: str) -> None:
    long = char * 1_000
    report = many_findings(500, 50)
    report.errors = [SourceError(long, 1, 1, long)] * 50
    report.notices = [SourceError(long, 1, 1, long, "notice")] * 50
    report.comparison = Comparison("main", "a" * 40, [finding(long, address=long)] * 50)
    report.findings.append(
        finding(long, "critical", message=long, title=long, remediation=long, address=long)
    )
    report.findings[-1] = replace(report.findings[-1], instances=(long,), reason=f"{long}.", was=long)
    text = render("markdown", report, OPTIONS)
    assert len(text) < LIMIT
    assert re.search(r"^- … and (30|45|50) more$", text, re.MULTILINE)
    assert "### Fails the gate (" in text


def test_a_small_page_still_says_what_failed() -> None:
    text = page(many_findings(500, 50), OPTIONS, 4_000)
    assert len(text) <= 4_000
    assert text.startswith("## readiness: failed\n")
    assert "more findings of " in text


def test_gravest_first_then_the_largest() -> None:
    causes = by_cause(
        [
            finding("b", "low"),
            finding("a", "high"),
            finding("c", "critical"),
            finding("d", "high"),
            finding("d", "low"),
        ]
    )
    assert [(cause.policy, cause.severity, len(cause.findings)) for cause in causes] == [
        ("c", "critical", 1),
        ("d", "high", 2),
        ("a", "high", 1),
        ("b", "low", 1),
    ]


def test_the_counts_of_a_comparison() -> None:
    assert matrix(compared_report()) == (
        ["new", "worsened", "unchanged", "advisory", "unknown", "suppressed", "waived", "baselined"],
        [
            ("critical", [1, 0, 0, 0, 0, 0, 0, 0]),
            ("high", [0, 0, 1, 0, 0, 0, 0, 0]),
            ("medium", [0, 1, 0, 1, 0, 1, 0, 0]),
            ("low", [0, 0, 0, 0, 1, 0, 0, 0]),
            ("info", [0, 0, 0, 0, 0, 0, 1, 1]),
        ],
    )
    assert matrix(full_report())[0] == ["findings", "unknown", "suppressed", "waived"]


def test_the_order_of_its_parts() -> None:
    text = render("markdown", compared_report(), replace(OPTIONS, show_suppressed=True, show_unchanged=True))
    parts = re.findall(r"^(?:#+ .*|<details><summary>fixed.*)$", text, re.MULTILINE)
    assert parts == [
        "## readiness: failed",
        "### Not read in full (3)",
        "<details><summary>fixed: 1 finding of origin/main is gone, thank you</summary>",
        "### Fails the gate (1)",
        "### Does not fail the gate (3)",
        "### Not decided (1)",
        "### Let pass (3)",
    ]


def test_it_is_the_markdown_it_means_to_be() -> None:
    text = render("markdown", full_report(), OPTIONS)
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert html.count("<table>") == 1
    assert html.count("<li>") == 3 + 4
    assert "container app uses the tag latest <code>Deployment/checkout</code>" in html


def test_a_hundred_policies_are_all_named() -> None:
    report = many_findings(500, 100)
    text = render("markdown", report, OPTIONS)
    assert all(f"<code>policy-{index:04}</code>" in text for index in range(100))
    assert "more findings of" not in text
