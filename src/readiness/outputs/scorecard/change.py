"""Whether things are better or worse than in the run that a report is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from readiness.scorecard.model import Kpi, Point, Scorecard


class Change(Struct, frozen=True):
    """Two runs: the average score from 0 to 100, and how many services (`of`) are below the lowest level.

    `since` is the day of the earlier run, with its time where both are of one day.  Counted are services that
    have a score.
    """

    since: str
    score: float
    score_then: float
    below: int
    of: int
    below_then: int
    of_then: int

    @property
    def points(self) -> float:
        """By how much the average score changed, to one decimal."""
        return round(self.score - self.score_then, 1)

    @property
    def verdict(self) -> str:
        """`Better than on`, `Worse than on`, `As on`, or `Since` where one is better and the other worse."""
        share = self.below_then / self.of_then - self.below / self.of
        ways = {number > 0 for number in (self.points, share) if number}
        if not ways:
            return "As on"
        return "Since" if len(ways) == 2 else "Better than on" if True in ways else "Worse than on"

    def words(self, lowest: str) -> str:
        """One sentence; `lowest` is the name of the lowest level, "" where there is none.  Not escaped."""
        told = f"{self.verdict} {self.since}: average score {self.score:.0f}"
        told += f" ({self.points:+.1f})" if self.points else ""
        if not lowest:
            return f"{told}."
        noun = "service" if self.of == 1 else "services"
        told += f", {self.below:,} of {self.of:,} {noun} below {lowest}"
        same = (self.below, self.of) == (self.below_then, self.of_then)
        return f"{told}, as then." if same else f"{told} ({self.below_then:,} of {self.of_then:,} then)."


def change(card: Scorecard) -> Change | None:
    """What became of the services since the run that a report is held against; None without one."""
    then = held_against(card)
    if then is None:
        return None
    now = card.history[-1]
    score, below, of = _numbers(card, now)
    score_then, below_then, of_then = _numbers(card, then)
    if score is None or score_then is None:
        return None
    day = then.when[:10]
    since = day if day != now.when[:10] else f"{day} {then.when[11:16]}"
    return Change(since, score, score_then, below, of, below_then, of_then)


def held_against(card: Scorecard) -> Point | None:
    """The earlier run that the trends of key figures are the difference to; None without one.

    That is the first of the history where the caller named a time, and the run before this one elsewhere.  A
    scorecard does not say which: the run is the one whose key figures give the trends.  Runs that are
    measured by other policies or levels are not compared.
    """
    if not card.history:
        return None
    alike = [point for point in card.history[:-1] if point.definitions == card.history[-1].definitions]
    if not alike:
        return None
    fits = (point for point in (alike[-1], alike[0]) if all(_gives(point, kpi) for kpi in card.kpis))
    return next(fits, alike[-1])


def _gives(point: Point, kpi: Kpi) -> bool:
    was = point.kpis.get(kpi.id)
    if was is None or kpi.actual is None:
        return kpi.trend is None
    return kpi.trend is not None and abs(kpi.actual - was - kpi.trend) < 1e-5


def _numbers(card: Scorecard, point: Point) -> tuple[float | None, int, int]:
    """The average score, how many services are below the lowest level, and of how many."""
    scored = [(score, level) for score, level in point.services.values() if score is not None]
    if not scored:
        return None, 0, 0
    below = sum(level not in card.levels for _, level in scored)
    return sum(score for score, _ in scored) / len(scored), below, len(scored)
