"""JSON, version 1: the contract for machines.  Fields are only ever added.

The shape is described by `report.schema.json` beside this module.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from readiness.engine.model import STATUSES
from readiness.outputs.jsontext import dumps
from readiness.outputs.options import RenderOptions, listed
from readiness.outputs.summary import compared_counts, severity_counts, status_counts, unknown_reasons

if TYPE_CHECKING:
    from readiness.engine.model import Allowance, Finding, Report
    from readiness.errors import SourceError
    from readiness.values import Span

SCHEMA_VERSION = 1


def schema_path() -> Path:
    """Where the JSON Schema of this format is installed."""
    return Path(__file__).with_name("report.schema.json")


def location(span: Span) -> dict[str, Any]:
    """A region as JSON: lines and columns from 1, the end exclusive."""
    return {
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _allowance(allowance: Allowance | None) -> dict[str, Any] | None:
    if allowance is None:
        return None
    return {
        "kind": allowance.kind,
        "location": location(allowance.span),
        "reason": allowance.reason,
        "owner": allowance.owner,
        "ticket": allowance.ticket,
        "approved_by": allowance.approved_by,
        "expires": allowance.expires,
    }


def _comparison(report: Report) -> dict[str, Any] | None:
    comparison = report.comparison
    if comparison is None:
        return None
    return {
        "base": comparison.base,
        "commit": comparison.commit,
        **compared_counts(report),
        "fixed": [finding_json(finding) for finding in comparison.fixed],
    }


def _risk(report: Report) -> dict[str, Any] | None:
    risk = report.risk
    if risk is None:
        return None
    return {
        "level": risk.level,
        "review": risk.review,
        "actions": risk.actions,
        "policies": list(risk.policies),
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding in the shape of the contract."""
    subject = finding.subject
    return {
        "policy": finding.policy,
        "title": finding.title,
        "control": finding.control,
        "aliases": list(finding.aliases),
        "severity": finding.severity,
        "status": finding.status,
        "resource": {
            "address": subject.address,
            "type": subject.type,
            "name": subject.name,
            "service": subject.service,
            "tier": subject.tier,
        },
        "location": location(finding.span),
        "message": finding.message,
        "remediation": finding.remediation,
        "fingerprint": finding.fingerprint,
        "fixable": finding.fixable,
        "reason": finding.reason,
        "origins": [{"kind": origin.kind, "location": location(origin.span)} for origin in finding.origins],
        "instances": list(finding.instances),
        "environments": list(finding.environments),
        "all_environments": list(finding.all_environments),
        "references": list(finding.references),
        "advisory_until": finding.advisory_until,
        "compared": finding.compared,
        "was": finding.was,
        "affects": list(finding.affects),
        "allowance": _allowance(finding.allowance),
    }


def summary_json(report: Report) -> dict[str, Any]:
    counts = report.counts
    statuses = status_counts(report)
    return {
        "files": counts.files,
        "unread": counts.unread,
        "resources": counts.resources,
        "policies": counts.policies,
        "checks": {"evaluated": counts.evaluated, "unknown": counts.unknown, "skipped": counts.skipped},
        "findings": {status: statuses[status] for status in STATUSES},
        "by_severity": severity_counts(report),
        "unknown_reasons": [
            {"reason": reason, "checks": number} for reason, number in unknown_reasons(report)
        ],
    }


def told_json(error: SourceError) -> dict[str, Any]:
    return {
        "path": error.path,
        "line": error.line,
        "column": error.column,
        "message": error.message,
        "kind": error.kind,
    }


def render(report: Report, options: RenderOptions) -> str:
    """The report as JSON; every finding is in it, whatever its status, one on each line.

    Unknowns are left out of `findings` (never of `summary`) when the run ignores them.
    """
    return dumps(
        {
            "schema_version": SCHEMA_VERSION,
            "tool": {"name": "readiness", "version": options.version},
            "findings": [finding_json(finding) for finding in listed(report, everything=True)],
            "errors": [told_json(error) for error in report.errors],
            "notices": [told_json(notice) for notice in report.notices],
            "summary": summary_json(report),
            "comparison": _comparison(report),
            "risk": _risk(report),
        },
        depth=2,
    )
