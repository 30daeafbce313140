"""What an expression is evaluated in: its place in a file, and the names it can see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from readiness.sources.hcl import ast
from readiness.values import Span

if TYPE_CHECKING:
    from readiness.terraform.module import ModuleInstance


class Place(NamedTuple):
    """The file of a block, and the number of lines above it."""

    path: str
    base: int

    def span(self, at: ast.At) -> Span:
        """The absolute region of a node."""
        base = self.base
        return Span(self.path, base + at[0], at[1], base + at[2], at[3])


class Scope:
    """Names visible to an expression.  `names` are `for` variables and iterators of `dynamic`.

    `seen` collects, in order, the addresses of resources that an evaluation touched.
    """

    __slots__ = ("count", "each", "module", "names", "place", "seen")

    def __init__(
        self,
        module: ModuleInstance,
        place: Place,
        names: Mapping[str, Any] | None = None,
        each: tuple[Any, Any] | None = None,
        count: Any = None,
        seen: dict[str, None] | None = None,
    ) -> None:
        self.module = module
        self.place = place
        self.names: Mapping[str, Any] = names or {}
        self.each = each
        self.count = count
        self.seen: dict[str, None] = {} if seen is None else seen

    def bind(self, names: Mapping[str, Any]) -> Scope:
        """The same scope with more names; what it sees is collected in the same place."""
        merged = {**self.names, **names}
        return Scope(self.module, self.place, merged, self.each, self.count, self.seen)

    def collecting(self) -> Scope:
        """The same scope with a fresh collection of seen addresses."""
        return Scope(self.module, self.place, self.names, self.each, self.count)
