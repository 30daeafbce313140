"""The JSON contract, version 1."""

from __future__ import annotations

import json

import jsonschema
import pytest
from msgspec.structs import replace
from sample_reports import OPTIONS, REPORTS, compared_report, finding, full_report

from readiness.engine.model import Counts, Report
from readiness.outputs import render
from readiness.outputs.json_report import schema_path
from readiness.outputs.jsontext import dumps

SCHEMA = json.loads(schema_path().read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

CONTRACT = {
    "policy", "title", "control", "aliases", "severity", "status", "resource", "location", "message",
    "remediation", "fingerprint", "fixable", "reason",
}  # fmt: skip
ADDED = {
    "environments", "all_environments", "origins", "instances", "references", "advisory_until", "compared",
    "was", "affects", "allowance",
}  # fmt: skip


@pytest.mark.parametrize("name", REPORTS)
def test_conforms_to_the_schema_that_ships(name: str) -> None:
    VALIDATOR.validate(json.loads(render("json", REPORTS[name](), OPTIONS)))


def test_the_schema_itself_is_valid_and_closed_enough_to_fail() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    document = json.loads(render("json", full_report(), OPTIONS))
    del document["findings"][0]["fingerprint"]
    document["findings"][1]["severity"] = "severe"
    document["summary"]["files"] = -1
    assert len(list(VALIDATOR.iter_errors(document))) == 3


@pytest.mark.parametrize("name", REPORTS)
def test_exactly_the_fields_of_the_contract(name: str) -> None:
    document = json.loads(render("json", REPORTS[name](), OPTIONS))
    assert list(document) == [
        "schema_version", "tool", "findings", "errors", "notices", "summary", "comparison", "risk",
    ]  # fmt: skip
    assert document["schema_version"] == 1
    assert document["tool"] == {"name": "readiness", "version": "1.2.3"}
    for item in document["findings"]:
        assert set(item) == CONTRACT | ADDED
        assert set(item["resource"]) == {"address", "type", "name", "service", "tier"}
        assert set(item["location"]) == {"path", "line", "column", "end_line", "end_column"}
    for item in document["errors"]:
        assert set(item) == {"path", "line", "column", "message", "kind"}
    summary = document["summary"]
    assert set(summary) == {
        "files", "unread", "resources", "policies", "checks", "findings", "by_severity", "unknown_reasons",
    }  # fmt: skip
    assert set(summary["checks"]) == {"evaluated", "unknown", "skipped"}
    assert list(summary["findings"]) == ["fail", "unknown", "suppressed", "waived", "baselined"]


def test_counts() -> None:
    summary = json.loads(render("json", full_report(), OPTIONS))["summary"]
    assert summary["findings"] == {"fail": 3, "unknown": 1, "suppressed": 1, "waived": 1, "baselined": 0}
    assert summary["by_severity"] == {"critical": 1, "high": 1, "medium": 1}
    assert summary["checks"] == {"evaluated": 1900, "unknown": 6, "skipped": 12}


def test_options_for_people_change_nothing() -> None:
    options = replace(OPTIONS, color=True, width=20, quiet=True, verbose=True, show_suppressed=True)
    assert render("json", full_report(), options) == render("json", full_report(), OPTIONS)


def test_one_finding_is_one_line_of_ascii() -> None:
    text = render("json", full_report(), OPTIONS)
    assert text.isascii()
    assert sum(line.startswith('  {"policy"') for line in text.splitlines()) == 6


def test_text_survives_whole() -> None:
    message = 'a\x1b[0m "q" \\ ü \U0001f600 \u2028 end'
    report = Report([finding(message=message)], [], Counts())
    assert json.loads(render("json", report, OPTIONS))["findings"][0]["message"] == message


def test_undecodable_bytes_of_a_name_do_not_break_readers() -> None:
    assert json.loads(dumps({"a\udcff": ["x\udcff\U0001f600"]}, 3)) == {"a\ufffd": ["x\ufffd\U0001f600"]}


@pytest.mark.parametrize("depth", range(5))
def test_layout_never_changes_the_document(depth: int) -> None:
    document = {"a": [], "b": {}, "c": [1, {"d": [None, True, 1.5, "x"]}], "e": {"f": {"g": "h"}}}
    text = dumps(document, depth)
    assert json.loads(text) == document
    assert text.endswith("\n")


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        dumps({"a": float("nan")}, 1)


def test_the_comparison_and_who_lets_pass() -> None:
    document = json.loads(render("json", compared_report(), OPTIONS))
    comparison = document["comparison"]
    assert [item["fingerprint"] for item in comparison.pop("fixed")] == ["gone"]
    assert comparison == {
        "base": "origin/main",
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "new": 3,
        "worsened": 1,
        "unchanged": 1,
    }
    found = {item["policy"]: item for item in document["findings"]}
    assert (found["k8s-image-no-latest"]["compared"], found["k8s-image-no-latest"]["was"]) == (
        "worsened",
        "shop/app:1.4.2",
    )
    assert found["aws-sg-no-open-ssh"]["allowance"] is None
    assert found["k8s-probes"]["allowance"] == {
        "kind": "waiver",
        "location": {"path": "waivers.yaml", "line": 3, "column": 3, "end_line": 3, "end_column": 20},
        "reason": "batch only, approved until 2027-01-31",
        "owner": "shop",
        "ticket": "OPS-12",
        "approved_by": "security",
        "expires": "2027-01-31",
    }


def test_no_string_is_a_command_to_a_runner() -> None:
    message = "##vso[task.complete result=Succeeded;]ok ##[error]x ##"
    text = render("json", Report([finding(message=message)], [], Counts()), OPTIONS)
    assert "##vso[" not in text and "##[" not in text
    assert json.loads(text)["findings"][0]["message"] == message
