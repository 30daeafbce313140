"""The page of one service for a terminal: who it is, its controls with evidence, what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness.outputs.scorecard.options import ScorecardOptions, full_name
from readiness.outputs.scorecard.text import (
    error_lines,
    joined,
    level_code,
    lines_of,
    problem_lines,
)
from readiness.outputs.scorecard.text_table import cut, padded
from readiness.outputs.scorecard.view import (
    STATUS_WORDS,
    Allowed,
    by_area,
    control_title,
    level_of,
    score_words,
)
from readiness.outputs.terminal import SEVERITY_CODES, Painter, clean, clean_path, count

if TYPE_CHECKING:
    from readiness.scorecard.model import AreaResult, ControlResult, Missing, Scorecard, ServiceResult

EVIDENCE = 2
"""How many places are shown for what a control meets."""

MISSING = 4
"""How many findings are shown of a control."""

STEPS = 10
"""How many next steps are shown."""

_STATUS_CODES = {
    "met": "32",
    "partly": "1;33",
    "not-met": "1;31",
    "waived": "1;35",
    "unknown": "36",
    "not-applicable": "2",
}
_INDENT = " " * 11


def _facts(service: ServiceResult) -> list[tuple[str, str]]:
    """What is known of it: label and cleaned text, with who says it."""

    def said(name: str, value: str) -> str:
        fact = service.facts.get(name)
        if fact is None:
            return clean(value)
        return f"{clean(value)} ({clean(fact.by)}, {clean_path(fact.path)}:{fact.line})"

    tier = f"{service.tier}"
    tier = f"{tier} (nothing names it)" if service.tier_assumed else said("tier", tier)
    fact = service.facts.get("owner")
    nobody = "nobody is named" + (f": it says {said('owner', fact.value)}" if fact is not None else "")
    found = [("owner", said("owner", service.owner) if service.owner else nobody), ("tier", tier)]
    for name, value in (("system", service.system), ("lifecycle", service.lifecycle), ("link", service.link)):
        if value:
            found.append((name, said(name, value)))
    if service.environments:
        found.append(("environments", clean(", ".join(service.environments))))
    if service.depends_on:
        found.append(("depends on", clean(", ".join(service.depends_on))))
    place = f"{clean_path(service.path)}:{service.line}"
    found.append(("found by", f"{clean(service.found_by)}, {place}; {count(service.resources, 'resource')}"))
    return found


def _head(
    scorecard: Scorecard, service: ServiceResult, options: ScorecardOptions, paint: Painter
) -> list[str]:
    name = paint.bold(clean(full_name(service)))
    level = level_of(service)
    if level is None:
        out = [f"{name}: no level"]
        out += lines_of(clean(service.problem or ""), options.width)
    else:
        painted = paint(clean(level), level_code(scorecard, level))
        out = [f"{name}: level {painted}, score {score_words(service.score)}"]
        known = service.level_if_known
        if known and known != service.level:
            out.append(f"It would be {clean(known)} if everything unknown turned out well.")
    out.append("")
    for label, text in _facts(service):
        first, *rest = lines_of(text, options.width - 14) or [""]
        out.append(f"{paint.dim(padded(label, 12))}  {first}")
        out += [f"{' ' * 14}{line}" for line in rest]
    return [*out, ""]


def _missing(missing: Missing, allowed: Allowed, width: int, paint: Painter) -> list[str]:
    place = f"{clean_path(missing.path)}:{missing.line}"
    label = missing.severity if missing.status == "fail" else f"{missing.status} {missing.severity}"
    counts = missing.status in ("fail", "baselined")
    codes = SEVERITY_CODES.get(missing.severity, "1") if counts else "36"
    fix = f", {missing.fixable} fix" if missing.fixable else ""
    out = [f"{_INDENT}{paint(clean(label), codes)} {place} {paint.dim(f'[{clean(missing.policy)}{fix}]')}"]
    deep = _INDENT + "  "
    out += lines_of(clean(missing.text), width, deep, deep)
    words = allowed.why(missing)
    if missing.status != "fail" and words:
        out += lines_of(clean(words), width, deep, deep)
    return out


def _control(
    scorecard: Scorecard, result: ControlResult, allowed: Allowed, options: ScorecardOptions, paint: Painter
) -> list[str]:
    word = padded(STATUS_WORDS.get(result.status, result.status), 9)
    word = paint(word, _STATUS_CODES.get(result.status, ""))
    title = f"{clean(result.control)} {clean(control_title(scorecard, result.control))}"
    tail = f" ({result.met:,} of {result.of:,})" if result.of else ""
    first, *rest = lines_of(title + tail, options.width - 11) or [""]
    out = [f"{word}  {first}", *(f"{_INDENT}{line}" for line in rest)]
    everything = options.verbose
    for evidence in result.evidence if everything else result.evidence[:EVIDENCE]:
        place = f"{clean_path(evidence.path)}:{evidence.line}"
        room = max(20, options.width - len(_INDENT) - 1 - len(place))
        out.append(f"{_INDENT}{paint.dim(place)} {cut(clean(evidence.text), room)}")
    shown = result.missing if everything else result.missing[:MISSING]
    for missing in shown:
        out += _missing(missing, allowed, options.width, paint)
    if len(result.missing) > len(shown):
        out.append(f"{_INDENT}… and {len(result.missing) - len(shown):,} more (--verbose)")
    return out


def _area(area: AreaResult | None, paint: Painter) -> str:
    if area is None:
        return paint.bold("Other controls")
    facts = [f"score {score_words(area.score)}"]
    if area.level is not None:
        facts.append(f"level {clean(area.level or 'none')}")
    if area.capped_by:
        facts.append(f"held down by {clean(area.capped_by)}")
    return f"{paint.bold(clean(area.title))}  {paint.dim(', '.join(facts))}"


def _controls(
    scorecard: Scorecard, service: ServiceResult, options: ScorecardOptions, paint: Painter
) -> list[str]:
    allowed = Allowed.of(scorecard)
    out: list[str] = []
    silent: list[str] = []
    for area, results in by_area(scorecard, service):
        asked = [result for result in results if result.status != "not-applicable" or options.verbose]
        silent += [clean(result.control) for result in results if result not in asked]
        if not asked:
            continue
        out.append(_area(area, paint))
        for result in asked:
            out += _control(scorecard, result, allowed, options, paint)
        out.append("")
    if silent:
        text = f"Not asked of what this service has: {', '.join(silent)}."
        out += [*(paint.dim(line) for line in lines_of(text, options.width)), ""]
    return out


def _steps(service: ServiceResult, options: ScorecardOptions, paint: Painter) -> list[str]:
    if service.next_level is None or service.problem is not None:
        return []
    level = clean(service.next_level)
    if not service.steps:
        return [paint.bold(f"No change is known that leads to {level}."), ""]
    out = [paint.bold(f"To {level}: {count(len(service.steps), 'change')}")]
    shown = service.steps if options.verbose else service.steps[:STEPS]
    for index, step in enumerate(shown, 1):
        out += lines_of(f"{index}. {clean(step.action)}", options.width, rest="   ")
        closes = clean(", ".join(step.closes))
        told = f"{clean_path(step.path)}:{step.line}  closes {closes} ({count(step.findings, 'finding')})"
        out += [paint.dim(line) for line in lines_of(told, options.width, "   ", "   ")]
        if step.command:
            out.append(f"   {paint('$ ' + clean(step.command), '36')}")
    if len(service.steps) > len(shown):
        out.append(f"… and {len(service.steps) - len(shown):,} more (--verbose)")
    return [*out, ""]


def page(scorecard: Scorecard, service: ServiceResult, options: ScorecardOptions) -> str:
    """Everything about one service, `options.width` cells wide."""
    paint = Painter(options.color)
    out = _head(scorecard, service, options, paint)
    out += _controls(scorecard, service, options, paint)
    out += _steps(service, options, paint)
    # What is known of a service is of what was read: a file that was not may have been one of its own.
    out += problem_lines([one for one in scorecard.problems if one.path == service.path], options, paint)
    out += error_lines(scorecard, options, paint)
    return joined(out)
