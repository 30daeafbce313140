"""One cause, one finding: a policy that `yields_to` others is silent where one of these fails."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from readiness.engine.checks import Check
from readiness.engine.model import Finding
from readiness.policy.iam.statement import Statement
from readiness.policy.model import Policy
from readiness.values import Map, Unknown


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


_DEFAULT = "default of variable "  # an origin, before the name

_WRITTEN = ("sid", "actions", "not_actions", "resources", "not_resources")
"""What tells statements of IAM apart: a `dynamic` block makes several of one span, a text has no spans."""

_WHOLE = object()
"""In place of an item: the resource as a whole."""


class Yields:
    """What failed on one resource or waits for a value there, of the policies that others yield to."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self._above = all_above(checks)
        self._watched = frozenset(other for above in self._above.values() for other in above)
        self._failed: dict[str, list[Any]] = {}
        self._waiting: dict[str, list[tuple[Any, Any]]] = {}  # items, and what each waits for
        self._left: list[tuple[str, Any, str]] = []  # policies that left an item to another one

    def next_resource(self) -> None:
        """Forget what failed on the resource before."""
        if self._failed:
            self._failed = {}
        if self._waiting:
            self._waiting, self._left = {}, []

    def failed(self, policy: str, item: Any, each: bool) -> None:
        """Note that a policy failed, with `each` on one item."""
        if policy in self._watched:
            self._failed.setdefault(policy, []).append(item if each else _WHOLE)

    def silent(self, policy: str, item: Any, each: bool) -> bool:
        """Whether a policy has nothing to add: a more specific one failed on the same thing.

        That is the same item, one that lists it (the pod of a container), or the resource as a whole where
        one of the two looks at it as a whole.
        """
        return self.silencer(policy, item, each) is not None

    def silencer(self, policy: str, item: Any, each: bool) -> str | None:
        """The policy that failed on the same thing, None where there is none."""
        for other in self._above.get(policy, ()):
            items = self._failed.get(other)
            if items and (not each or any(_covers(one, item) for one in items)):
                return other
        return None

    def waits(self, policy: str, item: Any, each: bool, unknown: Unknown) -> bool:
        """Whether a policy that cannot be decided has nothing to add; where it has, that is noted.

        A more specific policy waits for the same value, and that for the same item.
        """
        why = unknown.refs or unknown.reason
        item = item if each and item is not None else _WHOLE
        for other in self._above.get(policy, ()):
            if any(what == why and _waits_with(one, item) for one, what in self._waiting.get(other, ())):
                self._left.append((policy, item, other))
                return True
        if policy in self._watched:
            self._waiting.setdefault(policy, []).append((item, why))
        return False

    def left_to(self, policy: str, item: Any, each: bool) -> str | None:
        """The policy that a policy which cannot be decided left an item to, None where there is none."""
        item = item if each and item is not None else _WHOLE
        return next((by for one, of, by in self._left if one == policy and _waits_with(of, item)), None)

    def left(self, policy: str) -> set[str]:
        """The policies that a policy which cannot be decided left anything to."""
        return {by for one, _, by in self._left if one == policy}


def without_echoes(findings: list[Finding], policies: Iterable[Policy]) -> list[Finding]:
    """Findings without those that say again what another one says of the same cause.

    A policy on changes yields to others where these fail on the resource as it is now; a value that got worse
    is left to the policy on changes that points to it.  A policy on variables yields to others where these
    fail for a value that comes from the variable.
    """
    listed = list(policies)
    above = _above_policies(listed)
    told = {f.policy for f in findings}
    on_change = {policy.id for policy in listed if policy.on == "change"}
    if not on_change.isdisjoint(told):
        findings = _without_changes(findings, on_change, above)
    on_variables = _on_variables(listed)
    if not on_variables.isdisjoint(told):
        findings = _without_variables(findings, on_variables, above)
    return findings


def _without_changes(
    findings: list[Finding], on_change: set[str], above: dict[str, frozenset[str]]
) -> list[Finding]:
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


def _without_variables(
    findings: list[Finding], on_variables: set[str], above: dict[str, frozenset[str]]
) -> list[Finding]:
    wanted = frozenset(other for policy in on_variables for other in above[policy])
    failing = {
        (finding.policy, origin.span.path, origin.span.line)
        for finding in findings
        if finding.policy in wanted and finding.status != "unknown"
        for origin in finding.origins
    }

    def echoes(finding: Finding) -> bool:
        if finding.policy not in on_variables:
            return False
        span = finding.span
        return any((other, span.path, span.line) in failing for other in above[finding.policy])

    return [finding for finding in findings if not echoes(finding)]


def told_by_use(findings: Iterable[Finding], policies: Iterable[Policy]) -> set[tuple[str, str, str]]:
    """The defaults of variables of which findings tell where they are used: policy, path and variable.

    The policies are those on variables that are silent for it.
    """
    listed = list(policies)
    above = _above_policies(listed)
    silent = {policy: above[policy] for policy in _on_variables(listed)}
    return {
        (policy, origin.span.path, origin.kind.removeprefix(_DEFAULT))
        for finding in findings
        if finding.status != "unknown"
        for policy, others in silent.items()
        if finding.policy in others
        for origin in finding.origins
        if origin.kind.startswith(_DEFAULT)
    }


def _on_variables(policies: Iterable[Policy]) -> set[str]:
    return {policy.id for policy in policies if policy.yields_to and policy.resources == ("variable",)}


def _addresses(finding: Finding) -> tuple[str, ...]:
    return (finding.subject.address, *finding.instances)


def _covers(one: Any, item: Any) -> bool:
    """Whether what failed for a thing is all that is to be said of an item."""
    return one is _WHOLE or _same(one, item) or _lists(one, item)


def _waits_with(one: Any, item: Any) -> bool:
    """Whether two items that wait for one value are the same, as far as anything is known of them."""
    if one is _WHOLE or item is _WHOLE or isinstance(one, Unknown) or isinstance(item, Unknown):
        return True
    return _covers(one, item)


def _same(one: Any, other: Any) -> bool:
    """Whether two items are one: functions make some anew for each policy, and equal ones fail alike."""
    if one is other or (type(one) is type(other) and bool(one == other)):
        return True
    # A statement of an IAM policy is there as it is written, as a statement, and as a grant.
    if not isinstance(one, Map) or not isinstance(other, Map) or one.span != other.span:
        return False
    statements = isinstance(one, Statement) + isinstance(other, Statement)
    if statements == 0 or (
        statements == 1 and one.span is None and not (_free(one) and _free(one) == _free(other))
    ):
        return False
    keys = _WRITTEN if statements == 1 else (*_WRITTEN, "effect", "conditions")
    return all(_alike(one.get(key), other.get(key)) for key in keys)


def _free(statement: Map) -> str:
    """The effect of a statement that has no conditions, "" for any other."""
    conditions = statement.get("conditions") or statement.get("condition")
    return "" if conditions else str(statement.get("effect") or "Allow")


def _alike(one: Any, other: Any) -> bool:
    """Whether two values are written the same; what is absent is as an empty list."""
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        both = isinstance(one, Unknown) and isinstance(other, Unknown)
        return both and (one.refs, one.reason) == (other.refs, other.reason)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return (one or None) == (other or None)


def _lists(one: Any, other: Any) -> bool:
    """Whether an item has another one in a list of its own."""
    lists = (part for part in one.values() if isinstance(part, list)) if isinstance(one, dict) else ()
    return any(item is other for part in lists for item in part)
