"""The readiness report as JSON, version 1: the contract for machines.  Fields are only ever added.

The shape is described by `scorecard.schema.json` in the folder above.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from readiness.outputs.json_report import finding_json, summary_json, told_json
from readiness.outputs.jsontext import dumps
from readiness.outputs.options import listed
from readiness.outputs.scorecard.options import ScorecardOptions, chosen_services
from readiness.outputs.scorecard.view import NO_LEVEL, level_of

if TYPE_CHECKING:
    from readiness.scorecard.model import (
        AreaResult,
        ControlInfo,
        ControlResult,
        Kpi,
        Missing,
        Point,
        PolicyHealth,
        Problem,
        Scorecard,
        ServiceResult,
        Step,
    )

SCHEMA_VERSION = 1


def schema_path() -> Path:
    """Where the JSON Schema of this form is installed."""
    return Path(__file__).parents[1] / "scorecard.schema.json"


def _level(level: str | None) -> str | None:
    """A level: `none` below the lowest, null where none is asked for."""
    return None if level is None else level or NO_LEVEL


def _missing(missing: Missing) -> dict[str, Any]:
    return {
        "policy": missing.policy,
        "severity": missing.severity,
        "status": missing.status,
        "text": missing.text,
        "path": missing.path,
        "line": missing.line,
        "addresses": list(missing.addresses),
        "fingerprint": missing.fingerprint,
        "fixable": missing.fixable,
        "reason": missing.reason,
        "until": missing.until,
    }


def _control(result: ControlResult) -> dict[str, Any]:
    return {
        "control": result.control,
        "status": result.status,
        "met": result.met,
        "of": result.of,
        "evidence": [{"path": one.path, "line": one.line, "text": one.text} for one in result.evidence],
        "missing": [missing.text for missing in result.missing],
        "strength": result.strength,
        "failed": result.failed,
        "waived": result.waived,
        "unknown": result.unknown,
        "share": result.share,
        "level": _level(result.level),
        "shortfalls": [_missing(missing) for missing in result.missing],
    }


def _area(area: AreaResult) -> dict[str, Any]:
    return {
        "area": area.area,
        "title": area.title,
        "score": area.score,
        "level": _level(area.level),
        "capped_by": area.capped_by,
        "controls": list(area.controls),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "action": step.action,
        "closes": list(step.closes),
        "policy": step.policy,
        "path": step.path,
        "line": step.line,
        "severity": step.severity,
        "findings": step.findings,
        "unlocks": list(step.unlocks),
        "fixable": step.fixable,
        "command": step.command,
        "fingerprints": list(step.fingerprints),
    }


def service_json(service: ServiceResult) -> dict[str, Any]:
    """A service in the shape of the contract."""
    facts = {
        name: {"value": fact.value, "by": fact.by, "path": fact.path, "line": fact.line}
        for name, fact in sorted(service.facts.items())
    }
    return {
        "name": service.name,
        "repository": service.repository,
        "owner": service.owner,
        "tier": service.tier,
        "tier_assumed": service.tier_assumed,
        "environments": list(service.environments),
        "level": level_of(service),
        "level_if_known": None if service.problem is not None else _level(service.level_if_known),
        "score": None if service.problem is not None else service.score,
        "problem": service.problem,
        "resources": service.resources,
        "system": service.system,
        "lifecycle": service.lifecycle,
        "link": service.link,
        "depends_on": list(service.depends_on),
        "documents": list(service.documents),
        "found_by": service.found_by,
        "path": service.path,
        "line": service.line,
        "facts": facts,
        "areas": [_area(area) for area in service.areas],
        "controls": [_control(result) for result in service.controls],
        "to_level": service.next_level,
        "next_level": [_step(step) for step in service.steps],
    }


def _kpi(kpi: Kpi) -> dict[str, Any]:
    return {
        "id": kpi.id,
        "name": kpi.name,
        "control": kpi.control,
        "target": kpi.target,
        "comparison": kpi.comparison,
        "actual": kpi.actual,
        "met": kpi.met,
        "of": kpi.of,
        "unknown": kpi.unknown,
        "unit": kpi.unit,
        "on_target": kpi.on_target,
        "trend": kpi.trend,
        "tiers": list(kpi.tiers),
        "blueprint": kpi.blueprint,
        "listed": [
            {"name": one.name, "path": one.path, "line": one.line, "met": one.met, "service": one.service}
            for one in kpi.listed
        ],
    }


def _info(info: ControlInfo) -> dict[str, Any]:
    return {
        "control": info.id,
        "title": info.title,
        "area": info.area,
        "statement": info.statement,
        "why": info.why,
        "strengths": {str(tier): info.strengths[tier] for tier in sorted(info.strengths)},
        "frameworks": {name: list(info.frameworks[name]) for name in sorted(info.frameworks)},
    }


def _health(health: PolicyHealth) -> dict[str, Any]:
    return {
        "policy": health.policy,
        "title": health.title,
        "control": health.control,
        "severity": health.severity,
        "evaluated": health.evaluated,
        "failed": health.failed,
        "waived": health.waived,
        "unknown": health.unknown,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "message": problem.message,
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
    }


def _point(point: Point) -> dict[str, Any]:
    services = {
        name: {"score": score, "level": level or NO_LEVEL}
        for name, (score, level) in sorted(point.services.items())
    }
    kpis = dict(sorted(point.kpis.items()))
    return {
        "when": point.when,
        "commit": point.commit,
        "definitions": point.definitions,
        "services": services,
        "kpis": kpis,
    }


def document(scorecard: Scorecard, options: ScorecardOptions) -> dict[str, Any]:
    """The whole report as plain values.  `options.service` chooses what `services` has; the rest is whole.

    Raises:
        UsageError: there is no such service.
    """
    report = scorecard.report
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "readiness", "version": options.version},
        "title": scorecard.title,
        "commit": scorecard.commit,
        "when": scorecard.when,
        "definitions": scorecard.definitions,
        "repositories": list(scorecard.repositories),
        "levels": list(scorecard.levels),
        "areas": [{"area": area, "title": title} for area, title in scorecard.areas.items()],
        "services": [service_json(service) for service in chosen_services(scorecard, options)],
        "kpis": [_kpi(kpi) for kpi in scorecard.kpis],
        "unassigned": [
            {"address": one.address, "path": one.path, "type": one.type, "line": one.line}
            for one in scorecard.unassigned
        ],
        "controls": [_info(info) for info in scorecard.controls.values()],
        "health": [_health(health) for health in scorecard.health],
        "problems": [_problem(problem) for problem in scorecard.problems],
        "history": [_point(point) for point in scorecard.history],
        "findings": [finding_json(finding) for finding in listed(report, everything=True)],
        "errors": [told_json(error) for error in report.errors],
        "notices": [told_json(notice) for notice in report.notices],
        "summary": summary_json(report),
    }


def render(scorecard: Scorecard, options: ScorecardOptions) -> str:
    """The report as JSON, one service, key figure and finding on each line.

    Raises:
        UsageError: there is no such service.
    """
    return dumps(document(scorecard, options), depth=2)
