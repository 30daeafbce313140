"""What an evaluation of a project is asked and says: plain data between its thread and the server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from lsprotocol import types
from msgspec import Struct, field

from readiness.engine.model import Finding
from readiness.errors import UsageError
from readiness.fixes.model import Fix


class SupersededError(Exception):
    """Nobody waits for this evaluation any more: there is a newer edit."""


class Document(Struct, frozen=True):
    """A text as it stands in an editor, and the number that the editor gives to that state of it."""

    text: str
    version: int | None = None


class Request(Struct, frozen=True):
    """What to look at: the open documents, by path from the folder of the project.

    `wanted` says whether the answer is still of use; it may be asked from any thread.  With `saved`
    something on the disk may be different.
    """

    documents: Mapping[str, Document] = {}
    encoding: str = "utf-16"
    wanted: Callable[[], bool] = lambda: True
    saved: bool = True

    def check(self) -> None:
        """Give up where the answer is of no use any more.

        Raises:
            SupersededError: there is a newer request.
        """
        if not self.wanted():
            raise SupersededError


class Spot(Struct, frozen=True):
    """A finding where editors show it.

    `comments` are the lines (from 1) above which a comment ignores it, the best first; none where none may.
    """

    finding: Finding
    diagnostic: types.Diagnostic
    fix: Fix | None = None
    comments: tuple[int, ...] = ()


Key = tuple[str, str, str, str]
"""What a finding is about, without its number among its like."""


def key_of(finding: Finding) -> Key:
    """What a finding is about: its policy, path, address and part."""
    item = "" if finding.identity is None else finding.identity.item
    return finding.policy, finding.span.path, finding.subject.address, item


class Evaluation(Struct):
    """What was found, by path from the folder of the project.

    `spots` are findings, `others` what else is told (what could not be read).  `texts` are those that
    findings are about.  Where settings are wrong, `problem` says so, and `complete` tells whether there are
    findings all the same.  `internal` are errors of our own.  `holds` tells by fingerprint whether the
    finding is gone with its fix, as far as somebody asked.
    """

    spots: dict[str, list[Spot]] = field(default_factory=dict)
    others: dict[str, list[types.Diagnostic]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    problem: UsageError | None = None
    complete: bool = True
    internal: list[str] = field(default_factory=list)
    holds: dict[str, bool] = field(default_factory=dict)

    def failures(self) -> Counter[Key]:
        """How many findings fail, by what they are about."""
        spots = (spot for spots in self.spots.values() for spot in spots)
        return Counter(key_of(spot.finding) for spot in spots if spot.finding.status == "fail")

    def diagnostics(self) -> dict[str, list[types.Diagnostic]]:
        """All that is shown, by path."""
        found = {path: [spot.diagnostic for spot in spots] for path, spots in self.spots.items()}
        for path, others in self.others.items():
            found[path] = [*others, *found.get(path, ())]
        return found
