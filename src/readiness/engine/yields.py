"""One cause, one finding: a policy that `yields_to` others is silent where one of these fails."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from readiness.engine.checks import Check


def in_yield_order(checks: Iterable[Check]) -> list[Check]:
    """Checks with those that yield behind those they yield to; else in their order."""
    every = list(checks)
    above = _all_above(every)
    # What yields to more stands behind: whoever it yields to yields to fewer.
    return sorted(every, key=lambda check: len(above.get(check.policy.id, ())))


def _all_above(checks: Iterable[Check]) -> dict[str, frozenset[str]]:
    """The policies that each one yields to, through others as well."""
    direct = {check.policy.id: check.policy.yields_to for check in checks if check.policy.yields_to}
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


class Yields:
    """What failed on one resource, of the policies that others yield to."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self._above = _all_above(checks)
        self._watched = frozenset(other for above in self._above.values() for other in above)
        self._failed: dict[str, set[object]] = {}

    def next_resource(self) -> None:
        """Forget what failed on the resource before."""
        if self._failed:
            self._failed = {}

    def failed(self, policy: str, item: Any, each: bool) -> None:
        """Note that a policy failed, with `each` on one item."""
        if policy in self._watched:
            self._failed.setdefault(policy, set()).add(_key(item) if each else None)

    def silent(self, policy: str, item: Any, each: bool) -> bool:
        """Whether a policy has nothing to add: a more specific one failed on the same thing.

        That is the same item, or the resource as a whole where one of the two looks at it as a whole.
        """
        for other in self._above[policy]:
            items = self._failed.get(other)
            if items and (not each or None in items or _key(item) in items):
                return True
        return False


def _key(item: Any) -> object:
    """An item is itself: two equal containers are two."""
    return id(item) if isinstance(item, dict | list) else ("value", repr(item))
