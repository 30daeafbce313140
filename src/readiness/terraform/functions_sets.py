"""Functions that compare the items of collections: sets, and lists taken for sets.

Source: https://developer.hashicorp.com/terraform/language/functions (Collection Functions), and
https://github.com/zclconf/go-cty/blob/v1.16.2/cty/function/stdlib/set.go
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from readiness.terraform.convert import EvaluationError, first_unknown, identity, unique
from readiness.terraform.functions_common import Function, bounded, items_of, missing, not_known
from readiness.terraform.kinds import element_of, family, is_known
from readiness.terraform.unify import converted, unify
from readiness.values import List, Unknown


def _distinct(items: list[Any]) -> List:
    kept: dict[Any, Any] = {}
    for item in items:
        kept.setdefault(identity(item), item)
    return List(kept.values())


def _alike(lists: Sequence[list[Any]]) -> list[list[Any]]:
    """Lists with their items converted to the type that all have in common, as far as that is known."""
    types = [element_of(part) for part in lists if part]
    if not types or not all(map(is_known, types)):
        return list(lists)
    common = unify(types)
    if common is None:
        raise EvaluationError("the items of the lists have no type in common")
    return [[converted(item, common) for item in part] for part in lists]


def _matchkeys(values: Any, keys: Any, wanted: Any) -> Any:
    waiting = missing(values, first_unknown(keys), first_unknown(wanted))
    if waiting is not None:
        return waiting
    if len(values) != len(keys):
        raise EvaluationError("the number of keys is not that of the values")
    keys, wanted = _alike([keys, wanted])
    chosen = {identity(item) for item in wanted}
    return List([value for value, key in zip(values, keys, strict=True) if identity(key) in chosen])


def _setintersection(first: list[Any], *others: list[Any]) -> List:
    sets = [{identity(item) for item in other} for other in others]
    return unique([item for item in first if all(identity(item) in members for members in sets)])


def _setsubtract(first: list[Any], second: list[Any]) -> List:
    members = {identity(item) for item in second}
    return unique([item for item in first if identity(item) not in members])


def _setunion(*sets: list[Any]) -> List:
    bounded(sum(map(len, sets)))
    return unique([item for part in sets for item in part])


def _setproduct(*sets: Any) -> Any:
    for part in sets:
        if isinstance(part, Unknown):
            return not_known(part)
    if len(sets) < 2:
        raise EvaluationError("two sets or more are required")
    count = len(sets)
    for items in sets:
        count *= len(items_of(items))
        bounded(count)
    products = [List(items) for items in itertools.product(*sets)]
    if any(family(items) == "set" for items in sets):
        first = first_unknown(products)
        return unique(products) if first is None else not_known(first)
    return List(products)


SETS: dict[str, Function] = {
    "distinct": Function(_distinct, "l"),
    "matchkeys": Function(_matchkeys, "l l l", unknown="none"),
    "setintersection": Function(_setintersection, "l l*"),
    "setproduct": Function(_setproduct, "l l*", unknown="none"),
    "setsubtract": Function(_setsubtract, "l l"),
    "setunion": Function(_setunion, "l l*"),
}
