"""The badge: what it says, that the text fits it and can be read."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from form_samples import OPTIONS, of, scorecard
from samples import HOSTILE, card, empty, hostile

from readiness.outputs.scorecard import render
from readiness.outputs.scorecard.badge import width

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    """The texts of a badge, its title first."""
    root = ElementTree.fromstring(svg)
    return [root.findtext(f"{SVG}title") or "", *("".join(one.itertext()) for one in root.iter(f"{SVG}text"))]


def test_a_service() -> None:
    svg = render("badge", scorecard(), of("search"))
    assert texts(svg) == ["readiness of search: level gold, score 100", "readiness", "gold 100"]
    root = ElementTree.fromstring(svg)
    assert (root.get("role"), root.get("aria-label")) == ("img", "readiness of search: level gold, score 100")


def test_all_services_are_as_good_as_the_lowest() -> None:
    made = scorecard()
    made.services.pop()
    assert texts(render("badge", made, OPTIONS)) == [
        "readiness: 2 services, the lowest: level none, score 41",
        "readiness",
        "none 41",
    ]


def test_a_service_without_a_level_is_not_known_and_so_are_all() -> None:
    for options in (OPTIONS, of("lost")):
        assert texts(render("badge", scorecard(), options))[1:] == ["readiness", "not known"]


def test_nothing_was_found() -> None:
    assert texts(render("badge", empty(), OPTIONS)) == [
        "readiness: no service was found",
        "readiness",
        "no services",
    ]


@pytest.mark.parametrize("level", ["", "bronze", "silver", "gold"])
def test_white_letters_can_be_read_on_every_colour(level: str) -> None:
    made = scorecard()
    made.services[1].level = level
    backgrounds = re.findall(r'<rect[^>]* fill="#([0-9a-f]{6})"', render("badge", made, of("search")))
    assert len(backgrounds) == 2
    for colour in backgrounds:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        # https://www.w3.org/TR/WCAG21/#dfn-relative-luminance
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert 1.05 / (luminance + 0.05) >= 4.5


def test_the_text_fits() -> None:
    root = ElementTree.fromstring(render("badge", scorecard(), of("search")))
    left, right = root.iter(f"{SVG}text")
    assert (left.get("textLength"), right.get("textLength")) == (
        str(width("readiness")),
        str(width("gold 100")),
    )
    assert int(root.get("width") or 0) == width("readiness") + width("gold 100") + 24
    # In thousandths of 11 pixels: g o l d blank 1 0 0.
    assert width("gold 100") == -(-(634 + 607 + 278 + 634 + 318 + 3 * 636) * 11 // 1000)
    assert width("金") > width("W")


@pytest.mark.parametrize("name", ["", *HOSTILE])
def test_nothing_of_a_repository_is_markup(name: str) -> None:
    made = hostile()
    made.levels = ("<b>", '"&', "x" * 500)
    for service in made.services:
        service.level = made.levels[2]
    svg = render("badge", made, of(name))
    tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()}
    assert tags == {"svg", "title", "clipPath", "rect", "g", "text"}
    assert len(svg) < 2_000


def test_nothing_is_loaded() -> None:
    svg = render("badge", card(3, 0), OPTIONS)
    assert re.findall(r"https?://[^\"]+", svg) == ["http://www.w3.org/2000/svg"]
    assert "url(#r)" in svg
