"""`format` and `formatlist`: verbs as Go's package fmt and go-cty write them.

Source: https://developer.hashicorp.com/terraform/language/functions/format, and for the fine points
https://github.com/zclconf/go-cty/blob/v1.16.2/cty/function/stdlib/format.go with Go's `math/big`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from readiness.terraform.convert import (
    EvaluationError,
    check_text,
    first_unknown,
    to_bool,
    to_number,
    to_text,
)
from readiness.terraform.functions_common import Function, Unevaluated, bounded, missing, not_known
from readiness.terraform.functions_json import json_text
from readiness.terraform.graphemes import clusters, count
from readiness.terraform.numbers import exact_of, text_of
from readiness.terraform.partial import partial_text
from readiness.values import List, Unknown

if TYPE_CHECKING:
    from fractions import Fraction

_VERB = re.compile(
    r"%(?:%|(?P<flags>[-+ #0]*)(?P<width>[1-9][0-9]*)?(?:\.(?P<precision>[0-9]*))?"
    r"(?:\[(?P<index>[1-9][0-9]*)\])?(?P<mode>[a-zA-Z]))",
    re.ASCII,
)
_WIDTH_LIMIT = 1_000
_PREFIXES = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}


class _Verb(NamedTuple):
    """One verb: its text, flags, width (0 without), precision (-1 without) and letter."""

    raw: str
    flags: str
    width: int
    precision: int
    mode: str


def _format(template: Any, *args: Any) -> Any:
    if isinstance(template, Unknown):
        return not_known(template)
    return _text(_parts(template, args))


def _text(parts: list[Any]) -> Any:
    if any(isinstance(part, Unknown) for part in parts):
        return partial_text(parts, None)
    check_text(sum(map(len, parts)))
    return "".join(parts)


def _parts(template: str, args: tuple[Any, ...]) -> list[Any]:
    """The texts of a template and of its verbs; a verb with an unknown value is unknown."""
    parts: list[Any] = []
    position = following = highest = 0
    while True:
        start = template.find("%", position)
        if start < 0:
            parts.append(template[position:])
            break
        match = _VERB.match(template, start)
        if match is None:
            raise EvaluationError(f"the `%` at character {start + 1} of the template begins no verb")
        parts.append(template[position:start])
        position = match.end()
        if match.group() == "%%":
            parts.append("%")
            continue
        index = int(match["index"]) - 1 if match["index"] else following
        following = index + 1
        highest = max(highest, following)
        if index >= len(args):
            raise EvaluationError(f"there is no argument for {match.group()!r}")
        parts.append(_formatted(match, args[index]))
    if highest < len(args):
        raise EvaluationError("there are more arguments than the template uses")
    return parts


def _formatted(match: re.Match[str], value: Any) -> Any:
    precision = match["precision"]
    width = int(match["width"] or 0)
    digits = -1 if precision is None else int(precision or 0)
    verb = _Verb(match.group(), match["flags"], width, digits, match["mode"])
    if width > _WIDTH_LIMIT or digits > _WIDTH_LIMIT:
        raise Unevaluated(f"the width in {verb.raw!r} is larger than {_WIDTH_LIMIT}")
    if verb.mode not in "vtbdoxXeEfgGsq":
        raise EvaluationError(f"{verb.raw!r} is no verb")
    if value is None and verb.mode != "v":
        raise EvaluationError(f"null cannot be formatted with {verb.raw!r}")
    waiting = first_unknown(value)
    if waiting is not None:
        return _waiting(verb, value, waiting)
    if verb.mode == "v":
        return _default(verb, value)
    if verb.mode == "t":
        return "true" if to_bool(value) else "false"
    if verb.mode in "sq":
        text = str(to_text(value))
        if verb.precision > 0:
            text = "".join(clusters(text)[: verb.precision])
        return _padded(verb, json_text(text) if verb.mode == "q" else text)
    number = to_number(value)
    return _whole(verb, number) if verb.mode in "bdoxX" else _fraction(verb, number)


def _waiting(verb: _Verb, value: Any, waiting: Unknown) -> Unknown:
    """What is certain of a formatted value that is unknown."""
    result = not_known(waiting)
    if not isinstance(value, Unknown) or verb.width or verb.precision > 0:
        return result
    if verb.mode == "s" or (verb.mode == "v" and "#" not in verb.flags and value.not_null):
        result.prefix, result.suffix = value.prefix, value.suffix
    return result


def _default(verb: _Verb, value: Any) -> str:
    """`%v`: strings as they are, numbers as `%g`, everything else as JSON."""
    if "#" not in verb.flags:
        if isinstance(value, str):
            return _padded(verb, str(value))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return _padded(verb, _general(value, -1, "e"))
    return _padded(verb, json_text(value))


def _padded(verb: _Verb, text: str) -> str:
    missing_width = verb.width - count(text)
    if missing_width <= 0:
        return text
    pad = ("0" if "0" in verb.flags else " ") * missing_width
    return text + pad if "-" in verb.flags else pad + text


def _sign(verb: _Verb, negative: bool) -> str:
    return "-" if negative else "+" if "+" in verb.flags else " " if " " in verb.flags else ""


def _whole(verb: _Verb, number: int | float) -> str:
    if not isinstance(number, int):
        raise EvaluationError(f"{verb.raw!r} requires a whole number, not {to_text(number)}")
    digits = format(abs(number), verb.mode)
    if verb.precision == 0 and number == 0:
        return ""
    zeros = max(0, verb.precision - len(digits))
    sign = _sign(verb, number < 0) + (_PREFIXES.get(verb.mode, "") if "#" in verb.flags else "")
    rest = verb.width - len(sign) - zeros - len(digits)
    if rest > 0 and "-" not in verb.flags and "0" in verb.flags and verb.precision < 0:
        zeros, rest = rest, 0
    text = sign + "0" * zeros + digits
    return text + " " * rest if "-" in verb.flags else " " * rest + text


def _fraction(verb: _Verb, number: int | float) -> str:
    mode = verb.mode
    if mode in "gG":
        text = _general(number, verb.precision, "e" if mode == "g" else "E").removeprefix("-")
    else:
        precision = 6 if verb.precision < 0 else verb.precision
        exact = abs(exact_of(number))
        text = _fixed(exact, precision) if mode == "f" else _scientific(exact, precision, mode)
    sign = _sign(verb, number < 0)
    rest = max(0, verb.width - len(sign) - len(text))
    if "0" in verb.flags:
        return sign + "0" * rest + text
    return sign + text + " " * rest if "-" in verb.flags else " " * rest + sign + text


def _rounded(number: Fraction, places: int) -> int:
    """A number times ten to the power of `places`, rounded half to even."""
    from fractions import Fraction

    return round(number * Fraction(10) ** places)


def _fixed(number: Fraction, precision: int) -> str:
    digits = str(_rounded(number, precision)).rjust(precision + 1, "0")
    return digits if precision == 0 else f"{digits[:-precision]}.{digits[-precision:]}"


def _leading(number: Fraction, count: int) -> tuple[str, int]:
    """The first digits of a number, rounded, and the place of the point behind the first of them."""
    if number == 0:
        return "0" * count, 0
    power = len(str(number.numerator)) - len(str(number.denominator))
    for exponent in (power - 1, power, power + 1):
        digits = str(_rounded(number, count - 1 - exponent))
        if len(digits) == count:
            return digits, exponent
    raise EvaluationError("the number is too large")


def _scientific(number: Fraction, precision: int, letter: str) -> str:
    digits, exponent = _leading(number, precision + 1)
    return _with_exponent(digits, exponent, letter)


def _with_exponent(digits: str, exponent: int, letter: str) -> str:
    text = digits if len(digits) == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{text}{letter}{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _general(number: int | float, precision: int, letter: str) -> str:
    """`%g`: the fewest digits that tell a number apart, or as many as `precision` says."""
    sign = "-" if number < 0 else ""
    if precision < 0:
        digits, exponent = _shortest(text_of(number).removeprefix("-"))
        limit = 6
    else:
        precision = precision or 1
        digits, exponent = _leading(abs(exact_of(number)), precision)
        digits = digits.rstrip("0") or "0"
        limit = precision
        if limit > len(digits) and len(digits) >= exponent + 1:
            limit = len(digits)
    if exponent < -4 or exponent >= limit:
        return sign + _with_exponent(digits, exponent, letter)
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    if len(digits) <= exponent + 1:
        return sign + digits.ljust(exponent + 1, "0")
    return f"{sign}{digits[: exponent + 1]}.{digits[exponent + 1 :]}"


def _shortest(text: str) -> tuple[str, int]:
    """The digits of a number without zeros at the ends, and the power of ten of the first."""
    before, _, after = text.partition(".")
    digits = before.lstrip("0") + after
    if before.strip("0"):
        return digits.rstrip("0"), len(before.lstrip("0")) - 1
    trimmed = after.lstrip("0")
    return (trimmed.rstrip("0"), -(len(after) - len(trimmed)) - 1) if trimmed else ("0", 0)


def _formatlist(template: Any, *args: Any) -> Any:
    waiting = missing(template, *args)
    if waiting is not None:
        return waiting
    if not args:
        return List([_text(_parts(template, ()))])
    length = -1
    for position, arg in enumerate(args):
        if isinstance(arg, list):
            if length not in (-1, len(arg)):
                raise EvaluationError(f"argument {position + 2} is a list of another length than one before")
            length = len(arg)
    rounds = 1 if length < 0 else length
    bounded(rounds)
    rows = (tuple(arg[row] if isinstance(arg, list) else arg for arg in args) for row in range(rounds))
    return List([_text(_parts(template, row)) for row in rows])


FORMAT: dict[str, Function] = {
    "format": Function(_format, "s X*", unknown="none"),
    "formatlist": Function(_formatlist, "s X*", unknown="none"),
}
