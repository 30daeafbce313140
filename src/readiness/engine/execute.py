"""All checks on a whole estate, in two processes where there is enough to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from readiness.engine.checks import Check
from readiness.engine.forked import POSSIBLE, Forked
from readiness.engine.model import Counts, Finding
from readiness.engine.run import Run
from readiness.engine.tally import Tally
from readiness.engine.telling import Apart, Watch
from readiness.errors import SourceError
from readiness.estate.model import Estate
from readiness.repo.facts import RepositoryFacts

if TYPE_CHECKING:
    from readiness.engine.parts import Parts

FORK_FROM = 6_000
"""Resources from which a second process pays off: it copies what it touches of the estate."""


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

    def new_run() -> Run:
        run = Run(estate, facts, default_tier, kubernetes_version)
        run.apart = apart or run.apart
        run.parts = parts
        if context is not None:
            run.tally, run.context = Tally(), context
        return run

    if watch is not None:
        watched = new_run()
        watched.watch = watch
        return _here(checks, watched, None)
    if workers < 2 or not POSSIBLE or estate.size < FORK_FROM:
        return _here(checks, new_run(), None)
    mine, theirs = _halves(estate)
    try:
        other = Forked(lambda: msgspec.msgpack.encode(_here(checks, new_run(), theirs, everything=False)))
    except OSError:  # a limit on processes
        return _here(checks, new_run(), None)
    own = _here(checks, new_run(), mine)
    found = _decoded(other.result())
    if found is None:
        # The other process died (memory), or a policy is wrong: do its part here.
        found = _here(checks, new_run(), theirs, everything=False)
    return _joined(own, found)


def _here(checks: list[Check], run: Run, types: frozenset[str] | None, everything: bool = True) -> Outcome:
    """Checks in this process: on some types of resources, and on the estate as a whole."""
    run.execute(checks, types, everything)
    used = checks if run.parts is None else [*run.parts.checks, *checks]
    titles = {check.policy.id: check.title for check in used if check.ready}
    return Outcome(run.results(), run.errors, run.counts, titles, run.tally)


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


def _decoded(data: bytes | None) -> Outcome | None:
    """What the other process found; None where it did not come to an end."""
    if data is None:
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
        None if one.tally is None else one.tally.joined(other.tally),
    )
