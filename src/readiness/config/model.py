"""What settings files say, as data: layers of keys, from which settings are put together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from readiness.errors import UsageError

LOCKABLE = ("select", "ignore", "profile", "fail_on", "unknown", "tier", "kubernetes_version")
"""Settings that a file may lock, by the names of `Settings`."""

ASPECTS = ("severity", "params", "ignore", "warn_until")
"""What an entry of `policies` may lock; `severity` has the severities by tier with it."""


class Place(Struct, frozen=True):
    """Where something is written; lines and columns count from 1."""

    path: str
    line: int
    column: int

    def error(self, message: str) -> UsageError:
        """An error at this place."""
        return UsageError(message, self.path, self.line, self.column)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class Override(Struct, frozen=True):
    """What settings change of the policies that `key` names.

    `key` is an id, a former id, another tool's id, a control, or a glob of ids.  `ignore` and `enable` are
    None where nothing is said.  `places` are those of the fields, and of parameters as `params.NAME`;
    `within` is the mapping that it stands in (`policies`, `overrides.0.policies`), and `locked` what of it
    others may not loosen (`ASPECTS`).
    """

    key: str
    place: Place
    severity: str | None = None
    tiers: dict[int, str] | None = None
    params: dict[str, Any] = field(default_factory=dict)
    ignore: bool | None = None
    enable: bool | None = None
    warn_until: str | None = None
    places: dict[str, Place] = field(default_factory=dict)
    within: str = "policies"
    locked: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The path of the entry in its file."""
        return f"{self.within}.{self.key}"

    def place_of(self, name: str) -> Place:
        """The place of a field, else of the whole."""
        return self.places.get(name, self.place)


class Layer(Struct, frozen=True):
    """The keys of a settings file, or of one entry of its `overrides`.

    `values` are those of its scalar and list settings by the names of `Settings` (`fail_on`); `packs` are
    relative to the working directory.  `places` has the place of every key (`fail_on`) and of every entry
    of a list (`select:NAME`, `ignore:NAME`, `packs:NAME`).  `paths` (globs) and
    `environments` say what an entry of `overrides` holds for; both are empty for the file itself.  `locked`
    are settings that others may not loosen.
    """

    path: str
    values: dict[str, Any] = field(default_factory=dict)
    packs: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    places: dict[str, Place] = field(default_factory=dict)
    locked: tuple[str, ...] = ()
    within: str = ""
    paths: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()

    @property
    def conditional(self) -> bool:
        """Whether it holds for some resources only."""
        return bool(self.paths or self.environments)


class SettingsFile(Struct, frozen=True):
    """One settings file: its own keys, then the entries of its `overrides`, in their order.

    `extends` are the files that it builds on, as written, with their places.  `root` says that no file
    above it counts.
    """

    path: str
    layers: tuple[Layer, ...]
    extends: tuple[tuple[str, Place], ...] = ()
    root: bool = False

    @property
    def own(self) -> Layer:
        """Its own keys, which hold for everything that it is about."""
        return self.layers[0]


class Group(Struct, frozen=True):
    """A settings file of the tree with the files that it extends: their layers, the weakest first.

    `first` says for each layer at which index the layers begin that its file is made of (what it extends,
    and itself).  `folder` is the folder that all of them hold for, as users see it, and in which their globs
    begin; one at or above the working directory (`.`, `..`) holds for everything.
    """

    file: SettingsFile
    folder: str
    layers: tuple[Layer, ...]
    first: tuple[int, ...]
    extended: tuple[str, ...] = ()  # the files that it extends, as users see them


class Cascade(Struct, frozen=True):
    """The settings files of a run: those at and above the working directory, the outermost first.

    `given` is what the command line said, by the names of `Settings`, and `defaults` what holds where nobody
    says anything.  With `nested` the files in folders below count as well; those are read below `base`, where
    it is not the working directory, and below `past` (a base revision) where they are no longer.  `profiles`
    are profiles by the name of those that they stand in for, wherever that is said.
    """

    groups: tuple[Group, ...] = ()
    given: dict[str, Any] = field(default_factory=dict)
    defaults: dict[str, Any] = field(default_factory=dict)
    nested: bool = True
    base: Path | None = None
    past: Path | None = None
    profiles: Mapping[str, str] = {}


def is_everywhere(folder: str) -> bool:
    """Whether settings in a folder hold for a whole run: it is the working directory or above it."""
    return folder == "." or set(folder.split("/")) == {".."}


def lock_at(locked: Mapping[str, Place], policy: str, path: str) -> Place | None:
    """Who says that nothing may let findings of a policy in a file pass; None where nobody does.

    `locked` has the policies that are locked everywhere by their ids, and those of a folder below by
    `folder/id`.
    """
    found = locked.get(policy)
    while found is None and "/" in path:
        path = path.rpartition("/")[0]
        found = locked.get(f"{path}/{policy}")
    return found
