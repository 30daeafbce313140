"""All checks on a whole estate, in two processes where there is enough to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from readiness.engine.checks import Check
from readiness.engine.forked import Forked, Turns, pays_off
from readiness.engine.indexing import Share
from readiness.engine.model import Counts, Finding
from readiness.engine.run import Run
from readiness.engine.tally import Tally
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
) -> Outcome:
    """Run every check on every resource it looks at; with a `watch`, in this process.

    What every check gives is tallied where there is a `context`: the files whose resources do not count.

    Where settings differ by path or environment, `parts` has the checks on resources, and `checks` those on
    the estate as a whole.

    Raises:
        UsageError: a condition of a policy is wrong.
    """

    run = Run(estate, facts, default_tier, kubernetes_version)
    run.apart = apart or run.apart
    run.parts, run.watch, run.context = parts, watch, context or ()
    every = checks if parts is None else [*parts.checks, *checks]
    work = _Work(run, every, run.shares(checks), context is not None)
    numbers = range(len(work.shares))
    alone = watch is not None or not pays_off(estate.size, workers)
    found = work.take(numbers) if alone else _by_two(work)
    return Outcome(
        [finding for number in numbers for finding in found.findings[number]],
        found.errors,
        found.counts,
        found.titles,
        _joined(found.tallies[number] for number in numbers) if work.tallied else None,
    )


class _Found(Struct):
    """What shares of the work gave, by their number."""

    findings: dict[int, list[Finding]] = field(default_factory=dict)
    tallies: dict[int, Tally] = field(default_factory=dict)
    errors: list[SourceError] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    titles: dict[str, str] = field(default_factory=dict)

    def add(self, other: _Found) -> None:
        """Add what other shares gave."""
        self.findings |= other.findings
        self.tallies |= other.tallies
        self.errors += other.errors
        self.counts.add_checks(other.counts)
        self.titles |= other.titles


class _Work(Struct):
    """A run in shares, with all of its checks."""

    run: Run
    checks: list[Check]
    shares: list[Share]
    tallied: bool

    def take(self, numbers: Iterable[int]) -> _Found:
        """Do some shares."""
        run, ends, found = self.run, {}, _Found()
        for number in numbers:
            if self.tallied:
                run.tally = found.tallies[number] = Tally()
            run.take(self.shares[number])
            ends[number] = len(run.findings)
        findings, start = run.results(), 0
        for number, end in ends.items():
            found.findings[number] = findings[start:end]
            start = end
        found.errors, found.counts = run.errors, run.counts
        found.titles = {check.policy.id: check.title for check in self.checks if check.ready}
        return found


def _by_two(work: _Work) -> _Found:
    """What the shares give, done by this process and a copy of it: each takes the next when it is free."""
    turns = Turns(len(work.shares))
    left = set(range(len(work.shares)))
    theirs: _Found | None = None

    def mine(other: Forked) -> Iterator[int]:
        nonlocal theirs
        for number in turns:
            left.discard(number)
            yield number
        theirs = _decoded(other.result())
        if theirs is None:
            # The other process died (memory), or a policy is wrong: do its part here.
            yield from sorted(left)

    try:
        found = work.take(mine(Forked(lambda: msgspec.msgpack.encode(work.take(turns)))))
    except OSError:  # a limit on processes
        found = work.take(turns)
    finally:
        turns.close()
    if theirs is not None:
        found.add(theirs)
    return found


def _joined(tallies: Iterable[Tally]) -> Tally:
    joined = Tally()
    for tally in tallies:
        joined.join(tally)
    return joined


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
