"""`readiness-services.yaml`: what a repository declares of its services, read and validated."""

from __future__ import annotations

import datetime
import functools
import posixpath
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from readiness.config.settings import is_day
from readiness.errors import UsageError
from readiness.values import Map, Span

FILE = "readiness-services.yaml"
SCHEMA_FILE = Path(__file__).with_name("services.schema.json")
LARGEST = 5_000_000
"""Bytes of the largest file that is read."""

FACTS = ("owner", "tier", "system", "lifecycle", "link", "rto", "rpo", "data_classification")
"""Fields that hold one text."""

_LISTS = ("environments", "depends_on", "documents", "resources", "paths")
_TEXTS = frozenset({*FACTS, *_LISTS, "note", "date"} - {"tier"})


class Evidence(Struct, frozen=True):
    """Something that was done on a day."""

    kind: str
    on: datetime.date
    span: Span
    note: str = ""
    link: str = ""


class Declared(Struct, frozen=True):
    """One entry: a service, and what is said of it.

    `span` is the place of its name.  `facts` has those of `FACTS` that are said, as text with their places.
    `folder` is where `documents` and `paths` begin, as users see it.
    """

    name: str
    span: Span
    folder: str
    facts: dict[str, tuple[str, Span]] = field(default_factory=dict)
    environments: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def read_services(path: str, file: Path) -> list[Declared]:
    """Read and validate a file of services; `path` is the one that messages show.

    Raises:
        UsageError: it cannot be read, or something in it is wrong; with its place.
    """
    from readiness.config.document import decoded

    try:
        with file.open("rb") as opened:
            raw = opened.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"it cannot be read: {error.strerror}", path) from None
    if len(raw) > LARGEST:
        raise UsageError("a file of services has at most five million bytes", path)
    return parse_services(path, decoded(raw, path))


def parse_services(path: str, text: str) -> list[Declared]:
    """The services of a text.

    Raises:
        UsageError: something in it is wrong; with its place.
    """
    from readiness.config.document import hold, read_document

    data = read_document(path, text, _TEXTS, what="services")
    hold(data, schema(), path, "field")
    if "services" not in data:
        raise UsageError("'services' is missing here", path, 1, 1)
    entries = data["services"]
    if not isinstance(entries, Map):
        return []
    folder = posixpath.dirname(path) or "."
    for name in entries:
        if not name.strip():
            span = entries.key_spans[name]
            raise UsageError("services: a service has a name", path, span.line, span.column)
    return [_declared(entries, name, folder, path) for name in entries]


@functools.cache
def schema() -> dict[str, Any]:
    """The JSON Schema of the file."""
    read: dict[str, Any] = msgspec.json.decode(SCHEMA_FILE.read_bytes())
    return read


def _declared(entries: Map, name: str, folder: str, path: str) -> Declared:
    entry = entries[name] if isinstance(entries[name], Map) else Map()
    span = entries.key_spans.get(name) or Span(path, 1, 1, 1, 1)
    facts = {
        fact: (" ".join(str(entry[fact]).split()), entry.span_of(fact) or span)
        for fact in FACTS
        if fact in entry
    }
    return Declared(
        name=name.strip(),
        span=span,
        folder=folder,
        facts=facts,
        evidence=tuple(
            _evidence(name, index, one, path) for index, one in enumerate(entry.get("evidence", ()))
        ),
        **{each: tuple(item.strip() for item in entry.get(each, ())) for each in _LISTS},
    )


def _evidence(name: str, index: int, one: Map, path: str) -> Evidence:
    span = one.span or Span(path, 1, 1, 1, 1)
    if not is_day(one["date"]):
        place = one.value_spans["date"]
        message = f"services.{name}.evidence.{index}.date: there is no day {one['date']!r}"
        raise UsageError(message, path, place.line, place.column)
    day = datetime.date.fromisoformat(one["date"])
    return Evidence(one["kind"], day, span, one.get("note", ""), one.get("link", ""))
