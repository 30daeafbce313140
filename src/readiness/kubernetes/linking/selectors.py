"""Label selectors, and an index that answers them without looking at every object.

Semantics: `k8s.io/apimachinery/pkg/apis/meta/v1.LabelSelectorAsSelector`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct, field

from readiness.estate.model import Resource
from readiness.kubernetes.placeholders import is_open, open_name
from readiness.values import Unknown

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

    def surely_matches(self, labels: Labels | Unknown) -> bool:
        """Whether labels of which some are unknown satisfy every requirement, whatever these are."""
        if isinstance(labels, Unknown):
            return self == Selector()
        open_keys = {key for key, value in labels.items() if isinstance(value, Unknown)}
        return self.matches(labels) and not any(
            key in open_keys and operator == "NotIn" for key, operator, _ in self.expressions
        )

    def may_match(self, labels: Labels | Unknown) -> bool:
        """Whether labels of which some are unknown may satisfy every requirement."""
        if isinstance(labels, Unknown):
            return True
        known = {key: value for key, value in labels.items() if not isinstance(value, Unknown)}
        return all(
            not labels[key].differs(value) if key in labels and key not in known else known.get(key) == value
            for key, value in self.pairs
        ) and all(
            _holds(labels, key, operator, values)
            or (key in labels and key not in known and operator in ("In", "NotIn"))
            for key, operator, values in self.expressions
        )

    def waits_for(self) -> Unknown | None:
        """What is filled in later in this, where anything is."""
        texts = (
            *(value for _, value in self.pairs),
            *(text for e in self.expressions for text in sorted(e[2])),
        )
        return next((open_name(text) for text in texts if is_open(text)), None)

    def __str__(self) -> str:
        parts = [f"{key}={value}" for key, value in self.pairs]
        for key, operator, values in self.expressions:
            listed = f" ({', '.join(sorted(values))})" if values else ""
            parts.append(f"{key} {_SPELLED[operator]}{listed}")
        return ",".join(parts) or "everything"


_NEGATIVE = ("NotIn", "DoesNotExist")
_SPELLED = {"In": "in", "NotIn": "not in", "Exists": "exists", "DoesNotExist": "does not exist"}


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


def opened_labels(labels: Labels) -> Labels:
    """Labels with unknowns for those that are filled in later."""
    return {key: open_name(value) if is_open(value) else value for key, value in labels.items()}


def _all_text(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


class LabelIndex(Struct):
    """Objects by namespace and by label, as sets of their places in `objects`."""

    objects: list[Resource] = field(default_factory=list)
    labels: list[Labels | Unknown] = field(default_factory=list)  # unknown where they are filled in later
    # Those of which a label, or all of them, are not known.
    open: set[int] = field(default_factory=set)
    _everything: set[int] = field(default_factory=set)
    _by_namespace: dict[str, set[int]] = field(default_factory=dict)
    _by_pair: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    _by_key: dict[str, set[int]] = field(default_factory=dict)
    _listed: dict[tuple[str, ...] | None, list[Resource]] = field(default_factory=dict)
    _chosen: dict[tuple[tuple[str, ...] | None, Selector], frozenset[int]] = field(default_factory=dict)

    def add(self, resource: Resource, namespace: str, labels: Labels | Unknown) -> None:
        """Add an object with the labels that selectors look at."""
        place = len(self.objects)
        self.objects.append(resource)
        self.labels.append(labels)
        self._everything.add(place)
        self._by_namespace.setdefault(namespace, set()).add(place)
        if isinstance(labels, Unknown):
            self.open.add(place)
            return
        for key, value in labels.items():
            self._by_key.setdefault(key, set()).add(place)
            if isinstance(value, str):
                self._by_pair.setdefault((key, value), set()).add(place)
            if isinstance(value, Unknown) or is_open(value):
                self.open.add(place)
                self.labels[place] = opened_labels(labels)

    def select(self, namespaces: tuple[str, ...] | None, selector: Selector) -> frozenset[int]:
        """The places of the objects of namespaces (of all where it is None) that a selector matches.

        Objects whose labels are not known well enough are not among them: see `possible`.
        """
        found = self._chosen.get((namespaces, selector))
        if found is None:
            found = self._chosen[namespaces, selector] = self._select(namespaces, selector)
        return found

    def possible(self, namespaces: tuple[str, ...] | None, selector: Selector) -> Iterator[Resource]:
        """The objects of which it is not known whether a selector matches them."""
        if not self.open:
            return
        chosen = self.select(namespaces, selector)
        for place in sorted(self.open & self._inside(namespaces)):
            if place not in chosen and selector.may_match(self.labels[place]):
                yield self.objects[place]

    def inside(self, namespaces: tuple[str, ...] | None) -> list[Resource]:
        """The objects of namespaces, in order; not to be changed."""
        found = self._listed.get(namespaces)
        if found is None:
            found = [self.objects[place] for place in sorted(self._inside(namespaces))]
            self._listed[namespaces] = found
        return found

    def _inside(self, namespaces: tuple[str, ...] | None) -> set[int]:
        if namespaces is None:
            return self._everything
        if len(namespaces) == 1:
            return self._by_namespace.get(namespaces[0], set())
        return set().union(*(self._by_namespace.get(name, set()) for name in namespaces))

    def _select(self, namespaces: tuple[str, ...] | None, selector: Selector) -> frozenset[int]:
        wanted = [self._by_pair.get(pair, set()) for pair in selector.pairs]
        unwanted: list[set[int]] = [self.open] if any(e[1] in _NEGATIVE for e in selector.expressions) else []
        for key, operator, values in selector.expressions:
            valued = [self._by_pair[key, value] for value in values if (key, value) in self._by_pair]
            if operator == "In":
                wanted.append(valued[0] if len(valued) == 1 else set().union(*valued))
            elif operator == "NotIn":
                unwanted += valued
            elif operator == "Exists":
                wanted.append(self._by_key.get(key, set()))
            else:
                unwanted.append(self._by_key.get(key, set()))
        first, *others = sorted([self._inside(namespaces), *wanted], key=len)
        result = first.intersection(*others) if others else first
        if unwanted and self.open:
            # An object with an unknown label may still say enough to be selected.
            clear = {place for place in result & self.open if selector.surely_matches(self.labels[place])}
            return frozenset(result.difference(*unwanted) | clear)
        return frozenset(result.difference(*unwanted) if unwanted else result)
