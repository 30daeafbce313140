"""Findings in order, with those that are ignored marked."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from readiness.engine.exceptions import Exceptions
from readiness.engine.model import SEVERITIES, Finding
from readiness.policy.model import Policy


def triage(findings: list[Finding], exceptions: Exceptions) -> list[Finding]:
    """Mark what exceptions let pass, and sort by path, line, policy."""
    return sorted(exceptions.settle(findings), key=in_order)


def advisory(policies: Iterable[Policy], today: datetime.date) -> dict[str, str]:
    """The policies that do not gate yet: the day from which they do (`YYYY-MM-DD`), by id."""
    now = today.isoformat()
    return {p.id: p.warn_until for p in policies if p.warn_until is not None and now < p.warn_until}


def gating_alone(policies: Sequence[Policy], late: Mapping[str, str]) -> Sequence[Policy]:
    """Policies of which none that gates yields to one that does not yet: it would open the gate."""
    if not late:
        return policies
    return [
        replace(policy, yields_to=tuple(other for other in policy.yields_to if other not in late))
        if policy.id not in late and not late.keys().isdisjoint(policy.yields_to)
        else policy
        for policy in policies
    ]


def advise(findings: list[Finding], late: Mapping[str, str]) -> list[Finding]:
    """Mark what is advisory: the findings of policies that do not gate yet."""
    if not late:
        return findings
    return [
        replace(finding, advisory_until=late[finding.policy]) if finding.policy in late else finding
        for finding in findings
    ]


def in_order(finding: Finding) -> tuple[object, ...]:
    """The key by which findings are sorted."""
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
