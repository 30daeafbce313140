"""Roots and environments of two revisions: which of the base is which now."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Set

from readiness.estate.kept import Renames

Home = tuple[str, str]
"""A root, and the environment that it was evaluated for ("" where that has no name)."""


class Homes:
    """The homes of an estate beside those of its base."""

    def __init__(self, base: Iterable[Home], now: Iterable[Home], renames: Renames) -> None:
        self._renames = renames
        self._now = frozenset(now)
        self._folders: dict[str, str] = {}
        self._was: dict[Home, Home] = {}  # by what it would be called now
        self._base: dict[str, set[Home]] = {}  # by the root of now
        for home in base:
            root = self._folder(home[0])
            self._was[root, home[1]] = home
            self._base.setdefault(root, set()).add(home)
        self._new = self._now - self._was.keys()

    def _folder(self, root: str) -> str:
        if root not in self._folders:
            self._folders[root] = self._renames.folder(root)
        return self._folders[root]

    def now(self, home: Home, old: str, new: str) -> Iterable[Home]:
        """What a home of the base may be now, for what stood in the file `old`, which is called `new` now.

        Where an environment is gone, that is any of its root that the base had not; where the root is gone,
        any new one.  What had no environment may be in all new ones: other things of a root never have any.
        """
        root = self._folder(home[0])
        found = {(root, home[1])} & self._now
        if not found or not home[1]:
            found |= {one for one in self._new if one[0] == root}
        if not found:
            found = {(root, "")} & self._now
        if not found:
            found = {one for one in self._new if one[0] not in self._base}
        if old != new and home[0] == (posixpath.dirname(old) or "."):
            folder = posixpath.dirname(new) or "."
            found |= {one for one in self._now if one[0] == folder}
        return found or {(root, home[1])}

    def adds_to(self, home: Home, had: Set[Home]) -> bool:
        """Whether an environment is new in a root of which the base had something in every one it knew."""
        known = self._base.get(home[0], set())
        known = {one for one in known if one[1]} or known
        return home in self._new and bool(known) and known <= had
