"""The values that a condition holds against a bound, and which way they get worse."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from readiness.policy.cel.ast import (
    Binary,
    HostCall,
    Ident,
    Logic,
    Node,
    OptionalElse,
    Qualified,
    Select,
    Ternary,
    Unary,
    walk,
)
from readiness.policy.cel.program import Program

_BOUNDS = frozenset({"params", "tier", "environment", "type", "action"})
_UP = frozenset({">", ">="})
_DOWN = frozenset({"<", "<="})


class Watched(Struct, frozen=True):
    """An expression whose value a condition compares with a bound: `more` says whether more is better."""

    program: Program
    more: bool


def watched(condition: Program) -> list[Watched]:
    """The expressions of a condition that are held against constants and parameters by `<`, `>` and such.

    What depends on the variable of a macro or on a host function is left out: it has no value by itself.
    """
    return [Watched(condition.part(node), more) for node, more in _compared(condition.root, True)]


def _compared(node: Node, positive: bool) -> Iterator[tuple[Node, bool]]:
    """Each watched node under a node, with whether more of it is better."""
    if isinstance(node, Logic):
        for operand in node.operands:
            yield from _compared(operand, positive)
    elif isinstance(node, Unary) and node.op == "!":
        yield from _compared(node.operand, not positive)
    elif isinstance(node, Ternary):
        yield from _compared(node.yes, positive)
        yield from _compared(node.no, positive)
    elif isinstance(node, Binary) and node.op in _UP | _DOWN:
        for one, other, better in ((node.left, node.right, _UP), (node.right, node.left, _DOWN)):
            if _is_value(one) and _is_bound(other):
                yield one, (node.op in better) is positive


def _names(node: Node) -> set[str] | None:
    """The free names in a node, None where it has no value by itself."""
    found: set[str] = set()
    for inner, _ in walk(node):
        if isinstance(inner, HostCall) or (isinstance(inner, Ident) and inner.local):
            return None
        if isinstance(inner, Ident):
            found.add(inner.name)
        elif isinstance(inner, Qualified):
            found.add(inner.names[-1][0])
    return found


def _is_value(node: Node) -> bool:
    names = _names(node)
    return names is not None and not names <= _BOUNDS


def _is_bound(node: Node) -> bool:
    names = _names(node)
    return names is not None and names <= _BOUNDS


def written(node: Node, text: str) -> str:
    """How a person would name a watched value: the last field in it, else its text."""
    while isinstance(node, OptionalElse):
        node = node.operand
    fields = [inner.field for inner, _ in walk(node) if isinstance(inner, Select)]
    if len(fields) > 0 and isinstance(node, (Select, OptionalElse)):
        return fields[0]
    return " ".join(text[node.start : node.end].split())
