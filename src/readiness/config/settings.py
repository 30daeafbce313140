"""`readiness.yaml` and `[tool.readiness]`: one settings file, read and held against its schema."""

from __future__ import annotations

import datetime
import functools
import os
import posixpath
import re
from pathlib import Path
from typing import Any

import msgspec

from readiness.config.model import ASPECTS, Layer, Override, SettingsFile
from readiness.config.model import Place as Place
from readiness.config.packages import PREFIX
from readiness.errors import UsageError
from readiness.values import Map, plain

FILE = "readiness.yaml"
OTHER_FILE = "readiness.yml"
TOML_FILE = "pyproject.toml"
LOCK_FILE = "readiness.lock"
SCHEMA_FILE = Path(__file__).with_name("settings.schema.json")
_AS_TEXT = frozenset({"kubernetes-version"})
_LARGEST = 1_000_000
_KEY, _ITEM = re.compile(r"""^["'\w]""", re.MULTILINE), re.compile(r"^- ", re.MULTILINE)
_OBJECT = tuple(re.compile(rf"^{key}:", re.MULTILINE) for key in ("apiVersion", "kind"))


def lock_path(top: str | None = None) -> Path:
    """Where the lock file belongs: beside the top settings file, else in the current folder."""
    return (Path(top).parent if top is not None else Path()) / LOCK_FILE


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


def settings_in(folder: Path, shown: str, own: bool = True, counting: bool = False) -> SettingsFile | None:
    """The settings that a folder holds itself; `shown` is the path of the folder in messages.

    A Kubernetes object or a patch of that name is no settings, except where settings are expected (`own`).
    Another ending is refused there, and in folders of which settings count for what is below (`counting`).

    Raises:
        UsageError: a file is wrong, or has another ending.
    """
    prefix = "" if shown == "." else f"{shown.rstrip('/')}/"
    if os.path.lexists(folder / FILE):
        if not own and not (folder / FILE).is_file():
            return None
        is_there(folder / FILE)
        return read_settings(prefix + FILE, folder / FILE, skip_objects=not own)
    if (own or counting) and _is_meant(folder / OTHER_FILE, own):
        raise UsageError(
            f"settings are read from {FILE}: rename it, or name it with --config", prefix + OTHER_FILE
        )
    if (folder / TOML_FILE).is_file():
        return read_settings(prefix + TOML_FILE, folder / TOML_FILE)
    return None


def _is_meant(file: Path, own: bool) -> bool:
    """Whether a file with another ending is meant for settings: it is there, and no Kubernetes object."""
    return file.is_file() and (own or not _is_object(_text(file.name, file)))


def read_settings(path: str, file: Path | None = None, skip_objects: bool = False) -> SettingsFile | None:
    """Read and validate one settings file; `path` is the one that messages show, `file` the real one.

    None where a `pyproject.toml` has no table of ours, or the file is a Kubernetes object or a patch of some
    and `skip_objects` allows for that.

    Raises:
        UsageError: it cannot be read, or something in it is wrong; with its place.
    """
    file = Path(path) if file is None else file
    data = settings_of(path, _text(path, file), skip_objects)
    if data is None:
        return None
    if "apiVersion" in data and "kind" in data:
        raise UsageError(
            f"this is a Kubernetes object, not settings; --isolated leaves {FILE} alone", path, 1, 1
        )
    from readiness.config.document import hold

    hold(data, _schema(), path)
    said = data.get("overrides", ())
    blocks = [_layer(block, f"overrides.{index}", path, file) for index, block in enumerate(said)]
    for block in blocks:
        if not block.conditional:
            raise block.places[""].error(f"{block.within}: `paths` or `environments` are missing here")
    return SettingsFile(
        path, (_layer(data, "", path, file), *blocks), _extends(data, path), data.get("root", False)
    )


def settings_of(path: str, text: str, skip_objects: bool = False) -> Map | None:
    """The settings in a text as they are written, None where it has none (see `read_settings`).

    Raises:
        UsageError: it is no YAML or TOML; with its place.
    """
    if path.endswith(".toml"):
        from readiness.config.toml import read_table

        return read_table(path, text)
    from readiness.config.document import read_document

    return None if skip_objects and _is_object(text) else read_document(path, text, _AS_TEXT)


def _is_object(text: str) -> bool:
    """Whether a text is a Kubernetes object, perhaps a template of one, or a list as patches are."""
    if all(key.search(text) for key in _OBJECT):
        return True
    return _ITEM.search(text) is not None and _KEY.search(text) is None


def _text(path: str, file: Path) -> str:
    from readiness.config.document import decoded

    try:
        with file.open("rb") as opened:
            raw = opened.read(_LARGEST + 1)
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


def _extends(data: Map, path: str) -> tuple[tuple[str, Place], ...]:
    said = data.get("extends", ())
    if isinstance(said, str):
        return ((said, _place(data, ("extends",), path)),)
    return tuple((item, _place(data, ("extends", i), path)) for i, item in enumerate(said))


def _layer(data: Map, within: str, path: str, file: Path) -> Layer:
    """The keys of a file, or of one of its `overrides`."""
    simple = {"profile", "select", "ignore", "fail-on", "unknown", "tier", "kubernetes-version"}
    values = {
        name.replace("-", "_"): tuple(value) if isinstance(value, list) else value
        for name, value in data.items()
        if name in simple
    }
    places = {name.replace("-", "_"): _place(data, (name,), path, at_key=True) for name in data}
    places[""] = _place(data, (), path)
    for name in ("select", "ignore", "paths", "environments", "locked"):
        for index, item in enumerate(data.get(name, ())):
            places[f"{name}:{str(item).replace('-', '_') if name == 'locked' else item}"] = _place(
                data, (name, index), path
            )
    packs = []
    for index, item in enumerate(data.get("packs", ())):
        pack = item if item.startswith(PREFIX) else _beside(item, path, file)
        packs.append(pack)
        places[f"packs:{pack}"] = _place(data, ("packs", index), path)
    for name in ("waivers", "baseline"):
        if name in data:
            values[name] = _files(data, name, path, file, places)
    if "metadata" in data:
        values["metadata"] = plain(data["metadata"])
        for name in data["metadata"]:
            places[f"metadata.{name}"] = _place(data, ("metadata", name), path, at_key=True)
    if "services" in data:
        values["services"] = _folders(data, path, file, places)
    inner = f"{within}.policies" if within else "policies"
    return Layer(
        path,
        values,
        tuple(packs),
        tuple(_override(data, key, path, inner) for key in data.get("policies", {})),
        places,
        tuple(name.replace("-", "_") for name in data.get("locked", ())),
        within,
        tuple(data.get("paths", ())),
        tuple(data.get("environments", ())),
    )


def _files(data: Map, name: str, path: str, file: Path, places: dict[str, Place]) -> Any:
    """The paths that a key names: one for `baseline`, else all of them; their places are noted."""
    said = data[name]
    found = []
    for index, item in enumerate([said] if isinstance(said, str) else said):
        found.append(posixpath.normpath(_beside(item, path, file)))
        where = (name,) if isinstance(said, str) else (name, index)
        places[f"{name}:{found[-1]}"] = _place(data, where, path)
    return found[0] if name == "baseline" else tuple(found)


def _beside(name: str, path: str, file: Path) -> str:
    """A path of a settings file as users see it; that of a package as it is on the disk."""
    folder = file.parent if path.startswith(PREFIX) else Path(path).parent
    return (folder / name).as_posix()


def _folders(data: Map, path: str, file: Path, places: dict[str, Place]) -> tuple[str, ...]:
    """The folders that are services; their places are noted."""
    found = []
    for index, item in enumerate(data["services"].get("folders", ())):
        found.append(posixpath.normpath(_beside(item, path, file)))
        places[f"services:{found[-1]}"] = _place(data, ("services", "folders", index), path)
    return tuple(found)


def _override(data: Map, key: str, path: str, within: str) -> Override:
    body = data["policies"][key]
    places = {name: _place(data, ("policies", key, name), path) for name in body}
    places |= {
        f"params.{name}": _place(data, ("policies", key, "params", name), path)
        for name in body.get("params", ())
    }
    if body.get("ignore") and body.get("enable"):
        raise places["enable"].error(f"{within}.{key}: a policy is ignored or enabled, not both")
    until = body.get("warn_until")
    if until is not None and not is_day(until):
        raise places["warn_until"].error(f"{within}.{key}.warn_until: there is no day {until!r}")
    locked = body.get("locked", False)
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
        within=within,
        locked=(ASPECTS if locked else ()) if isinstance(locked, bool) else tuple(locked),
    )


def is_day(text: str) -> bool:
    """Whether a text is a day that exists, as `YYYY-MM-DD`."""
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
