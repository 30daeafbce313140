"""A gate on services: each has to have a level, or points, at least."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from msgspec import Struct, field

from readiness.errors import UsageError, near
from readiness.scorecard.model import Scorecard, ServiceResult

_TIER = re.compile(r"(?:tier-?)?([0-9])")


class Gate(Struct, frozen=True):
    """What services need: a level, or points from 0 to 100; `tiers` says it for some tiers apart."""

    every: str | int | None = None
    tiers: dict[int, str | int] = field(default_factory=dict)

    def of(self, tier: int) -> str | int | None:
        """What services of a tier need, None for nothing."""
        return self.tiers.get(tier, self.every)


class Below(Struct, frozen=True):
    """A service that is below the gate, and why."""

    service: ServiceResult
    why: str


def parse_gate(texts: Iterable[str], levels: tuple[str, ...], defined: Collection[int] | None = None) -> Gate:
    """The gate of `silver`, `80`, `0=gold` … (several with commas).

    `levels` are those that there are, `defined` the tiers (None: any from 0 to 9).

    Raises:
        UsageError: one of them is no level and no number from 0 to 100, or has no tier, or one that nobody
            defined, or is said twice.
    """
    every: str | int | None = None
    tiers: dict[int, str | int] = {}
    for text in (part.strip() for given in texts for part in given.split(",")):
        name, equals, wanted = text.rpartition("=")
        need = _need(wanted.strip(), levels)
        if not equals:
            if every is not None:
                raise UsageError(
                    f"--fail-under: {text!r} comes after {every!r}; only tiers (0=gold) come beside it"
                )
            every = need
            continue
        match = _TIER.fullmatch(name.strip().lower())
        if match is None:
            raise UsageError(f"--fail-under: {name!r} is no tier; write 0=gold for tier 0")
        tier = int(match.group(1))
        if defined is not None and tier not in defined:
            known = ", ".join(map(str, sorted(defined)))
            raise UsageError(f"--fail-under: tier {tier} is not defined: levels.yaml has {known}")
        if tier in tiers:
            raise UsageError(f"--fail-under: tier {tier} stands there twice")
        tiers[tier] = need
    return Gate(every, tiers)


def _need(text: str, levels: tuple[str, ...]) -> str | int:
    if text.isascii() and text.isdigit() and int(text) <= 100:
        return int(text)
    if text.lower() in levels:
        return text.lower()
    known = ", ".join(levels)
    what = f"{text!r} is no level ({known}) and no number from 0 to 100"
    raise UsageError(f"--fail-under: {what}{near(text.lower(), levels)}")


def below(scorecard: Scorecard, gate: Gate) -> list[Below]:
    """The services that do not have what they need; one of which nothing is known has not."""
    found = []
    for service in scorecard.services:
        need = gate.of(service.tier)
        why = None if need is None else _why(service, need, scorecard.levels)
        if why is not None:
            found.append(Below(service, why))
    return found


def _why(service: ServiceResult, need: str | int, levels: tuple[str, ...]) -> str | None:
    if service.problem is not None:
        return f"it has neither level nor score: {service.problem}"
    if isinstance(need, int):
        if service.score is None:
            return f"nothing is known of it, and it needs {need}"
        return None if service.score >= need else f"it has {service.score} of 100 and needs {need}"
    order = ("", *levels)
    if order.index(service.level) >= order.index(need):
        return None
    has = f"it is {service.level}" if service.level else f"it is below {levels[0]}"
    known = ""
    if order.index(service.level_if_known) >= order.index(need):
        known = " (what is unknown alone keeps it from that)"
    return f"{has} and needs {need}{known}"
