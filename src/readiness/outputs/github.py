"""GitHub Actions workflow commands: findings as annotations on a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness.outputs.options import (
    RenderOptions,
    advisory_of,
    environments_of,
    exit_status,
    label_of,
    listed,
    reason_of,
)
from readiness.outputs.summary import checked_line, findings_line, verdict
from readiness.outputs.terminal import clean, clean_path, place

if TYPE_CHECKING:
    from readiness.engine.model import Finding, Report

LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "notice", "info": "notice"}


def escape_data(text: str) -> str:
    """The message of a command: `%`, CR and LF as GitHub's runner decodes them."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """A property of a command: as the message, and `:` and `,` too."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


def command(level: str, properties: dict[str, str | int], message: str) -> str:
    """`::level name=value,…::message`."""
    shown = ",".join(f"{name}={escape_property(str(value))}" for name, value in properties.items())
    return f"::{level} {shown}::{escape_data(message)}"


def _level(finding: Finding) -> str:
    gates = finding.status == "fail" and finding.advisory_until is None
    return LEVELS[finding.severity] if gates else "notice"


def _message(finding: Finding) -> str:
    from readiness.outputs.text import first_sentence, instances_text

    message, address = clean(finding.message), clean(finding.subject.address)
    lines = [message if address in message else f"{message} [{address}]"]
    lines += [f"value from {clean(origin.kind)}: {place(origin.span)}" for origin in finding.origins]
    reason = reason_of(finding)
    if reason is not None:
        lines.append(f"{finding.status}: {clean(reason)}")
    if finding.instances:
        lines.append(f"also: {instances_text(finding.instances, 3)}")
    environments = environments_of(finding)
    if environments is not None:
        lines.append(f"where: {clean(environments)}")
    advisory = advisory_of(finding)
    if advisory is not None:
        lines.append(f"advisory: {advisory}")
    remedy = first_sentence(finding.remediation)
    explain = f"readiness explain {clean(finding.policy)}"
    lines.append(f"{remedy} ({explain})" if remedy else explain)
    return "\n".join(lines)


def _finding(finding: Finding) -> str:
    span = finding.span
    where: dict[str, str | int] = {"file": clean_path(span.path), "line": span.line, "endLine": span.end_line}
    if span.line == span.end_line:
        # GitHub refuses columns of a region of several lines.
        where["col"] = span.column
        where["endColumn"] = max(span.end_column, span.column)
    where["title"] = f"{label_of(finding)} {clean(finding.policy)}"
    return command(_level(finding), where, _message(finding))


def render(report: Report, options: RenderOptions) -> str:
    """One workflow command per finding and per error, then a line that sums up."""
    out = [_finding(finding) for finding in listed(report, options.show_suppressed)]
    for error in report.errors:
        where: dict[str, str | int] = {"file": clean_path(error.path)}
        if error.line > 0:
            where["line"] = error.line
        if error.line > 0 and error.column > 0:
            where["col"] = error.column
        where["title"] = "internal error" if error.kind == "internal" else "could not be read"
        out.append(command("error", where, clean(error.message)))
    for notice in report.notices if not options.quiet else ():
        where = {"file": clean_path(notice.path), "line": notice.line, "title": "note"}
        out.append(command("notice", where, clean(notice.message)))
    sentence = verdict(report, options.exit_zero)[1]
    if not options.quiet:
        out.append(f"{findings_line(report, options.show_suppressed)}. {checked_line(report)}. {sentence}")
    elif exit_status(report, options.exit_zero) == 3:
        out.append(sentence)
    return "".join(f"{line}\n" for line in out)
