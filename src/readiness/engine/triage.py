"""Findings → findings in order: instances merged, ignored ones marked."""

from __future__ import annotations

from dataclasses import replace

from readiness.engine.ignores import Ignores
from readiness.engine.model import SEVERITIES, Finding


def merge_instances(findings: list[Finding]) -> list[Finding]:
    """Join findings that have one cause: the same policy at the same place on several instances.

    A block with `count` or `for_each`, or in a module that is called twice, is reported once,
    with the other addresses as its instances.
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.policy, finding.status, finding.severity, finding.span, finding.subject.type)
        groups.setdefault(key, []).append(finding)
    merged = []
    for group in groups.values():
        first = group[0]
        by_address = {finding.subject.address: finding for finding in group}
        same = [f for f in group if f.subject.address == first.subject.address]
        # Several findings of one resource at one place differ in their items: keep each.
        merged.extend(same[1:] if len({f.message for f in same}) > 1 else [])
        others = tuple(address for address in by_address if address != first.subject.address)
        merged.append(replace(first, instances=others) if others else first)
    return merged


def triage(findings: list[Finding], ignores: Ignores) -> list[Finding]:
    """Merge, mark what is ignored in place, and sort by path, line, policy."""
    result = []
    for finding in merge_instances(findings):
        reason = ignores.reason(finding)
        if reason is None or finding.status != "fail":
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
