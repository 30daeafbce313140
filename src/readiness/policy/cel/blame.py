"""Which values made a boolean expression come out wrong.

The rules, `want` being what the expression should have given:

* `a && b` wanted true, `a || b` wanted false: the operands that went wrong; the other way
  round, all of them;
* `!a` blames `a` for the opposite, `c ? x : y` the branch that was taken;
* `list.all(v, p)`: each element for which `p` is not true, by the blame of `p` with `v` bound,
  or by its own span when that points at nothing present; `exists` blames the list; wanted
  false, the two change places;
* anything else: the member chains in it (`object.a.b`, `item["x"]`, `c.?d`), by the entry of
  the last key, or, where a key is absent, by the nearest enclosing value that is present.

Constants and `params` are nobody's fault.  Present values come before absent ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from readiness.policy.cel.ast import (
    Bind,
    Comprehension,
    Ident,
    Index,
    Literal,
    Logic,
    Node,
    Qualified,
    Select,
    Ternary,
    Unary,
    children,
)
from readiness.policy.cel.compiler import Context, Env
from readiness.policy.cel.errors import CelError
from readiness.policy.cel.types import OptionalValue
from readiness.values import Doubted, List, Map, Span, span_at, span_of

_BLAMELESS = frozenset({"params"})


class Blame(Struct, frozen=True, eq=False):
    """A value that an expression looked at: `container[key]`, at `span` where that is known.

    A `value` of None with a `key` says that the key is absent (or null): then the span is that
    of the nearest enclosing value that is present.
    """

    span: Span | None
    container: Map | List | None
    key: str | int | None
    value: Any

    @property
    def present(self) -> bool:
        """Whether the value is there."""
        return self.value is not None


def blame(node: Node, context: Context, env: Env) -> list[Blame]:
    """The values to blame for `node` not being true, without duplicates; empty on any error."""
    try:
        found = _Blamer(context).verdict(node, env, True)
    except Exception:  # A finding must not be lost because its span could not be worked out.
        return []
    unique: dict[tuple[Span | None, int, Any], Blame] = {}
    for entry in found:
        unique.setdefault((entry.span, id(entry.container), entry.key), entry)
    return sorted(unique.values(), key=lambda entry: not entry.present)


class _Blamer:
    """One run of the rules; `origins` says where the values of macro variables came from."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.origins: dict[str, list[Blame]] = {}

    def value(self, node: Node, env: Env) -> Any:
        """The value of a node; for one that has none, the error."""
        try:
            return self.context.code(node)(env)
        except CelError as error:
            return error

    def verdict(self, node: Node, env: Env, want: bool) -> list[Blame]:
        """The blames for `node` not being `want`."""
        if isinstance(node, Logic):
            every = (node.op == "||") is want
            wrong = [op for op in node.operands if every or self.value(op, env) is not want]
            return [entry for operand in wrong for entry in self.verdict(operand, env, want)]
        if isinstance(node, Unary) and node.op == "!":
            return self.verdict(node.operand, env, not want)
        if isinstance(node, Ternary):
            chosen = self.value(node.condition, env)
            if chosen is True:
                return self.verdict(node.yes, env, want)
            if chosen is False or chosen is None:
                return self.verdict(node.no, env, want)
            return self.chains(node.condition, env)
        if isinstance(node, Comprehension) and node.kind in ("all", "exists"):
            if (node.kind == "all") is want:
                return self.elements(node, env, want)
            return self.chains(node.range, env)
        if isinstance(node, Bind):
            scope = {**env, node.key: self.value(node.value, env)}
            self.origins[node.key] = self.chains(node.value, env)
            return self.verdict(node.body, scope, want)
        return _prefer_present(self.chains(node, env))

    def elements(self, node: Comprehension, env: Env, want: bool) -> list[Blame]:
        """The elements of a macro's list or map for which the predicate is not `want`."""
        items = self.value(node.range, env)
        if not isinstance(items, (list, dict)):
            return self.chains(node.range, env)
        result: list[Blame] = []
        scope = dict(env)
        doubts = items.doubts if isinstance(items, Doubted) else {}
        for key, element in list(items.items()) if isinstance(items, dict) else list(enumerate(items)):
            if id(element) in doubts:
                continue  # it decided nothing
            shown = (key, element) if len(node.keys) == 2 else (key if isinstance(items, dict) else element,)
            own = Blame(span_at(items, key) or span_of(element), _container(items), key, element)
            for name, value in zip(node.keys, shown, strict=True):
                scope[name] = value
                self.origins[name] = [own]
            if self.value(node.body, scope) is want:
                continue
            found = self.verdict(node.body, scope, want)
            present = [entry for entry in found if entry.present]
            if present or own.span is None:
                result.extend(present or found or [own])
            elif found:
                result.append(replace(found[0], span=own.span))
            else:
                result.append(own)
        return result

    def chains(self, node: Node, env: Env) -> list[Blame]:
        """The member chains inside an expression."""
        return list(self._chains(node, env))

    def _chains(self, node: Node, env: Env) -> Iterator[Blame]:
        if isinstance(node, Literal):
            return
        if isinstance(node, (Select, Index, Ident, Qualified)):
            yield from self._chain(node, env)
        elif isinstance(node, Comprehension):
            yield from self._chains(node.range, env)
        elif isinstance(node, Bind):
            yield from self.verdict(node, env, True)
        else:
            for child in children(node):
                yield from self._chains(child, env)

    def _chain(self, node: Node, env: Env) -> Iterator[Blame]:
        keys: list[Any] = []
        while isinstance(node, (Select, Index)):
            keys.append(node.field if isinstance(node, Select) else self.value(node.index, env))
            node = node.operand
        keys.reverse()
        if isinstance(node, Qualified):
            name, rest = next(((name, rest) for name, rest in node.names if name in env), ("", ()))
            keys, value = [*rest, *keys], env.get(name)
        elif isinstance(node, Ident):
            name, value = node.name, env.get(node.name)
        else:
            name, value = "", self.value(node, env)
        if name in _BLAMELESS:
            return
        origins = self.origins.get(name)
        if origins is None:
            if name == "" and not isinstance(value, (Map, List)):
                yield from self._chains(node, env)
                return
            origins = [Blame(span_of(value), _container(value), None, value)]
        if not keys:
            yield from (entry for entry in origins if entry.span or entry.container is not None)
            return
        nearest = origins[0] if origins else Blame(span_of(value), None, None, value)
        found = _walk(value, keys, nearest)
        if found is not None:
            yield found


def _walk(value: Any, keys: list[Any], nearest: Blame) -> Blame | None:
    """Follow the keys from `value`, which `nearest` describes, as far as they are present."""
    moved = False
    for key in keys:
        if isinstance(value, OptionalValue):
            value = value.value
        if not isinstance(key, (str, int)):
            break
        if isinstance(value, dict):
            item, written = value.get(key), key in value
        elif isinstance(value, list):
            written = isinstance(key, int) and -1 < key < len(value)
            item = value[int(key)] if written else None
        else:
            break
        if item is None:
            # A null that is written down is a place of its own.
            span = (span_at(value, key) if written else None) or nearest.span or span_of(value)
            return Blame(span, _container(value), key, None)
        nearest = Blame(
            span_at(value, key) or span_of(item) or span_of(value) or nearest.span,
            _container(value),
            key,
            item,
        )
        value, moved = item, True
    return nearest if moved or nearest.container is not None else None


def _container(value: Any) -> Map | List | None:
    return value if isinstance(value, (Map, List)) else None


def _prefer_present(found: list[Blame]) -> list[Blame]:
    """Of what one comparison looked at, the values that are there, if any are."""
    return [entry for entry in found if entry.present] or found
