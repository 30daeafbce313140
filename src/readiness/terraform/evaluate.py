"""Expressions → values, as Terraform evaluates them, with unknowns that say what they wait for.

Semantics: https://developer.hashicorp.com/terraform/language/expressions.  What cannot be
evaluated is `Unknown`, never absent; an error in an expression is an `Unknown` that says so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from readiness.sources.hcl import ast
from readiness.terraform.arithmetic import OPERATIONS, negated
from readiness.terraform.attempts import attempt, succeeds
from readiness.terraform.conditionals import chosen, either
from readiness.terraform.convert import (
    EvaluationError,
    check_text,
    equal,
    to_bool,
    to_number,
    to_text,
    waiting,
)
from readiness.terraform.kinds import OBJECT, TUPLE, element_of, family, type_of
from readiness.terraform.numbers import is_zero
from readiness.terraform.origins import ExpressionOrigin
from readiness.terraform.partial import partial_text
from readiness.terraform.references import ModuleObject, ResourceObject, SomeInstances, resolve
from readiness.terraform.results import prepared, typed
from readiness.terraform.scope import Scope
from readiness.terraform.unify import collection
from readiness.values import List, Map, Unknown

ROUND_LIMIT = 50_000
"""How often nested `for` expressions may evaluate their innermost expression."""


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
    return _text(texts, node, scope)


def _text(texts: list[Any], node: ast.Expr, scope: Scope) -> Any:
    """The text that some parts make."""
    if any(isinstance(text, Unknown) for text in texts):
        return partial_text(texts, scope.place.span(node.at))
    check_text(sum(map(len, texts)))
    text = "".join(texts)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _number(node: ast.Num, _scope: Scope) -> Any:
    return to_number(node.text)


def _template_if(node: ast.TplIf, scope: Scope) -> Any:
    test = to_bool(strict(node.test, scope))
    if isinstance(test, Unknown):
        return either(test, evaluate(node.then, scope), evaluate(node.other, scope))
    return strict(node.then if test else node.other, scope)


def _template_for(node: ast.TplFor, scope: Scope) -> Any:
    items = _walked(node.items, scope)
    if isinstance(items, Unknown):
        return waiting(items)
    texts = [to_text(strict(node.body, inner)) for inner in _loop(node, items, scope)]
    return _text(texts, node, scope)


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
        none = List()
        none.kind = TUPLE
        return none
    items = of if isinstance(of, list) else [of]
    if scope.rounds * len(items) > ROUND_LIMIT:
        raise EvaluationError(f"the loops would evaluate this more than {ROUND_LIMIT:,} times")
    result = List([strict(node.each, scope.bind({"*": item})) for item in items])
    result.kind = _splat_kind(of, result)
    return result


def _splat_kind(of: Any, result: List) -> Any:
    """The type of a splat: a list for a list or set, else a tuple."""
    kind = family(of) if isinstance(of, list) else TUPLE
    if kind is None or kind == TUPLE:
        return kind
    types = list(map(type_of, result))
    if not types or None in types:
        return ("list", element_of(of) if result == of else None)
    if any(other != types[0] for other in types):
        raise EvaluationError("the results of a splat on a list are of different types")
    return ("list", types[0])


def _call(node: ast.Call, scope: Scope) -> Any:
    lazy = _LAZY.get(node.name)
    if lazy is not None:
        return lazy(node, scope)
    args = [strict(arg, scope) for arg in node.args]
    if node.expand and args:
        last = args.pop()
        if isinstance(last, Unknown):
            return Unknown(last.reason, last.refs, last.span)
        if not isinstance(last, list):
            raise EvaluationError("only a list can be expanded with `...`")
        args.extend(last)
    name = node.name.removeprefix("core::")
    if name in _CHOOSERS and len(args) > 1 and isinstance(args[0], (list, dict)):
        scope.chooses_by(args[1], args[0], node.at)
    if name in _COLLECTIONS and len(args) == 1:
        return _collection(name, args[0])
    # The functions are many modules, which small roots do without.
    from readiness.terraform import functions
    from readiness.terraform.functions_files import FILE_FUNCTIONS, call_with_files

    if name in FILE_FUNCTIONS:
        return call_with_files(name, args, node, scope, strict)
    args = [arg.whole(scope) if isinstance(arg, ModuleObject) else arg for arg in args]
    args = prepared(name, args)
    result = functions.call(name, args)
    if isinstance(result, str):
        return result if result.isascii() else _normalized(result)
    return typed(name, args, result)


def _collection(name: str, value: Any) -> Any:
    try:
        return collection(value, _COLLECTIONS[name])
    except EvaluationError as error:
        raise EvaluationError(f"{name}(): {error}") from None


_CHOOSERS = ("contains", "lookup")  # they look for their second argument in the first
_COLLECTIONS = {"tolist": "list", "toset": "set", "tomap": "map"}


def _normalized(text: str) -> str:
    """Text in the normal form of all strings; what a text carries stays with it."""
    normal = unicodedata.normalize("NFC", text)
    return text if normal == text else normal


def _try(node: ast.Call, scope: Scope) -> Any:
    return attempt(node.args, scope.attempt(), strict)


def _can(node: ast.Call, scope: Scope) -> Any:
    if len(node.args) != 1:
        raise EvaluationError("can() needs one argument")
    return succeeds(node.args[0], scope.attempt(), strict)


def _convert(node: ast.Call, scope: Scope) -> Any:
    from readiness.terraform.types import fitted  # which evaluates defaults

    if len(node.args) != 2:
        raise EvaluationError("convert() needs a value and a type")
    try:
        return fitted(strict(node.args[0], scope), node.args[1], scope)
    except EvaluationError as error:
        raise EvaluationError(f"convert(): {error}") from None


_LAZY: dict[str, Callable[[ast.Call, Scope], Any]] = {"try": _try, "can": _can, "convert": _convert}


def _unary(node: ast.Unary, scope: Scope) -> Any:
    value = strict(node.of, scope)
    if isinstance(value, Unknown):
        return waiting(value)
    return not to_bool(value) if node.op == "!" else negated(to_number(value))


def _binary(node: ast.Binary, scope: Scope) -> Any:
    op = node.op
    left = strict(node.left, scope)
    if op in ("&&", "||"):
        if to_bool(left) is (op == "||"):
            return _decided(node, scope)
        return _logic(op, left, strict(node.right, scope))
    right = strict(node.right, scope)
    if op in ("==", "!="):
        same = equal(left, right)
        if isinstance(same, Unknown):
            scope.chooses_by(same, (left, right), node.at)
        return same if isinstance(same, Unknown) else same is (op == "==")
    left, right = to_number(left), to_number(right)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return waiting(left, right)
    if op == "/" and is_zero(right) and not is_zero(left):
        # Terraform goes on with an infinite number, which it cannot write anywhere.
        return Unknown("it cannot be evaluated: division by zero", span=scope.place.span(node.at))
    return OPERATIONS[op](left, right)


def _decided(node: ast.Binary, scope: Scope) -> bool:
    """What the left side decides, the right side cannot break: `x != null && x.y`.

    Since Terraform 1.12, that is; and what it is must be a bool nonetheless.
    """
    try:
        right = strict(node.right, scope.collecting())
    except EvaluationError:
        return node.op == "||"
    if right is not None:
        to_bool(right)
    return node.op == "||"


def _logic(op: str, left: Any, right: Any) -> Any:
    """`true || unknown` is true and `false && unknown` false, from either side."""
    decisive = op == "||"
    left, right = to_bool(left), to_bool(right)
    if left is decisive or right is decisive:
        return decisive
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return waiting(left, right)
    return not decisive


def _conditional(node: ast.Cond, scope: Scope) -> Any:
    test = to_bool(strict(node.test, scope))
    if isinstance(test, Unknown):
        return either(test, evaluate(node.then, scope), evaluate(node.other, scope))
    taken, other = (node.then, node.other) if test else (node.other, node.then)
    return chosen(strict(taken, scope), other, scope, strict)


def _tuple(node: ast.Tup, scope: Scope) -> List:
    place = scope.place
    value_of = strict if scope.trying else evaluate
    result = List(
        [value_of(item, scope) for item in node.items],
        place.span(node.at),
        [place.span(item.at) for item in node.items],
    )
    result.kind = TUPLE
    return result


def _object(node: ast.Obj, scope: Scope) -> Any:
    place = scope.place
    result = Map((), place.span(node.at), origin=ExpressionOrigin(scope, node))
    result.kind = OBJECT
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
        return [(item, item) for item in items] if family(items) == "set" else list(enumerate(items))
    raise EvaluationError("`for` needs a list or a map")


def _walked(node: ast.Expr, scope: Scope) -> Any:
    """What a loop walks: of a whole resource it is not known which attributes there are."""
    items = strict(node, scope)
    if isinstance(items, ModuleObject):
        return items.whole(scope)
    if isinstance(items, ResourceObject):
        return Unknown(
            f"its provider says what attributes {items.address} has", (items.address,), not_null=True
        )
    return items


def _for(node: ast.For, scope: Scope) -> Any:
    items = _walked(node.items, scope)
    span = scope.place.span(node.at)
    if isinstance(items, Unknown):
        return Unknown(items.reason, items.refs, span, not_null=True)
    kept = []
    if not items and node.test is not None:
        _check_test(node, scope)
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
        result = List([strict(node.result, inner) for inner in kept], span, spans)
        result.kind = TUPLE
        return result
    return _for_object(node, node.name, kept, scope)


def _check_test(node: ast.For, scope: Scope) -> None:
    """Find what is wrong with the condition of a loop that has no items."""
    item = Unknown("there is no item")
    names = {node.value: item, node.key: item} if node.key else {node.value: item}
    if node.test is not None:
        to_bool(strict(node.test, scope.bind(names)))


def _for_object(node: ast.For, name: ast.Expr, kept: list[Scope], scope: Scope) -> Any:
    result = Map((), scope.place.span(node.at))
    result.kind = OBJECT
    where = scope.place.span(node.result.at)
    for inner in kept:
        key = strict(name, inner)
        if isinstance(key, Unknown):
            return Unknown(key.reason, key.refs, result.span, not_null=True)
        text = to_text(key)
        value = strict(node.result, inner)
        if node.group:
            group = result.setdefault(text, List([], where))
            group.kind = TUPLE
            group.append(value)
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
    ast.Num: _number,
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
