"""Functions of collections, whose items may be unknown: each says what stays known.

Source: https://developer.hashicorp.com/terraform/language/functions (Collection Functions), and
https://github.com/zclconf/go-cty/blob/v1.16.2/cty/function/stdlib/collection.go
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from readiness.terraform.convert import EvaluationError, equal, first_unknown
from readiness.terraform.functions_common import Function, bounded, items_of, missing, not_known
from readiness.terraform.graphemes import count
from readiness.terraform.kinds import element_of, family, type_of
from readiness.terraform.references import ResourceObject
from readiness.terraform.unify import collection, converted, unify
from readiness.values import List, Map, Unknown


def _merge(*maps: Any) -> Any:
    waiting = missing(*maps)
    if waiting is not None:
        return waiting
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


def _ordered(value: Any) -> list[Any]:
    """A list or tuple.

    Raises:
        EvaluationError: it is none; the items of a set have no order.
    """
    if family(value) == "set":
        raise EvaluationError("a list is required, and a set has no order")
    return items_of(value)


def _part(value: list[Any], items: list[Any], first: int = 0) -> List:
    """Items that follow one another in a list, with their spans."""
    spans = value.item_spans if isinstance(value, List) else []
    return List(items, None, spans[first : first + len(items)] if len(spans) == len(value) else [])


def _concat(*lists: Any) -> Any:
    for part in lists:
        if not isinstance(part, Unknown):
            _ordered(part)
    waiting = missing(*lists)
    if waiting is not None:
        return waiting
    bounded(sum(map(len, lists)))
    items: list[Any] = []
    spans: list[Any] = []
    for part in lists:
        items.extend(part)
        spans.extend(part.item_spans if isinstance(part, List) else [])
    return List(items, None, spans if len(spans) == len(items) else [])


def _flatten(value: Any) -> Any:
    first_unknown(items_of(value))  # refuses what is too large to be walked
    items: list[Any] = []
    waiting = _flatten_into(items, value)
    return List(items) if waiting is None else waiting


def _flatten_into(items: list[Any], value: list[Any]) -> Unknown | None:
    for item in value:
        if isinstance(item, Unknown) and not _is_text(item):
            return missing(item)
        if isinstance(item, list):
            waiting = _flatten_into(items, item)
            if waiting is not None:
                return waiting
        else:
            items.append(item)
    return None


def _is_text(value: Unknown) -> bool:
    """True for what is certainly a string, whatever it will be."""
    return bool(value.prefix or value.suffix) or value.document is not None


def _lookup(value: Any, key: Any, *default: Any) -> Any:
    if len(default) > 1:
        raise EvaluationError(f"it was given {2 + len(default)} arguments")
    for part in (value, key):
        if isinstance(part, Unknown):
            return not_known(part, nullable=True)
    if isinstance(value, ResourceObject):
        return value.attribute(key)  # its provider says whether there is such an attribute
    if key in value:
        return value[key]
    if not default:
        raise EvaluationError(f"there is no key {str(key)!r}")
    element = element_of(value) if family(value) == "map" else None
    return default[0] if element is None else converted(default[0], element)


def _coalesce(*values: Any) -> Any:
    for value in values:
        if isinstance(value, Unknown):
            if value.not_null and (value.prefix or value.suffix):
                return value
            there = any(not isinstance(other, Unknown) and other not in (None, "") for other in values)
            return not_known(value, nullable=not (there or value.not_null))
        if value is not None and value != "":
            return _agreed(value, values)
    raise EvaluationError("all arguments are null or empty")


def _agreed(chosen: Any, values: tuple[Any, ...]) -> Any:
    """A value converted to the type that all have in common, as far as that is known."""
    types = [type_of(value) for value in values if value is not None and not isinstance(value, Unknown)]
    if None in types:
        return chosen
    common = unify(types)
    if common is None:
        raise EvaluationError("the arguments have no type in common")
    return converted(chosen, common)


def _coalescelist(*lists: Any) -> Any:
    for part in lists:
        if isinstance(part, Unknown):
            return missing(part)
        if part is not None and _ordered(part):
            return part
    raise EvaluationError("all arguments are empty lists")


def _length(value: Any) -> Any:
    if isinstance(value, str):
        return count(value)
    if not isinstance(value, (list, dict)):
        raise EvaluationError("a list, map or string is required")
    return len(value)


def _element(items: Any, position: Any) -> Any:
    if not isinstance(items, Unknown) and not _ordered(items):
        raise EvaluationError("the list is empty")
    for part in (items, position):
        if isinstance(part, Unknown):
            return not_known(part, nullable=True)
    return items[position % len(items)]


def _contains(items: Any, wanted: Any) -> Any:
    if isinstance(items, Unknown):
        return not_known(items)
    waiting: Unknown | None = None
    for item in items:
        same = equal(item, wanted)
        if isinstance(same, Unknown):
            waiting = not_known(same) if waiting is None else waiting
        elif same:
            return True
    return False if waiting is None else waiting


def _index(items: Any, wanted: Any) -> Any:
    waiting = missing(items)
    if waiting is not None:
        return waiting
    for position, item in enumerate(_ordered(items)):
        same = equal(item, wanted)
        if isinstance(same, Unknown):
            return not_known(same)
        if same:
            return position
    raise EvaluationError("the item is not in the list")


def _keys(value: Any) -> Any:
    return List(sorted(value))


def _values(value: Any) -> Any:
    return List([value[key] for key in sorted(value)])


def _compact(items: Any) -> Any:
    waiting = missing(*items)
    return List([item for item in items if item is not None and item != ""]) if waiting is None else waiting


def _one(items: Any) -> Any:
    if isinstance(items, Unknown):
        return not_known(items, nullable=True)
    if len(items_of(items)) > 1:
        raise EvaluationError("the list has more than one item")
    return items[0] if items else None


def _zipmap(keys: Any, values: Any) -> Any:
    waiting = missing(keys, values)
    if waiting is None:
        waiting = missing(*keys)
    if waiting is not None:
        return waiting
    if len(keys) != len(_ordered(values)):
        raise EvaluationError("the number of keys is not that of the values")
    if None in keys:
        raise EvaluationError("a key is null")
    return Map(zip(keys, values, strict=True))


def _quantified(decisive: bool) -> Callable[[Any], Any]:
    """`anytrue` (True decides) or `alltrue` (False decides)."""

    def function(items: Any) -> Any:
        if isinstance(items, Unknown):
            return not_known(items)
        flags = [False if item is None else item for item in items]
        if any(flag is decisive for flag in flags):
            return decisive
        waiting = missing(*flags)
        return (not decisive) if waiting is None else waiting

    return function


def _chunklist(items: list[Any], size: int) -> List:
    if size < 0:
        raise EvaluationError("the size is negative")
    step = size or max(1, len(items))
    return List([_part(items, items[start : start + step], start) for start in range(0, len(items), step)])


def _reverse(items: list[Any]) -> List:
    spans = items.item_spans if isinstance(items, List) else []
    return List(reversed(items), None, spans[::-1])


def _slice(items: list[Any], start: int, end: int) -> List:
    if not 0 <= start <= end <= len(_ordered(items)):
        raise EvaluationError(f"the items {start} to {end} are not all in a list of {len(items)}")
    return _part(items, items[start:end], start)


def _transpose(mapping: dict[str, Any]) -> Map:
    result: dict[str, List] = {}
    for key in sorted(mapping):
        if mapping[key] is None or None in mapping[key]:
            raise EvaluationError(f"null is among the strings of {key!r}")
        for value in mapping[key]:
            result.setdefault(value, List()).append(key)
    return Map({key: result[key] for key in sorted(result)})


def _collected(kind: str) -> Callable[[Any], Any]:
    return lambda value: collection(value, kind)


COLLECTION: dict[str, Function] = {
    "alltrue": Function(_quantified(False), "B", unknown="none"),
    "anytrue": Function(_quantified(True), "B", unknown="none"),
    "chunklist": Function(_chunklist, "l i", unknown="top"),
    "coalesce": Function(_coalesce, "X*", unknown="none"),
    "coalescelist": Function(_coalescelist, "X*", unknown="none"),
    "compact": Function(_compact, "S", unknown="top"),
    "concat": Function(_concat, "l l*", unknown="none"),
    "contains": Function(_contains, "l X", unknown="none"),
    "element": Function(_element, "l i", unknown="none", nullable=True),
    "flatten": Function(_flatten, "l", unknown="top"),
    "index": Function(_index, "l x", unknown="none"),
    "keys": Function(_keys, "m", unknown="top"),
    "length": Function(_length, "x", unknown="top"),
    "lookup": Function(_lookup, "m s X*", unknown="none", nullable=True),
    "merge": Function(_merge, "X*", unknown="none"),
    "one": Function(_one, "x", unknown="none", nullable=True),
    "reverse": Function(_reverse, "l", unknown="top"),
    "slice": Function(_slice, "l i i", unknown="top"),
    "tolist": Function(_collected("list"), "X", unknown="none", nullable=True),
    "tomap": Function(_collected("map"), "X", unknown="none", nullable=True),
    "toset": Function(_collected("set"), "X", unknown="none", nullable=True),
    "transpose": Function(_transpose, "M"),
    "values": Function(_values, "m", unknown="top"),
    "zipmap": Function(_zipmap, "S x", unknown="none"),
}
