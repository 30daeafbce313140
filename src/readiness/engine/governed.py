"""Exceptions judged themselves: policies `"on": triage` look at what came of each."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from readiness.config.settings import is_day
from readiness.engine.checks import Check
from readiness.engine.exceptions import Exceptions
from readiness.engine.execute import Outcome
from readiness.engine.run import Run
from readiness.engine.tally import Tally, join
from readiness.engine.waivers import Use, is_over
from readiness.estate.model import Estate, Resource
from readiness.estate.scope import Scope
from readiness.policy.model import Policy
from readiness.policy.names import answering
from readiness.repo.facts import RepositoryFacts
from readiness.values import List, Map, Span

if TYPE_CHECKING:
    from readiness.engine.baseline import Baseline
    from readiness.engine.parts import Parts

TYPES = ("ignore", "waiver", "baseline", "gate-change")
"""Types of exceptions, as policies name them, and of what a change makes of its own gate."""

_TEXTS = ("reason", "owner", "ticket", "expires", "approved_by")
_LISTS = ("resources", "paths", "environments")


class Extent(Struct, frozen=True):
    """What a run looked at, so that nothing is called unused of which it cannot know.

    `policies` are the ids that ran, `every` all policies there are, `known` their ids and `usual` those that
    are on by default; `scope` is what was asked for (None for everything).  It is not `complete` where
    something was left out or could not be read.
    """

    policies: frozenset[str]
    every: Sequence[Policy]
    known: frozenset[str]
    usual: frozenset[str]
    complete: bool = True
    scope: Scope | None = None

    def holds(self, path: str) -> bool:
        """Whether the folder of a file was asked for."""
        scope = self.scope
        return scope is None or (path not in scope.files and scope.holds(path))

    def fully(self, ids: Iterable[str]) -> bool:
        """Whether the policies of some ids ran: one at least, and all of those that are on by default."""
        wanted = frozenset(ids)
        left = wanted - self.policies
        return len(left) < len(wanted) and left.isdisjoint(self.usual)

    def looked_at(self, policy: str, path: str) -> bool:
        """Whether a finding of a policy in a file would have been found; one of no policy never will be."""
        if not self.complete or not self.holds(path):
            return False
        return policy in self.policies or policy not in self.known


def extent_of(
    policies: Iterable[Policy], every: Sequence[Policy], complete: bool = True, scope: Scope | None = None
) -> Extent:
    """The extent of a run of some policies, of all that there are."""
    ran = frozenset(policy.id for policy in policies)
    known = frozenset(policy.id for policy in every)
    usual = frozenset(policy.id for policy in every if policy.default)
    return Extent(ran, every, known, usual, complete, scope)


def judge(
    exceptions: Exceptions,
    checks: Sequence[Check],
    ignores: Iterable[Resource],
    extent: Extent,
    facts: RepositoryFacts,
    default_tier: int,
    parts: Parts | None = None,
    tallied: bool = False,
) -> Outcome | None:
    """Run the policies `"on": triage`; None where there is none of them.

    `ignores` are the resources of the estate for requests in place.  What they give may be `tallied`.

    Raises:
        UsageError: a condition of a policy is wrong.
    """
    judging = [check for check in checks if check.policy.on == "triage"]
    if not judging:
        return None
    types = {type_ for check in judging for type_ in check.policy.resources}
    estate = Estate()
    estate.add(resources_of(exceptions, types, ignores, extent))
    run = Run(estate, facts, default_tier)
    run.parts = parts
    run.tally = None if not tallied else Tally()
    run.judge(judging)
    titles = {check.policy.id: check.title for check in judging if check.ready}
    return Outcome(run.results(), run.errors, run.counts, titles, run.tally)


def joined(one: Outcome, other: Outcome) -> Outcome:
    """The errors, counts, titles and tallies of both, with the findings of the first."""
    one.counts.add_checks(other.counts)
    if one.tally is not None and other.tally is not None:
        join(one.tally.by_service, other.tally.by_service)
    return replace(one, errors=[*one.errors, *other.errors], titles={**one.titles, **other.titles})


def remarks_of(exceptions: Exceptions, extent: Extent) -> list[str]:
    """What is worth knowing of a baseline as a whole: that some of it is fixed, and what to do."""
    baseline = exceptions.baseline
    fixed = 0 if baseline is None else len(baseline.fixed(extent.looked_at))
    if baseline is None or not fixed:
        return []
    from readiness.engine.baseline_file import FILE

    what = "1 finding of {} is" if fixed == 1 else f"{fixed:,} findings of {{}} are"
    command = "readiness baseline update --prune-only"
    if baseline.file.path != FILE:
        command += f" --file {baseline.file.path}"
    return [f"{what.format(baseline.file.path)} fixed: `{command}` takes what is fixed out"]


def resources_of(
    exceptions: Exceptions, types: Iterable[str], ignores: Iterable[Resource], extent: Extent
) -> list[Resource]:
    """The exceptions of some types as resources, with what came of each."""
    wanted = set(types)
    found: list[Resource] = []
    if "waiver" in wanted:
        found += [_waiver(exceptions, number, extent) for number in range(len(exceptions.waivers.every))]
    if "ignore" in wanted:
        called = answering(extent.every)
        found += [_ignore(exceptions, one, extent, called) for one in ignores]
    if "gate-change" in wanted:
        found += exceptions.altered
    baseline = exceptions.baseline
    if "baseline" in wanted and baseline is not None:
        found += [_recorded(baseline, number, extent) for number in range(len(baseline.file.entries))]
    return found


def _outcome(use: Use, expires: str | None, today: datetime.date, looked_at: bool) -> dict[str, object]:
    """What came of an exception: fields that all of them have."""
    left = None
    if expires is not None and is_day(expires):
        left = (datetime.date.fromisoformat(expires) - today).days
    return {
        "matches": use.matches,
        "highest": use.highest,
        "expired": is_over(expires, today),
        "days_left": left,
        "looked_at": looked_at,
    }


def _waiver(exceptions: Exceptions, number: int, extent: Extent) -> Resource:
    waivers = exceptions.waivers
    waiver = waivers.every[number]
    looked_at = extent.complete and extent.holds(waiver.span.path) and extent.fully(waivers.meant[number])
    written = waiver.written
    body = Map({}, waiver.span, dict(written.key_spans), dict(written.value_spans))
    body["policy"] = List(waiver.policies)
    for name in _LISTS:
        body[name] = List(getattr(waiver, name))
    for name in _TEXTS:
        body[name] = getattr(waiver, name)
    body["change"] = waiver.change
    body |= _outcome(waivers.uses[number], waiver.expires, exceptions.ignores.today, looked_at)
    return _resource("waiver", waiver.policies, body, written.span_of("policy") or waiver.span)


def _ignore(
    exceptions: Exceptions, resource: Resource, extent: Extent, called: Mapping[str, tuple[str, ...]]
) -> Resource:
    body = Map(resource.body, resource.body.span)
    looked_at = extent.complete and extent.holds(resource.span.path)
    looked_at = looked_at and _all_ran(body["ids"], extent, called)
    use = exceptions.ignores.uses.get(resource.span, Use())
    until = body["until"]
    body |= _outcome(use, until, exceptions.ignores.today, looked_at)
    # A day that does not exist is over.
    body["expired"] = body["expired"] or (until is not None and not is_day(until))
    return replace(resource, body=body)


def _all_ran(ids: Iterable[str], extent: Extent, called: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether all policies of some names ran; of a name that means nothing here, nobody knows."""
    for name in ids:
        if name == "*":
            meant: Iterable[str] = [policy.id for policy in extent.every]
        elif name.endswith(":*"):
            meant = [id_ for other, found in called.items() if other.startswith(name[:-1]) for id_ in found]
        else:
            meant = called.get(name, ())
        if not extent.fully(meant):
            return False
    return True


def _recorded(baseline: Baseline, number: int, extent: Extent) -> Resource:
    entry, one = baseline.file.entries[number], baseline.identities[number]
    span = baseline.file.spans[number]
    body = Map({}, span)
    body |= {"policy": one.policy, "path": one.path, "address": one.address, "item": one.item}
    body |= {"severity": entry.severity, "reason": entry.reason, "expires": entry.expires}
    looked_at = extent.looked_at(one.policy, one.path)
    body |= _outcome(baseline.uses[number], entry.expires, baseline.today, looked_at)
    body["present"] = number in baseline.present
    return _resource("baseline", [f"{one.policy}/{one.address}"], body, span)


def _resource(type_: str, names: Iterable[str], body: Map, header: Span) -> Resource:
    names = list(names)
    return Resource(
        address=f"{type_}.{'+'.join(names)}",
        type=type_,
        name=", ".join(names),
        platform="repository",
        body=body,
        span=body.span or header,
        header=header,
        mode="block",
    )
