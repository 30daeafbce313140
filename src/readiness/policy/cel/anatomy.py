"""What a condition is made of, and the values that it looks at: the data of explanations.

Nothing is evaluated in another way than by the compiled expression: every part of it is a program of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from readiness.policy.cel.ast import (
    Bind,
    Comprehension,
    HostCall,
    Ident,
    Index,
    Literal,
    Logic,
    Node,
    OptionalMap,
    Qualified,
    Select,
    Ternary,
    Unary,
    children,
)
from readiness.policy.cel.compiler import Env
from readiness.policy.cel.errors import CelError
from readiness.policy.cel.program import Program, cel_error
from readiness.policy.cel.types import OptionalValue
from readiness.values import List, Map, Span, Unknown, span_at, span_of

ELEMENTS = 3
"""Elements of a list that are looked into; those that decide come first."""

_WHOLE = frozenset({"object", "params", "before", "after"})
"""Names whose value as a whole says nothing."""

_OF_ARGUMENTS = frozenset({"known", "supplied"})
"""Functions whose arguments say all."""

# Texts are left alone: `//` may be part of an address.
_TEXT_OR_COMMENT = re.compile(r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|//[^\n]*""")


class Looked(Struct, frozen=True, eq=False):
    """A value that an expression looked at, named by its `text`.

    `value` is None where it is absent (or null), an `Unknown`, or the `CelError` why there is none.  It is
    `container[key]` where that is known, written at `span`; of an absent one that is the span of what should
    hold it.  `way` are the collections that it was reached through, outermost first.
    """

    text: str
    value: Any
    span: Span | None = None
    container: Map | List | None = None
    key: str | int | None = None
    way: tuple[Any, ...] = ()


class Piece(Struct, frozen=True, eq=False):
    """A part of a condition with its names bound.

    `element` is the key and the value for which it was taken out of a macro (`all`, `exists`), else None.
    """

    program: Program
    env: Env
    way: tuple[Any, ...] = ()
    element: tuple[str | int, Any] | None = None

    @property
    def value(self) -> Any:
        """Its value, an `Unknown`, or the `CelError` why it has none."""
        return value_of(self.program, self.env)


class Anatomy(Struct, frozen=True, eq=False):
    """The pieces of a condition, what it looks at beside them, and how many more elements there are.

    `decisive` is the value of one piece that decides the whole, None where no single one does.
    """

    pieces: list[Piece] = field(default_factory=list)
    looked: list[Looked] = field(default_factory=list)
    left: int = 0
    decisive: bool | None = None


def value_of(program: Program, env: Env) -> Any:
    """The value of an expression, an `Unknown`, or the `CelError` why it has none."""
    try:
        return program.code(env)
    except (CelError, RecursionError, OverflowError) as error:
        return cel_error(error)


def one_line(source: str) -> str:
    """An expression on one line, without comments."""
    return " ".join(_TEXT_OR_COMMENT.sub(lambda m: "" if m[0].startswith("//") else m[0], source).split())


def looked_at(piece: Piece) -> list[Looked]:
    """Every value that a condition looks at, in the order of its text, each once."""
    walk = _Walk(piece.program)
    walk.node(piece.program.root, piece.env, piece.way)
    return walk.found


def anatomy(piece: Piece) -> Anatomy:
    """The operands of `&&` and `||` (also below `!`), the branch of `?:` that counts, elements of a macro.

    A condition that is nothing of that has no pieces: then `looked_at` says all.
    """
    program, env, node = piece.program, piece.env, piece.program.root
    walk = _Walk(program)
    while True:
        if isinstance(node, Bind):
            walk.node(node.value, env, piece.way)
            env = {**env, node.key: value_of(program.part(node.value), env)}
            if isinstance(env[node.key], CelError):
                return Anatomy()
            node = node.body
        elif isinstance(node, Unary) and node.op == "!":
            node = node.operand
        else:
            break
    if isinstance(node, Logic):
        operands = [Piece(program.part(operand), env, piece.way) for operand in node.operands]
        return Anatomy(operands, walk.found, 0, node.op == "||")
    if isinstance(node, Ternary):
        condition = Piece(program.part(node.condition), env, piece.way)
        branch = _branch(node, condition.value)
        if branch is None:
            return Anatomy([condition], walk.found)
        return Anatomy([condition, Piece(program.part(branch), env, piece.way)], walk.found)
    if isinstance(node, Comprehension) and node.kind in ("all", "exists"):
        walk.node(node.range, env, piece.way)
        pieces = _ranked(program, node, env, piece.way)
        shown = pieces[:ELEMENTS]
        return Anatomy(shown, walk.found, len(pieces) - len(shown), node.kind == "exists")
    return Anatomy()


def _branch(node: Ternary, condition: Any) -> Node | None:
    """The branch of a choice; None where it is not known which one."""
    if condition is True:
        return node.yes
    return node.no if condition is False or condition is None else None


def _ranked(program: Program, node: Comprehension, env: Env, way: tuple[Any, ...]) -> list[Piece]:
    """The body of a macro for each element, those that decide first, then those without a value."""
    decisive = node.kind == "exists"

    def rank(piece: Piece) -> int:
        value = piece.value
        if value is decisive or (value is None and not decisive):
            return 0
        return 1 if isinstance(value, Unknown | CelError) else 2

    body = program.part(node.body)
    items = value_of(program.part(node.range), env)
    return sorted(
        (
            Piece(body, scope, (*way, items, value), (key, value))
            for key, value, scope in _scopes(node, items, env)
        ),
        key=rank,
    )


def _scopes(node: Comprehension, items: Any, env: Env) -> Iterator[tuple[str | int, Any, Env]]:
    """Key, value and names of each element of what a macro goes through."""
    if not isinstance(items, list | dict):
        return
    for key, value in items.items() if isinstance(items, dict) else enumerate(items):
        first = key if isinstance(items, dict) else value
        bound = (key, value) if len(node.keys) == 2 else (first,)
        yield key, value, {**env, **dict(zip(node.keys, bound, strict=True))}


class _Walk:
    """Collects what the nodes of a program look at."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.found: list[Looked] = []
        self._seen: set[tuple[object, ...]] = set()

    def node(self, node: Node, env: Env, way: tuple[Any, ...]) -> None:
        """Note what one node looks at."""
        if isinstance(node, Literal):
            return
        if isinstance(node, Select | Index | Ident | Qualified):
            self._chain(node, env, way)
        elif isinstance(node, HostCall):
            for argument in node.args:
                self.node(argument, env, way)
            if node.name not in _OF_ARGUMENTS:
                self._note(Looked(self._text(node), self._value(node, env), way=way))
        elif isinstance(node, Ternary):
            self.node(node.condition, env, way)
            branch = _branch(node, self._value(node.condition, env))
            for child in (node.yes, node.no) if branch is None else (branch,):
                self.node(child, env, way)
        elif isinstance(node, Comprehension):
            self._elements(node, env, way)
        elif isinstance(node, Bind):
            self.node(node.value, env, way)
            value = self._value(node.value, env)
            if not isinstance(value, CelError):
                self.node(node.body, {**env, node.key: value}, way)
        elif isinstance(node, OptionalMap):
            self.node(node.operand, env, way)
            value = self._value(node.operand, env)
            if isinstance(value, OptionalValue) and value.present:
                self.node(node.body, {**env, node.key: value.value}, way)
        else:
            for child in children(node):
                self.node(child, env, way)

    def _elements(self, node: Comprehension, env: Env, way: tuple[Any, ...]) -> None:
        self.node(node.range, env, way)
        if node.kind in ("all", "exists"):
            scopes = [(piece.env, piece.way) for piece in _ranked(self.program, node, env, way)]
        else:
            items = self._value(node.range, env)
            scopes = [(scope, (*way, items, value)) for _, value, scope in _scopes(node, items, env)]
        for scope, reached in scopes[:ELEMENTS]:
            if node.filter is not None:
                self.node(node.filter, scope, reached)
            self.node(node.body, scope, reached)

    def _chain(self, node: Node, env: Env, way: tuple[Any, ...]) -> None:
        """A chain of members: `object.spec.replicas`, `linked("x")[0].name`."""
        steps: list[Node] = []
        inner = node
        while isinstance(inner, Select | Index):
            steps.append(inner)
            if isinstance(inner, Index):
                self.node(inner.index, env, way)
            inner = inner.operand
        if not isinstance(inner, Ident | Qualified):
            self.node(inner, env, way)
        if isinstance(inner, Ident) and not steps and not inner.local and inner.name in _WHOLE:
            return
        if isinstance(node, Select) and node.test:  # `has(a.b)` looks at `a.b`
            text, node = f"{self._text(node.operand)}.{node.field}", replace(node, test=False)
        else:
            text = self._text(node)
        value = self._value(node, env)
        if isinstance(value, OptionalValue):
            value = value.value if value.present else None
        outer = () if isinstance(inner, Ident) and not inner.local else way
        reached = [self._value(step, env) for step in (inner, *reversed(steps[1:]))] if steps else [value]
        told = (*outer, *(entry for entry in reached if isinstance(entry, dict)))
        if not steps and any(entry is value for entry in outer):
            # Of an element as a whole its list has told, and one of a list in the condition says nothing.
            span = _span_in(outer[-2], value)
            if span is not None and not isinstance(value, dict | list):
                self._note(Looked(text, value, span, way=told))
            return
        blame = next(iter(self.program.part(node).blame(env)), None)
        if blame is None:
            self._note(Looked(text, value, span_of(value), way=told))
        else:
            self._note(Looked(text, value, blame.span, blame.container, blame.key, told))

    def _note(self, looked: Looked) -> None:
        value = looked.value
        same = id(value) if isinstance(value, dict | list) else repr(value)
        key = (looked.text, looked.span, id(looked.container), looked.key, same)
        if key not in self._seen:
            self._seen.add(key)
            self.found.append(looked)

    def _value(self, node: Node, env: Env) -> Any:
        return value_of(self.program.part(node), env)

    def _text(self, node: Node) -> str:
        return one_line(self.program.text[node.start : node.end])


def _span_in(container: Any, value: Any) -> Span | None:
    """Where a value stands in a list or mapping that holds it."""
    if not isinstance(container, list | dict):
        return None
    pairs: Any = container.items() if isinstance(container, dict) else enumerate(container)
    return next((span_at(container, key) for key, item in pairs if item is value), None)
