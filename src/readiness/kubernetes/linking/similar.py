"""Names that look alike: what a missing name was meant to be."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

_PART = re.compile(r"[-._:]")
SHORTEST = 4
"""Letters of the part of a name in which one wrong letter is taken for a mistake."""


class Similar:
    """The names of one kind of objects in one namespace."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted(set(names))
        self._without: dict[str, list[str]] | None = None

    def related(self, name: str) -> Iterator[str]:
        """The names that begin with a name, and those that it begins with."""
        for place in range(bisect_left(self.names, name), len(self.names)):
            if not self.names[place].startswith(name):
                break
            yield self.names[place]
        for length in range(len(name) - 1, 0, -1):
            place = bisect_left(self.names, name[:length])
            if place < len(self.names) and self.names[place] == name[:length]:
                yield self.names[place]

    def mistaken(self, name: str) -> str | None:
        """The first name that differs by one letter, two swapped ones or separators alone.

        Names that differ in a number (`web-1`, `web-2`) or in a short part (`a-dev`, `b-dev`) are none.
        """
        if self._without is None:
            self._without = {}
            for other in self.names:
                for text in _deletions(other):
                    self._without.setdefault(text, []).append(other)
        found = {other for text in _deletions(name) for other in self._without.get(text, ()) if other != name}
        return next((other for other in sorted(found) if looks_mistaken(name, other)), None)


def looks_mistaken(name: str, other: str) -> bool:
    """Whether two names are so alike that one is probably the other, misspelt."""
    if _PART.sub("", name) == _PART.sub("", other):
        return True
    parts, others = _PART.split(name), _PART.split(other)
    if len(parts) != len(others):
        return False
    differing = [pair for pair in zip(parts, others, strict=True) if pair[0] != pair[1]]
    if len(differing) != 1:
        return False
    one, two = differing[0]
    if min(len(one), len(two)) < SHORTEST or re.sub(r"\d", "", one) == re.sub(r"\d", "", two):
        return False
    return _one_edit(one, two)


def _one_edit(one: str, two: str) -> bool:
    """Whether two texts differ by one letter added, left out or changed, or by two neighbours swapped."""
    if len(one) > len(two):
        one, two = two, one
    if len(two) - len(one) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), len(one))
    if len(one) < len(two):
        return one[start:] == two[start + 1 :]
    return one[start + 1 :] == two[start + 1 :] or (
        one[start : start + 2] == two[start : start + 2][::-1] and one[start + 2 :] == two[start + 2 :]
    )


def _deletions(name: str) -> set[str]:
    """A name, without each of its letters, and without its separators."""
    return {name, _PART.sub("", name), *(name[:i] + name[i + 1 :] for i in range(len(name)))}
