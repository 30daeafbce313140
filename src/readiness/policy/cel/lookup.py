"""Searches of what a host function lists by one equality: an index in place of a scan.

`resources("Service").exists(s, s.metadata.namespace == namespace && …)` runs for every workload;
item by item, that is workloads times Services.  An item whose text is another makes the predicate
false whatever the rest of it says (`&&` absorbs errors and unknowns), and a false predicate adds
nothing to `exists` or `filter`: leaving such items out changes no answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from readiness.policy.cel.ast import (
    Binary,
    Comprehension,
    HostCall,
    Ident,
    Index,
    Literal,
    Logic,
    Node,
    OptionalElse,
    Select,
    walk,
)
from readiness.policy.cel.errors import CelError
from readiness.values import List

if TYPE_CHECKING:
    from readiness.policy.cel.compiler import Code, Context, Env

LONG = 16
"""Items from which an index is made."""

Narrow = Callable[[list[Any], "Env"], list[Any]]
_PATH = (Select, Index, OptionalElse, Literal, Ident)


def is_of_linked(node: Comprehension) -> bool:
    """Whether a macro asks the same of what is linked of each type: `types.exists(t, linked(t).exists(…))`.

    A type of which nothing is linked decides nothing: such policies name many types, and a service has few.
    """
    inner = node.body
    if not isinstance(inner, Comprehension) or inner.kind != node.kind or len(node.keys) != 1:
        return False
    source = inner.range
    if not isinstance(source, HostCall) or source.name != "linked" or len(source.args) != 1:
        return False
    of = source.args[0]
    return isinstance(of, Ident) and of.name == node.keys[0]


def narrowing(node: Comprehension, context: Context) -> Narrow | None:
    """What leaves out the items of a list that cannot match, where a predicate allows that.

    The list has to be the same object, unchanged, from call to call: it comes from a host function
    that is called with constants.
    """
    source = node.range
    if node.kind not in ("exists", "filter") or len(node.keys) != 1 or not isinstance(source, HostCall):
        return None
    if not source.args or not all(isinstance(arg, Literal) for arg in source.args):
        return None
    body = node.body
    conjuncts = body.operands if isinstance(body, Logic) and body.op == "&&" else [body]
    for conjunct in conjuncts:
        if isinstance(conjunct, Binary) and conjunct.op == "==":
            for key, wanted in ((conjunct.left, conjunct.right), (conjunct.right, conjunct.left)):
                if _of_item(key, node.keys[0]) and not _mentions(wanted, node.keys[0]):
                    return _narrow(node.keys[0], context.code(key), context.code(wanted))
    return None


def _of_item(node: Node, name: str) -> bool:
    """Whether an expression is a path from the variable of a macro, and looks at nothing else."""
    names = [inner.name for inner, _ in walk(node) if isinstance(inner, Ident)]
    return set(names) == {name} and all(isinstance(inner, _PATH) for inner, _ in walk(node))


def _mentions(node: Node, name: str) -> bool:
    return any(isinstance(inner, Ident) and inner.name == name for inner, _ in walk(node))


def _narrow(name: str, key: Code, wanted: Code) -> Narrow:
    made: tuple[Any, dict[str, list[int]], list[int]] | None = None

    def narrow(items: list[Any], env: Env) -> list[Any]:
        nonlocal made
        if len(items) < LONG or (type(items) is List and items.item_spans):
            return items
        try:
            text = wanted(env)
        except CelError:
            return items
        if type(text) is not str:
            return items
        if made is None or made[0] is not items:
            made = (items, *_index(items, name, key))
        _, places, open_ = made
        return [items[place] for place in sorted(places.get(text, []) + open_)]

    return narrow


def _index(items: list[Any], name: str, key: Code) -> tuple[dict[str, list[int]], list[int]]:
    """The places of items by their text, and of those that may match any text.

    An absent key is null, which equals no text.
    """
    places: dict[str, list[int]] = {}
    others: list[int] = []
    for place, item in enumerate(items):
        try:
            text = key({name: item})
        except CelError:
            others.append(place)
            continue
        if type(text) is str:
            places.setdefault(text, []).append(place)
        elif text is not None:
            others.append(place)
    return places, others
