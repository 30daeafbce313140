"""The library: `check` gives a report, `show` the estate, `load_policies` the selected policies."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec.structs import replace

from readiness.config.settings import LOCK_FILE
from readiness.engine.checks import make_checks
from readiness.engine.execute import execute
from readiness.engine.ignores import Ignores, misnamed
from readiness.engine.model import PolicyMeta, Report
from readiness.engine.prepare import Prepared, load_packs, prepare
from readiness.engine.prepare import load_own as load_own
from readiness.engine.settings import Settings as Settings
from readiness.engine.triage import advise, advisory, gating_alone, triage
from readiness.errors import SourceError
from readiness.estate.build import Loaded, in_scope, load
from readiness.estate.model import Estate
from readiness.estate.secrets import mask
from readiness.estate.variables import VariableOptions
from readiness.policy.model import Policy
from readiness.policy.packs import Pack, join
from readiness.repo.facts import RepositoryFacts

if TYPE_CHECKING:
    from readiness.engine.upgrade import Upgrade


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
        loaded = _load(paths, settings, stdin)
        return run(prepared.policies, loaded, settings, prepared)


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
    policies: Sequence[Policy], loaded: Loaded, settings: Settings, prepared: Prepared | None = None
) -> Report:
    """Hold a loaded estate against policies; `prepared` knows the names of those that are not selected."""
    facts = RepositoryFacts(loaded.root, loaded.base, today=loaded.today)
    workers = settings.jobs or os.cpu_count() or 1
    late = advisory(policies, loaded.today)
    outcome = execute(
        make_checks(gating_alone(policies, late)),
        loaded.estate,
        facts,
        settings.tier,
        workers,
        settings.kubernetes_version,
    )
    ignores = Ignores(
        loaded.today, {policy.id: policy.former_ids for policy in policies if policy.former_ids}
    )
    for path, comments in loaded.sources.comments.items():
        if comments:
            ignores.add_comments(path, comments, loaded.sources.texts[path].split("\n"))
    ignores.add_resources(loaded.estate.resources)
    wanted = [finding for finding in outcome.findings if finding.span.path not in loaded.context]
    findings = advise(triage(wanted, ignores), late)
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
    return Report(
        findings=findings,
        errors=sorted({*loaded.errors, *outcome.errors}),
        counts=counts,
        notices=_notices(loaded, prepared),
        remarks=[] if prepared is None else prepared.remarks,
        policies={policy.id: meta(policy, outcome.titles.get(policy.id)) for policy in policies},
        sources=_printable(loaded, shown),
        fail_on=settings.fail_on,
        unknown=settings.unknown,
        allow_empty=settings.allow_empty,
    )


def _notices(loaded: Loaded, prepared: Prepared | None) -> list[SourceError]:
    """What is worth knowing of the run: of its sources, its settings, and the ignores that mean nothing."""
    found = {replace(notice, kind="notice") for notice in loaded.notices if notice.path not in loaded.context}
    if prepared is not None:
        wanted = [r for r in loaded.estate.of_type("ignore") if r.header.path not in loaded.context]
        found.update(prepared.notices)
        found.update(misnamed(wanted, prepared.names))
    return sorted(found)


def _printable(loaded: Loaded, paths: set[str]) -> dict[str, str]:
    """The texts of files for excerpts, without sensitive values; lines stay where they are."""
    secrets = [secret for secret in loaded.estate.secrets if "\n" not in secret]
    return {path: mask(text, secrets) for path, text in loaded.sources.texts.items() if path in paths}


def show(
    paths: Sequence[str] = (".",), settings: Settings | None = None, stdin: bytes | None = None
) -> Estate:
    """The estate as policies see it.

    Raises:
        UsageError: a path does not exist.
    """
    return load_estate(paths, settings, stdin).estate


def load_estate(
    paths: Sequence[str] = (".",), settings: Settings | None = None, stdin: bytes | None = None
) -> Loaded:
    """The estate with its sources and what could not be read of them.

    Raises:
        UsageError: a path does not exist.
    """
    with _collector_paused():
        return _load(paths, settings or Settings(), stdin)


def _load(paths: Sequence[str], settings: Settings, stdin: bytes | None) -> Loaded:
    return load(
        paths,
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
            return run(policies, estate[0], settings)

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
