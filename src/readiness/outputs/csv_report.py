"""CSV for spreadsheets: one row a finding, and one for each error and notice, all of them as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness.outputs.escapes import csv_cell
from readiness.outputs.options import RenderOptions, listed

if TYPE_CHECKING:
    from readiness.engine.model import Finding, Report
    from readiness.errors import SourceError

COLUMNS = (
    "severity", "status", "compared", "was", "policy", "title", "control", "path", "line", "column",
    "address", "type", "service", "tier", "instances", "environments", "message", "reason", "let_pass_by",
    "owner", "ticket", "approved_by", "expires", "advisory_until", "fixable", "fingerprint",
)  # fmt: skip
"""The first row.  Columns are only ever added, at the end."""


def _finding(finding: Finding) -> list[object]:
    subject, span, allowance = finding.subject, finding.span, finding.allowance
    allowed: tuple[str | None, ...] = (None,) * 5
    if allowance is not None:
        allowed = (
            allowance.kind,
            allowance.owner,
            allowance.ticket,
            allowance.approved_by,
            allowance.expires,
        )
    return [
        finding.severity,
        finding.status,
        finding.compared,
        finding.was,
        finding.policy,
        finding.title,
        finding.control,
        span.path,
        span.line,
        span.column,
        subject.address,
        subject.type,
        subject.service,
        subject.tier,
        1 + len(finding.instances),
        " ".join(finding.environments),
        finding.message,
        finding.reason,
        *allowed,
        finding.advisory_until,
        finding.fixable,
        finding.fingerprint,
    ]


def _told(error: SourceError) -> list[object]:
    known = {
        "status": error.kind if error.kind == "notice" else f"error: {error.kind}",
        "path": error.path,
        "line": error.line or None,
        "column": error.column or None,
        "message": error.message,
    }
    return [known.get(column) for column in COLUMNS]


def render(report: Report, options: RenderOptions) -> str:
    """The report as CSV (RFC 4180, lines end with LF); every finding is in it, whatever its status."""
    import csv
    from io import StringIO

    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    rows = [_finding(finding) for finding in listed(report, everything=True)]
    rows += [_told(error) for error in report.errors]
    rows += [_told(notice) for notice in report.notices]
    for row in rows:
        writer.writerow(csv_cell(cell) if isinstance(cell, str) else cell for cell in row)
    return text.getvalue()
