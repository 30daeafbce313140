"""Built-in functions of Terraform: which there are, and what becomes of unknown arguments.

Source: https://developer.hashicorp.com/terraform/language/functions.  A function that is not
here, or is impure (`timestamp`, `uuid`), gives an Unknown that names it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from readiness.terraform.convert import EvaluationError, first_unknown, to_bool, to_number, to_text
from readiness.terraform.functions_collection import STRUCTURAL
from readiness.terraform.functions_plain import PLAIN
from readiness.terraform.functions_text import TEXT
from readiness.values import Unknown

_MAY_BE_NULL = frozenset({"csvdecode", "jsondecode", "yamldecode"})
_NAMES = {"s": "a string", "n": "a number", "b": "a bool", "l": "a list", "m": "a map"}
_SIGNATURES: dict[str, tuple[str, Callable[..., Any]]] = {**PLAIN, **TEXT}


def call(name: str, args: list[Any]) -> Any:
    """The value of a function call.

    Raises:
        EvaluationError: wrong arguments, or a value that is too large.
    """
    name = name.removeprefix("core::")
    structural = STRUCTURAL.get(name)
    try:
        if structural is not None:
            return structural(*args)
        found = _SIGNATURES.get(name)
        for arg in args:
            first = first_unknown(arg)
            if first is not None:
                not_null = name not in _MAY_BE_NULL
                return Unknown(first.reason, first.refs, first.span, not_null=not_null)
        if found is None:
            return Unknown(f"the function {name}() is not evaluated", not_null="::" not in name)
        return found[1](*_arguments(name, found[0].split(), args))
    except EvaluationError as error:
        raise EvaluationError(f"{name}(): {error}") from None
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        raise EvaluationError(f"{name}() was given arguments it does not take ({error})") from None


def _arguments(name: str, kinds: list[str], args: list[Any]) -> list[Any]:
    """Arguments converted to the kinds of the parameters.

    A kind is a letter (`s` string, `n` number, `b` bool, `l` list, `m` map, `x` anything), with `?`
    if it may be left out, or `*` if it may be repeated.
    """
    many = kinds[-1].endswith("*")
    least = sum(1 for kind in kinds if len(kind) == 1)
    if len(args) < least or (len(args) > len(kinds) and not many):
        raise EvaluationError(f"it was given {len(args)} arguments")
    return [_argument(kinds[min(index, len(kinds) - 1)][0], arg, index + 1) for index, arg in enumerate(args)]


def _argument(kind: str, value: Any, number: int) -> Any:
    if kind == "x":
        return value
    if value is None:
        raise EvaluationError(f"argument {number} must not be null")
    try:
        if kind == "s":
            return to_text(value)
        if kind == "n":
            return to_number(value)
        if kind == "b":
            return to_bool(value)
    except EvaluationError as error:
        raise EvaluationError(f"argument {number}: {error}") from None
    if not isinstance(value, list if kind == "l" else dict):
        raise EvaluationError(f"argument {number} must be {_NAMES[kind]}")
    return value
