"""JSON, version 1: the contract, its schema, and that the schema says what the check report's says."""

from __future__ import annotations

import json
from typing import Any

import pytest
import samples
from form_samples import COMMIT, OPTIONS, WHEN, of, scorecard
from jsonschema import Draft202012Validator

from readiness.outputs import json_report
from readiness.outputs.scorecard import render
from readiness.outputs.scorecard.json_form import schema_path

SCHEMA: dict[str, Any] = json.loads(schema_path().read_text(encoding="utf-8"))


def read(text: str) -> dict[str, Any]:
    """A rendered report."""
    document: dict[str, Any] = json.loads(text)
    return document


@pytest.mark.parametrize("name", ["card", "small", "empty", "hostile"])
def test_it_meets_its_schema(name: str) -> None:
    document = read(render("json", getattr(samples, name)(), OPTIONS))
    assert list(Draft202012Validator(SCHEMA).iter_errors(document)) == []
    assert render("json", getattr(samples, name)(), OPTIONS).isascii()


def test_the_schema_names_every_field() -> None:
    def unnamed(schema: dict[str, Any], value: Any, at: str) -> list[str]:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
        if isinstance(value, list):
            return [one for item in value for one in unnamed(schema.get("items", {}), item, f"{at}[]")]
        if not isinstance(value, dict):
            return []
        named, rest = schema.get("properties", {}), schema.get("additionalProperties")
        found = [] if rest else [f"{at}.{key}" for key in value if key not in named]
        for key, item in value.items():
            found += unnamed(named.get(key, rest or {}), item, f"{at}.{key}")
        return found

    assert unnamed(SCHEMA, read(render("json", samples.card(), OPTIONS)), "") == []


def test_findings_are_those_of_the_check_report() -> None:
    other = json.loads(json_report.schema_path().read_text(encoding="utf-8"))["$defs"]
    for name in ("finding", "error", "summary", "location", "severity", "count"):
        assert SCHEMA["$defs"][name] == other[name]
    made = scorecard()
    check = read(json_report.render(made.report, OPTIONS))
    document = read(render("json", made, OPTIONS))
    for name in ("findings", "errors", "notices", "summary"):
        assert document[name] == check[name]


def test_a_service() -> None:
    document = read(render("json", scorecard(), OPTIONS))
    assert (document["title"], document["commit"], document["when"]) == ("acme/shop", COMMIT, WHEN)
    assert document["levels"] == ["bronze", "silver", "gold"]
    service = document["services"][0]
    head = ("name", "owner", "tier", "level", "level_if_known", "score", "resources", "to_level")
    assert [service[name] for name in head] == ["checkout", "payments", 0, "none", "bronze", 41, 14, "bronze"]
    assert service["facts"] == {
        "owner": {"value": "payments", "by": "catalog", "path": "catalog-info.yaml", "line": 8}
    }
    control = service["controls"][1]
    assert [control[name] for name in ("control", "status", "met", "of", "share")] == [
        "run-01",
        "partly",
        1,
        2,
        0.5,
    ]
    assert control["missing"] == ["run-link is missing"]
    assert control["shortfalls"][0]["addresses"] == ["aws_db_instance.run-link"]
    assert service["next_level"] == [
        {
            "action": "Add `runbook_url` to the alert HighErrors",
            "closes": ["run-01"],
            "policy": "run-link",
            "path": "alerts/rules.yaml",
            "line": 12,
            "severity": "high",
            "findings": 1,
            "unlocks": ["run-01"],
            "fixable": "safe",
            "command": "readiness check --fix --select run-link",
            "fingerprints": ["print-run-link"],
        }
    ]


def test_what_has_no_level_has_none_and_no_score() -> None:
    lost = read(render("json", scorecard(), OPTIONS))["services"][2]
    assert (lost["level"], lost["level_if_known"], lost["score"]) == (None, None, None)
    assert lost["problem"] == "the tier 9 is not defined"


def test_a_level_that_is_not_asked_for_is_null_and_none_is_none() -> None:
    controls = read(render("json", scorecard(), OPTIONS))["services"][0]["controls"]
    assert [control["level"] for control in controls] == ["gold", "none", None, "none", "none"]


def test_key_figures() -> None:
    kpis = read(render("json", scorecard(), OPTIONS))["kpis"]
    assert [(kpi["id"], kpi["actual"], kpi["on_target"], kpi["trend"]) for kpi in kpis] == [
        ("owners", 66.7, True, None),
        ("runbooks", 50.0, False, -2.5),
        ("restores", None, None, None),
    ]
    assert kpis[1]["listed"] == [
        {"name": "checkout", "path": "catalog-info.yaml", "line": 4, "met": False, "service": "checkout"}
    ]


def test_one_service_alone() -> None:
    document = read(render("json", scorecard(), of("search")))
    assert [service["name"] for service in document["services"]] == ["search"]
    assert len(document["findings"]) == 3
