"""Markdown for the comment on a pull request and the step summary: the verdict first, then causes.

A comment on GitHub may have 65,536 characters, and a step summary 1 MiB; what does not fit is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from readiness.outputs.causes import Cause, by_cause, matrix, sections
from readiness.outputs.escapes import markdown_code, markdown_inline, markdown_text
from readiness.outputs.options import (
    RenderOptions,
    notes_of,
)
from readiness.outputs.summary import checked_line, fixed_line, risk_line, unknown_line, verdict
from readiness.outputs.terminal import clean_path, count

if TYPE_CHECKING:
    from readiness.engine.model import Finding, Report
    from readiness.errors import SourceError

LIMIT = 60_000
"""Characters of a page at most: a comment on GitHub may have 65,536."""

LEVELS = ((200, True), (50, True), (20, True), (20, False), (8, False), (3, False), (1, False))
"""How many findings of a cause are listed, and whether why it matters is: the first that fits the page."""

WHY = 200
"""Characters of why a cause matters before they are cut."""

PLACES = (20, 5, 0)
"""How many errors, notes and fixed findings are listed: the first number that leaves findings half a page."""

CELL = 240
"""Characters of one text of a finding before it is cut."""

OPEN = 10
"""Up to so many gating findings are shown without a click."""


class _Section(Struct):
    """A heading and its causes; `opened` shows them without a click."""

    heading: str
    causes: list[Cause]
    opened: bool = False

    @property
    def number(self) -> int:
        return sum(len(cause.findings) for cause in self.causes)


def _cut(text: str, most: int = CELL) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _place(path: str, line: int) -> str:
    path = clean_path(path)
    return markdown_code(_cut(f"{path}:{line}" if line > 0 else path))


def _notes(finding: Finding) -> list[str]:
    """What is to be known of a finding besides its message, not escaped."""
    notes: list[str] = []
    if finding.instances:
        notes.append(f"{len(finding.instances):,} more of the same cause")
    return [*notes, *notes_of(finding)]


def _row(finding: Finding) -> str:
    text = markdown_inline(_cut(finding.message))
    if finding.subject.address not in finding.message:
        text += f" {markdown_code(_cut(finding.subject.address))}"
    for note in _notes(finding):
        text += f"<br>{markdown_inline(_cut(note))}"
    if finding.compared is not None:
        text = f"**{finding.compared}** {text}"
    return f"- {_place(finding.span.path, finding.span.line)} {text}"


def _why(cause: Cause) -> str:
    from readiness.outputs.text import first_sentence

    why = first_sentence(cause.findings[0].remediation)
    explain = markdown_code(f"readiness explain {cause.policy}")
    return f"Why: {markdown_inline(_cut(why, WHY))} ({explain})" if why else f"Why: {explain}"


def _cause(cause: Cause, rows: int, why: bool, opened: bool) -> list[str]:
    number = len(cause.findings)
    title = markdown_text(_cut(cause.title))
    policy = f"<code>{markdown_text(cause.policy)}</code>"
    out = [
        f"<details{' open' if opened else ''}>"
        f"<summary><b>{cause.severity}</b> · {title} · {policy} · {count(number, 'finding')}</summary>",
        "",
        *([_why(cause), ""] if why else []),
        *(_row(finding) for finding in cause.findings[:rows]),
    ]
    if number > rows:
        out.append(f"- … and {number - rows:,} more of this policy")
    return [*out, "", "</details>"]


def _table(report: Report) -> list[str]:
    columns, rows = matrix(report)
    if not rows:
        return []
    out = [f"| severity | {' | '.join(columns)} |", "| --- |" + " ---: |" * len(columns)]
    for severity, numbers in rows:
        cells = (f"{number:,}" if number else " " for number in numbers)
        out.append(f"| {severity} | {' | '.join(cells)} |")
    return [*out, ""]


def _told(errors: Sequence[SourceError], places: int) -> list[str]:
    lines = [
        f"- {_place(error.path, error.line)} {markdown_inline(_cut(error.message))}"
        for error in errors[:places]
    ]
    if len(errors) > places:
        lines.append(f"- … and {len(errors) - places:,} more")
    return [*lines, ""]


def _head(report: Report, options: RenderOptions, places: int) -> list[str]:
    green, sentence = verdict(report, options.exit_zero)
    word, colon, rest = sentence.partition(": ")
    out = [f"## readiness: {word if colon else ('passed' if green else 'failed')}", ""]
    out += [f"**{markdown_inline(rest if colon else sentence)}**", ""]
    if report.risk is not None:
        out += [markdown_text(risk_line(report)), ""]
    out += _table(report)
    if report.errors:
        out += [f"### Not read in full ({len(report.errors):,})", "", *_told(report.errors, places)]
    return out


def _fixed(report: Report, places: int) -> list[str]:
    line = fixed_line(report)
    if not line or report.comparison is None:
        return []
    fixed = report.comparison.fixed
    rows = [
        f"- {_place(finding.span.path, 0)} {markdown_code(_cut(finding.policy))} "
        f"{markdown_code(_cut(finding.subject.address))}"
        for finding in fixed[:places]
    ]
    if len(fixed) > places:
        rows.append(f"- … and {len(fixed) - places:,} more")
    return [f"<details><summary>{markdown_text(line)}</summary>", "", *rows, "", "</details>", ""]


def _tail(report: Report, options: RenderOptions, places: int) -> list[str]:
    out: list[str] = []
    if report.notices and not options.quiet:
        out += [f"<details><summary>{count(len(report.notices), 'note')}</summary>", ""]
        out += [*_told(report.notices, places), "</details>", ""]
    if not options.quiet:
        out += [f"Readiness {markdown_text(options.version)} {markdown_text(checked_line(report))}."]
        unknowns = unknown_line(report)
        out += ["", f"{unknowns[:1].upper()}{markdown_text(_cut(unknowns[1:]))}."] if unknowns else []
    return out


def _text(lines: Sequence[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _parts(report: Report, options: RenderOptions) -> list[_Section]:
    found = sections(report, options)
    parts = [
        _Section("Fails the gate", by_cause(found.gating), len(found.gating) <= OPEN),
        _Section("Does not fail the gate", by_cause(found.failing)),
        _Section("Not decided", by_cause(found.unknown)),
        _Section("Let pass", by_cause(found.passed)),
    ]
    return [part for part in parts if part.causes]


def _body(parts: list[_Section], rows: int, why: bool, room: int) -> tuple[list[str], bool]:
    """The sections with so many rows for a cause, cut to `room` characters; whether all fitted."""
    out: list[str] = []
    for index, part in enumerate(parts):
        heading = [f"### {part.heading} ({part.number:,})", ""]
        room -= sum(map(len, heading)) + len(heading)
        if room > 0:
            out += heading
        for position, cause in enumerate(part.causes):
            lines = _cause(cause, rows, why, part.opened)
            room -= sum(map(len, lines)) + len(lines)
            if room < 0:
                left = [
                    *part.causes[position:],
                    *(rest for later in parts[index + 1 :] for rest in later.causes),
                ]
                number = sum(len(rest.findings) for rest in left)
                out += [
                    "",
                    f"**… and {count(number, 'more finding')} of {count(len(left), 'policy', 'policies')}.**",
                    "",
                ]
                return out, False
            out += lines
        out.append("")
    return out, True


def page(report: Report, options: RenderOptions, limit: int) -> str:
    """The report as Markdown of at most `limit` characters."""
    head: list[str] = []
    tail: list[str] = []
    for places in PLACES:
        head = [*_head(report, options, places), *_fixed(report, places)]
        tail = _tail(report, options, places)
        if len(_text([*head, *tail])) <= limit // 2:
            break
    parts = _parts(report, options)
    room = limit - len(_text([*head, *tail])) - 200
    body: list[str] = []
    for rows, why in LEVELS:
        body, whole = _body(parts, rows, why, room)
        if whole:
            break
    return _text([*head, *body, *tail])


def render(report: Report, options: RenderOptions) -> str:
    """The report as Markdown that a comment on GitHub has room for."""
    return page(report, options, LIMIT)
