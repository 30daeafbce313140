"""Type constraints of variables: defaults of `optional()` attributes, then conversion.

Source: https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from typing import Any

from readiness.sources.hcl import ast
from readiness.terraform.convert import EvaluationError
from readiness.terraform.evaluate import evaluate
from readiness.terraform.kinds import DYNAMIC, OBJECT, TUPLE, Type, like
from readiness.terraform.references import ModuleObject, ResourceObject
from readiness.terraform.scope import Scope
from readiness.terraform.unify import converted
from readiness.values import List, Map, Unknown

_PRIMITIVES = frozenset({"string", "number", "bool"})
_SHORT = {"list": ("list", DYNAMIC), "set": ("set", DYNAMIC), "map": ("map", DYNAMIC)}


def apply_type(value: Any, node: ast.Expr, scope: Scope) -> Any:
    """A value converted to a type constraint; one that does not fit becomes an Unknown that says so."""
    try:
        return fitted(value, node, scope)
    except EvaluationError as error:
        return Unknown(f"the value does not fit the type of the variable: {error}")


def fitted(value: Any, node: ast.Expr, scope: Scope) -> Any:
    """A value converted to a type constraint.

    Raises:
        EvaluationError: it does not fit.
    """
    kind = constraint(node)
    return converted(_with_defaults(value, kind, scope), kind)


def constraint(node: ast.Expr) -> Type:
    """The type that a constraint names; None for what is none.

    Objects have, behind their attributes, the nodes of the defaults of those that are optional
    (None where there is none).
    """
    if isinstance(node, (ast.Name, ast.Lit)):
        name = node.name if isinstance(node, ast.Name) else node.value
        if name in _PRIMITIVES:
            return name
        return DYNAMIC if name == "any" else _SHORT.get(str(name))
    if not isinstance(node, ast.Call) or not node.args:
        return None
    inner = node.args[0]
    if node.name in ("list", "set", "map"):
        return (node.name, constraint(inner))
    if node.name == TUPLE and isinstance(inner, ast.Tup):
        return (TUPLE, tuple(constraint(item) for item in inner.items))
    if node.name == OBJECT and isinstance(inner, ast.Obj):
        return _object(inner)
    return None


def _object(node: ast.Obj) -> Type:
    attributes: dict[str, Type] = {}
    optional: dict[str, ast.Expr | None] = {}
    for key, kind in node.items:
        name = str(key.value) if isinstance(key, ast.Lit) else ""
        if isinstance(kind, ast.Call) and kind.name == "optional" and kind.args:
            optional[name] = kind.args[1] if len(kind.args) > 1 else None
            kind = kind.args[0]
        attributes[name] = constraint(kind)
    return (OBJECT, attributes, optional) if optional else (OBJECT, attributes)


def _with_defaults(value: Any, kind: Type, scope: Scope) -> Any:
    """A value with the defaults of the optional attributes that are not given, or null."""
    if isinstance(value, ModuleObject):
        value = value.whole(scope)
    if not isinstance(kind, tuple) or value is None or isinstance(value, Unknown):
        return value
    structure, inner = kind[0], kind[1]
    if structure == OBJECT:
        return _object_defaults(value, kind, scope) if isinstance(value, dict) else value
    if not isinstance(inner, tuple):
        return value
    if structure == "map" and isinstance(value, dict):
        if isinstance(value, ResourceObject):
            return value
        items = {name: _with_defaults(item, inner, scope) for name, item in value.items()}
        return _like(value, items, list(value.values()), list(items.values()))
    if isinstance(value, list) and structure in ("list", "set"):
        found = [_with_defaults(item, inner, scope) for item in value]
        return _like(value, found, value, found)
    if isinstance(value, list) and structure == TUPLE and len(value) == len(inner):
        found = [_with_defaults(item, part, scope) for item, part in zip(value, inner, strict=True)]
        return _like(value, found, value, found)
    return value


def _like(value: Any, items: Any, before: list[Any], after: list[Any]) -> Any:
    """The same value, or where an item has got a default a collection of the new items."""
    if all(one is other for one, other in zip(before, after, strict=True)):
        return value
    return like(value, items, None if value.kind is None else OBJECT if isinstance(value, dict) else TUPLE)


def _object_defaults(value: dict[str, Any], kind: Type, scope: Scope) -> Any:
    optional = kind[2] if len(kind) > 2 else {}
    result: dict[str, Any] = {}
    for name, part in kind[1].items():
        there = name in value or isinstance(value, ResourceObject)
        item = value.attribute(name) if isinstance(value, ResourceObject) else value.get(name)
        default = optional.get(name)
        if item is None and default is not None:
            item, there = evaluate(default, scope), True
        if there:
            result[name] = _with_defaults(item, part, scope)
    known = isinstance(value, (Map, List)) and value.kind is not None
    return like(value, result, OBJECT if known else None)
