"""Type constraints of variables: conversion of primitives, defaults of `optional()` attributes.

Source: https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from typing import Any

from readiness.sources.hcl import ast
from readiness.terraform.convert import EvaluationError, convert, unique
from readiness.terraform.evaluate import evaluate
from readiness.terraform.references import ModuleObject, ResourceObject
from readiness.terraform.scope import Scope
from readiness.values import List, Map, Unknown


def apply_type(value: Any, node: ast.Expr, scope: Scope) -> Any:
    """A value converted to a type constraint; one that does not fit becomes an Unknown that says so."""
    try:
        return _apply(value, node, scope)
    except EvaluationError as error:
        return Unknown(f"the value does not fit the type of the variable: {error}")


def _apply(value: Any, node: ast.Expr, scope: Scope) -> Any:
    if value is None or isinstance(value, Unknown):
        return value
    if isinstance(node, (ast.Name, ast.Lit)):
        return convert(value, str(node.name if isinstance(node, ast.Name) else node.value))
    if not isinstance(node, ast.Call) or not node.args:
        return value
    inner = node.args[0]
    if isinstance(value, ModuleObject):
        value = value.whole(scope)
    if node.name == "optional":
        return _apply(value, inner, scope)
    if node.name in ("list", "set"):
        return _list(value, node.name, inner, scope)
    if node.name == "tuple":
        return _tuple(value, inner, scope)
    if not isinstance(value, dict):
        raise EvaluationError("a map is required" if node.name == "map" else "an object is required")
    if node.name == "map":
        return _copy(value, {key: _apply(item, inner, scope) for key, item in value.items()})
    return _object(value, inner, scope) if isinstance(inner, ast.Obj) else value


def _list(value: Any, kind: str, inner: ast.Expr, scope: Scope) -> List:
    if not isinstance(value, list):
        raise EvaluationError(f"a {kind} is required")
    items = List(
        [_apply(item, inner, scope) for item in value],
        value.span if isinstance(value, List) else None,
        value.item_spans if isinstance(value, List) else None,
    )
    known = not any(isinstance(item, Unknown) for item in items)
    return unique(items) if kind == "set" and known else items


def _tuple(value: Any, inner: ast.Expr, scope: Scope) -> Any:
    if not isinstance(value, list) or not isinstance(inner, ast.Tup):
        raise EvaluationError("a tuple is required")
    if len(value) != len(inner.items):
        raise EvaluationError(f"a tuple of {len(inner.items)} items is required")
    items = [_apply(item, kind, scope) for item, kind in zip(value, inner.items, strict=True)]
    return List(items, getattr(value, "span", None), getattr(value, "item_spans", None))


def _copy(value: dict[str, Any], items: dict[str, Any]) -> Map:
    if isinstance(value, Map):
        return Map(items, value.span, value.key_spans, value.value_spans, value.origin)
    return Map(items)


def _object(value: dict[str, Any], node: ast.Obj, scope: Scope) -> Map:
    result: dict[str, Any] = {}
    for key_node, kind in node.items:
        key = str(key_node.value) if isinstance(key_node, ast.Lit) else ""
        optional = isinstance(kind, ast.Call) and kind.name == "optional" and bool(kind.args)
        inner = kind.args[0] if optional and isinstance(kind, ast.Call) else kind
        item = value.attribute(key) if isinstance(value, ResourceObject) else value.get(key)
        if item is None and optional and isinstance(kind, ast.Call) and len(kind.args) > 1:
            item = evaluate(kind.args[1], scope)
        elif item is None and not optional and key not in value:
            raise EvaluationError(f"the attribute {key!r} is required")
        result[key] = _apply(item, inner, scope)
    return _copy(value, result)
