"""`waivers.yaml`: approved exceptions, read and validated."""

from __future__ import annotations

import functools
import os
import posixpath
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from readiness.config.model import Place
from readiness.config.settings import is_day, is_there
from readiness.errors import UsageError
from readiness.values import Map, Span

FILE = "waivers.yaml"
OTHER_FILE = "waivers.yml"
SCHEMA_FILE = Path(__file__).with_name("waivers.schema.json")
LARGEST = 5_000_000
"""Bytes of the largest file that is read."""

_KEY = re.compile(rb"^(?:waivers|acknowledgements)[ \t]*:", re.MULTILINE)
_TEXTS = frozenset(
    {"policy", "resources", "paths", "environments"} | {"reason", "owner", "ticket", "approved_by", "expires"}
)


class Waiver(Struct, frozen=True):
    """One entry: which findings of which policies may pass.

    `resources`, `paths` and `environments` are globs; an empty one says nothing.  `folder` is where paths
    begin, relative to the base of the run.  `expires` is the last day on which it holds (`YYYY-MM-DD`).
    `written` is the entry as it stands in the file, `span` where; `places` are those of its policies.
    With `change` it acknowledges what the change does that brings it.
    """

    policies: tuple[str, ...]
    span: Span
    written: Map
    folder: str = "."
    resources: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    reason: str | None = None
    owner: str | None = None
    ticket: str | None = None
    approved_by: str | None = None
    expires: str | None = None
    places: dict[str, Place] = field(default_factory=dict)
    change: bool = False

    @property
    def content(self) -> tuple[object, ...]:
        """What it says, wherever it stands."""
        asked = (self.policies, self.resources, self.paths, self.environments)
        return (*asked, self.reason, self.owner, self.ticket, self.approved_by, self.expires, self.change)


class WaiverFile(Struct, frozen=True):
    """The waivers of one file; `path` is as messages show it, `text` what it holds."""

    path: str
    text: str
    waivers: tuple[Waiver, ...]


def find_waivers(folders: Iterable[str], base: Path) -> tuple[str, ...]:
    """The `waivers.yaml` of the first folder that has one; folders and the result are relative to `base`.

    Raises:
        UsageError: something of that name is there and no file, or there are waivers with another ending.
    """
    folders = list(folders)
    for folder in folders:
        if is_there(base / folder / FILE):
            return (_within(folder, FILE),)
    for folder in folders:
        if _has_waivers(base / folder / OTHER_FILE):
            message = f"waivers are read from {FILE}: rename it, or name it with --waivers"
            raise UsageError(message, _within(folder, OTHER_FILE))
    return ()


def _within(folder: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(folder.replace(os.sep, "/"), name))


def _has_waivers(file: Path) -> bool:
    """Whether a file is one of waivers: other tools have files of that name as well."""
    try:
        with file.open("rb") as opened:
            return _KEY.search(opened.read(LARGEST)) is not None
    except OSError:
        return False


def read_waivers(paths: Sequence[str], base: Path) -> list[WaiverFile]:
    """Read and validate files of waivers; paths are relative to `base`.

    Raises:
        UsageError: one of them is missing, or something in it is wrong; with its place.
    """
    return [parse_waivers(path, _text(path, base)) for path in paths]


def parse_waivers(path: str, text: str) -> WaiverFile:
    """The waivers of a text.

    Raises:
        UsageError: something in it is wrong; with its place.
    """
    from readiness.config.document import hold, read_document

    data = read_document(path, text, _TEXTS, what="waivers")
    # A name that is nearly right says more than that the right one is missing.
    hold(data, _lenient(schema()), path, "field")
    if "acknowledgements" not in data:
        hold(data, {"required": ["waivers"]}, path, "field")
    hold(data, schema(), path, "field")
    found = [
        _waiver(data, kind, index, path)
        for kind in ("waivers", "acknowledgements")
        for index in range(len(data.get(kind) or ()))
    ]
    return WaiverFile(path, text, tuple(found))


@functools.cache
def schema() -> dict[str, Any]:
    """The JSON Schema of the file."""
    read: dict[str, Any] = msgspec.json.decode(SCHEMA_FILE.read_bytes())
    return read


def _lenient(shape: Any) -> Any:
    """A schema that asks for nothing to be there."""
    if isinstance(shape, list):
        return [_lenient(item) for item in shape]
    if not isinstance(shape, dict):
        return shape
    left_out = ("required", "minProperties")
    return {name: _lenient(value) for name, value in shape.items() if name not in left_out}


def _text(path: str, base: Path) -> str:
    from readiness.config.document import decoded

    if not path:
        raise UsageError("--waivers names no file")
    try:
        with (base / path).open("rb") as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise UsageError(f"the file of waivers {path!r} does not exist") from None
    except OSError as error:
        raise UsageError(f"it cannot be read: {error.strerror}", path) from None
    if len(raw) > LARGEST:
        raise UsageError("a file of waivers has at most five million bytes", path)
    return decoded(raw, path)


def _waiver(data: Map, kind: str, index: int, path: str) -> Waiver:
    from readiness.config.document import place_of

    entry: Map = data[kind][index]
    span = entry.span or Span(path, 1, 1, 1, 1)
    if not any(name in entry for name in ("resources", "paths", "environments")):
        message = 'it says neither resources nor paths nor environments; `resources: "*"` means all of them'
        raise UsageError(f"{kind}.{index}: {message}", path, span.line, span.column)
    if "expires" in entry and not is_day(entry["expires"]):
        place = Place(path, *place_of(data, (kind, index, "expires")))
        raise place.error(f"{kind}.{index}.expires: there is no day {entry['expires']!r}")
    names = _several(entry, "policy")
    one = isinstance(entry["policy"], str)
    places = {}
    for number, name in enumerate(names):
        where = (kind, index, "policy") if one else (kind, index, "policy", number)
        places[name] = Place(path, *place_of(data, where))
    return Waiver(
        policies=names,
        span=span,
        written=entry,
        folder=posixpath.dirname(path) or ".",
        resources=_several(entry, "resources"),
        paths=_several(entry, "paths"),
        environments=_several(entry, "environments"),
        reason=_line(entry, "reason"),
        owner=_line(entry, "owner"),
        ticket=_line(entry, "ticket"),
        approved_by=_line(entry, "approved_by"),
        expires=entry.get("expires"),
        places=places,
        change=kind == "acknowledgements",
    )


def _several(entry: Map, name: str) -> tuple[str, ...]:
    """The texts of a field that holds one or a list of them."""
    value = entry.get(name, [])
    return tuple(item.strip() for item in ([value] if isinstance(value, str) else value))


def _line(entry: Map, name: str) -> str | None:
    """A text on one line; None where nothing but blanks is written."""
    return " ".join(entry.get(name, "").split()) or None
