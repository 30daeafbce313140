"""What the text format makes of single findings; the whole look is in the snapshots."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from sample_reports import OPTIONS, finding

from readiness.engine.model import Counts, Origin, Report
from readiness.outputs import render
from readiness.outputs.text import first_sentence, instances_text
from readiness.values import Span


@pytest.mark.parametrize(
    ("remediation", "expected"),
    [
        ("Set `a` to `b`.\n\nMore.", "Set `a` to `b`."),
        ("Set `a` so that\nit is long. Then do more.", "Set `a` so that it is long."),
        ("Add a block:\n```hcl\na = 1\n```", "Add a block"),
        ("# Heading\n\nText", "Heading"),
        ("* one\n* two", "one"),
        ("```hcl\na = 1\n```\n", "a = 1"),
        ("Use 1.2.3 or later, e.g. the newest. `x` helps.", "Use 1.2.3 or later, e.g. the newest."),
        ("", ""),
        ("\n\n", ""),
    ],
)
def test_first_sentence(remediation: str, expected: str) -> None:
    assert first_sentence(remediation) == expected


def test_instances() -> None:
    assert instances_text(("a", "b"), 3) == "a, b"
    assert instances_text(("a", "b", "c", "d", "e"), 3) == "a, b, c (2 more)"
    assert instances_text(("a", "b", "c", "d", "e"), None) == "a, b, c, d, e"


def text(*findings: object, sources: dict[str, str] | None = None) -> str:
    report = Report(list(findings), [], Counts(files=1, resources=1), sources=sources or {})  # type: ignore[arg-type]
    return render("text", report, replace(OPTIONS, width=100))


def test_gutter_is_as_wide_as_the_widest_line_number() -> None:
    source = "x\n" * 120
    shown = text(
        finding(span=Span("a.tf", 9, 1, 9, 2), origins=(Origin("local a", Span("a.tf", 118, 1, 118, 2)),)),
        sources={"a.tf": source},
    )
    assert "   --> a.tf:9:1\n    |\n  9 | x\n    | ^\n" in shown
    assert "    = value from local a: a.tf:118:1\n118 | x\n    | -\n" in shown


def test_without_the_source_there_is_still_the_place() -> None:
    shown = text(finding())
    assert " --> infra/s3.tf:3:3\n  = resource: aws_s3_bucket.logs (service billing, tier 1)\n" in shown


def test_findings_of_one_file_share_a_heading() -> None:
    shown = text(finding(), finding("b-policy"), finding("c-policy", span=Span("z.tf", 1, 1, 1, 2)))
    assert shown.count("infra/s3.tf  2 findings\n") == 1
    assert shown.count("z.tf  1 finding\n") == 1


def test_a_reason_that_the_message_gives_is_not_given_twice() -> None:
    shown = text(
        finding(
            status="unknown", message="not known, because var.a has no value", reason="var.a has no value"
        )
    )
    assert shown.count("var.a has no value") == 1
