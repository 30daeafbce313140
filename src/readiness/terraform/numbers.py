"""Numbers as Terraform has them: binary fractions of 512 bits, written with as few digits as tell them apart.

A value is an `int` where it is whole, else a `float`: the number that its shortest decimal text
names, as HCL reads it, or an `Exact` where a float cannot hold it.
Source: https://github.com/zclconf/go-cty/blob/v1.16.2/docs/types.md#ctynumber and Go's `math/big`.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from readiness.errors import ReadinessError

if TYPE_CHECKING:
    from fractions import Fraction

PRECISION = 512
"""Bits of the mantissa of a number."""

SIZE_LIMIT = 12_000
"""Bits of the largest number, and of the largest denominator: far above what anybody writes."""

_TEXT = re.compile(r"([-+]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:([eEpP])([-+]?[0-9]+))?", re.ASCII)


class EvaluationError(ReadinessError):
    """An expression that fails in Terraform as well, or that is too large to be worked out."""


class Exact(float):
    """A fraction that no float holds; as a float it is the nearest one."""

    __slots__ = ("exact",)
    exact: Fraction

    def __reduce__(self) -> tuple[type[float], tuple[float]]:
        return float, (float(self),)


def exact_of(number: float) -> Fraction:
    """The number that a value stands for.

    Raises:
        EvaluationError: it is infinite, or no number.
    """
    from fractions import Fraction

    if isinstance(number, int):
        return rounded(Fraction(number))
    if isinstance(number, Exact):
        return number.exact
    if not math.isfinite(number):
        raise EvaluationError("the number is too large")
    return rounded(Fraction(repr(float(number))))


def is_zero(number: float) -> bool:
    """True for zero itself, not for what is too small for a float."""
    return number == 0 and not isinstance(number, Exact)


def rounded(number: Fraction) -> Fraction:
    """The nearest number of 512 bits; of two that are as near, the one that is even.

    Raises:
        EvaluationError: it is too large or too small.
    """
    from fractions import Fraction

    top, bottom = abs(number.numerator), number.denominator
    if bottom & (bottom - 1) or top.bit_length() > PRECISION:
        shift = PRECISION - top.bit_length() + bottom.bit_length()
        scaled, divisor = (top << shift, bottom) if shift >= 0 else (top, bottom << -shift)
        mantissa, rest = divmod(scaled, divisor)
        extra = mantissa.bit_length() - PRECISION
        if extra:
            low = mantissa & ((1 << extra) - 1)
            mantissa >>= extra
            half = 1 << (extra - 1)
            up = low > half or (low == half and bool(rest or mantissa & 1))
        else:
            up = 2 * rest > divisor or (2 * rest == divisor and bool(mantissa & 1))
        mantissa += up
        power = extra - shift
        result = Fraction(mantissa << power) if power >= 0 else Fraction(mantissa, 1 << -power)
        number = -result if number < 0 else result
    if max(number.numerator.bit_length(), number.denominator.bit_length()) > SIZE_LIMIT:
        raise EvaluationError("the number is too large, or too close to zero")
    return number


def value_of(number: Fraction) -> int | float:
    """The value that stands for a number, rounded to 512 bits.

    Raises:
        EvaluationError: it is too large or too small.
    """
    number = rounded(number)
    if number.denominator == 1:
        top = number.numerator
        # Terraform writes a larger one with zeros behind the digits that matter.
        return top if top.bit_length() <= PRECISION else int(_shortest(number))
    nearest = float(number)
    if exact_of(nearest) == number:
        return nearest
    result = Exact(nearest)
    result.exact = number
    return result


def whole(number: int) -> int:
    """A whole result, rounded to 512 bits.

    Raises:
        EvaluationError: it is too large.
    """
    return number if number.bit_length() <= PRECISION else int(value_of(_fraction(number)))


def _fraction(number: int) -> Fraction:
    from fractions import Fraction

    return Fraction(number)


def parse(text: str) -> int | float | None:
    """The value of a number written in decimal, or None if the text is none.

    Raises:
        EvaluationError: it is too large or too small.
    """
    if text.isdecimal() and text.isascii() and len(text) <= 150:
        return int(text)
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    from fractions import Fraction

    sign, digits, mark, power = match.groups()
    if len(digits) > SIZE_LIMIT // 3 or (power and len(power) > 6) or abs(int(power or 0)) > SIZE_LIMIT:
        raise EvaluationError("the number is too large, or too close to zero")
    number = Fraction(f"0{digits}0" if digits.endswith(".") else f"0{digits}")
    number *= Fraction(2 if mark in ("p", "P") else 10) ** int(power or 0)
    return value_of(-number if sign == "-" else number)


def compare(left: float, right: float) -> int:
    """Below, at or above zero, as `left` is below, at or above `right`."""
    if isinstance(left, int) and isinstance(right, int):
        return (left > right) - (left < right)
    one, other = exact_of(left), exact_of(right)
    return (one > other) - (one < other)


def text_of(number: float) -> str:
    """A number as a string: all its digits and no exponent.

    Raises:
        EvaluationError: it is too large or too small.
    """
    if isinstance(number, int):
        return str(number)
    if isinstance(number, Exact):
        return _shortest(number.exact)
    text = repr(number)
    if "e" not in text:
        return text.removesuffix(".0")
    from decimal import Decimal

    return format(Decimal(text), "f")


# -- the shortest digits, as `roundShortest` of Go's math/big/ftoa.go finds them ---------------


def _decimal(mantissa: int, power: int) -> tuple[str, int]:
    """The digits of `mantissa * 2**power` without zeros at the ends, and where its point is."""
    if power >= 0:
        digits = str(_checked(mantissa << power))
        point = len(digits)
    else:
        digits = str(_checked(mantissa * 5**-power))
        point = len(digits) + power
    return digits.rstrip("0"), point


def _checked(number: int) -> int:
    if number.bit_length() > SIZE_LIMIT:  # below the limit that Python sets on digits
        raise EvaluationError("the number has too many digits")
    return number


def _shortest(number: Fraction) -> str:
    sign = "-" if number < 0 else ""
    top, bottom = abs(number.numerator), number.denominator
    # The mantissa has one bit more than the precision, so that its lowest is half a unit.
    shift = PRECISION + 1 - top.bit_length()
    mantissa = top << shift if shift >= 0 else top >> -shift
    power = -shift - (bottom.bit_length() - 1)
    digits, point = _decimal(mantissa, power)
    lower, upper = _decimal(mantissa - 1, power)[0], _decimal(mantissa + 1, power)[0]
    inclusive = not mantissa & 2
    for index, digit in enumerate(digits):
        low = lower[index] if index < len(lower) else "0"
        high = upper[index] if index < len(upper) else "0"
        down = low != digit or (inclusive and index + 1 == len(lower))
        up = digit != high and (inclusive or int(digit) + 1 < int(high) or index + 1 < len(upper))
        if down or up:
            nearer_up = up and (not down or _rounds_up(digits, index + 1))
            digits, point = _cut(digits, index + 1, point, nearer_up)
            break
    return sign + _laid_out(digits, point)


def _rounds_up(digits: str, count: int) -> bool:
    rest = digits[count:]
    if rest[:1] == "5" and len(rest) == 1:
        return count > 0 and int(digits[count - 1]) % 2 == 1
    return rest[:1] >= "5"


def _cut(digits: str, count: int, point: int, up: bool) -> tuple[str, int]:
    kept = digits[:count]
    if up:
        more = str(int(kept) + 1)
        point += len(more) - len(kept)
        kept = more
    return kept.rstrip("0"), point


def _laid_out(digits: str, point: int) -> str:
    if point <= 0:
        return "0." + "0" * -point + digits
    if point >= len(digits):
        return digits + "0" * (point - len(digits))
    return f"{digits[:point]}.{digits[point:]}"
