"""Where a value came from when it is not written where it is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from readiness.sources.hcl import ast
from readiness.terraform.origins import BlockOrigin, ExpressionOrigin, LocalOrigin
from readiness.terraform.scope import Scope
from readiness.values import Map, Span

_DEPTH_LIMIT = 8


def explain(container: Any, key: Any) -> list[tuple[str, Span]]:
    """The places that decided `container[key]`: (what, where), nearest first; [] if written there."""
    origin = container.origin if isinstance(container, Map) else None
    if not isinstance(origin, (BlockOrigin, ExpressionOrigin, LocalOrigin)) or not isinstance(key, str):
        return []
    node = origin.expression(key)
    if node is None:
        return []
    return list(dict.fromkeys(_places(node, origin.scope, 0, set())))


def _places(
    node: ast.Expr, scope: Scope, depth: int, seen: set[tuple[int, str, str]]
) -> Iterator[tuple[str, Span]]:
    """The places behind an expression; each variable and local is followed once."""
    if depth > _DEPTH_LIMIT:
        return
    for kind, name in scope.module.mentioned_by(node):
        key = (id(scope.module), kind, name)
        if key in seen:
            continue
        seen.add(key)
        if kind == "var":
            source = scope.module.source_of(name)
            if source is not None:
                expression, inner, what = source
                yield what, inner.place.span(expression.at)
                yield from _places(expression, inner, depth + 1, seen)
        else:
            declared = scope.module.config.locals.get(name)
            if declared is not None:
                expression = declared.attribute.value
                yield f"local.{name}", declared.place.span(expression.at)
                yield from _places(expression, scope.module.scope(declared.place), depth + 1, seen)
