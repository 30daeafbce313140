"""Marks in templates, by which every place in a rendered text is traced to the place in its template.

A chart is rendered as it is, and again with marks: a mark is a short text before each piece of text
on a line, and before what each action prints.  Taken out of the rendered text, the marks say where
each part of it comes from.  The rendering without marks is the one that counts: where marks change
more than themselves (a name that is cut to 63 characters, a digest of a template), the lines must
still be as many, or the marks are not believed.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from collections.abc import Callable

from msgspec import Struct

from readiness.kubernetes.charts.actions import Piece, pieces
from readiness.kubernetes.charts.model import Mark
from readiness.values import Span

# A letter that no manifest has: quoting, YAML and JSON leave letters as they are.
_SIGN = "\ua66e"
_MARK = re.compile(f"{_SIGN}([0-9]+){_SIGN}([0-9]+){_SIGN}")
_HERE = f"{_SIGN}T{_SIGN}"  # how a mark begins until it is known which template of a chart it is in
_BITS = 24  # of a number that say which mark of a template it is; no file has more characters
_CHUNK = re.compile(r"\S[^\n]*")
_YAML_LINE = re.compile(r"^[ \t]*(?:-[ ]+)*[\w./\"'{}$ -]+:(?:[ \t]|$)", re.MULTILINE)


class Marked(Struct):
    """A template with marks: in all of it, and outside of named templates only.

    The table says what they mean.
    """

    whole: str
    outer: str
    table: list[Mark]

    def numbered(self, template: int) -> tuple[bytes, bytes]:
        """The template with marks, as the one of a chart with some number."""
        here = f"{_SIGN}{template}{_SIGN}"
        return self.whole.replace(_HERE, here).encode(), self.outer.replace(_HERE, here).encode()


def mark(path: str, text: str, prefix: tuple[str, ...]) -> Marked | None:
    """A template with marks.

    `prefix` is where the values of the chart of this template stand in those of the whole chart.
    None for a template that Helm will refuse anyway, or that has the sign in it.
    """
    if _SIGN in text:
        return None
    cut = pieces(text)
    if cut is None:
        return None
    structured = _structured(text, cut)
    starts = _line_starts(text)
    whole: list[str] = []
    outer: list[str] = []
    table: list[Mark] = []
    for piece in cut:
        written = text[piece.start : piece.end]
        if piece.define and piece.define not in structured:
            marked = written
        elif piece.body is None:
            marked = _mark_text(path, text, piece, starts, table)
        elif piece.output:
            paths = tuple(_placed(path_, prefix) for path_ in piece.paths)
            if piece.define and prefix:
                # Whoever includes a named template may pass its own values on.
                paths = tuple(dict.fromkeys((*paths, *piece.paths)))
            table.append(Mark(_span(path, starts, piece.start, piece.end), piece.body, paths))
            marked = _with_mark(written, len(table) - 1)
        else:
            marked = written
        whole.append(marked)
        outer.append(written if piece.define else marked)
    return Marked("".join(whole), "".join(outer), table)


def _placed(path: tuple[str, ...], prefix: tuple[str, ...]) -> tuple[str, ...]:
    return path if path[0] == "global" else (*prefix, *path)


def _with_mark(action: str, number: int) -> str:
    """An action with one before it that prints its mark; what trims the text before it stays first."""
    sign = f'"{_HERE}{number}{_SIGN}"'
    if action.startswith("{{-"):
        return f"{{{{- {sign} }}}}{{{{{action[3:]}"
    return f"{{{{ {sign} }}}}{action}"


def _mark_text(path: str, text: str, piece: Piece, starts: list[int], table: list[Mark]) -> str:
    """Text with a mark before what stands on each of its lines; spaces stay beside the actions."""

    def marked(match: re.Match[str]) -> str:
        at = piece.start + match.start()
        table.append(Mark(_span(path, starts, at, piece.start + match.end())))
        return f"{_HERE}{len(table) - 1}{_SIGN}{match[0]}"

    return _CHUNK.sub(marked, text[piece.start : piece.end])


def _structured(text: str, cut: list[Piece]) -> set[int]:
    """The named templates that hold lines of YAML, not only parts of a name."""
    bodies: dict[int, list[str]] = {}
    for piece in cut:
        if piece.define and piece.body is None:
            bodies.setdefault(piece.define, []).append(text[piece.start : piece.end])
    return {number for number, texts in bodies.items() if _YAML_LINE.search("".join(texts))}


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _span(path: str, starts: list[int], start: int, end: int) -> Span:
    line, last = bisect_right(starts, start), bisect_right(starts, end)
    return Span(path, line, start - starts[line - 1] + 1, last, end - starts[last - 1] + 1)


def unmark(text: str) -> tuple[str, list[int]]:
    """A rendered text without its marks, and the marks: line, column (from 1) and number of each."""
    lines: list[str] = []
    found: list[int] = []
    for number, line in enumerate(text.split("\n"), 1):
        if _SIGN not in line:
            lines.append(line)
            continue
        parts: list[str] = []
        position = length = 0
        for match in _MARK.finditer(line):
            parts.append(line[position : match.start()])
            length += match.start() - position
            found += (number, length + 1, int(match[1]) << _BITS | int(match[2]))
            position = match.end()
        parts.append(line[position:])
        lines.append("".join(parts))
    return "\n".join(lines), found


def believed(plain: str, marked: str) -> list[int] | None:
    """The marks of a rendered text, None where they changed what was rendered."""
    text, found = unmark(marked)
    if text == plain:
        return found
    wanted, given = plain.split("\n"), text.split("\n")
    return _certain(wanted, given, found) if len(wanted) == len(given) else None


def _certain(wanted: list[str], given: list[str], found: list[int]) -> list[int]:
    """The marks without those that the lines around them do not bear out.

    A line may differ where a digest or something random is printed; it differs from its beginning where
    keys are sorted, and came in another order with their marks.  Then it gets the mark of the key above.
    """
    result: list[int] = []
    outer: list[tuple[int, int]] = []  # indentation and number of the marks of the keys above
    by_line: dict[int, list[tuple[int, int]]] = {}
    for index in range(0, len(found), 3):
        by_line.setdefault(found[index], []).append((found[index + 1], found[index + 2]))
    for line, (want, have) in enumerate(zip(wanted, given, strict=True), 1):
        marks = by_line.get(line, [])
        if not want.strip():
            continue
        indent = len(want) - len(want.lstrip(" "))
        while outer and outer[-1][0] >= indent:
            outer.pop()
        if want != have:
            marks = _borne_out(want, have, marks)
        if marks:
            outer.append((indent, marks[0][1]))
        elif line in by_line and outer:
            marks = [(indent + 1, outer[-1][1])]
        for column, number in marks:
            result += (line, column, number)
    return result


def _borne_out(want: str, have: str, marks: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The marks of a line that stand behind text which is the same in both; none if its key differs."""
    same = len(posixpath.commonprefix([want, have]))
    indent = len(want) - len(want.lstrip(" "))
    colon = want.find(":")
    ends = [column - 1 for column, _ in marks if column > indent + 1][:1] + ([colon] if colon >= 0 else [])
    last = same + 1 if same >= min(ends, default=len(want)) else indent
    return [mark for mark in marks if mark[0] <= last]


class Positions:
    """Places in a rendered text → places in templates."""

    def __init__(self, marks: list[int], table: Callable[[int], list[Mark]]) -> None:
        """`table` gives what the marks of the template with some number mean."""
        self._places: list[tuple[int, int]] = []
        self._marks: list[Mark] = []
        tables = {number: table(number) for number in {n >> _BITS for n in marks[2::3]}}
        for line, column, number in zip(marks[::3], marks[1::3], marks[2::3], strict=True):
            meanings, index = tables[number >> _BITS], number & ((1 << _BITS) - 1)
            if index < len(meanings):  # else a value has the signs of a mark in it
                self._places.append((line, column))
                self._marks.append(meanings[index])

    def mark(self, line: int, column: int) -> tuple[Mark, int, int] | None:
        """The last mark at or before a place, and its own place in the rendered text."""
        index = bisect_right(self._places, (line, column)) - 1
        if index < 0:
            return None
        place = self._places[index]
        return self._marks[index], place[0], place[1]

    def span(self, span: Span, otherwise: Span) -> Span:
        """The region in a template that a region of the rendered text comes from."""
        start = self._place(span.line, span.column)
        if start is None:
            return otherwise
        at, line, column = start
        end = self._end(span, at.path)
        if end is None or end <= (line, column):
            end = max(at.end_line, line), at.end_column
        return Span(at.path, line, column, *end)

    def _place(self, line: int, column: int) -> tuple[Span, int, int] | None:
        found = self.mark(line, column)
        if found is None:
            return None
        mark, at_line, at_column = found
        if mark.action is None and at_line == line:
            moved = mark.span.column + column - at_column
            limit = mark.span.end_column - 1
            return mark.span, mark.span.line, min(moved, max(limit, mark.span.column))
        return mark.span, mark.span.line, mark.span.column

    def _end(self, span: Span, path: str) -> tuple[int, int] | None:
        """The end of a region in the file it began in: what stands just before it decides."""
        index = bisect_right(self._places, (span.end_line, max(span.end_column - 1, 1))) - 1
        first = bisect_right(self._places, (span.line, span.column)) - 1
        while index > first and self._marks[index].span.path != path:
            index -= 1
        if index < 0:
            return None
        mark, (at_line, at_column) = self._marks[index], self._places[index]
        if mark.action is None and at_line == span.end_line:
            column = mark.span.column + span.end_column - at_column
            return mark.span.line, min(column, mark.span.end_column)
        return mark.span.end_line, mark.span.end_column

    def within(self, span: Span) -> list[Mark]:
        """The marks of the actions of which a region of the rendered text has output."""
        first = bisect_right(self._places, (span.line, span.column)) - 1
        last = bisect_right(self._places, (span.end_line, span.end_column - 1))
        return [m for m in self._marks[max(first, 0) : last] if m.action is not None]
