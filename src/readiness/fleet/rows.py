"""A report as rows of tables."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from readiness.errors import SourceError
from readiness.fleet.names import inside
from readiness.fleet.work import Answer, Repository, storable
from readiness.scorecard.model import ControlResult, Kpi, Scorecard, ServiceResult

TABLES: dict[str, dict[str, str]] = {
    "repositories": {
        **dict.fromkeys(("repository", "folder", "commit", "when", "problem"), "text"),
        **dict.fromkeys(("services", "resources", "unassigned", "errors", "files", "unread"), "number"),
        **dict.fromkeys(("definitions", "levels", "asked", "detail"), "text"),
    },
    "services": {
        **dict.fromkeys(("repository", "service", "owner", "system", "lifecycle"), "text"),
        "tier": "number",
        "tier_assumed": "yes",
        **dict.fromkeys(("level", "level_if_known", "next_level"), "text"),
        "score": "number",
        "resources": "number",
        "steps": "number",
        **dict.fromkeys(("problem", "path"), "text"),
        "line": "number",
        "detail": "text",
    },
    "controls": {
        **dict.fromkeys(("repository", "service", "control", "area", "status", "strength", "level"), "text"),
        **dict.fromkeys(("met", "of", "failed", "waived", "unknown"), "number"),
        "share": "share",
    },
    "kpis": {
        **dict.fromkeys(("repository", "kpi", "name", "control", "comparison", "unit"), "text"),
        **dict.fromkeys(("target", "actual"), "share"),
        **dict.fromkeys(("met", "of", "unknown"), "number"),
        "on_target": "yes",
        **dict.fromkeys(("counted", "detail"), "text"),
    },
    "findings": {
        **dict.fromkeys(("repository", "service", "policy", "control", "severity", "status"), "text"),
        **dict.fromkeys(("address", "path"), "text"),
        "line": "number",
        **dict.fromkeys(("message", "fingerprint", "fixable", "reason"), "text"),
        "instances": "number",
        "detail": "text",
    },
    "definitions": dict.fromkeys(("repository", "control", "title", "area", "detail"), "text"),
    "policies": {
        **dict.fromkeys(("repository", "policy", "title", "control", "severity"), "text"),
        **dict.fromkeys(("evaluated", "failed", "waived", "unknown"), "number"),
    },
}
"""The columns of every table with their kinds: `text`, whole `number`, `share` (any number), `yes` (or no).

`levels` are the names of levels, the lowest first and joined by commas; `asked`, `counted` and `definitions`
are digests of what levels ask for, of what a key figure counts, and of all that numbers are measured by.
`detail` is the whole of it as JSON, where the report of the fleet needs more than the columns.
"""

LISTED = 100
"""How much of the list behind a key figure is kept for each repository."""


def rows_of(repository: Repository, answer: Answer) -> dict[str, list[dict[str, Any]]]:
    """The rows that a repository adds to each table."""
    card = answer.scorecard
    if card is None:
        return {"repositories": [_without_report(repository, answer)]}
    name = repository.name
    return {
        "repositories": [_repository(repository, card, answer.levels)],
        "services": [_service(name, service) for service in card.services],
        "controls": [
            _control(name, service.name, control, card)
            for service in card.services
            for control in service.controls
            if control.status != "not-applicable"
        ],
        "kpis": [_kpi(name, kpi, answer.kpis.get(kpi.id, "")) for kpi in card.kpis],
        "findings": _findings(name, card),
        "definitions": [
            {
                "repository": name,
                "control": one.id,
                "title": one.title,
                "area": one.area,
                "detail": _json(one),
            }
            for one in card.controls.values()
        ],
        "policies": [{"repository": name, **_fields(one, "policies")} for one in card.health],
    }


def _fields(one: Any, table: str) -> dict[str, Any]:
    """The fields of a structure that have a column of their name."""
    return {field: getattr(one, field) for field in one.__struct_fields__ if field in TABLES[table]}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _without_report(repository: Repository, answer: Answer) -> dict[str, Any]:
    place = f" ({answer.path}:{answer.line})" if answer.path else ""
    folder, problem = storable(repository.folder), answer.problem or "no reason is known"
    path = inside(repository.name, answer.path) or repository.name
    error = SourceError(path, answer.line or 1, answer.column or 1, problem)
    row = {"repository": repository.name, "folder": folder, "problem": problem + place}
    return row | {"detail": _json(error)}


def _repository(repository: Repository, card: Scorecard, asked: str) -> dict[str, Any]:
    run = card.report
    about = replace(
        card,
        report=replace(run, findings=[], policies={}, sources={}),
        services=[],
        controls={},
        kpis=[],
        health=[],
        unassigned=card.unassigned[:LISTED],
        history=[],
    )
    return {
        "repository": repository.name,
        "folder": storable(repository.folder),
        "commit": card.commit,
        "when": card.when,
        "problem": "",
        "services": len(card.services),
        "resources": run.counts.resources,
        "unassigned": len(card.unassigned),
        "errors": len(run.errors),
        "files": run.counts.files,
        "unread": run.counts.unread,
        "definitions": card.definitions,
        "levels": ",".join(card.levels),
        "asked": asked,
        "detail": _json(about),
    }


def _service(name: str, service: ServiceResult) -> dict[str, Any]:
    row = {"repository": name, "service": service.name, **_fields(service, "services")}
    detail = replace(service, repository=name)
    return row | {"repository": name, "steps": len(service.steps), "detail": _json(detail)}


def _control(name: str, service: str, control: ControlResult, card: Scorecard) -> dict[str, Any]:
    info = card.controls.get(control.control)
    row = {"repository": name, "service": service, "area": info.area if info else ""}
    return row | _fields(control, "controls")


def _kpi(name: str, kpi: Kpi, counted: str) -> dict[str, Any]:
    detail = replace(kpi, listed=kpi.listed[:LISTED])
    row = {"repository": name, "kpi": kpi.id, **_fields(kpi, "kpis")}
    return row | {"counted": counted, "detail": _json(detail)}


def _findings(name: str, card: Scorecard) -> list[dict[str, Any]]:
    rows = []
    for finding in card.report.findings:
        row = {"repository": name, "service": finding.subject.service, **_fields(finding, "findings")}
        row |= {
            "address": finding.subject.address,
            "path": finding.span.path,
            "line": finding.span.line,
            "instances": 1 + len(finding.instances),
            "detail": _json(finding),
        }
        rows.append(row)
    return rows
