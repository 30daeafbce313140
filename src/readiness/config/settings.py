"""`readiness.yaml`: what an organisation decides once, found in the current folder or named."""

from __future__ import annotations

import datetime
import functools
import os
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from readiness.errors import UsageError
from readiness.values import Map, plain

FILE = "readiness.yaml"
LOCK_FILE = "readiness.lock"
SCHEMA_FILE = Path(__file__).with_name("settings.schema.json")
_AS_TEXT = frozenset({"kubernetes-version"})
_LARGEST = 1_000_000


class Place(Struct, frozen=True):
    """Where something is written; lines and columns count from 1."""

    path: str
    line: int
    column: int

    def error(self, message: str) -> UsageError:
        """An error at this place."""
        return UsageError(message, self.path, self.line, self.column)


class Override(Struct, frozen=True):
    """What settings change of the policies that `key` names.

    `key` is an id, a former id, another tool's id, a control, or a glob of ids.  `ignore` and `enable` are
    None where nothing is said.  `places` are those of the fields, and of parameters as `params.NAME`.
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

    def place_of(self, name: str) -> Place:
        """The place of a field, else of the whole."""
        return self.places.get(name, self.place)


class SettingsFile(Struct, frozen=True):
    """The contents of a settings file.

    `values` are those of its scalar and list settings by the names of `Settings` (`fail_on`); `packs` are
    relative to the working directory.  `places` has a place for every entry of a list (`select:NAME`,
    `ignore:NAME`, `packs:NAME`).
    """

    path: str
    values: dict[str, Any]
    packs: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    places: dict[str, Place] = field(default_factory=dict)


def find_settings(config: str | None = None, isolated: bool = False) -> SettingsFile | None:
    """The settings of `config`, else of `readiness.yaml` in the current folder, if there is one.

    Raises:
        UsageError: the named file is missing, or a file is wrong.
    """
    if config is not None:
        if not config:
            raise UsageError("--config names no file")
        return read_settings(config)
    if isolated:
        return None
    if is_there(Path(FILE)):
        return read_settings(FILE)
    if Path("readiness.yml").is_file():
        raise UsageError(
            f"settings are read from {FILE}: rename it, or name it with --config", "readiness.yml"
        )
    return None


def lock_path(config: str | None = None) -> Path:
    """Where the lock file belongs: beside the named settings, else in the current folder."""
    return (Path(config).parent if config is not None else Path()) / LOCK_FILE


def is_there(path: Path) -> bool:
    """Whether a file is there.

    Raises:
        UsageError: something else is: it decides about a gate, and must not be passed over.
    """
    if path.is_file():
        return True
    if os.path.lexists(path):
        raise UsageError("a file is expected, not a folder, a pipe or a link to nothing", path.as_posix())
    return False


def read_settings(path: str) -> SettingsFile:
    """Read and validate one settings file.

    Raises:
        UsageError: it cannot be read, or something in it is wrong; with its place.
    """
    from readiness.config.document import hold, read_document

    data = read_document(path, _text(path), _AS_TEXT)
    if "apiVersion" in data and "kind" in data:
        raise UsageError(
            f"this is a Kubernetes object, not settings; --isolated leaves {FILE} alone", path, 1, 1
        )
    hold(data, _schema(), path)
    values = {
        name.replace("-", "_"): tuple(value) if isinstance(value, list) else value
        for name, value in data.items()
        if name not in ("packs", "policies")
    }
    places = {
        f"{name}:{item}": _place(data, (name, index), path)
        for name in ("select", "ignore")
        for index, item in enumerate(data.get(name, ()))
    }
    folder = Path(path).parent
    packs = []
    for index, item in enumerate(data.get("packs", ())):
        pack = item if item.startswith("package:") else (folder / item).as_posix()
        packs.append(pack)
        places[f"packs:{pack}"] = _place(data, ("packs", index), path)
    overrides = tuple(_override(data, key, path) for key in data.get("policies", {}))
    return SettingsFile(path, values, tuple(packs), overrides, places)


def _text(path: str) -> str:
    from readiness.config.document import decoded

    try:
        with Path(path).open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except FileNotFoundError:
        raise UsageError(f"the settings file {path!r} does not exist") from None
    except OSError as error:
        raise UsageError(f"it cannot be read: {error.strerror}", path) from None
    if len(raw) > _LARGEST:
        raise UsageError("settings have at most a million bytes", path)
    return decoded(raw, path)


@functools.cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = msgspec.json.decode(SCHEMA_FILE.read_bytes())
    return schema


def _place(data: Any, parts: tuple[str | int, ...], path: str, at_key: bool = False) -> Place:
    """The place of the value at a path, or of its name."""
    from readiness.config.document import place_of

    return Place(path, *place_of(data, parts, at_key))


def _override(data: Map, key: str, path: str) -> Override:
    body = data["policies"][key]
    places = {name: _place(data, ("policies", key, name), path) for name in body}
    places |= {
        f"params.{name}": _place(data, ("policies", key, "params", name), path)
        for name in body.get("params", ())
    }
    if body.get("ignore") and body.get("enable"):
        raise places["enable"].error(f"policies.{key}: a policy is ignored or enabled, not both")
    until = body.get("warn_until")
    if until is not None and not is_day(until):
        raise places["warn_until"].error(f"policies.{key}.warn_until: there is no day {until!r}")
    return Override(
        key=key.strip(),
        place=_place(data, ("policies", key), path, at_key=True),
        severity=body.get("severity"),
        tiers={int(tier): value for tier, value in body["tiers"].items()} if "tiers" in body else None,
        params=plain(body.get("params", {})),
        ignore=body.get("ignore"),
        enable=body.get("enable"),
        warn_until=until,
        places=places,
    )


def is_day(text: str) -> bool:
    """Whether a text is a day that exists, as `YYYY-MM-DD`."""
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
