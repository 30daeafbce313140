"""GitHub Actions workflow commands: findings as annotations on a pull request, gravest first.

GitHub shows ten annotations of each level in a step and drops the rest
(https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md#limitations), so what is more
follows as plain lines of the log, and the step summary has it by cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness.outputs.options import (
    RenderOptions,
    advisory_of,
    affects_of,
    allowance_of,
    chosen,
    environments_of,
    exit_status,
    gravest_first,
    label_of,
    reason_of,
    was_of,
)
from readiness.outputs.summary import one_line, verdict
from readiness.outputs.terminal import Painter, clean, clean_path, place

if TYPE_CHECKING:
    from readiness.engine.model import Finding, Report
    from readiness.errors import SourceError

SHOWN = 10
"""How many annotations of a level GitHub shows of a step."""

ERRORS_KEPT = 2
"""How many of those for errors are kept for input that could not be read, however many findings there are."""

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


def _labelled(finding: Finding) -> tuple[tuple[str, str | None], ...]:
    return (
        ("worsened", was_of(finding)),
        ("affects", affects_of(finding)),
        ("let pass by", allowance_of(finding)),
    )


def _message(finding: Finding) -> str:
    from readiness.outputs.text import first_sentence, instances_text

    message, address = clean(finding.message), clean(finding.subject.address)
    lines = [message if address in message else f"{message} [{address}]"]
    lines += [f"value from {clean(origin.kind)}: {place(origin.span)}" for origin in finding.origins]
    reason = reason_of(finding)
    if reason is not None:
        lines.append(f"{finding.status}: {clean(reason)}")
    for label, text in _labelled(finding):
        if text is not None:
            lines.append(f"{label}: {clean(text)}")
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


def _error(error: SourceError) -> str:
    where: dict[str, str | int] = {"file": clean_path(error.path)}
    if error.line > 0:
        where["line"] = error.line
    if error.line > 0 and error.column > 0:
        where["col"] = error.column
    where["title"] = "internal error" if error.kind == "internal" else "could not be read"
    return command("error", where, clean(error.message))


def _notice(notice: SourceError) -> str:
    where: dict[str, str | int] = {"file": clean_path(notice.path)}
    if notice.line > 0:
        where["line"] = notice.line
    where["title"] = "note"
    return command("notice", where, clean(notice.message))


def _told(error: SourceError, label: str) -> str:
    return f"{place(error)}: {label}: {clean(error.message)}"


def _annotations(report: Report, options: RenderOptions) -> tuple[list[str], list[str]]:
    """The commands for what GitHub shows, and the plain lines for the rest."""
    from readiness.outputs.concise import line_of

    plain = Painter(False)
    levels: dict[str, list[Finding]] = {"error": [], "warning": [], "notice": []}
    for finding in gravest_first(chosen(report, options)):
        levels[_level(finding)].append(finding)
    shown: list[str] = []
    rest: list[str] = []
    for level, findings in levels.items():
        room = SHOWN - min(len(report.errors), ERRORS_KEPT) if level == "error" else SHOWN
        shown += [_finding(finding) for finding in findings[:room]]
        rest += [line_of(finding, plain) for finding in findings[room:]]
        if level == "error":
            room = SHOWN - len(findings[:room])
            shown += [_error(error) for error in report.errors[:room]]
            rest += [_told(error, "error") for error in report.errors[room:]]
        elif level == "notice" and not options.quiet:
            room = SHOWN - len(findings[:room])
            shown += [_notice(notice) for notice in report.notices[:room]]
            rest += [_told(notice, "note") for notice in report.notices[room:]]
    return shown, rest


def render(report: Report, options: RenderOptions) -> str:
    """A workflow command for each finding and error that GitHub shows, lines for the rest, the summary."""
    out, rest = _annotations(report, options)
    if rest:
        out.append(
            f"{len(rest):,} more, not annotated: GitHub shows {SHOWN} of each level in a step; "
            "the step summary has them by cause"
        )
    out += rest
    if not options.quiet:
        out.append(one_line(report, options))
    elif exit_status(report, options.exit_zero) == 3:
        out.append(verdict(report, options.exit_zero)[1])
    return "".join(f"{line}\n" for line in out)
