"""The readiness report for people at a terminal: an overview, or the page of one service."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import TYPE_CHECKING

from readiness.outputs.scorecard.change import change
from readiness.outputs.scorecard.options import ScorecardOptions, chosen_services, full_name
from readiness.outputs.scorecard.text_table import Table, cut
from readiness.outputs.scorecard.view import (
    in_unit,
    level_counts,
    level_of,
    level_rank,
    level_words,
    off_target_first,
    score_words,
    target_state,
    target_words,
    tier_words,
    weakest_areas,
    wide_steps,
    worst_first,
)
from readiness.outputs.terminal import Painter, clean, clean_path, count, place

if TYPE_CHECKING:
    from readiness.scorecard.model import Kpi, Problem, Scorecard, ServiceResult

SERVICES = 40
"""How many services the overview lists; the others are counted."""

STEPS = 5
"""How many next steps the overview lists."""

KPIS = 12
"""How many key figures the overview lists."""

_STATES = {"off target": "off:", "on target": "met:", "not measured": "not measured:"}

PROBLEMS = 10
"""How many problems the overview lists."""


def lines_of(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """A cleaned text on lines of at most so many cells, where a blank allows that."""
    return wrap(
        text,
        max(width, 30),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def joined(lines: Iterable[str]) -> str:
    """The text of a page.  The runners of GitHub Actions take a line that begins with `::` for a command."""
    kept = (f"\\{line}" if line.lstrip().startswith("::") else line for line in lines)
    return "".join(f"{line}\n" for line in kept).rstrip("\n") + "\n"


def level_code(scorecard: Scorecard, level: str | None) -> str:
    """The SGR codes for a level: red below the lowest, green at the highest."""
    if level is None:
        return "1;35"
    rank = level_rank(scorecard, level)
    return "1;31" if rank == 0 else "1;32" if rank == len(scorecard.levels) else "1;33"


def _head(scorecard: Scorecard, paint: Painter, width: int) -> list[str]:
    counts = ", ".join(f"{n:,} {level}" for level, n in level_counts(scorecard, scorecard.services) if n)
    words = count(len(scorecard.services), "service") + (f": {counts}" if counts else "")
    if scorecard.title:
        words = f"{clean(scorecard.title)}, {words}"
    out = [paint.bold(line) for line in lines_of(words, width)]
    found = change(scorecard)
    if found is not None:
        lowest = scorecard.levels[0] if scorecard.levels else ""
        out += lines_of(clean(found.words(lowest)), width)
    facts = [f"commit {clean(scorecard.commit[:12])}"] if scorecard.commit else []
    facts += [clean(scorecard.when)] if scorecard.when else []
    return [*out, *(paint.dim(line) for line in lines_of(", ".join(facts), width)), ""]


def _services(scorecard: Scorecard, options: ScorecardOptions, paint: Painter) -> list[str]:
    if not scorecard.services:
        return ["No service was found.", ""]
    listed = worst_first(scorecard, scorecard.services)
    shown = listed if options.verbose else listed[:SERVICES]
    table = Table(["service", "tier", "level", "score", "owner", "weakest areas"], {1, 3}, (5, 4))
    for service in shown:
        areas = ", ".join(f"{clean(area.title)} {area.score}" for area in weakest_areas(service, 3))
        table.add(
            (clean(full_name(service)), "1"),
            (tier_words(service), ""),
            (clean(level_words(service)), level_code(scorecard, level_of(service))),
            (score_words(service.score), ""),
            (cut(clean(service.owner), 20) if service.owner else "-", "" if service.owner else "1;31"),
            (areas if service.problem is None else clean(service.problem), ""),
        )
    out = table.lines(options.width, paint)
    if len(listed) > len(shown):
        more = f"… and {count(len(listed) - len(shown), 'more service')}, all of them at or above these"
        out += lines_of(more, options.width)
    return [*out, ""]


def _trend(kpi: Kpi) -> str:
    if kpi.trend is None:
        return ""
    return f"{kpi.trend:+.1f}".removesuffix(".0") if kpi.trend else "="


def _kpis(scorecard: Scorecard, options: ScorecardOptions, paint: Painter) -> list[str]:
    if not scorecard.kpis:
        return []
    listed = off_target_first(scorecard.kpis)
    shown = listed if options.verbose else listed[:KPIS]
    styles = {"off target": "1;31", "on target": "32", "not measured": "2"}
    table = Table(["figure", "now", "target", "trend", ""], {1, 3}, (3, 2))
    for kpi in shown:
        state = target_state(kpi)
        of = f"{kpi.met:,} of {kpi.of:,}" + (f", {kpi.unknown:,} unknown" if kpi.unknown else "")
        table.add(
            (clean(kpi.name), ""),
            (clean(in_unit(kpi.actual, kpi.unit)), styles[state]),
            (clean(target_words(kpi)), ""),
            (_trend(kpi), ""),
            (f"{_STATES[state]} {of}", styles[state]),
        )
    missed = sum(target_state(kpi) == "off target" for kpi in listed)
    out = [paint.bold(f"Key figures: {missed:,} of {len(listed):,} off target")]
    out += table.lines(options.width, paint)
    if len(listed) > len(shown):
        out.append(f"… and {len(listed) - len(shown):,} more (--verbose)")
    return [*out, ""]


def _steps(scorecard: Scorecard, options: ScorecardOptions, paint: Painter) -> list[str]:
    found = wide_steps(scorecard.services)
    if not found:
        return []
    shown = found if options.verbose else found[:STEPS]
    out = [paint.bold("What to do next")]
    for index, wide in enumerate(shown, 1):
        step = wide.step
        where = f"{clean_path(step.path)}:{step.line}"
        if len(wide.places) > 1:
            where += f" and {count(len(wide.places) - 1, 'more place')}"
        out += lines_of(f"{index}. {clean(step.action)}", options.width, rest="   ")
        names = [clean(name) for name in wide.services]
        named = ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
        closes = ", ".join(map(clean, wide.controls))
        told = f"{where}  closes {closes} ({count(wide.findings, 'finding')}) of {named}"
        out += [paint.dim(line) for line in lines_of(told, options.width, "   ", "   ")]
        for command in wide.commands if options.verbose else list(wide.commands)[:1]:
            out.append(f"   {paint('$ ' + clean(command), '36')}")
        if len(wide.commands) > 1 and not options.verbose:
            out.append(f"   … and {count(len(wide.commands) - 1, 'more command')} like it")
    if len(found) > len(shown):
        more = count(len(found) - len(shown), "more kind of change", "more kinds of change")
        out += lines_of(f"… and {more} (--verbose, or --service NAME)", options.width)
    return [*out, ""]


def place_of(problem: Problem) -> str:
    """`path:line:column: `, without the parts that are not known."""
    if not problem.path:
        return ""
    numbers = [number for number in (problem.line, problem.column) if number > 0]
    return ":".join([clean_path(problem.path), *map(str, numbers[: 2 if problem.line else 0])]) + ": "


def problem_lines(problems: Iterable[Problem], options: ScorecardOptions, paint: Painter) -> list[str]:
    """What keeps a part of the report from being made, under a heading; nothing without problems."""
    found = list(problems)
    if not found:
        return []
    shown = found if options.verbose else found[:PROBLEMS]
    out = [paint("Problems", "1;31")]
    for problem in shown:
        out += lines_of(f"- {place_of(problem)}{clean(problem.message)}", options.width, rest="  ")
    if len(found) > len(shown):
        out.append(f"… and {len(found) - len(shown):,} more (--verbose)")
    return [*out, ""]


def error_lines(scorecard: Scorecard, options: ScorecardOptions, paint: Painter) -> list[str]:
    """What could not be read or checked, under a heading; nothing where everything was."""
    errors = scorecard.report.errors
    if not errors:
        return []
    out = [paint("Not read or checked in full", "1;31")]
    for error in errors if options.verbose else errors[:PROBLEMS]:
        out += lines_of(f"- {place(error)}: {clean(error.message)}", options.width, rest="  ")
    if len(errors) > PROBLEMS and not options.verbose:
        out.append(f"… and {len(errors) - PROBLEMS:,} more (--verbose)")
    return [*out, ""]


def _unknowns(scorecard: Scorecard, width: int) -> list[str]:
    """What is not known, not read and not assigned: nothing of it may go unsaid."""
    report = scorecard.report
    held = sum(
        service.problem is None and service.level_if_known != service.level for service in scorecard.services
    )
    said = []
    waiting = sum(result.unknown for service in scorecard.services for result in service.controls)
    if waiting:
        tail = f"; {count(held, 'service')} may be at a higher level" if held else ""
        verb = "waits" if waiting == 1 else "wait"
        said.append(f"{count(waiting, 'check')} {verb} for a value that is not known{tail}.")
    assumed = sum(service.tier_assumed for service in scorecard.services)
    if assumed:
        verb = "names" if assumed == 1 else "name"
        said.append(f"{count(assumed, 'service')} {verb} no tier (marked ?).")
    if scorecard.unassigned:
        verb = "belongs" if len(scorecard.unassigned) == 1 else "belong"
        said.append(f"{count(len(scorecard.unassigned), 'resource')} {verb} to no service.")
    if report.errors:
        errors = count(len(report.errors), "error")
        said.append(f"{errors} while reading and checking: the numbers are of what was read.")
    return [line for text in said for line in lines_of(text, width, rest="  ")]


def overview(scorecard: Scorecard, options: ScorecardOptions) -> str:
    """All services, key figures, next steps, problems and what is not known."""
    paint = Painter(options.color)
    out = _head(scorecard, paint, options.width)
    out += _services(scorecard, options, paint)
    out += _kpis(scorecard, options, paint)
    out += _steps(scorecard, options, paint)
    out += problem_lines(scorecard.problems, options, paint)
    out += error_lines(scorecard, options, paint)
    if not options.quiet:
        out += _unknowns(scorecard, options.width)
    return joined(out)


def render(scorecard: Scorecard, options: ScorecardOptions) -> str:
    """The overview, or the page of the service that the options name; `options.width` cells wide.

    Raises:
        UsageError: there is no such service.
    """
    if not options.service:
        return overview(scorecard, options)
    from readiness.outputs.scorecard.text_service import page

    service: ServiceResult = chosen_services(scorecard, options)[0]
    return page(scorecard, service, options)
