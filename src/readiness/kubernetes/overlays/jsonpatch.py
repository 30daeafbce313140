"""JSON patches (RFC 6902) on values with spans, as `evanphx/json-patch` v4 applies them for Kustomize.

What is added or replaced points to the `value` in the patch; what is moved keeps its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from readiness.kubernetes.overlays.edit import Place, item_spans, listed, place_of, put, put_item, without
from readiness.kubernetes.overlays.model import text_of
from readiness.values import List, Map, Span, Unknown

OPERATIONS = ("add", "copy", "move", "remove", "replace", "test")
_NEEDS_VALUE = ("add", "replace", "test")
_NEEDS_FROM = ("copy", "move")

Parts = list[str]
Step = Callable[[Any, str], Any]


class JsonPatchError(Exception):
    """An operation that cannot be done; `span` is the operation in the patch."""

    def __init__(self, message: str, span: Span | None) -> None:
        super().__init__(message)
        self.span = span


def problems(patch: List) -> list[tuple[str, Span | None]]:
    """What is wrong with a patch whatever it is for, each with its place."""
    found: list[tuple[str, Span | None]] = []
    for index, step in enumerate(patch):
        span = patch.span_of(index)
        if not isinstance(step, Map):
            found.append((f"operation {index + 1} of this JSON patch is not a mapping", span))
            continue
        operation, path = step.get("op"), step.get("path")
        if operation not in OPERATIONS:
            shown = ", ".join(f"`{name}`" for name in OPERATIONS)
            found.append((f"`op` of a JSON patch is one of {shown}", step.span_of("op") or span))
        elif not isinstance(path, str) or (path and not path.startswith("/")):
            found.append(
                ("`path` of a JSON patch is a text that begins with `/`", step.span_of("path") or span)
            )
        elif operation in _NEEDS_FROM and not isinstance(step.get("from"), str):
            found.append((f"`{operation}` needs a `from`", span))
        elif operation in _NEEDS_VALUE and "value" not in step:
            found.append((f"`{operation}` needs a `value`", span))
    return found


def apply(target: Map, patch: List) -> Map:
    """An object with all operations of a patch (without `problems`) done, in order.

    Raises:
        JsonPatchError: a path that is not there, or a `test` that fails.
    """
    result: Any = target
    for index, step in enumerate(patch):
        try:
            result = _apply(result, step)
        except _PathError as error:
            raise JsonPatchError(str(error), step.span_of("path") or patch.span_of(index)) from None
    if not isinstance(result, Map):
        raise JsonPatchError("this JSON patch leaves no object", patch.span)
    return result


class _PathError(Exception):
    """Why an operation cannot be done."""


def _apply(document: Any, step: Map) -> Any:
    operation, path = step["op"], step["path"]
    parts = _parts(path)
    if operation == "test":
        _test(document, parts, step)
        return document
    if operation in ("add", "replace"):
        return _set(document, parts, step["value"], place_of(step, "value"), path, operation)
    if operation == "remove":
        return _remove(document, parts, path)
    source = _parts(step["from"])
    value, place = _look(document, source, step["from"])
    if operation == "move":
        document = _remove(document, source, step["from"])
    return _set(document, parts, value, place, path, "add")


def _parts(path: str) -> Parts:
    return [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]


def _set(document: Any, parts: Parts, value: Any, place: Place, path: str, operation: str) -> Any:
    if not parts:
        return value

    def step(holder: Any, key: str) -> Any:
        if isinstance(holder, Map):
            if operation == "replace" and key not in holder:
                raise _PathError(f"there is no `{path}` to replace")
            return put(holder, key, value, place)
        if operation == "replace":
            index = _index(holder, key, path)
            return put_item(holder, index, value, place.value)
        return _insert(holder, key, value, place, path)

    return _at(document, parts, path, step)


def _insert(holder: List, key: str, value: Any, place: Place, path: str) -> List:
    size = len(holder)
    index = size if key == "-" else _number(key, path)
    if index < 0:
        index += size + 1
    if not 0 <= index <= size:
        raise _PathError(f"`{path}` is outside of a list of {size}")
    spans = item_spans(holder)
    values = [*holder[:index], value, *holder[index:]]
    return listed(values, [*spans[:index], place.value or holder.span, *spans[index:]], holder)


def _remove(document: Any, parts: Parts, path: str) -> Any:
    def step(holder: Any, key: str) -> Any:
        if isinstance(holder, Map):
            if key not in holder:
                raise _PathError(f"there is no `{path}` to remove")
            return without(holder, key)
        index = _index(holder, key, path)
        spans = item_spans(holder)
        return listed([*holder[:index], *holder[index + 1 :]], [*spans[:index], *spans[index + 1 :]], holder)

    return _at(document, parts, path, step)


def _at(value: Any, parts: Parts, path: str, step: Step) -> Any:
    """Do a step in the collection that holds the last part of a path."""
    if not parts:
        raise _PathError("the path of this operation is that of the whole object")
    if isinstance(value, Unknown):
        return value
    if not isinstance(value, (Map, List)):
        raise _PathError(f"`{path}` leads through a value that is neither a mapping nor a list")
    key = parts[0]
    if len(parts) == 1:
        return step(value, key)
    if isinstance(value, Map):
        if value.get(key) is None:
            raise _PathError(f"there is no `{key}` on the way to `{path}`")
        return put(value, key, _at(value[key], parts[1:], path, step), None)
    index = _index(value, key, path)
    return put_item(value, index, _at(value[index], parts[1:], path, step), None)


def _look(value: Any, parts: Parts, path: str) -> tuple[Any, Place]:
    """What a path leads to and where it is written."""
    place = Place()
    for part in parts:
        if isinstance(value, Map) and part in value:
            value, place = value[part], place_of(value, part)
        elif isinstance(value, List):
            index = _index(value, part, path)
            value, place = value[index], Place(value.span_of(index), value.span_of(index))
        elif isinstance(value, Unknown):
            return value, place
        else:
            raise _PathError(f"there is no `{path}`")
    return value, place


def _test(document: Any, parts: Parts, step: Map) -> None:
    try:
        found, _ = _look(document, parts, step["path"])
    except _PathError:
        if step["value"] is None:
            return
        raise
    if isinstance(found, Unknown) or isinstance(step["value"], Unknown):
        return
    if not _equal(found, step["value"]):
        raise _PathError(f"the test of `{step['path']}` fails: it is {_shown(found)}")


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _shown(value: Any) -> str:
    if isinstance(value, (Map, List)):
        return "a mapping" if isinstance(value, Map) else "a list"
    return "null" if value is None else f"`{text_of(value)}`"


def _number(key: str, path: str) -> int:
    try:
        return int(key)
    except ValueError:
        raise _PathError(f"`{key}` in `{path}` is no index, and there is a list") from None


def _index(items: List, key: str, path: str) -> int:
    index = _number(key, path)
    if index < 0:
        index += len(items)
    if not 0 <= index < len(items):
        raise _PathError(f"`{path}` is outside of a list of {len(items)}")
    return index
