"""Functions whose results only a run of Terraform knows, and those about what is not tracked here.

Source: https://developer.hashicorp.com/terraform/language/functions, and
https://opentofu.org/docs/language/functions/assume_family/
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from readiness.terraform.convert import EvaluationError, equal, first_unknown
from readiness.terraform.functions_common import Function, not_known
from readiness.terraform.kinds import type_of
from readiness.terraform.unify import converted
from readiness.values import Unknown


def _at_run(name: str, why: str, prefix: str = "") -> Callable[..., Unknown]:
    """A function that gives something else on every run."""

    def function(*args: Any) -> Unknown:
        for arg in args:
            first = first_unknown(arg)
            if first is not None:
                return not_known(first)
        return Unknown(f"the function {name}() is not evaluated: {why}", not_null=True, prefix=prefix)

    return function


def _same(value: Any) -> Any:
    return value


def _assumeequal(actual: Any, expected: Any) -> Any:
    kind = type_of(expected)
    if kind is not None and equal(converted(actual, kind), expected) is False:
        raise EvaluationError("the two values are not equal")
    return expected


def _assumenotnull(value: Any) -> Any:
    if value is None:
        raise EvaluationError("the value is null")
    if isinstance(value, Unknown) and not value.not_null:
        return _copy(value, not_null=True)
    return value


def _copy(value: Unknown, not_null: bool) -> Unknown:
    parts = (value.prefix, value.suffix, value.document)
    return Unknown(value.reason, value.refs, value.span, not_null, *parts)


def _assumestringprefix(text: Any, prefix: Any) -> Any:
    if text is None or isinstance(prefix, Unknown):
        return text
    if isinstance(text, Unknown):
        begins = text.begins(prefix)
        if begins is True:
            return text
        if isinstance(begins, Unknown):
            found = _copy(text, text.not_null)
            found.prefix = prefix
            return found
    elif text.startswith(prefix):
        return text
    raise EvaluationError(f"the text does not begin with {prefix!r}")


def _assumed_length(kind: Any, lower: bool, upper: bool) -> Callable[..., Any]:
    """One of the functions that check how many items a list, set or map has."""

    def function(value: Any, *limits: Any) -> Any:
        if value is None or isinstance(value, Unknown):
            return value
        if not isinstance(value, kind):
            raise EvaluationError(f"a {'map' if kind is dict else 'list or set'} is required")
        first, last = limits[0], limits[-1]
        if lower and not isinstance(first, Unknown) and len(value) < first:
            raise EvaluationError(f"there are fewer than {first} items")
        if upper and not isinstance(last, Unknown) and len(value) > last:
            raise EvaluationError(f"there are more than {last} items")
        return value

    return function


def _lengths() -> dict[str, Function]:
    functions = {}
    kinds: dict[str, Any] = {"list": list, "set": list, "map": dict}
    for name, kind in kinds.items():
        for suffix, lower, upper in (("", True, True), ("min", True, False), ("max", False, True)):
            run = _assumed_length(kind, lower, upper)
            params = "X i i" if lower and upper else "X i"
            functions[f"assume{name}length{suffix}"] = Function(run, params, unknown="none", nullable=True)
    return functions


_ANOTHER = "it has another result on every run"
_UNTRACKED = "what is sensitive is not tracked"
IMPURE: dict[str, Function] = {
    "assumeequal": Function(_assumeequal, "X X", unknown="none", nullable=True),
    "assumenotnull": Function(_assumenotnull, "X", unknown="none"),
    "assumestringprefix": Function(_assumestringprefix, "X s", unknown="none", nullable=True),
    **_lengths(),
    "bcrypt": Function(_at_run("bcrypt", _ANOTHER, "$2a$"), "s n?", unknown="none"),
    "ephemeralasnull": Function(_same, "X", unknown="none", nullable=True),
    "issensitive": Function(_at_run("issensitive", _UNTRACKED), "X", unknown="none"),
    "nonsensitive": Function(_same, "X", unknown="none", nullable=True),
    "plantimestamp": Function(_at_run("plantimestamp", "it gives the time of the plan"), ""),
    "rsadecrypt": Function(_at_run("rsadecrypt", "no keys are used here"), "s s"),
    "sensitive": Function(_same, "X", unknown="none", nullable=True),
    "timestamp": Function(_at_run("timestamp", "it gives the time of the run"), ""),
    "type": Function(_at_run("type", "it is only known to the console of Terraform"), "X", unknown="none"),
    "uuid": Function(_at_run("uuid", _ANOTHER), ""),
}
