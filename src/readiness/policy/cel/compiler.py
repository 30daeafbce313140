"""Resolved nodes to Python closures of one argument, the environment.

An environment is a plain dict: the caller's bindings, the keys of macro variables (`@1`), and
under `HOST` the host functions.  A closure returns a value or an `Unknown`, or raises a placed
CelError.  Cases that policies meet all the time are decided when compiling; everything else
goes to `ops` and `fields`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from readiness.policy.cel import access, fields, macros, operators
from readiness.policy.cel.ast import (
    Binary,
    Bind,
    Builtin,
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
from readiness.policy.cel.errors import CelError, Place, place_of
from readiness.policy.cel.ops import equals
from readiness.policy.cel.registry import Function
from readiness.policy.cel.types import HOST, CelType, OptionalValue, type_name
from readiness.values import Unknown

Env = dict[str, Any]
Code = Callable[[Env], Any]


class Context(Struct):
    """What the compiler of a node needs to know; `code` compiles its operands."""

    source: str
    strict: bool
    compiled: dict[int, tuple[Node, Code]] = field(default_factory=dict)

    def code(self, node: Node) -> Code:
        """The closure of a node, made once."""
        known = self.compiled.get(id(node))
        if known is not None:
            return known[1]
        code: Code = _COMPILERS[type(node)](node, self)
        self.compiled[id(node)] = (node, code)
        return code

    def place(self, node: Node) -> Place:
        """Line and column of a node."""
        return place_of(self.source, node.at)


def _literal(node: Literal, context: Context) -> Code:
    value = node.value
    return lambda env: value


def _failing(node: Failing, context: Context) -> Code:
    place = context.place(node)

    def run(env: Env) -> Any:
        raise CelError(node.message, *place)

    return run


def _qualified(node: Qualified, context: Context) -> Code:
    place = place_of(context.source, node.start)
    names = [(name, [(key, context.strict) for key in rest]) for name, rest in node.names]
    denoted = CelType(node.type_name) if node.type_name else None
    whole = node.names[0][0]

    def run(env: Env) -> Any:
        for name, rest in names:
            if name in env:
                value = env[name]
                for key, strict in rest:
                    value = access.select_placed(value, key, strict, place)
                return value
        if denoted is not None:
            return denoted
        raise CelError(f"unknown name `{whole}`", *place)

    return run


def _list(node: ListLit, context: Context) -> Code:
    if all(isinstance(item, Literal) and not optional for item, optional in node.items):
        constant = [item.value for item, _ in node.items if isinstance(item, Literal)]
        return lambda env: constant.copy()
    items = [(context.code(item), optional, context.place(item)) for item, optional in node.items]
    if not any(optional for _, optional in node.items):
        codes = tuple(code for code, _, _ in items)
        return lambda env: [code(env) for code in codes]

    def run(env: Env) -> Any:
        values = []
        for code, optional, place in items:
            value = code(env)
            if not optional:
                values.append(value)
            elif isinstance(value, Unknown):
                return value
            elif _optional(value, place).present:
                values.append(value.value)
        return values

    return run


def _optional(value: Any, place: Place) -> OptionalValue:
    if not isinstance(value, OptionalValue):
        raise CelError(f"an optional entry needs an optional value, not {type_name(value)}", *place)
    return value


def _map(node: MapLit, context: Context) -> Code:
    entries = [
        (context.code(key), context.code(value), optional, context.place(key))
        for key, value, optional in node.entries
    ]

    def run(env: Env) -> Any:
        result: dict[Any, Any] = {}
        for key_code, code, optional, place in entries:
            key = key_code(env)
            value = code(env)
            if isinstance(key, Unknown):
                return key
            if optional:
                if isinstance(value, Unknown):
                    return value
                if not _optional(value, place).present:
                    continue
                value = value.value
            fields.put(result, key, value, place)
        return result

    return run


def _ternary(node: Ternary, context: Context) -> Code:
    condition, yes, no = context.code(node.condition), context.code(node.yes), context.code(node.no)
    place, strict = context.place(node), context.strict

    def run(env: Env) -> Any:
        chosen = condition(env)
        if chosen is True:
            return yes(env)
        if chosen is False or (chosen is None and not strict):
            return no(env)
        if not isinstance(chosen, Unknown):
            raise CelError(f"the condition of `?` is a bool, not {type_name(chosen)}", *place)
        try:
            first, second = yes(env), no(env)
        except CelError:
            return chosen
        return first if type(first) is type(second) and equals(first, second) is True else chosen

    return run


def _unary(node: Unary, context: Context) -> Code:
    if node.op == "!":
        return operators.negation(context.code(node.operand), context.place(node), context.strict)
    return operators.minus(context.code(node.operand), context.place(node), context.strict)


def _builtin(node: Builtin, context: Context) -> Code:
    place = context.place(node)
    entry = node.function
    if entry.name == "matches" and isinstance(node.args[1], Literal):
        return _matches(node, context)
    codes = tuple(context.code(arg) for arg in node.args)
    on_null = None if context.strict else _NULL_RESULTS.get(entry.nulls, _PASS)
    if entry.elements or on_null is _PASS:
        return _call_checked(entry, codes, place, on_null)
    if len(codes) == 1:
        return _call1(entry, codes[0], place, on_null)
    if len(codes) == 2 and not entry.receiver_only:
        return _call2(entry, codes[0], codes[1], place, on_null)
    return _call_checked(entry, codes, place, on_null)


_PASS: tuple[Any] = ("pass",)
_NULL_RESULTS: dict[str, tuple[Any]] = {"null": (None,), "false": (False,), "zero": (0,)}


def _call1(entry: Function, first: Code, place: Place, on_null: tuple[Any] | None) -> Code:
    call = entry.call

    def run(env: Env) -> Any:
        a = first(env)
        if type(a) is Unknown:
            return a.made()
        if a is None and on_null is not None:
            return on_null[0]
        try:
            return call(a)
        except CelError as error:
            raise error.at(place) from None

    return run


def _call2(entry: Function, first: Code, second: Code, place: Place, on_null: tuple[Any] | None) -> Code:
    call, on_unknown = entry.call, entry.on_unknown

    def run(env: Env) -> Any:
        a = first(env)
        b = second(env)
        if type(a) is Unknown:
            result = a if on_unknown is None or not isinstance(b, str) else on_unknown(a, b)
            return result.made() if type(result) is Unknown else result
        if type(b) is Unknown:
            return b.made()
        if on_null is not None and (a is None or b is None):
            return on_null[0]
        try:
            return call(a, b)
        except CelError as error:
            raise error.at(place) from None

    return run


def _call_checked(entry: Function, codes: tuple[Code, ...], place: Place, on_null: tuple[Any] | None) -> Code:
    call, elements, receiver_only = entry.call, entry.elements, entry.receiver_only
    replace_nulls = on_null is not None and on_null is not _PASS

    def run(env: Env) -> Any:
        args = [code(env) for code in codes]
        for arg in args:
            if type(arg) is Unknown:
                return arg.made()
            if elements and isinstance(arg, list):
                for item in arg:
                    if type(item) is Unknown:
                        return item.made()
        if (
            replace_nulls
            and on_null is not None
            and (args[0] is None or (not receiver_only and None in args))
        ):
            return on_null[0]
        try:
            return call(*args)
        except CelError as error:
            raise error.at(place) from None

    return run


def _matches(node: Builtin, context: Context) -> Code:
    from readiness.policy.cel.regex import compile_pattern
    from readiness.policy.cel.types import no_overload

    subject, place, strict = context.code(node.args[0]), context.place(node), context.strict
    pattern = node.args[1].value if isinstance(node.args[1], Literal) else None
    try:
        if not isinstance(pattern, str):
            raise no_overload("matches", "", pattern)
        search = compile_pattern(pattern).test
    except CelError as error:
        placed = error.at(place)
        if not strict:
            raise placed from None
        return _failing(Failing(node.at, node.start, node.end, placed.message), context)

    def run(env: Env) -> Any:
        value = subject(env)
        if type(value) is str or isinstance(value, str):
            return search(value)
        if isinstance(value, Unknown):
            return value.made()
        if value is None and not strict:
            return False
        raise no_overload("matches", value, pattern).at(place)

    return run


def _host(node: HostCall, context: Context) -> Code:
    name, place = node.name, context.place(node)
    codes = tuple(context.code(arg) for arg in node.args)
    if name == "known" and len(codes) == 1:
        return _known(codes[0])

    def run(env: Env) -> Any:
        try:
            function: Callable[..., Any] = env[HOST][name]
        except KeyError:
            raise CelError(f"the function `{name}` is not available here", *place) from None
        args = [code(env) for code in codes]
        for arg in args:
            # A document that is unknown only in parts is for the function to look into.
            if type(arg) is Unknown and arg.document is None:
                return arg.made()
        try:
            return function(*args)
        except CelError as error:
            raise error.at(place) from None

    return run


def _known(operand: Code) -> Code:
    """`known(x)`, which policies ask so often that it is no call."""
    return lambda env: not isinstance(operand(env), Unknown)


def _bind(node: Bind, context: Context) -> Code:
    key, value, body = node.key, context.code(node.value), context.code(node.body)

    def run(env: Env) -> Any:
        scope = env.copy()
        scope[key] = value(env)
        return body(scope)

    return run


_COMPILERS: dict[type[Node], Callable[..., Code]] = {
    Literal: _literal,
    Ident: access.ident,
    Select: access.select,
    Index: access.index,
    Qualified: _qualified,
    Failing: _failing,
    ListLit: _list,
    MapLit: _map,
    Unary: _unary,
    Binary: operators.binary,
    Logic: operators.logic,
    Ternary: _ternary,
    Builtin: _builtin,
    HostCall: _host,
    Comprehension: macros.comprehension,
    Bind: _bind,
    OptionalMap: macros.optional_map,
    OptionalElse: macros.optional_else,
}
