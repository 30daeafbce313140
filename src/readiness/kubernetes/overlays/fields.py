"""Which fields of which kinds the steps change: field specifications, the built-in ones and those of files.

Sources: `api/types/fieldspec.go`, `api/internal/plugins/builtinconfig/transformerconfig.go` of Kustomize 5.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from readiness.kubernetes.overlays.edit import split_path
from readiness.kubernetes.overlays.model import Object, split_version, text_of
from readiness.values import Map


class Field(NamedTuple):
    """A field of the kinds that it names (all of a group, version or kind where it names none)."""

    path: str
    create: bool = False
    group: str = ""
    version: str = ""
    kind: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        return split_path(self.path)

    def selects(self, group: str, version: str, kind: str) -> bool:
        """Whether it is about a kind."""
        return (
            (not self.kind or self.kind == kind)
            and (not self.group or self.group == group)
            and (not self.version or self.version == version)
        )

    def covers(self, other: Field) -> bool:
        """Whether it says all that another says."""
        return self.path == other.path and other.selects(self.group, self.version, self.kind)


class Reference(NamedTuple):
    """Fields that hold the name of an object of a kind."""

    group: str
    version: str
    kind: str
    fields: tuple[Field, ...]

    def selects(self, group: str, version: str, kind: str) -> bool:
        """Whether the names are those of a kind."""
        return Field("", False, self.group, self.version, self.kind).selects(group, version, kind)


LISTS = (
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "templateLabels",
    "commonAnnotations",
    "varReference",
    "images",
    "replicas",
)
"""The lists of fields that a configuration has, beside `nameReference`."""


class ConfigurationError(Exception):
    """Two specifications of one field that say different things."""


class Configuration:
    """Fields by what is done with them; never changed, so that builds share it."""

    def __init__(self, lists: dict[str, tuple[Field, ...]], references: tuple[Reference, ...]) -> None:
        self.lists = lists
        self.references = references
        self._found: dict[tuple[str, str, str], list[tuple[Field, tuple[str, ...]]]] = {}
        self._names: dict[tuple[str, str], list[tuple[Reference, Field, tuple[str, ...]]]] = {}

    def fields(self, name: str, of: Object) -> list[tuple[Field, tuple[str, ...]]]:
        """The fields of a list that an object may have, with the parts of their paths."""
        api_version, kind = of.api_version, of.kind
        key = name, api_version, kind
        if key not in self._found:
            self._found[key] = selected(self.lists.get(name, ()), api_version, kind)
        return self._found[key]

    def names(self, api_version: str, kind: str) -> list[tuple[Reference, Field, tuple[str, ...]]]:
        """The fields by which objects of a kind name others."""
        key = api_version, kind
        if key not in self._names:
            group, version = split_version(api_version)
            self._names[key] = [
                (reference, field, field.parts)
                for reference in self.references
                for field in reference.fields
                if field.selects(group, version, kind)
            ]
        return self._names[key]

    def merged(self, other: Configuration) -> Configuration:
        """Both together.

        Raises:
            ConfigurationError: they contradict each other.
        """
        if other is self or not (other.references or any(other.lists.values())):
            return self
        lists = {name: merged_fields(self.lists.get(name, ()), other.lists.get(name, ())) for name in LISTS}
        references = list(self.references)
        for new in other.references:
            for index, old in enumerate(references):
                if old[:3] == new[:3]:
                    references[index] = old._replace(fields=merged_fields(old.fields, new.fields))
                    break
            else:
                references.append(new)
        return Configuration(lists, tuple(references))


def selected(fields: Iterable[Field], api_version: str, kind: str) -> list[tuple[Field, tuple[str, ...]]]:
    """Those of some fields that are about a kind, with the parts of their paths."""
    group, version = split_version(api_version)
    return [(field, field.parts) for field in fields if field.selects(group, version, kind)]


def merged_fields(first: Iterable[Field], second: Iterable[Field]) -> tuple[Field, ...]:
    """Fields of two lists, each once.

    Raises:
        ConfigurationError: one list creates a field and the other does not.
    """
    result = list(first)
    paths: dict[str, list[Field]] = {}
    for field in result:
        paths.setdefault(field.path, []).append(field)
    for field in second:
        same = next((old for old in paths.get(field.path, ()) if old.covers(field)), None)
        if same is None:
            result.append(field)
            paths.setdefault(field.path, []).append(field)
        elif same.create != field.create:
            raise ConfigurationError(
                f"the field `{field.path}` is specified twice, with and without `create`"
            )
    return tuple(result)


def read_fields(written: Any) -> Iterator[Field]:
    """The fields of a list of specifications in a file."""
    for entry in written if isinstance(written, list) else ():
        if isinstance(entry, Map) and text_of(entry.get("path")):
            group, version, kind = (text_of(entry.get(key)) for key in ("group", "version", "kind"))
            yield Field(text_of(entry["path"]), entry.get("create") is True, group, version, kind)


def read_configuration(document: Map) -> Configuration:
    """The fields of a file that `configurations` names."""
    lists = {name: tuple(read_fields(document.get(name))) for name in LISTS}
    references = []
    written = document.get("nameReference")
    for entry in written if isinstance(written, list) else ():
        if isinstance(entry, Map):
            group, version, kind = (text_of(entry.get(key)) for key in ("group", "version", "kind"))
            references.append(Reference(group, version, kind, tuple(read_fields(entry.get("fieldSpecs")))))
    return Configuration(lists, tuple(references))


NOTHING = Configuration({}, ())
"""No fields at all."""
