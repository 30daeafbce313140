"""Closures for names, field selections and indexes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from readiness.policy.cel import fields
from readiness.policy.cel.ast import Ident, Index, Literal, Node, Select
from readiness.policy.cel.errors import CelError, Place

if TYPE_CHECKING:
    from readiness.policy.cel.compiler import Code, Context, Env


def select_placed(value: Any, key: str, strict: bool, place: Place) -> Any:
    """`value.key`, an error carrying `place`."""
    try:
        return fields.select(value, key) if strict else fields.lenient_select(value, key)
    except CelError as error:
        raise error.at(place) from None


def _unbound(name: str, place: Place) -> CelError:
    return CelError(f"`{name}` has no value here", *place)


def ident(node: Ident, context: Context) -> Code:
    """A variable."""
    name, place = node.name, context.place(node)

    def run(env: Env) -> Any:
        try:
            return env[name]
        except KeyError:
            raise _unbound(name, place) from None

    return run


def select(node: Select, context: Context) -> Code:
    """`a.b`, `a.?b`, `has(a.b)`."""
    if node.test or node.optional:
        return _presence(node, context)
    if context.strict:
        return _strict_select(context.code(node.operand), node.field, context.place(node))
    return _lenient_chain(node, node.field, context)


def index(node: Index, context: Context) -> Code:
    """`a[b]`, `a[?b]`."""
    key = node.index.value if isinstance(node.index, Literal) else None
    if isinstance(key, str) and not node.optional and not context.strict:
        return _lenient_chain(node, key, context)
    operand, position, place = context.code(node.operand), context.code(node.index), context.place(node)
    if node.optional:
        lenient = not context.strict
        return _guarded(lambda a, b: fields.optional_index(a, b, lenient), operand, position, place)
    if type(key) is int and not context.strict:
        return _lenient_item(operand, key, place)
    return _guarded(fields.index if context.strict else fields.lenient_index, operand, position, place)


def _guarded(access: Callable[[Any, Any], Any], operand: Code, position: Code, place: Place) -> Code:
    def run(env: Env) -> Any:
        value = operand(env)
        key = position(env)
        try:
            return access(value, key)
        except CelError as error:
            raise error.at(place) from None

    return run


def _presence(node: Select, context: Context) -> Code:
    operand, key, place = context.code(node.operand), node.field, context.place(node)
    lenient, test, optional = not context.strict, node.test, node.optional

    def run(env: Env) -> Any:
        value = operand(env)
        try:
            if not test:
                return fields.optional_select(value, key, lenient)
            if optional and value is None and lenient:
                return False
            return fields.has_field(value, key, lenient)
        except CelError as error:
            raise error.at(place) from None

    return run


def _strict_select(operand: Code, key: str, place: Place) -> Code:
    def run(env: Env) -> Any:
        value = operand(env)
        if isinstance(value, dict) and key in value:
            return value[key]
        try:
            return fields.select(value, key)
        except CelError as error:
            raise error.at(place) from None

    return run


def _lenient_item(operand: Code, key: int, place: Place) -> Code:
    def run(env: Env) -> Any:
        value = operand(env)
        if isinstance(value, list):
            return value[key] if -1 < key < len(value) else fields.beyond(value, key)
        try:
            return fields.lenient_index(value, key)
        except CelError as error:
            raise error.at(place) from None

    return run


def chain_of(node: Node) -> tuple[Ident, tuple[str, ...]] | None:
    """The variable and the constant keys of `a.b["c"]`, or None for anything else."""
    keys: list[str] = []
    while True:
        if isinstance(node, Select) and not node.test and not node.optional:
            keys.append(node.field)
            node = node.operand
        elif (
            isinstance(node, Index)
            and not node.optional
            and isinstance(node.index, Literal)
            and isinstance(node.index.value, str)
        ):
            keys.append(node.index.value)
            node = node.operand
        elif isinstance(node, Ident):
            return node, tuple(reversed(keys))
        else:
            return None


def _lenient_chain(node: Select | Index, key: str, context: Context) -> Code:
    """Policy mode: selections by constant keys, the commonest operand of all."""
    place = context.place(node)
    chain = chain_of(node)
    if chain is None or len(chain[1]) > 3:
        return _lenient_select(context.code(node.operand), key, place)
    root, keys = chain
    name, unbound = root.name, context.place(root)
    if len(keys) == 1:
        return _chain1(name, keys[0], place, unbound)
    if len(keys) == 2:
        return _chain2(name, keys[0], keys[1], place, unbound)
    return _lenient_select(context.code(node.operand), key, place)


def _lenient_select(operand: Code, key: str, place: Place) -> Code:
    def run(env: Env) -> Any:
        value = operand(env)
        if isinstance(value, dict):
            return value.get(key)
        if value is None:
            return None
        try:
            return fields.select_other(value, key)
        except CelError as error:
            raise error.at(place) from None

    return run


def _chain1(name: str, key: str, place: Place, unbound: Place) -> Code:
    def run(env: Env) -> Any:
        try:
            value = env[name]
        except KeyError:
            raise _unbound(name, unbound) from None
        if isinstance(value, dict):
            return value.get(key)
        return select_placed(value, key, False, place)

    return run


def _chain2(name: str, first: str, second: str, place: Place, unbound: Place) -> Code:
    def run(env: Env) -> Any:
        try:
            value = env[name]
        except KeyError:
            raise _unbound(name, unbound) from None
        value = value.get(first) if isinstance(value, dict) else select_placed(value, first, False, place)
        if isinstance(value, dict):
            return value.get(second)
        return None if value is None else select_placed(value, second, False, place)

    return run
