"""The library: `check` gives a report, `show` the estate, `load_policies` the selected policies."""

from __future__ import annotations

import datetime
import gc
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from readiness.config.settings import LOCK_FILE
from readiness.engine.checks import checks_of
from readiness.engine.exceptions import Exceptions, Given, exceptions_of, read_given
from readiness.engine.execute import execute
from readiness.engine.governed import Extent, extent_of, joined, judge, remarks_of
from readiness.engine.ignores import misnamed
from readiness.engine.model import PolicyMeta, Report
from readiness.engine.prepare import Prepared, load_packs, prepare
from readiness.engine.prepare import load_own as load_own
from readiness.engine.risk import risk_of, with_radius
from readiness.engine.run import Watch
from readiness.engine.settings import Settings as Settings
from readiness.engine.settings import existing_files, may_differ
from readiness.engine.triage import advise, advisory, gating_alone, in_order, triage
from readiness.engine.yields import without_echoes
from readiness.errors import SourceError, UsageError
from readiness.estate.build import Loaded, in_scope, load
from readiness.estate.model import Estate, Resource
from readiness.estate.secrets import hidden_values, mask
from readiness.estate.variables import VariableOptions
from readiness.policy.model import Policy
from readiness.policy.names import Names
from readiness.policy.packs import Pack, join
from readiness.repo.facts import RepositoryFacts

if TYPE_CHECKING:
    from readiness.engine.against import Against
    from readiness.engine.base import Base
    from readiness.engine.explained import Explained
    from readiness.engine.parts import Parts
    from readiness.engine.recording import Recording
    from readiness.engine.upgrade import Upgrade
    from readiness.fixes.model import Fixed


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
        base = _begin_base(paths, settings, prepared, stdin) if settings.diff_base else None
        loaded = _load(paths, settings, stdin)
        return hold(prepared.policies, loaded, settings, prepared, against=_against(base, loaded)).report


def _against(base: Base | None, loaded: Loaded) -> Against | None:
    """A loaded estate beside what its base revision gave, where there is one."""
    if base is None:
        return None
    from readiness.engine.against import Against

    return Against(base, loaded)


def _begin_base(paths: Sequence[str], settings: Settings, prepared: Prepared, stdin: bytes | None) -> Base:
    """Begin to check the base revision, beside what follows.

    Raises:
        UsageError: there is no such revision, or what is checked has none.
    """
    from readiness.engine.against import base_key, kept_of
    from readiness.engine.base import Base, BaseOutcome
    from readiness.repo.revision import find_revision

    if stdin is not None:
        raise UsageError("--diff-base: standard input has no base revision")
    folder = Path.cwd()
    revision = find_revision(folder, settings.diff_base, "--diff-base")

    def look(base: Path, there: list[str]) -> BaseOutcome:
        trust = None if settings.trust is None else settings.trust.silenced()
        own = existing_files(replace(settings, diff_base="", jobs=1, trust=trust), base)
        loaded = _load(there, own, None, base=base)
        report = run(prepared.policies, loaded, own, prepared)
        return BaseOutcome(report.findings, kept_of(loaded), report.errors)

    # The folder of a revision that is trusted is another one in each run.
    cascade = None if settings.cascade is None else replace(settings.cascade, base=None)
    key = base_key(prepared.policies, replace(settings, cascade=cascade), datetime.date.today())
    return Base(revision, folder, paths, look, key, settings.cache)


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
        base = _begin_base(paths, given, prepared, stdin) if given.diff_base else None

        def look(edited: Mapping[str, str]) -> Checked:
            failures = Failures()
            loaded = _load(paths, given, stdin, edited)
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
        base = _begin_base(paths, settings, prepared, stdin) if settings.diff_base else None
        loaded = _load(paths, settings, stdin)
        against = _against(base, loaded)
        policy, resources = find_targets(policies, address, loaded)
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
        held = hold(prepared.policies, _load(paths, given, None), given, prepared)
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


def run(
    policies: Sequence[Policy],
    loaded: Loaded,
    settings: Settings,
    prepared: Prepared | None = None,
    watch: Watch | None = None,
    given: Given | None = None,
) -> Report:
    """Hold a loaded estate against policies; `prepared` knows the names of those that are not selected.

    `watch` is told of each finding that fails, with its check, resource and item: fixes are made from that.
    `given` are waivers and a baseline in place of the files that the settings name.

    Raises:
        UsageError: a policy is wrong, or a file of waivers or a baseline.
    """
    return hold(policies, loaded, settings, prepared, watch, given).report


class Held(Struct):
    """A report, with what let findings of it pass and what the run looked at."""

    report: Report
    exceptions: Exceptions
    extent: Extent


def hold(
    policies: Sequence[Policy],
    loaded: Loaded,
    settings: Settings,
    prepared: Prepared | None = None,
    watch: Watch | None = None,
    given: Given | None = None,
    against: Against | None = None,
    only: frozenset[str] | None = None,
) -> Held:
    """The same as `run`, with what the report came from; with `only` of the policies of some ids alone."""
    facts = RepositoryFacts(loaded.root, loaded.base, today=loaded.today)
    parts = None
    if prepared is not None and policies is prepared.policies and may_differ(settings, loaded.settings):
        parts, prepared = divided(settings, prepared, loaded)
        policies = prepared.policies
    exceptions = _exceptions(loaded, settings, policies, prepared, given, against)
    workers = settings.jobs or os.cpu_count() or 1
    late = advisory(policies, loaded.today)
    made = {} if prepared is None else prepared.made
    checks = checks_of(gating_alone(policies, late), made) if parts is None else parts.every[0].checks
    if only is not None:
        from readiness.engine.parts import limited

        checks, parts = limited(checks, parts, only)
    outcome = execute(
        checks,
        loaded.estate,
        facts,
        settings.tier,
        workers,
        settings.kubernetes_version,
        watch,
        exceptions.apart,
        parts,
    )
    if against is not None:
        against.add_worse(outcome.findings, checks, parts, facts, settings)
    wanted = [finding for finding in outcome.findings if finding.span.path not in loaded.context]
    findings = triage(without_echoes(wanted, policies), exceptions)
    extent = _extent(policies, loaded, settings, prepared, not outcome.errors)
    refused = exceptions.ignores.refused
    ignores = [one for one in _ignores(loaded) if one.span not in refused] if settings.exceptions else []
    judged = judge(exceptions, checks, ignores, extent, facts, settings.tier, parts)
    if judged is not None:
        outcome = joined(outcome, judged)
        findings = sorted([*findings, *judged.findings], key=in_order)
    findings = advise(findings, late) if parts is None else findings
    comparison = None
    if against is not None:
        findings, comparison = against.compared(findings, policies, loaded.errors)
    findings = with_radius(findings, policies, loaded.estate)
    counts = outcome.counts
    counts.files = len(loaded.sources.texts.keys() - loaded.context) + len(loaded.sources.plans)
    counts.unread = len({error.path for error in loaded.errors})
    counts.ignored_files = loaded.sources.ignored
    counts.templates = len(loaded.sources.templates)
    counts.patches = loaded.sources.patches
    declared = (r for r in loaded.estate.resources if r.platform != "repository")
    counts.resources = len({(r.root, r.address, r.type) for r in declared if in_scope(r, loaded)})
    counts.policies = len(policies)
    shown = {finding.span.path for finding in findings} | {
        origin.span.path for finding in findings for origin in finding.origins
    }
    report = Report(
        findings=findings,
        errors=sorted({*loaded.errors, *outcome.errors}),
        counts=counts,
        notices=_notices(loaded, prepared, exceptions),
        remarks=[*([] if prepared is None else prepared.remarks), *remarks_of(exceptions, extent)],
        policies={policy.id: meta(policy, outcome.titles.get(policy.id)) for policy in policies},
        sources=_printable(loaded, shown, exceptions.texts),
        fail_on=settings.fail_on,
        unknown=settings.unknown,
        allow_empty=settings.allow_empty,
        comparison=comparison,
        risk=risk_of(findings, policies, loaded.estate),
    )
    if against is not None:
        report.notices = sorted({*report.notices, *against.notices})
    return Held(report, exceptions, extent)


def divided(settings: Settings, prepared: Prepared, loaded: Loaded) -> tuple[Parts | None, Prepared]:
    """The parts of a run by path and environment, None where settings are the same for all of it.

    What was prepared then has the policies of all parts, what is locked in any, and the notices of each.

    Raises:
        UsageError: a settings file is wrong, loosens what is locked, or names what does not exist.
    """
    from readiness.engine.parts import make_parts
    from readiness.engine.scopes import scopes_of

    scopes = scopes_of(settings, prepared, loaded)
    if scopes is None:
        return None, prepared
    found = replace(
        prepared,
        policies=scopes.policies,
        locked=scopes.locked,
        notices=[*prepared.notices, *scopes.notices],
    )
    return make_parts(scopes, loaded.today, prepared.made), found


def _exceptions(
    loaded: Loaded,
    settings: Settings,
    policies: Sequence[Policy],
    prepared: Prepared | None,
    given: Given | None,
    against: Against | None = None,
) -> Exceptions:
    """What lets findings of a loaded estate pass; `given` takes the place of the files that settings name.

    Raises:
        UsageError: one of these files is missing or wrong.
    """
    if given is None:
        given = Given()
        # Without all policies nobody knows what the names in waivers mean.
        if settings.exceptions and prepared is not None:
            base = loaded.base / settings.base
            given = read_given(settings.waivers, settings.baseline, base, settings.places)
    every = policies if prepared is None else prepared.every
    names = Names(policies) if prepared is None else prepared.names
    locked = None if prepared is None else prepared.locked
    past = None if against is None else against.acknowledged(file.path for file in given.waivers)
    count, trust = settings.exceptions, settings.trust
    if trust is None:
        return exceptions_of(loaded, given, every, names, locked, count, past=past)
    from readiness.engine.trust_look import add_altered, refused_of

    refused = refused_of(trust, settings, loaded, _load) if count else frozenset()
    exceptions = exceptions_of(loaded, given, every, names, locked, count, past=past, refused=refused)
    add_altered(exceptions, trust, settings, loaded, _ignores(loaded))
    return exceptions


def _extent(
    policies: Sequence[Policy],
    loaded: Loaded,
    settings: Settings,
    prepared: Prepared | None,
    whole: bool,
) -> Extent:
    """What the run looked at; `whole` says whether every check came to an end."""
    complete = whole and not (loaded.errors or settings.environments or settings.var_files)
    every = policies if prepared is None else prepared.every
    return extent_of(policies, every, complete, loaded.scope)


def _ignores(loaded: Loaded) -> list[Resource]:
    """The requests in the files of the run to ignore findings."""
    return [r for r in loaded.estate.of_type("ignore") if r.header.path not in loaded.context]


def _notices(loaded: Loaded, prepared: Prepared | None, exceptions: Exceptions) -> list[SourceError]:
    """What is worth knowing of the run: of its sources, its settings, and exceptions that mean nothing."""
    found = {replace(notice, kind="notice") for notice in loaded.notices if notice.path not in loaded.context}
    found.update(exceptions.notices)
    if prepared is not None:
        found.update(prepared.notices)
        found.update(misnamed(_ignores(loaded), prepared.names))
    return sorted(found)


def _printable(loaded: Loaded, paths: set[str], more: Mapping[str, str]) -> dict[str, str]:
    """The texts of files for excerpts, without sensitive values; lines stay where they are.

    `more` are texts of files that are no sources.
    """
    secrets = [secret for secret in loaded.estate.secrets if "\n" not in secret]
    texts = {**loaded.sources.texts, **more}
    found = {path: mask(text, secrets) for path, text in texts.items() if path in paths}
    of_kubernetes = loaded.estate.of_type("Secret")
    for path in {resource.span.path for resource in of_kubernetes} & found.keys():
        found[path] = hidden_values(found[path], of_kubernetes, path)
    return found


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
        return _load(paths, settings or Settings(), stdin, edited)


def _load(
    paths: Sequence[str],
    settings: Settings,
    stdin: bytes | None,
    edited: Mapping[str, str] | None = None,
    base: Path | None = None,
) -> Loaded:
    return load(
        paths,
        base=base,
        edited=edited,
        variables=VariableOptions(
            files=settings.var_files,
            values=settings.variables,
            ambient=settings.env_vars,
            environments=settings.environments,
            workspaces=settings.workspaces,
            patterns=settings.var_file_patterns,
        ),
        stdin=stdin,
        jobs=settings.jobs,
        cache=settings.cache,
        pod_templates=settings.pod_templates,
        kubernetes_version=settings.kubernetes_version,
        changed=settings.changed,
        ignoring=settings.trust is None,
    )


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
                estate.append(_load(paths, settings, None))
            return run(policies, estate[0], settings, prepared)

        if folder is not None:
            return since_folder(folder, prepared, settings, run_on)
        return since_lock(lock or LOCK_FILE, prepared, run_on)


def meta(policy: Policy, title: str | None = None) -> PolicyMeta:
    """What outputs need of a policy."""
    return PolicyMeta(
        id=policy.id,
        title=title or policy.title,
        severity=policy.severity,
        control=policy.control,
        remediation=policy.remediation,
        aliases=policy.aliases,
        references=policy.references,
        resources=policy.resources,
        fixable=policy.fixable,
    )
