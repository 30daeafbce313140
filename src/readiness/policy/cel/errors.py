"""The errors of the CEL compiler, with their place in the expression."""

from __future__ import annotations

from collections.abc import Iterable

from readiness.errors import ReadinessError

Place = tuple[int, int]
"""Line and column in the expression, both from 1."""


class CelError(ReadinessError):
    """An expression that cannot be compiled or evaluated.

    `line` and `column` count from 1 within the expression; 0 means "not placed yet" and never
    leaves the package.
    """

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column

    def at(self, place: Place) -> CelError:
        """The same error, placed unless an inner operation has placed it already."""
        if self.line == 0:
            self.line, self.column = place
        return self

    def __str__(self) -> str:
        return f"{self.message} (line {self.line}, column {self.column})" if self.line else self.message


class CelSyntaxError(CelError):
    """An expression that is not CEL."""


def place_of(source: str, offset: int) -> Place:
    """Line and column of an offset into the source."""
    before = source.count("\n", 0, offset)
    return before + 1, offset - source.rfind("\n", 0, offset)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The tail of an error message that offers the nearest known name, or an empty string."""
    import difflib

    best = difflib.get_close_matches(name, sorted(set(known)), n=1, cutoff=0.6)
    return f"; did you mean `{best[0]}`?" if best else ""
