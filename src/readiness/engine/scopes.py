"""Where settings differ by path and environment: which policies hold for which resources."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from readiness.config.cascade import nested_group
from readiness.config.model import Cascade, Group, Layer, Place, is_everywhere
from readiness.engine.locks import hold_locks
from readiness.engine.patterns import path_pattern
from readiness.engine.prepare import Prepared, choose
from readiness.engine.settings import Settings, Step, folded, has_locks, steps
from readiness.errors import SourceError, near
from readiness.estate.build import Loaded
from readiness.estate.model import Resource
from readiness.policy.model import Policy


class Scope(Struct):
    """What holds for some resources: settings, and the policies that they ask for.

    `gates_at` is the severity that fails the gate, where it is another one than that of the run.  `layers`
    are what the settings are made of, the weakest first; empty where they are those of the run.
    """

    settings: Settings
    policies: list[Policy]
    gates_at: str | None = None
    layers: tuple[Layer, ...] = ()


class Scopes(Struct):
    """The scopes of a run, that of the run as a whole first, and the one of each kind of resource.

    A kind is a path with the names of an environment.
    """

    every: list[Scope]
    _numbers: dict[tuple[str, str, str | None], int]
    locked: dict[str, Place] = field(default_factory=dict)
    notices: list[SourceError] = field(default_factory=list)

    def number_of(self, resource: Resource) -> int:
        """The index of the scope of a resource."""
        return self._numbers.get(_kind(resource), 0)

    @property
    def policies(self) -> list[Policy]:
        """The policies of all scopes, each id once: as it is in the first that has it."""
        found: dict[str, Policy] = {}
        for scope in self.every:
            for policy in scope.policies:
                found.setdefault(policy.id, policy)
        return list(found.values())


def _kind(resource: Resource) -> tuple[str, str, str | None]:
    return resource.header.path, resource.variant, resource.environment


def scopes_of(settings: Settings, prepared: Prepared, loaded: Loaded) -> Scopes | None:
    """The scopes of a run, None where settings are the same for all resources.

    Raises:
        UsageError: a settings file is wrong, loosens what is locked, or names what does not exist.
    """
    cascade = settings.cascade
    if cascade is None:
        return None
    groups = all_groups(cascade, _candidates(cascade, loaded))
    if len(groups) == len(cascade.groups) and not _conditional(groups):
        return None
    return _Divider(settings, cascade, groups, prepared, loaded).scopes()


def _conditional(groups: Iterable[Group]) -> bool:
    return any(layer.conditional for group in groups for layer in group.layers)


def _candidates(cascade: Cascade, loaded: Loaded) -> list[str]:
    """The folders that may hold settings: those that the walk saw, or all where another tree is asked."""
    if not cascade.nested:
        return []
    if cascade.base is None and cascade.past is None:
        return loaded.settings
    found: dict[str, None] = {}
    for resource in loaded.estate.resources:
        folder = posixpath.dirname(resource.header.path)
        while folder and folder not in found:
            found[folder] = None
            folder = posixpath.dirname(folder)
    return list(found)


def all_groups(cascade: Cascade, folders: Iterable[str]) -> list[Group]:
    """The settings files of a run with those of folders below, the outermost first.

    Raises:
        UsageError: one of them is wrong.
    """
    below = [folder for folder in folders if not is_everywhere(folder)]
    below.sort(key=lambda folder: (folder.count("/"), folder))
    found = (nested_group(cascade, folder) for folder in below)
    return [*cascade.groups, *(group for group in found if group is not None)]


def steps_at(groups: Sequence[Group], path: str, environments: set[str | None]) -> list[Step]:
    """The layers that hold for a file and an environment, the weakest first."""
    here = [group for group in groups if _is_below(path, group.folder)]
    return steps(here, lambda group, layer: holds(group, layer, path, environments))


def holds(group: Group, layer: Layer, path: str, environments: set[str | None]) -> bool:
    """Whether an entry of `overrides` is meant for a file and an environment."""
    if layer.environments and environments.isdisjoint(layer.environments):
        return False
    if not layer.paths:
        return True
    relative = path
    if group.folder != ".":
        relative = os.path.relpath(path, group.folder).replace(os.sep, "/")
        relative += "/" if path.endswith("/") else ""
    return _pattern(layer.paths).fullmatch(relative) is not None


_pattern = lru_cache(256)(path_pattern)


def _is_below(path: str, folder: str) -> bool:
    return is_everywhere(folder) or path.startswith(f"{folder}/")


def _holds(folder: str, inner: str) -> bool:
    """Whether a folder has another one below it."""
    if folder == ".":
        return not inner.startswith("..")
    return inner.startswith(f"{folder}/")


class _Divider:
    """Divides the resources of a run among scopes."""

    def __init__(
        self,
        settings: Settings,
        cascade: Cascade,
        groups: Sequence[Group],
        prepared: Prepared,
        loaded: Loaded,
    ) -> None:
        self.cascade = cascade
        self.groups = groups
        self.prepared = prepared
        self.loaded = loaded
        self.result = Scopes([Scope(settings, prepared.policies)], {}, dict(prepared.locked))
        self.by_layers: dict[tuple[tuple[str, str], ...], int] = {}

    def scopes(self) -> Scopes:
        """The scopes of all resources, and notices of what is meant for none."""
        self.by_layers[_key(steps(self.groups[: len(self.cascade.groups)]))] = 0
        estate = self.loaded.estate
        services = (one.resource for one in estate.services if one.resource is not None)
        for resource in (*estate.resources, *estate.changes, *services):
            kind = _kind(resource)
            if kind not in self.result._numbers:
                self.result._numbers[kind] = self._number(kind)
        for group in self.groups[len(self.cascade.groups) :]:
            # Those of a folder whose resources are none are read and held against policies as well.
            self._number((f"{group.folder}/", "", None))
        self._unmet()
        return self.result

    def _number(self, kind: tuple[str, str, str | None]) -> int:
        path, variant, environment = kind
        found = steps_at(self.groups, path, {variant, environment} - {"", None})
        key = _key(found)
        number = self.by_layers.get(key)
        if number is None:
            number = self.by_layers[key] = self._scope(found)
        return number

    def _scope(self, found: list[Step]) -> int:
        """One more scope: its settings are held against what is locked, its names against policies."""
        settings = folded([step.layer for step in found], self.cascade)
        prepared = replace(self.prepared, notices=[], remarks=[], every=self.prepared.written)
        if has_locks(self.groups):
            locked = hold_locks(found, self.cascade, prepared.written)
            self.result.locked = {**locked, **self.result.locked}
        choose(settings, prepared, may_be_none=True)
        self.result.notices += prepared.notices
        top = self.result.every[0].settings.fail_on
        gates_at = settings.fail_on if settings.fail_on != top else None
        layers = tuple(step.layer for step in found)
        self.result.every.append(Scope(settings, prepared.policies, gates_at, layers))
        return len(self.result.every) - 1

    def _unmet(self) -> None:
        """Tell of globs and environments that are meant for nothing, where all of their folder was read."""
        kinds = list(self.result._numbers)
        environments = {name for _, variant, other in kinds for name in (variant, other) if name}
        paths = [*self.loaded.sources.texts, *dict.fromkeys(path for path, _, _ in kinds)]
        for group in self.groups:
            if not self._all_read(group):
                continue
            for layer in group.layers:
                if layer.path != group.file.path:
                    continue  # what others extend is meant for many repositories
                for glob in layer.paths:
                    alone = replace(layer, paths=(glob,), environments=())
                    if not any(holds(group, alone, path, set()) for path in paths):
                        self._tell(layer, f"paths:{glob}", f"{glob!r} matches no file of this run")
                for name in layer.environments:
                    if name not in environments:
                        message = f"nothing is of the environment {name!r}{near(name, environments)}"
                        self._tell(layer, f"environments:{name}", message)

    def _tell(self, layer: Layer, key: str, message: str) -> None:
        place = layer.places[key]
        self.result.notices.append(
            SourceError(place.path, place.line, place.column, f"{layer.within}: {message}", "notice")
        )

    def _all_read(self, group: Group) -> bool:
        """Whether the whole folder of a settings file was asked for."""
        folder, scope = group.folder, self.loaded.scope
        return scope is not None and any(asked == folder or _holds(asked, folder) for asked in scope.folders)


def _key(found: Iterable[Step]) -> tuple[tuple[str, str], ...]:
    """Which layers hold: a file of the tree is never without its own."""
    return tuple((step.layer.path, step.layer.within) for step in found)
