"""The nodes of an expression.

Each has three offsets into the source: `at`, what an error points to; `start` and `end`, the
text of the expression, with the parentheses around it.  The parser makes the first group; the
resolver, which knows names and macros, rewrites calls and identifiers to the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from readiness.policy.cel.registry import Function


class Node(Struct, eq=False):
    """Any expression."""

    at: int
    start: int
    end: int


class Literal(Node, eq=False):
    """A constant; the resolver also makes these of pure calls with constant arguments."""

    value: Any


class Ident(Node, eq=False):
    """A name; `root` when it is written with a leading dot; `local` when a macro binds it."""

    name: str
    root: bool = False
    local: bool = False


class Select(Node, eq=False):
    """`operand.field`, `operand.?field`, or, with `test`, `has(operand.field)`."""

    operand: Node
    field: str
    optional: bool = False
    test: bool = False


class Index(Node, eq=False):
    """`operand[index]` or `operand[?index]`."""

    operand: Node
    index: Node
    optional: bool = False


class Call(Node, eq=False):
    """`name(args)` or `target.name(args)`, before it is known what that means."""

    name: str
    target: Node | None
    args: list[Node]


class ListLit(Node, eq=False):
    """`[a, ?b]`: items, each with whether it is optional."""

    items: list[tuple[Node, bool]]


class MapLit(Node, eq=False):
    """`{k: v, ?k: v}`: key, value, and whether the entry is optional."""

    entries: list[tuple[Node, Node, bool]]


class Unary(Node, eq=False):
    """`!a` or `-a`."""

    op: str
    operand: Node


class Binary(Node, eq=False):
    """Arithmetic, comparison or membership."""

    op: str
    left: Node
    right: Node


class Logic(Node, eq=False):
    """`a && b && …` or `a || b || …`, flattened."""

    op: str
    operands: list[Node]


class Ternary(Node, eq=False):
    """`condition ? yes : no`."""

    condition: Node
    yes: Node
    no: Node


class Qualified(Node, eq=False):
    """A dotted name that may be bound as a whole, longest first: (bound name, fields that remain)."""

    names: list[tuple[str, tuple[str, ...]]]
    type_name: str | None = None


class Builtin(Node, eq=False):
    """A call of a function of the library; a receiver is the first argument."""

    function: Function
    args: list[Node]


class HostCall(Node, eq=False):
    """A call of a function that the caller supplies at run time."""

    name: str
    args: list[Node]


class Failing(Node, eq=False):
    """Strict mode: a call of something that does not exist, an error only when evaluated."""

    message: str


class Comprehension(Node, eq=False):
    """A macro over a list or map; `keys` are the one or two variables it binds."""

    kind: str
    range: Node
    keys: tuple[str, ...]
    body: Node
    filter: Node | None = None


class Bind(Node, eq=False):
    """`cel.bind(key, value, body)`."""

    key: str
    value: Node
    body: Node


class OptionalMap(Node, eq=False):
    """`operand.optMap(key, body)`, or `optFlatMap` when `flat`."""

    operand: Node
    key: str
    body: Node
    flat: bool


class OptionalElse(Node, eq=False):
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
