"""CSV: a row for each service and control, a row for each key figure, and no formulas."""

from __future__ import annotations

import csv
import io

from form_samples import OPTIONS, of, scorecard
from msgspec.structs import replace
from samples import card

from readiness.outputs.scorecard import render
from readiness.outputs.scorecard.csv_forms import CONTROL_COLUMNS, KPI_COLUMNS
from readiness.scorecard.model import Evidence


def rows(form: str, made: object = None, options: object = OPTIONS) -> list[dict[str, str]]:
    """The rows of a form."""
    text = render(form, made or scorecard(), options)  # type: ignore[arg-type]
    return list(csv.DictReader(io.StringIO(text)))


def test_a_row_for_each_service_and_control() -> None:
    found = rows("csv")
    assert [(row["service"], row["control"], row["status"]) for row in found] == [
        ("checkout", "own-01", "met"),
        ("checkout", "run-01", "partly"),
        ("checkout", "bck-01", "waived"),
        ("checkout", "res-01", "unknown"),
        ("checkout", "run-02", "not-applicable"),
        ("search", "own-01", "met"),
        ("lost", "", ""),
    ]
    assert found[1] == {
        "service": "checkout",
        "repository": "",
        "owner": "payments",
        "tier": "0",
        "tier_assumed": "false",
        "service_level": "none",
        "service_score": "41",
        "area": "run",
        "area_score": "50",
        "control": "run-01",
        "title": "Alerts link to a runbook",
        "strength": "block",
        "status": "partly",
        "met": "1",
        "of": "2",
        "failed": "1",
        "waived": "0",
        "unknown": "0",
        "share": "0.5",
        "level": "none",
        "evidence": "",
        "missing": "alerts/rules.yaml:12 fail: run-link is missing",
        "problem": "",
    }
    assert (found[3]["share"], found[3]["area_score"]) == ("", "")
    # Areas do not list what they do not ask for.
    assert (found[4]["area"], found[4]["area_score"]) == ("run", "")
    assert (found[6]["service_level"], found[6]["service_score"]) == ("", "")
    assert found[6]["problem"] == "the tier 9 is not defined"


def test_every_control_of_every_service_is_there() -> None:
    made = card(5, 0)
    assert len(rows("csv", made)) == sum(len(service.controls) for service in made.services)
    named = rows("csv", made, replace(OPTIONS, service="billing"))
    assert {row["service"] for row in named} == {"billing"}


def test_the_first_rows() -> None:
    assert render("csv", scorecard(), OPTIONS).splitlines()[0] == ",".join(CONTROL_COLUMNS)
    assert render("csv-kpis", scorecard(), OPTIONS).splitlines()[0] == ",".join(KPI_COLUMNS)


def test_key_figures() -> None:
    found = rows("csv-kpis")
    assert [(row["id"], row["target"], row["actual"], row["on_target"]) for row in found] == [
        ("owners", "60", "66.7", "true"),
        ("runbooks", "90", "50.0", "false"),
        ("restores", "100", "", ""),
    ]
    assert (found[1]["comparison"], found[1]["tiers"], found[1]["trend"]) == (">=", "0 1", "-2.5")


def test_nothing_is_a_formula() -> None:
    made = scorecard()
    service = made.services[0]
    service.name, service.owner = '=HYPERLINK("x")', "+1"
    service.controls[0].evidence = [Evidence("@SUM(A1)", 1, "x")] * 7
    made.kpis[0].name, made.kpis[0].comparison = "-1", "="
    row = rows("csv", made)[0]
    assert (row["service"], row["owner"]) == ('\'=HYPERLINK("x")', "'+1")
    assert row["evidence"] == "'" + "; ".join(["@SUM(A1):1 x"] * 5) + "; and 2 more"
    kpi = rows("csv-kpis", made)[0]
    assert (kpi["name"], kpi["comparison"]) == ("'-1", "'=")


def test_one_service_alone() -> None:
    assert [row["control"] for row in rows("csv", None, of("search"))] == ["own-01"]
