"""A badge in SVG: `readiness | silver 78`, for a README; drawn here, nothing is loaded.

Of one service it shows the level and the score, of all of them those of the lowest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness.outputs.escapes import xml_text
from readiness.outputs.scorecard.options import ScorecardOptions, chosen_services, full_name
from readiness.outputs.scorecard.view import level_of, level_rank, worst_first
from readiness.outputs.terminal import cells, clean

if TYPE_CHECKING:
    from readiness.scorecard.model import Scorecard, ServiceResult

LABEL = "readiness"

SIZE = 11
"""The height of the letters in pixels."""

LONGEST = 40
"""Characters of a level before it is cut: a badge stands in a line of text."""

# Thousandths of the height of a letter, measured in DejaVu Sans, whose widths are those of Verdana:
# the text is given its length, so another font is stretched to fit.
_WIDTHS = {
    278: "ijl'", 295: "IJ", 318: " ,.", 337: "/:;\\|", 356: "f-", 390: "()[]", 401: "t!", 411: "r",
    460: '"', 500: "*_`", 523: "sz?", 550: "cL", 577: "kF", 592: "vxy", 607: "PTYoa", 615: "e",
    634: "hnuESbdgpq", 636: "$0123456789{}", 656: "K", 685: "AVBXZ", 697: "RC", 732: "U", 750: "NH",
    772: "DG&", 787: "OQ", 818: "w", 838: "#+<=>^~", 863: "M", 950: "%", 974: "m", 989: "W", 1000: "@",
}  # fmt: skip
_WIDTH = {char: width for width, chars in _WIDTHS.items() for char in chars}
_LEFT = "#3d444d"
_RED, _BRONZE, _SILVER, _GOLD, _GREY = "#b42318", "#8a4f1d", "#5b6673", "#7a5c00", "#6b7280"
"""Backgrounds on which white text has a contrast of at least 4.5."""


def width(text: str) -> int:
    """The width of a cleaned text in pixels, rounded up; a wide character takes the height of two."""
    thousandths = sum(_WIDTH.get(char, 750 * cells(char)) for char in text)
    return -(-thousandths * SIZE // 1000)


def _colour(scorecard: Scorecard, level: str | None) -> str:
    """Red below the lowest level, gold at the highest, grey where there is none."""
    if level is None:
        return _GREY
    rank = level_rank(scorecard, level)
    if rank == 0:
        return _RED
    if rank == len(scorecard.levels):
        return _GOLD
    return _BRONZE if rank == 1 else _SILVER


def _shown(scorecard: Scorecard, services: list[ServiceResult]) -> tuple[str, str, str]:
    """What stands on the right, its colour, and the whole in words."""
    if not services:
        return "no services", _GREY, "no service was found"
    lowest = worst_first(scorecard, services)[0]
    level = level_of(lowest)
    whose = clean(full_name(lowest)) if len(services) == 1 else f"{len(services):,} services, the lowest"
    if level is None:
        return "not known", _GREY, f"{whose}: no level"
    word = clean(level)
    word = word if len(word) <= LONGEST else word[: LONGEST - 1] + "…"
    scores = [service.score for service in services if service.score is not None]
    score = min(scores) if scores else None
    text = word if score is None else f"{word} {score}"
    told = f"level {word}" + ("" if score is None else f", score {score}")
    return text, _colour(scorecard, level), f"{whose}: {told}"


def render(scorecard: Scorecard, options: ScorecardOptions) -> str:
    """The badge of the service that the options name, or of the lowest level and score of all.

    Raises:
        UsageError: there is no such service.
    """
    text, colour, told = _shown(scorecard, chosen_services(scorecard, options))
    left, right = width(LABEL) + 12, width(text) + 12
    title = xml_text(f"{LABEL} of {told}" if options.service else f"{LABEL}: {told}")
    letters = f'font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="{SIZE}" fill="#fff"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{title}">\n'
        f"<title>{title}</title>\n"
        f'<clipPath id="r"><rect width="{left + right}" height="20" rx="3"/></clipPath>\n'
        f'<g clip-path="url(#r)"><rect width="{left}" height="20" fill="{_LEFT}"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>\n'
        f'<g {letters} aria-hidden="true"><text x="6" y="14" textLength="{left - 12}">{LABEL}</text>'
        f'<text x="{left + 6}" y="14" textLength="{right - 12}">{xml_text(text)}</text></g>\n'
        "</svg>\n"
    )
