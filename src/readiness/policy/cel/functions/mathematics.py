"""The math extension."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from readiness.policy.cel import ops
from readiness.policy.cel.errors import CelError
from readiness.policy.cel.functions.convert import to_double
from readiness.policy.cel.registry import function
from readiness.policy.cel.types import INT_MAX, UINT_MAX, UInt, no_overload


def _number(name: str, value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise no_overload(name, value)


def _extreme(name: str, test: ops.Test) -> Callable[..., Any]:
    def call(*args: Any) -> Any:
        values = args[0] if len(args) == 1 and isinstance(args[0], list) else args
        if not values:
            raise CelError(f"`{name}` of an empty list")
        best = _number(name, values[0])
        for value in values[1:]:
            if ops.order(test, _number(name, value), best):
                best = value
        return best

    return call


def _double(name: str, compute: Callable[[float], float]) -> Callable[[Any], float]:
    def call(value: Any) -> float:
        if not isinstance(value, float):
            raise no_overload(name, value)
        return compute(value) if math.isfinite(value) else value

    return call


def _round(value: float) -> float:
    return math.copysign(math.floor(abs(value) + 0.5), value)


def _test(name: str, test: Callable[[float], bool]) -> Callable[[Any], bool]:
    def call(value: Any) -> bool:
        if not isinstance(value, float):
            raise no_overload(name, value)
        return test(value)

    return call


def _abs(value: Any) -> Any:
    number = abs(_number("math.abs", value))
    if isinstance(value, UInt):
        return value
    if isinstance(number, int) and number > INT_MAX:
        raise CelError("integer overflow")
    return number


def _sign(value: Any) -> Any:
    number = _number("math.sign", value)
    if number != number:
        return number
    sign = (number > 0) - (number < 0)
    return type(number)(sign)


def _sqrt(value: Any) -> float:
    number = to_double(_number("math.sqrt", value))
    return math.sqrt(number) if number >= 0 else float("nan")


def _bits(name: str, compute: Callable[[int, int], int]) -> Callable[[Any, Any], Any]:
    def call(a: Any, b: Any) -> Any:
        if type(a) is int and type(b) is int:
            return compute(a, b)
        if type(a) is UInt and type(b) is UInt:
            return UInt(compute(int(a), int(b)))
        raise no_overload(name, a, b)

    return call


def _not(value: Any) -> Any:
    if type(value) is int:
        return ~value
    if type(value) is UInt:
        return UInt(UINT_MAX - int(value))
    raise no_overload("math.bitNot", value)


def _shift(name: str, left: bool) -> Callable[[Any, Any], Any]:
    def call(value: Any, count: Any) -> Any:
        if type(value) not in (int, UInt) or type(count) is not int:
            raise no_overload(name, value, count)
        if count < 0:
            raise CelError(f"`{name}` by a negative count")
        pattern = int(value) & UINT_MAX
        shifted = 0 if count > 63 else (pattern << count) & UINT_MAX if left else pattern >> count
        if type(value) is UInt:
            return UInt(shifted)
        return shifted - 2**64 if shifted > INT_MAX else shifted

    return call


FUNCTIONS = (
    function("math.greatest", _extreme("math.greatest", operator.gt), 1, -1, elements=True),
    function("math.least", _extreme("math.least", operator.lt), 1, -1, elements=True),
    function("math.ceil", _double("math.ceil", lambda value: float(math.ceil(value)))),
    function("math.floor", _double("math.floor", lambda value: float(math.floor(value)))),
    function("math.round", _double("math.round", _round)),
    function("math.trunc", _double("math.trunc", lambda value: float(math.trunc(value)))),
    function("math.abs", _abs),
    function("math.sign", _sign),
    function("math.sqrt", _sqrt),
    function("math.isNaN", _test("math.isNaN", math.isnan), nulls="false"),
    function("math.isInf", _test("math.isInf", math.isinf), nulls="false"),
    function("math.isFinite", _test("math.isFinite", math.isfinite), nulls="false"),
    function("math.bitAnd", _bits("math.bitAnd", operator.and_), 2),
    function("math.bitOr", _bits("math.bitOr", operator.or_), 2),
    function("math.bitXor", _bits("math.bitXor", operator.xor), 2),
    function("math.bitNot", _not),
    function("math.bitShiftLeft", _shift("math.bitShiftLeft", True), 2),
    function("math.bitShiftRight", _shift("math.bitShiftRight", False), 2),
)
