"""One cause, one finding: a policy that `yields_to` others is silent where one of these fails."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from readiness.engine.checks import Check
from readiness.engine.model import Finding
from readiness.policy.model import Policy


def in_yield_order(checks: Iterable[Check]) -> list[Check]:
    """Checks with those that yield behind those they yield to; else in their order."""
    every = list(checks)
    above = all_above(every)
    # What yields to more stands behind: whoever it yields to yields to fewer.
    return sorted(every, key=lambda check: len(above.get(check.policy.id, ())))


def all_above(checks: Iterable[Check]) -> dict[str, frozenset[str]]:
    """The policies that each one yields to, through others as well."""
    return _above_policies(check.policy for check in checks)


def _above_policies(policies: Iterable[Policy]) -> dict[str, frozenset[str]]:
    direct = {policy.id: policy.yields_to for policy in policies if policy.yields_to}
    above = {}
    for policy in direct:
        found: set[str] = set()
        left = list(direct[policy])
        while left:
            other = left.pop()
            if other not in found and other != policy:
                found.add(other)
                left.extend(direct.get(other, ()))
        above[policy] = frozenset(found)
    return above


_WHOLE = object()
"""In place of an item: the resource as a whole."""


class Yields:
    """What failed on one resource, of the policies that others yield to."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self._above = all_above(checks)
        self._watched = frozenset(other for above in self._above.values() for other in above)
        self._failed: dict[str, list[Any]] = {}

    def next_resource(self) -> None:
        """Forget what failed on the resource before."""
        if self._failed:
            self._failed = {}

    def failed(self, policy: str, item: Any, each: bool) -> None:
        """Note that a policy failed, with `each` on one item."""
        if policy in self._watched:
            self._failed.setdefault(policy, []).append(item if each else _WHOLE)

    def silent(self, policy: str, item: Any, each: bool) -> bool:
        """Whether a policy has nothing to add: a more specific one failed on the same thing.

        That is the same item, or the resource as a whole where one of the two looks at it as a whole.
        """
        return self.silencer(policy, item, each) is not None

    def silencer(self, policy: str, item: Any, each: bool) -> str | None:
        """The policy that failed on the same thing, None where there is none."""
        for other in self._above.get(policy, ()):
            items = self._failed.get(other)
            if items and (not each or any(one is _WHOLE or _same(one, item) for one in items)):
                return other
        return None


def without_echoes(findings: list[Finding], policies: Iterable[Policy]) -> list[Finding]:
    """Findings without those on changes that say again what another one says of the same resource.

    A policy on changes yields to others where these fail on the resource as it is now; a value that got worse
    is left to the policy on changes that points to it.
    """
    listed = list(policies)
    on_change = {policy.id: policy for policy in listed if policy.on == "change"}
    told = {f.policy for f in findings}
    if on_change.keys().isdisjoint(told):
        return findings
    above = _above_policies(listed)
    # What failed before says nothing of the change; what got worse may not fail yet, so nothing yields to it:
    # each would leave it to the other.
    now = (finding for finding in findings if finding.compared in (None, "new"))
    failing = {(finding.policy, address) for finding in now for address in _addresses(finding)}
    places = {(f.span, f.subject.address) for f in findings if f.policy in on_change}

    def echoes(finding: Finding) -> bool:
        if finding.policy in on_change:
            others = above.get(finding.policy, ())
            return any((other, address) in failing for other in others for address in _addresses(finding))
        return finding.compared == "worsened" and (finding.span, finding.subject.address) in places

    return [finding for finding in findings if not echoes(finding)]


def _addresses(finding: Finding) -> tuple[str, ...]:
    return (finding.subject.address, *finding.instances)


def _same(one: Any, other: Any) -> bool:
    """Whether two items are one: functions make some anew for each policy, and equal ones fail alike."""
    return one is other or (type(one) is type(other) and bool(one == other))
