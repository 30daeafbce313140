"""Terraform's conversions between types, with unknowns passed through, and limits on values.

Source: https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from typing import Any

from readiness.errors import ReadinessError
from readiness.values import List, Unknown

ITEM_LIMIT = 50_000
"""Items in one value, counted with all that is nested in it."""

TEXT_LIMIT = 4_000_000
"""Characters in one text that an expression makes, and in all texts of one value."""

_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_WHOLE = re.compile(r"[-+]?[0-9]{1,300}", re.ASCII)
_BOOLS = {"true": True, "1": True, "false": False, "0": False}


class EvaluationError(ReadinessError):
    """An expression that fails in Terraform as well, or that is too large to be worked out."""


def to_text(value: Any) -> Any:
    """A value as a string, or the Unknown it is.

    Raises:
        EvaluationError: null or a collection.
    """
    if isinstance(value, (str, Unknown)):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _decimal(value)
    if value is None:
        raise EvaluationError("null cannot be part of a string")
    raise EvaluationError("a collection cannot be converted to a string")


def _decimal(value: float) -> str:
    """A float without an exponent, and without a fraction where it is whole."""
    text = repr(value)
    if "e" not in text:
        return text.removesuffix(".0")
    from decimal import Decimal

    return format(Decimal(text), "f")


def to_bool(value: Any) -> Any:
    """A value as a bool, or the Unknown it is.

    Raises:
        EvaluationError: it is none.
    """
    if isinstance(value, (bool, Unknown)):
        return value
    if isinstance(value, str) and value in _BOOLS:
        return _BOOLS[value]
    raise EvaluationError("a bool is required")


def to_number(value: Any) -> Any:
    """A value as a number, or the Unknown it is.

    Raises:
        EvaluationError: it is none.
    """
    if isinstance(value, bool):
        raise EvaluationError("a number is required, not a bool")
    if isinstance(value, (int, float, Unknown)):
        return value
    if isinstance(value, str):
        if _WHOLE.fullmatch(value):
            return int(value)
        if _NUMBER.fullmatch(value):
            return exact(float(value))
        raise EvaluationError(f"{_short(value)} is not a number")
    raise EvaluationError("a number is required")


def exact(number: float) -> int | float:
    """A result of arithmetic: an int where it is whole.

    Raises:
        EvaluationError: it is too large, or no number.
    """
    if isinstance(number, int):
        if number.bit_length() > 1024:
            raise EvaluationError("the number is too large")
        return number
    if number != number or number in (float("inf"), float("-inf")):
        raise EvaluationError("the number is too large")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")


def convert(value: Any, kind: str) -> Any:
    """A value converted to a primitive type by name; other types are left as they are.

    Raises:
        EvaluationError: it cannot be converted.
    """
    if value is None or isinstance(value, Unknown):
        return value
    if kind == "string":
        return to_text(value)
    if kind == "number":
        return to_number(value)
    if kind == "bool":
        return to_bool(value)
    return value


def identity(value: Any) -> Hashable:
    """What two values have in common exactly where Terraform's `==` holds between them."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return ("map", *sorted((key, identity(item)) for key, item in value.items()))
    if isinstance(value, list):
        return ("list", *map(identity, value))
    return (isinstance(value, bool), value)


def unique(items: Any) -> List:
    """A set of Terraform: unique items, strings sorted as Terraform iterates them."""
    spans = items.item_spans if isinstance(items, List) else []
    kept: dict[Hashable, int] = {}
    for index, item in enumerate(items):
        kept.setdefault(identity(item), index)
    order = list(kept.values())
    if all(isinstance(items[i], str) for i in order):
        order.sort(key=lambda i: str(items[i]))
    return List(
        [items[i] for i in order],
        items.span if isinstance(items, List) else None,
        [spans[i] for i in order] if len(spans) == len(items) else [],
    )


def equal(left: Any, right: Any) -> bool | Unknown:
    """Terraform's `==`: no conversion between types, unknown where an unknown part decides."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Unknown):
            return False if one.differs(other) else one
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            return False
        return _all_equal(equal(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return False
        return _all_equal(equal(left[key], right[key]) for key in left)
    return bool(left == right)


def _all_equal(results: Iterable[bool | Unknown]) -> bool | Unknown:
    waiting: Unknown | None = None
    for result in results:
        if result is False:
            return False
        if isinstance(result, Unknown) and waiting is None:
            waiting = result
    return True if waiting is None else waiting


def first_unknown(value: Any) -> Unknown | None:
    """The first unknown in a value, depth first.

    Raises:
        EvaluationError: the value is too large: nested lists that hold one another several
            times can stand for more than any machine can walk.
    """
    if not isinstance(value, (list, dict)):
        return value if isinstance(value, Unknown) else None
    stack: list[Any] = [value]
    count = size = 0
    found: Unknown | None = None
    while stack:
        item = stack.pop()
        if isinstance(item, (list, dict)):
            count += len(item)
            if count > ITEM_LIMIT:
                raise EvaluationError(f"the value has more than {ITEM_LIMIT:,} items")
            inner = item.values() if isinstance(item, dict) else item
            stack.extend(reversed(list(inner)))
        elif isinstance(item, str):
            size += len(item)
        elif found is None and isinstance(item, Unknown):
            found = item
    check_text(size)
    return found


def check_text(size: int) -> None:
    """Refuse to make texts of that many characters.

    Raises:
        EvaluationError: it is too long.
    """
    if size > TEXT_LIMIT:
        raise EvaluationError(f"the text would have more than {TEXT_LIMIT:,} characters")


def plain(value: Any) -> Any:
    """A value without spans, for JSON."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
