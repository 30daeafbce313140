"""The nodes of an expression.

Each has three offsets into the source: `at`, what an error points to; `start` and `end`, the
text of the expression, with the parentheses around it.  The parser makes the first group; the
resolver, which knows names and macros, rewrites calls and identifiers to the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from readiness.policy.cel.registry import Function


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Node:
    """Any expression."""

    at: int
    start: int
    end: int


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Literal(Node):
    """A constant; the resolver also makes these of pure calls with constant arguments."""

    value: Any


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Ident(Node):
    """A name; `root` when it is written with a leading dot; `local` when a macro binds it."""

    name: str
    root: bool = False
    local: bool = False


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Select(Node):
    """`operand.field`, `operand.?field`, or, with `test`, `has(operand.field)`."""

    operand: Node
    field: str
    optional: bool = False
    test: bool = False


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Index(Node):
    """`operand[index]` or `operand[?index]`."""

    operand: Node
    index: Node
    optional: bool = False


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Call(Node):
    """`name(args)` or `target.name(args)`, before it is known what that means."""

    name: str
    target: Node | None
    args: list[Node]


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class ListLit(Node):
    """`[a, ?b]`: items, each with whether it is optional."""

    items: list[tuple[Node, bool]]


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class MapLit(Node):
    """`{k: v, ?k: v}`: key, value, and whether the entry is optional."""

    entries: list[tuple[Node, Node, bool]]


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Unary(Node):
    """`!a` or `-a`."""

    op: str
    operand: Node


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Binary(Node):
    """Arithmetic, comparison or membership."""

    op: str
    left: Node
    right: Node


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Logic(Node):
    """`a && b && …` or `a || b || …`, flattened."""

    op: str
    operands: list[Node]


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Ternary(Node):
    """`condition ? yes : no`."""

    condition: Node
    yes: Node
    no: Node


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Qualified(Node):
    """A dotted name that may be bound as a whole, longest first: (bound name, fields that remain)."""

    names: list[tuple[str, tuple[str, ...]]]
    type_name: str | None = None


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Builtin(Node):
    """A call of a function of the library; a receiver is the first argument."""

    function: Function
    args: list[Node]


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class HostCall(Node):
    """A call of a function that the caller supplies at run time."""

    name: str
    args: list[Node]


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Failing(Node):
    """Strict mode: a call of something that does not exist, an error only when evaluated."""

    message: str


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Comprehension(Node):
    """A macro over a list or map; `keys` are the one or two variables it binds."""

    kind: str
    range: Node
    keys: tuple[str, ...]
    body: Node
    filter: Node | None = None


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class Bind(Node):
    """`cel.bind(key, value, body)`."""

    key: str
    value: Node
    body: Node


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class OptionalMap(Node):
    """`operand.optMap(key, body)`, or `optFlatMap` when `flat`."""

    operand: Node
    key: str
    body: Node
    flat: bool


@dataclass(slots=True, eq=False, repr=False, match_args=False)
class OptionalElse(Node):
    """`operand.orValue(other)`, or `operand.or(other)` when `keep`; `other` is evaluated if needed."""

    operand: Node
    other: Node
    keep: bool


def children(node: Node) -> Iterator[Node]:
    """The direct operands of a node, in source order."""
    match node:
        case Select():
            yield node.operand
        case Unary() | OptionalMap() | OptionalElse():
            yield node.operand
            if isinstance(node, OptionalMap):
                yield node.body
            elif isinstance(node, OptionalElse):
                yield node.other
        case Index():
            yield node.operand
            yield node.index
        case Binary():
            yield node.left
            yield node.right
        case Logic():
            yield from node.operands
        case Ternary():
            yield node.condition
            yield node.yes
            yield node.no
        case Call():
            if node.target is not None:
                yield node.target
            yield from node.args
        case Builtin() | HostCall():
            yield from node.args
        case ListLit():
            yield from (item for item, _ in node.items)
        case MapLit():
            for key, value, _ in node.entries:
                yield key
                yield value
        case Comprehension():
            yield node.range
            if node.filter is not None:
                yield node.filter
            yield node.body
        case Bind():
            yield node.value
            yield node.body


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node with its depth (from 1), without recursion: expressions can be deep."""
    stack = [(root, 1)]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        stack.extend((child, depth + 1) for child in children(node))
