"""What the operators do with values, beyond the cases that the closures decide themselves.

Functions here raise CelError without a place; the closure that calls them adds it.  Each
returns an operand that is `Unknown` unchanged (the first, when both are).  The `lenient_`
variants are those of policy mode: null orders against nothing (`false`), and arithmetic with
null gives null.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from readiness.policy.cel.errors import CelError
from readiness.policy.cel.types import (
    INT_MAX,
    INT_MIN,
    UINT_MAX,
    BoolKey,
    Duration,
    Opaque,
    OptionalValue,
    Timestamp,
    UInt,
    no_overload,
    plain_key,
    type_name,
)
from readiness.values import Doubted, List, Unknown

MAX_LENGTH = 16_000_000
"""Characters of a string, or items of a list, that an operation may build."""

Test = Callable[[Any, Any], Any]
_PLAIN = frozenset({str, int, float, bool, bytes, type(None), UInt})
_ORDERED = frozenset({str, int, float, bool, bytes, UInt})
_SYMBOLS: dict[Test, str] = {operator.lt: "<", operator.le: "<=", operator.gt: ">", operator.ge: ">="}


def equals(a: Any, b: Any) -> Any:
    """Whether two values are equal: a bool, or an unknown when a part of them decides it."""
    kind = type(a)
    if kind is type(b) and kind in _PLAIN:
        return a == b
    if kind is Unknown:
        return False if a.differs(b) else a
    if type(b) is Unknown:
        return False if b.differs(a) else b
    if isinstance(a, (int, float)):
        if kind is bool or type(b) is bool or not isinstance(b, (int, float)):
            return False
        a, b = align(a, b)
        return a == b
    if isinstance(a, dict):
        return _equal_maps(a, b) if isinstance(b, dict) else False
    if isinstance(a, list):
        return _equal_lists(a, b) if isinstance(b, list) else False
    if isinstance(a, OptionalValue):
        if not isinstance(b, OptionalValue) or a.present != b.present:
            return False
        return equals(a.value, b.value)
    return bool(a == b)


def _equal_lists(a: list[Any], b: list[Any]) -> Any:
    for one in (a, b):
        if type(one) is List and one.more is not None:
            return one.more.made()
    if len(a) != len(b):
        return False
    pending: Any = True
    for left, right in zip(a, b, strict=True):
        same = equals(left, right)
        if same is False:
            return False
        if same is not True and pending is True:
            pending = same
    return pending


def _equal_maps(a: dict[Any, Any], b: dict[Any, Any]) -> Any:
    if len(a) != len(b):
        return False
    pending: Any = True
    for key, value in a.items():
        found, other = find_key(b, key)
        if not found:
            return False
        same = equals(value, other)
        if same is False:
            return False
        if same is not True and pending is True:
            pending = same
    return pending


def align(a: Any, b: Any) -> tuple[Any, Any]:
    """Two numbers as CEL compares them: as doubles when one is a double."""
    try:
        if isinstance(a, float):
            return a, float(b)
        if isinstance(b, float):
            return float(a), b
    except OverflowError:
        return a, b
    return int(a), int(b)


def order(test: Test, a: Any, b: Any) -> Any:
    """`a < b`, `<=`, `>`, `>=` (`test` from the operator module)."""
    kind = type(a)
    if kind is type(b) and kind in _ORDERED:
        return test(a, b)
    if kind is Unknown:
        return a.made()
    if type(b) is Unknown:
        return b.made()
    if isinstance(a, (int, float)) and isinstance(b, (int, float)) and bool not in (kind, type(b)):
        return test(*align(a, b))
    for base in (str, bytes):
        if isinstance(a, base) and isinstance(b, base):
            return test(a, b)
    if kind is type(b) and isinstance(a, Opaque) and a.ordered:
        return test(a.key, b.key)
    raise no_overload(_SYMBOLS[test], a, b)


def lenient_order(test: Test, a: Any, b: Any) -> Any:
    """`order`, false when an operand is null; a text is compared with a number as a number."""
    if (a is None and type(b) is not Unknown) or (b is None and type(a) is not Unknown):
        return False
    if isinstance(a, str) is not isinstance(b, str):
        a, b = as_number(a), as_number(b)
    return order(test, a, b)


def as_number(value: Any) -> Any:
    """The number that a text stands for, as Terraform converts it; anything else unchanged."""
    if not isinstance(value, str) or len(value) > 30:
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return int(number) if number.is_integer() else number


def find_key(mapping: dict[Any, Any], key: Any) -> tuple[bool, Any]:
    """Whether a map has the key, and its value; numbers match across types, bools only bools."""
    if isinstance(key, str):
        return (True, mapping[key]) if key in mapping else (False, None)
    key = plain_key(key)
    if isinstance(key, (bool, int, float)):
        if type(key) is bool and BoolKey(key) in mapping:
            return True, mapping[BoolKey(key)]
        if key not in mapping:
            return False, None
        if key in (0, 1):  # Python takes true for 1 here, CEL does not.
            wanted = type(key) is bool
            if not any((type(other) is bool) is wanted for other in mapping if other == key):
                return False, None
        return True, mapping[key]
    raise CelError(f"a map has no keys of type {type_name(key)}")


def contains(item: Any, container: Any) -> Any:
    """`item in container`."""
    if isinstance(container, list):
        if isinstance(item, Unknown):
            return item.made()
        return _in_list(item, container)
    for value in (item, container):
        if isinstance(value, Unknown):
            return value
    if isinstance(container, dict):
        found, value = find_key(container, item)
        # A map that does not know all of its keys says so for one that is not written.
        return value if found and isinstance(item, str) and not dict.__contains__(container, item) else found
    raise no_overload("in", item, container)


def _in_list(item: Any, items: list[Any]) -> Any:
    pending: Any = False
    for other in items:
        same = equals(item, other)
        if same is True:
            return True
        if same is not False and pending is False:
            pending = same
    return pending


def lenient_contains(item: Any, container: Any) -> Any:
    """`contains`, false in null, and false for null in a map."""
    if container is None or (item is None and isinstance(container, dict)):
        return False
    return contains(item, container)


def _int(value: int) -> int:
    if not INT_MIN <= value <= INT_MAX:
        raise CelError("integer overflow")
    return value


def _uint(value: int) -> UInt:
    if not 0 <= value <= UINT_MAX:
        raise CelError("unsigned integer overflow")
    return UInt(value)


def add(a: Any, b: Any) -> Any:
    """`a + b`."""
    kind = type(a)
    if kind is type(b):
        if kind is int:
            return _int(a + b)
        if kind is UInt:
            return _uint(int(a) + int(b))
        if kind is float:
            return a + b
        if kind is Duration:
            return Duration(a.key + b.key)
    if kind is Timestamp and type(b) is Duration:
        return Timestamp(a.key + b.key)
    if kind is Duration and type(b) is Timestamp:
        return Timestamp(a.key + b.key)
    for base in (str, bytes, list):
        if isinstance(a, base) and isinstance(b, base):
            return _concatenate(a, b)
    return _unknown_or_error("+", a, b)


def _concatenate(a: Any, b: Any) -> Any:
    if len(a) + len(b) > MAX_LENGTH:
        raise CelError(f"the result of `+` is longer than {MAX_LENGTH}")
    return join_lists(a, b) if isinstance(a, list) else a + b


def join_lists(a: list[Any], b: list[Any]) -> list[Any]:
    """Two lists as one, with the spans of their items where both have them, and with their doubts."""
    if type(a) is Doubted or type(b) is Doubted:
        return Doubted([*a, *b], {**getattr(a, "doubts", {}), **getattr(b, "doubts", {})})
    if isinstance(a, List) and isinstance(b, List):
        spans = [*a.item_spans, *b.item_spans]
        whole = len(spans) == len(a) + len(b)
        joined = List([*a, *b], a.span or b.span, spans if whole else None)
        joined.more = b.more if a.more is None else a.more
        return joined
    return [*a, *b]


def subtract(a: Any, b: Any) -> Any:
    """`a - b`."""
    kind = type(a)
    if kind is type(b):
        if kind is int:
            return _int(a - b)
        if kind is UInt:
            return _uint(int(a) - int(b))
        if kind is float:
            return a - b
        if kind in (Duration, Timestamp):
            return Duration(a.key - b.key)
    if kind is Timestamp and type(b) is Duration:
        return Timestamp(a.key - b.key)
    return _unknown_or_error("-", a, b)


def multiply(a: Any, b: Any) -> Any:
    """`a * b`."""
    kind = type(a)
    if kind is type(b):
        if kind is int:
            return _int(a * b)
        if kind is UInt:
            return _uint(int(a) * int(b))
        if kind is float:
            return a * b
    return _unknown_or_error("*", a, b)


def divide(a: Any, b: Any) -> Any:
    """`a / b`: integers towards zero, doubles as IEEE 754 has it."""
    kind = type(a)
    if kind is type(b):
        if kind in (int, UInt):
            if b == 0:
                raise CelError("division by zero")
            quotient = abs(int(a)) // abs(int(b))
            if kind is UInt:
                return UInt(quotient)
            return _int(quotient if (a < 0) == (b < 0) else -quotient)
        if kind is float:
            return _divide_doubles(a, b)
    return _unknown_or_error("/", a, b)


def _divide_doubles(a: float, b: float) -> float:
    if b != 0:
        return a / b
    if a == 0 or a != a:
        return float("nan")
    import math

    return math.copysign(float("inf"), a) * math.copysign(1.0, b)


def modulo(a: Any, b: Any) -> Any:
    """`a % b`, with the sign of `a`."""
    kind = type(a)
    if kind is type(b) and kind in (int, UInt):
        if b == 0:
            raise CelError("modulus by zero")
        rest = abs(int(a)) % abs(int(b))
        if kind is UInt:
            return UInt(rest)
        if a == INT_MIN and b == -1:
            raise CelError("integer overflow")
        return -rest if a < 0 else rest
    return _unknown_or_error("%", a, b)


def negate(a: Any) -> Any:
    """`-a`."""
    if type(a) is int:
        return _int(-a)
    if isinstance(a, float):
        return -a
    if type(a) is Duration:
        return Duration(-a.key)
    if type(a) is Unknown:
        return a.made()
    raise no_overload("-", a)


def _unknown_or_error(symbol: str, a: Any, b: Any) -> Any:
    if type(a) is Unknown:
        return a.made()
    if type(b) is Unknown:
        return b.made()
    raise no_overload(symbol, a, b)
