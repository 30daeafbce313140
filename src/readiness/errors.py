"""The errors a user can meet.  Nothing else may reach one: no traceback leaves the program."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct


class ReadinessError(Exception):
    """Base of every error that the program raises on purpose."""


class UsageError(ReadinessError):
    """Wrong usage, settings or policy file: exit status 2.

    `path`, `line` and `column` (from 1) say where, when the error is in a file.
    """

    def __init__(
        self,
        message: str,
        path: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.column = column

    def __str__(self) -> str:
        if self.path is None:
            return self.message
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part)
        return f"{place}: {self.message}"


def near(text: str, known: Iterable[str]) -> str:
    """The tail of a message that offers the nearest known name: `; did you mean 'x'?`, or nothing."""
    from difflib import get_close_matches

    found = get_close_matches(text, list(known), 1)
    return f"; did you mean {found[0]!r}?" if found else ""


class SourceError(Struct, frozen=True, order=True):
    """Input that could not be read or evaluated; the run goes on and ends with status 3.

    Lines and columns count from 1.  `unread` is true when (part of) the file was lost,
    false for an error inside a policy or builder (`internal`).
    """

    path: str
    line: int
    column: int
    message: str
    kind: str = "unread"  # "unread" | "internal"
