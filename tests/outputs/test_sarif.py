"""SARIF 2.1.0 against the schema of the standard and against what code scanning reads."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from sample_reports import OPTIONS, REPORTS, compared_report, finding, full_report, many_findings

from readiness.engine.model import Counts, Origin, Report
from readiness.errors import SourceError
from readiness.outputs import render, sarif
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


def test_states_against_a_base() -> None:
    run = log(compared_report())
    assert {result["ruleId"]: result.get("baselineState") for result in run["results"]} == {
        "aws-s3-no-public-acl": "unchanged",
        "aws-sg-no-open-ssh": "new",
        "aws-sg-description": "new",
        "aws-tags-owner": "unchanged",
        "k8s-image-no-latest": "updated",
        "k8s-image-digest": "new",
        "k8s-probes": "new",
        "k8s-limits": None,
    }
    # What is fixed is counted and no result: code scanning would open an alert for it.
    assert run["properties"] == {
        "base": "origin/main",
        "baseCommit": "0123456789abcdef0123456789abcdef01234567",
        "fixed": 1,
    }
    assert "properties" not in log(full_report())


def test_who_lets_pass() -> None:
    results = {result["ruleId"]: result for result in log(compared_report())["results"]}
    assert results["k8s-probes"]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "batch only, approved until 2027-01-31",
            "location": {
                "physicalLocation": {
                    "artifactLocation": {"uri": "waivers.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 3, "startColumn": 3, "endLine": 3, "endColumn": 20},
                }
            },
            "properties": {
                "kind": "waiver",
                "owner": "shop",
                "ticket": "OPS-12",
                "approvedBy": "security",
                "expires": "2027-01-31",
            },
        }
    ]
    assert results["k8s-limits"]["suppressions"] == [
        {"kind": "external", "status": "accepted", "properties": {"kind": "baseline"}}
    ]
    assert [item["kind"] for item in results["aws-tags-owner"]["suppressions"]] == ["inSource"]


def omitted(run: dict[str, Any]) -> list[str]:
    told = run["invocations"][0]["toolExecutionNotifications"]
    return [item["message"]["text"] for item in told if item["descriptor"]["id"] == "omitted"]


def test_no_more_results_than_github_accepts_and_the_gravest_of_them() -> None:
    run = log(many_findings(25_010, 10))
    assert len(run["results"]) == 25_000
    assert omitted(run) == [
        "10 findings of the least grave are left out: GitHub accepts 25,000 results of a run, and 10 MB"
    ]
    # Every fifth finding is unknown, and those are the least grave of this report.
    assert sum(result["kind"] == "open" for result in run["results"]) == 5_002 - 10
    assert omitted(log(many_findings(50, 10))) == []


def test_no_larger_than_github_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "COMPRESSED", 20_000)
    report = many_findings(3_000, 10)
    text = render("sarif", report, OPTIONS)
    run = json.loads(text)["runs"][0]
    left = 3_000 - len(run["results"])
    assert 0 < left < 3_000
    assert omitted(run)[0].startswith(f"{left:,} findings of the least grave are left out")
    assert len(gzip.compress(text.encode(), mtime=0)) <= 20_000


def test_no_more_locations_and_tags_than_github_accepts() -> None:
    many = tuple(
        Origin(f"local a{index}", Span("a.tf", index + 1, 1, index + 1, 2)) for index in range(1_200)
    )
    run = log(Report([finding(origins=many)], [], Counts(resources=1)))
    (result,) = run["results"]
    assert len(result["locations"]) + len(result["relatedLocations"]) == 1_000
    assert all(len(rule["properties"]["tags"]) <= 10 for rule in run["tool"]["driver"]["rules"])
