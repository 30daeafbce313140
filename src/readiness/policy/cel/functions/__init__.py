"""The function library: what `GLOBALS` and `METHODS` name, every mode and every policy has."""

from __future__ import annotations

from readiness.policy.cel.functions import (
    convert,
    formats,
    lists,
    mathematics,
    network,
    quantity,
    strings,
    text,
    times,
    versions,
)
from readiness.policy.cel.registry import Function, Impl, index, method, overloaded
from readiness.policy.cel.types import Opaque

_COMPARED: dict[type, Impl] = {
    quantity.Quantity: lambda a, b: quantity.compare(a, b),
    versions.Version: lambda a, b: versions.compare(a, b),
    versions.Semver: lambda a, b: versions.compare(a, b),
}
_index = overloaded("indexOf", {str: text.index_of, list: lists.index_of})
_last_index = overloaded("lastIndexOf", {str: text.last_index_of, list: lists.last_index_of})
_compare = overloaded("compareTo", _COMPARED)


def _is_less(a: Opaque, b: Opaque) -> bool:
    return bool(_compare(a, b) < 0)


def _is_greater(a: Opaque, b: Opaque) -> bool:
    return bool(_compare(a, b) > 0)


# Methods that several kinds of value have.
_SHARED: tuple[Function, ...] = (
    method("compareTo", _compare, 1),
    method("isLessThan", _is_less, 1, nulls="false"),
    method("isGreaterThan", _is_greater, 1, nulls="false"),
    method("size", convert.size, nulls="zero"),
    method("reverse", overloaded("reverse", {str: text.reverse, list: lists.reverse})),
    method("indexOf", _index, 1, 2, receiver_only=True, elements=True),
    method("lastIndexOf", _last_index, 1, 2, receiver_only=True, elements=True),
)

_ALL = (
    *convert.FUNCTIONS,
    *formats.FUNCTIONS,
    *text.FUNCTIONS,
    *strings.FUNCTIONS,
    *lists.FUNCTIONS,
    *mathematics.FUNCTIONS,
    *times.FUNCTIONS,
    *network.FUNCTIONS,
    *quantity.FUNCTIONS,
    *versions.FUNCTIONS,
    *_SHARED,
)

GLOBALS: dict[str, Function] = index(entry for entry in _ALL if not entry.method)
METHODS: dict[str, Function] = index(entry for entry in _ALL if entry.method)
