"""CSV for spreadsheets: one row for each service and control, or for each key figure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from readiness.outputs.escapes import csv_cell
from readiness.outputs.scorecard.options import ScorecardOptions, chosen_services
from readiness.outputs.scorecard.view import NO_LEVEL, by_area, control_title, level_of

if TYPE_CHECKING:
    from readiness.scorecard.model import AreaResult, ControlResult, Kpi, Scorecard, ServiceResult

CONTROL_COLUMNS = (
    "service", "repository", "owner", "tier", "tier_assumed", "service_level", "service_score", "area",
    "area_score", "control", "title", "strength", "status", "met", "of", "failed", "waived", "unknown",
    "share", "level", "evidence", "missing", "problem",
)  # fmt: skip
"""The first row of the controls.  Columns are only ever added, at the end."""

KPI_COLUMNS = (
    "id", "name", "control", "comparison", "target", "actual", "unit", "met", "of", "unknown", "on_target",
    "trend", "tiers", "blueprint",
)  # fmt: skip
"""The first row of the key figures.  Columns are only ever added, at the end."""

PLACES = 5
"""How many places a cell names before the rest is counted."""


def written(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """CSV (RFC 4180, lines end with LF) in which no text is a formula; None is an empty cell."""
    import csv
    from io import StringIO

    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(csv_cell(cell) if isinstance(cell, str) else _plain(cell) for cell in row)
    return text.getvalue()


def _plain(cell: object) -> object:
    """Truth values as JSON has them."""
    return str(cell).lower() if isinstance(cell, bool) else cell


def some(texts: Sequence[str]) -> str:
    """The first texts in one cell, the others counted."""
    shown = "; ".join(texts[:PLACES])
    return f"{shown}; and {len(texts) - PLACES} more" if len(texts) > PLACES else shown


def _of_service(service: ServiceResult) -> list[object]:
    problem = service.problem is not None
    return [
        service.name,
        service.repository,
        service.owner,
        service.tier,
        service.tier_assumed,
        level_of(service),
        None if problem else service.score,
    ]


def _control(scorecard: Scorecard, area: AreaResult | None, result: ControlResult) -> list[object]:
    info = scorecard.controls.get(result.control)
    return [
        area.area if area is not None else info.area if info is not None else None,
        area.score if area is not None else None,
        result.control,
        control_title(scorecard, result.control),
        result.strength,
        result.status,
        result.met,
        result.of,
        result.failed,
        result.waived,
        result.unknown,
        None if result.share is None else round(result.share, 4),
        None if result.level is None else result.level or NO_LEVEL,
        some([f"{one.path}:{one.line} {one.text}".rstrip() for one in result.evidence]),
        some([f"{one.path}:{one.line} {one.status}: {one.text}" for one in result.missing]),
    ]


def render_controls(scorecard: Scorecard, options: ScorecardOptions) -> str:
    """One row for each service and control; a service without any has a row of its own.

    Raises:
        UsageError: there is no such service.
    """
    rows: list[list[object]] = []
    for service in chosen_services(scorecard, options):
        head = _of_service(service)
        controls = [
            _control(scorecard, area, result)
            for area, results in by_area(scorecard, service)
            for result in results
        ]
        empty: list[object] = [None] * (len(CONTROL_COLUMNS) - len(head) - 1)
        rows += [[*head, *control, service.problem] for control in controls or [empty]]
    return written(CONTROL_COLUMNS, rows)


def _kpi(kpi: Kpi) -> list[object]:
    return [
        kpi.id,
        kpi.name,
        kpi.control,
        kpi.comparison,
        kpi.target,
        kpi.actual,
        kpi.unit,
        kpi.met,
        kpi.of,
        kpi.unknown,
        kpi.on_target,
        kpi.trend,
        " ".join(map(str, kpi.tiers)),
        kpi.blueprint,
    ]


def render_kpis(scorecard: Scorecard, options: ScorecardOptions) -> str:
    """One row for each key figure, over all services."""
    return written(KPI_COLUMNS, map(_kpi, scorecard.kpis))
