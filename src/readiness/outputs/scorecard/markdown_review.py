"""The production readiness review of one service: a checklist in Markdown, for a launch ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from readiness.outputs.escapes import markdown_code, markdown_inline, markdown_text
from readiness.outputs.scorecard.markdown import (
    LIMIT,
    error_list,
    linked,
    made_from,
    page_of,
    place,
    problem_list,
    short,
)
from readiness.outputs.scorecard.options import ScorecardOptions, full_name
from readiness.outputs.scorecard.view import (
    NO_LEVEL,
    Allowed,
    by_area,
    control_title,
    level_of,
    score_words,
)
from readiness.outputs.terminal import count

if TYPE_CHECKING:
    from readiness.scorecard.model import AreaResult, ControlResult, Missing, Scorecard, ServiceResult

DETAIL = ((20, 100), (5, 40), (3, 15), (2, 6), (1, 3), (1, 1), (0, 0))
"""How many places of evidence and of what is missing each control shows: the first that fits the page."""

OPEN = 3
"""Up to so many missing things of a control are shown without a click."""

_WORDS = {
    "not-met": ": missing",
    "waived": ": **exception**, not met",
    "unknown": ": **question**, not known",
}

STEPS = 15
"""How many next steps are listed."""


class _Detail(Struct, frozen=True):
    """How much of a control is shown, and who lets pass what it misses."""

    evidence: int
    missing: int
    allowed: Allowed


def _missing(missing: Missing, allowed: Allowed) -> str:
    """One thing that is missing; an unknown is a question, what is let pass an exception."""
    severity = markdown_text(missing.severity)
    leads = {"fail": severity, "baselined": f"{severity} (in the baseline)", "unknown": "**question**"}
    lead = leads.get(missing.status) or f"**exception** ({markdown_text(missing.status)})"
    policy = markdown_code(short(missing.policy))
    text = f"{place(missing.path, missing.line)} {lead}: {markdown_inline(short(missing.text))} ({policy})"
    why = allowed.why(missing)
    if missing.status != "fail" and why:
        text += f"; {markdown_inline(short(why))}"
    return text


def _told(result: ControlResult) -> str:
    """What stands behind the title of a control that is not met."""
    if result.status == "partly":
        return f": {result.met:,} of {result.of:,}"
    return _WORDS.get(result.status, "")


def _below(lines: list[str], hidden: int) -> list[str]:
    """The list below a task; a long one is folded."""
    if hidden:
        lines = [*lines, f"… and {hidden:,} more"]
    if len(lines) <= OPEN:
        return [f"  - {line}" for line in lines]
    folded = [f"  - {line}" for line in lines]
    return ["  <details><summary>what is missing</summary>", "", *folded, "", "  </details>"]


def _control(scorecard: Scorecard, result: ControlResult, detail: _Detail) -> list[str]:
    met = result.status == "met"
    title = markdown_text(short(control_title(scorecard, result.control)))
    line = f"- [{'x' if met else ' '}] **{markdown_text(result.control)}** {title}{_told(result)}"
    evidence = [
        f"{place(one.path, one.line)} {markdown_inline(short(one.text))}".rstrip()
        for one in result.evidence[: detail.evidence]
    ]
    if met and evidence:
        more = len(result.evidence) - len(evidence)
        line += " — " + "; ".join(evidence) + (f"; … and {more:,} more" if more else "")
    missing = [_missing(one, detail.allowed) for one in result.missing[: detail.missing]]
    hidden = len(result.missing) - len(missing)
    return [line, *(_below(missing, hidden) if missing or hidden else [])]


def _area(
    scorecard: Scorecard, area: AreaResult | None, results: list[ControlResult], detail: _Detail
) -> list[str]:
    if area is None:
        head = "### Other controls"
    else:
        level = f", {markdown_text(area.level or NO_LEVEL)}" if area.level is not None else ""
        capped = f", held down by {markdown_text(area.capped_by)}" if area.capped_by else ""
        head = f"### {markdown_text(short(area.title))}: {score_words(area.score)}{level}{capped}"
    out = [head, ""]
    for result in results:
        out += _control(scorecard, result, detail)
    return [*out, ""]


def _owner(service: ServiceResult) -> str:
    if service.owner:
        return markdown_text(short(service.owner))
    fact = service.facts.get("owner")
    return "**nobody is named**" + (f" (it says {markdown_text(short(fact.value))})" if fact else "")


def _who(service: ServiceResult) -> list[str]:
    """A table of the facts of the service, each with who says it."""
    rows: list[tuple[str, str]] = []
    rows.append(("owner", _owner(service)))
    rows.append(("tier", f"{service.tier}{' (nothing names it)' if service.tier_assumed else ''}"))
    for name, value in (("system", service.system), ("lifecycle", service.lifecycle)):
        if value:
            rows.append((name, markdown_text(short(value))))
    if service.environments:
        rows.append(("environments", markdown_text(short(", ".join(service.environments)))))
    if service.depends_on:
        rows.append(("depends on", markdown_text(short(", ".join(service.depends_on)))))
    if service.link:
        rows.append(("source", linked(service.link, service.link)))
    rows.append(("resources", f"{service.resources:,}"))
    out = ["| | | said by |", "| --- | --- | --- |"]
    for name, text in rows:
        fact = service.facts.get("link" if name == "source" else name)
        said = f"{markdown_text(fact.by)}, {place(fact.path, fact.line)}" if fact is not None else " "
        out.append(f"| {name} | {text} | {said} |")
    return [*out, ""]


def _verdict(service: ServiceResult) -> str:
    level = level_of(service)
    if level is None:
        return f"**No level**: {markdown_inline(short(service.problem or '', 400))}"
    asked = [result for result in service.controls if result.status != "not-applicable"]
    met = sum(result.status == "met" for result in asked)
    text = f"**Level {markdown_text(level)}, score {score_words(service.score)}**: "
    text += f"{met:,} of {count(len(asked), 'control')} met."
    waived = sum(result.status == "waived" for result in asked)
    unknown = sum(result.status == "unknown" for result in asked)
    if waived:
        text += f" {count(waived, 'exception')}, which {'is' if waived == 1 else 'are'} not met."
    if unknown:
        text += f" {count(unknown, 'control')} not known."
    known = service.level_if_known
    if known and known != service.level:
        text += f" It would be {markdown_text(known)} if everything unknown turned out well."
    return text


def _steps(service: ServiceResult) -> list[str]:
    if service.next_level is None or not service.steps or service.problem is not None:
        return []
    out = [f"## To {markdown_text(service.next_level)}: {count(len(service.steps), 'change')}", ""]
    for step in service.steps[:STEPS]:
        closes = ", ".join(markdown_text(control) for control in step.closes[:8])
        closes += f" and {len(step.closes) - 8:,} more" if len(step.closes) > 8 else ""
        command = f"; {markdown_code(short(step.command))}" if step.command else ""
        out.append(
            f"- [ ] {markdown_inline(short(step.action))} ({place(step.path, step.line)}): "
            f"closes {closes}, {count(step.findings, 'finding')}{command}"
        )
    if len(service.steps) > STEPS:
        out.append(f"- … and {count(len(service.steps) - STEPS, 'more change')}")
    return [*out, ""]


def _checklist(scorecard: Scorecard, service: ServiceResult, detail: _Detail) -> list[str]:
    """The checklist by area, and what is not asked last."""
    lines: list[str] = []
    silent: list[str] = []
    for area, results in by_area(scorecard, service):
        asked = [result for result in results if result.status != "not-applicable"]
        silent += [result.control for result in results if result.status == "not-applicable"]
        if asked:
            lines += _area(scorecard, area, asked, detail)
    if silent:
        names = ", ".join(markdown_text(control) for control in silent)
        lines += [f"Not asked of what this service has: {names}.", ""]
    return lines


def _fitting(scorecard: Scorecard, service: ServiceResult, room: int) -> list[str]:
    """The checklist with as much detail as there is room for; what is left out at last is counted."""
    allowed = Allowed.of(scorecard)
    lines: list[str] = []
    for evidence, missing in DETAIL:
        lines = _checklist(scorecard, service, _Detail(evidence, missing, allowed))
        if sum(map(len, lines)) + len(lines) <= room:
            return lines
    # Without places each control has a line or two, none of them inside a block: any may be the last.
    for index, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            left = sum(line.startswith("- [") for line in lines[index:])
            cut = f"**… and {count(left, 'more control')}, for which this page has no room.**"
            return [*lines[:index], "", cut, ""]
    return lines


def review(scorecard: Scorecard, service: ServiceResult, options: ScorecardOptions) -> str:
    """The review as Markdown of at most `LIMIT` characters."""
    head = [
        f"# Production readiness review: {markdown_text(short(full_name(service)))}",
        "",
        _verdict(service),
        "",
        *_who(service),
        *_steps(service),
        *problem_list([one for one in scorecard.problems if one.path == service.path]),
        *error_list(scorecard),
        "## Checklist",
        "",
    ]
    tail = [made_from(scorecard, options)]
    room = LIMIT - len(page_of([*head, *tail])) - 200
    return page_of([*head, *_fitting(scorecard, service, room), *tail])
