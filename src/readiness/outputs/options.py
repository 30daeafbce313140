"""What a caller may choose about the way a report is shown, and what follows for its findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from readiness.engine.model import Finding, Report


class RenderOptions(Struct, frozen=True):
    """How to render a report; `width` is in terminal cells, `version` is that of the program.

    `statistics` shows counts per policy in place of the findings, `quiet` leaves out the
    summary, `verbose` shows everything known of a finding.  `exit_zero` says that findings
    do not fail the run, so that the verdict tells the truth about the exit status.
    """

    color: bool = False
    width: int = 100
    version: str = ""
    show_suppressed: bool = False
    statistics: bool = False
    quiet: bool = False
    verbose: bool = False
    exit_zero: bool = False


def listed(report: Report, everything: bool) -> list[Finding]:
    """The findings that an output lists, in report order.

    Unknowns are left out when the run ignores them; suppressed, waived and baselined findings
    are listed only when `everything` is asked for (machine formats always ask).
    """
    statuses = {"fail"}
    if report.unknown != "ignore":
        statuses.add("unknown")
    if everything:
        statuses.update(("suppressed", "waived", "baselined"))
    return [finding for finding in report.findings if finding.status in statuses]


def exit_status(report: Report, exit_zero: bool) -> int:
    """The exit status of a run: `exit_zero` forgives findings, never input that was not read."""
    status = report.exit_status
    if status == 1 and exit_zero:
        return 3 if report.errors else 0
    return status


def reason_of(finding: Finding) -> str | None:
    """The reason of a finding, unless its message already says it."""
    if finding.reason is None or finding.reason in finding.message:
        return None
    return finding.reason


def label_of(finding: Finding) -> str:
    """`high`, `advisory high`, `unknown high`, `suppressed high`."""
    if finding.status != "fail":
        return f"{finding.status} {finding.severity}"
    return finding.severity if finding.advisory_until is None else f"advisory {finding.severity}"


def advisory_of(finding: Finding) -> str | None:
    """Since when a finding counts for the gate, where that is still to come; None for one that is triaged."""
    if finding.advisory_until is None or finding.status not in ("fail", "unknown"):
        return None
    return f"it does not gate before {finding.advisory_until}"


def environments_of(finding: Finding) -> str | None:
    """`prod only`, `all of dev, prod`, or None where its root has one evaluation without a name."""
    if not finding.environments:
        return None
    names = ", ".join(finding.environments)
    if finding.environments != finding.all_environments:
        return f"{names} only"
    return f"all of {names}" if len(finding.environments) > 1 else names
