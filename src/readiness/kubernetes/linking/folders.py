"""Which objects a folder of the repository holds, for those that deliver folders (Argo CD, Flux)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from readiness.estate.model import Resource
from readiness.kubernetes.linking.names import Home


class Folders:
    """Objects by the folders that hold their file, or from which they are rendered.

    `places` says from which folder a home is rendered; an object of such a home is there, and not where
    its template or base stands.
    """

    def __init__(self, resources: Iterable[Resource], places: Mapping[Home, str]) -> None:
        self.objects = list(resources)
        self._places = places
        self._by_folder: dict[str, set[int]] | None = None
        self._place_of: dict[int, int] = {}
        self._found: dict[tuple[str, bool], frozenset[int]] = {}

    def place(self, resource: Resource) -> int:
        """The place of a resource in `objects`."""
        self._index()
        return self._place_of[id(resource)]

    def inside(self, folder: str, pattern: bool = False) -> frozenset[int]:
        """The places of the objects in a folder, or below it; of several where it is a glob of folders."""
        key = (folder, pattern)
        found = self._found.get(key)
        if found is None:
            index = self._index()
            if pattern:
                # As in Go's `path.Match`, no wildcard goes beyond a slash.
                depth = folder.count("/")
                names = [name for name in index if name.count("/") == depth and fnmatchcase(name, folder)]
                found = frozenset().union(*(index[name] for name in names))
            else:
                found = frozenset(index.get(folder, ()))
            self._found[key] = found
        return found

    def names(self) -> Iterable[str]:
        """Every folder that holds an object, or a folder with one."""
        return self._index()

    def _index(self) -> dict[str, set[int]]:
        if self._by_folder is None:
            self._by_folder = {}
            for place, resource in enumerate(self.objects):
                self._place_of[id(resource)] = place
                folder = self._places.get(resource.home) or posixpath.dirname(resource.span.path)
                while folder and folder not in ("/", "."):
                    self._by_folder.setdefault(folder, set()).add(place)
                    folder = posixpath.dirname(folder)
        return self._by_folder
