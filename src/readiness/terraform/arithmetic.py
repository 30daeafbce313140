"""The operators of numbers, with the 512 bits that Terraform counts with."""

from __future__ import annotations

import operator
from collections.abc import Callable

from readiness.terraform import numbers
from readiness.terraform.convert import EvaluationError

Number = int | float


def _add(left: Number, right: Number) -> Number:
    if isinstance(left, int) and isinstance(right, int):
        return numbers.whole(left + right)
    return numbers.value_of(numbers.exact_of(left) + numbers.exact_of(right))


def _subtract(left: Number, right: Number) -> Number:
    if isinstance(left, int) and isinstance(right, int):
        return numbers.whole(left - right)
    return numbers.value_of(numbers.exact_of(left) - numbers.exact_of(right))


def _multiply(left: Number, right: Number) -> Number:
    if isinstance(left, int) and isinstance(right, int):
        return numbers.whole(left * right)
    return numbers.value_of(numbers.exact_of(left) * numbers.exact_of(right))


def _divide(left: Number, right: Number) -> Number:
    if numbers.is_zero(right):
        raise EvaluationError("division by zero")
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return numbers.whole(left // right)
    return numbers.value_of(numbers.exact_of(left) / numbers.exact_of(right))


def _remainder(left: Number, right: Number) -> Number:
    """The remainder with the sign of the dividend; Terraform's is the dividend itself for a divisor of 0."""
    if numbers.is_zero(right):
        return left
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() < numbers.PRECISION:
        size = abs(left) % abs(right)
        return -size if left < 0 else size
    one, other = numbers.exact_of(left), numbers.exact_of(right)
    times = int(numbers.rounded(one / other))
    return numbers.value_of(one - numbers.rounded(times * other))


def negated(number: Number) -> Number:
    """`-x`."""
    return -number if isinstance(number, int) else numbers.value_of(-numbers.exact_of(number))


def _comparison(test: Callable[[int, int], bool]) -> Callable[[Number, Number], bool]:
    return lambda left, right: test(numbers.compare(left, right), 0)


OPERATIONS: dict[str, Callable[[Number, Number], Number]] = {
    "<": _comparison(operator.lt),
    "<=": _comparison(operator.le),
    ">": _comparison(operator.gt),
    ">=": _comparison(operator.ge),
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "%": _remainder,
}
"""Operators by sign.  Each raises `EvaluationError` where Terraform does, or where a number is too large."""
