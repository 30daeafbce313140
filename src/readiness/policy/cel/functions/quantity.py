"""Kubernetes quantities: `500m`, `1.5Gi`, `1e3`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, ClassVar

from readiness.policy.cel.errors import CelError
from readiness.policy.cel.registry import function, method
from readiness.policy.cel.types import INT_MAX, INT_MIN, NANOS, Opaque, no_overload

_QUANTITY = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>[0-9]*)(?:\.(?P<decimals>[0-9]*))?"
    r"(?P<suffix>[numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,3})?",
    re.ASCII,
)
_POWERS = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


class Quantity(Opaque):
    """An amount; `key` is in units of 10^-9, the finest that Kubernetes keeps."""

    __slots__ = ("text",)
    cel_type: ClassVar[str] = "kubernetes.Quantity"

    def __init__(self, nanos: int, text: str | None = None) -> None:
        # As in apimachinery, amounts beyond 2^63-1 count as that.
        self.key = max(-INT_MAX * NANOS, min(INT_MAX * NANOS, nanos))
        self.text = text if text is not None else _decimal(self.key)

    def __str__(self) -> str:
        return self.text


def _decimal(nanos: int) -> str:
    """Without a written form: in the largest unit of thousands that needs no decimals."""
    for suffix in ("E", "P", "T", "G", "M", "k", "", "m", "u"):
        unit = 10 ** (9 + _POWERS.get(suffix, 0))
        if nanos % unit == 0:
            return f"{nanos // unit}{suffix}" if nanos else "0"
    return f"{nanos}n"


def to_quantity(value: Any) -> Quantity:
    """`quantity(text)`: raises CelError for what Kubernetes does not take as a quantity.

    Whole numbers are taken as they are, because manifests write `cpu: 2`.
    """
    if isinstance(value, Quantity):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Quantity(int(value) * NANOS, str(int(value)))
    if isinstance(value, float) and value == value and abs(value) < 1e18:
        return to_quantity(f"{value:.9f}")
    if not isinstance(value, str):
        raise no_overload("quantity", value)
    return _parse(value)


@lru_cache(maxsize=4096)
def _parse(value: str) -> Quantity:
    match = _QUANTITY.fullmatch(value) if len(value) <= 100 else None
    if match is None or not (match["whole"] or match["decimals"]):
        raise CelError(f"{value[:40]!r} is not a quantity such as 500m or 1.5Gi")
    decimals, suffix = match["decimals"] or "", match["suffix"] or ""
    number, scale = int((match["whole"] or "") + decimals), 9 - len(decimals)
    if suffix in _BINARY:
        number <<= _BINARY[suffix]
    elif suffix in _POWERS:
        scale += _POWERS[suffix]
    elif suffix:
        scale += int(suffix[1:])
    # Finer than 10^-9 rounds up, away from zero.
    nanos = number * 10**scale if scale >= 0 else -(-number // 10**-scale)
    return Quantity(-nanos if match["sign"] == "-" else nanos, value)


def compare(a: Quantity, b: Any) -> int:
    """-1, 0 or 1."""
    if not isinstance(b, Quantity):
        raise no_overload("compareTo", a, b)
    return int(a.key > b.key) - int(a.key < b.key)


def _quantity(name: str, value: Any) -> Quantity:
    if isinstance(value, Quantity):
        return value
    raise no_overload(name, value)


def _is_quantity(value: Any) -> bool:
    if not isinstance(value, str):
        raise no_overload("isQuantity", value)
    try:
        to_quantity(value)
    except CelError:
        return False
    return True


def _is_integer(value: Any) -> bool:
    amount = _quantity("isInteger", value).key
    return bool(amount % NANOS == 0 and INT_MIN <= amount // NANOS <= INT_MAX)


def _as_integer(value: Any) -> int:
    if not _is_integer(value):
        raise CelError(f"the quantity {value} is no integer")
    return int(value.key // NANOS)


def _as_float(value: Any) -> float:
    return float(_quantity("asApproximateFloat", value).key / NANOS)


def _sign(value: Any) -> int:
    amount = _quantity("sign", value).key
    return int(amount > 0) - int(amount < 0)


def _operand(name: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value) * NANOS
    return int(_quantity(name, value).key)


def _add(a: Any, b: Any) -> Quantity:
    return Quantity(_quantity("add", a).key + _operand("add", b))


def _sub(a: Any, b: Any) -> Quantity:
    return Quantity(_quantity("sub", a).key - _operand("sub", b))


FUNCTIONS = (
    function("quantity", to_quantity),
    function("isQuantity", _is_quantity, nulls="false"),
    method("isInteger", _is_integer, nulls="false"),
    method("asInteger", _as_integer),
    method("asApproximateFloat", _as_float),
    method("sign", _sign),
    method("add", _add, 1),
    method("sub", _sub, 1),
)
