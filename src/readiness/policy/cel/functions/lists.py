"""Methods of lists, and the sets extension."""

from __future__ import annotations

import operator
from functools import cmp_to_key
from itertools import pairwise
from typing import Any

from readiness.policy.cel import ops
from readiness.policy.cel.errors import CelError
from readiness.policy.cel.registry import function, method
from readiness.policy.cel.types import NONE, OptionalValue, no_overload
from readiness.values import List, Unknown


def _list(name: str, value: Any, *rest: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise no_overload(name, value, *rest)


def _same(a: Any, b: Any) -> bool:
    return ops.equals(a, b) is True


def reverse(items: list[Any]) -> list[Any]:
    """The items in reverse, with their spans."""
    if type(items) is List:
        return List(items[::-1], items.span, items.item_spans[::-1])
    return items[::-1]


def index_of(items: list[Any], wanted: Any, *extra: Any) -> int:
    """The position of the first item that equals, or -1."""
    if extra:
        raise no_overload("indexOf", items, wanted, *extra)
    return next((at for at, item in enumerate(items) if _same(item, wanted)), -1)


def last_index_of(items: list[Any], wanted: Any, *extra: Any) -> int:
    """The position of the last item that equals, or -1."""
    if extra:
        raise no_overload("lastIndexOf", items, wanted, *extra)
    return next((at for at in range(len(items) - 1, -1, -1) if _same(items[at], wanted)), -1)


def _slice(items: Any, start: Any, end: Any) -> list[Any]:
    values = _list("slice", items, start, end)
    for bound in (start, end):
        if not isinstance(bound, int) or isinstance(bound, bool):
            raise no_overload("slice", items, start, end)
    if not 0 <= start <= end <= len(values):
        raise CelError(f"slice({start}, {end}) is outside a list of {len(values)}")
    return values[start:end]


def _flatten(items: Any, depth: Any = 1) -> list[Any]:
    values = _list("flatten", items, depth)
    if not isinstance(depth, int) or isinstance(depth, bool):
        raise no_overload("flatten", items, depth)
    if depth < 0:
        raise CelError("the depth of `flatten` is not negative")
    result: list[Any] = []
    for item in values:
        if isinstance(item, list) and depth > 0:
            result.extend(_flatten(item, depth - 1) if depth > 1 else item)
        else:
            result.append(item)
    return result


def _distinct(items: Any) -> list[Any]:
    result: list[Any] = []
    seen: set[str] = set()
    for item in _list("distinct", items):
        if type(item) is str:
            if item not in seen:
                seen.add(item)
                result.append(item)
        elif not any(_same(item, other) for other in result):
            result.append(item)
    return result


def _three_way(a: Any, b: Any) -> int:
    if ops.order(operator.lt, a, b):
        return -1
    return 1 if ops.order(operator.gt, a, b) else 0


def sorted_by(weights: list[Any], items: list[Any]) -> list[Any]:
    """`items` in the order of their `weights`, which are of one comparable type."""
    key = cmp_to_key(_three_way)
    if len(weights) == 1:
        _three_way(weights[0], weights[0])
    order = sorted(range(len(items)), key=lambda at: key(weights[at]))
    return [items[at] for at in order]


def _sort(items: Any) -> list[Any]:
    values = _list("sort", items)
    return sorted_by(values, values)


def _is_sorted(items: Any) -> bool:
    values = _list("isSorted", items)
    return all(ops.order(operator.le, a, b) for a, b in pairwise(values))


def _sum(items: Any) -> Any:
    values = _list("sum", items)
    total: Any = values[0] if values else 0
    if values and (isinstance(total, (bool, str, list)) or total is None):
        raise no_overload("sum", total)
    for item in values[1:]:
        total = ops.add(total, item)
    return total


def _extreme(name: str, test: ops.Test, items: Any) -> Any:
    values = _list(name, items)
    if not values:
        raise CelError(f"`{name}` of an empty list")
    best = values[0]
    for item in values[1:]:
        if ops.order(test, item, best):
            best = item
    return best


def _minimum(items: Any) -> Any:
    return _extreme("min", operator.lt, items)


def _maximum(items: Any) -> Any:
    return _extreme("max", operator.gt, items)


def _first(items: Any) -> Any:
    values = _list("first", items)
    return values[0] if values and isinstance(values[0], Unknown) else _at(values, 0)


def _last(items: Any) -> Any:
    values = _list("last", items)
    return values[-1] if values and isinstance(values[-1], Unknown) else _at(values, -1)


def _at(values: list[Any], index: int) -> OptionalValue:
    return OptionalValue(True, values[index]) if values else NONE


def _join(items: Any, separator: Any = "") -> str:
    values = _list("join", items, separator)
    if not isinstance(separator, str) or not all(isinstance(item, str) for item in values):
        raise no_overload("join", items, separator)
    if sum(map(len, values)) + len(separator) * len(values) > ops.MAX_LENGTH:
        raise CelError(f"the result of `join` is longer than {ops.MAX_LENGTH} characters")
    return separator.join(values)


def _range(count: Any) -> list[int]:
    if not isinstance(count, int) or isinstance(count, bool):
        raise no_overload("lists.range", count)
    if count > 1_000_000:
        raise CelError("`lists.range` makes at most 1000000 numbers")
    return list(range(count))


def _contains_all(a: Any, b: Any) -> bool:
    group = _list("sets.contains", a, b)
    return all(ops.contains(item, group) is True for item in _list("sets.contains", b))


def _equivalent(a: Any, b: Any) -> bool:
    return _contains_all(a, b) and _contains_all(b, a)


def _intersects(a: Any, b: Any) -> bool:
    group = _list("sets.intersects", b, a)
    return any(ops.contains(item, group) is True for item in _list("sets.intersects", a))


FUNCTIONS = (
    method("slice", _slice, 2),
    method("flatten", _flatten, 0, 1),
    method("distinct", _distinct, elements=True),
    method("sort", _sort, elements=True),
    method("isSorted", _is_sorted, elements=True),
    method("sum", _sum, elements=True),
    method("min", _minimum, elements=True),
    method("max", _maximum, elements=True),
    method("first", _first),
    method("last", _last),
    method("join", _join, 0, 1, elements=True),
    function("lists.range", _range),
    function("sets.contains", _contains_all, 2, elements=True, nulls="false"),
    function("sets.equivalent", _equivalent, 2, elements=True, nulls="false"),
    function("sets.intersects", _intersects, 2, elements=True, nulls="false"),
)
