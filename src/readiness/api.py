"""The library: `check` gives a report, `show` the estate, `load_policies` the selected policies."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from readiness.engine.checks import make_checks
from readiness.engine.execute import execute
from readiness.engine.ignores import Ignores
from readiness.engine.model import SEVERITIES, PolicyMeta, Report
from readiness.engine.triage import triage
from readiness.errors import UsageError
from readiness.estate.build import Loaded, in_scope, load
from readiness.estate.model import Estate
from readiness.estate.secrets import mask
from readiness.estate.variables import VariableOptions
from readiness.policy.model import Policy
from readiness.policy.select import PROFILES, select
from readiness.repo.facts import RepositoryFacts

_CHOICES = {"profile": PROFILES, "fail_on": SEVERITIES, "unknown": ("ignore", "warn", "fail")}


class Settings(Struct):
    """What a run may be told; the defaults are those of the command line.

    `tier` is the service tier of resources that name none; `kubernetes_version` the release that manifests
    are for, the newest whose schemas are at hand where it is empty; `jobs` the number of processes.
    `variables` are `NAME=VALUE`; `env_vars` says whether `TF_VAR_` variables count.  `environments`
    are `NAME` (only this one) or `NAME=FILE`, `workspaces` names of Terraform workspaces, and
    `var_file_patterns` say where roots keep the variable files of their environments.  `pod_templates`
    says by type where custom kinds have their pod template (`spec.workers[*].template`, empty for none).
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    profile: str = "default"
    fail_on: str = "high"
    unknown: str = "warn"
    policies: tuple[str, ...] = ()
    var_files: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    env_vars: bool = False
    environments: tuple[str, ...] = ()
    workspaces: tuple[str, ...] = ()
    var_file_patterns: tuple[str, ...] = ()
    pod_templates: dict[str, str] = {}
    tier: int = 1
    kubernetes_version: str = ""
    jobs: int | None = None
    cache: bool = True
    allow_empty: bool = False

    def __post_init__(self) -> None:
        """Refuse what no run could use.

        Raises:
            UsageError: a setting has a value that it cannot have.
        """
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise UsageError(f"{name} is {getattr(self, name)!r}; choose from {', '.join(choices)}")
        if not 0 <= self.tier <= 9:
            raise UsageError(f"tier is {self.tier}; it lies between 0 and 9")
        if self.kubernetes_version:
            from readiness.kubernetes.schemas.store import minor

            minor(self.kubernetes_version)
        if self.jobs is not None and self.jobs < 1:
            raise UsageError(f"jobs is {self.jobs}; it is 1 or more")


def check(
    paths: Sequence[str] = (".",), settings: Settings | None = None, stdin: bytes | None = None
) -> Report:
    """Check files and folders; `-` among the paths stands for `stdin`.

    Raises:
        UsageError: a path does not exist, a policy or setting is wrong.
    """
    settings = settings or Settings()
    with _collector_paused():
        policies = load_policies(settings)
        loaded = _load(paths, settings, stdin)
        return run(policies, loaded, settings)


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


def run(policies: Sequence[Policy], loaded: Loaded, settings: Settings) -> Report:
    """Hold a loaded estate against policies."""
    facts = RepositoryFacts(loaded.root, loaded.base, today=loaded.today)
    workers = settings.jobs or os.cpu_count() or 1
    outcome = execute(
        make_checks(policies), loaded.estate, facts, settings.tier, workers, settings.kubernetes_version
    )
    ignores = Ignores(loaded.today)
    for path, comments in loaded.sources.comments.items():
        if comments:
            ignores.add_comments(path, comments, loaded.sources.texts[path].split("\n"))
    ignores.add_resources(loaded.estate.resources)
    wanted = [finding for finding in outcome.findings if finding.span.path not in loaded.context]
    findings = triage(wanted, ignores)
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
        notices=sorted({replace(n, kind="notice") for n in loaded.notices if n.path not in loaded.context}),
        policies={policy.id: meta(policy, outcome.titles.get(policy.id)) for policy in policies},
        sources=_printable(loaded, shown),
        fail_on=settings.fail_on,
        unknown=settings.unknown,
        allow_empty=settings.allow_empty,
    )


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
    from readiness.policy.bundle import load_builtin

    settings = settings or Settings()
    policies = {policy.id: policy for policy in load_builtin(examples)}
    for folder in settings.policies:
        for policy in load_own(folder):
            if policy.id in policies:
                raise UsageError(
                    f"the id {policy.id!r} is taken by {policies[policy.id].path}", policy.path, 1, 1
                )
            policies[policy.id] = policy
    return select(policies.values(), settings.select, settings.ignore, settings.profile)


def load_own(folder: str) -> list[Policy]:
    """The policies of a user's own folder; its own `controls.yaml` adds to the built-in controls.

    Raises:
        UsageError: the folder is missing, or a policy is broken.
    """
    from readiness.policy.bundle import builtin_folder
    from readiness.policy.controls import load_controls
    from readiness.policy.loader import load_folder

    path = Path(folder)
    controls = set(load_controls(builtin_folder()))
    if (path / "controls.yaml").is_file():
        controls |= set(load_controls(path))
    policies = load_folder(path, frozenset(controls))
    for check in make_checks(policies):
        # Built-in conditions are tested; those of a user are wrong now, not when a resource needs them.
        check.prepare_all()
    return policies


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
