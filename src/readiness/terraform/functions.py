"""Built-in functions of Terraform and OpenTofu: which there are, and what becomes of their arguments.

Source: `terraform metadata functions -json` of Terraform 1.11 for names and signatures, and
https://developer.hashicorp.com/terraform/language/functions, https://opentofu.org/docs/language/functions/
for what they do.  The functions of files are in `functions_files`; `try`, `can` and `convert` look at
expressions, not at values.  A function that is not here gives an Unknown that names it.
"""

from __future__ import annotations

from typing import Any

from readiness.terraform.convert import EvaluationError, first_unknown, to_bool, to_number, to_text
from readiness.terraform.functions_collection import COLLECTION
from readiness.terraform.functions_common import (
    Function,
    Unevaluated,
    in_part,
    not_known,
    opened,
    whole_number,
)
from readiness.terraform.functions_encoding import ENCODING
from readiness.terraform.functions_format import FORMAT
from readiness.terraform.functions_hash import HASH
from readiness.terraform.functions_impure import IMPURE
from readiness.terraform.functions_network import NETWORK
from readiness.terraform.functions_number import NUMBER
from readiness.terraform.functions_provider import PROVIDER
from readiness.terraform.functions_sets import SETS
from readiness.terraform.functions_text import TEXT
from readiness.terraform.functions_time import TIME
from readiness.terraform.kinds import STRINGS
from readiness.terraform.references import ResourceObject
from readiness.terraform.unify import converted
from readiness.values import Unknown

FUNCTIONS: dict[str, Function] = {
    **COLLECTION,
    **ENCODING,
    **FORMAT,
    **HASH,
    **IMPURE,
    **NETWORK,
    **NUMBER,
    **PROVIDER,
    **SETS,
    **TEXT,
    **TIME,
}
"""All functions by name, without `core::`."""

_PASSED_ON = frozenset(
    {"assumenotnull", "coalesce", "ephemeralasnull", "lookup", "nonsensitive", "sensitive"}
)
"""Functions that give what they were given, or look at one attribute of it."""

_ENCODERS = frozenset({"jsonencode", "yamlencode"})

_NAMES = {"l": "a list", "m": "a map"}
_CONVERTED = {"S": STRINGS, "B": ("list", "bool"), "M": ("map", STRINGS)}


def call(name: str, args: list[Any]) -> Any:
    """The value of a function call.

    Raises:
        EvaluationError: wrong arguments, or a value that is too large.
    """
    name = name.removeprefix("core::")
    function = FUNCTIONS.get(name)
    if function is None:
        return _without(name, args)
    nullable = function.nullable
    try:
        given = _arguments(function.params.split(), _with_resources(name, args))
        if function.unknown != "none":
            for arg in given:
                first = first_unknown(arg) if function.unknown == "all" else arg
                if isinstance(first, Unknown):
                    return not_known(first, nullable)
        return function.run(*given)
    except Unevaluated as error:
        return Unknown(f"the function {name}() is not evaluated: {error}", not_null=not nullable)
    except EvaluationError as error:
        raise EvaluationError(f"{name}(): {error}") from None
    except RecursionError:
        raise EvaluationError(f"{name}(): the value is nested too deeply") from None
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        raise EvaluationError(f"{name}() was given arguments it does not take ({error})") from None


def _with_resources(name: str, args: list[Any]) -> list[Any]:
    """Arguments with unknowns in place of resources, of which a function would see but a part."""
    if name in _ENCODERS:
        return [opened(arg) for arg in args]
    if name in _PASSED_ON:
        return args
    return [in_part(arg) if isinstance(arg, ResourceObject) else arg for arg in args]


def _without(name: str, args: list[Any]) -> Unknown:
    """The result of a function that is not here."""
    for arg in args:
        first = first_unknown(arg)
        if first is not None:
            return not_known(first, nullable="::" in name)
    return Unknown(f"the function {name}() is not evaluated", not_null="::" not in name)


def _arguments(params: list[str], args: list[Any]) -> list[Any]:
    """Arguments converted to the kinds of the parameters (see `Function.params`)."""
    many = bool(params) and params[-1].endswith("*")
    least = sum(1 for param in params if len(param) == 1)
    if len(args) < least or (len(args) > len(params) and not many):
        count = len(args)
        raise EvaluationError(f"it was given {count} argument{'' if count == 1 else 's'}")
    last = len(params) - 1
    return [_argument(params[min(index, last)][0], arg, index + 1) for index, arg in enumerate(args)]


def _argument(kind: str, value: Any, number: int) -> Any:
    if kind == "X" or isinstance(value, Unknown):
        return value
    if value is None:
        raise EvaluationError(f"argument {number} must not be null")
    try:
        return _as_kind(kind, value)
    except EvaluationError as error:
        raise EvaluationError(f"argument {number}: {error}") from None


def _as_kind(kind: str, value: Any) -> Any:
    if kind == "x":
        return value
    if kind == "s":
        return to_text(value)
    if kind == "n":
        return to_number(value)
    if kind == "i":
        return whole_number(to_number(value))
    if kind == "b":
        return to_bool(value)
    if kind in _CONVERTED:
        return converted(value, _CONVERTED[kind])
    if not isinstance(value, list if kind == "l" else dict):
        raise EvaluationError(f"{_NAMES[kind]} is required")
    return value
