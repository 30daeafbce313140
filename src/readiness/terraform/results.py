"""What types functions want of their arguments, and give their results.

Source: `terraform metadata functions -json` of Terraform 1.11, and for results of type `dynamic`
https://github.com/zclconf/go-cty/tree/v1.16.2/cty/function/stdlib
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from readiness.terraform.convert import EvaluationError
from readiness.terraform.kinds import (
    DYNAMIC,
    NUMBERS,
    OBJECT,
    STRINGS,
    TUPLE,
    Type,
    element_of,
    family,
    is_known,
    like,
    structural,
)
from readiness.terraform.unify import converted, unify
from readiness.values import List, Map

Args = Sequence[Any]


def prepared(name: str, args: list[Any]) -> list[Any]:
    """Arguments of functions that take lists or sets of any one type, made such lists or sets.

    Raises:
        EvaluationError: the items have no type in common.
    """
    wanted = _WANTED.get(name)
    if wanted is None:
        return args
    if name == "setproduct":
        return [converted(arg, wanted) if family(arg) == TUPLE else arg for arg in args]
    parts = [converted(arg, wanted) if isinstance(arg, list) else arg for arg in args]
    if name.startswith("set"):
        types = [element_of(part) for part in parts]
        element = _common(types)
        if element is None and all(map(is_known, types)):
            raise EvaluationError("the sets have no type in common")
        if element is not None:
            return [converted(part, ("set", element)) if isinstance(part, list) else part for part in parts]
    return parts


def typed(name: str, args: Args, value: Any) -> Any:
    """The result of a function with the type that Terraform gives it, as far as that is known."""
    if type(value) is not List and type(value) is not Map:
        return value
    if name in _DECODERS:
        return structural(value)
    kind = _FIXED.get(name)
    if kind is None:
        rule = _RULES.get(name)
        if rule is None:
            return value
        kind = rule(args, value)
    if isinstance(kind, tuple) and name == "concat" and is_known(kind):
        return converted(value, kind)
    if any(value is arg for arg in args):
        return value if value.kind == kind else like(value, value, kind)
    value.kind = kind
    return value


def _common(types: Sequence[Type]) -> Type:
    """The type that all have in common, or None where it is not known."""
    return unify(types) if types and all(map(is_known, types)) else None


def _same_family(kind: str, others: str) -> Callable[[Args, Any], Type]:
    """A collection of the elements of the first argument, or a structure where that is one."""

    def rule(args: Args, _value: Any) -> Type:
        found = family(args[0])
        if found in (TUPLE, OBJECT):
            return others
        return (kind, element_of(args[0])) if found else None

    return rule


def _keys(args: Args, _value: Any) -> Type:
    found = family(args[0])
    return TUPLE if found == OBJECT else STRINGS if found else None


def _concat(args: Args, _value: Any) -> Type:
    families = {family(arg) for arg in args}
    if TUPLE in families:
        return TUPLE
    return None if None in families else ("list", _common([element_of(arg) for arg in args]))


def _merge(args: Args, _value: Any) -> Type:
    given = [arg for arg in args if arg is not None]
    families = {family(arg) for arg in given}
    if OBJECT in families or not given:
        return OBJECT
    first = given[0].kind
    if None in families or not all(is_known(arg.kind) for arg in given):
        return None
    return first if all(arg.kind == first for arg in given) else OBJECT


def _zipmap(args: Args, _value: Any) -> Type:
    found = family(args[1])
    return OBJECT if found == TUPLE else ("map", element_of(args[1])) if found else None


def _setproduct(args: Args, value: Any) -> Type:
    families = {family(arg) for arg in args}
    if None in families:
        return None
    types = tuple(element_of(arg) for arg in args)
    element = (TUPLE, types) if all(map(is_known, types)) else None
    for item in value:
        item.kind = TUPLE
    return ("set" if "set" in families else "list", element)


def _elements(kind: str) -> Callable[[Args, Any], Type]:
    return lambda args, value: (kind, element_of(args[0]))


def _chunks(args: Args, value: Any) -> Type:
    kind = ("list", element_of(args[0]))
    for part in value:
        part.kind = kind
    return ("list", kind)


_DECODERS = frozenset({"jsondecode", "yamldecode"})
_WANTED: dict[str, Type] = {
    "chunklist": ("list", DYNAMIC),
    "distinct": ("list", DYNAMIC),
    "matchkeys": ("list", DYNAMIC),
    "setintersection": ("set", DYNAMIC),
    "setproduct": ("list", DYNAMIC),
    "setsubtract": ("set", DYNAMIC),
    "setunion": ("set", DYNAMIC),
}
_FIXED: dict[str, Type] = {
    "cidrsubnets": STRINGS,
    "compact": STRINGS,
    "fileset": ("set", "string"),
    "flatten": TUPLE,
    "formatlist": STRINGS,
    "range": NUMBERS,
    "sort": STRINGS,
    "split": STRINGS,
    "transpose": ("map", STRINGS),
}
_RULES: dict[str, Callable[[Args, Any], Type]] = {
    "chunklist": _chunks,
    "concat": _concat,
    "distinct": _elements("list"),
    "keys": _keys,
    "matchkeys": _elements("list"),
    "merge": _merge,
    "reverse": _same_family("list", TUPLE),
    "setintersection": _elements("set"),
    "setproduct": _setproduct,
    "setsubtract": _elements("set"),
    "setunion": _elements("set"),
    "slice": _same_family("list", TUPLE),
    "values": _same_family("list", TUPLE),
    "zipmap": _zipmap,
}
