"""GitLab Code Quality, held against what its documentation asks of the file."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from msgspec.structs import replace
from sample_reports import OPTIONS, REPORTS, compared_report, finding, full_report, many_findings

from readiness.engine.model import Counts, Report
from readiness.errors import SourceError
from readiness.outputs import render
from readiness.values import Span

# Written from https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format (the table of
# fields, the severities, and "the relative path", "without ./").
SCHEMA: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "additionalProperties": False,
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": False,
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def issues(report: Report, **options: Any) -> list[dict[str, Any]]:
    text = render("gitlab", report, replace(OPTIONS, **options))
    assert not text.startswith("\ufeff")  # GitLab's parser refuses a byte order mark
    found: list[dict[str, Any]] = json.loads(text)
    return found


@pytest.mark.parametrize("show_suppressed", [False, True])
@pytest.mark.parametrize("name", REPORTS)
def test_conforms_to_the_documentation(name: str, show_suppressed: bool) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(issues(REPORTS[name](), show_suppressed=show_suppressed))


@pytest.mark.parametrize(
    ("severity", "status", "advisory", "expected"),
    [
        ("critical", "fail", None, "blocker"),
        ("high", "fail", None, "critical"),
        ("medium", "fail", None, "major"),
        ("low", "fail", None, "minor"),
        ("info", "fail", None, "info"),
        ("critical", "unknown", None, "info"),
        ("critical", "fail", "2027-01-01", "info"),
    ],
)
def test_severities(severity: str, status: str, advisory: str | None, expected: str) -> None:
    one = finding(severity=severity, status=status, advisory_until=advisory)
    assert [item["severity"] for item in issues(Report([one], [], Counts()))] == [expected]


def test_fingerprints_are_unique() -> None:
    found = issues(many_findings(500, 40))
    assert len({item["fingerprint"] for item in found}) == len(found) == 503


def test_what_the_base_has_too_stays_in_for_gitlab_compares_itself() -> None:
    assert "aws-s3-no-public-acl" in [item["check_name"] for item in issues(compared_report())]


def test_what_is_let_pass_is_in_only_when_asked_for() -> None:
    assert "k8s-probes" not in [item["check_name"] for item in issues(full_report())]
    (probes,) = (
        i for i in issues(compared_report(), show_suppressed=True) if i["check_name"] == "k8s-probes"
    )
    assert probes["severity"] == "info"
    assert probes["description"] == (
        "container app has no readiness probe [Deployment/checkout]; waived: batch only, approved until "
        "2027-01-31; let pass by waiver at waivers.yaml:3:3, owner shop, ticket OPS-12, approved by security, "
        "until 2027-01-31"
    )


def test_errors_and_notices_are_told() -> None:
    report = Report([finding(span=Span("./a.tf", 3, 1, 3, 2))], [], Counts())
    report.errors = [SourceError("b.tf", 0, 0, "too large"), SourceError("b.tf", 4, 1, "crashed", "internal")]
    report.notices = [SourceError("charts/a", 0, 0, "not rendered", "notice")]
    found = issues(report)
    assert [
        (i["check_name"], i["severity"], i["location"]["path"], i["location"]["lines"]["begin"])
        for i in found
    ] == [
        ("aws-s3-no-public-acl", "critical", "a.tf", 3),
        ("readiness-unread", "critical", "b.tf", 1),
        ("readiness-internal", "critical", "b.tf", 4),
        ("readiness-notice", "info", "charts/a", 1),
    ]
    assert len(issues(report, quiet=True)) == 3
