"""The rules of `PrometheusRule` objects: alerts, recordings, and what the recordings measure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from readiness.estate.model import Resource
from readiness.operations.promql import Expression, analyse, recorded_window
from readiness.operations.promql_model import Selector
from readiness.values import Map, maps

RULES = "PrometheusRule"
"""The type of all rule files, wherever they are written."""

_DEPTH = 5
"""Recordings of recordings that are followed."""


class Rule(NamedTuple):
    """One rule: the object that holds it, its body, and its expression where that is known."""

    resource: Resource
    body: Map
    expression: Expression | None

    @property
    def alert(self) -> str | None:
        """The name of an alert, None for a recording."""
        name = self.body.get("alert")
        return name if isinstance(name, str) else None

    @property
    def record(self) -> str | None:
        """The metric that a recording writes, None for an alert."""
        name = self.body.get("record")
        return name if isinstance(name, str) and "alert" not in self.body else None


def rules(resource: Resource) -> Iterator[Rule]:
    """The rules of an object; groups and rules that are no mappings are passed over."""
    spec = resource.body.get("spec")
    groups = spec.get("groups") if isinstance(spec, Map) else None
    for group in maps(groups):
        for body in maps(group.get("rules")):
            text = body.get("expr")
            known = isinstance(text, (str, int, float)) and not isinstance(text, bool)
            yield Rule(resource, body, analyse(str(text)) if known else None)


class Recordings:
    """The recording rules of an estate by the metric that they write."""

    def __init__(self, found: Iterable[Rule]) -> None:
        self._by_name: dict[str, list[Rule]] = {}
        for rule in found:
            if rule.record is not None:
                self._by_name.setdefault(rule.record, []).append(rule)

    def windows(self) -> dict[str, float]:
        """The window in seconds of each recorded metric for which all of its rules agree on one."""
        found: dict[str, float] = {}
        for name, written in self._by_name.items():
            measured = {recorded_window(rule.expression) if rule.expression else None for rule in written}
            only = measured.pop() if len(measured) == 1 else None
            if only is not None:
                found[name] = only
        return found

    def selectors(self, expression: Expression) -> list[Selector]:
        """The selectors of an expression, and those of the recordings that it reads, and so on."""
        found: list[Selector] = []
        seen: set[str] = set()
        left = [(selector, 0) for selector in reversed(expression.selectors)]
        while left:
            selector, depth = left.pop()
            found.append(selector)
            name = selector.metric
            if name is None or name in seen or depth >= _DEPTH:
                continue
            seen.add(name)
            for rule in self._by_name.get(name, ()):
                if rule.expression is not None and not _contradicts(selector, rule.body.get("labels")):
                    left += [(inner, depth + 1) for inner in reversed(rule.expression.selectors)]
        return found


def _contradicts(selector: Selector, labels: Any) -> bool:
    """Whether a recording adds labels with which its series are not selected."""
    if not isinstance(labels, Map):
        return False
    return any(
        selector.equal(key) not in (None, value) for key, value in labels.items() if isinstance(value, str)
    )
