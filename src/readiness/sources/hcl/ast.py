"""Expression nodes of HCL, as msgspec structs so that cached blocks decode fast and safely.

Positions (`at`) are `(line, column, end line, end column)`, counted from 1, the end exclusive.
Lines are relative to the first line of the top-level block, so that an unchanged block is the
same bytes wherever it stands in a file.
"""

from __future__ import annotations

from typing import Union

from msgspec import Struct

At = tuple[int, int, int, int]


class Node(Struct, frozen=True, array_like=True, tag=True, gc=False):
    """Base of all expression nodes."""

    at: At


class Lit(Node, frozen=True):
    """A literal: string without interpolation, number, bool or null."""

    value: str | int | float | bool | None


class Num(Node, frozen=True):
    """A literal number that neither 64 bits nor a float hold, as it is written."""

    text: str


class Tpl(Node, frozen=True):
    """A string template; `parts` are joined after conversion to strings."""

    parts: list[Expr]


class TplIf(Node, frozen=True):
    """The directive `%{ if }…%{ else }…%{ endif }`."""

    test: Expr
    then: Expr
    other: Expr


class TplFor(Node, frozen=True):
    """The directive `%{ for k, v in c }…%{ endfor }`; `key` is "" when not named."""

    key: str
    value: str
    items: Expr
    body: Expr


class Name(Node, frozen=True):
    """A bare identifier: the root of a reference, or a `for` variable."""

    name: str


class Attr(Node, frozen=True):
    """`of.name`."""

    of: Expr
    name: str


class Index(Node, frozen=True):
    """`of[key]`, also the legacy form `of.0`."""

    of: Expr
    key: Expr


class Splat(Node, frozen=True):
    """`of[*]…` or `of.*…`; `each` is applied to every element, bound to the name `*`."""

    of: Expr
    each: Expr


class Call(Node, frozen=True):
    """A function call; `expand` is true for `f(xs...)`."""

    name: str
    args: list[Expr]
    expand: bool


class Unary(Node, frozen=True):
    """`-x` or `!x`."""

    op: str
    of: Expr


class Binary(Node, frozen=True):
    """An arithmetic, comparison or logical operation."""

    op: str
    left: Expr
    right: Expr


class Cond(Node, frozen=True):
    """`test ? then : other`."""

    test: Expr
    then: Expr
    other: Expr


class Tup(Node, frozen=True):
    """`[…]`."""

    items: list[Expr]


class Obj(Node, frozen=True):
    """`{…}`; a bare identifier as key is a `Lit`."""

    items: list[tuple[Expr, Expr]]


class For(Node, frozen=True):
    """`[for k, v in items : result if test]`, or `{for … : name => result...}`."""

    key: str
    value: str
    items: Expr
    name: Expr | None
    result: Expr
    test: Expr | None
    group: bool


class Paren(Node, frozen=True):
    """Parentheses round a bare identifier, which as an object key is then an expression, or a splat."""

    of: Expr


Expr = Union[  # noqa: UP007 - msgspec resolves the forward references through this name
    Lit, Num, Tpl, TplIf, TplFor, Name, Attr, Index, Splat, Call, Unary, Binary, Cond, Tup, Obj, For, Paren
]


class Attribute(Struct, frozen=True, array_like=True, gc=False):
    """`name = value`; `at` is the region of the name."""

    at: At
    name: str
    value: Expr


class Block(Struct, frozen=True, array_like=True, gc=False):
    """`type "label" … { … }`; `header` is the region up to and without the brace."""

    at: At
    header: At
    type: str
    labels: list[str]
    attributes: list[Attribute]
    blocks: list[Block]


class Problem(Struct, frozen=True, array_like=True, gc=False):
    """A syntax error in a chunk: relative line, column, message.

    Where `first` is not 0, it is the relative line of another place, and completes the message.
    """

    line: int
    column: int
    message: str
    first: int = 0


class Chunk(Struct, frozen=True, array_like=True, gc=False):
    """What one top-level chunk of a file holds: blocks, attributes (tfvars) or a problem.

    `notes` are problems that cost nothing: the chunk is read all the same.
    """

    blocks: list[Block]
    attributes: list[Attribute]
    problem: Problem | None = None
    notes: list[Problem] = []
