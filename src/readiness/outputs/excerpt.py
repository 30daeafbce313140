"""Code excerpts: the lines of a region, cropped to a width, with a mark under the exact place."""

from __future__ import annotations

from msgspec import Struct, field

from readiness.outputs.terminal import TAB, Painter, command_brackets, escape_char, shown
from readiness.values import Span

MAX_LINES = 3
_ELLIPSIS = "…"


class Sources(Struct):
    """The lines of the files of a report, split once per file."""

    texts: dict[str, str]
    _lines: dict[str, list[str]] = field(default_factory=dict)

    def line(self, path: str, number: int) -> str | None:
        """A line (from 1) without its end, or None where the text is not at hand."""
        lines = self._lines.get(path)
        if lines is None:
            text = self.texts.get(path)
            # Only LF ends a line for the parsers; str.splitlines would also break at form feeds.
            lines = self._lines[path] = [] if text is None else text.removeprefix("\ufeff").split("\n")
        return lines[number - 1].removesuffix("\r") if 0 < number <= len(lines) else None


def _cells_of(line: str, low: int, high: int) -> tuple[list[str], list[int]]:
    """Each character of `line[low:high]` as shown, and the cell at which it starts (plus the end)."""
    segment = line[low:high]
    if segment.isascii() and segment.isprintable() and "##" not in line[:high]:
        return list(segment), list(range(len(segment) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    at = 0
    commands = command_brackets(line[:high])
    for index, char in enumerate(segment, low):
        starts.append(at)
        if char == "\t":
            piece, width = " " * (TAB - at % TAB), TAB - at % TAB
        elif index in commands:
            piece = escape_char(char)
            width = len(piece)
        else:
            piece, width = shown(char)
        pieces.append(piece)
        at += width
    starts.append(at)
    return pieces, starts


def _window(starts: list[int], first: int, last: int, width: int) -> tuple[int, int]:
    """Which characters to show in `width` cells so that `first` (to `last`) is seen with context."""
    total = len(starts) - 1
    if starts[total] <= width:
        return 0, total
    region = min(starts[last] - starts[first], width)
    if starts[last] <= width - 1:
        low = 0
    else:
        before = max((width - region) // 2, min(width // 4, starts[first]))
        low = first
        while low > 0 and starts[first] - starts[low - 1] <= before - 1:
            low -= 1
    high = low
    room = width - 1 - (1 if low else 0)
    while high < total and starts[high + 1] - starts[low] <= room:
        high += 1
    # At the end of the line the room that is left goes to what stands before.
    while high == total and low > 0 and starts[total] - starts[low - 1] < width:
        low -= 1
    return low, max(high, min(low + 1, total))


def crop(line: str, start: int, end: int, width: int) -> tuple[str, int, int]:
    """A line cropped round a region of it.

    `start` and `end` are offsets in characters (end exclusive), `width` is in cells.
    Returns what to show, the cell where the region starts, and its length in cells (at least 1).
    """
    start = min(max(start, 0), len(line))
    end = min(max(end, start), len(line))
    if len(line) <= max(width, 8) and line.isascii() and line.isprintable() and "##" not in line:
        return line, start, max(end - start, 1)
    # A minified file has one line of megabytes: look only at what could be shown.
    low, high = max(0, start - 2 * width), min(len(line), start + 2 * width)
    if low < width:
        low = 0
    pieces, starts = _cells_of(line, low, high)
    first, last = start - low, min(end, high) - low
    left, right = _window(starts, first, last, max(width, 8))
    prefix = _ELLIPSIS if left or low else ""
    suffix = _ELLIPSIS if right < len(pieces) or high < len(line) else ""
    offset = starts[first] - starts[left] + len(prefix)
    length = max(starts[min(last, max(right, first))] - starts[first], 1)
    return prefix + "".join(pieces[left:right]) + suffix, offset, length


def _marked_line(sources: Sources, span: Span, width: int) -> tuple[str, str, int] | None:
    """The first line of a span, the blanks before its mark and the length of the mark."""
    line = sources.line(span.path, span.line)
    if line is None:
        return None
    line = line.rstrip()
    start = span.column - 1
    if span.end_line > span.line:
        start, end = max(start, len(line) - len(line.lstrip())), len(line)
    else:
        end = min(span.end_column - 1, len(line))
    text, offset, length = crop(line, start, end, width)
    return text, " " * offset, length


def excerpt(
    sources: Sources, span: Span, gutter: int, width: int, paint: Painter, codes: str, mark: str = "^"
) -> list[str]:
    """The lines of a region with a line-number gutter and marks under the first of them.

    `gutter` is the width of the line numbers, `width` that of the whole, `codes` the colour of
    the marks.  Empty when the text of the file is not at hand.
    """
    room = width - gutter - 3
    marked = _marked_line(sources, span, room)
    if marked is None:
        return []
    text, blanks, length = marked
    bar = paint.rule("|")
    out = [
        f"{paint.rule(str(span.line).rjust(gutter))} {bar} {text}".rstrip(),
        f"{' ' * gutter} {bar} {blanks}{paint(mark * length, codes)}",
    ]
    last = min(span.end_line, span.line + MAX_LINES - 1)
    # A region that ends at column 1 has nothing on its last line.
    if span.end_column == 1 and last == span.end_line > span.line:
        last -= 1
    for number in range(span.line + 1, last + 1):
        line = sources.line(span.path, number)
        if line is not None:
            more = crop(line.rstrip(), 0, 0, room)[0]
            out.append(f"{paint.rule(str(number).rjust(gutter))} {bar} {more}".rstrip())
    if span.end_line > last and (span.end_line > last + 1 or span.end_column > 1):
        out.append(f"{' ' * gutter} {bar} {paint.dim('...')}")
    return out
