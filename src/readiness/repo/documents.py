"""The documents of a repository by the folders in which they are kept: runbooks, records of tests, policies.

A folder is looked for beside the file that asks and in every folder above it up to the root of the
repository, as services of one repository keep their documents each for themselves.
"""

from __future__ import annotations

import datetime
import os
import posixpath
import re
from collections.abc import Iterator
from typing import Any

from readiness.repo.facts import RepositoryFacts
from readiness.repo.runbooks import DOCUMENTS
from readiness.values import List, Map

LIMIT = 2000
"""Documents that are listed at most."""

_DAY = re.compile(r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)")


class Documents:
    """Lists documents; each folder is read once."""

    def __init__(self, facts: RepositoryFacts) -> None:
        self.facts = facts
        self._below: dict[str, list[str]] = {}
        self._found: dict[tuple[str, tuple[str, ...]], List] = {}
        self._read: dict[str, Map] = {}

    def find(self, folders: Any, file: str) -> List:
        """The documents in some folders (a path or a list of them), seen from a file.

        Each has `path` (from the root of the repository), `name` (of the file, without its end), `title`
        (the first heading, else the name), `sections` (headings; None for formats that are not understood),
        `owner`, `reviewed` and `dated` (`YYYY-MM-DD` or None: the day in the path, else `reviewed`), and
        `days` since then.
        """
        wanted = [folders] if isinstance(folders, str) else folders if isinstance(folders, list) else []
        names = tuple(folder.strip("/") for folder in wanted if isinstance(folder, str))
        return self._from(self.facts.place(posixpath.dirname(file) or ".") or "", names)

    def _from(self, start: str, names: tuple[str, ...]) -> List:
        """The documents in folders of some names, in a place (the root: the empty text) and above it."""
        key = (start, names)
        if key not in self._found:
            above = self._from(posixpath.dirname(start), names) if start else List()
            inner = [posixpath.normpath(f"{start}/{name}" if start else name) for name in names]
            here = dict.fromkeys(place for folder in inner for place in self._documents(folder))
            if here:
                here.update(dict.fromkeys(document["path"] for document in above))
                above = List([self._one(place) for place in list(here)[:LIMIT]])
            self._found[key] = above
        return self._found[key]

    def _documents(self, folder: str) -> list[str]:
        if folder.startswith(".."):
            return []
        if folder not in self._below:
            self._below[folder] = sorted(
                place for place in self._files(folder) if place.lower().endswith(DOCUMENTS)
            )[:LIMIT]
        return self._below[folder]

    def _files(self, folder: str) -> Iterator[str]:
        """Every file below a folder; links are not followed, so nothing outside of it is listed."""
        if self.facts.kind_at("" if folder == "." else folder) != "folder":
            return
        if self.facts.texts is not None:
            yield from (name for name in self.facts.texts if folder == "." or name.startswith(folder + "/"))
            return
        for root, folders, files in os.walk(self.facts.root / folder):
            folders[:] = [name for name in folders if not name.startswith(".")]
            inner = os.path.relpath(root, self.facts.root).replace(os.sep, "/")
            yield from (posixpath.normpath(posixpath.join(inner, name)) for name in files)

    def _one(self, place: str) -> Map:
        if place not in self._read:
            document = self.facts.document(place)
            name = posixpath.splitext(posixpath.basename(place))[0]
            headings = document.headings if document is not None else []
            reviewed = document.reviewed if document is not None else None
            dated = _day(place) or reviewed
            self._read[place] = Map(
                {
                    "path": place,
                    "name": name,
                    "title": headings[0] if headings else name,
                    "sections": List(headings) if document is not None else None,
                    "owner": document.owner if document is not None else None,
                    "reviewed": reviewed.isoformat() if reviewed else None,
                    "dated": dated.isoformat() if dated else None,
                    "days": (self.facts.today - dated).days if dated else None,
                }
            )
        return self._read[place]


def _day(place: str) -> datetime.date | None:
    """The last day in a path: `recovery-tests/2026-11-08.md`, `2026-11-08/restore.md`; None without one."""
    for match in reversed(list(_DAY.finditer(place))):
        try:
            return datetime.date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            continue
    return None
