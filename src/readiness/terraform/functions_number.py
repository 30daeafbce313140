"""Functions of numbers.

Numbers have 512 bits, as those of Terraform; `log` and `pow` work with floats of 64 bits, as Terraform does.
Source: https://developer.hashicorp.com/terraform/language/functions (Numeric Functions), and
https://github.com/zclconf/go-cty/blob/v1.16.2/cty/function/stdlib/number.go
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from readiness.terraform.convert import EvaluationError, exact, to_number, to_text
from readiness.terraform.functions_common import Function, Unevaluated, items_of, missing, not_known
from readiness.terraform.numbers import compare, exact_of, value_of, whole
from readiness.values import List, Unknown

if TYPE_CHECKING:
    from fractions import Fraction

_RANGE_LIMIT = 1024
_DIGITS_LIMIT = 1_000
"""Digits of a number that `parseint` reads: more than 512 bits hold."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

# The natural logarithm of Go's package math, of which the last bit is not always that of C.
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_EVEN = (3.999999999940941908e-01, 2.222219843214978396e-01, 1.531383769920937332e-01)
_ODD = (
    6.666666666666735130e-01,
    2.857142874366239149e-01,
    1.818357216161805012e-01,
    1.479819860511658591e-01,
)


def _ln(number: float) -> float:
    """The natural logarithm, as https://go.dev/src/math/log.go computes it."""
    if number == 0:
        return -math.inf
    if number < 0:
        return math.nan
    mantissa, exponent = math.frexp(number)
    if mantissa < math.sqrt(2) / 2:
        mantissa, exponent = mantissa * 2, exponent - 1
    f = mantissa - 1
    s = f / (2 + f)
    s2 = s * s
    s4 = s2 * s2
    odd = s2 * (_ODD[0] + s4 * (_ODD[1] + s4 * (_ODD[2] + s4 * _ODD[3])))
    even = s4 * (_EVEN[0] + s4 * (_EVEN[1] + s4 * _EVEN[2]))
    half = 0.5 * f * f
    return exponent * _LN2_HIGH - ((half - (s * (half + odd + even) + exponent * _LN2_LOW)) - f)


def _log(number: float, base: float) -> int | float:
    above, below = _ln(float(number)), _ln(float(base))
    if math.isnan(above) or math.isnan(below):
        raise EvaluationError("only numbers above zero have a logarithm")
    if below == 0 or (math.isinf(above) and math.isinf(below)) or math.isinf(above):
        raise EvaluationError("the result is not finite")
    return exact(above / below)


def _pow(base: float, power: float) -> int | float:
    result = _go_pow(float(base), float(power))
    if math.isnan(result):
        raise EvaluationError("the power of a negative number must be whole")
    return exact(result)


def _go_pow(x: float, y: float) -> float:
    """A power, as https://go.dev/src/math/pow.go computes it."""
    if y == 0 or x == 1:
        return 1.0
    if y == 1:
        return x
    if x == 0:
        if y < 0:
            raise EvaluationError("the result is not finite")
        return 0.0
    if abs(y) == 0.5:
        return math.nan if x < 0 else math.sqrt(x) if y > 0 else 1 / math.sqrt(x)
    fraction, whole_part = math.modf(abs(y))
    if fraction and x < 0:
        return math.nan
    if whole_part >= 1 << 63:
        return 1.0 if x == -1 else 0.0 if (abs(x) < 1) == (y > 0) else math.inf
    result, exponent = 1.0, 0
    if fraction:
        if fraction > 0.5:
            fraction, whole_part = fraction - 1, whole_part + 1
        result = math.exp(fraction * _ln(x))
    mantissa, scale = math.frexp(x)
    count = int(whole_part)
    while count:
        if not -(1 << 12) <= scale <= 1 << 12:
            exponent += scale
            break
        if count & 1:
            result, exponent = result * mantissa, exponent + scale
        mantissa, scale = mantissa * mantissa, scale << 1
        if mantissa < 0.5:
            mantissa, scale = mantissa + mantissa, scale - 1
        count >>= 1
    if y < 0:
        result, exponent = 1 / result, -exponent
    try:
        return math.ldexp(result, exponent)
    except OverflowError:
        return math.inf


def _abs(number: float) -> int | float:
    return number if compare(number, 0) >= 0 else value_of(-exact_of(number))


def _ceil(number: float) -> int:
    return number if isinstance(number, int) else math.ceil(exact_of(number))


def _floor(number: float) -> int:
    return number if isinstance(number, int) else math.floor(exact_of(number))


def _largest(*numbers: float) -> int | float:
    found = numbers[0]
    for number in numbers[1:]:
        found = number if compare(number, found) > 0 else found
    return found


def _smallest(*numbers: float) -> int | float:
    found = numbers[0]
    for number in numbers[1:]:
        found = number if compare(number, found) < 0 else found
    return found


def _parseint(text: Any, base: int) -> int:
    if not isinstance(text, str):
        raise EvaluationError(f"the first argument must be a string, not {to_text(text)}")
    if not 2 <= base <= 62:
        raise EvaluationError(f"a base is a whole number from 2 to 62, not {base}")
    digits = text[1:] if text[:1] in ("-", "+") else text
    if len(digits) > _DIGITS_LIMIT:
        raise Unevaluated("the number has too many digits")
    result = 0 if digits else None
    for char in digits if base > 36 else digits.lower():
        value = _DIGITS.find(char)
        if not 0 <= value < base:
            result = None
            break
        result = (result or 0) * base + value
    if result is None:
        raise EvaluationError(f"{_short(text)} is no number in base {base}")
    return whole(-result if text.startswith("-") else result)


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")


def _range(*numbers: float) -> List:
    if len(numbers) > 3:
        raise EvaluationError(f"it was given {len(numbers)} arguments")
    exacts = [exact_of(number) for number in numbers]
    zero = exact_of(0)
    start, stop = (zero, exacts[0]) if len(exacts) == 1 else exacts[:2]
    step = exacts[2] if len(exacts) > 2 else exact_of(1 if stop >= start else -1)
    down = stop < start
    if (step == 0 and stop != start) or (step > 0 and down) or (step < 0 and stop > start):
        raise EvaluationError("the step never leads to the end")
    result: list[Any] = []
    current = start
    while current > stop if down else current < stop:
        if len(result) >= _RANGE_LIMIT:
            raise EvaluationError(f"there would be more than {_RANGE_LIMIT:,} items")
        value = value_of(current)
        result.append(value)
        current = exact_of(value) + step
    return List(result)


def _sum(values: Any) -> Any:
    waiting = missing(values)
    if waiting is not None:
        return waiting
    items = items_of(values)
    if not items:
        raise EvaluationError("the list is empty")
    if any(item is None for item in items):
        raise EvaluationError("null cannot be part of a sum")
    known = [to_number(item) for item in items]
    waiting = missing(*known)
    if waiting is not None:
        return waiting
    if all(isinstance(number, int) for number in known):
        total = 0
        for number in known:
            total = whole(total + number)
        return total
    result: Fraction = exact_of(known[0])
    for number in known[1:]:
        result = exact_of(value_of(result + exact_of(number)))
    return value_of(result)


def _signum(number: int) -> int:
    return (number > 0) - (number < 0)


def _to_number(value: Any) -> Any:
    if isinstance(value, Unknown):
        return not_known(value, nullable=not value.not_null)
    return None if value is None else to_number(value)


NUMBER: dict[str, Function] = {
    "abs": Function(_abs, "n"),
    "ceil": Function(_ceil, "n"),
    "floor": Function(_floor, "n"),
    "log": Function(_log, "n n"),
    "max": Function(_largest, "n n*"),
    "min": Function(_smallest, "n n*"),
    "parseint": Function(_parseint, "x i"),
    "pow": Function(_pow, "n n"),
    "range": Function(_range, "n n*"),
    "signum": Function(_signum, "i"),
    "sum": Function(_sum, "x", unknown="none"),
    "tonumber": Function(_to_number, "X", unknown="none", nullable=True),
}
