"""Lines and columns of our own as positions of the protocol, and paths as its addresses."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lsprotocol import types

from readiness.values import Span

_BREAK = re.compile(r"\r\n|\n|\r")
_DRIVE = re.compile(r"/[A-Za-z]:")


def to_path(uri: str) -> Path | None:
    """The path of a `file:` address, normalised but with its links; None for anything else."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return None
    # The parts behind `?` and `#` are none of a path: signs of a path that look like them are encoded.
    path = unquote(parts.path)
    if os.name == "nt":
        path = path[1:] if _DRIVE.match(path) else path
        path = f"//{parts.netloc}{path}" if parts.netloc else path
    return Path(os.path.normpath(path)) if path else None


def to_uri(path: Path) -> str:
    """The `file:` address of an absolute path."""
    return path.as_uri()


class Positions:
    """A text by lines and columns as parsers count them, and by positions as editors do.

    Parsers end lines with a line feed, count code points from 1, and do not count a byte order mark.
    Editors end them with a carriage return as well, and count from 0 in units of `encoding`: `utf-16`,
    `utf-8` or `utf-32`.
    """

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.text = text.removeprefix("\ufeff")
        self._encoding = encoding

    @cached_property
    def _lines(self) -> list[int]:
        """The offsets at which the lines of parsers begin."""
        return [0, *(index + 1 for index, char in enumerate(self.text) if char == "\n")]

    @cached_property
    def _rows(self) -> tuple[list[int], list[int]]:
        """The offsets at which the lines of editors begin, and where their texts end."""
        breaks = [match.span() for match in _BREAK.finditer(self.text)]
        return [0, *(end for _, end in breaks)], [*(start for start, _ in breaks), len(self.text)]

    def offset(self, line: int, column: int) -> int:
        """The index in `text` of a line and column from 1; what lies behind a line or the text is its end."""
        if line > len(self._lines):
            return len(self.text)
        start = self._lines[max(line, 1) - 1]
        end = self._lines[line] - 1 if 0 < line < len(self._lines) else len(self.text)
        return min(start + max(column, 1) - 1, max(end, start))

    def at(self, offset: int) -> types.Position:
        """The position of an index in `text`."""
        starts, ends = self._rows
        row = bisect_right(starts, offset) - 1
        return types.Position(row, self._units(self.text[starts[row] : min(offset, ends[row])]))

    def range(self, span: Span) -> types.Range:
        """The range of a region; one that is empty reaches to the end of its line, so that it is seen."""
        start = self.offset(span.line, span.column)
        end = max(start, self.offset(span.end_line, span.end_column))
        if start == end:
            ends = self._rows[1]
            end = ends[bisect_right(self._rows[0], start) - 1]
        return types.Range(self.at(start), self.at(end))

    def _units(self, text: str) -> int:
        if text.isascii() or self._encoding == types.PositionEncodingKind.Utf32:
            return len(text)
        if self._encoding == types.PositionEncodingKind.Utf8:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text) + sum(char > "\uffff" for char in text)


def overlap(one: types.Range, other: types.Range) -> bool:
    """Whether two ranges share a position; those that touch do."""
    return _key(one.start) <= _key(other.end) and _key(other.start) <= _key(one.end)


def _key(position: types.Position) -> tuple[int, int]:
    return position.line, position.character
