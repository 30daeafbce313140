"""What several forms say alike: words for levels and statuses, orders, key figures, steps of all services."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct, field

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


def _gravity(severity: str) -> int:
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)


class WideStep(Struct):
    """One kind of change over all services: what one policy asks for, `step` as the first place has it.

    `services` are full names, `places` repository, path and line, both in the order of the services.
    `closes` has pairs of service and control, `unlocks` those that hold after this kind of change alone.
    `findings` end with it, each counted once; `commands` make it.
    """

    step: Step
    services: list[str] = field(default_factory=list)
    places: dict[tuple[str, str, int], None] = field(default_factory=dict)
    closes: set[tuple[str, str]] = field(default_factory=set)
    unlocks: set[tuple[str, str]] = field(default_factory=set)
    prints: set[str] = field(default_factory=set)
    unnamed: int = 0
    commands: dict[str, None] = field(default_factory=dict)
    fixable: set[str | None] = field(default_factory=set)
    severity: str = "info"  # the gravest

    @property
    def findings(self) -> int:
        """How many findings end with it."""
        return len(self.prints) + self.unnamed

    @property
    def controls(self) -> list[str]:
        """The controls that it closes."""
        return sorted({control for _, control in self.closes})

    @property
    def fix(self) -> str:
        """The option that makes it, "" where none makes it everywhere."""
        if None in self.fixable:
            return ""
        return "--unsafe-fixes" if "unsafe" in self.fixable else "--fix"

    def add(self, service: ServiceResult, step: Step) -> None:
        """Put in a step of a service."""
        name, place = full_name(service), (service.repository, step.path, step.line)
        if name not in self.services[-1:]:
            self.services.append(name)
        self.places[place] = None
        self.closes.update((name, control) for control in step.closes)
        # One finding may be about resources of several services.
        self.prints.update(f"{service.repository}\0{one}" for one in step.fingerprints)
        self.unnamed += 0 if step.fingerprints else step.findings
        self.fixable.add(step.fixable)
        self.severity = min(self.severity, step.severity, key=_gravity)
        if step.command is not None:
            self.commands[step.command] = None


def wide_steps(services: Iterable[ServiceResult]) -> list[WideStep]:
    """The next steps of all services by what is to be done, those after which most controls hold first."""
    found: dict[tuple[str, str], WideStep] = {}
    for service in services:
        needed: dict[str, set[tuple[str, str]]] = {}
        for step in service.steps:
            key = (step.policy, step.action)
            found.setdefault(key, WideStep(step)).add(service, step)
            for control in step.closes:
                needed.setdefault(control, set()).add(key)
        for control, keys in needed.items():
            if len(keys) == 1:
                found[keys.pop()].unlocks.add((full_name(service), control))

    def rank(wide: WideStep) -> tuple[int, int, int, int, str, int, str]:
        step = wide.step
        numbers = (-len(wide.unlocks), -len(wide.closes), -wide.findings, _gravity(wide.severity))
        return *numbers, step.path, step.line, step.policy

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
