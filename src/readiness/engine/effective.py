"""The effective settings of a path, each with where it comes from: what `readiness config` shows."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from readiness.config.model import Cascade, Group, Layer, Override, Place
from readiness.engine.locks import hold_locks
from readiness.engine.prepare import choose, prepare
from readiness.engine.scopes import all_groups, steps_at
from readiness.engine.settings import Settings, folded, has_locks
from readiness.errors import UsageError
from readiness.repo.discover import shown_path

COMMAND_LINE = "command line"
DEFAULT = "default"
SCALARS = ("profile", "fail_on", "unknown", "tier", "kubernetes_version", "baseline")
LISTS = ("select", "ignore", "packs", "waivers", "services")


class Value(Struct, frozen=True):
    """A setting, or one entry of a list: `origin` is a place, `command line` or `default`.

    `locked` is the place that says that it may not be loosened.
    """

    name: str
    value: Any
    origin: Place | str
    locked: Place | None = None


class UsedFile(Struct, frozen=True):
    """A settings file that takes part; `extended_by` is the one of the tree that brings it in."""

    path: str
    extended_by: str | None = None


class Effective(Struct):
    """Settings of a path (the working directory where it is `.`) and of an environment, where one was named.

    `lists` has the entries of `select`, `ignore`, `packs`, `waivers` and `services` (its folders); `metadata`
    those keys of it that are said, as `metadata.KEY`; `policies` the fields of every entry of `policies`, by
    key (`params.days`), a locked one with who locks it.
    """

    path: str
    environment: str | None
    files: list[UsedFile] = field(default_factory=list)
    scalars: list[Value] = field(default_factory=list)
    lists: dict[str, list[Value]] = field(default_factory=dict)
    metadata: list[Value] = field(default_factory=list)
    policies: dict[str, list[Value]] = field(default_factory=dict)


def effective(settings: Settings, path: str = ".", environment: str | None = None) -> Effective:
    """What holds for a file or folder: settings of a run that began here, with those of folders below.

    Raises:
        UsageError: there is no such path, a settings file is wrong, or loosens what is locked.
    """
    cascade = settings.cascade or Cascade()
    prepared = prepare(settings)
    shown, folders = _located(path, cascade)
    groups = all_groups(cascade, folders)
    found = steps_at(groups, shown, {environment} - {None})
    here = folded([step.layer for step in found], cascade)
    if has_locks(groups):
        hold_locks(found, cascade, prepared.written)
    choose(here, replace(prepared, every=prepared.written), may_be_none=True)
    layers = [step.layer for step in found]
    result = Effective(shown.rstrip("/") or ".", environment, list(_files(groups, layers)))
    result.scalars = [_scalar(name, here, layers, cascade) for name in SCALARS]
    result.lists = {name: _list(name, here, layers, cascade) for name in LISTS}
    result.metadata = [
        Value(
            f"metadata.{key}",
            value,
            next(layer.places[f"metadata.{key}"] for layer in reversed(layers) if _says(layer, key)),
        )
        for key, value in here.metadata.items()
    ]
    for one in here.overrides:
        _add(result.policies.setdefault(one.key, []), one)
    return result


def _says(layer: Layer, key: str) -> bool:
    """Whether a layer says what a key of `metadata` means."""
    return key in layer.values.get("metadata", {})


def _located(path: str, cascade: Cascade) -> tuple[str, list[str]]:
    """A path as users see it (a folder ends in `/`), and the folders it lies in that may hold settings."""
    base = Path() if cascade.base is None else cascade.base
    real = base / path
    if not real.exists():
        raise UsageError(f"the path {path!r} does not exist")
    here = base.absolute()
    shown = shown_path(Path(posixpath.normpath((here / path).as_posix())), here)
    if shown == ".":
        return shown, []
    shown += "/" if real.is_dir() else ""
    parts = posixpath.dirname(shown).split("/")
    below = ["/".join(parts[: count + 1]) for count in range(len(parts)) if parts[0]]
    return shown, below if cascade.nested else []


def _files(groups: Sequence[Group], layers: Sequence[Layer]) -> Iterator[UsedFile]:
    used = {layer.path for layer in layers}
    for group in groups:
        if group.file.path in used:
            yield from (UsedFile(path, group.file.path) for path in group.extended)
            yield UsedFile(group.file.path)


def _scalar(name: str, settings: Settings, layers: Sequence[Layer], cascade: Cascade) -> Value:
    origin: Place | str = DEFAULT
    for layer in layers:
        if name in layer.values:
            origin = layer.places[name]
    if name in cascade.given:
        origin = COMMAND_LINE
    return Value(name, getattr(settings, name), origin, _lock(name, layers))


def _lock(name: str, layers: Sequence[Layer]) -> Place | None:
    return next((layer.places[f"locked:{name}"] for layer in layers if name in layer.locked), None)


def _list(name: str, settings: Settings, layers: Sequence[Layer], cascade: Cascade) -> list[Value]:
    field_ = "policies" if name == "packs" else name
    given = cascade.given.get(field_, ())
    values = []
    for entry in getattr(settings, field_):
        origin: Place | str = COMMAND_LINE if entry in given else DEFAULT
        for layer in layers:
            origin = layer.places.get(f"{name}:{entry}", origin)
        values.append(Value(name, entry, origin, _lock(name, layers)))
    return values


def _add(values: list[Value], one: Override) -> None:
    """Put the fields of an entry over those that nearer files and overrides said before it."""
    fields: dict[str, Any] = {
        "severity": one.severity,
        "tiers": one.tiers,
        **{f"params.{name}": value for name, value in one.params.items()},
        "ignore": one.ignore,
        "enable": one.enable,
        "warn_until": one.warn_until,
    }
    for name, value in fields.items():
        if value is None and name not in one.places:
            continue
        if value is None and not name.startswith("params."):
            continue  # put aside by the command line
        before = next((known for known in values if known.name == name), None)
        lock = _locks(one, name) or (None if before is None else before.locked)
        if before is not None:
            values.remove(before)
        values.append(Value(name, value, one.place_of(name), lock))
    if one.locked:
        values.append(Value("locked", list(one.locked), one.place_of("locked")))


def _locks(one: Override, name: str) -> Place | None:
    aspect = {"tiers": "severity", "enable": "ignore"}.get(name, name.partition(".")[0])
    return one.place_of("locked") if aspect in one.locked else None
