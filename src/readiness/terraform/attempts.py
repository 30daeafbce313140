"""`try` and `can`: what fails, and what may yet fail once the unknown values are known.

Source: https://developer.hashicorp.com/terraform/language/functions/try, and for unknown values
https://github.com/hashicorp/hcl/blob/v2.23.0/ext/tryfunc/tryfunc.go
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from readiness.sources.hcl import ast
from readiness.terraform.convert import EvaluationError, first_unknown, waiting
from readiness.terraform.partial import joined
from readiness.terraform.references import ResourceObject
from readiness.terraform.scope import Scope
from readiness.values import Unknown

Evaluate = Callable[[ast.Expr, Scope], Any]


def attempt(args: Sequence[ast.Expr], scope: Scope, strict: Evaluate) -> Any:
    """The value of `try(…)`; where an expression may yet fail, what is certain of all that it may be.

    Raises:
        EvaluationError: all of the expressions fail.
    """
    possible: list[Any] = []
    failed: EvaluationError | None = None
    for arg in args:
        try:
            value = strict(arg, scope)
        except EvaluationError as error:
            failed = error
            continue
        if not possible and _certain(arg, value, scope, strict):
            return value
        possible.append(value)
        if first_unknown(value) is None:
            break
    if not possible:
        raise failed or EvaluationError("try() needs an argument")
    first = first_unknown(possible[0])
    if first is None:
        return possible[0]
    return joined(Unknown(first.reason, first.refs, first.span), possible)


def succeeds(arg: ast.Expr, scope: Scope, strict: Evaluate) -> Any:
    """The value of `can(…)`."""
    try:
        value = strict(arg, scope)
        if _certain(arg, value, scope, strict):
            return True
        first = first_unknown(value)
    except EvaluationError:
        return False
    return True if first is None else waiting(first)


def _certain(arg: ast.Expr, value: Any, scope: Scope, strict: Evaluate) -> bool:
    """True where an expression cannot fail, whatever its unknown values turn out to be.

    Reading what is there cannot; what is read of something unknown may not be there.
    """
    if first_unknown(value) is None:
        return True
    if isinstance(arg, (ast.Attr, ast.Index)):
        if not isinstance(value, Unknown) and _is_path(arg):
            return True
        try:
            of = strict(arg.of, scope)
        except EvaluationError:
            return _is_name(arg)
        return isinstance(of, (ResourceObject, dict, list)) and _is_path(arg)
    return False


def _is_name(arg: ast.Attr | ast.Index) -> bool:
    """`var.x`, `local.x`: a name in two parts, the first of which is no value."""
    return isinstance(arg, ast.Attr) and isinstance(arg.of, ast.Name)


def _is_path(arg: ast.Expr) -> bool:
    while isinstance(arg, (ast.Attr, ast.Index)):
        if isinstance(arg, ast.Index) and not isinstance(arg.key, (ast.Lit, ast.Attr, ast.Name)):
            return False
        arg = arg.of
    return isinstance(arg, ast.Name)
