"""All checks on a whole estate, in two processes where there is enough to do."""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import Any

import msgspec
from msgspec import Struct

from readiness.engine.checks import Check
from readiness.engine.model import Counts, Finding
from readiness.engine.run import Run
from readiness.errors import SourceError
from readiness.estate.model import Estate
from readiness.repo.facts import RepositoryFacts

FORK_FROM = 6_000
"""Resources from which a second process pays off: it copies what it touches of the estate."""


class Outcome(Struct):
    """What a run of checks found; `titles` are those of the policies that some resource needed."""

    findings: list[Finding]
    errors: list[SourceError]
    counts: Counts
    titles: dict[str, str]


def execute(
    checks: list[Check],
    estate: Estate,
    facts: RepositoryFacts,
    default_tier: int,
    workers: int,
    kubernetes_version: str = "",
) -> Outcome:
    """Run every check on every resource it looks at.

    Raises:
        UsageError: a condition of a policy is wrong.
    """
    if workers < 2 or sys.platform != "linux" or len(estate.resources) < FORK_FROM:
        return _here(checks, Run(estate, facts, default_tier, kubernetes_version), None)
    mine, theirs = _halves(estate)
    try:
        other = _Fork(checks, Run(estate, facts, default_tier, kubernetes_version), theirs)
    except OSError:  # a limit on processes
        return _here(checks, Run(estate, facts, default_tier, kubernetes_version), None)
    own = _here(checks, Run(estate, facts, default_tier, kubernetes_version), mine)
    found = other.outcome()
    if found is None:
        # The other process died (memory), or a policy is wrong: do its part here.
        found = _here(checks, Run(estate, facts, default_tier, kubernetes_version), theirs, everything=False)
    return _joined(own, found)


def _here(checks: list[Check], run: Run, types: frozenset[str] | None, everything: bool = True) -> Outcome:
    """Checks in this process: on some types of resources, and on the estate as a whole."""
    run.execute(checks, types, everything)
    titles = {check.policy.id: check.title for check in checks if check.ready}
    return Outcome(run.results(), run.errors, run.counts, titles)


def _halves(estate: Estate) -> tuple[frozenset[str], frozenset[str]]:
    """The types of an estate in two shares of about as many resources.

    Findings are joined within a type, and kinds of one name share addresses, so both stay together.
    """
    kinds: dict[str, list[str]] = {}
    for type_ in estate.by_type:
        kinds.setdefault(type_.rpartition("/")[2], []).append(type_)
    weights = {kind: sum(len(estate.by_type[t]) for t in types) for kind, types in kinds.items()}
    shares: tuple[list[str], list[str]] = ([], [])
    sizes = [0, 0]
    for kind in sorted(kinds, key=lambda kind: (-weights[kind], kind)):
        lighter = 0 if sizes[0] <= sizes[1] else 1
        shares[lighter].extend(kinds[kind])
        sizes[lighter] += weights[kind]
    return frozenset(shares[0]), frozenset(shares[1])


class _Fork:
    """Checks on some types in a copy of this process, which sends back what it found."""

    def __init__(self, checks: list[Check], run: Run, types: frozenset[str]) -> None:
        reading, writing = os.pipe()
        self._reading = reading
        self._child = os.fork()
        if self._child:
            os.close(writing)
            return
        status = 1
        try:
            os.close(reading)
            data = msgspec.msgpack.encode(_here(checks, run, types, everything=False))
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(data)
            status = 0
        finally:
            os._exit(status)  # nothing of the parent may be written, closed or raised twice

    def outcome(self) -> Outcome | None:
        """What the copy found; None where it did not come to an end."""
        with os.fdopen(self._reading, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(self._child, 0)
        if status != 0:
            return None
        try:
            return msgspec.msgpack.decode(data, type=Outcome, dec_hook=_counter)
        except msgspec.MsgspecError:
            return None


def _counter(_type: type, value: Any) -> Any:
    """What msgspec does not decode by itself: the counter of reasons."""
    return Counter(value)


def _joined(one: Outcome, other: Outcome) -> Outcome:
    counts = Counts(
        evaluated=one.counts.evaluated + other.counts.evaluated,
        unknown=one.counts.unknown + other.counts.unknown,
        skipped=one.counts.skipped + other.counts.skipped,
        unknown_reasons=one.counts.unknown_reasons + other.counts.unknown_reasons,
    )
    return Outcome(
        [*one.findings, *other.findings],
        [*one.errors, *other.errors],
        counts,
        {**one.titles, **other.titles},
    )
