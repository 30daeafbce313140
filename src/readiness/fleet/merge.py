"""The tables of a fleet → one report over all of its repositories."""

from __future__ import annotations

from collections import Counter
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from readiness.engine.model import Counts, Finding, Report
from readiness.errors import SourceError
from readiness.fleet.store import Tables
from readiness.scorecard.kpis import LISTED, share_of
from readiness.scorecard.model import (
    ControlInfo,
    Kpi,
    Listed,
    PolicyHealth,
    Problem,
    Scorecard,
    ServiceResult,
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

    Shares are those of all things together, never means of shares.
    """
    card = Scorecard(
        services=[], report=Report([], [], Counts()), controls={}, levels=(), title="fleet", when=when
    )
    _add_definitions(card, tables)
    _add_repositories(card, tables)
    _add_services(card, tables)
    card.kpis = _kpis(tables)
    _add_policies(card, tables)
    _add_findings(card, tables)
    return card


def _read(text: str, type_: type[T]) -> T:
    return msgspec.json.decode(text, type=type_, dec_hook=lambda _type, value: Counter(value))


def _add_definitions(card: Scorecard, tables: Tables) -> None:
    """The controls; where repositories have different ones of an id, that of the first repository."""
    for (text,) in tables.rows("SELECT detail FROM definitions"):
        control = _read(text, ControlInfo)
        card.controls.setdefault(control.id, control)


def _add_repositories(card: Scorecard, tables: Tables) -> None:
    counts = card.report.counts
    commits: list[str] = []
    for name, problem, commit, detail in tables.rows(
        "SELECT repository, problem, commit, detail FROM repositories"
    ):
        card.repositories.append(name)
        if problem:
            card.problems.append(Problem(f"{name}: {problem}"))
            card.report.errors.append(SourceError(name, 1, 1, problem))
            continue
        commits.append(commit)
        one = _read(detail, Scorecard)
        card.levels = card.levels or one.levels
        if one.levels != card.levels:
            message = (
                f"{name} has levels of its own ({', '.join(one.levels)}): they do not compare with others"
            )
            card.problems.append(Problem(message))
        card.areas = {**one.areas, **card.areas}
        card.problems += [replace(each, path=_inside(name, each.path)) for each in one.problems]
        room = UNASSIGNED - len(card.unassigned)
        card.unassigned += [_moved(name, each) for each in one.unassigned[:room]]
        run = one.report
        card.report.errors += [replace(error, path=_inside(name, error.path)) for error in run.errors]
        _sum(counts, run.counts)


def _sum(total: Counts, one: Counts) -> None:
    for field in ("files", "unread", "ignored_files", "templates", "patches", "resources"):
        setattr(total, field, getattr(total, field) + getattr(one, field))
    for field in ("evaluated", "unknown", "skipped"):
        setattr(total, field, getattr(total, field) + getattr(one, field))
    total.policies = max(total.policies, one.policies)


def _inside(repository: str, path: str) -> str:
    """A path of a repository, in a report over many."""
    return f"{repository}/{path}" if path else ""


def _moved(repository: str, one: Unassigned) -> Unassigned:
    return replace(one, path=_inside(repository, one.path))


def _add_services(card: Scorecard, tables: Tables) -> None:
    query = "SELECT repository, detail FROM services ORDER BY repository, service, path, line"
    for number, (repository, detail) in enumerate(tables.rows(query)):
        service = _read(detail, ServiceResult)
        service.path = _inside(repository, service.path)
        service.facts = {
            name: replace(fact, path=_inside(repository, fact.path)) for name, fact in service.facts.items()
        }
        service.documents = [_inside(repository, path) for path in service.documents]
        service.steps = [replace(step, path=_inside(repository, step.path)) for step in service.steps]
        for control in service.controls:
            if number >= DETAILED:
                control.evidence, control.missing = [], []
            control.evidence = [replace(e, path=_inside(repository, e.path)) for e in control.evidence]
            control.missing = [replace(m, path=_inside(repository, m.path)) for m in control.missing]
        card.services.append(service)


def _kpis(tables: Tables) -> list[Kpi]:
    """The key figures, in the order of the first repository that has each."""
    found: dict[str, Kpi] = {}
    for repository, detail in tables.rows("SELECT repository, detail FROM kpis"):
        one = _read(detail, Kpi)
        total = found.get(one.id)
        if total is None:
            total = found[one.id] = replace(one, met=0, of=0, unknown=0, trend=None, listed=[])
        total.met += one.met
        total.of += one.of
        total.unknown += one.unknown
        total.listed += [
            Listed(each.name, _inside(repository, each.path), each.line, each.met, each.service)
            for each in one.listed[: LISTED - len(total.listed)]
        ]
    for total in found.values():
        total.actual, total.on_target = share_of(total.met, total.of, total.comparison, total.target)
        total.listed.sort(key=lambda each: each.met)
    return list(found.values())


def _add_policies(card: Scorecard, tables: Tables) -> None:
    query = (
        "SELECT policy, min(title), min(control), min(severity), sum(evaluated), sum(failed), sum(waived), "
        "sum(unknown) FROM policies GROUP BY policy ORDER BY policy"
    )
    for policy, title, control, severity, *numbers in tables.rows(query):
        counted = (int(number) for number in numbers)
        card.health.append(PolicyHealth(policy, title, control, severity, *counted))


def _add_findings(card: Scorecard, tables: Tables) -> None:
    query = (
        "SELECT repository, detail FROM findings ORDER BY "
        "list_position(['critical', 'high', 'medium', 'low', 'info'], severity), repository, path, line, "
        f"policy, fingerprint LIMIT {FINDINGS}"
    )
    found = []
    for repository, detail in tables.rows(query):
        finding = _read(detail, Finding)
        span = finding.span._replace(path=_inside(repository, finding.span.path))
        service = finding.subject.service
        whose = replace(finding.subject, service=service and _inside(repository, service))
        found.append(replace(finding, span=span, subject=whose))
    card.report.findings = sorted(
        found, key=lambda one: (one.span.path, one.span.line, one.policy, one.fingerprint)
    )
    of: Any = next(tables.rows("SELECT count(*) FROM findings"))[0]
    if of > len(found):
        card.report.remarks.append(
            f"{len(found):,} of {of:,} findings stand in this report, the gravest first"
        )
