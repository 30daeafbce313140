"""Findings by cause: one group for each policy, gravest first, for pages that people read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

from readiness.engine.model import SEVERITIES
from readiness.outputs.options import LET_PASS, RenderOptions, chosen

if TYPE_CHECKING:
    from readiness.engine.model import Finding, Report


class Cause(Struct):
    """A policy with its findings, in report order; `severity` is the gravest of theirs."""

    policy: str
    title: str
    severity: str
    findings: list[Finding]


class Sections(Struct):
    """The findings of a report by what they mean for the run.

    `gating` fail it; `failing` do not (below the gate, advisory, or in the base revision too); `unknown`
    are not decided; `passed` are let pass by somebody.
    """

    gating: list[Finding]
    failing: list[Finding]
    unknown: list[Finding]
    passed: list[Finding]


def by_cause(findings: Iterable[Finding]) -> list[Cause]:
    """One group for each policy: gravest first, then the largest, then by name."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.policy, []).append(finding)
    causes = [
        Cause(
            policy,
            found[0].title,
            SEVERITIES[min(SEVERITIES.index(finding.severity) for finding in found)],
            found,
        )
        for policy, found in groups.items()
    ]
    return sorted(
        causes, key=lambda cause: (SEVERITIES.index(cause.severity), -len(cause.findings), cause.policy)
    )


def sections(report: Report, options: RenderOptions) -> Sections:
    """The findings that an output for people lists, each in one section."""
    gating = {id(finding) for finding in report.gating}
    found = Sections([], [], [], [])
    for finding in chosen(report, options):
        if id(finding) in gating:
            found.gating.append(finding)
        elif finding.status in LET_PASS:
            found.passed.append(finding)
        elif finding.status == "unknown":
            found.unknown.append(finding)
        else:
            found.failing.append(finding)
    return found


def matrix(report: Report) -> tuple[list[str], list[tuple[str, list[int]]]]:
    """Counts of all findings, listed or not: the names of the columns, then a row for each severity.

    A column is there when it has a finding; severities without findings have no row.
    """
    failing = ("new", "worsened", "unchanged") if report.comparison is not None else ("findings",)
    columns = (*failing, "advisory", "unknown", *LET_PASS)
    counts = {severity: dict.fromkeys(columns, 0) for severity in SEVERITIES}
    for finding in report.findings:
        column = finding.status
        if column == "fail":
            column = finding.compared or "new" if report.comparison is not None else "findings"
            if finding.advisory_until is not None:
                column = "advisory"
        counts[finding.severity][column] += 1
    used = [column for column in columns if any(row[column] for row in counts.values())]
    rows = [(severity, [row[column] for column in used]) for severity, row in counts.items()]
    return used, [row for row in rows if any(row[1])]
