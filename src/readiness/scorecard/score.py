"""Controls of a service → scores and levels of its areas, and its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from readiness.engine.model import SEVERITIES
from readiness.scorecard.levels import Levels
from readiness.scorecard.model import AreaResult, ControlResult, Missing


def add_levels(results: Sequence[ControlResult], tier: int, levels: Levels) -> None:
    """Set the level that each control allows."""
    for result in results:
        result.level = _level_of(result, tier, levels, result.missing)


def _level_of(result: ControlResult, tier: int, levels: Levels, missing: Sequence[Missing]) -> str | None:
    """The best level that a control allows: "" for none; None where no level asks for it, or it asks nothing.

    Beyond the levels that ask for it a control stands in nobody's way.
    """
    if result.status == "not-applicable":
        return None
    asked = [index for index, controls in enumerate(levels.asked[tier]) if result.control in controls]
    if not asked:
        return None
    best = levels.every[-1].id
    for index, level in enumerate(levels.every):
        if index in asked and any(at_or_above(one.severity, level.severity) for one in missing):
            return levels.every[index - 1].id if index else ""
    return best


def at_or_above(severity: str, floor: str) -> bool:
    """Whether a severity is as grave as another one, or more so."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(floor)


def level_if_known(results: Iterable[ControlResult], tier: int, levels: Levels) -> str:
    """The level of a service, if everything unknown turned out well."""
    found = []
    for result in results:
        missing = [one for one in result.missing if one.status != "unknown"]
        found.append(_level_of(result, tier, levels, missing))
    return lowest(found, levels) or ""


def lowest(found: Iterable[str | None], levels: Levels) -> str | None:
    """The lowest of levels, "" below all of them; None where there is none to compare."""
    order = ("", *levels.names)
    known = [level for level in found if level is not None]
    return min(known, key=order.index) if known else None


def area_results(results: Sequence[ControlResult], levels: Levels) -> list[AreaResult]:
    """The areas of a service, in the order of the levels file; those that ask nothing are left out."""
    by_area: dict[str, list[ControlResult]] = {}
    for result in results:
        if result.status != "not-applicable":
            by_area.setdefault(levels.area_of(result.control), []).append(result)
    ordered = dict.fromkeys([*levels.areas, *by_area])
    return [_area(area, by_area[area], levels) for area in ordered if area in by_area]


def _area(area: str, own: Sequence[ControlResult], levels: Levels) -> AreaResult:
    score, capped_by = score_of(own, levels)
    return AreaResult(
        area=area,
        title=levels.titles.get(area, area),
        controls=[one.control for one in own],
        score=score,
        level=lowest((one.level for one in own), levels),
        capped_by=capped_by,
    )


def score_of(results: Sequence[ControlResult], levels: Levels) -> tuple[int | None, str | None]:
    """Points from 0 to 100 of controls, and the control that holds them down; None where nothing is known.

    The mean of what is known of each, weighed by its strength.  While a blocking control misses something
    critical (or whatever else the levels file says), no mean gets above its cap.
    """
    known = [(one, one.share) for one in results if one.share is not None]
    weights = [levels.strengths[one.strength] for one, _ in known]
    if not known:
        return None, None
    if not any(weights):
        weights = [1.0 for _ in known]
    pairs = zip(weights, known, strict=True)
    mean = 100 * sum(weight * share for weight, (_, share) in pairs) / sum(weights)
    # 100 is for what is complete, 0 for what has nothing; a check may weigh nothing, and be one nevertheless.
    least = 1 if mean > 0 or any(one.met for one, _ in known) else 0
    most = 99 if mean < 100 or any(one.failed or one.waived for one, _ in known) else 100
    points = min(most, max(least, round(mean)))
    capped_by = None
    for one in results:
        cap = _cap(one, levels)
        if cap is not None and points > cap:
            points, capped_by = cap, one.control
    return points, capped_by


def _cap(result: ControlResult, levels: Levels) -> int | None:
    """The most points that are left while a blocking control misses what it does."""
    if result.strength != "block":
        return None
    # What is unknown is neither met nor missing; what is waived is not met.
    missing = {one.severity for one in result.missing if one.status != "unknown"}
    return min((cap for severity, cap in levels.caps.items() if severity in missing), default=None)
