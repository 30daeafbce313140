"""Fixes and edits as plain data."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from readiness.engine.model import Report
from readiness.values import Map, Span


class CannotFixError(Exception):
    """A finding that is not mended; the text says why, after "not fixed: "."""


class ElsewhereError(CannotFixError):
    """What is to be mended is decided in another place, where other things may depend on it."""


class Edit(Struct, frozen=True):
    """One edit of a text: what stands at `span` gives way to `text`.

    A span that ends where it starts is an insertion.  Lines of `text` end with a line feed, whatever those
    of the file end with.
    """

    span: Span
    text: str


class Change(Struct, frozen=True, eq=False):
    """What is to be different at one key of a mapping, before it is known how that is written.

    `op` is `replace` (a literal is there), `insert` (nothing is there; a `dict` is a nested block or
    mapping), `fill` (null is there), `append` (`value` lists the items to add) or `remove`.
    """

    op: str
    container: Map
    key: str
    value: Any = None

    @property
    def place(self) -> tuple[Span | None, str]:
        """What it is about: changes of one place have to agree."""
        return self.container.span, self.key


class Fix(Struct, frozen=True):
    """How one finding is mended.

    `title` says it to people, `safety` is `safe` (what runs goes on as it is) or `unsafe`.  `edits` stand
    for themselves, apart from all other fixes; they do not overlap.  `changes` are the same before they
    are written down, for those who apply several fixes at once.
    """

    fingerprint: str
    policy: str
    title: str
    safety: str
    address: str
    span: Span  # of the finding
    edits: tuple[Edit, ...]
    changes: tuple[Change, ...] = ()

    @property
    def path(self) -> str:
        """The file that it edits."""
        return self.edits[0].span.path if self.edits else self.span.path


class Left(Struct, frozen=True):
    """A finding that has a fix which is not offered, and why.

    `elsewhere` is true where its value is decided in another place.
    """

    fingerprint: str
    policy: str
    address: str
    span: Span
    reason: str
    elsewhere: bool = False


class Fixes(Struct):
    """What can be mended of a report, in its order, and what cannot."""

    fixes: list[Fix] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


class Fixed(Struct):
    """What fixes made of an estate; nothing of it is written yet.

    `report` is that of the texts as they are now.  `texts` holds, by path, each text that is another now,
    and `was` what it was.  `left` are findings that have a fix which was not applied, and `unsafe` the
    number of those that wait for leave.
    """

    report: Report
    fixed: list[Fix] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    was: dict[str, str] = field(default_factory=dict)
    unsafe: int = 0
    before: Report | None = None  # what was found before
