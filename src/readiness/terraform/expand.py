"""`count` and `for_each`: the instances of a block, each with its key and scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from readiness.terraform.config import Declared
from readiness.terraform.convert import EvaluationError, to_number, unique
from readiness.terraform.evaluate import evaluate
from readiness.terraform.scope import Place, Scope
from readiness.values import Unknown

if TYPE_CHECKING:
    from readiness.terraform.module import ModuleInstance

COUNT_LIMIT = 1_000
"""Instances of one block; where there are more, one stands for all of them."""


class _Any:
    """The key of an instance that stands for all of them."""


ANY = _Any()


def suffix(index: Any) -> str:
    """The instance key of an address: `[0]`, `["a"]`, or nothing."""
    if index is None or index is ANY:
        return ""
    return f"[{index}]" if isinstance(index, int) else '["' + str(index).replace('"', '\\"') + '"]'


def expand(declared: Declared, module: ModuleInstance) -> list[tuple[Any, Scope]]:
    """The instance keys of a block with their scopes.

    Where `count` or `for_each` is not known, one instance, of the key `ANY`, stands for all of
    them, with unknown keys and values.
    """
    place = declared.place
    scope = module.scope(place)
    count = declared.find("count")
    if count is not None:
        return _expand_count(evaluate(count.value, scope), module, place)
    each = declared.find("for_each")
    if each is not None:
        return _expand_each(evaluate(each.value, scope), module, place)
    return [(None, scope)]


def some(
    module: ModuleInstance, place: Place, counted: bool, reason: str, refs: tuple[str, ...] = ()
) -> tuple[Any, Scope]:
    """One instance that stands for all."""
    if counted:
        return ANY, Scope(module, place, count=Unknown(reason, refs, not_null=True))
    return ANY, Scope(module, place, each=(Unknown(reason, refs, not_null=True), Unknown(reason, refs)))


def _expand_count(value: Any, module: ModuleInstance, place: Place) -> list[tuple[Any, Scope]]:
    try:
        number = to_number(value)
    except EvaluationError:
        number = None
    if not isinstance(number, int) or number < 0:
        refs = value.refs if isinstance(value, Unknown) else ()
        return [some(module, place, True, "the number of instances (`count`) is not known", refs)]
    if number > COUNT_LIMIT:
        return [some(module, place, True, f"there are more than {COUNT_LIMIT:,} instances")]
    return [(index, Scope(module, place, count=index)) for index in range(number)]


def _expand_each(value: Any, module: ModuleInstance, place: Place) -> list[tuple[Any, Scope]]:
    pairs: list[tuple[Any, Any]] | None = None
    if isinstance(value, dict):
        pairs = [(key, value[key]) for key in sorted(value)]
    elif isinstance(value, list) and all(isinstance(item, str) for item in value):
        pairs = [(str(item), item) for item in unique(value)]
    if pairs is None:
        refs = value.refs if isinstance(value, Unknown) else ()
        return [some(module, place, False, "the instances (`for_each`) are not known", refs)]
    if len(pairs) > COUNT_LIMIT:
        return [some(module, place, False, f"there are more than {COUNT_LIMIT:,} instances")]
    return [(key, Scope(module, place, each=(key, item))) for key, item in pairs]
