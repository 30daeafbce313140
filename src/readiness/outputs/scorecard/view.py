"""What several forms say alike: words for levels and statuses, orders, key figures, steps of all services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from readiness.outputs.scorecard.options import full_name

if TYPE_CHECKING:
    from readiness.engine.model import Finding
    from readiness.scorecard.model import (
        AreaResult,
        ControlInfo,
        ControlResult,
        Kpi,
        Missing,
        Scorecard,
        ServiceResult,
        Step,
    )

NO_LEVEL = "none"
"""What stands for the level of a service that is below the lowest."""

STATUS_WORDS = {
    "met": "met",
    "partly": "partly",
    "not-met": "not met",
    "waived": "waived",
    "unknown": "unknown",
    "not-applicable": "not asked",
}
"""The statuses of controls, as people read them."""

_SEVERITIES = ("critical", "high", "medium", "low", "info")


def level_of(service: ServiceResult) -> str | None:
    """The level, `none` below the lowest, None for a service that has a problem and thus no level."""
    return None if service.problem is not None else service.level or NO_LEVEL


def level_words(service: ServiceResult) -> str:
    """`silver`, `none`, `?` for a service without one, with `(gold?)` where unknowns hold it down."""
    level = level_of(service)
    if level is None:
        return "?"
    known = service.level_if_known
    return f"{level} ({known}?)" if known and known != service.level else level


def tier_words(service: ServiceResult) -> str:
    """`1`, or `1?` where nothing names the tier."""
    return f"{service.tier}?" if service.tier_assumed else str(service.tier)


def score_words(score: int | None) -> str:
    """`78`, or `-` where nothing is known."""
    return "-" if score is None else str(score)


def level_rank(scorecard: Scorecard, level: str | None) -> int:
    """How high a level stands: -1 for no level, 0 below the lowest, and above that from 1."""
    if level is None:
        return -1
    return scorecard.levels.index(level) + 1 if level in scorecard.levels else 0


def worst_first(scorecard: Scorecard, services: Iterable[ServiceResult]) -> list[ServiceResult]:
    """Services by level, the lowest first, then by tier, score and name."""

    def rank(service: ServiceResult) -> tuple[int, int, int, str]:
        score = 101 if service.score is None else service.score
        return level_rank(scorecard, level_of(service)), service.tier, score, full_name(service)

    return sorted(services, key=rank)


def level_counts(scorecard: Scorecard, services: Iterable[ServiceResult]) -> list[tuple[str, int]]:
    """How many services are at each level, the highest first, then `none` and `no level` (if any)."""
    found: dict[str, int] = dict.fromkeys((*reversed(scorecard.levels), NO_LEVEL), 0)
    without = 0
    for service in services:
        level = level_of(service)
        if level is None:
            without += 1
        else:
            found[level] = found.get(level, 0) + 1
    return [*found.items(), *([("no level", without)] if without else [])]


def weakest_areas(service: ServiceResult, most: int) -> list[AreaResult]:
    """The areas with the lowest scores that are not full, the lowest first."""
    short = [area for area in service.areas if area.score is not None and area.score < 100]
    return sorted(short, key=lambda area: (area.score, area.title))[:most]


def by_area(
    scorecard: Scorecard, service: ServiceResult
) -> list[tuple[AreaResult | None, list[ControlResult]]]:
    """The controls of a service by area, in the order of the areas; None for those of no area."""
    left = {result.control: result for result in service.controls}
    groups: list[tuple[AreaResult | None, list[ControlResult]]] = []
    for area in service.areas:
        found = [left.pop(control) for control in area.controls if control in left]
        groups.append((area, found))
    return [*groups, (None, list(left.values()))] if left else groups


def control_title(scorecard: Scorecard, control: str) -> str:
    """The title of a control, or its id where nothing is known of it."""
    info: ControlInfo | None = scorecard.controls.get(control)
    return info.title if info is not None else control


def number(value: float) -> str:
    """`71.4`, `90`."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def in_unit(value: float | None, unit: str) -> str:
    """`71.4 %`, `3 days`, or `-` where there is nothing to measure."""
    if value is None:
        return "-"
    sign = "%" if unit == "percent" else unit
    return f"{number(value)} {sign}".rstrip()


def target_words(kpi: Kpi) -> str:
    """`>= 90 %`."""
    return f"{kpi.comparison} {in_unit(kpi.target, kpi.unit)}"


def target_state(kpi: Kpi) -> str:
    """`on target`, `off target` or `not measured`."""
    if kpi.on_target is None or kpi.actual is None:
        return "not measured"
    return "on target" if kpi.on_target else "off target"


def off_target_first(kpis: Iterable[Kpi]) -> list[Kpi]:
    """Key figures that miss their target, then those that meet it, then those without a number."""
    order = {"off target": 0, "on target": 1, "not measured": 2}
    return sorted(kpis, key=lambda kpi: order[target_state(kpi)])


class WideStep(Struct):
    """A change that helps several services: `step` as the first of them has it.

    `services` are their full names, `closes` and `unlocks` the controls of all of them, `findings` how many
    findings end with it.
    """

    step: Step
    services: list[str]
    closes: set[str]
    unlocks: set[tuple[str, str]]
    prints: set[str]
    findings: int


def wide_steps(services: Sequence[ServiceResult]) -> list[WideStep]:
    """The next steps of all services, those that unlock most first; the same change is listed once."""
    found: dict[tuple[str, str, str, int, str], WideStep] = {}
    for service in services:
        name = full_name(service)
        for step in service.steps:
            key = (service.repository, step.policy, step.path, step.line, step.action)
            wide = found.setdefault(key, WideStep(step, [], set(), set(), set(), 0))
            wide.services.append(name)
            wide.closes.update(step.closes)
            wide.unlocks.update((name, control) for control in step.unlocks)
            wide.prints.update(step.fingerprints)
            wide.findings = max(wide.findings, step.findings, len(wide.prints))

    def rank(wide: WideStep) -> tuple[int, int, int, str, int, str]:
        step = wide.step
        gravity = _SEVERITIES.index(step.severity) if step.severity in _SEVERITIES else len(_SEVERITIES)
        return -len(wide.unlocks), -wide.findings, gravity, step.path, step.line, step.policy

    return sorted(found.values(), key=rank)


class Allowed(Struct, frozen=True):
    """Findings of the run by fingerprint: who lets pass what a control misses."""

    findings: dict[str, Finding]

    @classmethod
    def of(cls, scorecard: Scorecard) -> Allowed:
        """Of the findings of a scorecard."""
        return cls({finding.fingerprint: finding for finding in scorecard.report.findings})

    def owner(self, missing: Missing) -> str | None:
        """Who answers for the exception that lets it pass, where that is written."""
        finding = self.findings.get(missing.fingerprint)
        allowance = finding.allowance if finding is not None else None
        return (allowance.owner or allowance.approved_by) if allowance is not None else None

    def why(self, missing: Missing) -> str:
        """`owner shop, until 2027-01-31: it moves in March`; empty where nothing is known; not escaped."""
        owner = self.owner(missing)
        facts = [f"owner {owner}"] if owner else []
        facts += [f"until {missing.until}"] if missing.until else []
        words = ", ".join(facts)
        if missing.reason is None or missing.reason in missing.text:
            return words
        return f"{words}: {missing.reason}" if words else missing.reason
