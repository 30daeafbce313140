"""A table in so many cells of a terminal."""

from __future__ import annotations

from itertools import accumulate, takewhile

from msgspec import Struct, field

from readiness.outputs.terminal import Painter, cells, text_width


def cut(text: str, width: int) -> str:
    """A cleaned text in at most so many cells, with `…` where something is left out."""
    if text_width(text) <= width:
        return text
    ends = accumulate(map(cells, text))
    return text[: sum(1 for _ in takewhile(lambda end: end < width, ends))] + "…"


def padded(text: str, width: int) -> str:
    """A text with blanks up to a number of cells."""
    return text + " " * (width - text_width(text))


class Table(Struct):
    """Rows of cleaned cells under their heads, each with SGR codes; `right` are columns of numbers.

    What is too wide is taken from the last column first, then from the first.  Where that is not enough,
    columns of `spare` are left out, in that order; so are those of them that are empty.
    """

    heads: list[str]
    right: set[int]
    spare: tuple[int, ...] = ()
    rows: list[list[str]] = field(default_factory=list)
    codes: list[list[str]] = field(default_factory=list)

    def add(self, *cells: tuple[str, str]) -> None:
        """A row of texts, each with its codes."""
        self.rows.append([text for text, _ in cells])
        self.codes.append([codes for _, codes in cells])

    def lines(self, width: int, paint: Painter) -> list[str]:
        """The table in so many cells."""
        empty = {i for i in self.spare if self.rows and not any(row[i] for row in self.rows)}
        columns = [i for i in range(len(self.heads)) if i not in empty]
        widths = self._widths(columns, width)
        for column in self.spare:
            if sum(widths.values()) + 2 * (len(widths) - 1) <= width:
                break
            columns = [i for i in columns if i != column]
            widths = self._widths(columns, width)
        out = [self._line(self.heads, ["2"] * len(self.heads), widths, paint)]
        styled = zip(self.rows, self.codes, strict=True)
        return [*out, *(self._line(row, codes, widths, paint) for row, codes in styled)]

    def _widths(self, columns: list[int], width: int) -> dict[int, int]:
        """The width of each of these columns, together as near to so many cells as they can be cut."""
        widths = {i: max(text_width(row[i]) for row in [self.heads, *self.rows]) for i in columns}
        first, last = columns[0], columns[-1]
        for column, least in ((last, 24), (first, 16), (last, 8)):
            over = sum(widths.values()) + 2 * (len(widths) - 1) - width
            widths[column] -= max(0, min(over, widths[column] - least))
        return widths

    def _line(self, cells: list[str], codes: list[str], widths: dict[int, int], paint: Painter) -> str:
        out = []
        for i, width in widths.items():
            text = cut(cells[i], width)
            pad = " " * (width - text_width(text))
            text = paint(text, codes[i])
            last = i == max(widths)
            out.append(pad + text if i in self.right else text if last else text + pad)
        return "  ".join(out).rstrip()
