"""Examples of policies `"on": triage`: built-in policies find, and exceptions of the example are judged."""

from __future__ import annotations

import datetime
import posixpath
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from readiness.config.settings import FILE, LOCK_FILE, TOML_FILE, settings_of
from readiness.config.waivers import FILE as WAIVERS
from readiness.config.waivers import parse_waivers
from readiness.engine.baseline_file import FILE as BASELINE
from readiness.engine.baseline_file import parse_baseline
from readiness.engine.checks import Check, make_checks
from readiness.engine.exceptions import Given, exceptions_of
from readiness.engine.execute import Outcome
from readiness.engine.governed import extent_of, judge
from readiness.engine.run import Run
from readiness.engine.trust_changes import Looked, changes_of, hidden_since, ignored_since
from readiness.engine.trust_ignores import refused_requests
from readiness.estate.build import Loaded, from_texts
from readiness.estate.model import Estate
from readiness.policy.model import Example, Policy
from readiness.policy.names import Names, answering
from readiness.repo.facts import RepositoryFacts
from readiness.repo.ignored import IGNORE_FILE, ignored_of


def judged(check: Check, example: Example, loaded: Loaded) -> Outcome | None:
    """What a check says of the exceptions of an example.

    They are those of its files `waivers.yaml` and `readiness-baseline.json`, and requests in place; where
    it says what was before, that is what counts, and what it alters of its gate is judged as well.

    Raises:
        UsageError: one of these files is wrong.
    """
    from readiness.policy.bundle import load_builtin

    today = example.day or datetime.date.today()
    loaded = replace(loaded, today=today)
    facts = RepositoryFacts(Path(), texts=example.files, today=today)
    every = load_builtin()
    given = _given(example)
    sides = None if example.before is None else _Sides(example.before, example.files)
    exceptions = exceptions_of(
        loaded,
        given,
        every,
        Names(every),
        exists=lambda path: posixpath.normpath(path) in example.files,
        refused=frozenset() if sides is None else refused_requests(loaded, sides.was, sides.estate),
    )
    run = Run(loaded.estate, facts, 1)
    run.apart = exceptions.apart
    run.execute(make_checks(_named(every, given, loaded)))
    exceptions.settle(run.results())
    ignores = loaded.estate.of_type("ignore")
    if sides is not None:
        refused = [one for one in ignores if one.span in exceptions.ignores.refused]
        ignores = [one for one in ignores if one not in refused]
        exceptions.altered = [
            *changes_of(sides, sides.looked()),
            *hidden_since(sides, sides.called(IGNORE_FILE), lambda of: ignored_of(loaded.sources.texts, of)),
            *ignored_since(sides, refused),
        ]
    return judge(exceptions, [check], ignores, extent_of(every, every), facts, 1)


def _given(example: Example) -> Given:
    files = example.files if example.before is None else example.before
    names = {posixpath.basename(name): name for name in files}
    waivers = names.get(WAIVERS)
    baseline = names.get(BASELINE)
    return Given(
        () if waivers is None else (parse_waivers(waivers, files[waivers]),),
        None if baseline is None else parse_baseline(baseline, files[baseline]),
    )


class _Sides(Struct):
    """The files of an example and what they were before, which is what counts."""

    before: dict[str, str]
    after: dict[str, str]
    name: str = "main"

    def was(self, path: str) -> str | None:
        return self.before.get(path)

    def now(self, path: str) -> str | None:
        return self.after.get(path)

    def touched(self, path: str) -> bool:
        return self.was(path) != self.now(path)

    def estate(self) -> Estate:
        return from_texts(self.before).estate

    def called(self, *names: str) -> list[str]:
        """The files of some names, on either side."""
        every = sorted({*self.before, *self.after})
        return [path for path in every if posixpath.basename(path) in names]

    def looked(self) -> Looked:
        """The files that decide about the gate, by how they are called; packs are those of the settings."""
        settings = settings_of(FILE, self.before.get(FILE, ""))
        packs = () if settings is None else tuple(f"{folder}/" for folder in settings.get("packs", ()))
        every = sorted({*self.before, *self.after})
        return Looked(
            settings=self.called(FILE, TOML_FILE),
            waivers=self.called(WAIVERS),
            baseline=self.called(BASELINE),
            lock=self.called(LOCK_FILE),
            pack=[path for path in every if path.startswith(packs)] if packs else [],
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
