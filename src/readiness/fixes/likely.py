"""Which findings a fix can be expected to mend, told without making it."""

from __future__ import annotations

import re

from readiness.engine.model import Finding, Report
from readiness.estate.build import Loaded
from readiness.estate.model import Resource
from readiness.fixes import barred
from readiness.repo.discover import HCL_ENDS
from readiness.values import Span

_ATTRIBUTE = re.compile(r"\s*[\w-]+\s*=(?!=)(.*)", re.DOTALL)
_TEXT = re.compile(r'"(?:[^"\\$%]|\\.|[$%](?!\{))*"')
_WORKED_OUT = re.compile(r"[A-Za-z_]\w*\s*[(.\[]|[?+*/%<>!&|\"]|<<")
"""What no literal has: a call, a reference, an operator, a text with a template in it."""


def likely(report: Report, loaded: Loaded) -> frozenset[str]:
    """The fingerprints of findings that a fix can be expected to mend, were they not let pass.

    Those are left out whose value comes from elsewhere or is worked out by an expression, whose file no fix
    touches, and that cannot be decided.
    """
    wanted: dict[tuple[tuple[str, str], str, str], list[Finding]] = {}
    for finding in report.findings:
        if finding.fixable is not None and finding.status != "unknown" and not finding.origins:
            home = finding.homes[0] if finding.homes else ("", "")
            wanted.setdefault((home, finding.subject.type, finding.subject.address), []).append(finding)
    if not wanted:
        return frozenset()
    places: dict[str, str | None] = {}
    found = set()
    for resource in loaded.estate.resources:
        findings = wanted.get((resource.home, resource.type, resource.address))
        if findings and not _is_barred(resource, places, loaded):
            found |= {f.fingerprint for f in findings if not _is_worked_out(f.span, loaded)}
    return frozenset(found)


def _is_barred(resource: Resource, places: dict[str, str | None], loaded: Loaded) -> bool:
    if barred.by_nature(resource) is not None:
        return True
    path = resource.span.path
    if path not in places:
        places[path] = barred.by_place(path, loaded)
    return places[path] is not None


def _is_worked_out(span: Span, loaded: Loaded) -> bool:
    """Whether an expression stands at a place of Terraform, in place of a literal."""
    if not span.path.endswith(HCL_ENDS):
        return False
    lines = loaded.sources.texts[span.path].split("\n")[span.line - 1 : span.end_line]
    if not lines:
        return False
    lines[-1] = lines[-1][: span.end_column - 1] if span.end_line > span.line else lines[-1]
    match = _ATTRIBUTE.fullmatch("\n".join(lines)[span.column - 1 :])
    if match is None:
        return False
    value = match[1].partition("#")[0] if len(lines) == 1 else match[1]
    return _WORKED_OUT.search(_TEXT.sub("", value)) is not None
