"""Selecting and indexing: what closures do with operands other than the usual ones.

Functions here raise CelError without a place; the closure that calls them adds it.  The
`lenient` variants are those of policy mode: an absent field or item is null, so is anything
selected from null, and a null value counts as absent where presence is asked for.
"""

from __future__ import annotations

from typing import Any

from readiness.policy.cel.errors import CelError, Place
from readiness.policy.cel.ops import find_key
from readiness.policy.cel.types import BoolKey, OptionalValue, no_overload, type_name
from readiness.values import List, Unknown


def select(value: Any, key: str) -> Any:
    """`value.key`, when `value` is no map or lacks the key: an optional, an unknown or an error."""
    if isinstance(value, dict):
        if key in value:
            return value[key]
        raise CelError(f"no such key: {key}")
    return select_other(value, key)


def select_other(value: Any, key: str) -> Any:
    """`value.key` of what is no map."""
    if isinstance(value, Unknown):
        return value.made()
    if isinstance(value, OptionalValue):
        return optional_select(value, key)
    if isinstance(value, list):
        raise CelError(f"a list has no field `{key}`; select from an item, such as `[0].{key}`")
    raise CelError(f"a value of type {type_name(value)} has no field `{key}`")


def lenient_select(value: Any, key: str) -> Any:
    """`select`, null for an absent key and through null."""
    if isinstance(value, dict):
        return value.get(key)
    return None if value is None else select_other(value, key)


def index(value: Any, key: Any) -> Any:
    """`value[key]`."""
    if isinstance(value, dict):
        if isinstance(key, Unknown):
            return key.made()
        found, item = find_key(value, key)
        if not found:
            raise CelError(f"no such key: {key}")
        return item
    if isinstance(value, list):
        if isinstance(key, Unknown):
            return key.made()
        position = list_position(key)
        if not -1 < position < len(value):
            if position >= 0 and type(value) is List and value.more is not None:
                return value.more.made()
            raise CelError(f"index {position} is outside a list of {len(value)}")
        return value[position]
    for operand in (value, key):
        if isinstance(operand, Unknown):
            return operand.made()
    if isinstance(value, OptionalValue):
        return optional_index(value, key)
    raise no_overload("[]", value, key)


def lenient_index(value: Any, key: Any) -> Any:
    """`index`, null for an absent key or item, and through null."""
    if value is None:
        return None
    if key is None and isinstance(value, (dict, list)):
        return None
    if isinstance(value, dict) and not isinstance(key, Unknown):
        return find_key(value, key)[1]
    if isinstance(value, list) and not isinstance(key, Unknown):
        position = list_position(key)
        return value[position] if -1 < position < len(value) else beyond(value, position)
    return index(value, key)


def beyond(value: list[Any], position: int) -> Any:
    """The item of a list at a place where it has none: null, or an unknown where there may be more items."""
    if type(value) is List and value.more is not None and position >= 0:
        return value.more.made()
    return None


def list_position(key: Any) -> int:
    """The index that a number stands for; doubles count when they are whole."""
    if isinstance(key, (int, float)) and not isinstance(key, bool):
        try:
            position = int(key)
        except (OverflowError, ValueError):
            position = None
        if position is not None and position == key:
            return position
    raise CelError(f"a list has no index {key} of type {type_name(key)}")


def optional_select(value: Any, key: Any, lenient: bool = False) -> Any:
    """`value.?key`: an optional, absent when the key is (or, leniently, when its value is null)."""
    if isinstance(value, OptionalValue):
        if not value.present:
            return value
        value = value.value
    if isinstance(value, Unknown):
        return value.made()
    if value is None and lenient:
        return OptionalValue()
    if not isinstance(value, dict):
        raise CelError(f"a value of type {type_name(value)} has no field `{key}`")
    if key not in value:
        return OptionalValue()
    return _optional(value[key], lenient)


def optional_index(value: Any, key: Any, lenient: bool = False) -> Any:
    """`value[?key]`: an optional, absent when the key or the item is."""
    if isinstance(value, OptionalValue):
        if not value.present:
            return value
        value = value.value
    for operand in (value, key):
        if isinstance(operand, Unknown):
            return operand.made()
    if lenient and (value is None or key is None):
        return OptionalValue()
    if isinstance(value, dict):
        found, item = find_key(value, key)
        return _optional(item, lenient) if found else OptionalValue()
    if isinstance(value, list):
        position = list_position(key)
        if -1 < position < len(value):
            return _optional(value[position], lenient)
        more = beyond(value, position)
        return OptionalValue() if more is None else more
    raise no_overload("[?]", value, key)


def _optional(value: Any, lenient: bool) -> Any:
    if isinstance(value, Unknown):
        return value
    return OptionalValue() if lenient and value is None else OptionalValue(True, value)


def has_field(value: Any, key: str, lenient: bool = False) -> Any:
    """`has(value.key)`; in policy mode a null value counts as absent."""
    if isinstance(value, OptionalValue):
        if not value.present:
            return False
        value = value.value
        if isinstance(value, OptionalValue):
            return has_field(value, key, lenient)
    if isinstance(value, dict):
        if key not in value:
            return False
        item = value[key]
        if isinstance(item, Unknown):
            # What may turn out to be null may not be there at all.
            return item.made() if lenient or not item.not_null else True
        return item is not None or not lenient
    if isinstance(value, Unknown):
        return value.made()
    if value is None and lenient:
        return False
    raise CelError(f"a value of type {type_name(value)} has no field `{key}`")


def put(result: dict[Any, Any], key: Any, value: Any, place: Place) -> None:
    """Add an entry to a new map; raises CelError for a repeated key or one of a wrong type."""
    if not isinstance(key, (str, int)):
        raise CelError(f"a map has no keys of type {type_name(key)}", *place)
    if not find_key(result, key)[0]:
        if key in result:
            _separate(result, key, value)
        else:
            result[key] = value
        return
    raise CelError(f"repeated key: {key}", *place)


def _separate(result: dict[Any, Any], key: Any, value: Any) -> None:
    """Add a bool beside an equal number, or a number beside an equal bool."""
    if isinstance(key, bool):
        result[BoolKey(key)] = value
    else:
        result[BoolKey(bool(key))] = result.pop(key)
        result[key] = value
