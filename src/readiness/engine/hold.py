"""A loaded estate held against policies: findings, who lets them pass, how they compare, and the report."""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from readiness.engine.checks import checks_of
from readiness.engine.exceptions import Exceptions, Given, exceptions_of, read_given
from readiness.engine.execute import execute
from readiness.engine.governed import Extent, extent_of, joined, judge, remarks_of
from readiness.engine.ignores import misnamed
from readiness.engine.loading import load_with
from readiness.engine.model import Counts, PolicyMeta, Report
from readiness.engine.prepare import Prepared
from readiness.engine.risk import risk_of, with_radius
from readiness.engine.settings import Settings, may_differ, waiver_folders
from readiness.engine.tally import Tally
from readiness.engine.telling import Watch
from readiness.engine.triage import advise, advisory, gating_alone, in_order, triage
from readiness.engine.yields import without_echoes
from readiness.errors import SourceError
from readiness.estate.build import Loaded, in_scope
from readiness.estate.model import Resource
from readiness.estate.secrets import hide_values, mask
from readiness.policy.model import Policy
from readiness.policy.names import Names
from readiness.repo.facts import RepositoryFacts

if TYPE_CHECKING:
    from readiness.engine.against import Against
    from readiness.engine.parts import Parts


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
    """A report, with what let findings of it pass, what the run looked at, and what every check gave.

    `facts` are those of the repository, `parts` those of the run where settings differ by path or
    environment.
    """

    report: Report
    facts: RepositoryFacts
    exceptions: Exceptions
    extent: Extent
    tally: Tally | None = None
    parts: Parts | None = None


def hold(
    policies: Sequence[Policy],
    loaded: Loaded,
    settings: Settings,
    prepared: Prepared | None = None,
    watch: Watch | None = None,
    given: Given | None = None,
    against: Against | None = None,
    only: frozenset[str] | None = None,
    tallied: bool = False,
) -> Held:
    """The same as `run`, with what the report came from; with `only` of the policies of some ids alone.

    What every check gave is counted where that is to be `tallied`.
    """
    facts = loaded.facts()
    parts = None
    if prepared is not None and policies is prepared.policies and may_differ(settings, loaded.settings):
        parts, prepared = divided(settings, prepared, loaded)
        policies = prepared.policies
    exceptions = _exceptions(loaded, settings, policies, prepared, given, against)
    late = advisory(policies, loaded.today)
    made = {} if prepared is None else prepared.made
    checks = checks_of(gating_alone(policies, late), made) if parts is None else parts.every[0].checks

    @functools.cache
    def completed() -> None:
        """Once, and when it is needed: who owns services is dear to find out, and so are their documents."""
        if loaded.estate.services:
            from readiness.estate.services.complete import complete

            complete(loaded.estate, facts, loaded.scope)

    if only is not None:
        from readiness.engine.parts import limited

        checks, parts = limited(checks, parts, only)
    outcome = execute(
        checks,
        loaded.estate,
        facts,
        settings.tier,
        settings.workers,
        settings.kubernetes_version,
        watch,
        exceptions.apart,
        parts,
        context=loaded.context if tallied else None,
        before_services=completed,
    )
    if tallied:
        completed()
    if against is not None:
        against.add_worse(outcome.findings, checks, parts, facts, settings, exceptions.apart)
    wanted = [finding for finding in outcome.findings if finding.span.path not in loaded.context]
    findings = triage(wanted, exceptions)
    extent = _extent(policies, loaded, settings, prepared, not outcome.errors)
    refused = exceptions.ignores.refused
    ignores = [one for one in _ignores(loaded) if one.span not in refused] if settings.exceptions else []
    judged = judge(exceptions, checks, ignores, extent, facts, settings.tier, parts, tallied)
    if judged is not None:
        outcome = joined(outcome, judged)
        findings = sorted([*findings, *judged.findings], key=in_order)
    findings = advise(findings, late) if parts is None else findings
    comparison = None
    if against is not None:
        findings, comparison = against.compared(findings, policies, loaded.errors)
    findings = with_radius(without_echoes(findings, policies), policies, loaded.estate)
    _complete(outcome.counts, loaded, policies)
    shown = {finding.span.path for finding in findings} | {
        origin.span.path for finding in findings for origin in finding.origins
    }
    report = Report(
        findings=findings,
        errors=sorted({*loaded.errors, *outcome.errors}),
        counts=outcome.counts,
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
    return Held(report, facts, exceptions, extent, outcome.tally, parts)


def _complete(counts: Counts, loaded: Loaded, policies: Sequence[Policy]) -> None:
    """Add to what a run counted what was read for it."""
    counts.files = len(loaded.sources.texts.keys() - loaded.context) + len(loaded.sources.plans)
    counts.unread = len({error.path for error in loaded.errors})
    counts.ignored_files = loaded.sources.ignored
    counts.templates = len(loaded.sources.templates)
    counts.patches = loaded.sources.patches
    declared = (r for r in loaded.estate.resources if r.platform != "repository")
    counts.resources = len({r.thing for r in declared if in_scope(r, loaded)})
    counts.policies = len(policies)


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
    past = None
    if against is not None:
        from readiness.config.waivers import FILE

        usual = (posixpath.join(folder, FILE) for folder in waiver_folders(settings))
        past = against.acknowledged([*(file.path for file in given.waivers), *usual])
    count, trust = settings.exceptions, settings.trust
    if trust is None:
        return exceptions_of(loaded, given, every, names, locked, count, past=past)
    from readiness.engine.trust_look import add_altered, refused_of

    refused = refused_of(trust, settings, loaded, load_with) if count else frozenset()
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
    hide_values(found, loaded.estate.of_type("Secret"))
    return found


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
