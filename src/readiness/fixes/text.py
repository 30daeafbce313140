"""The text of a file by lines and columns, and edits of it that keep everything else byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

from readiness.fixes.model import CannotFixError, Edit
from readiness.values import Span

_BOM = "\ufeff"
_LONE_RETURN = re.compile(r"\r(?!\n)")
_INDENT = re.compile(r"[ \t]*")


class Text:
    """A text whose lines and columns are those of the parsers: a byte order mark is no column.

    Raises:
        CannotFixError: its lines end in a way that no editor counts.
    """

    def __init__(self, path: str, raw: str) -> None:
        self.path = path
        self.raw = raw
        self.found: dict[str, Any] = {}  # what those who write it found in it, and keep
        self._shift = len(raw) - len(raw.lstrip(_BOM))
        if _LONE_RETURN.search(raw):
            raise CannotFixError("its lines end with a carriage return alone")
        self.body = raw[self._shift :]
        self.lines = self.body.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 0
        for line in self.lines:
            starts.append(at)
            at += len(line) + 1
        return starts

    def offset(self, line: int, column: int) -> int:
        """The index in `body` of a line and column, which count from 1."""
        return self._starts[line - 1] + column - 1

    def at(self, span: Span) -> str:
        """What stands at a region."""
        return self.body[self.offset(span.line, span.column) : self.offset(span.end_line, span.end_column)]

    def end(self, line: int) -> int:
        """The column after the last character of a line."""
        return len(self.lines[line - 1].removesuffix("\r")) + 1

    def indent(self, line: int) -> str:
        """The white space that a line begins with."""
        match = _INDENT.match(self.lines[line - 1])
        return match[0] if match else ""

    def point(self, line: int, column: int) -> Span:
        """The empty region before a column."""
        return Span(self.path, line, column, line, column)

    def region(self, start: tuple[int, int], end: tuple[int, int]) -> Span:
        """The region from one line and column to another."""
        return Span(self.path, *start, *end)

    def after_line(self, line: int, text: str) -> Edit:
        """New lines below a line; `text` begins with a line feed and ends without one."""
        return Edit(self.point(line, self.end(line)), text)

    def without_lines(self, first: int, last: int) -> Edit:
        """No more of some lines."""
        if last < len(self.lines):
            return Edit(self.region((first, 1), (last + 1, 1)), "")
        start = (first - 1, self.end(first - 1)) if first > 1 else (first, 1)
        return Edit(self.region(start, (last, self.end(last))), "")

    def edited(self, edits: Iterable[Edit]) -> str:
        """The whole text with some edits, none of which may overlap."""
        parts, at = [self.raw[: self._shift]], 0
        for edit in _in_order(edits):
            start = self.offset(edit.span.line, edit.span.column)
            parts += [self.body[at:start], self._with_line_ends(edit)]
            at = self.offset(edit.span.end_line, edit.span.end_column)
        return "".join([*parts, self.body[at:]])

    def _with_line_ends(self, edit: Edit) -> str:
        """What an edit writes, with the line ends of its neighbourhood."""
        line = edit.span.line - 1
        crlf = self.lines[line].endswith("\r") or (
            line == len(self.lines) - 1 and line > 0 and self.lines[line - 1].endswith("\r")
        )
        return edit.text.replace("\n", "\r\n") if crlf else edit.text


def _in_order(edits: Iterable[Edit]) -> list[Edit]:
    """Edits from the top; of new lines at one place those that stand deeper come first.

    A mapping and the one that holds it may end on the same line: what the inner one gets has to come
    before what the outer one gets.
    """

    def key(edit: Edit) -> tuple[int, int, int, int, int]:
        span = edit.span
        deep = len(edit.text) - len(edit.text.lstrip("\n").lstrip(" ")) if edit.text[:1] == "\n" else 0
        return (span.line, span.column, span.end_line, span.end_column, -deep)

    return sorted(edits, key=key)


def overlap(edits: Sequence[Edit]) -> bool:
    """Whether two of the edits are about the same text."""
    ordered = _in_order(edits)
    return any(
        (one.span.end_line, one.span.end_column) > (two.span.line, two.span.column)
        for one, two in pairwise(ordered)
    )
