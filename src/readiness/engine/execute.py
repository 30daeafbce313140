"""All checks on a whole estate, in two processes where there is enough to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from readiness.engine.checks import Check
from readiness.engine.forked import Forked, Turns, pays_off
from readiness.engine.indexing import Share
from readiness.engine.model import Counts, Finding
from readiness.engine.run import Run
from readiness.engine.tally import Tallied, Tally, join
from readiness.engine.telling import Apart, Watch
from readiness.errors import SourceError
from readiness.estate.model import Estate
from readiness.repo.facts import RepositoryFacts

if TYPE_CHECKING:
    from readiness.engine.parts import Parts


class Outcome(Struct):
    """What a run of checks found; `titles` are those of the policies that some resource needed."""

    findings: list[Finding]
    errors: list[SourceError]
    counts: Counts
    titles: dict[str, str]
    tally: Tally | None = None


def execute(
    checks: list[Check],
    estate: Estate,
    facts: RepositoryFacts,
    default_tier: int,
    workers: int,
    kubernetes_version: str = "",
    watch: Watch | None = None,
    apart: Apart | None = None,
    parts: Parts | None = None,
    context: Container[str] | None = None,
    before_services: Callable[[], None] = lambda: None,
) -> Outcome:
    """Run every check on every resource it looks at; with a `watch`, in this process.

    What every check gives is tallied where there is a `context`: the files whose resources do not count.
    `before_services` is called in this process before services are looked at, which nothing else sees.

    Where settings differ by path or environment, `parts` has the checks on resources, and `checks` those on
    the estate as a whole.

    Raises:
        UsageError: a condition of a policy is wrong.
    """
    run = Run(estate, facts, default_tier, kubernetes_version)
    run.apart = apart or run.apart
    run.parts, run.watch, run.context = parts, watch, context or ()
    run.tally = None if context is None else Tally()
    every = checks if parts is None else [*parts.checks, *checks]
    work = _Work(run, every, run.shares(checks), before_services)
    alone = watch is not None or not pays_off(estate.size, workers)
    found = work.take(range(len(work.shares))) if alone else _by_two(work)
    findings = [finding for number in sorted(found.findings) for finding in found.findings[number]]
    return Outcome(findings, found.errors, found.counts, found.titles, run.tally)


class _Found(Struct):
    """What shares of the work gave; findings by the number of the share, as their order is that of shares."""

    findings: dict[int, list[Finding]] = field(default_factory=dict)
    errors: list[SourceError] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    titles: dict[str, str] = field(default_factory=dict)
    tally: dict[str, dict[str, Tallied]] | None = None

    def add(self, other: _Found) -> None:
        """Add what other shares gave."""
        self.findings |= other.findings
        self.errors += other.errors
        self.counts.add_checks(other.counts)
        self.titles |= other.titles
        if self.tally is not None and other.tally is not None:
            join(self.tally, other.tally)


class _Work(Struct):
    """A run in shares, with all of its checks, and what is done before services are looked at."""

    run: Run
    checks: list[Check]
    shares: list[Share]
    before_services: Callable[[], None]

    def take(self, numbers: Iterable[int]) -> _Found:
        """Do some shares."""
        run, ends, found = self.run, {}, _Found()
        for number in numbers:
            if self.shares[number].of_services:
                self.before_services()
            run.take(self.shares[number])
            ends[number] = len(run.findings)
        findings, start = run.results(), 0
        for number, end in ends.items():
            found.findings[number] = findings[start:end]
            start = end
        found.errors, found.counts = run.errors, run.counts
        found.titles = {check.policy.id: check.title for check in self.checks if check.ready}
        run.settle()
        found.tally = None if run.tally is None else run.tally.by_service
        return found


def _by_two(work: _Work) -> _Found:
    """What the shares give, done by this process and a copy of it: each takes the next when it is free.

    Services are for this process.
    """
    everything = range(len(work.shares))
    own = [number for number in everything if work.shares[number].of_services]
    turns = Turns(number for number in everything if number not in own)
    try:
        other = Forked(lambda: msgspec.msgpack.encode(work.take(turns)))
    except OSError:  # a limit on processes
        turns.close()
        return work.take(everything)
    left = set(everything)
    theirs: _Found | None = None

    def mine() -> Iterator[int]:
        nonlocal theirs
        for number in chain(own, turns):
            left.discard(number)
            yield number
        theirs = _decoded(other.result())
        if theirs is None:
            # The other process died (memory), or a policy is wrong: do its part here.
            yield from sorted(left)

    try:
        found = work.take(mine())
    finally:
        turns.close()
    if theirs is not None:
        found.add(theirs)
    return found


def _decoded(data: bytes | None) -> _Found | None:
    """What the other process found; None where it did not come to an end."""
    if data is None:
        return None
    try:
        return msgspec.msgpack.decode(data, type=_Found, dec_hook=_counter)
    except msgspec.MsgspecError:
        return None


def _counter(_type: type, value: Any) -> Any:
    """What msgspec does not decode by itself: the counter of reasons."""
    return Counter(value)
