"""Types of values, as Terraform sees them: a tuple is not a list, an object is not a map.

A type is `"string"`, `"number"`, `"bool"`, `"dynamic"` (null, or anything at all), `("list", T)`,
`("set", T)`, `("map", T)`, `("tuple", (T, …))` or `("object", {name: T})`; T is None where it is
not known.  The `kind` of a `Map` or `List` is its type, or `TUPLE` or `OBJECT` where its items
tell it, or None where it is not known.
Source: https://github.com/zclconf/go-cty/blob/v1.16.2/docs/types.md
"""

from __future__ import annotations

from typing import Any

from readiness import values
from readiness.values import List, Map

Type = Any

TUPLE = "tuple"
OBJECT = "object"
DYNAMIC = "dynamic"

STRINGS: Type = ("list", "string")
NUMBERS: Type = ("list", "number")


def type_of(value: Any) -> Type:
    """The type of a value, or None where it is not known throughout."""
    if isinstance(value, str):
        return "string"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if value is None:
        return DYNAMIC
    kind = getattr(value, "kind", None)
    if kind == TUPLE:
        items = tuple(map(type_of, value))
        return None if None in items else (TUPLE, items)
    if kind == OBJECT:
        attributes = {name: type_of(item) for name, item in value.items()}
        return None if None in attributes.values() else (OBJECT, attributes)
    return kind if is_known(kind) else None


def is_known(kind: Type) -> bool:
    """True for a type that is known throughout."""
    if kind is None or isinstance(kind, str):
        return kind is not None
    inner = kind[1]
    if isinstance(inner, dict):
        return all(map(is_known, inner.values()))
    return all(map(is_known, inner)) if isinstance(inner, tuple) and kind[0] == TUPLE else is_known(inner)


def family(value: Any) -> str | None:
    """`tuple`, `list`, `set`, `object` or `map`; None for others, and where that is not known."""
    kind = getattr(value, "kind", None)
    return kind if kind is None or isinstance(kind, str) else kind[0]


def element_of(value: Any) -> Type:
    """The type of the elements of a list, set or map, or None."""
    kind = getattr(value, "kind", None)
    return kind[1] if isinstance(kind, tuple) and kind[0] in ("list", "set", "map") else None


def like(value: Any, items: Any, kind: Type) -> Any:
    """A collection of other items (as many, or of the same keys) in the place of `value`."""
    result = values.like(value, items)
    result.kind = kind
    return result


def loosened(value: Any) -> Any:
    """The same value, with no type known of the collections in it."""
    if type(value) is Map:
        return like(value, {name: loosened(item) for name, item in value.items()}, None)
    if type(value) is List:
        return like(value, [loosened(item) for item in value], None)
    return value


def structural(value: Any) -> Any:
    """The same value made of tuples and objects, as decoded documents are."""
    if isinstance(value, dict):
        return like(value, {name: structural(item) for name, item in value.items()}, OBJECT)
    if isinstance(value, list):
        return like(value, [structural(item) for item in value], TUPLE)
    return value


def differ(left: Any, right: Any) -> bool | None:
    """Whether the types of two collections differ; None where that is not known.

    What the items of both tell is left to a comparison of the items.
    """
    one, other = family(left), family(right)
    if one is None or other is None:
        return None
    if one != other:
        return True
    if one in (TUPLE, OBJECT):
        return False
    first, second = element_of(left), element_of(right)
    return first != second if is_known(first) and is_known(second) else None
