"""Merging lists whose items are told apart by keys, also where keys are missing or repeated.

Source: `kyaml/yaml/walk/associative_sequence.go`, and `ElementSetter` in `kyaml/yaml/fns.go`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from readiness.kubernetes.overlays.edit import Place, put
from readiness.kubernetes.overlays.model import text_of
from readiness.values import Map, Span

LIST_LIMIT = 1000
"""Items that are merged although some have no key or the key of another: that takes their number squared."""

Combine = Callable[[Any, Any], tuple[Any, bool]]
Keys = tuple[str, ...]
Values = tuple[str, ...]


class TooLongError(Exception):
    """More items than LIST_LIMIT, and some lack a key or have that of another."""


class Item(NamedTuple):
    """An item of a list and its place."""

    value: Any
    span: Span | None


def merge_keyed(old: list[Item], new: list[Item], keys: Keys, combine: Combine, removed: Any) -> list[Item]:
    """The items of a patch merged with those they stand for, then the others.

    Raises:
        TooLongError: there are too many for what is odd about them.
    """
    used = tuple(key for key in keys if any(_text(item, key) for item in (*new, *old))) or keys
    by_old, by_new = _indexed(old, used), _indexed(new, used)
    if by_old is None or by_new is None:
        if len(old) + len(new) > LIST_LIMIT:
            raise TooLongError
        return _Slow(old, new, keys, combine, removed).result()
    merged: dict[Values, Item] = {}
    for values, item in {**by_new, **by_old}.items():
        before, after = by_old.get(values), by_new.get(values)
        value, changed = combine(before and before.value, after and after.value)
        if value is removed or value == {}:
            continue
        if not changed and before is not None:
            # Kustomize puts the item that was there over the one that is to replace it.
            value = before.value
        merged[values] = Item(value, item.span)
    if len(used) == 1:
        return list(merged.values())
    # With several keys, what was there comes last, in the order that it had.
    added = [item for values, item in merged.items() if values not in by_old]
    return added + [merged[values] for values in by_old if values in merged]


def _indexed(items: list[Item], keys: Keys) -> dict[Values, Item] | None:
    """Items by the values of their keys; None where one has not all of them, or two have the same."""
    found: dict[Values, Item] = {}
    for item in items:
        values = tuple(_text(item, key) for key in keys)
        if not all(values) or values in found:
            return None
        found[values] = item
    return found


def _text(item: Item, key: str) -> str:
    return text_of(item.value.get(key)) if isinstance(item.value, Map) else ""


class _Slow:
    """The same step by step as Kustomize goes: what it gives for odd lists follows from its steps alone."""

    def __init__(self, old: list[Item], new: list[Item], keys: Keys, combine: Combine, removed: Any) -> None:
        self.old, self.new, self.keys, self.combine, self.removed = old, new, keys, combine, removed
        self.alone = old is new  # a list that stands for both: what is taken from one is gone from the other

    def result(self) -> list[Item]:
        listed = self._values()
        if not listed:
            return self.old
        added: list[Item] = []
        keys: Keys = self.keys
        for values in listed:
            keys, wanted = _valid(listed, values, self.keys)
            value, span = self._merged(*_valid([wanted], wanted, keys))
            if value is None or value is self.removed or value == {}:
                self.old = _set(self.old, None, keys, wanted)
                self.new = self.old if self.alone else self.new
                continue
            for key, text in zip(keys, wanted, strict=True):
                if isinstance(value, Map) and key not in value and text:
                    value = put(value, key, text, Place(span, span))
            added = _set(added, Item(value, span), keys, wanted)
        return self._with_rest(added, keys)

    def _values(self) -> list[Values]:
        found: dict[Values, None] = {}
        for item in (*self.new, *self.old):
            found[tuple(_text(item, key) for key in self.keys)] = None
        listed = list(found)
        if len(self.keys) > 1:
            for first in range(len(listed)):
                for second in range(len(listed)):
                    both = _same(listed[first], listed[second])
                    if both is not None:
                        listed[first] = listed[second] = both
        return listed

    def _merged(self, keys: Keys, values: Values) -> tuple[Any, Span | None]:
        index = _first(self.old, keys, values)
        other = _first(self.new, keys, values)
        if index is None and other is None:
            return None, None
        before = None if index is None else self.old[index]
        after = None if other is None else self.new[other]
        value, changed = self.combine(before and before.value, after and after.value)
        span = before.span if before is not None else after.span if after is not None else None
        if changed and index is not None and value is not self.removed:
            self.old[index] = Item(value, span)
        return value, span

    def _with_rest(self, added: list[Item], keys: Keys) -> list[Item]:
        for item in self.old:
            values: list[str] = []
            for key in keys:
                if isinstance(item.value, Map) and key in item.value:
                    values.append(text_of(item.value[key]))
                else:
                    added = [*added, item]
            if len(keys) > 1:
                added = _set(added, None, keys, tuple(values))
            added = _set(added, item, keys, tuple(values))
        return added


def _same(first: Values, second: Values) -> Values | None:
    """Two sets of values as one where they differ only in what one of them leaves out."""
    if not any(one == other for one, other in zip(first, second, strict=True)):
        return None
    if any(one != other and one and other for one, other in zip(first, second, strict=True)):
        return None
    return tuple(one or other for one, other in zip(first, second, strict=True))


def _valid(listed: list[Values], values: Values, keys: Keys) -> tuple[Keys, Values]:
    """The keys that any item has, and the values for them."""
    used = {keys[index] for found in listed for index, value in enumerate(found) if value}
    if not used:
        return keys, values
    kept = tuple(value for key, value in zip(keys, values, strict=True) if value or key in used)
    return tuple(key for key in keys if key in used), kept


def _first(items: list[Item], keys: Keys, values: Values) -> int | None:
    for index, item in enumerate(items):
        if isinstance(item.value, Map) and all(
            key in item.value and text_of(item.value[key]) == text
            for key, text in zip(keys, values, strict=True)
        ):
            return index
    return None


def _set(items: list[Item], element: Item | None, keys: Keys, values: Values) -> list[Item]:
    """Put an element in the place of those with its values, or at the end; None removes them."""
    result: list[Item] = []
    found = False
    for item in items:
        if item.value is None or item.value == {}:
            continue
        if not isinstance(item.value, Map):
            result.append(item)
        elif not _matches(item.value, keys, values):
            if values:
                result.append(item)
        else:
            found = True
            if element is not None:
                result.append(element)
    if element is not None and not found:
        result.append(element)
    return result


def _matches(value: Map, keys: Keys, values: Values) -> bool:
    # Kustomize lets an empty text stand for any value here, and only here.
    return bool(values) and all(
        key in value and (not text or text_of(value[key]) == text)
        for key, text in zip(keys, values, strict=False)
    )
