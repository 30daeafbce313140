"""The checks of a run where settings differ by path and environment: each scope has its own."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from readiness.engine.checks import Check, checks_of
from readiness.engine.scopes import Scopes
from readiness.engine.triage import advisory, gating_alone
from readiness.estate.model import Resource
from readiness.policy.model import Policy


class Part(Struct, eq=False):
    """The checks of one scope, and what is said of their findings.

    `late` are the policies that do not gate yet, with the day from which they do.  `variants` tells by its
    id one form of a policy (its severity, its parameters) from those that it has in other scopes.
    """

    checks: list[Check]
    tier: int
    gates_at: str | None
    late: Mapping[str, str]
    variants: Mapping[str, int]


class Parts(Struct, eq=False):
    """The parts of a run, that of the run as a whole first."""

    every: list[Part]
    scopes: Scopes

    @property
    def checks(self) -> list[Check]:
        """The checks of all parts, each once."""
        return list({id(check): check for part in self.every for check in part.checks}.values())

    def divide(
        self, by_type: Mapping[str, list[Resource]]
    ) -> Iterator[tuple[Part, dict[str, list[Resource]]]]:
        """The resources of each part, by type; parts without any are left out."""
        shares: list[dict[str, list[Resource]]] = [{} for _ in self.every]
        for type_, resources in by_type.items():
            for resource in resources:
                shares[self.scopes.number_of(resource)].setdefault(type_, []).append(resource)
        for part, share in zip(self.every, shares, strict=True):
            if share:
                yield part, share


def make_parts(scopes: Scopes, today: datetime.date, known: dict[str, list[Check]]) -> Parts:
    """The checks of scopes; policies that are equal share one, so it is compiled once.

    `known` are those of runs before, by id; new ones are added.
    """
    made: dict[str, list[Check]] = {}
    parts = []
    for scope in scopes.every:
        late = advisory(scope.policies, today)
        numbers: dict[str, int] = {}
        checks = []
        for policy in gating_alone(scope.policies, late):
            number = _variant(policy, made.setdefault(policy.id, []), known)
            numbers[policy.id] = number
            checks.append(made[policy.id][number])
        parts.append(Part(checks, scope.settings.tier, scope.gates_at, late, numbers))
    return Parts(parts, scopes)


def _variant(policy: Policy, made: list[Check], known: dict[str, list[Check]]) -> int:
    """The index of the check of a policy among those of its id."""
    for number, check in enumerate(made):
        if check.policy is policy or check.policy == policy:
            return number
    made += checks_of([policy], known)
    return len(made) - 1


def limited(
    checks: list[Check], parts: Parts | None, ids: frozenset[str]
) -> tuple[list[Check], Parts | None]:
    """Checks and parts with the policies of some ids alone."""
    kept = [check for check in checks if check.policy.id in ids]
    if parts is None:
        return kept, None
    every = [replace(part, checks=[c for c in part.checks if c.policy.id in ids]) for part in parts.every]
    return kept, Parts(every, parts.scopes)
