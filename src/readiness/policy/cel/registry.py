"""How a library function is described to the resolver and the compiler."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from readiness.policy.cel.types import no_overload

Impl = Callable[..., Any]


class Function(Struct, frozen=True):
    """A function or method of the library.

    `method` says that the first argument is the receiver; the argument counts include it.
    `nulls` is what policy mode gives when an operand is null: `null`, `false` (predicates),
    `zero`, or `pass` (the function is called as it is).  `receiver_only` limits that to the
    receiver.  `elements` says that the result depends on the items of list operands, so an
    unknown item makes the result unknown.  `on_unknown` is called in its place where the receiver is
    unknown and may decide by what is known of it.  Impure functions are never evaluated ahead.
    """

    name: str
    call: Impl
    least: int
    most: int
    method: bool = False
    nulls: str = "null"
    receiver_only: bool = False
    elements: bool = False
    on_unknown: Impl | None = None


def function(name: str, call: Impl, least: int = 1, most: int | None = None, **options: Any) -> Function:
    """A global function that takes `least` to `most` (or exactly `least`) arguments."""
    return Function(name, call, least, least if most is None else most, **options)


def method(name: str, call: Impl, least: int = 0, most: int | None = None, **options: Any) -> Function:
    """A method with `least` to `most` arguments after its receiver."""
    return Function(name, call, least + 1, (least if most is None else most) + 1, method=True, **options)


def overloaded(name: str, table: dict[type, Impl]) -> Impl:
    """One callable of several, chosen by the class of the first argument."""

    def call(first: Any, *rest: Any) -> Any:
        chosen = table.get(type(first))
        if chosen is None:
            chosen = next((impl for kind, impl in table.items() if _is(first, kind)), None)
            if chosen is None:
                raise no_overload(name, first, *rest)
        return chosen(first, *rest)

    return call


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def index(functions: Iterable[Function]) -> dict[str, Function]:
    """Functions by name; two of one name are a mistake of the library."""
    table: dict[str, Function] = {}
    for entry in functions:
        if entry.name in table:
            raise ValueError(f"two functions are called {entry.name}")
        table[entry.name] = entry
    return table
