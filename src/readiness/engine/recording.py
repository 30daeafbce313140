"""What a baseline takes up of a run, and what it may leave out from now on."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, field

from readiness.engine.baseline import Baseline
from readiness.engine.governed import Extent
from readiness.engine.model import Finding, Report
from readiness.engine.waivers import is_over
from readiness.policy.model import Policy


class Recording(Struct):
    """What a run has for a baseline.

    `findings` are those that it would take up; of the baseline that is there already, `fixed` are the numbers
    of entries that no finding is about any more, and `expired` those whose time is over while their finding
    stays.
    """

    report: Report
    findings: list[Finding]
    baseline: Baseline | None = None
    fixed: list[int] = field(default_factory=list)
    expired: list[int] = field(default_factory=list)


def recording(
    report: Report, policies: Iterable[Policy], baseline: Baseline | None, extent: Extent
) -> Recording:
    """What the findings of a report and a settled baseline come to.

    Findings that are certain are taken up, unknown ones where they gate; those about exceptions never are.
    """
    statuses = {"fail", "unknown"} if report.unknown == "fail" else {"fail"}
    about = {policy.id for policy in policies if policy.on == "triage"}
    findings = [f for f in report.findings if f.status in statuses and f.policy not in about]
    if baseline is None:
        return Recording(report, findings)
    entries = baseline.file.entries
    expired = [n for n in sorted(baseline.present) if is_over(entries[n].expires, baseline.today)]
    return Recording(report, findings, baseline, baseline.fixed(extent.looked_at), expired)
