"""What a caller may choose about the way a report is shown, and what follows for its findings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from readiness.engine.model import Finding, Report


LET_PASS = ("suppressed", "waived", "baselined")
"""The statuses of findings that somebody lets pass."""


_AFFECTED = 5
"""How many of the resources that a change affects are named."""


class RenderOptions(Struct, frozen=True):
    """How to render a report; `width` is in terminal cells, `version` is that of the program.

    `statistics` shows counts per policy in place of the findings, `quiet` leaves out the
    summary, `verbose` shows everything known of a finding.  `exit_zero` says that findings
    do not fail the run, so that the verdict tells the truth about the exit status.
    `show_suppressed` and `show_unchanged` list what is only counted otherwise: findings that somebody
    lets pass, and findings that the base revision has too.
    """

    color: bool = False
    width: int = 100
    version: str = ""
    show_suppressed: bool = False
    statistics: bool = False
    quiet: bool = False
    verbose: bool = False
    exit_zero: bool = False
    show_unchanged: bool = False


def listed(report: Report, everything: bool, unchanged: bool = True) -> list[Finding]:
    """The findings that an output lists, in report order.

    Unknowns are left out when the run ignores them; suppressed, waived and baselined findings
    are listed only when `everything` is asked for (machine formats always ask), others that the base
    revision has too only when `unchanged` is.
    """
    statuses = {"fail"}
    if report.unknown != "ignore":
        statuses.add("unknown")
    if everything:
        statuses.update(LET_PASS)
    return [
        finding
        for finding in report.findings
        if finding.status in statuses
        and (unchanged or finding.compared != "unchanged" or finding.status in LET_PASS)
    ]


def chosen(report: Report, options: RenderOptions) -> list[Finding]:
    """The findings that an output for people lists: what is let pass or unchanged only when asked for."""
    return listed(report, options.show_suppressed, options.show_unchanged)


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Failures before unknowns before what is let pass, each by severity; else in the order given."""
    from readiness.engine.model import SEVERITIES, STATUSES

    severities = {severity: index for index, severity in enumerate(SEVERITIES)}
    statuses = {status: index for index, status in enumerate(STATUSES)}

    def rank(finding: Finding) -> tuple[int, bool, int, bool]:
        unchanged = finding.compared == "unchanged"
        severity = severities[finding.severity]
        return statuses[finding.status], finding.advisory_until is not None, severity, unchanged

    return sorted(findings, key=rank)


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
    """`high`, `new high`, `advisory high`, `unknown high`, `suppressed high`."""
    words = [] if finding.compared is None else [finding.compared]
    if finding.status != "fail":
        words.append(finding.status)
    elif finding.advisory_until is not None:
        words.append("advisory")
    return " ".join([*words, finding.severity])


def was_of(finding: Finding) -> str | None:
    """What was better in the base revision, where the finding is worse than there."""
    if finding.compared != "worsened" or finding.was is None:
        return None
    return f"it was {finding.was}"


def affects_of(finding: Finding) -> str | None:
    """What hangs on the resource that a change touches: `3 resources: a, b, c`."""
    number = len(finding.affects)
    if not number:
        return None
    shown = ", ".join(finding.affects[:_AFFECTED])
    more = f" and {number - _AFFECTED:,} more" if number > _AFFECTED else ""
    return f"{number:,} resource{'s' if number > 1 else ''}: {shown}{more}"


def allowance_of(finding: Finding) -> str | None:
    """Who lets a finding pass: `waiver at waivers.yaml:3:5, owner shop, until 2027-01-31`; not why."""
    allowance = finding.allowance
    if allowance is None:
        return None
    from readiness.outputs.terminal import place

    facts = [allowance.kind + (f" at {place(allowance.span)}" if allowance.span.path else "")]
    named = (("owner", allowance.owner), ("ticket", allowance.ticket), ("approved by", allowance.approved_by))
    facts += [f"{label} {value}" for label, value in (*named, ("until", allowance.expires)) if value]
    return ", ".join(facts)


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


def notes_of(finding: Finding) -> list[str]:
    """What is to be known of a finding besides its message, for formats that say it in a row; not escaped."""
    told = (
        ("", environments_of(finding)),
        ("worsened: ", was_of(finding)),
        ("affects: ", affects_of(finding)),
        (f"{finding.status}: ", reason_of(finding)),
        ("let pass by ", allowance_of(finding)),
        ("advisory: ", advisory_of(finding)),
    )
    return [f"{label}{text}" for label, text in told if text is not None]
