"""Label selectors, and an index that answers them without looking at every object.

Semantics: `k8s.io/apimachinery/pkg/apis/meta/v1.LabelSelectorAsSelector`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct, field

from readiness.estate.model import Resource

Labels = dict[str, Any]


class Selector(Struct, frozen=True):
    """Pairs that labels must have, and expressions `(key, operator, values)` that must hold too."""

    pairs: tuple[tuple[str, str], ...] = ()
    expressions: tuple[tuple[str, str, frozenset[str]], ...] = ()

    def matches(self, labels: Labels) -> bool:
        """Whether labels satisfy every requirement; a selector without any matches everything."""
        return all(labels.get(key) == value for key, value in self.pairs) and all(
            _holds(labels, *expression) for expression in self.expressions
        )


def _holds(labels: Labels, key: str, operator: str, values: frozenset[str]) -> bool:
    present = key in labels
    if operator == "In":
        return present and _is_in(labels[key], values)
    if operator == "NotIn":
        return not (present and _is_in(labels[key], values))
    return present if operator == "Exists" else not present


def _is_in(value: Any, values: frozenset[str]) -> bool:
    return isinstance(value, str) and value in values


def from_pairs(value: Any) -> Selector | None:
    """A selector that is a plain mapping (of a Service); None where it is absent, empty or unknown."""
    if not isinstance(value, dict) or not value or not _all_text(value.values()):
        return None
    return Selector(tuple(value.items()))


def from_label_selector(value: Any) -> Selector | None:
    """A `LabelSelector`; None where it is absent, unknown or invalid (then it selects nothing)."""
    if not isinstance(value, dict):
        return None
    pairs = _there(value.get("matchLabels"), {})
    if not isinstance(pairs, dict) or not _all_text(pairs.values()):
        return None
    written = _there(value.get("matchExpressions"), [])
    if not isinstance(written, list):
        return None
    expressions = []
    for item in written:
        expression = _expression(item)
        if expression is None:
            return None
        expressions.append(expression)
    return Selector(tuple(pairs.items()), tuple(expressions))


def _there(value: Any, default: Any) -> Any:
    """A value, or the default for one that is absent; an unknown is neither empty nor absent."""
    return default if value is None or value == "" else value


def _expression(item: Any) -> tuple[str, str, frozenset[str]] | None:
    if not isinstance(item, dict):
        return None
    key, operator, values = item.get("key"), item.get("operator"), _there(item.get("values"), [])
    if not isinstance(key, str) or operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
        return None
    if not isinstance(values, list) or not _all_text(values):
        return None
    if (operator in ("In", "NotIn")) != bool(values):
        return None
    return key, operator, frozenset(values)


def _all_text(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


class LabelIndex(Struct):
    """Objects by namespace, by label key and by label pair."""

    everything: list[tuple[Resource, Labels]] = field(default_factory=list)
    _by_namespace: dict[str, list[tuple[Resource, Labels]]] = field(default_factory=dict)
    _by_pair: dict[tuple[str, str, str], list[tuple[Resource, Labels]]] = field(default_factory=dict)
    _by_key: dict[tuple[str, str], list[tuple[Resource, Labels]]] = field(default_factory=dict)

    def add(self, resource: Resource, namespace: str, labels: Labels) -> None:
        """Add an object with the labels that selectors look at."""
        entry = (resource, labels)
        self.everything.append(entry)
        self._by_namespace.setdefault(namespace, []).append(entry)
        for key, value in labels.items():
            self._by_key.setdefault((namespace, key), []).append(entry)
            if isinstance(value, str):
                self._by_pair.setdefault((namespace, key, value), []).append(entry)

    def select(self, namespace: str | None, selector: Selector) -> list[Resource]:
        """The objects of a namespace (of all where it is None) that a selector matches, in order."""
        if namespace is None:
            candidates = self.everything
        else:
            candidates = min(self._candidates(namespace, selector), key=len)
        return [resource for resource, labels in candidates if selector.matches(labels)]

    def _candidates(self, namespace: str, selector: Selector) -> list[list[tuple[Resource, Labels]]]:
        """Lists that each hold every match; the shortest is the cheapest to look through."""
        lists = [self._by_namespace.get(namespace, [])]
        for key, value in selector.pairs:
            lists.append(self._by_pair.get((namespace, key, value), []))
        for key, operator, values in selector.expressions:
            if operator == "In" and len(values) == 1:
                lists.append(self._by_pair.get((namespace, key, next(iter(values))), []))
            elif operator in ("In", "Exists"):
                lists.append(self._by_key.get((namespace, key), []))
        return lists
