"""The export for auditors: a row for each service, control and clause, with places, commit and time."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from form_samples import COMMIT, OPTIONS, WHEN, of, scorecard

from readiness.outputs.scorecard import render
from readiness.outputs.scorecard.evidence import COLUMNS


def lines(options: object = OPTIONS) -> list[dict[str, Any]]:
    """The rows of the export."""
    return [json.loads(line) for line in render("evidence", scorecard(), options).splitlines()]  # type: ignore[arg-type]


def test_a_row_for_each_clause() -> None:
    found = [
        (row["service"], row["control"], row["framework"], row["clause"], row["result"]) for row in lines()
    ]
    assert found == [
        ("checkout", "own-01", None, None, "met"),
        ("checkout", "run-01", "iso-27001", "A.5.26", "partly"),
        ("checkout", "run-01", "soc2", "CC7.4", "partly"),
        ("checkout", "run-01", "soc2", "CC7.5", "partly"),
        ("checkout", "run-02", None, None, "not-applicable"),
        ("checkout", "bck-01", "soc2", "A1.2", "waived"),
        ("checkout", "res-01", None, None, "unknown"),
        ("search", "own-01", None, None, "met"),
    ]


def test_what_a_row_has() -> None:
    met, waived = lines()[0], lines()[5]
    assert met["evidence"] == [{"path": "catalog-info.yaml", "line": 8, "text": "spec.owner is payments"}]
    assert (met["commit"], met["time"], met["tool"]) == (COMMIT, WHEN, "readiness 1.2.3")
    assert waived["missing"] == []
    assert waived["exceptions"] == [
        {
            "path": "infra/db.tf",
            "line": 3,
            "status": "waived",
            "severity": "high",
            "policy": "db-backup",
            "text": "db-backup is missing",
            "addresses": ["aws_db_instance.db-backup"],
            "fingerprint": "print-db-backup",
            "reason": "it moves in March",
            "until": "2027-01-31",
            "owner": "shop",
        }
    ]


def test_what_is_not_known_is_not_an_exception() -> None:
    unknown = lines()[6]
    assert unknown["exceptions"] == []
    assert [one["status"] for one in unknown["missing"]] == ["unknown"]


def test_the_same_as_csv() -> None:
    text = render("evidence-csv", scorecard(), OPTIONS)
    assert text.splitlines()[0] == ",".join(COLUMNS)
    found = list(csv.DictReader(io.StringIO(text)))
    assert [row["clause"] or None for row in found] == [row["clause"] for row in lines()]
    assert found[1]["missing"] == "alerts/rules.yaml:12 fail: run-link is missing"
    assert found[5]["exceptions"] == "infra/db.tf:3 waived, owner shop, until 2027-01-31, it moves in March"


def test_one_service_alone() -> None:
    assert [row["control"] for row in lines(of("search"))] == ["own-01"]
