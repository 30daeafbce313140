"""Terraform's conversions between types, with unknowns passed through.

Source: https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
"""

from __future__ import annotations

from typing import Any

from readiness.errors import ReadinessError
from readiness.values import List, Map, Unknown


class EvaluationError(ReadinessError):
    """An expression that fails in Terraform as well."""


def to_text(value: Any) -> Any:
    """A value as a string, or the Unknown it is."""
    if isinstance(value, (str, Unknown)):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if value is None:
        raise EvaluationError("null cannot be part of a string")
    raise EvaluationError("a collection cannot be converted to a string")


def to_bool(value: Any) -> Any:
    """A value as a bool, or the Unknown it is."""
    if isinstance(value, (bool, Unknown)):
        return value
    if value == "true":
        return True
    if value == "false":
        return False
    raise EvaluationError("a bool is required")


def to_number(value: Any) -> Any:
    """A value as a number, or the Unknown it is."""
    if isinstance(value, bool):
        raise EvaluationError("a number is required, not a bool")
    if isinstance(value, (int, float, Unknown)):
        return value
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            raise EvaluationError(f"{value!r} is not a number") from None
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    raise EvaluationError("a number is required")


def convert(value: Any, kind: str) -> Any:
    """A value converted to a primitive type by name; other types are left as they are."""
    if value is None or isinstance(value, Unknown):
        return value
    if kind == "string" and not isinstance(value, (dict, list)):
        return to_text(value)
    if kind == "number" and isinstance(value, str):
        return to_number(value)
    if kind == "bool" and isinstance(value, str):
        return to_bool(value)
    return value


def unique(items: Any) -> List:
    """A set of Terraform: unique items, strings sorted as Terraform iterates them."""
    result: list[Any] = []
    spans = items.item_spans if isinstance(items, List) else []
    kept = []
    for index, item in enumerate(items):
        if not any(type(item) is type(other) and item == other for other in result):
            result.append(item)
            kept.append(index)
    order = range(len(result))
    if all(isinstance(item, str) for item in result):
        order = sorted(order, key=lambda i: result[i])  # type: ignore[assignment]
    return List(
        [result[i] for i in order],
        items.span if isinstance(items, List) else None,
        [spans[kept[i]] for i in order] if len(spans) == len(items) else [],
    )


def plain(value: Any) -> Any:
    """A value without spans, for JSON."""
    if isinstance(value, Map):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
