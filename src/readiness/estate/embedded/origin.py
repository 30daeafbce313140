"""Where the field of an object that was made from a Terraform block came from."""

from __future__ import annotations

from readiness.sources.hcl import ast
from readiness.terraform.origins import BlockOrigin


class RenamedOrigin(BlockOrigin):
    """Origin of an object made from a block: finds the argument that a field was called before."""

    __slots__ = ("arguments",)

    def __init__(self, origin: BlockOrigin, arguments: dict[str, str]) -> None:
        super().__init__(origin.scope, origin.block)
        self.arguments = arguments

    def expression(self, key: str) -> ast.Expr | None:
        """The expression of the argument that a field was made from."""
        return super().expression(self.arguments.get(key, key))
