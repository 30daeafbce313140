"""Expressions → values, as Terraform evaluates them, with unknowns that say what they wait for.

Semantics: https://developer.hashicorp.com/terraform/language/expressions.  What cannot be
evaluated is `Unknown`, never absent; an error in an expression is an `Unknown` that says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from readiness.sources.hcl import ast
from readiness.terraform import functions
from readiness.terraform.convert import EvaluationError, to_bool, to_number, to_text
from readiness.terraform.partial import partial_text
from readiness.terraform.references import resolve
from readiness.terraform.scope import Scope
from readiness.values import List, Map, Unknown


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
    for key, value in _pairs(items):
        names = {node.value: value, **({node.key: key} if node.key else {})}
        text = to_text(strict(node.body, scope.bind(names)))
        if isinstance(text, Unknown):
            return text
        texts.append(text)
    return "".join(texts)


def _index(node: ast.Index | ast.Attr | ast.Name, scope: Scope) -> Any:
    return resolve(node, scope, strict)


def _splat(node: ast.Splat, scope: Scope) -> Any:
    of = strict(node.of, scope)
    if isinstance(of, Unknown):
        return of
    if of is None:
        return List([])
    items = of if isinstance(of, list) else [of]
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
    return functions.call(node.name, args, scope)


def _try(node: ast.Call, scope: Scope) -> Any:
    for index, arg in enumerate(node.args):
        try:
            return strict(arg, scope)
        except EvaluationError:
            if index == len(node.args) - 1:
                raise
    raise EvaluationError("try() needs an argument")


def _can(node: ast.Call, scope: Scope) -> Any:
    try:
        value = strict(node.args[0], scope)
    except EvaluationError:
        return False
    except IndexError:
        raise EvaluationError("can() needs an argument") from None
    return value if isinstance(value, Unknown) else True


_LAZY: dict[str, Callable[[ast.Call, Scope], Any]] = {"try": _try, "can": _can}


def _unary(node: ast.Unary, scope: Scope) -> Any:
    value = strict(node.of, scope)
    if isinstance(value, Unknown):
        return value
    if node.op == "!":
        flag = to_bool(value)
        return flag if isinstance(flag, Unknown) else not flag
    return -to_number(value)


def _binary(node: ast.Binary, scope: Scope) -> Any:
    op = node.op
    left = strict(node.left, scope)
    if op in ("&&", "||"):
        return _logic(op, left, strict(node.right, scope))
    right = strict(node.right, scope)
    if op in ("==", "!="):
        same = equal(left, right)
        return same if isinstance(same, Unknown) else same is (op == "==")
    for value in (left, right):
        if isinstance(value, Unknown):
            return value
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
    if op in ("/", "%") and right == 0:
        raise EvaluationError("division by zero")
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    if op == "*":
        return left * right
    if op == "/":
        result = left / right
        return int(result) if result.is_integer() else result
    if op == "%":
        result = math.fmod(left, right)
        return int(result) if result.is_integer() else result
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]


def equal(left: Any, right: Any) -> bool | Unknown:
    """Terraform's `==`: no conversion between types, unknown where an unknown part decides."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Unknown):
            return False if one.differs(other) else one
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        if len(left) != len(right):
            return False
        return _all_equal([equal(a, b) for a, b in zip(left, right, strict=True)])
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return False
        return _all_equal([equal(left[key], right[key]) for key in left])
    return bool(left == right)


def _all_equal(results: list[bool | Unknown]) -> bool | Unknown:
    if any(result is False for result in results):
        return False
    return next((result for result in results if isinstance(result, Unknown)), True)


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
    return List(
        [evaluate(item, scope) for item in node.items],
        place.span(node.at),
        [place.span(item.at) for item in node.items],
    )


def _object(node: ast.Obj, scope: Scope) -> Any:
    place = scope.place
    result = Map((), place.span(node.at), origin=ExpressionOrigin(scope, node))
    for key_node, value_node in node.items:
        key = strict(key_node, scope)
        if isinstance(key, Unknown):
            return Unknown(key.reason, key.refs, place.span(node.at), not_null=True)
        name = to_text(key)
        result[name] = evaluate(value_node, scope)
        result.key_spans[name] = place.span(key_node.at)
        result.value_spans[name] = place.span(value_node.at)
    return result


def _pairs(items: Any) -> list[tuple[Any, Any]]:
    if isinstance(items, dict):
        return list(items.items())
    if isinstance(items, list):
        return list(enumerate(items))
    raise EvaluationError("`for` needs a list or a map")


def _for(node: ast.For, scope: Scope) -> Any:
    items = strict(node.items, scope)
    if isinstance(items, Unknown):
        return Unknown(items.reason, items.refs, scope.place.span(node.at), not_null=True)
    kept = []
    for key, value in _pairs(items):
        inner = scope.bind({node.value: value, **({node.key: key} if node.key else {})})
        if node.test is not None:
            test = to_bool(strict(node.test, inner))
            if isinstance(test, Unknown):
                return Unknown(test.reason, test.refs, scope.place.span(node.at), not_null=True)
            if not test:
                continue
        kept.append(inner)
    span = scope.place.span(node.at)
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
