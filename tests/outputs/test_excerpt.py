"""Marks stand under the exact region, whatever the line is made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.outputs.excerpt import Sources, crop, excerpt
from readiness.outputs.terminal import Painter, text_width
from readiness.values import Span

PLAIN = Painter(False)


def lines(text: str, span: tuple[int, int, int, int], width: int = 40) -> list[str]:
    return excerpt(Sources({"f": text}), Span("f", *span), 2, width, PLAIN, "1")


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("a = 1\nb = 22\n", (2, 5, 2, 7), [" 2 | b = 22", "   |     ^^"]),
        ("\tname: x\n", (1, 8, 1, 9), [" 1 |     name: x", "   |           ^"]),
        ("a\tb\n", (1, 3, 1, 4), [" 1 | a   b", "   |     ^"]),
        ("n: 日本 # x\n", (1, 4, 1, 6), [" 1 | n: 日本 # x", "   |    ^^^^"]),
        ("e\u0301 = v\n", (1, 6, 1, 7), [" 1 | e\u0301 = v", "   |     ^"]),
        ("a = 1\r\nb = 2\r\n", (1, 5, 1, 6), [" 1 | a = 1", "   |     ^"]),
        ("\ufeffa = 1\n", (1, 1, 1, 2), [" 1 | a = 1", "   | ^"]),
        ("a = 1  \n", (1, 1, 1, 99), [" 1 | a = 1", "   | ^^^^^"]),
        ("a\n", (1, 40, 1, 41), [" 1 | a", "   |  ^"]),
        ("a = 1\n", (1, 3, 1, 3), [" 1 | a = 1", "   |   ^"]),
        ("a\x0cb\nc\n", (2, 1, 2, 2), [" 2 | c", "   | ^"]),
        ("x \x1b[31m y\n", (1, 9, 1, 10), [" 1 | x \\x1b[31m y", "   |            ^"]),
        ("{\n a\n}\n", (1, 1, 3, 2), [" 1 | {", "   | ^", " 2 |  a", " 3 | }"]),
        ("{\n a\n b\n}\n", (1, 1, 4, 2), [" 1 | {", "   | ^", " 2 |  a", " 3 |  b", "   | ..."]),
        ("{\n a\n b\n}\n", (1, 1, 4, 1), [" 1 | {", "   | ^", " 2 |  a", " 3 |  b"]),
        ("  x {\n y\n}\n", (1, 1, 2, 1), [" 1 |   x {", "   |   ^^^"]),
        ("a\n", (9, 1, 9, 2), []),
    ],
)
def test_marks(text: str, span: tuple[int, int, int, int], expected: list[str]) -> None:
    assert lines(text, span) == expected


def test_no_text_no_excerpt() -> None:
    assert excerpt(Sources({}), Span("f", 1, 1, 1, 2), 2, 40, PLAIN, "1") == []


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (0, ("name" + "-" * 15 + "…", 0, 4)),
        (96, ("…" + "-" * 15 + "name", 16, 4)),
        (50, ("…" + "-" * 7 + "name" + "-" * 7 + "…", 8, 4)),
    ],
)
def test_long_lines_are_cropped_round_the_region(start: int, expected: tuple[str, int, int]) -> None:
    line = "-" * start + "name" + "-" * (96 - start)
    assert crop(line, start, start + 4, 20) == expected


def test_a_region_wider_than_the_line_is_marked_as_far_as_it_is_seen() -> None:
    shown, offset, length = crop("x" * 500, 0, 500, 20)
    assert (shown, offset, length) == ("x" * 19 + "…", 0, 19)


def test_a_line_of_megabytes_takes_no_time() -> None:
    line = "a" * 5_000_000
    shown, offset, length = crop(line, 2_500_000, 2_500_004, 80)
    assert text_width(shown) <= 80
    assert shown[offset : offset + length] == "aaaa"


@given(
    st.text(st.characters(blacklist_characters="\n"), max_size=200),
    st.integers(0, 200),
    st.integers(0, 80),
    st.integers(8, 60),
)
def test_never_wider_than_asked_and_never_a_control(line: str, start: int, length: int, width: int) -> None:
    shown, offset, marked = crop(line, start, start + length, width)
    assert text_width(shown) <= width
    assert marked >= 1
    assert offset + marked <= width + 1
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in shown)
