"""SARIF 2.1.0 against the schema of the standard and against what code scanning reads."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from sample_reports import OPTIONS, REPORTS, finding, full_report

from readiness.engine.model import Counts, Report
from readiness.errors import SourceError
from readiness.outputs import render
from readiness.outputs.sarif import artifact
from readiness.values import Span


def standard_schema() -> dict[str, Any] | None:
    """The schema of the standard, from `$READINESS_SHARED` or `../shared`, or None."""
    root = Path(__file__).resolve().parents[2]
    folders = [Path(os.environ.get("READINESS_SHARED") or root.parent / "shared"), root.parent / "shared"]
    for folder in folders:
        for name in ("sarif-2.1.0.json", "sarif-schema-2.1.0.json"):
            path = folder / "schemas" / name
            if path.is_file():
                schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
                return schema
    return None


def log(report: Report) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render("sarif", report, OPTIONS))
    run: dict[str, Any] = document["runs"][0]
    return run


@pytest.mark.parametrize("name", REPORTS)
def test_conforms_to_the_standard(name: str) -> None:
    schema = standard_schema()
    if schema is None:
        pytest.skip("no SARIF schema: set READINESS_SHARED to the folder that has schemas/sarif-2.1.0.json")
    document = json.loads(render("sarif", REPORTS[name](), OPTIONS))
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(document)] == []


def test_rules_are_sorted_and_indexed() -> None:
    run = log(full_report())
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [
        "aws-s3-no-public-acl",
        "aws-sg-description",
        "aws-sg-no-open-ssh",
        "aws-tags-owner",
        "k8s-image-no-latest",
        "k8s-probes",
    ]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


@pytest.mark.parametrize(
    ("severity", "level", "number"),
    [
        ("critical", "error", "9.5"),
        ("high", "error", "8.0"),
        ("medium", "warning", "5.5"),
        ("low", "note", "3.0"),
        ("info", "note", "1.0"),
    ],
)
def test_levels(severity: str, level: str, number: str) -> None:
    run = log(Report([finding(severity=severity)], [], Counts(resources=1)))
    rule = run["tool"]["driver"]["rules"][0]
    assert rule["defaultConfiguration"] == {"level": level}
    assert rule["properties"]["security-severity"] == number
    assert run["results"][0]["level"] == level


def test_regions_and_fingerprints() -> None:
    result = log(full_report())["results"][1]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "infra/s3.tf", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 7, "startColumn": 3, "endLine": 11, "endColumn": 4},
    }
    assert result["partialFingerprints"] == {"readiness/v1": "aws-sg-no-open-ssh-aws_security_group.web-fail"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a b/ü#%.tf", {"uri": "a%20b/%C3%BC%23%25.tf", "uriBaseId": "%SRCROOT%"}),
        ("c:d.tf", {"uri": "c%3Ad.tf", "uriBaseId": "%SRCROOT%"}),
        ("../x.tf", {"uri": "../x.tf", "uriBaseId": "%SRCROOT%"}),
        ("bad\udcff.tf", {"uri": "bad%FF.tf", "uriBaseId": "%SRCROOT%"}),
        ("/srv/x y.tf", {"uri": "file:///srv/x%20y.tf"}),
    ],
)
def test_uris(path: str, expected: dict[str, str]) -> None:
    assert artifact(path) == expected


@pytest.mark.parametrize(
    ("status", "kind", "level", "suppressions"),
    [
        ("fail", "fail", "error", None),
        ("unknown", "open", "none", None),
        ("suppressed", "fail", "error", [{"kind": "inSource", "status": "accepted", "justification": "why"}]),
        ("waived", "fail", "error", [{"kind": "external", "status": "accepted", "justification": "why"}]),
        ("baselined", "fail", "error", [{"kind": "external", "status": "accepted", "justification": "why"}]),
    ],
)
def test_statuses(status: str, kind: str, level: str, suppressions: list[dict[str, str]] | None) -> None:
    result = log(Report([finding(status=status, reason="why")], [], Counts(resources=1)))["results"][0]
    assert (result["kind"], result["level"]) == (kind, level)
    assert result.get("suppressions") == suppressions


def test_errors_are_notifications_with_their_place() -> None:
    report = Report(
        [], [SourceError("a b.tf", 3, 9, "broken"), SourceError("c.tf", 0, 0, "big")], Counts(resources=1)
    )
    invocation = log(report)["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 3
    first, second = invocation["toolExecutionNotifications"]
    assert first["message"] == {"text": "broken"}
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b.tf", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 9},
    }
    assert "region" not in second["locations"][0]["physicalLocation"]


def test_a_clean_run_is_successful_and_an_empty_one_is_not() -> None:
    assert log(REPORTS["clean"]())["invocations"][0]["executionSuccessful"] is True
    assert log(REPORTS["empty"]())["invocations"][0]["executionSuccessful"] is False


def test_origins_are_related_locations() -> None:
    result = log(full_report())["results"][0]
    assert result["relatedLocations"] == [
        {
            "id": 1,
            "physicalLocation": {
                "artifactLocation": {"uri": "infra/variables.tf", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 3, "startColumn": 13, "endLine": 3, "endColumn": 26},
            },
            "message": {"text": "value from default of variable acl"},
        }
    ]


def test_a_message_cannot_smuggle_a_link() -> None:
    report = Report([finding(message="see [here](https://evil.example)")], [], Counts(resources=1))
    assert "](" not in log(report)["results"][0]["message"]["text"]


def test_a_region_never_ends_before_it_starts() -> None:
    report = Report([finding(span=Span("a.tf", 5, 9, 4, 1))], [], Counts(resources=1))
    region = log(report)["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 5, "startColumn": 9, "endLine": 5, "endColumn": 9}
