"""Conversions between types, and the type that several values have in common.

Source of the rules: https://github.com/zclconf/go-cty/tree/v1.16.2/cty/convert
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from readiness.terraform.convert import EvaluationError, to_bool, to_number, to_text, unique
from readiness.terraform.kinds import (
    DYNAMIC,
    OBJECT,
    TUPLE,
    Type,
    element_of,
    like,
    loosened,
    type_of,
)
from readiness.values import List, Unknown

_PRIMITIVES = {"string": to_text, "number": to_number, "bool": to_bool}


def name_of(kind: Type) -> str:
    """What people call a type: `a list`, `an object`."""
    name = "value" if kind is None or kind == DYNAMIC else kind if isinstance(kind, str) else kind[0]
    return f"an {name}" if name == OBJECT else f"a {name}"


# -- which conversions there are --------------------------------------------------------------


def convertible(source: Type, target: Type, unsafe: bool = True) -> bool:
    """Whether Terraform converts one type to the other; `unsafe` allows what may fail for some values."""
    if target == DYNAMIC or source == target:
        return True
    if source == DYNAMIC:
        return unsafe
    if isinstance(source, str) and isinstance(target, str):
        return target == "string" or (unsafe and source == "string")
    if isinstance(source, str) or isinstance(target, str):
        return False
    one, other = source[0], target[0]
    if other in ("list", "set") and one in ("list", "set"):
        return (unsafe or other == "list" or one == "set") and convertible(source[1], target[1], unsafe)
    if other == "map" and one == "map":
        return convertible(source[1], target[1], unsafe)
    if other in ("list", "set") and one == TUPLE:
        return _all_convertible(source[1], target[1], unsafe)
    if other == "map" and one == OBJECT:
        return _all_convertible(tuple(source[1].values()), target[1], unsafe, mixed=True)
    if other == TUPLE and one == TUPLE:
        return len(source[1]) == len(target[1]) and all(
            convertible(a, b, unsafe) for a, b in zip(source[1], target[1], strict=True)
        )
    return other == OBJECT and _to_object(source, target, unsafe)


def _all_convertible(items: Sequence[Type], target: Type, unsafe: bool, mixed: bool = False) -> bool:
    """Whether all items convert; `mixed` allows what has no type in common but `any`."""
    if target == DYNAMIC and items:
        found = unify(items, unsafe)
        if found is None or (found == DYNAMIC and not mixed and any(item != DYNAMIC for item in items)):
            return False
        target = found
    return all(convertible(item, target, unsafe) for item in items)


def _to_object(source: Type, target: Type, unsafe: bool) -> bool:
    optional = target[2] if len(target) > 2 else {}
    if source[0] == "map":
        return unsafe and all(
            name in optional or convertible(source[1], item) for name, item in target[1].items()
        )
    if source[0] != OBJECT:
        return False
    return all(
        convertible(source[1][name], item, unsafe) if name in source[1] else name in optional
        for name, item in target[1].items()
    )


# -- the common type --------------------------------------------------------------------------


def unify(types: Sequence[Type], unsafe: bool = True) -> Type | None:
    """The most general type that all of some (at least one) types convert to, or None."""
    first = types[0]
    if all(kind == first for kind in types):
        return first
    families = {kind if isinstance(kind, str) else kind[0] for kind in types}
    dynamic = DYNAMIC in families
    families.discard(DYNAMIC)
    if len(families) == 1 and not isinstance(next(k for k in types if k != DYNAMIC), str):
        # What a dynamic type turns out to be is not known yet.
        return DYNAMIC if dynamic else _unify_alike(families.pop(), types, unsafe)
    if families == {"map", OBJECT} or families == {"list", TUPLE}:
        found = _unify_as_collections(types, unsafe)
        if found is not None:
            return found
    if families >= {OBJECT, TUPLE}:
        return None
    for index in _preference(types):
        wanted = types[index]
        if all(convertible(kind, wanted, unsafe) for kind in types):
            return wanted
    return None


def _unify_alike(kind: str, types: Sequence[Type], unsafe: bool) -> Type | None:
    if kind in ("list", "set", "map"):
        element = unify([item[1] for item in types], unsafe)
        return None if element is None else (kind, element)
    first = types[0][1]
    if kind == OBJECT:
        if any(item[1].keys() != first.keys() for item in types):
            return _unify_items("map", [each for item in types for each in item[1].values()], types, unsafe)
        found = {name: unify([item[1][name] for item in types], unsafe) for name in first}
        common: Type = (OBJECT, found)
        known = None not in found.values()
    else:
        if any(len(item[1]) != len(first) for item in types):
            return _unify_items("list", [each for item in types for each in item[1]], types, unsafe)
        parts = tuple(unify(items, unsafe) for items in zip(*(item[1] for item in types), strict=True))
        common, known = (TUPLE, parts), None not in parts
    return common if known and all(convertible(item, common, unsafe) for item in types) else None


def _unify_items(kind: str, items: Sequence[Type], types: Sequence[Type], unsafe: bool) -> Type | None:
    element = unify(items, unsafe) if items else None
    if element is None:
        return None
    common = (kind, element)
    return common if all(convertible(item, common, unsafe) for item in types) else None


def _unify_as_collections(types: Sequence[Type], unsafe: bool) -> Type | None:
    """Objects among maps as maps, tuples among lists as lists."""
    inner = [kind for kind in types if kind != DYNAMIC and kind[0] in (OBJECT, TUPLE)]
    kind = "map" if inner[0][0] == OBJECT else "list"
    items = [each for item in inner for each in (item[1].values() if kind == "map" else item[1])]
    common = _unify_items(kind, items, inner, unsafe)
    if common is None:
        return None
    found = unify([common if item in inner else item for item in types], unsafe)
    return found if isinstance(found, tuple) and found[0] == kind else None


def _preference(types: Sequence[Type]) -> list[int]:
    """Indexes of types, the most general first; what cannot be compared keeps its order."""
    count = len(types)
    edges: list[list[int]] = [[] for _ in types]
    above = [0] * count
    for i in range(count - 1):
        for j in range(i + 1, count):
            order = _compare(types[i], types[j])
            if order:
                upper, lower = (i, j) if order < 0 else (j, i)
                edges[upper].append(lower)
                above[lower] += 1
    queue = [index for index in range(count) if not above[index]]
    for index in queue:  # which grows on the way
        for lower in edges[index]:
            above[lower] -= 1
            if not above[lower]:
                queue.append(lower)
    return queue


_RANK = {"list": 0, TUPLE: 1, "set": 2, "map": 0, OBJECT: 1}


def _compare(a: Type, b: Type) -> int:
    """Below zero where `a` is more general than `b`, above zero where `b` is."""
    if a == DYNAMIC or b == DYNAMIC:
        return int(a == DYNAMIC) - int(b == DYNAMIC)
    if isinstance(a, str) or isinstance(b, str):
        both = isinstance(a, str) and isinstance(b, str)
        return (int(b == "string") - int(a == "string")) if both else 0
    one, other = a[0], b[0]
    if one == other:
        if one in ("list", "set", "map"):
            return _compare(a[1], b[1])
        return _compare_items(a[1], b[1])
    maps = one in ("map", OBJECT)
    return _RANK[one] - _RANK[other] if maps == (other in ("map", OBJECT)) else 0


def _compare_items(a: Any, b: Any) -> int:
    if isinstance(a, dict):
        if a.keys() != b.keys():
            return 0
        pairs: Iterable[tuple[Type, Type]] = ((a[name], b[name]) for name in a)
    elif len(a) != len(b):
        return 0
    else:
        pairs = zip(a, b, strict=True)
    orders: set[int] = {(order > 0) - (order < 0) for order in (_compare(x, y) for x, y in pairs)} - {0}
    return orders.pop() if len(orders) == 1 else 0


# -- conversion of values -----------------------------------------------------------------------


def converted(value: Any, target: Type) -> Any:
    """A value as another type; what is unknown stays unknown.

    Raises:
        EvaluationError: it cannot be converted.
    """
    if value is None or target is None or target == DYNAMIC or isinstance(value, Unknown):
        return value
    if isinstance(target, str):
        return _PRIMITIVES[target](value)
    source = type_of(value)
    if source == target:
        return value
    result = _convert(value, target)
    if source is not None and not convertible(source, target):
        raise EvaluationError(f"{name_of(target)} is required, and {name_of(source)} cannot be made one")
    return result


def _convert(value: Any, target: Type) -> Any:
    """The same, as far as the values tell: an empty list is any list."""
    if value is None or target is None or target == DYNAMIC or isinstance(value, Unknown):
        return value
    if isinstance(target, str):
        return _PRIMITIVES[target](value)
    structure = target[0]
    maps = structure in ("map", OBJECT)
    if maps and isinstance(value, dict):
        return _to_keys(value, target)
    if maps or not isinstance(value, list):
        raise EvaluationError(f"{name_of(target)} is required")
    return _to_sequence(value, target)


def _to_keys(value: dict[str, Any], target: Type) -> Any:
    if target[0] == "map":
        element, items = _elements(list(value.values()), value, target[1])
        return like(value, dict(zip(value, items, strict=True)), ("map", element))
    return _object(value, target)


def _to_sequence(value: list[Any], target: Type) -> Any:
    structure, inner = target
    if structure == TUPLE:
        if len(value) != len(inner):
            raise EvaluationError(f"a tuple of {len(inner)} items is required")
        items = [_convert(item, kind) for item, kind in zip(value, inner, strict=True)]
        return like(value, items, _whole(TUPLE, plain_type(target)))
    element, items = _elements(value, value, inner)
    if structure == "set" and not any(isinstance(item, Unknown) for item in items):
        result: List = unique(like(value, items, None))
        result.kind = ("set", element)
        return result
    return like(value, items, (structure, element))


def _whole(structure: str, kind: Type) -> Type:
    """The type of a structure: what its constraint says, or its items where that says `any`."""
    return kind if _no_dynamic(kind) else structure


def _no_dynamic(kind: Type) -> bool:
    if isinstance(kind, str) or kind is None:
        return kind != DYNAMIC
    inner = kind[1]
    if isinstance(inner, dict):
        return all(map(_no_dynamic, inner.values()))
    return all(map(_no_dynamic, inner)) if kind[0] == TUPLE else _no_dynamic(inner)


def plain_type(kind: Type) -> Type:
    """A type constraint as the type that a value of it has: nothing is optional any more."""
    if kind is None or isinstance(kind, str):
        return kind
    inner = kind[1]
    if kind[0] == OBJECT:
        return (OBJECT, {name: plain_type(item) for name, item in inner.items()})
    return (kind[0], tuple(map(plain_type, inner)) if kind[0] == TUPLE else plain_type(inner))


def _elements(items: Sequence[Any], value: Any, wanted: Type) -> tuple[Type, list[Any]]:
    """Items as elements of one type: the wanted one, or where it says `any` what they have in common."""
    if wanted is None:
        return None, list(items)
    parts = [_convert(item, wanted) for item in items]
    if _no_dynamic(wanted):
        return plain_type(wanted), parts
    if not items:
        found = element_of(value)
        return (found if found is not None and wanted == DYNAMIC else plain_type(wanted)), parts
    types = list(map(type_of, parts))
    if None in types:
        return None, parts
    common = unify(types)
    if common is None or (common == DYNAMIC and any(kind != DYNAMIC for kind in types)):
        raise EvaluationError("the items have no type in common")
    return common, [_convert(part, common) for part in parts]


def _object(value: Any, target: Type) -> Any:
    optional = target[2] if len(target) > 2 else {}
    result: dict[str, Any] = {}
    for name, kind in target[1].items():
        if name in value:
            result[name] = _convert(value[name], kind)
        elif name in optional:
            result[name] = None
        else:
            raise EvaluationError(f"the attribute {name!r} is required")
    return like(value, result, _whole(OBJECT, plain_type(target)))


def collection(value: Any, kind: str) -> Any:
    """What `tolist`, `toset` and `tomap` give.

    Raises:
        EvaluationError: it cannot be converted.
    """
    if isinstance(value, Unknown):
        return Unknown(value.reason, value.refs, value.span, not_null=value.not_null)
    if kind == "set" and isinstance(value, list) and len(value) > 1:
        for item in value:
            if isinstance(item, Unknown):
                return Unknown(item.reason, item.refs, item.span, not_null=True)
    return converted(value, (kind, DYNAMIC))


def agreed(chosen: Any, other: Any) -> Any:
    """The chosen result of a conditional, converted to the type it has in common with the other one.

    Raises:
        EvaluationError: they have none.
    """
    if chosen is None or other is None or isinstance(chosen, Unknown) or type(chosen) is type(other) is str:
        return chosen
    target = None if isinstance(other, Unknown) else type_of(other)
    if target is not None:
        return agreed_type(chosen, target)
    shapes = {_shape(chosen), _shape(other)} - {None}
    if len(shapes) > 1:
        raise EvaluationError("the results of the conditional have inconsistent types")
    return loosened(chosen)


def agreed_type(chosen: Any, target: Type) -> Any:
    """The chosen result of a conditional, where the type of the other one is `target`.

    Raises:
        EvaluationError: they have no type in common.
    """
    source = type_of(chosen)
    if target == DYNAMIC:
        return chosen
    if source is None or target is None:
        return loosened(chosen)
    common = unify([source, target])
    if common is None:
        names = f"{name_of(source)} and {name_of(target)}"
        raise EvaluationError(f"the results of the conditional are {names} of inconsistent types")
    return converted(chosen, common)


def _shape(value: Any) -> type | None:
    """What a value certainly is: a mapping, a sequence or a primitive."""
    for shape in (dict, list):
        if isinstance(value, shape):
            return shape
    return str if isinstance(value, (str, int, float)) else None
