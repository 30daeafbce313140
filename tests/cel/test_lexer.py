"""Tokens: strings of every kind beside each other, comments, and where each token stands."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.policy.cel import CelSyntaxError
from readiness.policy.cel.lexer import tokenize


def told(source: str) -> list[tuple[str, str, Any]]:
    return [(token.kind, token.text, token.value) for token in tokenize(source)][:-1]


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ('"a"', ["a"]),
        ("''", [""]),
        ('"" ""', ["", ""]),
        ('"a""b"', ["a", "b"]),
        ('"""a"b"""', ['a"b']),
        ("'''a\nb'''", ["a\nb"]),
        ('"it\'s" \'a "b"\'', ["it's", 'a "b"']),
        (r'"a\"b"', ['a"b']),
        (r'r"a\b"', [r"a\b"]),
        ('"// no comment"', ["// no comment"]),
    ],
)
def test_strings(source: str, values: list[str]) -> None:
    assert [value for kind, _, value in told(source) if kind == "literal"] == values


def test_comments_and_spaces_are_no_tokens() -> None:
    tokens = tokenize("  a // one\n// two\n\t&& b.`c d`  // three")
    assert [(token.kind, token.text, token.start, token.end) for token in tokens] == [
        ("ident", "a", 2, 3),
        ("op", "&&", 19, 21),
        ("ident", "b", 22, 23),
        ("op", ".", 23, 24),
        ("quoted", "`c d`", 24, 29),
        ("end", "end of expression", 39, 39),
    ]
    assert [token.op for token in tokens] == ["", "&&", "", ".", "", ""]


@pytest.mark.parametrize(
    ("source", "message", "place"),
    [
        ('a ==\n "b', "the string is not closed", (2, 2)),
        ('"a\nb"', "the string is not closed", (1, 1)),
        ("'a\rb'", "the string is not closed", (1, 1)),
        ("a // b\n = c", "unexpected character '='; equality is `==`", (2, 2)),
        ("a & b", "unexpected character '&'; and is `&&`", (1, 3)),
        ("a.`b", "unexpected character '`'", (1, 3)),
    ],
)
def test_what_is_no_token(source: str, message: str, place: tuple[int, int]) -> None:
    with pytest.raises(CelSyntaxError) as raised:
        tokenize(source)
    assert (raised.value.message, (raised.value.line, raised.value.column)) == (message, place)
