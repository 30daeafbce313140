"""`"…".format([…])`, as the strings extension of CEL has it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from readiness.policy.cel.errors import CelError
from readiness.policy.cel.functions.convert import to_double, to_string
from readiness.policy.cel.registry import method
from readiness.policy.cel.types import Opaque, no_overload, plain_key, type_name

_CLAUSE = re.compile(r"%(?:(?P<percent>%)|(?:\.(?P<precision>[0-9]+))?(?P<verb>.?))", re.DOTALL)
_MAX_PRECISION = 1000


def _format(template: Any, args: Any) -> str:
    if not isinstance(template, str) or not isinstance(args, list):
        raise no_overload("format", template, args)
    used = 0

    def clause(match: re.Match[str]) -> str:
        nonlocal used
        if match["percent"]:
            return "%"
        verb = match["verb"]
        if verb not in _VERBS or not verb:
            raise CelError(f"`{match.group()}` is not a format clause")
        if used >= len(args):
            raise CelError(f"the format has more clauses than the {len(args)} values given")
        value = args[used]
        used += 1
        precision = 6 if match["precision"] is None else int(match["precision"][:6])
        if precision > _MAX_PRECISION:
            raise CelError(f"a precision of more than {_MAX_PRECISION} digits")
        return _VERBS[verb](value, precision)

    return _CLAUSE.sub(clause, template)


def _wrong(verb: str, value: Any) -> CelError:
    return CelError(f"`%{verb}` cannot format a value of type {type_name(value)}")


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _special(value: float) -> str | None:
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return None


def plain_double(value: float) -> str:
    """A double without an exponent, with the fewest digits that read back as it."""
    special = _special(value)
    if special is not None:
        return special
    text = repr(value)
    if "e" in text:
        from decimal import Decimal

        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def text_of(value: Any, precision: int = 0) -> str:
    """A value as `%s` writes it."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, float):
        return plain_double(value)
    if isinstance(value, list):
        return "[" + ", ".join(text_of(item) for item in value) + "]"
    if isinstance(value, dict):
        pairs = sorted((text_of(plain_key(key)), text_of(item)) for key, item in value.items())
        return "{" + ", ".join(f"{key}: {item}" for key, item in pairs) + "}"
    if isinstance(value, (int, bytes)):
        return to_string(value) if not isinstance(value, bytes) else value.decode("utf-8", "replace")
    if isinstance(value, Opaque):
        return str(value)
    raise _wrong("s", value)


def _decimal(value: Any, precision: int) -> str:
    if _is_int(value):
        return to_string(value)
    if isinstance(value, float):
        return plain_double(value)
    raise _wrong("d", value)


def _float(verb: str, value: Any, precision: int) -> str:
    if not _is_int(value) and not isinstance(value, float):
        raise _wrong(verb, value)
    number = to_double(value)
    return _special(number) or f"{number:.{precision}{verb}}"


def _radix(verb: str, value: Any) -> str:
    if isinstance(value, bool) and verb == "b":
        return "1" if value else "0"
    if _is_int(value):
        return format(int(value), verb)
    if verb in "xX" and isinstance(value, (str, bytes)):
        raw = value.encode() if isinstance(value, str) else value
        return raw.hex() if verb == "x" else raw.hex().upper()
    raise _wrong(verb, value)


_VERBS: dict[str, Callable[[Any, int], str]] = {
    "s": text_of,
    "d": _decimal,
    "f": lambda value, precision: _float("f", value, precision),
    "e": lambda value, precision: _float("e", value, precision),
    "b": lambda value, precision: _radix("b", value),
    "o": lambda value, precision: _radix("o", value),
    "x": lambda value, precision: _radix("x", value),
    "X": lambda value, precision: _radix("X", value),
}

FUNCTIONS = (method("format", _format, 1, elements=True),)
