"""Closures for `&&`, `||`, `!`, comparison, membership and arithmetic."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from readiness.policy.cel import ops
from readiness.policy.cel.ast import Binary, Ident, Index, ListLit, Literal, Logic, Node, Select
from readiness.policy.cel.errors import CelError, Place
from readiness.policy.cel.types import no_overload, type_name
from readiness.values import Unknown

if TYPE_CHECKING:
    from readiness.policy.cel.compiler import Code, Context, Env

_TESTS: dict[str, ops.Test] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": ops.add,
    "-": ops.subtract,
    "*": ops.multiply,
    "/": ops.divide,
    "%": ops.modulo,
}
_EXACT = 2**53
"""Up to here every int is a double, so Python compares the two as CEL does."""


def logic(node: Logic, context: Context) -> Code:
    """`&&` and `||`: they absorb errors and unknowns, and unknowns win over errors."""
    operands = tuple(context.code(operand) for operand in node.operands)
    decisive = node.op == "||"
    place, strict, symbol = context.place(node), context.strict, node.op

    def run(env: Env) -> Any:
        pending: Any = None
        for operand in operands:
            try:
                value = operand(env)
            except CelError as error:
                if pending is None:
                    pending = error
                continue
            if value is decisive:
                return decisive
            if value is True or value is False:
                continue
            if value is None and not strict:
                if decisive is False:
                    return False
                continue
            if type(value) is Unknown:
                if type(pending) is not Unknown:
                    pending = value
            elif pending is None:
                pending = CelError(f"an operand of `{symbol}` is a bool, not {type_name(value)}", *place)
        if pending is None:
            return not decisive
        if type(pending) is Unknown:
            return pending
        raise pending

    return run


def negation(operand: Code, place: Place, strict: bool) -> Code:
    """`!a`; in policy mode null counts as false."""

    def run(env: Env) -> Any:
        value = operand(env)
        if value is True:
            return False
        if value is False or (value is None and not strict):
            return True
        if isinstance(value, Unknown):
            return value
        raise no_overload("!", value).at(place)

    return run


def minus(operand: Code, place: Place, strict: bool) -> Code:
    """`-a`; in policy mode null stays null."""

    def run(env: Env) -> Any:
        value = operand(env)
        if value is None and not strict:
            return None
        try:
            return ops.negate(value)
        except CelError as error:
            raise error.at(place) from None

    return run


def binary(node: Binary, context: Context) -> Code:
    """Comparison, membership or arithmetic."""
    place = context.place(node)
    if node.op in ("==", "!="):
        return _equality(node, context)
    if node.op == "in":
        return _membership(node, context, place)
    if node.op in _TESTS:
        return _ordering(node, context, place)
    return _arithmetic(node, context, place)


def _arithmetic(node: Binary, context: Context, place: Place) -> Code:
    left, right = context.code(node.left), context.code(node.right)
    compute, strict = _ARITHMETIC[node.op], context.strict

    def run(env: Env) -> Any:
        a = left(env)
        b = right(env)
        if not strict and (a is None or b is None):
            return a if isinstance(a, Unknown) else b if isinstance(b, Unknown) else None
        try:
            return compute(a, b)
        except CelError as error:
            raise error.at(place) from None

    return run


def _constant(node: Node) -> tuple[bool, Any]:
    return (True, node.value) if isinstance(node, Literal) else (False, None)


def _equality(node: Binary, context: Context) -> Code:
    positive = node.op == "=="
    for one, other in ((node.right, node.left), (node.left, node.right)):
        known, value = _constant(one)
        if known:
            code = context.code(other)
            if type(value) is str:
                return _equals_string(code, value, positive)
            if value is None or type(value) is bool:
                return _equals_singleton(code, value, positive, context.strict)
            if type(value) is int and abs(value) < _EXACT:
                return _equals_int(code, value, positive)
    left, right = context.code(node.left), context.code(node.right)
    read = _is_read(node.left) and _is_read(node.right)

    def run(env: Env) -> Any:
        a = left(env)
        b = right(env)
        if type(a) is str and type(b) is str:
            return (a == b) is positive
        if read and type(a) is Unknown and a.is_same(b):
            return positive
        same = ops.equals(a, b)
        return same if type(same) is Unknown else same is positive

    return run


def _is_read(node: Node) -> bool:
    """Whether an expression gives a value as it is written, and not what is made of it.

    What is made of an unknown may hand it on as the reason why it is unknown itself.
    """
    while isinstance(node, (Select, Index)):
        if node.optional or (isinstance(node, Select) and node.test):
            return False
        node = node.operand
    return isinstance(node, Ident)


def _equals_string(code: Code, constant: str, positive: bool) -> Code:
    def run(env: Env) -> Any:
        value = code(env)
        if type(value) is Unknown:
            return not positive if value.differs(constant) else value
        return (value == constant) is positive

    return run


def _equals_singleton(code: Code, constant: Any, positive: bool, strict: bool) -> Code:
    # Terraform converts "true" to true where a provider wants a bool; policies mean both.
    written = None if strict or constant is None else str(constant).lower()

    def run(env: Env) -> Any:
        value = code(env)
        if type(value) is Unknown:
            return not positive if value.differs(constant) else value
        same = value is constant or (written is not None and value == written)
        return same is positive

    return run


def _equals_int(code: Code, constant: int, positive: bool) -> Code:
    def run(env: Env) -> Any:
        value = code(env)
        if type(value) is Unknown:
            return value
        return (type(value) is not bool and value == constant) is positive

    return run


def _ordering(node: Binary, context: Context, place: Place) -> Code:
    order = ops.order if context.strict else ops.lenient_order
    for one, other, op in ((node.right, node.left, node.op), (node.left, node.right, _MIRRORED[node.op])):
        known, value = _constant(one)
        if known and type(value) is int and abs(value) < _EXACT:
            return _order_int(context.code(other), value, _TESTS[op], order, place)
    left, right, test = context.code(node.left), context.code(node.right), _TESTS[node.op]

    def run(env: Env) -> Any:
        a = left(env)
        b = right(env)
        if type(a) is int and type(b) is int:
            return test(a, b)
        try:
            return order(test, a, b)
        except CelError as error:
            raise error.at(place) from None

    return run


def _order_int(
    code: Code, constant: int, test: ops.Test, order: Callable[[ops.Test, Any, Any], Any], place: Place
) -> Code:
    def run(env: Env) -> Any:
        value = code(env)
        if type(value) is int or type(value) is float:
            return test(value, constant)
        try:
            return order(test, value, constant)
        except CelError as error:
            raise error.at(place) from None

    return run


def _membership(node: Binary, context: Context, place: Place) -> Code:
    item = context.code(node.left)
    contains = ops.contains if context.strict else ops.lenient_contains
    constants = _string_constants(node.right)
    if constants is not None:
        return _in_strings(item, constants)
    container = context.code(node.right)
    read = _is_read(node.left) and _is_read(node.right)

    def run(env: Env) -> Any:
        value = item(env)
        group = container(env)
        if type(value) is str:
            if isinstance(group, list) and value in group:
                return True
            # A map that does not know all of its keys has its own `in`.
            if isinstance(group, dict) and dict.__contains__(group, value):
                return True
        elif read and type(value) is Unknown and isinstance(group, list) and any(map(value.is_same, group)):
            return True
        try:
            return contains(value, group)
        except CelError as error:
            raise error.at(place) from None

    return run


def _string_constants(node: Node) -> frozenset[str] | None:
    if not isinstance(node, ListLit) or not node.items:
        return None
    values = [item.value for item, optional in node.items if isinstance(item, Literal) and not optional]
    if len(values) != len(node.items) or not all(type(value) is str for value in values):
        return None
    return frozenset(values)


def _in_strings(item: Code, constants: frozenset[str]) -> Code:
    def run(env: Env) -> Any:
        value = item(env)
        if isinstance(value, str):
            return value in constants
        return value if type(value) is Unknown else False

    return run
