"""Origins of mappings: the blocks and expressions that they were written as."""

from __future__ import annotations

from readiness.sources.hcl import ast
from readiness.terraform.scope import Scope


class BlockOrigin:
    """Origin of a body or nested block: explains its attributes through their expressions."""

    __slots__ = ("block", "scope")

    def __init__(self, scope: Scope, block: ast.Block) -> None:
        self.scope = scope
        self.block = block

    def expression(self, key: str) -> ast.Expr | None:
        """The expression of an attribute."""
        for attribute in self.block.attributes:
            if attribute.name == key:
                return attribute.value
        return None


class LocalOrigin:
    """Origin of the body of a local: explains its value through the expression."""

    __slots__ = ("node", "scope")

    def __init__(self, scope: Scope, node: ast.Expr) -> None:
        self.scope = scope
        self.node = node

    def expression(self, key: str) -> ast.Expr | None:
        """The expression of the value."""
        return self.node if key == "value" else None


class ExpressionOrigin:
    """Origin of a mapping written as `{…}`: explains its entries through the expression."""

    __slots__ = ("node", "scope")

    def __init__(self, scope: Scope, node: ast.Obj) -> None:
        self.scope = scope
        self.node = node

    def expression(self, key: str) -> ast.Expr | None:
        """The expression of an entry, where its key is written literally."""
        for name, value in self.node.items:
            if isinstance(name, ast.Lit) and name.value == key:
                return value
        return None
