"""The readiness report as Markdown: a table of all services, or the review of one for a launch ticket.

A comment on GitHub may have 65,536 characters; what does not fit is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from readiness.outputs.escapes import is_web_address, markdown_code, markdown_inline, markdown_text
from readiness.outputs.scorecard.change import change
from readiness.outputs.scorecard.options import ScorecardOptions, chosen_services, full_name
from readiness.outputs.scorecard.view import (
    in_unit,
    level_counts,
    level_words,
    number,
    off_target_first,
    score_words,
    target_state,
    target_words,
    tier_words,
    weakest_areas,
    wide_steps,
    worst_first,
)
from readiness.outputs.terminal import clean_path, count

if TYPE_CHECKING:
    from readiness.errors import SourceError
    from readiness.scorecard.model import Kpi, Problem, Scorecard, ServiceResult

LIMIT = 60_000
"""Characters of a page at most: a comment on GitHub may have 65,536."""

CELL = 200
"""Characters of one text before it is cut."""

STEPS = 10
"""How many next steps of all services are listed."""

PROBLEMS = 10
"""How many problems are listed."""


def short(text: str, most: int = CELL) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def place(path: str, line: int) -> str:
    """`path:line` as code."""
    path = clean_path(path)
    return markdown_code(short(f"{path}:{line}" if line > 0 else path))


def linked(text: str, address: str | None) -> str:
    """A text, as a link where the address is one of the web."""
    shown = markdown_text(short(text))
    return f"[{shown}]({address})" if address and is_web_address(address) and len(address) < 500 else shown


def page_of(lines: Iterable[str]) -> str:
    """Lines as a page that ends with one line feed."""
    return "\n".join(lines).rstrip("\n") + "\n"


def problem_list(problems: Sequence[Problem | SourceError], title: str = "Problems") -> list[str]:
    """What keeps a part of the report from being made, as a section; nothing without problems."""
    if not problems:
        return []
    out = [f"## {title}", ""]
    for problem in problems[:PROBLEMS]:
        where = f"{place(problem.path, problem.line)} " if problem.path else ""
        out.append(f"- {where}{markdown_inline(short(problem.message, 400))}")
    if len(problems) > PROBLEMS:
        out.append(f"- … and {len(problems) - PROBLEMS:,} more")
    return [*out, ""]


def error_list(scorecard: Scorecard) -> list[str]:
    """What could not be read or checked, as a section; nothing where everything was."""
    return problem_list(scorecard.report.errors, "Not read or checked in full")


def made_from(scorecard: Scorecard, options: ScorecardOptions) -> str:
    """The last line: the version, the commit and the time of the run."""
    facts = [f"Readiness {markdown_text(options.version)}".rstrip()]
    facts += [f"commit {markdown_code(scorecard.commit)}"] if scorecard.commit else []
    facts += [markdown_text(scorecard.when)] if scorecard.when else []
    return f"<sub>{' · '.join(facts)}</sub>"


def _service_row(service: ServiceResult) -> str:
    areas = ", ".join(f"{markdown_text(area.title)} {area.score}" for area in weakest_areas(service, 3))
    name = linked(full_name(service), service.link)
    if service.problem is not None:
        areas = markdown_inline(short(service.problem))
    owner = markdown_text(short(service.owner)) if service.owner else "**nobody**"
    level, score = markdown_text(level_words(service)), score_words(service.score)
    return f"| {name} | {tier_words(service)} | {level} | {score} | {owner} | {areas or ' '} |"


def _services(scorecard: Scorecard, room: int) -> list[str]:
    """The table of services, the worst first, in at most so many characters."""
    if not scorecard.services:
        return ["No service was found.", ""]
    out = [
        "| service | tier | level | score | owner | weakest areas |",
        "| --- | ---: | --- | ---: | --- | --- |",
    ]
    room -= sum(map(len, out))
    listed = worst_first(scorecard, scorecard.services)
    for index, service in enumerate(listed):
        row = _service_row(service)
        room -= len(row) + 1
        if room < 0:
            left = count(len(listed) - index, "more service")
            return [*out, "", f"**… and {left}, at or above these, that this page has no room for.**", ""]
        out.append(row)
    return [*out, ""]


def _kpi_row(kpi: Kpi) -> str:
    trend = " " if kpi.trend is None else f"{'+' if kpi.trend > 0 else ''}{number(kpi.trend)}"
    cells = (short(kpi.name), in_unit(kpi.actual, kpi.unit), target_words(kpi), trend, target_state(kpi))
    shown = [markdown_text(cell) if cell.strip() else " " for cell in cells]
    unknown = f", {kpi.unknown:,} unknown" if kpi.unknown else ""
    return f"| {' | '.join(shown)} | {kpi.met:,} of {kpi.of:,}{unknown} |"


def _kpis(scorecard: Scorecard) -> list[str]:
    if not scorecard.kpis:
        return []
    missed = sum(target_state(kpi) == "off target" for kpi in scorecard.kpis)
    return [
        f"<details><summary><b>Key figures</b>: {missed:,} of {len(scorecard.kpis):,} off target</summary>",
        "",
        "| figure | now | target | trend | | |",
        "| --- | ---: | --- | ---: | --- | ---: |",
        *map(_kpi_row, off_target_first(scorecard.kpis)),
        "",
        "</details>",
        "",
    ]


def _steps(scorecard: Scorecard) -> list[str]:
    found = wide_steps(scorecard.services)
    if not found:
        return []
    out = ["## What to do next", ""]
    for index, wide in enumerate(found[:STEPS], 1):
        step = wide.step
        names = [markdown_text(short(name, 60)) for name in wide.services[:5]]
        named = ", ".join(names) + (f" and {len(wide.services) - 5:,} more" if len(wide.services) > 5 else "")
        closes = ", ".join(map(markdown_text, wide.controls))
        action = markdown_inline(short(step.action))
        where = place(step.path, step.line)
        where += f" and {count(len(wide.places) - 1, 'more place')}" if len(wide.places) > 1 else ""
        out.append(
            f"{index}. {action} ({where}): closes {closes}, {count(wide.findings, 'finding')}, of {named}"
        )
    if len(found) > STEPS:
        more = count(len(found) - STEPS, "more kind of change", "more kinds of change")
        out += ["", f"… and {more}."]
    return [*out, ""]


def _summary(scorecard: Scorecard, options: ScorecardOptions) -> str:
    title = "# Production readiness"
    title += f": {markdown_text(short(scorecard.title))}" if scorecard.title else ""
    levels = level_counts(scorecard, scorecard.services)
    counts = ", ".join(f"{services:,} {markdown_text(level)}" for level, services in levels if services)
    said = count(len(scorecard.services), "service") + (f": {counts}" if counts else "")
    head = [title, "", f"**{said}**", ""]
    found = change(scorecard)
    if found is not None:
        head += [markdown_text(found.words(scorecard.levels[0] if scorecard.levels else "")), ""]
    tail = [*_steps(scorecard), *problem_list(scorecard.problems), *error_list(scorecard)]
    notes = []
    if scorecard.unassigned:
        verb = "belongs" if len(scorecard.unassigned) == 1 else "belong"
        notes.append(f"{count(len(scorecard.unassigned), 'resource')} {verb} to no service.")
    if scorecard.report.errors:
        errors = count(len(scorecard.report.errors), "error")
        notes.append(f"{errors} while reading and checking: the numbers are of what was read.")
    tail += [" ".join(notes), ""] if notes else []
    tail.append(made_from(scorecard, options))
    kpis = _kpis(scorecard)
    if len(page_of([*head, *kpis, *tail])) > LIMIT // 2:
        kpis = []
    room = LIMIT - len(page_of([*head, *kpis, *tail])) - 200
    return page_of([*head, *_services(scorecard, room), *kpis, *tail])


def render(scorecard: Scorecard, options: ScorecardOptions) -> str:
    """The table of services, or the review of the service that the options name.

    Raises:
        UsageError: there is no such service.
    """
    if not options.service:
        return _summary(scorecard, options)
    from readiness.outputs.scorecard.markdown_review import review

    return review(scorecard, chosen_services(scorecard, options)[0], options)
