"""Single values: whether they are what a schema wants, and what a custom kind demands of them.

Facts: quantities https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ ; times are
those of RFC 3339 and base64 is that of RFC 4648 with padding, as Go's `encoding/json` reads them; what
rules of custom kinds mean https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from typing import Any

from readiness.kubernetes.schemas import words
from readiness.kubernetes.schemas.model import Rules
from readiness.values import Unknown

_QUANTITY = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}

WRONG = {
    "int32": "does not fit 32 bits",
    "int64": "does not fit 64 bits",
    "int-or-text": "does not fit 32 bits",
    "quantity": "is no quantity such as 500m or 1Gi",
    "time": "is no time such as 2026-01-31T00:00:00Z",
    "base64": "is not base64",
}
"""What is wrong with a value of the right type, by the kind that is wanted."""


def fits(value: Any, kind: str) -> bool | None:
    """Whether a scalar is of a kind of `model.KINDS`: None for another type, false for a wrong value."""
    if isinstance(value, (dict, list)) or value is None:
        return None
    if isinstance(value, bool):
        return True if kind == "boolean" else None
    if isinstance(value, (int, float)):
        return _number(value, kind)
    if kind in ("text", "int-or-text"):
        return True
    if kind == "quantity":
        return _QUANTITY.fullmatch(value.strip()) is not None
    if kind == "time":
        return _TIME.fullmatch(value) is not None
    return _base64(value) if kind == "base64" else None


def _number(value: int | float, kind: str) -> bool | None:
    if kind in ("number", "quantity"):
        return True
    if kind not in ("int32", "int64", "int-or-text") or not isinstance(value, int):
        return None
    lowest, highest = _RANGES["int64" if kind == "int64" else "int32"]
    return lowest <= value <= highest


def _base64(text: str) -> bool:
    try:
        binascii.a2b_base64("".join(text.splitlines()), strict_mode=True)
    except (binascii.Error, ValueError):
        return False
    return True


def broken(value: Any, rules: Rules, matches: Callable[[str, str], bool]) -> str | None:
    """The first rule that a value of the right type breaks, as the end of a sentence."""
    if isinstance(value, str):
        if words.filled_in(value):
            return None
        size, what = len(value), "characters"
    elif isinstance(value, (dict, list)):
        size, what = len(value), "items" if isinstance(value, list) else "fields"
    else:
        size, what = 0, ""
    if rules.enum is not None and not _among(value, rules.enum):
        return f"is not one of {_listed(rules.enum)}"
    if what and rules.shortest is not None and size < rules.shortest:
        return f"has fewer than {rules.shortest} {what}"
    if what and rules.longest is not None and size > rules.longest:
        return f"has more than {rules.longest} {what}"
    if rules.pattern is not None and isinstance(value, str) and not matches(rules.pattern, value):
        return f"does not match {rules.pattern}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _out_of_range(value, rules)
    return _branches(value, rules) if isinstance(value, dict) else None


def _among(value: Any, choices: tuple[Any, ...]) -> bool:
    return any(value == choice and isinstance(value, bool) == isinstance(choice, bool) for choice in choices)


def _listed(choices: tuple[Any, ...], most: int = 12) -> str:
    texts = [f'"{choice}"' if choice == "" else str(choice) for choice in choices[:most]]
    return ", ".join(texts) + (" …" if len(choices) > most else "")


def _out_of_range(value: float, rules: Rules) -> str | None:
    if rules.lowest is not None:
        least, equal = rules.lowest
        if value < least or (value == least and not equal):
            return f"is not {'at least' if equal else 'above'} {least:g}"
    if rules.highest is not None:
        most, equal = rules.highest
        if value > most or (value == most and not equal):
            return f"is not {'at most' if equal else 'below'} {most:g}"
    return None


def _branches(value: dict[str, Any], rules: Rules) -> str | None:
    """Which of several fields must be there: one at least, or exactly one."""
    if not rules.branches or any(isinstance(item, Unknown) for item in value.values()):
        return None
    holding = [branch for branch in rules.branches if all(value.get(name) is not None for name in branch)]
    named = ", ".join(" and ".join(f"`{name}`" for name in branch) for branch in rules.branches)
    if not holding:
        return f"has none of {named}"
    if rules.exactly and len(holding) > 1:
        return f"has more than one of {named}"
    return None
