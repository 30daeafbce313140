"""Workflow commands: what GitHub's runner decodes is what was meant."""

from __future__ import annotations

import pytest
from sample_reports import OPTIONS, finding, many_findings

from readiness.engine.model import Counts, Report
from readiness.errors import SourceError
from readiness.outputs import render
from readiness.outputs.github import command, escape_data, escape_property
from readiness.values import Span


def first_line(*findings: object, errors: tuple[SourceError, ...] = ()) -> str:
    report = Report(list(findings), list(errors), Counts(files=1, resources=1))  # type: ignore[arg-type]
    return render("github", report, OPTIONS).splitlines()[0]


def test_escapes() -> None:
    assert escape_data("100% a:b,c\r\nd") == "100%25 a:b,c%0D%0Ad"
    assert escape_property("100% a:b,c\r\nd") == "100%25 a%3Ab%2Cc%0D%0Ad"
    assert command("error", {"file": "a,b:c", "line": 3}, "x\ny") == "::error file=a%2Cb%3Ac,line=3::x%0Ay"


@pytest.mark.parametrize(
    ("severity", "status", "level"),
    [
        ("critical", "fail", "error"),
        ("high", "fail", "error"),
        ("medium", "fail", "warning"),
        ("low", "fail", "notice"),
        ("info", "fail", "notice"),
        ("critical", "unknown", "notice"),
    ],
)
def test_levels(severity: str, status: str, level: str) -> None:
    assert first_line(finding(severity=severity, status=status)).startswith(f"::{level} file=infra/s3.tf,")


def test_columns_only_of_a_region_on_one_line() -> None:
    assert "line=3,endLine=3,col=3,endColumn=19,title=" in first_line(finding())
    assert "line=3,endLine=5,title=" in first_line(finding(span=Span("a.tf", 3, 3, 5, 2)))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            SourceError("a.tf", 4, 7, "50% lost"),
            "::error file=a.tf,line=4,col=7,title=could not be read::50%25 lost",
        ),
        (SourceError("a.tf", 0, 0, "big"), "::error file=a.tf,title=could not be read::big"),
        (
            SourceError("a.tf", 4, 7, "bug", "internal"),
            "::error file=a.tf,line=4,col=7,title=internal error::bug",
        ),
    ],
)
def test_errors(error: SourceError, expected: str) -> None:
    assert first_line(errors=(error,)) == expected


def test_the_summary_is_the_last_line() -> None:
    report = Report([finding()], [], Counts(files=1, resources=1, evaluated=1, policies=1))
    assert render("github", report, OPTIONS).splitlines()[-1] == (
        "1 finding: 1 high. checked 1 resource in 1 file against 1 policy: 1 check evaluated, 0 unknown, "
        "0 skipped. failed: 1 finding at or above the gate `high` (exit status 1)"
    )


def test_no_more_annotations_than_github_shows_gravest_first() -> None:
    report = many_findings(100, 100)
    lines = render("github", report, OPTIONS).splitlines()
    commands = [line for line in lines if line.startswith("::")]
    levels = [line[2:].split(" ")[0] for line in commands]
    assert levels == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 10
    titles = [line.split("title=")[1].split(" ")[0] for line in commands]
    assert titles[:8] == ["critical"] * 8
    assert sum("could not be read" in line or "internal error" in line for line in commands[:10]) == 2
    rest = [line for line in lines if not line.startswith("::")]
    assert rest[0] == (
        "73 more, not annotated: GitHub shows 10 of each level in a step; the step summary has them by cause"
    )
    assert len(rest) == 1 + 73 + 1
    assert rest[1] == (
        "infra/s3.tf:3:3: critical policy-0040 aws_s3_bucket.logs is readable by everyone (acl is public-read) "
        "[aws_s3_bucket.logs[40] and 5 more]"
    )


def test_ten_of_a_level_are_all_annotated() -> None:
    found = [finding(f"p{index}") for index in range(10)]
    lines = render("github", Report(found, [], Counts(resources=1)), OPTIONS).splitlines()
    assert len(lines) == 11
    assert all(line.startswith("::error ") for line in lines[:10])
