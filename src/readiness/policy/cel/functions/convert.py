"""Type conversions, `size`, `type`, `dyn`, base64 and optionals."""

from __future__ import annotations

import re
from typing import Any

from readiness.policy.cel.errors import CelError
from readiness.policy.cel.registry import function, method
from readiness.policy.cel.types import (
    INT_MAX,
    INT_MIN,
    NANOS,
    NONE,
    UINT_MAX,
    CelType,
    Opaque,
    OptionalValue,
    Timestamp,
    UInt,
    no_overload,
    type_name,
)
from readiness.values import List, Unknown

_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_UNSIGNED = re.compile(r"[0-9]{1,20}")
_DOUBLE = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_BOOLS = {
    "1": True, "t": True, "true": True, "TRUE": True, "True": True, "T": True,
    "0": False, "f": False, "false": False, "FALSE": False, "False": False, "F": False,
}  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def size(value: Any) -> int | Unknown:
    """Characters of a string, bytes, items or entries; unknown where an item stands for any number."""
    if type(value) is List and value.more is not None:
        return value.more.made()
    if isinstance(value, (str, bytes, list, dict)):
        return len(value)
    raise no_overload("size", value)


def to_int(value: Any) -> int:
    """`int(x)`: doubles towards zero, timestamps to seconds since 1970."""
    if _is_number(value):
        if isinstance(value, float):
            # The ends themselves are not exact as doubles.
            if not -(2.0**63) < value < 2.0**63:
                raise CelError(f"{value} does not fit an int")
            return int(value)
        if INT_MIN <= value <= INT_MAX:
            return int(value)
        raise CelError(f"{value} does not fit an int")
    if isinstance(value, Timestamp):
        return int(value.key // NANOS)
    if isinstance(value, str):
        if _INTEGER.fullmatch(value) and INT_MIN <= int(value) <= INT_MAX:
            return int(value)
        raise CelError(f"{_shown(value)} is no int")
    raise no_overload("int", value)


def to_uint(value: Any) -> UInt:
    """`uint(x)`."""
    if _is_number(value):
        if isinstance(value, float) and not (value == value and abs(value) < 2.0**64):
            raise CelError(f"{value} does not fit an uint")
        if 0 <= int(value) <= UINT_MAX and value >= 0:
            return UInt(int(value))
        raise CelError(f"{value} does not fit an uint")
    if isinstance(value, str):
        if _UNSIGNED.fullmatch(value) and int(value) <= UINT_MAX:
            return UInt(int(value))
        raise CelError(f"{_shown(value)} is no uint")
    raise no_overload("uint", value)


def to_double(value: Any) -> float:
    """`double(x)`."""
    if _is_number(value):
        try:
            return float(value)
        except OverflowError:
            raise CelError("the number does not fit a double") from None
    if isinstance(value, str):
        if value.lower().lstrip("+-") in ("nan", "inf", "infinity") or _DOUBLE.fullmatch(value):
            return float(value)
        raise CelError(f"{_shown(value)} is no double")
    raise no_overload("double", value)


def to_bool(value: Any) -> bool:
    """`bool(x)`."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        if value in _BOOLS:
            return _BOOLS[value]
        raise CelError(f"{_shown(value)} is no bool")
    raise no_overload("bool", value)


def to_bytes(value: Any) -> bytes:
    """`bytes(x)`: a string as UTF-8."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    raise no_overload("bytes", value)


def to_string(value: Any) -> str:
    """`string(x)`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        # Longer ones come from outside: no CEL number has more than 20 digits.
        return int.__repr__(value) if value.bit_length() < 1000 else f"a number of {value.bit_length()} bits"
    if isinstance(value, float):
        return double_text(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise CelError("the bytes are not valid UTF-8") from None
    if isinstance(value, Opaque) and not isinstance(value, CelType):
        return str(value)
    raise no_overload("string", value)


def double_text(value: float) -> str:
    """A double with the fewest digits that read back as it, without a needless `.0`."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    text = repr(value)
    mantissa, _, exponent = text.partition("e")
    if exponent:
        sign = exponent[0] if exponent[0] in "+-" else "+"
        return f"{mantissa.removesuffix('.0')}e{sign}{exponent.lstrip('+-').zfill(2)}"
    return text.removesuffix(".0")


def _shown(value: str) -> str:
    return repr(value if len(value) <= 40 else value[:37] + "...")


def type_of(value: Any) -> CelType:
    """`type(x)`."""
    return CelType(type_name(value))


def _dyn(value: Any) -> Any:
    return value


def _encode(value: Any) -> str:
    import base64

    if not isinstance(value, bytes):
        raise no_overload("base64.encode", value)
    return base64.b64encode(value).decode()


def _decode(value: Any) -> bytes:
    import base64
    import binascii

    if not isinstance(value, str):
        raise no_overload("base64.decode", value)
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise CelError(f"{_shown(value)} is not base64") from None


def _of(value: Any) -> OptionalValue:
    return OptionalValue(True, value)


def _of_non_zero(value: Any) -> OptionalValue:
    if value is None or (isinstance(value, (int, float, str, bytes, list, dict)) and not value):
        return NONE
    return NONE if isinstance(value, Opaque) and value.key == 0 else OptionalValue(True, value)


def _none() -> OptionalValue:
    return NONE


def _expect_optional(name: str, value: Any) -> OptionalValue:
    if isinstance(value, OptionalValue):
        return value
    raise no_overload(name, value)


def _value(value: Any) -> Any:
    if not _expect_optional("value", value).present:
        raise CelError("the optional has no value")
    return value.value


def _has_value(value: Any) -> bool:
    return _expect_optional("hasValue", value).present


def _unwrap(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise no_overload("optional.unwrap", value)
    return [_expect_optional("optional.unwrap", item).value for item in value if item.present]


FUNCTIONS = (
    function("size", size, nulls="zero"),
    function("type", type_of, nulls="pass"),
    function("dyn", _dyn),
    function("int", to_int),
    function("uint", to_uint),
    function("double", to_double),
    function("bool", to_bool),
    function("bytes", to_bytes),
    function("string", to_string),
    function("base64.encode", _encode),
    function("base64.decode", _decode),
    function("optional.of", _of, nulls="pass"),
    function("optional.ofNonZeroValue", _of_non_zero, nulls="pass"),
    function("optional.none", _none, 0),
    function("optional.unwrap", _unwrap, elements=True),
    method("unwrapOpt", _unwrap, elements=True),
    method("value", _value, nulls="pass"),
    method("hasValue", _has_value, nulls="pass"),
)
