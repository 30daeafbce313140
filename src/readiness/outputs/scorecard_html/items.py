"""The findings that a page has room for: the gravest of every service before the rest of any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from readiness.outputs.causes import by_cause
from readiness.outputs.excerpt import Sources, excerpt
from readiness.outputs.options import (
    advisory_of,
    affects_of,
    allowance_of,
    environments_of,
    reason_of,
    was_of,
)
from readiness.outputs.scorecard_html.figures import name_in_history
from readiness.outputs.scorecard_html.strings import Strings, text_bytes
from readiness.outputs.terminal import Painter, place

if TYPE_CHECKING:
    from readiness.engine.model import Finding
    from readiness.scorecard.model import Missing, Scorecard

SHARE = 10
"""How many findings each service may have before another has more."""

WIDTH = 110
"""Cells of a line of code."""

INSTANCES = 10
"""How many further addresses of one finding are named."""

ROWS_SHARE = 0.65
"""The part of the room that findings may fill; code excerpts have the rest."""

PLAIN = Painter(False)

SECRET_CONTROLS = frozenset({"sec-secret-01"})
"""Controls whose findings point at a secret in plain text: a page that is mailed has no such line."""

LEFT_OUT = "(left out: it holds a secret)"
"""What stands for the code of such a line."""


class Items(Struct):
    """The findings of a page as rows: those that fail first, the cause with the gravest before others.

    A row is `[policy, severity, status, service, path, line, column, address, message, fixable, excerpt,
    notes]`, numbers all but `notes`, a list of label and text; what is 0 at the end is left out.  Policies
    and services are numbers into the lists of the page (`service` counts from 1, 0 is none), severity and
    status into those of the engine, texts into its strings; `fixable` is 1 for safe and 2 for unsafe.
    `numbers` has the row of a finding by its fingerprint; `total` counts those that were left out too.
    """

    rows: list[list[Any]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    total: int = 0


def everything(card: Scorecard) -> list[tuple[Finding, str]]:
    """Every finding with its service ("" for none): those of the run, then what only controls name."""
    found: dict[str, tuple[Finding, str]] = {}
    for finding in card.report.findings:
        found.setdefault(finding.fingerprint, (finding, finding.subject.service or ""))
    for service in card.services:
        name = name_in_history(service)
        for control in service.controls:
            for missing in control.missing:
                if missing.fingerprint not in found:
                    found[missing.fingerprint] = (
                        _finding(card, missing, name, control.control),
                        name,
                    )
    return list(found.values())


def _finding(card: Scorecard, missing: Missing, service: str, control: str) -> Finding:
    """What a control misses, as the finding that the run no longer has."""
    from readiness.engine.model import Finding, Subject
    from readiness.values import Span

    meta = card.report.policies.get(missing.policy)
    address = missing.addresses[0] if missing.addresses else ""
    return Finding(
        policy=missing.policy,
        title=meta.title if meta else missing.policy,
        control=control,
        aliases=meta.aliases if meta else (),
        severity=missing.severity,
        status=missing.status,
        subject=Subject(address, "", address, service),
        span=Span(missing.path, missing.line, 0, missing.line, 0),
        message=missing.text,
        remediation=meta.remediation if meta else "",
        fingerprint=missing.fingerprint,
        fixable=missing.fixable,
        reason=missing.reason,
        instances=missing.addresses[1:],
    )


def in_turn(found: list[tuple[Finding, str]]) -> list[int]:
    """The order in which findings take room, by index: `SHARE` of each service, then as many again …"""
    from readiness.engine.model import SEVERITIES, STATUSES

    severities = {name: number for number, name in enumerate(SEVERITIES)}
    statuses = {name: number for number, name in enumerate(STATUSES)}
    grave = sorted(
        range(len(found)),
        key=lambda i: (statuses[found[i][0].status], severities[found[i][0].severity], i),
    )
    seen: dict[str, int] = {}
    turns = []
    for rank, index in enumerate(grave):
        number = seen[found[index][1]] = seen.get(found[index][1], 0) + 1
        turns.append(((number - 1) // SHARE, rank, index))
    return [index for _, _, index in sorted(turns)]


def fitted(
    card: Scorecard, strings: Strings, services: dict[str, int], policies: dict[str, int], room: int
) -> Items:
    """As many findings, and code excerpts of them, as `room` bytes hold.

    `services` numbers services from 1 by name; `policies` is filled with the numbers of those that are used.
    """
    found = everything(card)
    turns = in_turn(found)
    limit = int(room * ROWS_SHARE)
    rows: dict[int, list[Any]] = {}
    used = 0
    for index in turns:
        if used > limit:
            break
        before = strings.size
        rows[index] = _row(found[index], strings, services)
        used += strings.size - before + 42 + 14 * len(rows[index][11])
    _add_excerpts(card, found, [index for index in turns if index in rows], rows, strings, room - used)
    order = _by_cause([(index, found[index][0]) for index in rows])
    items = Items(total=len(found))
    for index in order:
        finding, row = found[index][0], rows[index]
        row[0] = policies.setdefault(finding.policy, len(policies))
        while len(row) > 1 and not row[-1]:
            row.pop()
        items.numbers[finding.fingerprint] = len(items.rows)
        items.rows.append(row)
        items.findings.append(finding)
    return items


def _by_cause(found: list[tuple[int, Finding]]) -> list[int]:
    """What fails, then what is unknown, then what is let pass, each by cause."""
    indexes = {id(finding): index for index, finding in found}
    parts: tuple[list[Finding], ...] = ([], [], [])
    for _, finding in sorted(found, key=lambda pair: pair[0]):
        part = {"fail": 0, "unknown": 1}.get(finding.status, 2)
        parts[part].append(finding)
    return [indexes[id(finding)] for part in parts for cause in by_cause(part) for finding in cause.findings]


def _row(pair: tuple[Finding, str], strings: Strings, services: dict[str, int]) -> list[Any]:
    from readiness.engine.model import SEVERITIES, STATUSES

    finding, service = pair
    return [
        0,
        SEVERITIES.index(finding.severity),
        STATUSES.index(finding.status),
        services.get(service, 0),
        strings.path(finding.span.path),
        finding.span.line,
        max(finding.span.column, 0),
        strings.text(finding.subject.address),
        strings.text(finding.message),
        {"safe": 1, "unsafe": 2}.get(finding.fixable or "", 0),
        0,
        [[label, strings.text(text)] for label, text in _notes(finding) if text],
    ]


def _notes(finding: Finding) -> list[tuple[str, str | None]]:
    from readiness.outputs.text import instances_text

    return [
        *((f"value from {origin.kind}", place(origin.span)) for origin in finding.origins),
        ("also", instances_text(finding.instances, INSTANCES) if finding.instances else None),
        ("where", environments_of(finding)),
        ("worsened", was_of(finding)),
        ("affects", affects_of(finding)),
        ("because" if finding.status == "unknown" else "reason", reason_of(finding)),
        ("let pass by", allowance_of(finding)),
        ("advisory", advisory_of(finding)),
    ]


def _add_excerpts(
    card: Scorecard,
    found: list[tuple[Finding, str]],
    turns: list[int],
    rows: dict[int, list[Any]],
    strings: Strings,
    room: int,
) -> None:
    """Put code into the rows, in their turn, while there is room for it."""
    sources = Sources(card.report.sources)
    secret = secret_lines([finding for finding, _ in found])
    for index in turns:
        span = found[index][0].span
        # A region without a length is a whole file: nothing to point at.
        if span[1:3] == span[3:]:
            continue
        lines = excerpt(sources, span, len(str(span.line + 2)), WIDTH, PLAIN, "")
        text = "\n".join(without(lines, secret.get(span.path, set())))
        if text_bytes(text) > room:
            break
        before = strings.size
        rows[index][10] = strings.raw(text)
        room -= strings.size - before


def secret_lines(findings: list[Finding]) -> dict[str, set[int]]:
    """The lines (from 1) of each path at which a finding of `SECRET_CONTROLS` says that a secret stands."""
    lines: dict[str, set[int]] = {}
    for finding in findings:
        if finding.control in SECRET_CONTROLS:
            span = finding.span
            lines.setdefault(span.path, set()).update(range(span.line, max(span.line, span.end_line) + 1))
    return lines


def without(lines: list[str], secret: set[int]) -> list[str]:
    """An excerpt (`12 | code`, with marks below) without the code of some lines."""
    out: list[str] = []
    hidden = False
    for line in lines:
        number, sign, _ = line.partition("|")
        if number.strip().isdigit():
            hidden = int(number) in secret
            out.append(f"{number}{sign} {LEFT_OUT}" if hidden else line)
        elif not hidden:
            out.append(line)
    return out
