"""Findings in order, with those that are ignored marked."""

from __future__ import annotations

from msgspec.structs import replace

from readiness.engine.ignores import Ignores
from readiness.engine.model import SEVERITIES, Finding


def triage(findings: list[Finding], ignores: Ignores) -> list[Finding]:
    """Mark what is ignored in place, and sort by path, line, policy."""
    result = []
    for finding in findings:
        reason = ignores.reason(finding)
        if reason is None:
            result.append(finding)
        else:
            result.append(replace(finding, status="suppressed", reason=reason))
    result.sort(key=_order)
    return result


def _order(finding: Finding) -> tuple[object, ...]:
    span = finding.span
    return (
        span.path,
        span.line,
        finding.policy,
        span.column,
        SEVERITIES.index(finding.severity),
        finding.subject.address,
        finding.message,
    )
