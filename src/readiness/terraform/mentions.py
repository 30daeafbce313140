"""What an expression mentions, without evaluating it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from readiness.sources.hcl import ast


def mentions(node: Any) -> Iterator[tuple[str, str]]:
    """The variables and locals in an expression, in order: `("var", name)`, `("local", name)`."""
    if isinstance(node, ast.Attr) and isinstance(node.of, ast.Name) and node.of.name in ("var", "local"):
        yield node.of.name, node.name
        return
    if isinstance(node, (list, tuple)):
        for item in node:
            yield from mentions(item)
    elif isinstance(node, ast.Node):
        for field in node.__struct_fields__:
            if field != "at":
                yield from mentions(getattr(node, field))
