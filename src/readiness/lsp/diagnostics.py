"""Findings, and what could not be read, as diagnostics of the protocol."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from lsprotocol import types

from readiness.engine.model import Finding, Origin
from readiness.errors import SourceError, UsageError
from readiness.lsp.positions import Positions, to_uri
from readiness.outputs.escapes import is_web_address
from readiness.outputs.options import advisory_of, environments_of, reason_of, was_of
from readiness.outputs.terminal import clean
from readiness.values import Span

SOURCE = "readiness"

SEVERITIES = {
    "critical": types.DiagnosticSeverity.Error,
    "high": types.DiagnosticSeverity.Error,
    "medium": types.DiagnosticSeverity.Warning,
    "low": types.DiagnosticSeverity.Information,
    "info": types.DiagnosticSeverity.Information,
}
"""How findings that fail are shown; those that do not gate yet are information, and unknown ones hints."""

_OUTDATED = "lcm-01"
"""The control that versions, APIs and fields are still supported."""

_UNUSED = "-unused"
"""How the ids of policies end that find what nothing needs."""


class Places:
    """The places of a project as those of the protocol; each text is looked at once."""

    def __init__(self, base: Path, text: Callable[[str], str | None], encoding: str) -> None:
        self._base = base
        self._text = text
        self._encoding = encoding
        self._positions: dict[str, Positions | None] = {}

    def positions(self, path: str) -> Positions | None:
        """The text of a path by positions; None where there is none to be had."""
        if path not in self._positions:
            text = self._text(path)
            self._positions[path] = None if text is None else Positions(text, self._encoding)
        return self._positions[path]

    def range(self, span: Span) -> types.Range:
        """The range of a region; the beginning of what cannot be read."""
        positions = self.positions(span.path)
        if positions is None:
            return types.Range(types.Position(0, 0), types.Position(0, 0))
        return positions.range(span)

    def location(self, span: Span) -> types.Location | None:
        """A region with its file; None where it is in none (a value of the command line)."""
        if self.positions(span.path) is None:
            return None
        return types.Location(to_uri(Path(os.path.normpath(self._base / span.path))), self.range(span))


def of_finding(finding: Finding, places: Places, header: bool) -> types.Diagnostic:
    """The diagnostic of a finding; `header` says that it points to a resource as a whole."""
    web = next(filter(is_web_address, finding.references), None)
    return types.Diagnostic(
        range=places.range(finding.span),
        message=_message(finding),
        severity=_severity(finding),
        code=finding.policy,
        code_description=None if web is None else types.CodeDescription(web),
        source=SOURCE,
        tags=_tags(finding, header),
        related_information=[
            found for origin in finding.origins if (found := _related(origin, places)) is not None
        ],
        data=finding.fingerprint,
    )


def of_error(error: SourceError, places: Places) -> types.Diagnostic:
    """The diagnostic of what could not be read, or of a notice."""
    span = Span(error.path, error.line, error.column, error.line, error.column)
    notice = error.kind == "notice"
    severity = types.DiagnosticSeverity.Information if notice else types.DiagnosticSeverity.Error
    return types.Diagnostic(
        places.range(span), clean(error.message), severity, code=error.kind, source=SOURCE
    )


def of_problem(problem: UsageError, places: Places) -> types.Diagnostic:
    """The diagnostic of wrong settings, which have a path."""
    line, column = problem.line or 1, problem.column or 1
    span = Span(problem.path or "", line, column, line, column)
    error = types.DiagnosticSeverity.Error
    return types.Diagnostic(places.range(span), clean(problem.message), error, code="settings", source=SOURCE)


def _severity(finding: Finding) -> types.DiagnosticSeverity:
    if finding.status == "unknown":
        return types.DiagnosticSeverity.Hint
    if finding.advisory_until is not None:
        return types.DiagnosticSeverity.Information
    return SEVERITIES[finding.severity]


def _message(finding: Finding) -> str:
    notes = [finding.message]
    reason = reason_of(finding)
    if finding.status == "unknown":
        notes.append("unknown" if reason is None else f"unknown: {reason}")
    for label, note in (("worsened", was_of(finding)), ("advisory", advisory_of(finding))):
        if note is not None:
            notes.append(f"{label}: {note}")
    environments = environments_of(finding)
    text = "; ".join(notes) + ("" if environments is None else f" ({environments})")
    return clean(text)


def _tags(finding: Finding, header: bool) -> list[types.DiagnosticTag] | None:
    """How editors draw it: they strike out what is deprecated, and fade what is not needed."""
    if finding.status != "fail" or header:
        return None
    if finding.control == _OUTDATED:
        return [types.DiagnosticTag.Deprecated]
    return [types.DiagnosticTag.Unnecessary] if finding.policy.endswith(_UNUSED) else None


def _related(origin: Origin, places: Places) -> types.DiagnosticRelatedInformation | None:
    location = places.location(origin.span)
    if location is None:
        return None
    return types.DiagnosticRelatedInformation(location, clean(f"value from {origin.kind}"))
