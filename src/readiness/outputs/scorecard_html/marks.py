"""Small pictures and labels of the page: bars, badges, lines.  Each has its meaning in words beside it.

Sizes are attributes of SVG, since the policy of the page forbids styles in attributes.
"""

from __future__ import annotations

from readiness.outputs.escapes import html_text
from readiness.outputs.scorecard_html.figures import UNJUDGED

DASH = "\u2013"
"""Stands for a number that there is not."""

_SVG = (
    '<svg class="{name}" viewBox="0 0 {width} {height}" preserveAspectRatio="none" aria-hidden="true" '
    'focusable="false">'
)


def _svg(name: str, width: int, height: int, content: str) -> str:
    return _SVG.format(name=name, width=width, height=height) + content + "</svg>"


def bar(score: float) -> str:
    """A bar of a score from 0 to 100; the number stands beside it."""
    width = f"{min(max(score, 0), 100):.1f}"
    return _svg(
        "bar full",
        100,
        10,
        f'<rect class="rail" width="100" height="10"/><rect class="fill" width="{width}" height="10"/>',
    )


def rank(number: int, levels: int) -> str:
    """The class of a level by its number (0 is none): the highest is always `top`, whatever its name."""
    if number > levels:
        return "unjudged"
    if number == 0:
        return "none"
    return "top" if number == levels else "low" if number == 1 else "mid"


def level_bar(counts: tuple[int, ...], shown: list[int], levels: int) -> str:
    """One bar of the shares of levels, in the order in which they are shown."""
    total = sum(counts) or 1
    out, at = "", 0.0
    for number in shown:
        width = 100 * counts[number] / total
        if width:
            # A hairline between two parts, so that they are told apart without colour.
            gap = 0.5 if at + width < 99.9 and width > 1 else 0
            place = f'x="{at:.2f}" width="{width - gap:.2f}" height="10"'
            out += f'<rect class="level-{rank(number, levels)}" {place}/>'
        at += width
    return _svg("bar full", 100, 10, out)


def spark(scores: list[float]) -> str:
    """A line of scores from 0 to 100 over time, the oldest left."""
    if len(scores) < 2:
        return ""
    step = 100 / (len(scores) - 1)
    points = " ".join(
        f"{index * step:.1f},{30 - 28 * score / 100 - 1:.1f}" for index, score in enumerate(scores)
    )
    return _svg("spark", 100, 30, f'<polyline points="{points}"/>')


def level_badge(level: str, levels: tuple[str, ...]) -> str:
    """The name of a level with its colour."""
    if level == UNJUDGED:
        return '<span class="badge level-unjudged">not judged</span>'
    number = levels.index(level) + 1 if level in levels else 0
    return f'<span class="badge level-{rank(number, len(levels))}">{html_text(level or "none")}</span>'


def severity_badge(severity: str) -> str:
    """A severity with its colour."""
    return f'<span class="badge {severity}">{severity}</span>'
