"""What the names in an expression mean: variables, types, functions and macros.

The resolver rewrites the parser's nodes: macros become comprehensions whose variables have
keys of their own (so a shadowed name stays reachable), calls become library or host calls,
and pure calls with constant arguments become constants.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from msgspec import Struct, field

from readiness.policy.cel.ast import (
    Binary,
    Bind,
    Builtin,
    Call,
    Comprehension,
    Failing,
    HostCall,
    Ident,
    Index,
    ListLit,
    Literal,
    Logic,
    MapLit,
    Node,
    OptionalElse,
    OptionalMap,
    Qualified,
    Select,
    Ternary,
    Unary,
)
from readiness.policy.cel.errors import CelError, CelSyntaxError, did_you_mean, place_of
from readiness.policy.cel.functions import GLOBALS, METHODS
from readiness.policy.cel.registry import Function
from readiness.policy.cel.types import TYPE_NAMES

MACROS = {
    "all": "all", "exists": "exists", "exists_one": "exists_one", "existsOne": "exists_one",
    "map": "map", "filter": "filter", "transformList": "transformList", "transformMap": "transformMap",
    "transformMapEntry": "transformMapEntry", "sortBy": "sortBy",
}  # fmt: skip
_SHAPES = {  # (number of arguments) -> (variables, has a filter)
    "all": {2: (1, False), 3: (2, False)},
    "exists": {2: (1, False), 3: (2, False)},
    "exists_one": {2: (1, False), 3: (2, False)},
    "map": {2: (1, False), 3: (1, True)},
    "filter": {2: (1, False)},
    "transformList": {3: (2, False), 4: (2, True)},
    "transformMap": {3: (2, False), 4: (2, True)},
    "transformMapEntry": {3: (2, False), 4: (2, True)},
    "sortBy": {2: (1, False)},
}
_OPTIONAL_METHODS = frozenset({"optMap", "optFlatMap", "or", "orValue"})

Scope = dict[str, str]
"""The macro variables in reach: name to key in the environment."""


class Resolver(Struct):
    """The names an expression may use, and what it turned out to use.

    `variables` None means that any name may be bound at run time.
    """

    source: str
    strict: bool
    functions: frozenset[str]
    variables: frozenset[str] | None
    free: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)
    counter: int = 0

    def resolve(self, node: Node, scope: Scope) -> Node:
        """The node with everything in it resolved; raises CelError with line and column."""
        return _HANDLERS[type(node)](self, node, scope)

    def error(self, node: Node, message: str) -> CelError:
        """A compile-time error at a node."""
        return CelError(message, *place_of(self.source, node.at))

    def failing(self, node: Node, message: str) -> Node:
        """A mistake: an error now in policy mode, an error when evaluated in strict mode."""
        if self.strict:
            return Failing(node.at, node.start, node.end, message)
        raise self.error(node, message)

    def bind(self, node: Node, scope: Scope, inner: Scope) -> str:
        """Put the macro variable that `node` names into `inner`, and return its key."""
        if not isinstance(node, Ident) or node.root:
            raise CelSyntaxError("the variable of a macro is a plain name", *place_of(self.source, node.at))
        self.counter += 1
        key = f"@{self.counter}"
        inner[node.name] = key
        return key


def resolve(
    root: Node,
    source: str,
    strict: bool,
    functions: Collection[str],
    variables: Collection[str] | None,
) -> tuple[Node, Resolver]:
    """The resolved tree and the resolver with the free names and host functions it met."""
    known = None if variables is None else frozenset(variables)
    resolver = Resolver(source, strict, frozenset(functions), known)
    return resolver.resolve(root, {}), resolver


def _constant(resolver: Resolver, node: Literal, scope: Scope) -> Node:
    return node


def _ident(resolver: Resolver, node: Ident, scope: Scope) -> Node:
    if not node.root and node.name in scope:
        return Ident(node.at, node.start, node.end, scope[node.name], local=True)
    return _free_name(resolver, node, [node.name], scope)


def _free_name(resolver: Resolver, node: Node, names: list[str], scope: Scope) -> Node:
    """A chain of names that no macro binds: a variable and its fields, or a type."""
    whole = ".".join(names)
    is_type = whole in TYPE_NAMES
    known = resolver.variables
    if known is not None and names[0] not in known:
        if is_type:
            return Qualified(node.at, node.start, node.end, [(whole, ())], whole)
        hint = did_you_mean(names[0], [*known, *scope])
        raise resolver.error(_root(node), f"unknown name `{names[0]}`{hint}")
    resolver.free.add(names[0])
    if not resolver.strict and (known is not None or not is_type):
        return Ident(node.at, node.start, node.end, names[0]) if len(names) == 1 else node
    if len(names) == 1 and not is_type:
        return Ident(node.at, node.start, node.end, whole)
    tails = [(".".join(names[:n]), tuple(names[n:])) for n in range(len(names), 0, -1)]
    return Qualified(node.at, node.start, node.end, tails, whole if is_type else None)


def _root(node: Node) -> Node:
    while isinstance(node, Select):
        node = node.operand
    return node


def _select(resolver: Resolver, node: Select, scope: Scope) -> Node:
    names = None if node.test or node.optional else _dotted(node, scope)
    if names is not None:
        found = _free_name(resolver, node, names, scope)
        if found is not node:
            return found
    node.operand = resolver.resolve(node.operand, scope)
    return node


def _dotted(node: Node, scope: Scope) -> list[str] | None:
    """The names of `a.b.c` when `a` is no macro variable, else None."""
    fields: list[str] = []
    while isinstance(node, Select) and not node.optional and not node.test:
        fields.append(node.field)
        node = node.operand
    if isinstance(node, Ident) and not node.local and (node.root or node.name not in scope):
        return [node.name, *reversed(fields)]
    return None


def _index(resolver: Resolver, node: Index, scope: Scope) -> Node:
    node.operand = resolver.resolve(node.operand, scope)
    node.index = resolver.resolve(node.index, scope)
    return node


def _list(resolver: Resolver, node: ListLit, scope: Scope) -> Node:
    node.items = [(resolver.resolve(item, scope), optional) for item, optional in node.items]
    return node


def _map(resolver: Resolver, node: MapLit, scope: Scope) -> Node:
    node.entries = [
        (resolver.resolve(key, scope), resolver.resolve(value, scope), optional)
        for key, value, optional in node.entries
    ]
    return node


def _unary(resolver: Resolver, node: Unary, scope: Scope) -> Node:
    node.operand = resolver.resolve(node.operand, scope)
    return node


def _binary(resolver: Resolver, node: Binary, scope: Scope) -> Node:
    node.left = resolver.resolve(node.left, scope)
    node.right = resolver.resolve(node.right, scope)
    return node


def _logic(resolver: Resolver, node: Logic, scope: Scope) -> Node:
    node.operands = [resolver.resolve(operand, scope) for operand in node.operands]
    return node


def _ternary(resolver: Resolver, node: Ternary, scope: Scope) -> Node:
    node.condition = resolver.resolve(node.condition, scope)
    node.yes = resolver.resolve(node.yes, scope)
    node.no = resolver.resolve(node.no, scope)
    return node


def _failing(resolver: Resolver, node: Failing, scope: Scope) -> Node:
    return resolver.failing(node, node.message)


def _call(resolver: Resolver, node: Call, scope: Scope) -> Node:
    if node.target is None:
        if node.name == "has" and len(node.args) == 1:
            return _has(resolver, node, scope)
        return _function(resolver, node, node.name, scope)
    names = _dotted(node.target, scope)
    if names is not None:
        whole = ".".join([*names, node.name])
        if whole == "cel.bind" and len(node.args) == 3:
            return _bind(resolver, node, scope)
        if whole in resolver.functions or whole in GLOBALS:
            return _function(resolver, node, whole, scope)
        known = resolver.variables
        if known is not None and names[0] not in known and ".".join(names) not in TYPE_NAMES:
            choices = [name for name in (*resolver.functions, *GLOBALS, "cel.bind") if "." in name]
            if any(name.startswith(names[0] + ".") for name in choices):
                return resolver.failing(node, f"unknown function `{whole}`{did_you_mean(whole, choices)}")
    return _method(resolver, node, node.target, scope)


def _function(resolver: Resolver, node: Call, name: str, scope: Scope) -> Node:
    entry = GLOBALS.get(name)
    if entry is None and name not in resolver.functions:
        choices = [*resolver.functions, *GLOBALS, "has"]
        hint = did_you_mean(name, choices)
        if not hint and (name in METHODS or name in MACROS):
            hint = f"; it is a method: `value.{name}(…)`"
        return resolver.failing(node, f"unknown function `{name}`{hint}")
    args = [resolver.resolve(arg, scope) for arg in node.args]
    if entry is None or name in resolver.functions:
        resolver.hosts.add(name)
        return HostCall(node.at, node.start, node.end, name, args)
    return _library(resolver, node, entry, args)


def _method(resolver: Resolver, node: Call, target: Node, scope: Scope) -> Node:
    kind = MACROS.get(node.name)
    if kind is not None and len(node.args) in _SHAPES[kind]:
        return _macro(resolver, node, kind, target, scope)
    receiver = resolver.resolve(target, scope)
    if node.name in _OPTIONAL_METHODS:
        return _optional(resolver, node, receiver, scope)
    entry = METHODS.get(node.name)
    if entry is not None:
        args = [receiver, *(resolver.resolve(arg, scope) for arg in node.args)]
        return _library(resolver, node, entry, args)
    if kind is not None:
        counts = " or ".join(str(count) for count in _SHAPES[kind])
        return resolver.failing(node, f"`{node.name}` takes {counts} arguments, {len(node.args)} given")
    choices = [*METHODS, *MACROS, *_OPTIONAL_METHODS]
    hint = did_you_mean(node.name, choices)
    if not hint and node.name in GLOBALS:
        hint = f"; it is a function: `{node.name}(value)`"
    return resolver.failing(node, f"unknown method `{node.name}`{hint}")


def _library(resolver: Resolver, node: Call, entry: Function, args: list[Node]) -> Node:
    given = len(args)
    if given < entry.least or (entry.most >= 0 and given > entry.most):
        shift = 1 if entry.method else 0
        least, most = entry.least - shift, entry.most - shift
        wanted = (
            str(least) if least == most else f"at least {least}" if entry.most < 0 else f"{least} to {most}"
        )
        plural = "" if wanted == "1" else "s"
        message = f"`{entry.name}` takes {wanted} argument{plural}, {given - shift} given"
        return resolver.failing(node, message)
    if all(isinstance(arg, Literal) for arg in args):
        try:
            value = entry.call(*(arg.value for arg in args if isinstance(arg, Literal)))
        except CelError as error:
            if not resolver.strict and None not in (arg.value for arg in args if isinstance(arg, Literal)):
                raise error.at(place_of(resolver.source, node.at)) from None
        else:
            if not isinstance(value, (list, dict)):
                return Literal(node.at, node.start, node.end, value)
    return Builtin(node.at, node.start, node.end, entry, args)


def _has(resolver: Resolver, node: Call, scope: Scope) -> Node:
    arg = node.args[0]
    if not isinstance(arg, Select):
        raise CelSyntaxError(
            "`has` takes a field selection, such as `has(object.field)`", *place_of(resolver.source, node.at)
        )
    return Select(
        node.at, node.start, node.end, resolver.resolve(arg.operand, scope), arg.field, arg.optional, True
    )


def _macro(resolver: Resolver, node: Call, kind: str, target: Node, scope: Scope) -> Node:
    variables, filtered = _SHAPES[kind][len(node.args)]
    inner = dict(scope)
    names = node.args[:variables]
    keys = tuple(resolver.bind(name, scope, inner) for name in names)
    if len({name.name for name in names if isinstance(name, Ident)}) != variables:
        place = place_of(resolver.source, names[-1].at)
        raise CelSyntaxError("the two variables of a macro have different names", *place)
    condition = resolver.resolve(node.args[variables], inner) if filtered else None
    body = resolver.resolve(node.args[-1], inner)
    domain = resolver.resolve(target, scope)
    return Comprehension(node.at, node.start, node.end, kind, domain, keys, body, condition)


def _bind(resolver: Resolver, node: Call, scope: Scope) -> Node:
    inner = dict(scope)
    key = resolver.bind(node.args[0], scope, inner)
    value = resolver.resolve(node.args[1], scope)
    return Bind(node.at, node.start, node.end, key, value, resolver.resolve(node.args[2], inner))


def _optional(resolver: Resolver, node: Call, receiver: Node, scope: Scope) -> Node:
    mapping = node.name in ("optMap", "optFlatMap")
    if len(node.args) != (2 if mapping else 1):
        wanted = "2 arguments" if mapping else "1 argument"
        return resolver.failing(node, f"`{node.name}` takes {wanted}, {len(node.args)} given")
    if not mapping:
        other = resolver.resolve(node.args[0], scope)
        return OptionalElse(node.at, node.start, node.end, receiver, other, node.name == "or")
    inner = dict(scope)
    key = resolver.bind(node.args[0], scope, inner)
    body = resolver.resolve(node.args[1], inner)
    return OptionalMap(node.at, node.start, node.end, receiver, key, body, node.name == "optFlatMap")


_HANDLERS: dict[type[Node], Callable[..., Node]] = {
    Literal: _constant,
    Ident: _ident,
    Select: _select,
    Index: _index,
    ListLit: _list,
    MapLit: _map,
    Unary: _unary,
    Binary: _binary,
    Logic: _logic,
    Ternary: _ternary,
    Call: _call,
    Failing: _failing,
}
