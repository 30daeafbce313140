"""Changing values without touching those that share them: every change gives new collections on its path.

A value that comes from somewhere else brings its place along: its entry points to what a person edits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from readiness.values import List, Map, Span, Unknown, span_of


class Place(NamedTuple):
    """Where an entry is written: its key (or whole entry) and its value."""

    key: Span | None = None
    value: Span | None = None


class FieldError(Exception):
    """A path that leads through a value which is neither a mapping nor a list."""


Change = Callable[[Any], tuple[Any, "Place | None"]]
"""The value that replaces another, and its place; the same value and no place where nothing changes."""


def place_of(holder: Map, key: str) -> Place:
    """Where an entry of a mapping is written."""
    return Place(holder.key_spans.get(key), holder.value_spans.get(key) or span_of(holder.get(key)))


def copied(value: Map) -> Map:
    """A mapping of its own with the same entries and spans."""
    result = Map(value, value.span, dict(value.key_spans), dict(value.value_spans), value.origin)
    result.kind = value.kind
    return result


def put(holder: Map, key: str, value: Any, place: Place | None) -> Map:
    """A mapping with an entry set; without a place the entry keeps the one that it has."""
    result = copied(holder)
    result[key] = value
    if place is not None:
        _set_span(result.key_spans, key, place.key or place.value)
        _set_span(result.value_spans, key, place.value or place.key)
    return result


def _set_span(spans: dict[str, Span], key: str, span: Span | None) -> None:
    if span is None:
        spans.pop(key, None)
    else:
        spans[key] = span


def without(holder: Map, key: str) -> Map:
    """A mapping without an entry."""
    if key not in holder:
        return holder
    result = copied(holder)
    del result[key]
    result.key_spans.pop(key, None)
    result.value_spans.pop(key, None)
    return result


def item_spans(items: List) -> list[Span | None]:
    """The span of each item, that of the list where there is none."""
    return [items.span_of(index) or span_of(item) or items.span for index, item in enumerate(items)]


def listed(items: list[Any], spans: list[Span | None], like: List | None) -> List:
    """A list with the span of another; spans of items are kept where all of them are known."""
    known = [span for span in spans if span is not None]
    result = List(items, like.span if like is not None else None, known if len(known) == len(items) else None)
    if like is not None:
        result.kind = like.kind
    return result


def put_item(items: List, index: int, value: Any, span: Span | None) -> List:
    """A list with an item set, or appended where `index` is its length."""
    values, spans = list(items), item_spans(items)
    if index == len(values):
        values.append(value)
        spans.append(span or items.span)
    else:
        values[index] = value
        spans[index] = span or spans[index]
    return listed(values, spans, items)


@lru_cache(1024)
def split_path(path: str, delimiter: str = "/") -> tuple[str, ...]:
    r"""The parts of a path; `\` before a delimiter makes it part of a name.

    Source: `PathSplitter` in `kyaml/utils/pathsplitter.go`.
    """
    written = path.split(delimiter)
    if len(written) > 1 and not written[0]:
        written = written[1:]
    parts = [written[0]]
    for part in written[1:]:
        if parts[-1].endswith("\\"):
            parts[-1] = parts[-1][:-1] + delimiter + part
        else:
            parts.append(part)
    return tuple(parts)


def change_at(value: Any, path: tuple[str, ...], change: Change, created: Place | None = None) -> Any:
    """A value with what a path leads to changed; the value itself where nothing changes.

    A list on the way stands for each of its items, and `name[]` says that there is one.  With `created`,
    mappings on the way that are not there are made (and have that place); the value that is not there is None
    to `change`.
    Source: `api/filters/fieldspec/fieldspec.go`.

    Raises:
        FieldError: the path leads through a scalar.
    """
    if isinstance(value, List):
        return _change_items(value, path, change, created)
    if value is None or isinstance(value, Unknown):
        return value
    if not isinstance(value, Map):
        raise FieldError(f"`{path[0]}` is looked for in a value that is neither a mapping nor a list")
    name = path[0].removesuffix("[]")
    creating = created is not None and name == path[0]
    if name not in value and not creating:
        return value
    old = value.get(name)
    if len(path) == 1:
        new, place = change(old)
        # The same value with a place is written there as well, and what is written last counts.
        return value if new is old and place is None else put(value, name, new, place)
    if old is None and creating and created is not None:
        new = change_at(Map(span=created.value), path[1:], change, created)
        return put(value, name, new, created)
    new = change_at(old, path[1:], change, created)
    return value if new is old else put(value, name, new, None)


def _change_items(items: List, path: tuple[str, ...], change: Change, created: Place | None) -> Any:
    changed = [change_at(item, path, change, created) for item in items]
    if all(new is old for new, old in zip(changed, items, strict=True)):
        return items
    return listed(changed, item_spans(items), items)
