"""The fields that conditions read exist: expressions are walked with the packaged schemas in hand.

A path must exist in one type at least of those that a policy looks at.  What no schema tells (JSON inside a
text, tags, what host functions make, types without a packaged schema) ends the check and is never wrong, and
so does `dyn(…)`: it is for what a provider has that is newer than its schema here.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from readiness.policy import cel, shapes
from readiness.policy.cel import ast
from readiness.policy.cel.errors import place_of
from readiness.policy.host import FUNCTIONS, VARIABLES
from readiness.policy.model import Policy
from readiness.policy.shapes import ANYTHING, Value, either, list_of

_ROOTS = frozenset({"object", "before", "after"})
_SAME = frozenset(
    {"distinct", "slice", "sort", "reverse", "value", "optional.of", "optional.ofNonZeroValue"}
    | {"optional.unwrap", "unwrapOpt"}
)
_ONE = frozenset({"first", "last"})
_KEPT = frozenset({"filter", "sortBy"})
_LISTED = frozenset({"map", "transformList"})

Scope = dict[str, Value]


class WrongField(Struct, frozen=True):
    """A field that no type of a policy has: the expression that reads it, and where that stands.

    `field` is the field of the policy, `line` and `column` count from 1 in its text.
    """

    field: str
    text: str
    line: int
    column: int
    message: str


def wrong_fields(policy: Policy) -> list[WrongField]:
    """The fields that the conditions and the message of a policy read and no schema has, each once.

    The conditions must compile.
    """
    root = shapes.of_types(policy.resources)
    walker = _Walker(root, ANYTHING)
    if policy.each is not None:
        walker.item = walker.items(walker.source("each", policy.each), keyed=True)
    for name, text in (("when", policy.when), ("assert", policy.assert_), ("at", policy.at)):
        if text is not None:
            walker.source(name, text)
    template = cel.compile_template(policy.message, variables=VARIABLES, functions=FUNCTIONS)
    for program in template.programs:
        walker.program("message", program)
    return list({(wrong.field, wrong.text): wrong for wrong in walker.wrong}.values())


def is_checked(policy: Policy) -> bool:
    """Whether there is a schema for the types of a policy, so that its fields are looked at."""
    return not shapes.of_types(policy.resources).open


class _Walker:
    """Gives every expression the shapes of its value, and notes what reads a field that is not there."""

    def __init__(self, root: Value, item: Value) -> None:
        self.root = root
        self.item = item
        self.wrong: list[WrongField] = []
        self._field = ""
        self._source = ""

    def source(self, field: str, text: str) -> Value:
        """The value of a condition."""
        return self.program(field, cel.compile(text, functions=FUNCTIONS, variables=VARIABLES))

    def program(self, field: str, program: cel.Program) -> Value:
        """The value of a compiled expression."""
        self._field, self._source = field, program.text
        return self.value(program.root, {})

    def value(self, node: ast.Node, scope: Scope) -> Value:
        """The value of a node, where macros have bound the names of `scope`."""
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            return handler(self, node, scope)
        for child in ast.children(node):
            self.value(child, scope)
        return ANYTHING

    def items(self, value: Value, keyed: bool = False) -> Value:
        """What the elements of a list are; with `keyed` the values of a mapping too."""
        found = [shapes.elements(schema, keyed) for schema in value.schemas]
        if value.elements is not None:
            found.append(value.elements)
        return either(*found, ANYTHING) if value.open or not found else either(*found)

    def select(self, value: Value, name: str, node: ast.Node) -> Value:
        """What a field of a value is; noted where no schema has it."""
        found = [inner for schema in value.schemas if (inner := shapes.child(schema, name)) is not None]
        if found or value.open or value.elements is not None or not value.schemas:
            return either(*found, ANYTHING) if value.open or not found else either(*found)
        self._note(value, name, node)
        return ANYTHING

    def _note(self, value: Value, name: str, node: ast.Node) -> None:
        text = self._source[node.start : node.end].strip()
        line, column = place_of(self._source, node.start)
        message = f"there is no field `{text}`"
        listed = [schema for schema in value.schemas if shapes.is_list(schema)]
        known = {known for schema in value.schemas for known in shapes.names(schema)}
        if listed and name in known:
            message = f"`{text}` reads a field of a list: take an element of it first, as in `[0].{name}`"
        else:
            near = difflib.get_close_matches(name, sorted(known), 1)
            message += f"; did you mean `{near[0]}`?" if near else ""
        self.wrong.append(WrongField(self._field, text, line, column, message))

    # -- nodes ----------------------------------------------------------------------

    def _ident(self, node: ast.Ident, scope: Scope) -> Value:
        if node.local:
            return scope.get(node.name, ANYTHING)
        if node.name in _ROOTS:
            return self.root
        if node.name == "item":
            return self.item
        if node.name == "pod":
            return shapes.pod_spec()
        return shapes.pod_list(node.name) or ANYTHING

    def _select(self, node: ast.Select, scope: Scope) -> Value:
        return self.select(self.value(node.operand, scope), node.field, node)

    def _index(self, node: ast.Index, scope: Scope) -> Value:
        value = self.value(node.operand, scope)
        self.value(node.index, scope)
        key = node.index.value if isinstance(node.index, ast.Literal) else None
        if isinstance(key, str):
            return self.select(value, key, node)
        return self.items(value, keyed=True)

    def _list(self, node: ast.ListLit, scope: Scope) -> Value:
        found = [self.value(item, scope) for item, _ in node.items]
        return list_of(either(*found)) if found else list_of(Value())

    def _binary(self, node: ast.Binary, scope: Scope) -> Value:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        if node.op != "+":
            return ANYTHING
        return list_of(either(self.items(left), self.items(right)))

    def _ternary(self, node: ast.Ternary, scope: Scope) -> Value:
        self.value(node.condition, scope)
        return either(self.value(node.yes, scope), self.value(node.no, scope))

    def _builtin(self, node: ast.Builtin, scope: Scope) -> Value:
        values = [self.value(arg, scope) for arg in node.args]
        name = node.function.name
        if name in _SAME and values:
            return values[0]
        if name in _ONE:
            return self.items(values[0])
        return list_of(self.items(self.items(values[0]))) if name == "flatten" else ANYTHING

    def _host(self, node: ast.HostCall, scope: Scope) -> Value:
        values = [self.value(arg, scope) for arg in node.args]
        first = node.args[0] if node.args else None
        if node.name in ("gone", "linked", "resources"):
            named = isinstance(first, ast.Literal) and isinstance(first.value, str)
            return list_of(shapes.of_type(first.value)) if named else ANYTHING  # type: ignore[union-attr]
        if node.name == "environments":
            return list_of(self.root)
        if node.name == "running":
            return shapes.pod_list("containers") or ANYTHING
        return values[0] if node.name == "effective" else ANYTHING

    def _comprehension(self, node: ast.Comprehension, scope: Scope) -> Value:
        value = self.value(node.range, scope)
        inner = dict(scope)
        inner[node.keys[-1]] = self.items(value, keyed=len(node.keys) == 2)
        if node.filter is not None:
            self.value(node.filter, inner)
        body = self.value(node.body, inner)
        if node.kind in _KEPT:
            return list_of(inner[node.keys[0]])
        return list_of(body) if node.kind in _LISTED else ANYTHING

    def _bind(self, node: ast.Bind, scope: Scope) -> Value:
        return self.value(node.body, {**scope, node.key: self.value(node.value, scope)})

    def _optional_map(self, node: ast.OptionalMap, scope: Scope) -> Value:
        return self.value(node.body, {**scope, node.key: self.value(node.operand, scope)})

    def _optional_else(self, node: ast.OptionalElse, scope: Scope) -> Value:
        return either(self.value(node.operand, scope), self.value(node.other, scope))


_HANDLERS: dict[type[ast.Node], Callable[[_Walker, Any, Scope], Value]] = {
    ast.Ident: _Walker._ident,
    ast.Select: _Walker._select,
    ast.Index: _Walker._index,
    ast.ListLit: _Walker._list,
    ast.Binary: _Walker._binary,
    ast.Ternary: _Walker._ternary,
    ast.Builtin: _Walker._builtin,
    ast.HostCall: _Walker._host,
    ast.Comprehension: _Walker._comprehension,
    ast.Bind: _Walker._bind,
    ast.OptionalMap: _Walker._optional_map,
    ast.OptionalElse: _Walker._optional_else,
}
