"""The values that a condition holds against a bound, and which way they get worse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from readiness.policy.cel.ast import (
    Binary,
    Builtin,
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
_CONVERSIONS = frozenset({"int", "double", "string", "duration", "timestamp", "quantity", "replace"})
_TEXTS = frozenset({"string", "trim", "find"})  # functions that give a text


class Watched(Struct, frozen=True):
    """An expression whose value a condition compares with a bound: `more` says whether more is better.

    `trivial` is the greatest bound that asks for no more than that something is there.  `moot` are other
    parts of the condition, each with the result by which it does not matter what the value is.  `read` is
    what the value is made of, as it is written.

    A condition that asks for so much at least wants much.  One that allows for so much at most says what is
    too much, and not that less is better: that of two values within the bound one is worse is nothing that it
    says (2 retries or 4, where 5 are allowed).  How often something is done is such a bound from either side.
    """

    program: Program
    read: Program
    bound: Program
    more: bool
    trivial: float = 0
    moot: tuple[tuple[Program, bool], ...] = ()
    allowed: tuple[Program, bool] | None = None  # the comparison, with its result by which a value is as good


def watched(conditions: Iterable[Program]) -> list[Watched]:
    """The expressions of conditions that are held against constants and parameters by `<`, `>` and such.

    What depends on the variable of a macro or on a host function is left out: it has no value by itself.  So
    is what has to lie in a range, a port or the length of a name: none of its values is better than another.
    """
    found = [
        (condition, one) for condition in conditions for one in _compared(condition, condition.root, True, ())
    ]
    ways: dict[str, set[bool]] = {}
    for _, one in found:
        ways.setdefault(one.program.source, set()).add(one.more)
    return [one for _, one in found if len(ways[one.program.source]) == 1]


_Moot = tuple[tuple[Program, bool], ...]


def _compared(condition: Program, node: Node, positive: bool, moot: _Moot) -> Iterator[Watched]:
    """Each watched node under a node, with whether more of it is better."""
    if isinstance(node, Logic):
        # Of `a || b`, and of `!(a && b)`, either is enough.
        either = (node.op == "||") is positive
        inner = []
        for operand in node.operands:
            others = [other for other in node.operands if other is not operand] if either else []
            more = tuple((condition.part(other), positive) for other in others)
            inner.append(list(_compared(condition, operand, positive, (*moot, *more))))
        ways = {one.more for found in inner for one in found}
        # `a < 22 || b > 22` is about a range; one operand that asks for both is not.
        if not either or len(ways) == 1 or sum(map(bool, inner)) == 1:
            for found in inner:
                yield from found
    elif isinstance(node, Unary) and node.op == "!":
        yield from _compared(condition, node.operand, not positive, moot)
    elif isinstance(node, Ternary):
        chosen = condition.part(node.condition)
        yield from _compared(condition, node.yes, positive, (*moot, (chosen, False)))
        yield from _compared(condition, node.no, positive, (*moot, (chosen, True)))
    elif isinstance(node, Binary) and node.op in _UP | _DOWN:
        for one, other, better in ((node.left, node.right, _UP), (node.right, node.left, _DOWN)):
            if _is_value(one) and _is_bound(other):
                upwards = (node.op in better) is positive
                if _is_degree(one, upwards):
                    # What is left out of a bound by `!` is on the other side of it.
                    reached = 1 if ("=" in node.op) is positive else 0
                    read, bound = condition.part(source_of(one)), condition.part(other)
                    limit = None if upwards and not _is_frequency(one) else (condition.part(node), positive)
                    yield Watched(condition.part(one), read, bound, upwards, reached, moot, limit)


def _is_degree(node: Node, more: bool) -> bool:
    """Whether a value can be better or worse: ports and the lengths of names cannot."""
    while isinstance(node, OptionalElse):
        node = node.operand
    if isinstance(node, Builtin) and node.function.name == "size":
        of = node.args[0]
        return more and not (isinstance(of, Builtin) and of.function.name in _TEXTS)
    fields = [inner.field for inner, _ in walk(node) if isinstance(inner, Select)]
    return not fields or not fields[0].lower().endswith("port")


def _is_frequency(node: Node) -> bool:
    """Whether a value says how often something is done: neither more nor less often is better as such."""
    fields = [inner.field for inner, _ in walk(node) if isinstance(inner, Select)]
    return bool(fields) and fields[0].lower().endswith("interval")


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
    if isinstance(node, Builtin) and node.function.name == "size":
        of = source_of(node.args[0])
        return f"number of {written(of, text)}" if isinstance(of, Select) else _text(node, text)
    node = source_of(node)
    fields = [inner.field for inner, _ in walk(node) if isinstance(inner, Select)]
    return fields[0] if fields and isinstance(node, Select) else _text(node, text)


def source_of(node: Node) -> Node:
    """The node that a watched value is read from, without what makes a number or a duration of it."""
    while isinstance(node, OptionalElse) or (
        isinstance(node, Builtin) and node.function.name in _CONVERSIONS
    ):
        node = node.operand if isinstance(node, OptionalElse) else node.args[0]
    return node


def _text(node: Node, text: str) -> str:
    return " ".join(text[node.start : node.end].split())
