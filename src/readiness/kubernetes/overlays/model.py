"""What flows between the steps of a build: objects with their former names, files, results.

The steps and their order are those of Kustomize 5.5 (`api/internal/target/kusttarget.go`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from msgspec import Struct, field

from readiness.errors import SourceError
from readiness.kubernetes.overlays.scopes import CLUSTER_SCOPED
from readiness.sources.yaml_model import YamlFile
from readiness.values import Map, Span, Unknown

NO_NAMESPACE = "_non_namespaceable_"
"""What stands for the namespace of an object that has none."""

RenderChart = Callable[[Map, str], "list[Map] | None"]
"""The objects of an entry of `helmCharts`, in the folder that names it; None where it cannot be rendered."""


class Files(Protocol):
    """The files of the repository; paths are as shown to users, normalised, with `/`."""

    def yaml(self, path: str) -> YamlFile | None:
        """A file parsed with its spans; None where there is none, or it lies outside the repository."""

    def raw(self, path: str) -> bytes | None:
        """The bytes of a file; None where there is none, or it lies outside the repository."""

    def is_folder(self, path: str) -> bool:
        """True for a folder inside the repository."""

    def is_ignored(self, path: str) -> bool:
        """True for what git ignores: it may lie here and is no part of the repository."""


class Built(Struct):
    """What one entry point gives: `objects` may be shared with other builds and must not be changed."""

    entry: str  # the kustomization file that was built
    root: str  # the folder that its variants have in common
    variant: str  # the environment, "" where there is one only
    objects: list[Map]
    used: set[str]  # every file that took part


class Overlays(Struct):
    """All builds, with what is wrong and what was left out; `used` are all files that took part."""

    built: list[Built] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    notices: list[SourceError] = field(default_factory=list)
    used: set[str] = field(default_factory=set)


class Id(NamedTuple):
    """What tells objects apart: two with the same id cannot be in one build."""

    group: str
    version: str
    kind: str
    name: str
    namespace: str  # `default` where none is given, NO_NAMESPACE for what has none


class Former(NamedTuple):
    """A name that an object had before a step changed it."""

    kind: str
    name: str
    namespace: str


class Object:
    """One object of a build; its body is shared with others and replaced, never changed."""

    __slots__ = (
        "_current",
        "_seen",
        "behavior",
        "body",
        "chart",
        "former",
        "hashed",
        "origin",
        "prefixes",
        "suffixes",
        "variables",
    )

    def __init__(self, body: Map, origin: Span) -> None:
        self.body = body
        self.origin = origin  # the entry that brings it in: what an error about it points at
        self.former: tuple[Former, ...] = ()
        self.prefixes: tuple[str, ...] = ()
        self.suffixes: tuple[str, ...] = ()
        self.variables: tuple[str, ...] = ()
        self.behavior = ""
        self.hashed = False
        self.chart = False
        self._seen: Map | None = None
        self._current = Id("", "", "", "", "")

    def copy(self) -> Object:
        """Another object with the same body and past."""
        other = Object(self.body, self.origin)
        other.former, other.prefixes, other.suffixes = self.former, self.prefixes, self.suffixes
        other.variables, other.behavior, other.hashed = self.variables, self.behavior, self.hashed
        other.chart, other._seen, other._current = self.chart, self._seen, self._current
        return other

    @property
    def api_version(self) -> str:
        return text_of(self.body.get("apiVersion"))

    @property
    def kind(self) -> str:
        return text_of(self.body.get("kind"))

    @property
    def name(self) -> str:
        return text_of(self._metadata("name"))

    @property
    def namespace(self) -> str:
        return text_of(self._metadata("namespace"))

    def _metadata(self, key: str) -> Any:
        metadata = self.body.get("metadata")
        return metadata.get(key) if isinstance(metadata, Map) else None

    @property
    def cluster_scoped(self) -> bool:
        return (self.api_version, self.kind) in CLUSTER_SCOPED

    @property
    def current(self) -> Id:
        """The id that it has now."""
        body = self.body
        if self._seen is not body:
            self._seen = body
            self._current = id_of(self.api_version, self.kind, self.name, self.namespace)
        return self._current

    @property
    def ids(self) -> list[Id]:
        """The ids that it had, the oldest first, and the one that it has."""
        current = self.current
        before = [Id(current.group, current.version, *former) for former in self.former]
        return [*before, current]

    @property
    def original(self) -> Id:
        """The id that it had at first."""
        if not self.former:
            return self.current
        group, version = split_version(self.api_version)
        return Id(group, version, *self.former[0])

    def remember(self) -> None:
        """Keep the id that it has among those that it had."""
        current = self.current
        self.former = (*self.former, Former(current.kind, current.name, current.namespace))

    @property
    def shown(self) -> str:
        """How messages call it."""
        namespace = self.namespace
        return f"{self.kind}/{namespace}/{self.name}" if namespace else f"{self.kind}/{self.name}"


def split_version(api_version: str) -> tuple[str, str]:
    """Group and version of an `apiVersion`."""
    group, slash, version = api_version.partition("/")
    return (group, version) if slash else ("", api_version)


def id_of(api_version: str, kind: str, name: str, namespace: str) -> Id:
    """The id of an object by what it says."""
    group, version = split_version(api_version)
    if (api_version, kind) in CLUSTER_SCOPED:
        namespace = NO_NAMESPACE
    return Id(group, version, kind, name, namespace or "default")


def text_of(value: Any) -> str:
    """A scalar as it is written in YAML; empty for everything else."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, (dict, list, Unknown)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
