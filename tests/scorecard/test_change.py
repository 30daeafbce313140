"""Whether a report is better or worse than the run that it is held against."""

from __future__ import annotations

import pytest
from samples import card, empty

from readiness.outputs.scorecard.change import change, held_against
from readiness.scorecard.model import Kpi, Point, Scorecard


def made(*runs: tuple[str, dict[str, tuple[int | None, str]]], definitions: str = "one") -> Scorecard:
    """A report of which the history alone matters: runs with a day and the score and level of services."""
    report = empty()
    report.history = [Point(f"{day}T06:00:00Z", "", of, {}, definitions) for day, of in runs]
    return report


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [
        (
            {"a": (40, ""), "b": (60, "bronze")},
            {"a": (45, "bronze"), "b": (60, "bronze")},
            "Better than on 2026-10-01: average score 52 (+2.5), 0 of 2 services below bronze (1 of 2 then).",
        ),
        (
            {"a": (45, "bronze")},
            {"a": (40, "")},
            "Worse than on 2026-10-01: average score 40 (-5.0), 1 of 1 service below bronze (0 of 1 then).",
        ),
        (
            {"a": (45, "bronze")},
            {"a": (45, "bronze")},
            "As on 2026-10-01: average score 45, 0 of 1 service below bronze, as then.",
        ),
        (
            {"a": (45, "bronze")},
            {"a": (50, "")},
            "Since 2026-10-01: average score 50 (+5.0), 1 of 1 service below bronze (0 of 1 then).",
        ),
        # More services are below, and a smaller share of them.
        (
            {"a": (40, "")},
            {"a": (40, ""), "b": (40, ""), "c": (40, "bronze"), "lost": (None, "")},
            "Better than on 2026-10-01: average score 40, 2 of 3 services below bronze (1 of 1 then).",
        ),
    ],
)
def test_the_words(
    then: dict[str, tuple[int | None, str]], now: dict[str, tuple[int | None, str]], words: str
) -> None:
    found = change(made(("2026-10-01", then), ("2026-11-01", now)))
    assert found is not None
    assert found.words("bronze") == words


def test_two_runs_of_one_day_have_their_time() -> None:
    report = made(("2026-11-01", {"a": (40, "")}), ("2026-11-01", {"a": (41, "")}))
    found = change(report)
    assert found is not None
    assert found.words("") == "Better than on 2026-11-01 06:00: average score 41 (+1.0)."


def test_it_is_held_against_the_run_that_trends_of_key_figures_are_of() -> None:
    report = made(*((f"2026-{month:02}-01", {"a": (month, "")}) for month in (1, 2, 3)))
    for point, value in zip(report.history, (10.0, 30.0, 70.0), strict=True):
        point.kpis["owners"] = value
    kpi = Kpi("owners", "Owners", "own-01", 90, ">=", "percent", 70.0, 7, 10)
    report.kpis = [kpi]
    kpi.trend = 40.0
    assert held_against(report) is report.history[1]
    kpi.trend = 60.0
    assert held_against(report) is report.history[0]


def test_what_is_measured_otherwise_or_has_no_score_is_not_compared() -> None:
    assert change(empty()) is None
    assert change(made(("2026-11-01", {"a": (40, "")}))) is None
    report = made(("2026-10-01", {"a": (40, "")}), ("2026-11-01", {"a": (50, "")}))
    report.history[-1] = Point("2026-11-01T06:00:00Z", "", {"a": (50, "")}, {}, "two")
    assert change(report) is None
    assert change(made(("2026-10-01", {"a": (None, "")}), ("2026-11-01", {"a": (50, "")}))) is None
    assert change(card()) is not None
