"""Text for people: findings by file, the offending lines with marks, and what the run amounts to."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec import Struct

from readiness.outputs.excerpt import Sources, excerpt
from readiness.outputs.options import (
    RenderOptions,
    advisory_of,
    affects_of,
    allowance_of,
    chosen,
    environments_of,
    exit_status,
    label_of,
    reason_of,
    was_of,
)
from readiness.outputs.summary import statistics, summary_lines, verdict
from readiness.outputs.terminal import (
    CARET_CODES,
    SEVERITY_CODES,
    STATUS_CODES,
    Painter,
    clean,
    clean_path,
    count,
    place,
)

if TYPE_CHECKING:
    from readiness.engine.model import Finding, Report
    from readiness.errors import SourceError
    from readiness.values import Span

INSTANCES = 3
"""How many further addresses of one cause are named before they are only counted."""

PLACES = 3
"""How many places of one note are named."""

_SENTENCE_END = re.compile(r"(?<=[^.][.!?]) +(?=[A-Z`])")


class _Page(Struct):
    """What the rendering of one finding needs to know."""

    options: RenderOptions
    sources: Sources
    paint: Painter

    def note(self, gutter: int, label: str, text: str) -> list[str]:
        """`   = label: text`, wrapped with a hanging indent."""
        from textwrap import wrap

        lead = f"{' ' * gutter} {self.paint.rule('=')} "
        label = f"{label}: " if label else ""
        width = max(self.options.width - gutter - 3 - len(label), 30)
        lines = [text]
        if len(text) > width:
            lines = wrap(text, width=width, break_long_words=False, break_on_hyphens=False)
        rest = " " * (gutter + 3 + len(label))
        lines = [line.replace("\u00a0", " ") for line in lines]
        first = f"{lead}{self.paint.bold(label)}{lines[0]}".rstrip()
        # The runners of GitHub Actions take an indented `::` for a command.
        more = (f"\\{line}" if line.startswith("::") else line for line in lines[1:])
        return [first, *(f"{rest}{line}" for line in more)]

    def code(self, span: Span, gutter: int, codes: str, mark: str = "^") -> list[str]:
        """The excerpt of a span, nothing for one without extent: what it is about stood there."""
        if span[1:3] == span[3:]:
            return []
        return excerpt(self.sources, span, gutter, self.options.width, self.paint, codes, mark)


def _label(finding: Finding, paint: Painter) -> str:
    if finding.status == "fail":
        return paint(label_of(finding), SEVERITY_CODES.get(finding.severity, "1"))
    return paint(label_of(finding), STATUS_CODES[finding.status])


def _notes(finding: Finding, page: _Page, gutter: int) -> list[str]:
    """Where it holds, since when it counts, what was better before, and who lets it pass."""
    out: list[str] = []
    for label, text in (
        ("where", environments_of(finding)),
        ("worsened", was_of(finding)),
        ("affects", affects_of(finding)),
        ("let pass by", allowance_of(finding)),
        ("advisory", advisory_of(finding)),
    ):
        if text is not None:
            out += page.note(gutter, label, clean(text))
    return out


def _origin_text(kind: str, where: str) -> str:
    return f"{clean(kind)}: {where}" if kind.startswith("used by") else f"value from {clean(kind)}: {where}"


def first_sentence(remediation: str) -> str:
    """The first sentence of a Markdown text as plain text, cleaned; empty when there is none.

    Source lines may be wrapped anywhere, so the sentence is sought in the whole first paragraph.
    """
    paragraph: list[str] = []
    for line in remediation.splitlines():
        text = line.strip()
        if paragraph and (not text or text.startswith(("```", "* ", "- ", "#", "|"))):
            break
        text = text.lstrip("#*->").strip() if not paragraph else text
        if text and not text.startswith("```"):
            paragraph.append(text)
    sentence = _SENTENCE_END.split(" ".join(paragraph), maxsplit=1)[0]
    return clean(sentence.removesuffix(":"))


def instances_text(instances: tuple[str, ...], limit: int | None) -> str:
    """`a, b, c (3 more)`."""
    named = instances if limit is None else instances[:limit]
    text = ", ".join(map(clean, named))
    rest = len(instances) - len(named)
    return f"{text} ({rest:,} more)" if rest else text


def _remedy(finding: Finding, page: _Page, gutter: int) -> list[str]:
    # No-break spaces, so that a command is never wrapped; `note` turns them into spaces.
    explain = f"`readiness\u00a0explain\u00a0{clean(finding.policy)}`"
    if not page.options.verbose:
        help_text = first_sentence(finding.remediation)
        return page.note(gutter, "why", f"{help_text} ({explain})" if help_text else explain)
    out: list[str] = []
    lines = [clean(line.rstrip()) for line in finding.remediation.strip().splitlines()]
    indents = [len(line) - len(line.lstrip()) for line in finding.remediation.strip().splitlines()]
    if lines:
        out += [f"{' ' * gutter} {page.paint.rule('=')} {page.paint.bold('help: ')}{lines[0]}"]
        out += [
            f"{' ' * (gutter + 9 + pad)}{line}".rstrip()
            for line, pad in zip(lines[1:], indents[1:], strict=True)
        ]
    for reference in finding.references:
        out += page.note(gutter, "see", clean(reference))
    return out + page.note(gutter, "more", explain)


def _subject(finding: Finding) -> str:
    subject = finding.subject
    facts = [] if subject.service is None else [f"service {clean(subject.service)}"]
    if subject.tier is not None:
        facts.append(f"tier {subject.tier}")
    return clean(subject.address) + (f" ({', '.join(facts)})" if facts else "")


def _finding(finding: Finding, page: _Page) -> list[str]:
    """A failure in full: label, place, code, where its value came from, what to do."""
    paint, span = page.paint, finding.span
    lines = [span.line + 2, *(origin.span.line for origin in finding.origins)]
    gutter = len(str(max(lines)))
    policy = paint.bold(clean(finding.policy))
    out = [f"{_label(finding, paint)}[{policy}]: {paint.bold(clean(finding.message))}"]
    out.append(f"{' ' * gutter}{paint.rule('-->')} {place(span)}")
    bar = f"{' ' * gutter} {paint.rule('|')}"
    code = page.code(span, gutter, CARET_CODES.get(finding.severity, "1"))
    if code:
        out += [bar, *code, bar]
    for origin in finding.origins:
        out += page.note(gutter, "", _origin_text(origin.kind, place(origin.span)))
        from_code = page.code(origin.span, gutter, "1;34", "-")
        out += [*from_code, bar] if from_code else []
    reason = reason_of(finding)
    if reason is not None:
        out += page.note(gutter, finding.status, clean(reason))
    out += page.note(gutter, "resource", _subject(finding))
    if finding.instances:
        limit = None if page.options.verbose else INSTANCES
        out += page.note(gutter, "also", instances_text(finding.instances, limit))
    out += _notes(finding, page, gutter)
    return out + _remedy(finding, page, gutter)


def _quiet_finding(finding: Finding, page: _Page) -> list[str]:
    """An unknown, suppressed, waived or baselined finding: what, where, why; no code."""
    paint = page.paint
    out = [f"{_label(finding, paint)}[{clean(finding.policy)}]: {clean(finding.message)}"]
    out.append(
        f" {paint.rule('-->')} {place(finding.span)} {paint.dim('in')} {clean(finding.subject.address)}"
    )
    for origin in finding.origins:
        out += page.note(1, "", _origin_text(origin.kind, place(origin.span)))
    reason = reason_of(finding)
    if reason is not None:
        label = "because" if finding.status == "unknown" else "reason"
        out += page.note(1, label, clean(reason))
    if finding.instances:
        out += page.note(1, "also", instances_text(finding.instances, INSTANCES))
    return out + _notes(finding, page, 1)


def _errors(errors: list[SourceError], page: _Page) -> list[str]:
    """What could not be read or evaluated, each with its place and, where at hand, its code."""
    from readiness.values import Span

    out: list[str] = []
    paint = page.paint
    for error in errors:
        label = "internal error" if error.kind == "internal" else "error"
        out.append(f"{paint(label, '1;31')}: {paint.bold(clean(error.message))}")
        gutter = len(str(error.line))
        out.append(f"{' ' * gutter}{paint.rule('-->')} {place(error)}")
        if error.line > 0 and error.column > 0:
            span = Span(error.path, error.line, error.column, error.line, error.column + 1)
            out += page.code(span, gutter, "1;31")
        out.append("")
    return out


def _notices(notices: list[SourceError], page: _Page) -> list[str]:
    """What is worth knowing of the run, the same once: its places follow."""
    by_message: dict[str, list[SourceError]] = {}
    for notice in notices:
        by_message.setdefault(notice.message, []).append(notice)
    out: list[str] = []
    for message, places in by_message.items():
        first, *rest = _wrapped(f"note: {clean(message)}", page.options.width)
        out += [page.paint("note", "1;36") + first.removeprefix("note"), *rest]
        out += [f" {page.paint.rule('-->')} {place(notice)}" for notice in places[:PLACES]]
        if len(places) > PLACES:
            out.append(f"     and {len(places) - PLACES:,} more")
        out.append("")
    return out


def _statistics(report: Report, options: RenderOptions, paint: Painter) -> list[str]:
    rows = statistics(report, options)
    if not rows:
        return []
    number_width = max(len(f"{row[0]:,}") for row in rows)
    label_width = max(len(_statistics_label(row[1], row[2])) for row in rows)
    policy_width = max(len(row[3]) for row in rows)
    out = []
    for number, severity, status, policy, title in rows:
        codes = SEVERITY_CODES.get(severity, "1") if status == "fail" else STATUS_CODES[status]
        label = _statistics_label(severity, status)
        pad = " " * (label_width - len(label))
        out.append(
            f"{number:>{number_width},}  {paint(label, codes)}{pad}  "
            f"{paint.bold(clean(policy))}{' ' * (policy_width - len(policy))}  {clean(title)}"
        )
    return [*out, ""]


def _statistics_label(severity: str, status: str) -> str:
    return severity if status == "fail" else f"{status} {severity}"


def _wrapped(line: str, width: int) -> list[str]:
    from textwrap import wrap

    return wrap(line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _summary(report: Report, options: RenderOptions, paint: Painter) -> list[str]:
    green, sentence = verdict(report, options.exit_zero)
    first, *rest = _wrapped(sentence, options.width)
    word, colon, tail = first.partition(":")
    code = "1;32" if green else "1;31"
    closing = [paint(word + colon, code) + tail if colon else paint(first, code), *rest]
    if options.quiet:
        return closing if exit_status(report, options.exit_zero) == 3 else []
    out: list[str] = []
    for index, line in enumerate(summary_lines(report, options)):
        pieces = _wrapped(line, options.width)
        out += [paint.bold(piece) for piece in pieces] if index == 0 else pieces
    return [*out, *closing]


def render(report: Report, options: RenderOptions) -> str:
    """The whole report as text for a terminal `options.width` cells wide."""
    paint = Painter(options.color)
    page = _Page(options, Sources(report.sources), paint)
    out: list[str] = []
    if options.statistics:
        out += _statistics(report, options, paint)
    else:
        found = chosen(report, options)
        for path, group in groupby(found, key=lambda finding: finding.span.path):
            findings = list(group)
            heading = paint(clean_path(path), "1;4")
            out += [f"{heading}  {paint.dim(count(len(findings), 'finding'))}", ""]
            for finding in findings:
                full = finding.status == "fail" or options.verbose
                out += _finding(finding, page) if full else _quiet_finding(finding, page)
                out.append("")
    out += _errors(report.errors, page)
    if not options.quiet:
        out += _notices(report.notices, page)
    out += _summary(report, options, paint)
    while out and not out[-1]:
        out.pop()
    return "".join(f"{line}\n" for line in out)
