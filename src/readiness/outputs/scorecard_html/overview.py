"""What a director reads in ten seconds, written into the page: it needs no script."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from readiness.outputs.escapes import html_text
from readiness.outputs.scorecard.change import change
from readiness.outputs.scorecard.view import wide_steps
from readiness.outputs.scorecard_html.figures import (
    AreaRow,
    TierRow,
    area_rows,
    off_target,
    point_score,
    tier_rows,
)
from readiness.outputs.scorecard_html.marks import DASH, bar, level_bar, spark
from readiness.outputs.scorecard_html.overview_lists import first_services, next_steps
from readiness.outputs.scorecard_html.tables import head, link, spare_head, table
from readiness.outputs.terminal import clean, count

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
            _change(card),
            _unread(card),
            _tiles(card, rows[0]),
            '<div class="columns">',
            _levels(card, rows),
            first_services(card),
            _areas([row for row in area_rows(card) if row.score < 100], _below(card)),
            _kpis(card.kpis),
            "</div>",
            next_steps(card, wide_steps(card.services)),
        )
    )


def _change(card: Scorecard) -> str:
    """Whether it is better or worse than before, where there is a history."""
    found = change(card)
    lowest = clean(card.levels[0]) if card.levels else ""
    return f'<p class="change">{html_text(found.words(lowest))}</p>' if found is not None else ""


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
    return f'<p class="unread">{link("problems", told)} while reading and judging{note}</p>'


def headline(card: Scorecard) -> str:
    """One sentence: how many services are at which level, and what is worst about it."""
    services = [service for service in card.services if service.problem is None]
    below = [service for service in services if not service.level]
    if not services:
        return "No service could be judged."
    if not card.levels:
        return f"{count(len(services), 'service')}; no levels are defined."
    lowest = card.levels[0]
    if len(card.services) == 1:
        (one,) = services
        return f"{one.name} is at {one.level}." if one.level else f"{one.name} is below {lowest}."
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
        _tile("Services", link("services", f"{row.total:,}"), unassigned),
        _tile(
            html_text(_below(card)),
            link("services", f"{row.counts[0]:,}", level="none", sort="tier"),
            f"{_share(row.counts[0], row.total)}{unjudged}",
        ),
        _tile("Average score", DASH if row.score is None else f"{row.score:.0f}", f"of 100{_line(card)}"),
    ]
    if measured:
        tiles.append(_tile("Key figures on target", link("kpis", f"{on:,}"), f"of {measured:,} measured"))
    tiles.append(_tile("Controls let pass", f"{waived:,}", "by exceptions; none of them counts as met"))
    tiles.append(_tile("Controls not known", f"{unknown:,}", "they wait for a value"))
    return f'<dl class="tiles">{"".join(tiles)}</dl>'


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} % of all" if whole else ""


def _line(card: Scorecard) -> str:
    """A line of the average of all runs that are measured alike."""
    alike = [point for point in card.history if point.definitions == card.history[-1].definitions]
    scores = [point_score(point) for point in alike]
    return spark([score for score in scores if score is not None])


def _levels(card: Scorecard, rows: list[TierRow]) -> str:
    names = ["none", *card.levels, "not judged"]
    used = [n for n in range(len(names)) if n <= len(card.levels) or rows[0].counts[n]]
    # The best level stands first, as people read it.
    shown = sorted(used, key=lambda number: -number if number <= len(card.levels) else 1)
    values = ["none", *card.levels, "unjudged"]
    heads = head("Tier", "") + head("Share of services", "wide spare")
    heads += "".join(head(names[number]) for number in shown) + head("Services") + head("Score")
    told = [*rows[1:], rows[0]] if rows[2:] else rows[1:]
    body = "".join(_level_row(card, row, shown, values) for row in told)
    return table("Levels by tier", "Services at each level and their average score, by tier", heads, body)


def _level_row(card: Scorecard, row: TierRow, shown: list[int], values: list[str]) -> str:
    name = "All" if row.tier is None else f"Tier {row.tier}"
    cells = ""
    for number in shown:
        filters: dict[str, str | int] = {} if row.tier is None else {"tier": row.tier}
        amount = row.counts[number]
        shown_number = link("services", f"{amount:,}", **filters, level=values[number]) if amount else "0"
        cells += f'<td class="num">{shown_number}</td>'
    score = DASH if row.score is None else f"{row.score:.0f}"
    return (
        f'<tr><th scope="row" class="tier">{name}</th>'
        f'<td class="spare">{level_bar(row.counts, shown, len(card.levels))}</td>{cells}'
        f'<td class="num">{row.total:,}</td><td class="num">{score}</td></tr>'
    )


def _areas(rows: list[AreaRow], below: str) -> str:
    if not rows:
        return ""
    body = "".join(
        f'<tr><th scope="row">{_area_link(row)}</th>'
        f'<td class="spare">{bar(row.score)}</td><td class="num">{row.score:.0f}</td>'
        f'<td class="num">{row.none:,} of {row.services:,}</td></tr>'
        for row in rows[:TOP]
    )
    heads = head("Area", "") + spare_head("Bar") + head("Score") + head(below)
    return table("Weakest areas", "Areas with the lowest average score", heads, body)


def _area_link(row: AreaRow) -> str:
    return link("services", html_text(row.title), area=clean(row.area), sort="area")


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
    trends = any(kpi.trend is not None for kpi in missed[:TOP])
    body = "".join(
        f'<tr><th scope="row">{link(_kpi_page(kpi), html_text(kpi.name))}</th>'
        f'<td class="num">{html_text(number(kpi.actual, kpi.unit))}</td>'
        f'<td class="num">{html_text(_target(kpi))}</td>'
        + (f'<td class="num spare">{html_text(_kpi_change(kpi))}</td></tr>' if trends else "</tr>")
        for kpi in missed[:TOP]
    )
    heads = (
        head("Key figure", "")
        + head("Now")
        + head("Target")
        + (head("Change", "num spare") if trends else "")
    )
    caption = "Key figures that are farthest from their target"
    return table("Key figures off target", caption, heads, body)


def _kpi_change(kpi: Kpi) -> str:
    """`+2.5, better`: how a key figure changed, and whether that is towards its target."""
    if kpi.trend is None:
        return DASH
    shown = f"{kpi.trend:+,.1f}".removesuffix(".0")
    if not kpi.trend or kpi.comparison == "=":
        return shown if kpi.trend else "0"
    return f"{shown}, {'better' if (kpi.trend < 0) == kpi.comparison.startswith('<') else 'worse'}"


def _kpi_page(kpi: Kpi) -> str:
    return f"kpi/{quote(clean(kpi.id), safe='')}"


def _target(kpi: Kpi) -> str:
    sign = {">=": "≥", "<=": "≤"}.get(kpi.comparison, kpi.comparison)
    return f"{sign} {number(kpi.target, kpi.unit)}"
