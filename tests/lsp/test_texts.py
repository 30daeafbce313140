"""Positions, addresses and edits of texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lsprotocol import types

from readiness.lsp.edits import changed, ignore
from readiness.lsp.positions import Positions, overlap, to_path, to_uri
from readiness.values import Span


def at(*numbers: int) -> types.Range:
    return types.Range(types.Position(*numbers[:2]), types.Position(*numbers[2:]))


@pytest.mark.parametrize(
    ("text", "span", "expected"),
    [
        ("a = 1\n", (1, 5, 1, 6), (0, 4, 0, 5)),
        ("a\nb😀c\n", (2, 3, 2, 4), (1, 3, 1, 4)),
        # A combining mark is a character of its own, and one outside of the basic plane counts as two.
        ("e\u0301 \U0001d4b3 = 1", (1, 4, 1, 5), (0, 3, 0, 5)),
        ("\ufeffa = 1\n", (1, 1, 1, 2), (0, 0, 0, 1)),
        # The carriage return belongs to the end of the line, wherever a span ends.
        ("a = 1\r\nb\r\n", (1, 1, 1, 7), (0, 0, 0, 5)),
        ("a = 1\r\nb\r\n", (2, 1, 2, 2), (1, 0, 1, 1)),
        # Editors end a line at a lone carriage return, parsers do not; at other breaks neither does.
        ("a\rb = 1\nc", (1, 3, 1, 4), (1, 0, 1, 1)),
        ("a\rb = 1\nc", (2, 1, 2, 2), (2, 0, 2, 1)),
        ("a\u2028b\x0cc\x85d\ne", (2, 1, 2, 2), (1, 0, 1, 1)),
        # What is empty reaches to the end of its line.
        ("abc\ndef\n", (1, 2, 1, 2), (0, 1, 0, 3)),
        # What lies outside is the nearest there is.
        ("abc\n", (9, 9, 9, 9), (1, 0, 1, 0)),
        ("abc\ndef", (1, 9, 2, 99), (0, 3, 1, 3)),
        ("", (1, 1, 1, 1), (0, 0, 0, 0)),
        ("abc", (0, 0, 0, 0), (0, 0, 0, 3)),
    ],
)
def test_ranges(text: str, span: tuple[int, int, int, int], expected: tuple[int, ...]) -> None:
    assert Positions(text).range(Span("f", *span)) == at(*expected)


@pytest.mark.parametrize(("encoding", "column"), [("utf-16", 4), ("utf-8", 7), ("utf-32", 3)])
def test_units(encoding: str, column: int) -> None:
    assert Positions("😀ä=1", encoding).range(Span("f", 1, 4, 1, 5)).start == types.Position(0, column)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 1, 0, 5), (0, 5, 0, 9), True),
        ((0, 1, 0, 5), (0, 6, 0, 9), False),
        ((0, 1, 3, 0), (1, 9, 1, 9), True),
    ],
)
def test_overlap(one: tuple[int, ...], other: tuple[int, ...], expected: bool) -> None:
    assert overlap(at(*one), at(*other)) is expected
    assert overlap(at(*other), at(*one)) is expected


@pytest.mark.parametrize("name", ["a.tf", "a b#c?d;e%20.tf", "ä😀.tf", "(x)@1:2.tf"])
def test_addresses(name: str) -> None:
    path = Path("/work") / name
    assert to_path(to_uri(path)) == path


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("file:///a/b/../c.tf", "/a/c.tf"),
        ("file:///a%3Ab/c.tf", "/a:b/c.tf"),
        ("untitled:Untitled-1", None),
        ("git:/a/b.tf?x", None),
        ("no address", None),
        ("", None),
    ],
)
def test_paths_of_addresses(uri: str, expected: str | None) -> None:
    assert to_path(uri) == (None if expected is None else Path(expected))


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ("a\nb\nc\n", "a\nx\nc\n", 1),
        ("a\nb\nc\n", "a\nc\n", 1),
        ("a\nc\n", "a\nb\nc\n", 1),
        ("a\nb\nc\nd\ne\n", "x\nb\nc\nd\ny\n", 2),
        ("a\nb", "a\nb\nc", 1),
        ("a", "", 1),
        ("", "a\n", 1),
        ("😀\r\nb\r\n", "😀\r\nc\r\nb\r\n", 1),
        ("\ufeffa\nb\n", "\ufeffa\nc\n", 1),
        ("a\n", "a\n", 0),
    ],
)
def test_edits_make_one_text_another(
    before: str, after: str, count: int, applied: Callable[[str, list[types.TextEdit]], str]
) -> None:
    edits = changed(Positions(before), after)
    assert len(edits) == count
    assert applied(before.removeprefix("\ufeff"), edits) == after.removeprefix("\ufeff")


HEREDOC = 'resource "a" "b" {\n  policy = <<EOT\n{\n  "x": 1\n}\nEOT\n}\n'
BLOCK = "kind: ConfigMap\ndata:\n  rules: |\n    groups:\n      - name: a\n"


@pytest.mark.parametrize(
    ("path", "text", "lines", "line", "indent"),
    [
        ("a.tf", "a {\n  b = 1\n}\n", (2, 1), 2, "  "),
        ("a.tf", "a {\n\tb = 1\n}\n", (2, 1), 2, "\t"),
        ("a.yaml", "a:\n  - b: 1\n", (2,), 2, "  "),
        # Inside a text of several lines a comment would be part of it: it goes above the block.
        ("a.tf", HEREDOC, (4, 1), 1, ""),
        ("a.yaml", BLOCK, (5, 1), 1, ""),
        # Above a comment it would speak for what follows that.
        ("a.tf", "# x\na {\n}\n", (1, 2), 2, ""),
    ],
)
def test_where_a_comment_may_stand(
    path: str, text: str, lines: tuple[int, ...], line: int, indent: str
) -> None:
    edit = ignore(path, Positions(text), lines, "some-policy")
    assert edit is not None
    assert edit.range == at(line - 1, 0, line - 1, 0)
    assert edit.new_text == f"{indent}# readiness:ignore some-policy reason: \n"


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("a.tf.json", "{}\n", (1,)),
        ("a.tf", HEREDOC, (4,)),
        ("a.yaml", BLOCK, (5,)),
        ("a.tf", "a {}\n", (0, 7)),
        ("a.tf", "\n", (1,)),
    ],
)
def test_where_no_comment_may_stand(path: str, text: str, lines: tuple[int, ...]) -> None:
    assert ignore(path, Positions(text), lines, "some-policy") is None
