"""Examples of policies `"on": triage`: built-in policies find, and exceptions of the example are judged."""

from __future__ import annotations

import datetime
import posixpath
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec.structs import replace

from readiness.config.waivers import FILE as WAIVERS
from readiness.config.waivers import parse_waivers
from readiness.engine.baseline_file import FILE as BASELINE
from readiness.engine.baseline_file import parse_baseline
from readiness.engine.checks import Check, make_checks
from readiness.engine.exceptions import Given, exceptions_of
from readiness.engine.execute import Outcome
from readiness.engine.governed import extent_of, judge
from readiness.engine.run import Run
from readiness.estate.build import Loaded
from readiness.policy.model import Example, Policy
from readiness.policy.names import Names, answering
from readiness.repo.facts import RepositoryFacts


def judged(check: Check, example: Example, loaded: Loaded) -> Outcome | None:
    """What a check says of the exceptions of an example.

    They are those of its files `waivers.yaml` and `readiness-baseline.json`, and requests in place.

    Raises:
        UsageError: one of these files is wrong.
    """
    from readiness.policy.bundle import load_builtin

    today = datetime.date.fromisoformat(example.today) if example.today else datetime.date.today()
    loaded = replace(loaded, today=today)
    facts = RepositoryFacts(Path(), texts=example.files, today=today)
    every = load_builtin()
    given = _given(example)
    exceptions = exceptions_of(
        loaded, given, every, Names(every), exists=lambda path: posixpath.normpath(path) in example.files
    )
    run = Run(loaded.estate, facts, 1)
    run.apart = exceptions.apart
    run.execute(make_checks(_named(every, given, loaded)))
    exceptions.settle(run.results())
    ignores = loaded.estate.of_type("ignore")
    return judge(exceptions, [check], ignores, extent_of(every, every), facts, 1)


def _given(example: Example) -> Given:
    names = {posixpath.basename(name): name for name in example.files}
    waivers = names.get(WAIVERS)
    baseline = names.get(BASELINE)
    return Given(
        () if waivers is None else (parse_waivers(waivers, example.files[waivers]),),
        None if baseline is None else parse_baseline(baseline, example.files[baseline]),
    )


def _named(every: Sequence[Policy], given: Given, loaded: Loaded) -> Sequence[Policy]:
    """The policies that the exceptions of an example are about: others need not run."""
    names = {name.lower() for file in given.waivers for waiver in file.waivers for name in waiver.policies}
    names |= {name for ignore in loaded.estate.of_type("ignore") for name in ignore.body["ids"]}
    names |= {entry.policy for entry in given.baseline.entries} if given.baseline is not None else set()
    if any("*" in name or "?" in name for name in names):
        return every
    called = answering(every)
    return _of_ids(every, (id_ for name in names for id_ in called.get(name, ())))


def _of_ids(every: Sequence[Policy], ids: Iterable[str]) -> list[Policy]:
    wanted = frozenset(ids)
    return [policy for policy in every if policy.id in wanted]
