"""Values that a change makes worse, though the policy that looks at them may still hold."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from readiness.engine.checks import Check
from readiness.engine.homes import Home
from readiness.engine.run import EVALUATION, Run
from readiness.engine.telling import item_name
from readiness.estate.kept import Pair, resource_of
from readiness.estate.model import Resource, in_view, scalar_text
from readiness.policy.cel import HOST
from readiness.policy.cel.ops import as_number, order
from readiness.policy.cel.watched import Watched, watched, written
from readiness.policy.host import bindings
from readiness.values import Unknown


class Worse(Struct, frozen=True):
    """A value that was better: of a policy and a resource, what it was and what it is."""

    policy: str
    address: str
    home: Home
    item: str
    name: str
    was: str
    now: str


ChecksOf = Callable[[Resource], Iterable[Check]]


def find_worse(pairs: Iterable[Pair], checks_of: ChecksOf, run: Run) -> list[Worse]:
    """What got worse of the resources that changed; a policy that held and still does is told as failing.

    The findings are those of `run`, with `compared` set.
    """
    search = _Search(run)
    found: list[Worse] = []
    for pair in pairs:
        if pair.before is not None and pair.after is not None:
            before = resource_of(pair.before, pair.after.header)
            _give_workload(before, pair.after)
            found += search.of(before, pair.after, checks_of(pair.after))
    return found


def _give_workload(before: Resource, after: Resource) -> None:
    """The pod view of what was, as what is has one."""
    if after.workload is not None and before.platform == "kubernetes":
        from readiness.kubernetes.workloads import workloads_of

        views = workloads_of(before.type.rpartition("/")[2], "", before.body)
        before.workload = views[0][1] if len(views) == 1 else None


class _Search:
    def __init__(self, run: Run) -> None:
        self._run = run
        self._watched: dict[int, list[Watched]] = {}

    def of(self, before: Resource, after: Resource, checks: Iterable[Check]) -> Iterator[Worse]:
        run = self._run
        tier = run.default_tier
        old, new = bindings(before, tier), bindings(after, tier)
        old[HOST] = new[HOST] = run.host.functions
        run.host.current = after
        for check in checks:
            policy = check.policy
            if policy.on != "resource" or not _looks_at(check, after):
                continue
            severity = policy.severity if policy.tiers is None else policy.tiers.get(new["tier"])
            if severity is None or not self._expressions(check):
                continue
            old["params"] = new["params"] = check.params
            try:
                if check.applies is not None and check.applies(new) is not True:
                    continue
                for item, was_item, now_item in _items(check, old, new):
                    old["item"], new["item"] = was_item, now_item
                    yield from self._compared(check, after, severity, item, old, new)
            except EVALUATION:
                continue
            finally:
                old["item"] = new["item"] = None

    def _expressions(self, check: Check) -> list[Watched]:
        key = id(check)
        if key not in self._watched:
            if not check.ready:
                check.prepare()
            self._watched[key] = watched(check.conjuncts)
        return self._watched[key]

    def _compared(
        self,
        check: Check,
        resource: Resource,
        severity: str,
        item: str,
        old: dict[str, Any],
        new: dict[str, Any],
    ) -> Iterator[Worse]:
        told = set()
        for one in self._expressions(check):
            was, now = as_number(one.program.code(old)), as_number(one.program.code(new))
            if was is None or now is None or isinstance(was, Unknown) or isinstance(now, Unknown):
                continue
            if order(operator.lt if one.more else operator.gt, now, was) is not True:
                continue
            if _asks_nothing(one, new) or any(part.code(new) is result for part, result in one.moot):
                continue
            if one.allowed is not None and one.allowed[0].code(new) is one.allowed[1]:
                continue
            name = written(one.program.root, one.program.text)
            if name in told:
                continue
            told.add(name)
            was, now = _as_written(one, old, was), _as_written(one, new, now)
            worse = Worse(check.policy.id, resource.address, resource.home, item, name, was, now)
            blames = one.program.blame(new, self._run.host.functions)
            self._run.tell_worse(check, resource, severity, worse.name, worse.was, worse.now, blames, item)
            yield worse


def _as_written(one: Watched, names: dict[str, Any], value: Any) -> str:
    """A value as people write it: `720h`, and not its seconds."""
    read = one.read.code(names)
    return read if isinstance(read, str) else scalar_text(value)


def _asks_nothing(one: Watched, names: dict[str, Any]) -> bool:
    """Whether a bound asks for no more than that something is there: `> 0`, `>= 1`."""
    bound = as_number(one.bound.code(names))
    return one.more and isinstance(bound, int | float) and bound <= one.trivial


def _looks_at(check: Check, resource: Resource) -> bool:
    for pattern in check.policy.resources:
        if pattern in ("workload", "pod"):
            if in_view(resource, pattern):
                return True
        elif pattern == resource.type or fnmatchcase(resource.type, pattern):
            return True
    return False


def _items(check: Check, old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """What a check looks at one by one, before and now: the resource, or the items that have one name."""
    if check.each is None:
        yield "", None, None
        return
    if check.each.hosts:
        return
    before = {item_name(item): item for item in _listed(check.each.code(old))}
    for item in _listed(check.each.code(new)):
        name = item_name(item)
        if name and name in before:
            yield name, before[name], item


def _listed(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
