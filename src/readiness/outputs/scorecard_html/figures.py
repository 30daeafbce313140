"""The numbers over all services that the overview and the history show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from readiness.scorecard.model import Kpi, Point, Scorecard, ServiceResult

UNJUDGED = "unjudged"
"""Stands for the level of a service that has none for a reason of its own (`ServiceResult.problem`)."""


class TierRow(Struct, frozen=True):
    """Services of one tier (None for all): how many at each level, and their average score.

    `counts` has one number for each level from the lowest, that of no level before and that of services
    which are not judged behind.
    """

    tier: int | None
    counts: tuple[int, ...]
    score: float | None

    @property
    def total(self) -> int:
        """How many services there are."""
        return sum(self.counts)


class AreaRow(Struct, frozen=True):
    """An area over all services that it asks something of; `none` of these have no level in it."""

    area: str
    title: str
    score: float
    services: int
    none: int


def mean(numbers: list[int]) -> float | None:
    """The average, None of nothing."""
    return sum(numbers) / len(numbers) if numbers else None


def tier_rows(card: Scorecard) -> list[TierRow]:
    """A row for each tier that has services, the strictest first, and one for all before them."""
    tiers = sorted({service.tier for service in card.services})
    rows = [_row(card, None, card.services)]
    return rows + [_row(card, tier, [one for one in card.services if one.tier == tier]) for tier in tiers]


def _row(card: Scorecard, tier: int | None, services: list[ServiceResult]) -> TierRow:
    order = ["", *card.levels, UNJUDGED]
    counts = dict.fromkeys(order, 0)
    for service in services:
        counts[level_of(service)] = counts.get(level_of(service), 0) + 1
    scores = [service.score for service in services if service.score is not None]
    return TierRow(tier, tuple(counts[name] for name in order), mean(scores))


def level_of(service: ServiceResult) -> str:
    """The level of a service: "" for none, `UNJUDGED` where it could not be judged."""
    return UNJUDGED if service.problem is not None else service.level


def area_rows(card: Scorecard) -> list[AreaRow]:
    """Areas with a score, the lowest average first."""
    found: dict[str, list[tuple[int, bool]]] = {}
    titles = dict(card.areas)
    for service in card.services:
        for area in service.areas:
            titles.setdefault(area.area, area.title)
            if area.score is not None:
                found.setdefault(area.area, []).append((area.score, area.level == ""))
    rows = [
        AreaRow(
            area,
            titles[area],
            sum(score for score, _ in scores) / len(scores),
            len(scores),
            sum(none for _, none in scores),
        )
        for area, scores in found.items()
    ]
    return sorted(rows, key=lambda row: (row.score, row.area))


def off_target(kpis: list[Kpi]) -> list[Kpi]:
    """Key figures that miss their target, the farthest from it (as part of the target) first."""

    def gap(kpi: Kpi) -> float:
        assert kpi.actual is not None
        return abs(kpi.actual - kpi.target) / (abs(kpi.target) or 1)

    missed = [kpi for kpi in kpis if kpi.on_target is False and kpi.actual is not None]
    return sorted(missed, key=lambda kpi: (-gap(kpi), kpi.id))


def point_score(point: Point) -> float | None:
    """The average score of the services of a run."""
    return mean([score for score, _ in point.services.values() if score is not None])


def point_levels(point: Point, levels: tuple[str, ...]) -> tuple[int, ...]:
    """How many services of a run were at each level, those of none first; other names count as none."""
    counts = dict.fromkeys(["", *levels], 0)
    for _, level in point.services.values():
        counts[level if level in counts else ""] += 1
    return tuple(counts.values())


def name_in_history(service: ServiceResult) -> str:
    """The name of a service in the points of the history, as `Point` has it."""
    return f"{service.repository}/{service.name}" if service.repository else service.name
