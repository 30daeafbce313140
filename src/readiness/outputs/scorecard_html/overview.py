"""What a director reads in ten seconds, written into the page: it needs no script."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from readiness.outputs.escapes import html_text
from readiness.outputs.scorecard.view import WideStep, wide_steps
from readiness.outputs.scorecard_html.figures import (
    AreaRow,
    TierRow,
    area_rows,
    level_of,
    off_target,
    point_levels,
    point_score,
    tier_rows,
)
from readiness.outputs.scorecard_html.marks import DASH, bar, level_badge, level_bar, severity_badge, spark
from readiness.outputs.terminal import clean, count, place
from readiness.values import Span

if TYPE_CHECKING:
    from readiness.scorecard.model import Kpi, Scorecard

TOP = 5
"""How many areas, key figures and steps the overview names."""


def overview(card: Scorecard) -> str:
    """The overview as HTML, without its heading."""
    rows = tier_rows(card)
    if not card.services:
        return _empty(card) + _unread(card) + _kpis(card.kpis)
    return "".join(
        (
            f'<p class="lead">{html_text(headline(card))}</p>',
            _unread(card),
            _tiles(card, rows[0]),
            _levels(card, rows),
            '<div class="columns">',
            _areas(area_rows(card), _below(card)),
            _kpis(card.kpis),
            "</div>",
            _steps(wide_steps(card.services)),
        )
    )


def _below(card: Scorecard) -> str:
    """What services without a level are: below the lowest.  Those that are not judged are others."""
    return f"Below {clean(card.levels[0])}" if card.levels else "No level"


def _unread(card: Scorecard) -> str:
    """That numbers are not of everything, where something was not read or keeps a part from being made."""
    parts = [(len(card.report.errors), "error"), (len(card.problems), "problem")]
    told = " and ".join(count(number, noun) for number, noun in parts if number)
    if not told:
        return ""
    note = ": the numbers are of what was read." if card.report.errors else "."
    return f'<p class="unread">{_link("problems", told)} while reading and judging{note}</p>'


def headline(card: Scorecard) -> str:
    """One sentence: how many services are at which level, and what is worst about it."""
    services = [service for service in card.services if service.problem is None]
    below = [service for service in services if not service.level]
    if not services:
        return "No service could be judged."
    if not card.levels:
        return f"{count(len(services), 'service')}; no levels are defined."
    lowest = card.levels[0]
    if not below:
        top = sum(service.level == card.levels[-1] for service in services)
        return (
            f"All {count(len(services), 'service')} are at {lowest} or above; {top:,} at {card.levels[-1]}."
        )
    tier = min(service.tier for service in services)
    grave = sum(service.tier == tier for service in below)
    of_tier = sum(service.tier == tier for service in services)
    reach = f"{len(services) - len(below):,} of {count(len(services), 'service')} reach {lowest} or better"
    if of_tier == len(services):
        return f"{reach}."
    return f"{reach}; in tier {tier}, the strictest here, {of_tier - grave:,} of {of_tier:,} do."


def _empty(card: Scorecard) -> str:
    told = count(len(card.unassigned), "resource")
    return (
        '<p class="lead">No services were found.</p>'
        f"<p>{told} without a service. Services come from catalog files, labels, tags, Helm releases, "
        "namespaces and folders, or from <code>readiness-services.yaml</code>.</p>"
    )


def _link(page: str, text: str, **filters: str | int) -> str:
    """A link to a page of the report; `text` is HTML already."""
    query = f"?{urlencode(filters)}" if filters else ""
    return f'<a href="#/{html_text(page + query)}">{text}</a>'


def _tile(label: str, figure: str, note: str) -> str:
    return (
        f'<div class="tile"><dt>{label}</dt><dd><b>{figure}</b> <span class="soft">{note}</span></dd></div>'
    )


def _tiles(card: Scorecard, row: TierRow) -> str:
    unjudged = f", {row.counts[-1]:,} not judged" if row.counts[-1] else ""
    unassigned = f"{count(len(card.unassigned), 'resource')} without one" if card.unassigned else ""
    waived = sum(control.status == "waived" for service in card.services for control in service.controls)
    unknown = sum(control.status == "unknown" for service in card.services for control in service.controls)
    on = sum(kpi.on_target is True for kpi in card.kpis)
    measured = sum(kpi.on_target is not None for kpi in card.kpis)
    tiles = [
        _tile("Services", _link("services", f"{row.total:,}"), unassigned),
        _tile(
            html_text(_below(card)),
            _link("services", f"{row.counts[0]:,}", level="none", sort="tier"),
            f"{_share(row.counts[0], row.total)}{unjudged}",
        ),
        _tile("Average score", DASH if row.score is None else f"{row.score:.0f}", f"of 100{_trend(card)}"),
    ]
    if measured:
        tiles.append(_tile("Key figures on target", _link("kpis", f"{on:,}"), f"of {measured:,} measured"))
    tiles.append(_tile("Controls let pass", f"{waived:,}", "by exceptions; none of them counts as met"))
    tiles.append(_tile("Controls not known", f"{unknown:,}", "they wait for a value"))
    return f'<dl class="tiles">{"".join(tiles)}</dl>'


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} % of all" if whole else ""


def _trend(card: Scorecard) -> str:
    """What became of the average since the run before, and a line of all runs."""
    if not card.history:
        return ""
    last = card.history[-1]
    # Numbers that are measured by other policies or levels are not compared.
    alike = [point for point in card.history if point.definitions == last.definitions]
    if len(alike) < 2:
        return ""
    scores = [point_score(point) for point in alike]
    now, before = scores[-1], scores[-2]
    if now is None or before is None:
        return ""
    since = html_text(alike[-2].when[:10])
    none = point_levels(alike[-2], card.levels)[0]
    return (
        f"; {now - before:+.1f} since {since} ({none:,} {html_text(_below(card).lower())} then)"
        f"{spark([score for score in scores if score is not None])}"
    )


def _table(title: str, caption: str, heads: str, body: str) -> str:
    """A section with a table that scrolls by itself where the window is narrow."""
    return (
        f'<section><h2>{title}</h2><div class="scroll" tabindex="0" role="region" aria-label="{title}">'
        f'<table><caption class="vh">{caption}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div></section>"
    )


def _head(name: str, kind: str = "num") -> str:
    return (
        f'<th scope="col" class="{kind}">{html_text(name)}</th>' if kind else f'<th scope="col">{name}</th>'
    )


def _levels(card: Scorecard, rows: list[TierRow]) -> str:
    names = ["none", *card.levels, "not judged"]
    used = [n for n in range(len(names)) if n <= len(card.levels) or rows[0].counts[n]]
    # The best level stands first, as people read it.
    shown = sorted(used, key=lambda number: -number if number <= len(card.levels) else 1)
    values = ["none", *card.levels, "unjudged"]
    heads = _head("Tier", "") + _head("Share of services", "wide")
    heads += (
        "".join(_head(html_text(names[number])) for number in shown)
        + _head("Services")
        + _head("Average score")
    )
    told = [*rows[1:], rows[0]] if rows[2:] else rows[1:]
    body = "".join(_level_row(card, row, shown, values) for row in told)
    return _table("Levels by tier", "Services at each level, by tier", heads, body)


def _level_row(card: Scorecard, row: TierRow, shown: list[int], values: list[str]) -> str:
    name = "All" if row.tier is None else f"Tier {row.tier}"
    cells = ""
    for number in shown:
        filters: dict[str, str | int] = {} if row.tier is None else {"tier": row.tier}
        amount = row.counts[number]
        link = _link("services", f"{amount:,}", **filters, level=values[number]) if amount else "0"
        cells += f'<td class="num">{link}</td>'
    score = DASH if row.score is None else f"{row.score:.0f}"
    return (
        f'<tr><th scope="row">{name}</th><td>{level_bar(row.counts, shown, len(card.levels))}</td>{cells}'
        f'<td class="num">{row.total:,}</td><td class="num">{score}</td></tr>'
    )


def _areas(rows: list[AreaRow], below: str) -> str:
    if not rows:
        return ""
    body = "".join(
        f'<tr><th scope="row">{_area_link(row)}</th>'
        f'<td>{bar(row.score)}</td><td class="num">{row.score:.0f}</td>'
        f'<td class="num">{row.none:,} of {row.services:,}</td></tr>'
        for row in rows[:TOP]
    )
    heads = _head("Area", "") + _head('<span class="vh">Bar</span>', "") + _head("Score") + _head(below)
    return _table("Weakest areas", "Areas with the lowest average score", heads, body)


def _area_link(row: AreaRow) -> str:
    return _link("services", html_text(row.title), area=clean(row.area), sort="area")


def number(value: float | None, unit: str = "") -> str:
    """A figure with its unit as people write it: `71.4 %`, `1,200 days`."""
    if value is None:
        return DASH
    text = f"{value:,.1f}".removesuffix(".0")
    return f"{text} %" if unit == "percent" else f"{text} {unit}".rstrip()


def _kpis(kpis: list[Kpi]) -> str:
    missed = off_target(kpis)
    if not kpis:
        return ""
    if not missed:
        measured = any(kpi.on_target is not None for kpi in kpis)
        told = "Every key figure that could be measured is on target." if measured else "None was measured."
        return f"<section><h2>Key figures off target</h2><p>{told}</p></section>"
    body = "".join(
        f'<tr><th scope="row">{_link(_kpi_page(kpi), html_text(kpi.name))}</th>'
        f'<td class="num">{html_text(number(kpi.actual, kpi.unit))}</td>'
        f'<td class="num">{html_text(_target(kpi))}</td></tr>'
        for kpi in missed[:TOP]
    )
    heads = _head("Key figure", "") + _head("Now") + _head("Target")
    caption = "Key figures that are farthest from their target"
    return _table("Key figures off target", caption, heads, body)


def _kpi_page(kpi: Kpi) -> str:
    return f"kpi/{quote(clean(kpi.id), safe='')}"


def _target(kpi: Kpi) -> str:
    sign = {">=": "≥", "<=": "≤"}.get(kpi.comparison, kpi.comparison)
    return f"{sign} {number(kpi.target, kpi.unit)}"


def _steps(steps: list[WideStep]) -> str:
    if not steps:
        return ""
    body = "".join(f"<li>{_wide_step(step)}</li>" for step in steps[:TOP])
    return (
        '<section><h2>What to do next</h2><p class="soft">The changes that bring services to their next '
        "level, those after which most controls of services hold first.</p>"
        f'<ol class="steps">{body}</ol></section>'
    )


def _wide_step(wide: WideStep) -> str:
    step = wide.step
    where = f"<code>{html_text(place(Span(step.path, step.line, 0, step.line, 0)))}</code>"
    more = f" and {count(len(wide.places) - 1, 'more place')}" if len(wide.places) > 1 else ""
    fix = f" · <code>{wide.fix}</code> makes it" if wide.fix else ""
    told = count(wide.findings, "finding")
    found = _link("findings", told, policy=clean(step.policy)) if step.policy else told
    return (
        f"<p>{severity_badge(wide.severity)} <b>{html_text(step.action)}</b></p>"
        f'<p class="soft">closes {html_text(", ".join(wide.controls))} of '
        f"{count(len(wide.services), 'service')} · {found} · {where}{more}{fix}</p>"
    )


def service_table(card: Scorecard) -> str:
    """The services as a table, for browsers without scripts."""
    body = "".join(
        f'<tr><th scope="row">{html_text(service.name)}</th><td class="num">{service.tier}</td>'
        f"<td>{level_badge(level_of(service), card.levels)}</td>"
        f'<td class="num">{DASH if service.score is None else service.score}</td>'
        f"<td>{html_text(service.owner or DASH)}</td>"
        f'<td class="num">{sum(one.status in ("partly", "not-met") for one in service.controls):,}</td>'
        f'<td class="num">{len(service.steps):,}</td></tr>'
        for service in sorted(card.services, key=lambda one: (one.tier, one.score or 0, one.name))
    )
    heads = "".join(_head(name, "") for name in ("Service", "Tier", "Level", "Score", "Owner"))
    heads += _head("Controls not met") + _head("Next steps")
    caption = "Services, the strictest tier first, then the lowest score"
    return _table("Services", caption, heads, body)
