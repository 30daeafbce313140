"""Expressions → values, as Terraform evaluates them, with unknowns that say what they wait for.

Semantics: https://developer.hashicorp.com/terraform/language/expressions.  What cannot be
evaluated is `Unknown`, never absent; an error in an expression is an `Unknown` that says so.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from readiness.sources.hcl import ast
from readiness.terraform import functions
from readiness.terraform.convert import (
    EvaluationError,
    check_text,
    equal,
    exact,
    to_bool,
    to_number,
    to_text,
)
from readiness.terraform.partial import partial_text
from readiness.terraform.references import SomeInstances, resolve
from readiness.terraform.scope import Scope
from readiness.values import List, Map, Unknown

ROUND_LIMIT = 50_000
"""How often nested `for` expressions may evaluate their innermost expression."""


class ExpressionOrigin:
    """Origin of a mapping written as `{…}`: explains its entries through the expression."""

    __slots__ = ("node", "scope")

    def __init__(self, scope: Scope, node: ast.Obj) -> None:
        self.scope = scope
        self.node = node

    def expression(self, key: str) -> ast.Expr | None:
        """The expression of an entry, where its key is written literally."""
        for name, value in self.node.items:
            if isinstance(name, ast.Lit) and name.value == key:
                return value
        return None


def evaluate(node: ast.Expr, scope: Scope) -> Any:
    """The value of an expression; never raises for anything a user wrote."""
    try:
        return _DISPATCH[type(node)](node, scope)
    except EvaluationError as error:
        return Unknown(f"it cannot be evaluated: {error}", span=scope.place.span(node.at))
    except RecursionError:
        return Unknown("the expression is nested too deeply", span=scope.place.span(node.at))


def strict(node: ast.Expr, scope: Scope) -> Any:
    """Like `evaluate`, but an error is raised: for `try` and `can`.

    Raises:
        EvaluationError: the expression fails in Terraform as well.
    """
    return _DISPATCH[type(node)](node, scope)


def _literal(node: ast.Lit, _scope: Scope) -> Any:
    return node.value


def _template(node: ast.Tpl, scope: Scope) -> Any:
    texts = [to_text(strict(part, scope)) for part in node.parts]
    if not any(isinstance(text, Unknown) for text in texts):
        check_text(sum(map(len, texts)))
        return "".join(texts)
    return partial_text(texts, scope.place.span(node.at))


def _template_if(node: ast.TplIf, scope: Scope) -> Any:
    test = to_bool(strict(node.test, scope))
    if isinstance(test, Unknown):
        return test
    return strict(node.then if test else node.other, scope)


def _template_for(node: ast.TplFor, scope: Scope) -> Any:
    items = strict(node.items, scope)
    if isinstance(items, Unknown):
        return items
    texts = []
    for inner in _loop(node, items, scope):
        text = to_text(strict(node.body, inner))
        if isinstance(text, Unknown):
            return text
        texts.append(text)
    check_text(sum(map(len, texts)))
    return "".join(texts)


def _loop(node: ast.For | ast.TplFor, items: Any, scope: Scope) -> list[Scope]:
    """The scopes of a loop, one for each item."""
    pairs = _pairs(items)
    if scope.rounds * len(pairs) > ROUND_LIMIT:
        raise EvaluationError(f"the loops would evaluate this more than {ROUND_LIMIT:,} times")
    names = [{node.value: value, node.key: key} if node.key else {node.value: value} for key, value in pairs]
    return [scope.bind(bound, len(pairs)) for bound in names]


def _index(node: ast.Index | ast.Attr | ast.Name, scope: Scope) -> Any:
    return resolve(node, scope, strict)


def _splat(node: ast.Splat, scope: Scope) -> Any:
    of = strict(node.of, scope)
    if isinstance(of, Unknown):
        if isinstance(of, SomeInstances):
            # Seen, though not known: the splat still mentions the resource and what it refers to.
            strict(node.each, scope.bind({"*": of.one}))
        return Unknown(of.reason, of.refs, of.span, not_null=True)
    if of is None:
        return List([])
    items = of if isinstance(of, list) else [of]
    if scope.rounds * len(items) > ROUND_LIMIT:
        raise EvaluationError(f"the loops would evaluate this more than {ROUND_LIMIT:,} times")
    return List([strict(node.each, scope.bind({"*": item})) for item in items])


def _call(node: ast.Call, scope: Scope) -> Any:
    lazy = _LAZY.get(node.name)
    if lazy is not None:
        return lazy(node, scope)
    args = [strict(arg, scope) for arg in node.args]
    if node.expand and args:
        last = args.pop()
        if isinstance(last, Unknown):
            return last
        if not isinstance(last, list):
            raise EvaluationError("only a list can be expanded with `...`")
        args.extend(last)
    return functions.call(node.name, args)


def _try(node: ast.Call, scope: Scope) -> Any:
    inner = scope.attempt()
    for index, arg in enumerate(node.args):
        try:
            return strict(arg, inner)
        except EvaluationError:
            if index == len(node.args) - 1:
                raise
    raise EvaluationError("try() needs an argument")


def _can(node: ast.Call, scope: Scope) -> Any:
    if len(node.args) != 1:
        raise EvaluationError("can() needs one argument")
    try:
        value = strict(node.args[0], scope.attempt())
    except EvaluationError:
        return False
    return (
        Unknown(value.reason, value.refs, value.span, not_null=True) if isinstance(value, Unknown) else True
    )


_LAZY: dict[str, Callable[[ast.Call, Scope], Any]] = {"try": _try, "can": _can}


def _unary(node: ast.Unary, scope: Scope) -> Any:
    value = strict(node.of, scope)
    if isinstance(value, Unknown):
        return value
    if node.op == "!":
        flag = to_bool(value)
        return flag if isinstance(flag, Unknown) else not flag
    return exact(-to_number(value))


def _binary(node: ast.Binary, scope: Scope) -> Any:
    op = node.op
    left = strict(node.left, scope)
    if op in ("&&", "||"):
        # What the left side decides, the right side cannot break: `x != null && x.y`.
        decided = to_bool(left) is (op == "||")
        return op == "||" if decided else _logic(op, left, strict(node.right, scope))
    right = strict(node.right, scope)
    if op in ("==", "!="):
        same = equal(left, right)
        return same if isinstance(same, Unknown) else same is (op == "==")
    for value in (left, right):
        if isinstance(value, Unknown):
            return Unknown(value.reason, value.refs, value.span, not_null=True)
    return _arithmetic(op, to_number(left), to_number(right))


def _logic(op: str, left: Any, right: Any) -> Any:
    """`true || unknown` is true and `false && unknown` false, from either side."""
    decisive = op == "||"
    left, right = to_bool(left), to_bool(right)
    if left is decisive or right is decisive:
        return decisive
    for value in (left, right):
        if isinstance(value, Unknown):
            return value
    return not decisive


def _arithmetic(op: str, left: float, right: float) -> Any:
    if op in _COMPARISONS:
        return _COMPARISONS[op](left, right)
    if op in ("/", "%") and right == 0:
        raise EvaluationError("division by zero")
    try:
        return exact(_OPERATIONS[op](left, right))
    except OverflowError:
        raise EvaluationError("the number is too large") from None


def _divide(left: float, right: float) -> float:
    if isinstance(left, int) and isinstance(right, int) and left % right == 0:
        return left // right
    return left / right


def _remainder(left: float, right: float) -> float:
    """The remainder with the sign of the dividend."""
    if isinstance(left, int) and isinstance(right, int):
        size = abs(left) % abs(right)
        return -size if left < 0 else size
    return math.fmod(left, right)


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OPERATIONS: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "%": _remainder,
}


def _conditional(node: ast.Cond, scope: Scope) -> Any:
    test = to_bool(strict(node.test, scope))
    if not isinstance(test, Unknown):
        return strict(node.then if test else node.other, scope)
    then, other = evaluate(node.then, scope), evaluate(node.other, scope)
    if not isinstance(then, Unknown) and equal(then, other) is True:
        return then
    not_null = all(x.not_null if isinstance(x, Unknown) else x is not None for x in (then, other))
    return Unknown(test.reason, test.refs, test.span, not_null)


def _tuple(node: ast.Tup, scope: Scope) -> List:
    place = scope.place
    value_of = strict if scope.trying else evaluate
    return List(
        [value_of(item, scope) for item in node.items],
        place.span(node.at),
        [place.span(item.at) for item in node.items],
    )


def _object(node: ast.Obj, scope: Scope) -> Any:
    place = scope.place
    result = Map((), place.span(node.at), origin=ExpressionOrigin(scope, node))
    value_of = strict if scope.trying else evaluate
    for key_node, value_node in node.items:
        key = strict(key_node, scope)
        if isinstance(key, Unknown):
            return Unknown(key.reason, key.refs, place.span(node.at), not_null=True)
        name = to_text(key)
        result[name] = value_of(value_node, scope)
        result.key_spans[name] = place.span(key_node.at)
        result.value_spans[name] = place.span(value_node.at)
    return result


def _pairs(items: Any) -> list[tuple[Any, Any]]:
    """The keys and values that a loop sees: maps are walked in the order of their keys."""
    if isinstance(items, dict):
        return [(key, items[key]) for key in sorted(items)]
    if isinstance(items, list):
        return list(enumerate(items))
    raise EvaluationError("`for` needs a list or a map")


def _for(node: ast.For, scope: Scope) -> Any:
    items = strict(node.items, scope)
    span = scope.place.span(node.at)
    if isinstance(items, Unknown):
        return Unknown(items.reason, items.refs, span, not_null=True)
    kept = []
    for inner in _loop(node, items, scope):
        if node.test is not None:
            test = to_bool(strict(node.test, inner))
            if isinstance(test, Unknown):
                return Unknown(test.reason, test.refs, span, not_null=True)
            if not test:
                continue
        kept.append(inner)
    if node.name is None:
        spans = [scope.place.span(node.result.at)] * len(kept)
        return List([strict(node.result, inner) for inner in kept], span, spans)
    return _for_object(node, node.name, kept, scope)


def _for_object(node: ast.For, name: ast.Expr, kept: list[Scope], scope: Scope) -> Any:
    result = Map((), scope.place.span(node.at))
    where = scope.place.span(node.result.at)
    for inner in kept:
        key = strict(name, inner)
        if isinstance(key, Unknown):
            return Unknown(key.reason, key.refs, result.span, not_null=True)
        text = to_text(key)
        value = strict(node.result, inner)
        if node.group:
            result.setdefault(text, List([], where)).append(value)
        elif text in result:
            raise EvaluationError(f"two items of the `for` have the key {text!r}")
        else:
            result[text] = value
        result.value_spans[text] = where
    return result


def _paren(node: ast.Paren, scope: Scope) -> Any:
    return strict(node.of, scope)


_DISPATCH: dict[type, Callable[[Any, Scope], Any]] = {
    ast.Lit: _literal,
    ast.Tpl: _template,
    ast.TplIf: _template_if,
    ast.TplFor: _template_for,
    ast.Name: _index,
    ast.Attr: _index,
    ast.Index: _index,
    ast.Splat: _splat,
    ast.Call: _call,
    ast.Unary: _unary,
    ast.Binary: _binary,
    ast.Cond: _conditional,
    ast.Tup: _tuple,
    ast.Obj: _object,
    ast.For: _for,
    ast.Paren: _paren,
}
