"""Conditionals: the value of one branch, of the type that both have in common.

Source: https://github.com/hashicorp/hcl/blob/v2.23.0/hclsyntax/expression.go (`ConditionalExpr`)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from readiness.sources.hcl import ast
from readiness.terraform.convert import EvaluationError, equal
from readiness.terraform.kinds import DYNAMIC, OBJECT, TUPLE, Type, type_of
from readiness.terraform.partial import joined
from readiness.terraform.scope import Scope
from readiness.terraform.unify import agreed, agreed_type, unify
from readiness.values import Unknown

Evaluate = Callable[[ast.Expr, Scope], Any]


def chosen(value: Any, other: ast.Expr, scope: Scope, strict: Evaluate) -> Any:
    """The value of the branch that is taken, given the expression of the other one.

    Raises:
        EvaluationError: they have no type in common.
    """
    if value is None or isinstance(value, Unknown):
        return value
    if isinstance(other, ast.Lit) and (other.value is None or isinstance(value, str)):
        return value
    if isinstance(other, ast.Tpl) and isinstance(value, str):
        return value
    apart = scope.collecting()
    apart.trying = True
    try:
        unused = strict(other, apart)
    except EvaluationError:
        return agreed_type(value, _type_in_vain(other, apart, strict))
    return agreed(value, unused)


def either(test: Unknown, then: Any, other: Any) -> Any:
    """What is certain of one of two values."""
    if not isinstance(then, Unknown) and equal(then, other) is True:
        return then
    return joined(Unknown(test.reason, test.refs, test.span), [then, other])


def _type_in_vain(node: ast.Expr, scope: Scope, strict: Evaluate) -> Type:
    """The type of an expression that cannot be evaluated: that of what it would have been."""
    if isinstance(node, ast.Tup):
        types = tuple(_type_or_vain(item, scope, strict) for item in node.items)
        return None if None in types else (TUPLE, types)
    if isinstance(node, ast.Obj):
        if not all(isinstance(key, ast.Lit) for key, _ in node.items):
            return DYNAMIC
        attributes = {
            str(key.value): _type_or_vain(item, scope, strict)
            for key, item in node.items
            if isinstance(key, ast.Lit)
        }
        return None if None in attributes.values() else (OBJECT, attributes)
    if isinstance(node, ast.Binary):
        return "number" if node.op in ("+", "-", "*", "/", "%") else "bool"
    if isinstance(node, ast.Unary):
        return "bool" if node.op == "!" else "number"
    if isinstance(node, ast.Cond):
        both = [_type_or_vain(branch, scope, strict) for branch in (node.then, node.other)]
        if None in both:
            return None
        return DYNAMIC if DYNAMIC in both else unify(both) or DYNAMIC
    if isinstance(node, (ast.For, ast.Splat)):
        return None
    return "string" if isinstance(node, ast.Tpl) else DYNAMIC


def _type_or_vain(node: ast.Expr, scope: Scope, strict: Evaluate) -> Type:
    try:
        return type_of(strict(node, scope))
    except EvaluationError:
        return _type_in_vain(node, scope, strict)
