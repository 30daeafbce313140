"""Changes as edits of JSON: manifests, and Terraform in its JSON syntax."""

from __future__ import annotations

import json
from typing import Any

from readiness.fixes.model import CannotFixError, Change, Edit
from readiness.fixes.text import Text
from readiness.sources import json_source
from readiness.values import List, Map, Span


def _object(text: Text, container: Map) -> Map:
    """The object of the text that a mapping was read from: no two end at the same place."""
    if "objects" not in text.found:
        text.found["objects"] = _objects(text)
    span = container.span
    found = text.found["objects"].get(span[3:]) if span is not None else None
    if not isinstance(found, Map):
        raise CannotFixError("it is not written as an object of its own")
    return found


def _objects(text: Text) -> dict[tuple[int, int], Map]:
    """The objects of a text by the line and column after their ends."""
    objects: dict[tuple[int, int], Map] = {}
    left: list[Any] = [document.root for document in json_source.read(text.path, text.body).documents]
    while left:
        value = left.pop()
        if isinstance(value, Map) and value.span is not None:
            objects[value.span[3:]] = value
        if isinstance(value, (Map, List)):
            left += value.values() if isinstance(value, Map) else value
    return objects


def _indent(text: Text, found: Map) -> str | None:
    """The indentation of the entries of an object; None where it is on one line."""
    span = found.span
    assert span is not None
    if span.line == span.end_line:
        return None
    first = min(found.key_spans.values(), default=None)
    if first is None or first.line == span.line:
        return text.indent(span.line) + "  "
    return text.indent(first.line)


def insert(text: Text, container: Map, tree: dict[str, Any]) -> list[Edit]:
    """New entries at the end of an object."""
    found = _object(text, container)
    indent = _indent(text, found)
    span = found.span
    assert span is not None
    step = (indent or "").removeprefix(text.indent(span.line)) or "  "
    entries = [f"{json.dumps(key)}: {_written(value, indent, step)}" for key, value in tree.items()]
    gap = " " if indent is None else f"\n{indent}"
    if not found:
        closing = "" if indent is None else f"\n{text.indent(span.line)}"
        inner = f",{gap}".join(entries)
        return [Edit(span, f"{{{gap if indent is not None else ''}{inner}{closing}}}")]
    last = max(found.value_spans.values(), key=lambda one: (one.end_line, one.end_column))
    new = "".join(f",{gap}{entry}" for entry in entries)
    return [Edit(text.point(last.end_line, last.end_column), new)]


def _written(value: Any, indent: str | None, step: str = "  ") -> str:
    if indent is None or not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, indent=step).replace("\n", f"\n{indent}")


def _value(text: Text, container: Map, key: str) -> tuple[Map, Span]:
    found = _object(text, container)
    if key not in found:
        raise CannotFixError(f"`{key}` is not written where it is used")
    return found, found.value_spans[key]


def replace(text: Text, container: Map, key: str, value: Any) -> list[Edit]:
    """Another value of an entry."""
    found, span = _value(text, container, key)
    return [Edit(span, _written(value, _indent(text, found)))]


def append(text: Text, container: Map, key: str, values: list[Any]) -> list[Edit]:
    """More items at the end of an array."""
    found, span = _value(text, container, key)
    present = found[key]
    if not isinstance(present, List):
        raise CannotFixError(f"`{key}` is not written as a list")
    written = [json.dumps(value, ensure_ascii=False) for value in values]
    if not present:
        return [Edit(span, f"[{', '.join(written)}]")]
    last = present.item_spans[-1]
    gap = " " if last.end_line == span.line else f"\n{text.indent(last.line)}"
    return [Edit(text.point(last.end_line, last.end_column), "".join(f",{gap}{one}" for one in written))]


def remove(text: Text, container: Map, key: str) -> list[Edit]:
    """No such entry."""
    found, span = _value(text, container, key)
    names = sorted(found.key_spans, key=lambda name: found.key_spans[name])
    index = names.index(key)
    end = (span.end_line, span.end_column)
    name = found.key_spans[key]
    start = (name.line, name.column)
    if index:
        before = found.value_spans[names[index - 1]]
        start = (before.end_line, before.end_column)
    elif len(names) > 1:
        following = found.key_spans[names[1]]
        end = (following.line, following.column)
    return [Edit(text.region(start, end), "")]


def edits(text: Text, change: Change) -> list[Edit]:
    """The edits of a change that is no insertion."""
    if change.op == "append":
        return append(text, change.container, change.key, change.value)
    if change.op == "remove":
        return remove(text, change.container, change.key)
    return replace(text, change.container, change.key, change.value)
