"""The library: `check` gives a report, `show` the estate, `load_policies` the selected policies."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from readiness.config.settings import LOCK_FILE
from readiness.engine.hold import Held as Held
from readiness.engine.hold import divided
from readiness.engine.hold import hold as hold
from readiness.engine.hold import run as run
from readiness.engine.loading import load_with
from readiness.engine.model import Report
from readiness.engine.prepare import Prepared, load_packs, prepare
from readiness.engine.prepare import load_own as load_own
from readiness.engine.settings import Settings as Settings
from readiness.engine.settings import may_differ
from readiness.estate.build import Loaded
from readiness.estate.model import Estate
from readiness.policy.model import Policy
from readiness.policy.packs import Pack, join

if TYPE_CHECKING:
    from readiness.engine.against import Against
    from readiness.engine.base import Base
    from readiness.engine.explained import Explained
    from readiness.engine.recording import Recording
    from readiness.engine.upgrade import Upgrade
    from readiness.fixes.model import Fixed
    from readiness.scorecard.definitions import Definitions
    from readiness.scorecard.model import Scorecard


def check(
    paths: Sequence[str] = (".",), settings: Settings | None = None, stdin: bytes | None = None
) -> Report:
    """Check files and folders; `-` among the paths stands for `stdin`.

    Raises:
        UsageError: a path does not exist, a policy or setting is wrong.
    """
    settings = settings or Settings()
    with _collector_paused():
        prepared = prepare(settings)
        base = _begin_base(paths, settings, prepared, stdin)
        loaded = load_with(paths, settings, stdin)
        return hold(prepared.policies, loaded, settings, prepared, against=_against(base, loaded)).report


def definitions(settings: Settings | None = None) -> Definitions:
    """The controls and levels that services are held against.

    Raises:
        UsageError: a file of a pack is missing or wrong.
    """
    from readiness.scorecard.definitions import definitions as defined

    return defined(settings or Settings())


def report(
    paths: Sequence[str] = (".",),
    settings: Settings | None = None,
    stdin: bytes | None = None,
    known: Definitions | None = None,
    base: Path | None = None,
) -> Scorecard:
    """The readiness report of files and folders: services held against controls, levels and key figures.

    In the profile `default` it has the policies on services as well.  `known` are the definitions of the
    settings, where they have been read; paths count from `base`, where that is not the current folder.

    Raises:
        UsageError: a path does not exist, a policy, a setting or a definition of levels is wrong.
    """
    from readiness.fixes.likely import likely
    from readiness.scorecard.build import build
    from readiness.scorecard.definitions import for_report
    from readiness.scorecard.trend import definitions_of

    given = for_report(settings or Settings())
    with _collector_paused():
        known = known or definitions(given)
        prepared = prepare(given)
        loaded = load_with(paths, given, stdin, base=base)
        held = hold(prepared.policies, loaded, given, prepared, tallied=True)
        scorecard = build(held, loaded, prepared, given, known, likely(held.report, loaded))
        scorecard.definitions = definitions_of(
            known, prepared.policies, given, [str((base or Path()) / path) for path in paths], loaded.root
        )
        return scorecard


def _begin_base(
    paths: Sequence[str], settings: Settings, prepared: Prepared, stdin: bytes | None
) -> Base | None:
    """Begin to check the base revision, beside what follows, where settings name one."""
    if not settings.diff_base:
        return None
    from readiness.engine.base_run import begin_base

    return begin_base(paths, settings, prepared, stdin)


def _against(base: Base | None, loaded: Loaded) -> Against | None:
    """A loaded estate beside what its base revision gave, where there is one."""
    if base is None:
        return None
    from readiness.engine.against import Against

    return Against(base, loaded)


def fix(
    paths: Sequence[str] = (".",),
    settings: Settings | None = None,
    stdin: bytes | None = None,
    unsafe: bool = False,
) -> Fixed:
    """Mend what policies say how to mend, in memory: `readiness.fixes.write` writes it.

    Without `unsafe` only safe fixes are applied, which leave what runs as it is.

    Raises:
        UsageError: a path does not exist, a policy or setting is wrong.
    """
    from readiness.fixes.apply import Checked, apply
    from readiness.fixes.offer import Failures, fixes_for

    given = settings or Settings()
    with _collector_paused():
        prepared = prepare(given)
        base = _begin_base(paths, given, prepared, stdin)

        def look(edited: Mapping[str, str]) -> Checked:
            failures = Failures()
            loaded = load_with(paths, given, stdin, edited)
            against = _against(base, loaded)
            held = hold(prepared.policies, loaded, given, prepared, failures.note, against=against)
            return Checked(held.report, loaded.sources.texts, fixes_for(held.report, loaded, failures))

        return apply(look, unsafe)


def explain(
    policies: Sequence[Policy],
    address: str | None,
    paths: Sequence[str],
    settings: Settings,
    prepared: Prepared,
    stdin: bytes | None = None,
) -> tuple[Policy, list[Explained], Loaded]:
    """Why a policy holds for the resources of an address, or does not; of several the one that looks at them.

    `prepared` is what `settings` ask for, and has the policies.

    Raises:
        UsageError: a path or the resource does not exist, a policy or setting is wrong.
    """
    from readiness.engine.explain import World
    from readiness.engine.explain import explain as explained
    from readiness.engine.explain_targets import find_targets

    with _collector_paused():
        base = _begin_base(paths, settings, prepared, stdin)
        loaded = load_with(paths, settings, stdin)
        against = _against(base, loaded)
        policy, resources = find_targets(policies, address, loaded)
        if policy.on == "service":
            from readiness.estate.services.complete import complete

            complete(loaded.estate, loaded.facts(), loaded.scope)
        parts = None
        if may_differ(settings, loaded.settings):
            parts, _ = divided(settings, prepared, loaded)

        def report_of(ids: frozenset[str] | None) -> Report:
            return hold(prepared.policies, loaded, settings, prepared, against=against, only=ids).report

        world = World(loaded, prepared, settings, parts, report_of)
        return policy, explained(policy, resources, world), loaded


def record(paths: Sequence[str] = (".",), settings: Settings | None = None) -> Recording:
    """What a baseline would take up: findings that nothing else lets pass, beside the one of the settings.

    Raises:
        UsageError: a path does not exist, a policy, a setting or a file of exceptions is wrong.
    """
    from readiness.engine.recording import recording

    given = settings or Settings()
    with _collector_paused():
        prepared = prepare(given)
        held = hold(prepared.policies, load_with(paths, given, None), given, prepared)
        return recording(held.report, prepared.policies, held.exceptions.baseline, held.extent)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Building an estate makes millions of objects and no garbage: the collector halves its speed."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def show(
    paths: Sequence[str] = (".",), settings: Settings | None = None, stdin: bytes | None = None
) -> Estate:
    """The estate as policies see it.

    Raises:
        UsageError: a path does not exist.
    """
    return load_estate(paths, settings, stdin).estate


def load_estate(
    paths: Sequence[str] = (".",),
    settings: Settings | None = None,
    stdin: bytes | None = None,
    edited: Mapping[str, str] | None = None,
) -> Loaded:
    """The estate with its sources and what could not be read of them.

    `edited` are texts by path that take the place of those on disk.

    Raises:
        UsageError: a path does not exist.
    """
    with _collector_paused():
        return load_with(paths, settings or Settings(), stdin, edited)


def load_policies(settings: Settings | None = None, examples: bool = False) -> list[Policy]:
    """The policies that settings select: built in, and from extra folders.

    Built-in policies come with their examples only when asked for.

    Raises:
        UsageError: a folder is missing, a policy is broken, a selector matches nothing.
    """
    return prepare(settings or Settings(), examples).policies


def packs(settings: Settings | None = None) -> list[Pack]:
    """The packs that settings name, the built-in one first, as they are in their files.

    Raises:
        UsageError: a pack is missing or broken.
    """
    joined = load_packs(settings or Settings())
    join(joined)
    return joined


def upgrade(
    paths: Sequence[str], settings: Settings, lock: str | None = None, folder: str | None = None
) -> Upgrade:
    """What the packs in use change against those of a lock file, or of a folder, and find in an estate.

    Raises:
        UsageError: a path or the lock does not exist, a policy or setting is wrong.
    """
    from readiness.engine.upgrade import since_folder, since_lock

    prepared = prepare(settings)
    with _collector_paused():
        estate: list[Loaded] = []

        def run_on(policies: Sequence[Policy]) -> Report:
            if not estate:
                estate.append(load_with(paths, settings, None))
            return run(policies, estate[0], settings, prepared)

        if folder is not None:
            return since_folder(folder, prepared, settings, run_on)
        return since_lock(lock or LOCK_FILE, prepared, run_on)
