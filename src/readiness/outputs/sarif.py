"""SARIF 2.1.0 (OASIS), for code-scanning services and editors.

The limits are those of GitHub: 25,000 results in a run, 1,000 locations in a result, 20 tags of a rule (the
first 10 count), and 10 MB when compressed; beyond them an upload is refused.
https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit
https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/file-too-large
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from readiness.outputs.jsontext import OneLine, dumps
from readiness.outputs.options import (
    RenderOptions,
    advisory_of,
    affects_of,
    environments_of,
    exit_status,
    gravest_first,
    listed,
    reason_of,
    was_of,
)
from readiness.outputs.summary import verdict
from readiness.outputs.terminal import count

if TYPE_CHECKING:
    from readiness.engine.model import Finding, Report
    from readiness.errors import SourceError
    from readiness.values import Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
# The bands in which GitHub code scanning reads the number: above 9, 7 to 8.9, 4 to 6.9, below 4.
SECURITY_SEVERITY = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "info": "1.0"}
ROOT = "%SRCROOT%"
BASELINE_STATE = {"new": "new", "worsened": "updated", "unchanged": "unchanged"}

RESULTS = 25_000
"""How many results GitHub accepts of a run."""

LOCATIONS = 1_000
"""How many locations GitHub accepts of a result: one is the place itself."""

COMPRESSED = 10_000_000
"""How many bytes GitHub accepts of a file that gzip has compressed."""


def artifact(path: str) -> dict[str, Any]:
    """A file by a percent-encoded URI, relative to the checked tree unless the path is absolute."""
    from os import fsencode
    from urllib.parse import quote

    uri = quote(fsencode(path), safe="/-._~!$&'()*+,;=@")
    return {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": ROOT}


def _plain(text: str) -> str:
    # `[text](target)` is a link in every SARIF message.
    return text.replace("](", "] (")


def _physical(span: Span) -> dict[str, Any]:
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": max(span.end_line, span.line),
        "endColumn": span.end_column if span.end_line > span.line else max(span.end_column, span.column),
    }
    return {"artifactLocation": artifact(span.path), "region": region}


def _tags(control: str) -> list[str]:
    tags = ["production-readiness"]
    if control:
        tags.append(control)
        if control.startswith("sec-"):
            tags.append("security")
    return tags


def _rule(report: Report, finding: Finding) -> dict[str, Any]:
    """The rule of a finding, from the policies of the run, else from the finding itself."""
    meta = report.policies.get(finding.policy)
    title = finding.title if meta is None else meta.title
    severity = finding.severity if meta is None else meta.severity
    control = finding.control if meta is None else meta.control
    remediation = (finding.remediation if meta is None else meta.remediation).strip() or title
    aliases = finding.aliases if meta is None else meta.aliases
    references = finding.references if meta is None else meta.references
    markdown = remediation
    if references:
        markdown += "\n\n" + "\n".join(f"* <{reference}>" for reference in references)
    rule: dict[str, Any] = {
        "id": finding.policy,
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": _plain(remediation), "markdown": markdown},
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {
            "tags": _tags(control),
            "security-severity": SECURITY_SEVERITY[severity],
            "severity": severity,
            "control": control,
            "aliases": list(aliases),
        },
    }
    web = [reference for reference in references if reference.startswith(("https://", "http://"))]
    if web:
        rule["helpUri"] = web[0]
    return rule


def _suppression(finding: Finding) -> dict[str, Any]:
    kind = "inSource" if finding.status == "suppressed" else "external"
    suppression: dict[str, Any] = {"kind": kind, "status": "accepted"}
    if finding.reason:
        suppression["justification"] = finding.reason
    allowance = finding.allowance
    if allowance is None:
        return suppression
    if allowance.span.path and allowance.span.line > 0:
        suppression["location"] = {"physicalLocation": _physical(allowance.span)}
    named = {
        "owner": allowance.owner,
        "ticket": allowance.ticket,
        "approvedBy": allowance.approved_by,
        "expires": allowance.expires,
    }
    known = {name: value for name, value in named.items() if value is not None}
    suppression["properties"] = {"kind": allowance.kind, **known}
    return suppression


def _message(finding: Finding) -> str:
    text = finding.message
    if finding.subject.address not in text:
        text += f" ({finding.subject.address})"
    reason = reason_of(finding)
    if finding.status == "unknown" and reason is not None:
        text += f"; unknown: {reason}"
    environments = environments_of(finding)
    if environments is not None:
        text += f" ({environments})"
    told = (
        ("worsened", was_of(finding)),
        ("affects", affects_of(finding)),
        ("advisory", advisory_of(finding)),
    )
    for label, note in told:
        if note is not None:
            text += f"; {label}: {note}"
    return _plain(text)


def _result(finding: Finding, rule_index: int) -> dict[str, Any]:
    subject = finding.subject
    unknown = finding.status == "unknown"
    advisory = advisory_of(finding)
    logical = [
        {"name": subject.name, "fullyQualifiedName": subject.address, "kind": "resource"},
        *({"fullyQualifiedName": address, "kind": "resource"} for address in finding.instances),
    ]
    result = OneLine(
        {
            "ruleId": finding.policy,
            "ruleIndex": rule_index,
            # SARIF asks for level "none" with every kind but "fail".
            "kind": "open" if unknown else "fail",
            "level": "none" if unknown else "note" if advisory is not None else LEVELS[finding.severity],
            "message": {"text": _message(finding)},
            "locations": [{"physicalLocation": _physical(finding.span), "logicalLocations": logical}],
            "partialFingerprints": {"readiness/v1": finding.fingerprint},
        }
    )
    if finding.origins:
        result["relatedLocations"] = [
            {
                "id": index,
                "physicalLocation": _physical(origin.span),
                "message": {"text": _plain(f"value from {origin.kind}")},
            }
            for index, origin in enumerate(finding.origins[: LOCATIONS - 1], 1)
        ]
    if finding.compared is not None:
        result["baselineState"] = BASELINE_STATE[finding.compared]
    if finding.status not in ("fail", "unknown"):
        result["suppressions"] = [_suppression(finding)]
    result["properties"] = {
        "severity": finding.severity,
        "status": finding.status,
        "resourceType": subject.type,
        "service": subject.service,
        "tier": subject.tier,
    }
    if advisory is not None:
        result["properties"]["advisoryUntil"] = finding.advisory_until
    return result


def _notification(error: SourceError, level: str = "error") -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": artifact(error.path)}
    if error.line > 0:
        physical["region"] = {"startLine": error.line}
        if error.column > 0:
            physical["region"]["startColumn"] = error.column
    return {
        "descriptor": {"id": error.kind},
        "level": level,
        "message": {"text": _plain(error.message)},
        "locations": [{"physicalLocation": physical}],
    }


def _omitted(left: int) -> dict[str, Any]:
    text = (
        f"{count(left, 'finding')} of the least grave {'is' if left == 1 else 'are'} left out: "
        f"GitHub accepts {RESULTS:,} results of a run, and {COMPRESSED // 1_000_000} MB"
    )
    return {"descriptor": {"id": "omitted"}, "level": "warning", "message": {"text": text}}


def _invocation(report: Report, options: RenderOptions, left: int) -> dict[str, Any]:
    notifications = [_notification(error) for error in report.errors]
    status = exit_status(report, options.exit_zero)
    sentence = verdict(report, options.exit_zero)[1]
    if status == 3 and not notifications:
        notifications.append({"descriptor": {"id": "empty"}, "level": "error", "message": {"text": sentence}})
    successful = not notifications
    if left:
        notifications.append(_omitted(left))
    notifications += [_notification(notice, "note") for notice in report.notices]
    return {
        "executionSuccessful": successful,
        "exitCode": status,
        "exitCodeDescription": sentence,
        "toolExecutionNotifications": notifications,
    }


def _run(report: Report, options: RenderOptions, findings: list[Finding], left: int) -> dict[str, Any]:
    firsts: dict[str, Finding] = {}
    for finding in findings:
        firsts.setdefault(finding.policy, finding)
    order = {policy: index for index, policy in enumerate(sorted(firsts))}
    driver = {
        "name": "readiness",
        "version": options.version,
        "rules": [_rule(report, firsts[policy]) for policy in order],
        "notifications": [
            {"id": "empty", "shortDescription": {"text": "There was nothing to check"}},
            {"id": "internal", "shortDescription": {"text": "A check failed with an internal error"}},
            {"id": "notice", "shortDescription": {"text": "Worth knowing of the run"}},
            {"id": "omitted", "shortDescription": {"text": "Results that this file has no room for"}},
            {"id": "unread", "shortDescription": {"text": "Input could not be read"}},
        ],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "invocations": [_invocation(report, options, left)],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The working directory of the run."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, order[finding.policy]) for finding in findings],
    }
    if report.comparison is not None:
        # Results that are gone are not listed as `absent`: GitHub would open an alert for each of them.
        run["properties"] = {
            "base": report.comparison.base,
            "baseCommit": report.comparison.commit,
            "fixed": len(report.comparison.fixed),
        }
    return run


def _gravest(findings: list[Finding], number: int) -> list[Finding]:
    """So many of the gravest findings, in their own order."""
    if len(findings) <= number:
        return findings
    kept = {id(finding) for finding in gravest_first(findings)[:number]}
    return [finding for finding in findings if id(finding) in kept]


def _compressed(text: str) -> int:
    """Bytes of a file when compressed, from above: 0 where it need not be tried."""
    if len(text) <= COMPRESSED:
        return 0
    from zlib import compress

    return len(compress(text.encode("ascii"), 1))


def render(report: Report, options: RenderOptions) -> str:
    """The report as a SARIF log of one run; every finding is in it, triaged ones as suppressed.

    Unknowns are results of kind `open`, and left out when the run ignores them.  What is more than GitHub
    accepts is left out, the least grave first, and a notification says so.
    """
    findings = listed(report, everything=True)
    number = min(len(findings), RESULTS)
    while True:
        kept = _gravest(findings, number)
        run = _run(report, options, kept, len(findings) - len(kept))
        text = dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, depth=6)
        size = _compressed(text)
        if size <= COMPRESSED or number == 0:
            return text
        number = number * COMPRESSED * 9 // (size * 10)
