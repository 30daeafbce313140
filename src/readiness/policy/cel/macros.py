"""Closures for the macros over lists and maps, and for optionals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from readiness.policy.cel import fields
from readiness.policy.cel.ast import Comprehension, OptionalElse, OptionalMap
from readiness.policy.cel.errors import CelError, Place
from readiness.policy.cel.lookup import is_of_linked, narrowing
from readiness.policy.cel.types import HOST, OptionalValue, no_overload, plain_key, type_name
from readiness.values import Doubted, List, Unknown

if TYPE_CHECKING:
    from readiness.policy.cel.compiler import Code, Context, Env


def comprehension(node: Comprehension, context: Context) -> Code:
    """`all`, `exists`, `exists_one`, `map`, `filter`, `transformList`, `transformMap`, `sortBy`."""
    domain, body = context.code(node.range), context.code(node.body)
    condition = context.code(node.filter) if node.filter is not None else None
    place, strict, keys = context.place(node), context.strict, node.keys
    narrow = narrowing(node, context)
    if node.kind in ("all", "exists"):
        return _quantifier(keys, domain, body, narrow, node.kind, place, strict, is_of_linked(node))
    bind = _binder(keys)
    fold = _fold(node, condition, body, place, strict)

    def run(env: Env) -> Any:
        items = domain(env)
        if not isinstance(items, (list, dict)):
            if isinstance(items, Unknown):
                return items
            if items is not None or strict:
                raise no_overload(node.kind, items).at(place)
            items = ()
        chosen = items
        if narrow is not None and isinstance(items, list):
            chosen = narrow(items, env)
        # A copy, because closures of this run and of others share the caller's bindings.
        return fold(bind(chosen, env.copy()), items)

    return run


def _quantifier(
    keys: tuple[str, ...],
    domain: Code,
    body: Code,
    narrow: Any,
    kind: str,
    place: Place,
    strict: bool,
    of_linked: bool,
) -> Code:
    """`all` and `exists`, the commonest macros, without a generator of scopes."""
    decisive = kind == "exists"
    first, second = keys[0], keys[1] if len(keys) == 2 else None
    last = keys[-1]

    def run(env: Env) -> Any:
        items = domain(env)
        doubts: Mapping[int, Unknown] = {}
        if isinstance(items, list):
            if type(items) is Doubted:
                doubts = items.doubts
            if narrow is not None:
                items = narrow(items, env)
        elif isinstance(items, Unknown):
            return items
        elif items is None and not strict:
            return not decisive
        elif not isinstance(items, dict):
            raise no_overload(kind, items).at(place)
        if not items:
            return not decisive
        # A copy, because closures of this run and of others share the caller's bindings.
        scope = env.copy()
        pending: Any = None
        linked = env.get(HOST, {}).get("linked") if of_linked else None
        for item in _elements(items, second is not None):
            if linked is not None and type(item) is str and not linked(item):
                continue
            if second is None:
                scope[first] = item
            else:
                scope[first], scope[second] = item
            try:
                value = body(scope)
                if value is not True and value is not False:
                    value = _truth(value, kind, place, strict)
            except CelError as error:
                if pending is None:
                    pending = error
                continue
            if value is decisive:
                if not doubts or id(scope[last]) not in doubts:
                    return decisive
                value = doubts[id(scope[last])]
            if type(value) is Unknown and type(pending) is not Unknown:
                pending = value
        if pending is None:
            return not decisive
        if type(pending) is Unknown:
            return pending
        raise pending

    return run


def _elements(items: Any, pairs: bool) -> Iterable[Any]:
    """What the variables of a macro take: elements or keys, or pairs with their index or value."""
    if isinstance(items, dict):
        return ((plain_key(key), item) for key, item in items.items()) if pairs else map(plain_key, items)
    return enumerate(items) if pairs else items


Scopes = Iterator["Env"]
Fold = Callable[[Scopes, Any], Any]


def _binder(keys: tuple[str, ...]) -> Callable[[Iterable[Any], Env], Scopes]:
    """What puts each element (or index and element, or key and value) into one scope."""
    first = keys[0]

    def one(items: Iterable[Any], scope: Env) -> Scopes:
        for item in _elements(items, False):
            scope[first] = item
            yield scope

    if len(keys) == 1:
        return one
    second = keys[1]

    def two(items: Iterable[Any], scope: Env) -> Scopes:
        for scope[first], scope[second] in _elements(items, True):
            yield scope

    return two


def _fold(node: Comprehension, condition: Code | None, body: Code, place: Place, strict: bool) -> Fold:
    kind = node.kind
    if kind == "exists_one":
        return _exists_one(node.keys[-1], body, place, strict)
    if kind == "filter":
        return _filter(node.keys[0], body, place, strict)
    if kind in ("transformMap", "transformMapEntry"):
        return _transform_map(node, condition, body, place, strict)
    if kind == "sortBy":
        return _sort_by(node.keys[0], body, place)
    return _map(condition, body, place, strict)


def _truth(value: Any, kind: str, place: Place, strict: bool) -> Any:
    """A predicate's result as true, false or an unknown; null is false in policy mode."""
    if value is True or value is False or type(value) is Unknown:
        return value
    if value is None and not strict:
        return False
    raise CelError(f"the predicate of `{kind}` is a bool, not {type_name(value)}", *place)


def _exists_one(key: str, body: Code, place: Place, strict: bool) -> Fold:
    def fold(scopes: Scopes, items: Any) -> Any:
        doubts = items.doubts if type(items) is Doubted else {}
        count = 0
        pending: Any = None
        for scope in scopes:
            value = _truth(body(scope), "exists_one", place, strict)
            if value is True and doubts and id(scope[key]) in doubts:
                value = doubts[id(scope[key])]
            if value is True:
                count += 1
            elif value is not False and pending is None:
                pending = value
        return pending if pending is not None and count < 2 else count == 1

    return fold


def _filter(key: str, body: Code, place: Place, strict: bool) -> Fold:
    def fold(scopes: Scopes, items: Any) -> Any:
        kept: list[Any] = []
        positions: list[int] = []
        for position, scope in enumerate(scopes):
            value = _truth(body(scope), "filter", place, strict)
            if value is True:
                kept.append(scope[key])
                positions.append(position)
            elif value is not False:
                return value
        if type(items) is Doubted:
            return Doubted(kept, items.doubts)
        if type(items) is List and len(items.item_spans) == len(items):
            return List(kept, items.span, [items.item_spans[position] for position in positions])
        return kept

    return fold


def _map(condition: Code | None, body: Code, place: Place, strict: bool) -> Fold:
    def fold(scopes: Scopes, items: Any) -> Any:
        if condition is None:
            return [body(scope) for scope in scopes]
        result: list[Any] = []
        for scope in scopes:
            chosen = _truth(condition(scope), "map", place, strict)
            if chosen is True:
                result.append(body(scope))
            elif chosen is not False:
                return chosen
        return result

    return fold


def _transform_map(
    node: Comprehension, condition: Code | None, body: Code, place: Place, strict: bool
) -> Fold:
    whole, first = node.kind == "transformMapEntry", node.keys[0]

    def fold(scopes: Scopes, items: Any) -> Any:
        result: dict[Any, Any] = {}
        for scope in scopes:
            chosen = True if condition is None else _truth(condition(scope), node.kind, place, strict)
            if chosen is False:
                continue
            value = body(scope) if chosen is True else chosen
            if chosen is not True or (whole and isinstance(value, Unknown)):
                return value
            if not whole:
                fields.put(result, scope[first], value, place)
            elif isinstance(value, dict):
                for key, item in value.items():
                    fields.put(result, key, item, place)
            else:
                raise no_overload(node.kind, value).at(place)
        return result

    return fold


def _sort_by(key: str, body: Code, place: Place) -> Fold:
    from readiness.policy.cel.functions.lists import sorted_by

    def fold(scopes: Scopes, items: Any) -> Any:
        pairs = [(body(scope), scope[key]) for scope in scopes]
        for weight, _ in pairs:
            if type(weight) is Unknown:
                return weight
        try:
            return sorted_by([weight for weight, _ in pairs], [item for _, item in pairs])
        except CelError as error:
            raise error.at(place) from None

    return fold


def optional_map(node: OptionalMap, context: Context) -> Code:
    """`optMap` and `optFlatMap`."""
    operand, body, key, flat = context.code(node.operand), context.code(node.body), node.key, node.flat
    place = context.place(node)

    def run(env: Env) -> Any:
        value = operand(env)
        if isinstance(value, Unknown):
            return value
        if not isinstance(value, OptionalValue):
            raise no_overload("optFlatMap" if flat else "optMap", value).at(place)
        if not value.present:
            return value
        scope = env.copy()
        scope[key] = value.value
        result = body(scope)
        if isinstance(result, Unknown):
            return result
        if not flat:
            return OptionalValue(True, result)
        if not isinstance(result, OptionalValue):
            raise CelError(f"`optFlatMap` needs an optional result, not {type_name(result)}", *place)
        return result

    return run


def optional_else(node: OptionalElse, context: Context) -> Code:
    """`or` and `orValue`: the alternative is evaluated only when it is needed."""
    operand, other, keep = context.code(node.operand), context.code(node.other), node.keep
    place = context.place(node)

    def run(env: Env) -> Any:
        value = operand(env)
        if type(value) is OptionalValue:
            if value.present:
                return value if keep else value.value
            instead = other(env)
            if keep and not isinstance(instead, (OptionalValue, Unknown)):
                raise CelError(f"`or` needs an optional, not {type_name(instead)}", *place)
            return instead
        if isinstance(value, Unknown):
            return value
        name = "or" if keep else "orValue"
        raise CelError(
            f"`{name}` needs an optional, not {type_name(value)}; select with `.?` before it", *place
        )

    return run
