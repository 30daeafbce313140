"""Which resources a file of services claims, by their addresses and by the files that they are in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from readiness.config.patterns import address_parents, address_pattern, is_glob, literal, path_pattern
from readiness.config.services import Declared
from readiness.estate.model import Resource
from readiness.repo.paths import below


class Entries:
    """Entries by the keys of their services; of several that claim a resource the first one has it."""

    def __init__(self, declared: dict[str, Declared]) -> None:
        self._keys = list(declared)
        self._addresses: dict[str, int] = {}
        self._globs: list[tuple[str, re.Pattern[str], int]] = []
        self._paths: dict[str, list[tuple[re.Pattern[str], int]]] = {}  # by how a glob begins
        self._of_file: dict[str, int | None] = {}
        for number, entry in enumerate(declared.values()):
            for text in entry.resources:
                if is_glob(text):
                    self._globs.append((literal(text), address_pattern([text]), number))
                else:
                    self._addresses.setdefault(text, number)
            for glob in entry.paths:
                path = below(entry.folder, glob)
                self._paths.setdefault(_beginning(path), []).append((path_pattern([path]), number))

    def of(self, resource: Resource) -> str | None:
        """The key of the service that claims a resource."""
        numbers = [*self._by_address(resource.address)]
        path = resource.header.path
        if self._paths:
            if path not in self._of_file:
                self._of_file[path] = min(self._by_path(path), default=None)
            number = self._of_file[path]
            numbers += [] if number is None else [number]
        return self._keys[min(numbers)] if numbers else None

    def _by_address(self, address: str) -> Iterator[int]:
        if self._addresses:
            for place in address_parents(address):
                if place in self._addresses:
                    yield self._addresses[place]
        for text, pattern, number in self._globs:
            if text in address and pattern.fullmatch(address):
                yield number

    def _by_path(self, path: str) -> Iterator[int]:
        parts = path.split("/")
        for length in range(len(parts) + 1):
            for pattern, number in self._paths.get("/".join(parts[:length]), ()):
                if pattern.fullmatch(path):
                    yield number


def _beginning(glob: str) -> str:
    """The folders that a glob of paths begins with, before its first wildcard."""
    parts = glob.removeprefix("./").rstrip("/").split("/")
    wild = next((index for index, part in enumerate(parts) if is_glob(part)), len(parts))
    return "/".join(parts[:wild]) if parts != ["."] else ""
