"""The tables of a fleet → one report over all of its repositories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from readiness.engine.model import Counts, Finding, Report
from readiness.errors import SourceError
from readiness.fleet.merge_kpis import add_kpis
from readiness.fleet.names import fingerprint, inside, some
from readiness.fleet.tables import Tables
from readiness.scorecard.model import (
    ControlInfo,
    Missing,
    PolicyHealth,
    Problem,
    Scorecard,
    ServiceResult,
    Step,
    Unassigned,
)

DETAILED = 2_000
"""How many services have their evidence, and all that is missing, in a report over many repositories."""

FINDINGS = 5_000
"""How many findings stand in such a report, the gravest first; the tables have all of them."""

UNASSIGNED = 2_000
"""How many resources without a service stand in it."""

T = TypeVar("T")


def merged(tables: Tables, when: str) -> Scorecard:
    """The report over all repositories of a store.

    Shares are those of all things together, never means of shares.  What is measured otherwise in some
    repositories is left out of the sums, and told.
    """
    card = Scorecard(
        services=[], report=Report([], [], Counts()), controls={}, levels=(), title="fleet", when=when
    )
    card.definitions = _most(tables, "definitions")
    card.levels = tuple(level for level in _most(tables, "levels").split(",") if level)
    _add_definitions(card, tables)
    _add_repositories(card, tables)
    _add_services(card, tables, _other_levels(card, tables))
    add_kpis(card, tables)
    _add_policies(card, tables)
    _add_findings(card, tables)
    return card


def _read(text: str, type_: type[T]) -> T:
    return msgspec.json.decode(text, type=type_, dec_hook=lambda _type, value: Counter(value))


def _most(tables: Tables, column: str) -> str:
    """What most repositories have in a column; of several such the one of the first repository."""
    query = (
        f"SELECT {column} FROM repositories WHERE problem = '' GROUP BY {column} "
        "ORDER BY count(*) DESC, min(repository) LIMIT 1"
    )
    found = tables.rows(query)
    return str(found[0][0]) if found else ""


def _add_definitions(card: Scorecard, tables: Tables) -> None:
    """The controls; where repositories have different ones of an id, that of the first repository."""
    for (text,) in tables.scan("definitions", "detail"):
        control = _read(text, ControlInfo)
        card.controls.setdefault(control.id, control)


def _add_repositories(card: Scorecard, tables: Tables) -> None:
    columns = ("repository", "problem", "commit", "levels", "detail")
    for name, problem, commit, levels, detail in tables.scan("repositories", *columns):
        card.repositories.append(name)
        if problem:
            error = _read(detail, SourceError)
            place = (error.path, error.line, error.column) if error.path != name else ("", 0, 0)
            card.problems.append(Problem(f"{name}: {error.message}", *place))
            card.report.errors.append(error)
            continue
        card.commits[name] = commit
        one = _read(detail, Scorecard)
        if levels == ",".join(card.levels):
            card.areas = {**card.areas, **{id_: t for id_, t in one.areas.items() if id_ not in card.areas}}
        card.problems += [replace(each, path=inside(name, each.path)) for each in one.problems]
        room = UNASSIGNED - len(card.unassigned)
        card.unassigned += [_moved(name, each) for each in one.unassigned[: max(0, room)]]
        run = one.report
        card.report.errors += [replace(error, path=inside(name, error.path)) for error in run.errors]
        _sum(card.report.counts, run.counts)


def _other_levels(card: Scorecard, tables: Tables) -> dict[str, str]:
    """The names of levels (joined by commas) of repositories that have others than most; that is told."""
    asked = _most(tables, "asked")
    named: dict[str, str] = {}
    meant: list[str] = []
    columns = ("repository", "problem", "levels", "asked")
    for name, problem, levels, digest in tables.scan("repositories", *columns):
        if problem:
            continue
        if levels != ",".join(card.levels):
            named[name] = levels
        elif digest != asked:
            meant.append(name)
    if named:
        message = "levels of their own, so their services have none in this report"
        card.problems.append(Problem(f"{some(list(named))}: {message}"))
    if meant:
        message = "levels have the same names as elsewhere, and ask for something else"
        card.problems.append(Problem(f"{some(meant)}: {message}"))
    return named


def _sum(total: Counts, one: Counts) -> None:
    for field in ("files", "unread", "ignored_files", "templates", "patches", "resources"):
        setattr(total, field, getattr(total, field) + getattr(one, field))
    for field in ("evaluated", "unknown", "skipped"):
        setattr(total, field, getattr(total, field) + getattr(one, field))
    total.unknown_reasons.update(one.unknown_reasons)
    total.policies = max(total.policies, one.policies)


def _moved(repository: str, one: Unassigned) -> Unassigned:
    return replace(one, path=inside(repository, one.path))


def _add_services(card: Scorecard, tables: Tables, others: Mapping[str, str]) -> None:
    """Add the services; those of repositories with `others` for levels (joined by commas) have none."""
    shared: dict[Any, Any] = {}
    # They are written in their order: to sort them would take the memory of all of them.
    for number, (repository, detail) in enumerate(tables.scan("services", "repository", "detail")):
        service = _read(detail, ServiceResult)
        if repository in others:
            _without_level(service, others[repository])
        service.path = inside(repository, service.path)
        service.facts = {
            name: replace(fact, path=inside(repository, fact.path)) for name, fact in service.facts.items()
        }
        service.documents = [inside(repository, path) for path in service.documents]
        service.steps = [_step(repository, step) for step in service.steps]
        for control in service.controls:
            if number >= DETAILED:
                control.evidence, control.missing = [], []
            control.evidence = [replace(e, path=inside(repository, e.path)) for e in control.evidence]
            control.missing = [_missing(repository, one) for one in control.missing]
        if number >= DETAILED:
            _spare(service, shared)
        card.services.append(service)
    if len(card.services) > DETAILED:
        card.report.remarks.append(
            f"{DETAILED:,} of {len(card.services):,} services have evidence and what is missing in this "
            "report: the tables have all of it"
        )


def _without_level(service: ServiceResult, levels: str) -> None:
    """Take level and score from a service that has those of other levels: they do not compare."""
    service.problem = service.problem or f"its repository has levels of its own ({levels.replace(',', ', ')})"
    service.level = service.level_if_known = ""
    service.score = service.next_level = None
    service.areas, service.controls, service.steps = [], [], []


def _step(repository: str, step: Step) -> Step:
    prints = tuple(fingerprint(repository, one) for one in step.fingerprints)
    return replace(step, path=inside(repository, step.path), fingerprints=prints)


def _missing(repository: str, one: Missing) -> Missing:
    own = fingerprint(repository, one.fingerprint)
    return replace(one, path=inside(repository, one.path), fingerprint=own)


def _spare(service: ServiceResult, shared: dict[Any, Any]) -> None:
    """Keep a service small: of what many have alike there is a single copy (`shared`), also of lists.

    Nothing changes a report once it is made.
    """
    service.documents, service.facts = [], {}

    def one(value: T) -> T:
        found: T = shared.setdefault(value, value)
        return found

    for index, control in enumerate(service.controls):
        control.control, control.status = one(control.control), one(control.status)
        control.strength, control.level = one(control.strength), one(control.level)
        control.evidence = control.missing = shared.setdefault((), [])
        if not control.of:
            # What asks nothing of a service is the same for all of them.
            same = (control.control, control.status, control.strength, control.level, control.share)
            service.controls[index] = shared.setdefault(same, control)
    for area in service.areas:
        area.area, area.title, area.level = one(area.area), one(area.title), one(area.level)
        area.controls = shared.setdefault(tuple(area.controls), area.controls)
    service.steps = [
        Step(
            *(one(step.action), one(step.policy), one(step.severity), one(step.path), step.line),
            *(one(step.closes), step.findings, one(step.unlocks), one(step.fixable), one(step.command)),
        )
        for step in service.steps
    ]


def _add_policies(card: Scorecard, tables: Tables) -> None:
    query = (
        "SELECT policy, min(title), min(control), min(severity), sum(evaluated), sum(failed), sum(waived), "
        "sum(unknown) FROM policies GROUP BY policy ORDER BY policy"
    )
    for policy, title, control, severity, *numbers in tables.rows(query):
        counted = (int(number) for number in numbers)
        card.health.append(PolicyHealth(policy, title, control, severity, *counted))


def _add_findings(card: Scorecard, tables: Tables) -> None:
    """The gravest findings, and as many of those that something lets pass: who does, stands in them."""
    found = []
    for condition in ("NOT IN", "IN"):
        query = (
            f"SELECT repository, detail FROM findings WHERE status {condition} ('suppressed', 'waived') "
            "ORDER BY list_position(['critical', 'high', 'medium', 'low', 'info'], severity), repository, "
            f"path, line, policy, fingerprint LIMIT {FINDINGS}"
        )
        for repository, detail in tables.rows(query):
            finding = _read(detail, Finding)
            service = finding.subject.service
            found.append(
                replace(
                    finding,
                    span=finding.span._replace(path=inside(repository, finding.span.path)),
                    subject=replace(finding.subject, service=service and inside(repository, service)),
                    fingerprint=fingerprint(repository, finding.fingerprint),
                )
            )
    card.report.findings = sorted(
        found, key=lambda one: (one.span.path, one.span.line, one.policy, one.fingerprint)
    )
    of: int = tables.rows("SELECT count(*) FROM findings")[0][0]
    if of > len(found):
        card.report.remarks.append(
            f"{len(found):,} of {of:,} findings stand in this report, the gravest first"
        )
