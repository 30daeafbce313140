"""The built-in schemas: `kubernetes.txt`, read when something is first validated.

The file is made by `scripts/refresh_kubernetes_schemas.py`, which says where its facts come from and how
it is written.  Of a definition only what a manifest leads to is decoded.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from readiness.errors import UsageError
from readiness.kubernetes.schemas.model import Node

_FILE = Path(__file__).with_name("kubernetes.txt")
_LEAVES = {
    "s": ("text", frozenset({str})),
    "i": ("int32", frozenset[type]()),
    "I": ("int64", frozenset({int})),
    "n": ("number", frozenset({int, float})),
    "b": ("boolean", frozenset({bool})),
    "x": ("int-or-text", frozenset({str, int})),
    "q": ("quantity", frozenset({int, float})),
    "t": ("time", frozenset[type]()),
    "y": ("base64", frozenset[type]()),
    "*": ("any", frozenset({str, int, float, bool, dict, list})),
}


class _Lines(msgspec.Struct, frozen=True):
    """The lines of the file as (first release, last release, text), by name."""

    kinds: dict[tuple[str, str], tuple[tuple[int, int, str], ...]]
    forms: dict[str, tuple[tuple[int, int, str], ...]]
    oldest: int
    newest: int


@functools.cache
def _lines() -> _Lines:
    kinds: dict[tuple[str, str], tuple[tuple[int, int, str], ...]] = {}
    forms: dict[str, tuple[tuple[int, int, str], ...]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, releases, text = line.split("\t")
        first, _, last = releases.partition("-")
        entry = (int(first), int(last), text)
        if name.startswith("@"):
            version, _, kind = name[1:].partition(" ")
            kinds[version, kind] = (*kinds.get((version, kind), ()), entry)
        else:
            forms[name] = (*forms.get(name, ()), entry)
    spans = [entry for found in kinds.values() for entry in found]
    return _Lines(kinds, forms, min(entry[0] for entry in spans), max(entry[1] for entry in spans))


def releases() -> tuple[str, ...]:
    """The releases of Kubernetes whose schemas are at hand, oldest first: `1.25` …"""
    lines = _lines()
    return tuple(f"1.{release}" for release in range(lines.oldest, lines.newest + 1))


def minor(release: str) -> int:
    """The number behind the dot of a release, or of a full version (`v1.33.4`).

    Raises:
        UsageError: the schemas of that release are not at hand.
    """
    major, _, rest = release.removeprefix("v").partition(".")
    number = rest.partition(".")[0]
    known = releases()
    if major != "1" or f"1.{number}" not in known:
        raise UsageError(
            f"there are no schemas of Kubernetes {release!r}; choose a release from {known[0]} to {known[-1]}"
        )
    return int(number)


class Release:
    """The schemas of one release; made by `load`."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.kinds = {
            key: text
            for key, entries in _lines().kinds.items()
            for first, last, text in entries
            if first <= number <= last
        }
        self.groups = frozenset(version.rpartition("/")[0] for version, _ in _lines().kinds)
        self._nodes: dict[str, Node] = {}

    @property
    def name(self) -> str:
        """The release as people write it: `1.33`."""
        return f"1.{self.number}"

    def kind(self, api_version: str, kind: str) -> Node | None:
        """The schema of a built-in kind, None where this release does not serve it."""
        name = self.kinds.get((api_version, kind))
        return None if name is None else self.definition(name)

    def definition(self, name: str) -> Node:
        """The schema of a definition, such as `meta.v1.ObjectMeta`."""
        node = self._nodes.get(name)
        if node is None:
            # Known before it is filled: definitions may lead to themselves.
            node = self._nodes[name] = Node("map")
            text = next(text for first, last, text in _lines().forms[name] if first <= self.number <= last)
            form = msgspec.json.decode(text)
            node.fields.update((key, self._node(type_)) for key, type_ in form["p"].items())
            node.required = tuple(form.get("r", ()))
            for key, names in form.get("k", {}).items():
                node.fields[key].keys = tuple(names)
            for key, default in form.get("d", {}).items():
                node.fields[key] = replace(node.fields[key], default=default)
        return node

    def _node(self, type_: Any) -> Node:
        if isinstance(type_, list):
            return Node("list", items=self._node(type_[0]))
        if isinstance(type_, dict):
            return Node("map", items=self._node(type_[""])) if type_ else Node("map", open=True)
        if type_[0] == "#":
            return self.definition(type_[1:])
        if type_[0] == "?":
            return Node("map-or-any", items=self.definition(type_[1:]))
        return leaf(type_)


@functools.cache
def leaf(letter: str) -> Node:
    """The schema of a scalar, by its letter in the file."""
    kind, simple = _LEAVES[letter]
    return Node(kind, simple=simple)


@functools.cache
def load(number: int) -> Release:
    """The schemas of a release, by the number behind its dot."""
    return Release(number)


def served(api_version: str, kind: str) -> tuple[int, int] | None:
    """The first and the last release at hand that serve a built-in kind, None where none does."""
    entries = _lines().kinds.get((api_version, kind))
    return None if entries is None else (entries[0][0], entries[-1][1])


def api_versions_of(number: int) -> list[str]:
    """What a release serves: its API versions, and each of its kinds (`policy/v1/PodDisruptionBudget`)."""
    kinds = [name for name, spans in _lines().kinds.items() if any(a <= number <= b for a, b, _ in spans)]
    return sorted({version for version, _ in kinds} | {f"{version}/{kind}" for version, kind in kinds})


def versions_of(kind: str, release: Release) -> Iterable[str]:
    """The API versions that have a built-in kind in a release, the stable ones first."""
    found = [version for version, name in release.kinds if name == kind]
    return sorted(found, key=lambda version: ("alpha" in version, "beta" in version, version))
