"""GitLab Code Quality: a JSON list for `artifacts:reports:codequality`.

The format is that of https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.  GitLab
compares the reports of the two branches itself, so findings that the base has too are always in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from readiness.outputs.jsontext import dumps
from readiness.outputs.options import (
    RenderOptions,
    listed,
    notes_of,
)
from readiness.outputs.terminal import clean

if TYPE_CHECKING:
    from readiness.engine.model import Finding, Report
    from readiness.errors import SourceError

SEVERITY = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor", "info": "info"}


def _location(path: str, line: int) -> dict[str, Any]:
    # GitLab wants paths from the root of the repository, without `./`, and always a line.
    return {"path": path.removeprefix("./"), "lines": {"begin": max(line, 1)}}


def _finding(finding: Finding) -> dict[str, Any]:
    text, address = finding.message, finding.subject.address
    if address not in text:
        text += f" [{address}]"
    if finding.instances:
        text += f" and {len(finding.instances):,} more"
    text += "".join(f"; {note}" for note in notes_of(finding))
    counts = finding.status == "fail" and finding.advisory_until is None
    return {
        "description": clean(text),
        "check_name": finding.policy,
        "fingerprint": finding.fingerprint,
        "severity": SEVERITY[finding.severity] if counts else "info",
        "location": _location(finding.span.path, finding.span.line),
    }


def _told(error: SourceError) -> dict[str, Any]:
    import hashlib

    words = f"{error.kind}\0{error.path}\0{error.line}\0{error.message}"
    digest = hashlib.blake2b(words.encode("utf-8", "backslashreplace"), digest_size=12)
    return {
        "description": clean(error.message),
        "check_name": f"readiness-{error.kind}",
        "fingerprint": digest.hexdigest(),
        "severity": "info" if error.kind == "notice" else "critical",
        "location": _location(error.path, error.line),
    }


def render(report: Report, options: RenderOptions) -> str:
    """The report as a list of degradations; what somebody lets pass is in it only when asked for."""
    found = [_finding(finding) for finding in listed(report, options.show_suppressed)]
    found += [_told(error) for error in report.errors]
    if not options.quiet:
        found += [_told(notice) for notice in report.notices]
    return dumps(found, depth=1)
