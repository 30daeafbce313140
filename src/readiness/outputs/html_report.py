"""One HTML file with everything in it: opens without a network, reads without JavaScript, prints.

`findings.css` and `findings.js` stand beside this module.  The page forbids itself, by a policy in its
head, to run or load anything but these two.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from readiness.outputs.causes import Cause, by_cause, matrix, sections
from readiness.outputs.escapes import html_shown, html_text, is_web_address
from readiness.outputs.excerpt import Sources, excerpt
from readiness.outputs.options import (
    RenderOptions,
    advisory_of,
    affects_of,
    allowance_of,
    environments_of,
    reason_of,
    was_of,
)
from readiness.outputs.prose import blocks, inline
from readiness.outputs.summary import (
    checked_line,
    findings_line,
    fixed_line,
    risk_line,
    unknown_line,
    verdict,
)
from readiness.outputs.terminal import Painter, clean_path, count, place

if TYPE_CHECKING:
    from readiness.engine.model import Finding, Report
    from readiness.errors import SourceError

WIDTH = 120
"""Cells of a line of code."""

PLAIN = Painter(False)

INSTANCES = 20
"""How many further addresses of one cause are named."""


class _Page(Struct):
    report: Report
    sources: Sources
    gating: set[int]

    def status(self, finding: Finding) -> str:
        """The status that the page filters by."""
        return "gate" if id(finding) in self.gating else finding.status


_STATUSES = {
    "gate": "fails the gate",
    "fail": "does not fail the gate",
    "unknown": "unknown",
    "suppressed": "suppressed",
    "waived": "waived",
    "baselined": "baselined",
}


def _badge(text: str, kind: str = "tag") -> str:
    return f'<span class="badge {kind}">{html_text(text)}</span>'


def _code(text: str) -> str:
    return f"<code>{html_text(text)}</code>"


def _excerpt(page: _Page, finding: Finding) -> str:
    out = []
    for span, mark in ((finding.span, "^"), *((origin.span, "-") for origin in finding.origins)):
        gutter = len(str(span.line + 2))
        lines = excerpt(page.sources, span, gutter, WIDTH, PLAIN, "", mark)
        if lines and span[1:3] != span[3:]:
            shown = html_shown("\n".join(lines))
            out.append(f'<pre tabindex="0"><code>{shown}</code></pre>')
        if mark == "^":
            out += [_note(f"value from {origin.kind}", place(origin.span)) for origin in finding.origins]
    return "".join(out)


def _note(label: str, text: str) -> str:
    return f'<p class="note"><b>{html_text(label)}</b>: {inline(text)}</p>'


def _notes(finding: Finding) -> str:
    from readiness.outputs.text import instances_text

    instances = instances_text(finding.instances, INSTANCES) if finding.instances else None
    told = (
        ("also", instances),
        ("where", environments_of(finding)),
        ("worsened", was_of(finding)),
        ("affects", affects_of(finding)),
        ("because" if finding.status == "unknown" else "reason", reason_of(finding)),
        ("let pass by", allowance_of(finding)),
        ("advisory", advisory_of(finding)),
    )
    return "".join(_note(label, text) for label, text in told if text)


def _finding(finding: Finding, cause: Cause, page: _Page) -> str:
    subject = finding.subject
    # The head of its cause has the gravest severity already.
    same = finding.severity == cause.severity
    badges = [] if same else [_badge(finding.severity, finding.severity)]
    badges += [] if finding.compared is None else [_badge(finding.compared)]
    badges += [] if finding.status == "fail" else [_badge(finding.status)]
    facts = [_code(place(finding.span)), _code(subject.address)]
    if subject.service is not None:
        facts.append(f"<span>service {html_text(subject.service)}</span>")
    if subject.tier is not None:
        facts.append(f"<span>tier {subject.tier}</span>")
    return (
        f'<li class="finding" data-severity="{finding.severity}" data-status="{page.status(finding)}" '
        f'data-compared="{finding.compared or ""}" data-service="{html_text(subject.service or "")}" '
        f'data-path="{html_text(clean_path(finding.span.path))}">'
        f'<p class="message">{" ".join([*badges, inline(finding.message)])}</p>'
        f'<p class="where">{" ".join(facts)}</p>{_excerpt(page, finding)}{_notes(finding)}</li>\n'
    )


def _reference(address: str) -> str:
    if is_web_address(address):
        return f'<a href="{html_text(address)}" rel="noreferrer noopener">{html_text(address)}</a>'
    return html_text(address)


def _cause(cause: Cause, page: _Page) -> str:
    finding = cause.findings[0]
    remedy = blocks(finding.remediation) if finding.remediation.strip() else ""
    see = "".join(f"<li>{_reference(address)}</li>" for address in finding.references)
    see = f"<ul>{see}</ul>" if see else ""
    told = f"<p>More: {_code(f'readiness explain {cause.policy}')}</p>"
    known = [f"control {finding.control}"] if finding.control else []
    known += [f"also known as {', '.join(finding.aliases)}"] if finding.aliases else []
    also = f'<p class="soft">{html_text("; ".join(known))}</p>' if known else ""
    findings = "".join(_finding(one, cause, page) for one in cause.findings)
    return (
        f'<article class="cause" data-policy="{html_text(cause.policy)}"><header>'
        f"{_badge(cause.severity, cause.severity)}<h3>{inline(cause.title)}</h3>{_code(cause.policy)}"
        f'<span class="soft">{count(len(cause.findings), "finding")}</span></header>'
        f"<details><summary>Why it matters, and what to write</summary>{remedy}{see}{also}{told}</details>"
        f'<ul class="findings">{findings}</ul></article>\n'
    )


def _section(heading: str, findings: list[Finding], page: _Page) -> str:
    if not findings:
        return ""
    causes = "".join(_cause(cause, page) for cause in by_cause(findings))
    return f'<section class="part"><h2>{heading} ({len(findings):,})</h2>\n{causes}</section>\n'


def _options(name: str, label: str, values: Iterable[tuple[str, str]]) -> str:
    """A choice, unless there is nothing to choose."""
    values = list(values)
    if len(values) < 2:
        return ""
    items = "".join(
        f'<option value="{html_text(value)}">{html_text(text)}</option>' for value, text in values
    )
    return f'<label>{label}<select name="{name}"><option value="">all</option>{items}</select></label>'


def _filters(findings: list[Finding], page: _Page) -> str:
    from readiness.engine.model import SEVERITIES

    if not findings:
        return ""
    severities = {finding.severity for finding in findings}
    boxes = "".join(
        f'<label><input type="checkbox" name="severity" value="{name}" checked>{name}</label>'
        for name in SEVERITIES
        if name in severities
    )
    statuses = {page.status(finding) for finding in findings}
    compared = {finding.compared for finding in findings}
    policies = sorted({finding.policy for finding in findings})
    services = sorted({finding.subject.service for finding in findings if finding.subject.service})
    return (
        '<form id="filters" class="filters" role="search" aria-label="Filter findings" hidden>'
        '<label class="search">Search<input type="search" name="text" autocomplete="off"></label>'
        '<label>Path<input type="search" name="path" autocomplete="off"></label>'
        f"<fieldset><legend>Severity</legend>{boxes}</fieldset>"
        + _options("status", "Status", [(name, text) for name, text in _STATUSES.items() if name in statuses])
        + _options(
            "compared", "Compared", [(n, n) for n in ("new", "worsened", "unchanged") if n in compared]
        )
        + _options("policy", "Policy", [(name, name) for name in policies])
        + _options("service", "Service", [(name, name) for name in services])
        + '<button type="reset">Reset</button><output aria-live="polite"></output></form>\n'
    )


def _table(report: Report) -> str:
    columns, rows = matrix(report)
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{column}</th>' for column in ("severity", *columns))
    body = "".join(
        f'<tr><th scope="row">{_badge(severity, severity)}</th>'
        + "".join(f"<td>{number:,}</td>" if number else "<td></td>" for number in numbers)
        + "</tr>"
        for severity, numbers in rows
    )
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Counts">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>\n"
    )


def _told(heading: str, items: list[str], opened: bool) -> str:
    if not items:
        return ""
    rows = "".join(f"<li>{item}</li>\n" for item in items)
    return (
        f"<section><h2>{heading} ({len(items):,})</h2><details{' open' if opened else ''}>"
        f'<summary>List</summary><ul class="told">{rows}</ul></details></section>\n'
    )


def _source_error(error: SourceError) -> str:
    label = "internal error: " if error.kind == "internal" else ""
    return f"{_code(place(error))} {label}{inline(error.message)}"


def _around(report: Report, options: RenderOptions) -> tuple[str, str]:
    """What stands before the findings and what behind them."""
    fixed = [] if report.comparison is None else report.comparison.fixed
    lines = [findings_line(report, True, True), fixed_line(report), risk_line(report)]
    before = "".join(f"<p>{html_text(line)}</p>\n" for line in lines if line)
    before += _table(report) + _told("Not read in full", list(map(_source_error, report.errors)), True)
    after = _told("Fixed", [_fixed(finding) for finding in fixed], False)
    after += _told("Notes", list(map(_source_error, report.notices)), False)
    lines = [f"readiness {options.version} {checked_line(report)}", unknown_line(report)]
    told = "".join(f"<p>{html_text(line)}</p>" for line in lines if line)
    return before, f'{after}<footer class="soft">{told}</footer>\n'


def _fixed(finding: Finding) -> str:
    where = _code(clean_path(finding.span.path))
    return f"{where} {_code(finding.subject.address)} {_code(finding.policy)} {html_text(finding.title)}"


def _resource(name: str) -> tuple[str, str]:
    """The text of a file beside this module, and the hash that a page may name it by."""
    import hashlib
    from base64 import b64encode

    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return text, f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def render(report: Report, options: RenderOptions) -> str:
    """The whole report as one HTML document; every finding is in it, whatever its status."""
    style, style_hash = _resource("findings.css")
    script, script_hash = _resource("findings.js")
    page = _Page(report, Sources(report.sources), {id(finding) for finding in report.gating})
    found = sections(report, replace(options, show_suppressed=True, show_unchanged=True))
    everything = [*found.gating, *found.failing, *found.unknown, *found.passed]
    green, sentence = verdict(report, options.exit_zero)
    before, after = _around(report, options)
    policy = (
        f"default-src 'none'; style-src {style_hash}; script-src {script_hash}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>readiness: {html_text(sentence)}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        "<h1>Production readiness</h1>\n"
        f'<p class="verdict {"good" if green else "bad"}">{inline(sentence)}</p>\n'
        + before
        + _filters(everything, page)
        + _section("Fails the gate", found.gating, page)
        + _section("Does not fail the gate", found.failing, page)
        + _section("Not decided", found.unknown, page)
        + _section("Let pass", found.passed, page)
        + after
        + f"</main>\n<script>{script}</script>\n</body>\n</html>\n"
    )
