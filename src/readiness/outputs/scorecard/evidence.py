"""The evidence export for auditors: what was found for every control, by clause of the frameworks it serves.

A row is a service, a control and a clause; a control without a clause has one row with none.  The clauses
are those that the policies of the control are evidence for (`frameworks` of a policy): that a control is met
shows what its policies look at, and not that the whole clause is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from readiness.outputs.scorecard.csv_forms import some, written
from readiness.outputs.scorecard.options import ScorecardOptions, chosen_services
from readiness.outputs.scorecard.view import Allowed, control_title

if TYPE_CHECKING:
    from readiness.scorecard.model import ControlResult, Missing, Scorecard, ServiceResult

COLUMNS = (
    "framework", "clause", "control", "title", "repository", "service", "owner", "tier", "result", "met",
    "of", "evidence", "missing", "exceptions", "commit", "time", "tool",
)  # fmt: skip
"""The first row of the CSV.  Columns are only ever added, at the end."""

EXCEPTIONS = ("suppressed", "waived")
"""The statuses of what somebody lets pass.  A baseline lets nothing pass here: what is in it is missing."""


def clauses(scorecard: Scorecard, control: str) -> list[tuple[str | None, str | None]]:
    """The framework and clause of every clause that a control serves; one pair of None without any."""
    info = scorecard.controls.get(control)
    frameworks = info.frameworks if info is not None else {}
    return [(name, clause) for name in sorted(frameworks) for clause in frameworks[name]] or [(None, None)]


def _short(missing: Missing, allowed: Allowed) -> dict[str, Any]:
    return {
        "path": missing.path,
        "line": missing.line,
        "status": missing.status,
        "severity": missing.severity,
        "policy": missing.policy,
        "text": missing.text,
        "addresses": list(missing.addresses),
        "fingerprint": missing.fingerprint,
        "reason": missing.reason,
        "until": missing.until,
        "owner": allowed.owner(missing),
    }


def _row(
    scorecard: Scorecard, service: ServiceResult, result: ControlResult, allowed: Allowed, version: str
) -> dict[str, Any]:
    return {
        "control": result.control,
        "title": control_title(scorecard, result.control),
        "repository": service.repository,
        "service": service.name,
        "owner": service.owner,
        "tier": service.tier,
        "result": result.status,
        "met": result.met,
        "of": result.of,
        "evidence": [{"path": one.path, "line": one.line, "text": one.text} for one in result.evidence],
        "missing": [_short(one, allowed) for one in result.missing if one.status not in EXCEPTIONS],
        "exceptions": [_short(one, allowed) for one in result.missing if one.status in EXCEPTIONS],
        "commit": scorecard.commit_of(service),
        "time": scorecard.when,
        "tool": f"readiness {version}".rstrip(),
    }


def rows(scorecard: Scorecard, options: ScorecardOptions) -> Iterator[dict[str, Any]]:
    """Every row, by service, control and clause.

    Raises:
        UsageError: there is no such service.
    """
    allowed = Allowed.of(scorecard)
    for service in chosen_services(scorecard, options):
        for result in service.controls:
            row = _row(scorecard, service, result, allowed, options.version)
            for framework, clause in clauses(scorecard, result.control):
                yield {"framework": framework, "clause": clause, **row}


def render(scorecard: Scorecard, options: ScorecardOptions) -> str:
    """The evidence as JSON Lines: one object on each line.

    Raises:
        UsageError: there is no such service.
    """
    from readiness.outputs.jsontext import dumps

    return "".join(dumps(row, depth=0) for row in rows(scorecard, options))


def _cell(key: str, value: Any) -> object:
    if key == "evidence":
        return some([f"{one['path']}:{one['line']} {one['text']}".rstrip() for one in value])
    if key == "missing":
        return some([f"{one['path']}:{one['line']} {one['status']}: {one['text']}" for one in value])
    if key == "exceptions":
        return some([_exception(one) for one in value])
    cell: object = value
    return cell


def _exception(one: dict[str, Any]) -> str:
    facts = (("", one["status"]), ("owner ", one["owner"]), ("until ", one["until"]), ("", one["reason"]))
    return f"{one['path']}:{one['line']} {', '.join(f'{label}{fact}' for label, fact in facts if fact)}"


def render_csv(scorecard: Scorecard, options: ScorecardOptions) -> str:
    """The evidence as CSV, with the first places of each cell.

    Raises:
        UsageError: there is no such service.
    """
    found = rows(scorecard, options)
    return written(COLUMNS, ([_cell(key, row[key]) for key in COLUMNS] for row in found))
