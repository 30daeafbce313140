"""What the overview lists: the services to look at first, what to do next, all services without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from readiness.outputs.escapes import html_text
from readiness.outputs.scorecard.options import full_name
from readiness.outputs.scorecard.view import WideStep
from readiness.outputs.scorecard_html.figures import level_of
from readiness.outputs.scorecard_html.marks import DASH, level_badge, severity_badge
from readiness.outputs.scorecard_html.service_data import keys_of
from readiness.outputs.scorecard_html.tables import head, link, table
from readiness.outputs.terminal import clean, count, place
from readiness.values import Span

if TYPE_CHECKING:
    from readiness.scorecard.model import Scorecard

TOP = 5
"""How many services and steps are named."""


def first_services(card: Scorecard) -> str:
    """The services to look at first: the strictest tier, there the lowest level and score."""
    order = {name: number for number, name in enumerate(("", *card.levels))}
    short = [one for one in card.services if one.problem is None and one.next_level]
    if not short:
        return ""
    keys = keys_of(card)
    short.sort(key=lambda one: (one.tier, order.get(one.level, 0), one.score or 0, one.name))
    body = "".join(
        f'<tr><th scope="row">{_service_link(keys[id(one)], full_name(one))}</th>'
        f'<td class="num">{one.tier}{"?" if one.tier_assumed else ""}</td>'
        f"<td>{level_badge(one.level, card.levels)}</td>"
        f'<td class="num">{DASH if one.score is None else one.score}</td>'
        f"<td>{html_text(one.owner or 'nobody')}</td></tr>"
        for one in short[:TOP]
    )
    heads = head("Service", "") + head("Tier") + head("Level", "") + head("Score") + head("Owner", "")
    caption = "Services short of the next level, the strictest tier and the lowest level first"
    return table("Services to look at first", caption, heads, body)


def _service_link(key: str, name: str) -> str:
    return link(f"service/{quote(key, safe='')}", html_text(name))


def next_steps(card: Scorecard, steps: list[WideStep]) -> str:
    """The first kinds of change over all services, most useful first, as a section."""
    if not steps:
        return ""
    body = "".join(f"<li>{_wide_step(card, step)}</li>" for step in steps[:TOP])
    return (
        '<section><h2>What to do next</h2><p class="soft">The changes that bring services to their next '
        "level, those after which most controls of services hold first.</p>"
        f'<ol class="steps">{body}</ol></section>'
    )


def _control_link(card: Scorecard, control: str) -> str:
    """The id of a control, with its title to be read where a pointer rests on it."""
    info, shown = card.controls.get(control), html_text(control)
    if info is None:
        return shown
    page = html_text(f"control/{quote(clean(control), safe='')}")
    return f'<a href="#/{page}" title="{html_text(info.title)}">{shown}</a>'


def _wide_step(card: Scorecard, wide: WideStep) -> str:
    step = wide.step
    where = f"<code>{html_text(place(Span(step.path, step.line, 0, step.line, 0)))}</code>"
    more = f" and {count(len(wide.places) - 1, 'more place')}" if len(wide.places) > 1 else ""
    fix = f" · <code>{wide.fix}</code> makes it" if wide.fix else ""
    told = count(wide.findings, "finding")
    found = link("findings", told, policy=clean(step.policy)) if step.policy else told
    return (
        f"<p>{severity_badge(wide.severity)} <b>{html_text(step.action)}</b></p>"
        f'<p class="soft">closes {", ".join(_control_link(card, one) for one in wide.controls)} of '
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
    heads = "".join(head(name, "") for name in ("Service", "Tier", "Level", "Score", "Owner"))
    heads += head("Controls not met") + head("Next steps")
    caption = "Services, the strictest tier first, then the lowest score"
    return table("Services", caption, heads, body)
