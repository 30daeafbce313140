"""Functions that look at collections whose items may be unknown: each says what stays known."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from readiness.terraform.convert import (
    ITEM_LIMIT,
    EvaluationError,
    check_text,
    equal,
    first_unknown,
    plain,
    to_bool,
    to_number,
    to_text,
    unique,
)
from readiness.values import JsonText, List, Map, Unknown, partial_json


def _missing(*values: Any) -> Unknown | None:
    """The first unknown among some values, as the result of a function that never gives null."""
    for value in values:
        if isinstance(value, Unknown):
            return Unknown(value.reason, value.refs, value.span, not_null=True)
    return None


def _bounded(count: int) -> None:
    if count > ITEM_LIMIT:
        raise EvaluationError(f"the result would have more than {ITEM_LIMIT:,} items")


def _items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise EvaluationError("a list is required")
    return value


def _merge(*maps: Any) -> Any:
    missing = _missing(*maps)
    if missing is not None:
        return missing
    result = Map()
    for part in maps:
        if part is None:
            continue
        if not isinstance(part, dict):
            raise EvaluationError("only maps and objects can be merged")
        result.update(part)
        if isinstance(part, Map):
            result.key_spans.update(part.key_spans)
            result.value_spans.update(part.value_spans)
            result.span = result.span or part.span
    return result


def _concat(*lists: Any) -> Any:
    missing = _missing(*lists)
    if missing is not None:
        return missing
    _bounded(sum(len(_items(part)) for part in lists))
    items: list[Any] = []
    spans: list[Any] = []
    for part in lists:
        items.extend(part)
        spans.extend(part.item_spans if isinstance(part, List) else [])
    return List(items, None, spans if len(spans) == len(items) else [])


def _flatten(value: Any) -> Any:
    missing = _missing(value)
    if missing is not None:
        return missing
    first_unknown(_items(value))  # refuses what is too large to be walked
    items: list[Any] = []
    missing = _flatten_into(items, value)
    return List(items) if missing is None else missing


def _flatten_into(items: list[Any], value: list[Any]) -> Unknown | None:
    for item in value:
        if isinstance(item, Unknown):
            return _missing(item)
        if isinstance(item, list):
            missing = _flatten_into(items, item)
            if missing is not None:
                return missing
        else:
            items.append(item)
    return None


def _jsonencode(value: Any) -> Any:
    first = first_unknown(value)
    if first is not None:
        return partial_json(value, first)
    text = json.dumps(plain(value), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    # Go escapes what could end a script element.
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    check_text(len(text))
    return JsonText(text, value)


def _yamlencode(value: Any) -> Any:
    """The text is not worked out, but the structure in it is known."""
    first = first_unknown(value)
    if first is not None:
        return partial_json(value, first)
    return Unknown("the function yamlencode() is not evaluated", not_null=True, document=value)


def _lookup(value: Any, key: Any, *default: Any) -> Any:
    for part in (value, key):
        if isinstance(part, Unknown):
            return Unknown(part.reason, part.refs, part.span)
    if not isinstance(value, dict):
        raise EvaluationError("a map is required")
    name = to_text(key)
    if name in value:
        return value[name]
    if default:
        return default[0]
    raise EvaluationError(f"there is no key {name!r}")


def _coalesce(*values: Any) -> Any:
    for value in values:
        if isinstance(value, Unknown):
            if value.not_null:
                return value
            there = any(not isinstance(other, Unknown) and other not in (None, "") for other in values)
            return Unknown(value.reason, value.refs, value.span, not_null=there)
        if value is not None and value != "":
            return value
    raise EvaluationError("all arguments are null or empty")


def _coalescelist(*lists: Any) -> Any:
    for part in lists:
        if isinstance(part, Unknown):
            return _missing(part)
        if part is not None and len(_items(part)):
            return part
    raise EvaluationError("all arguments are empty lists")


def _length(value: Any) -> Any:
    missing = _missing(value)
    if missing is not None:
        return missing
    if not isinstance(value, (list, dict, str)):
        raise EvaluationError("a list, map or string is required")
    return len(value)


def _element(items: Any, position: Any) -> Any:
    for part in (items, position):
        if isinstance(part, Unknown):
            return Unknown(part.reason, part.refs, part.span)
    if not _items(items):
        raise EvaluationError("the list is empty")
    return items[int(to_number(position)) % len(items)]


def _same_kind(items: list[Any]) -> list[Any]:
    """Items of one type: where there are several, Terraform makes strings of numbers and bools."""
    kinds = {bool if isinstance(item, bool) else float if isinstance(item, (int, float)) else type(item)
             for item in items if item is not None and not isinstance(item, Unknown)}  # fmt: skip
    if len(kinds) < 2 or any(issubclass(kind, (list, dict)) for kind in kinds):
        return items
    return [item if item is None else to_text(item) for item in items]


def _set(value: Any) -> Any:
    missing = _missing(value)
    if missing is not None:
        return missing
    missing = _missing(*_items(value))
    if missing is not None:
        return missing
    items = _same_kind(value)
    return unique(value if items is value else List(items, None, getattr(value, "item_spans", None)))


def _list(value: Any) -> Any:
    missing = _missing(value)
    if missing is not None:
        return missing
    items = _same_kind(_items(value))
    return (
        value
        if items is value
        else List(items, getattr(value, "span", None), getattr(value, "item_spans", None))
    )


def _map(value: Any) -> Any:
    missing = _missing(value)
    if missing is not None:
        return missing
    if not isinstance(value, dict):
        raise EvaluationError("a map is required")
    items = list(value.values())
    same = _same_kind(items)
    if same is items:
        return value
    spans = (value.span, value.key_spans, value.value_spans) if isinstance(value, Map) else ()
    return Map(zip(value, same, strict=True), *spans)


def _contains(items: Any, wanted: Any) -> Any:
    missing = _missing(items)
    if missing is not None:
        return missing
    waiting: Unknown | None = None
    for item in _items(items):
        same = equal(item, wanted)
        if isinstance(same, Unknown):
            waiting = _missing(same) if waiting is None else waiting
        elif same:
            return True
    return False if waiting is None else waiting


def _same(value: Any) -> Any:
    return value


def _keys(value: Any) -> Any:
    missing = _missing(value)
    return List(sorted(value.keys())) if missing is None else missing


def _values(value: Any) -> Any:
    missing = _missing(value)
    return List([value[key] for key in sorted(value.keys())]) if missing is None else missing


def _compact(items: Any) -> Any:
    missing = _missing(items)
    missing = _missing(*_items(items)) if missing is None else missing
    return List([item for item in items if item is not None and item != ""]) if missing is None else missing


def _one(items: Any) -> Any:
    if isinstance(items, Unknown):
        return Unknown(items.reason, items.refs, items.span)
    if len(_items(items)) > 1:
        raise EvaluationError("the list has more than one item")
    return items[0] if items else None


def _zipmap(keys: Any, values: Any) -> Any:
    missing = _missing(keys, values)
    missing = _missing(*_items(keys)) if missing is None else missing
    if missing is not None:
        return missing
    if len(keys) != len(_items(values)):
        raise EvaluationError("the number of keys is not that of the values")
    return Map(zip(map(to_text, keys), values, strict=True))


def _setproduct(*sets: Any) -> Any:
    missing = _missing(*sets)
    if missing is not None:
        return missing
    if len(sets) < 2:
        raise EvaluationError("two sets or more are required")
    count = len(sets)
    for items in sets:
        count *= len(_items(items))
        _bounded(count)
    import itertools

    return List([List(items) for items in itertools.product(*sets)])


def _quantified(items: Any, decisive: bool) -> Any:
    missing = _missing(items)
    if missing is not None:
        return missing
    flags = [False if item is None else to_bool(item) for item in _items(items)]
    if any(flag is decisive for flag in flags):
        return decisive
    missing = _missing(*flags)
    return (not decisive) if missing is None else missing


STRUCTURAL: dict[str, Callable[..., Any]] = {
    "alltrue": lambda items: _quantified(items, False),
    "anytrue": lambda items: _quantified(items, True),
    "coalesce": _coalesce,
    "coalescelist": _coalescelist,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "element": _element,
    "ephemeralasnull": _same,
    "flatten": _flatten,
    "jsonencode": _jsonencode,
    "keys": _keys,
    "length": _length,
    "lookup": _lookup,
    "merge": _merge,
    "nonsensitive": _same,
    "one": _one,
    "sensitive": _same,
    "setproduct": _setproduct,
    "tolist": _list,
    "tomap": _map,
    "toset": _set,
    "values": _values,
    "yamlencode": _yamlencode,
    "zipmap": _zipmap,
}
"""Functions by name; each takes its arguments as they are, unknowns included."""
