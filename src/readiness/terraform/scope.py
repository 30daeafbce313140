"""What an expression is evaluated in: its place in a file, and the names it can see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from readiness.sources.hcl import ast
from readiness.values import Span, Unknown

if TYPE_CHECKING:
    from readiness.terraform.module import ModuleInstance


_make_span: Callable[[tuple[str, int, int, int, int]], Span] = partial(tuple.__new__, Span)
"""A span of its parts, of which a large estate has a million: half the time of calling `Span`."""


class Place(NamedTuple):
    """The file of a block, and the number of lines above it."""

    path: str
    base: int

    def span(self, at: ast.At) -> Span:
        """The absolute region of a node."""
        base = self.base
        return _make_span((self.path, base + at[0], at[1], base + at[2], at[3]))


class Scope:
    """Names visible to an expression.  `names` are `for` variables and iterators of `dynamic`.

    `seen` collects, in order, the addresses of resources that an evaluation touched.  `rounds` is
    how often the loops around the expression evaluate it, as a product.  `trying` is true inside
    `try` and `can`, where an error is raised at once.
    """

    __slots__ = ("count", "each", "module", "names", "place", "rounds", "seen", "trying")

    def __init__(
        self,
        module: ModuleInstance,
        place: Place,
        names: Mapping[str, Any] | None = None,
        each: tuple[Any, Any] | None = None,
        count: Any = None,
    ) -> None:
        self.module = module
        self.place = place
        self.names: Mapping[str, Any] = {} if names is None else names
        self.each = each
        self.count = count
        self.seen: dict[str, None] = {}
        self.rounds = 1
        self.trying = False

    @property
    def world(self) -> ModuleInstance | None:
        """What one address means one thing in: the root as it is evaluated for an environment.

        None where the block stands for instances of which the number is not known.
        """
        each = self.each
        if isinstance(self.count, Unknown) or (each is not None and isinstance(each[0], Unknown)):
            return None
        return self.module.world

    def chooses_by(self, value: Any, names: Iterable[Any], at: ast.At) -> None:
        """Note the names that an expression holds the workspace against, where it is that what is unknown."""
        if not isinstance(value, Unknown) or value.refs != ("terraform.workspace",):
            return
        known = self.module.config.workspaces
        for name in names:
            if isinstance(name, str) and name not in known:
                known.append(name)
                known.item_spans.append(self.place.span(at))

    def bind(self, names: Mapping[str, Any], rounds: int = 1) -> Scope:
        """The same scope with more names; what it sees is collected in the same place."""
        inner = self._copy({**self.names, **names})
        inner.seen = self.seen
        inner.rounds = self.rounds * max(1, rounds)
        inner.trying = self.trying
        return inner

    def at(self, place: Place) -> Scope:
        """The same scope for a block that stands elsewhere; what it sees is collected in the same place."""
        inner = Scope(self.module, place, self.names, self.each, self.count)
        inner.seen = self.seen
        inner.rounds = self.rounds
        return inner

    def moved_to(self, module: ModuleInstance) -> Scope:
        """The same scope in another instance of its module."""
        return Scope(module, self.place, self.names, self.each, self.count)

    def attempt(self) -> Scope:
        """The same scope inside `try` or `can`."""
        inner = self.bind({})
        inner.trying = True
        return inner

    def collecting(self) -> Scope:
        """The same scope with a fresh collection of seen addresses."""
        inner = self._copy(self.names)
        inner.rounds = self.rounds
        return inner

    def _copy(self, names: Mapping[str, Any]) -> Scope:
        return Scope(self.module, self.place, names, self.each, self.count)
