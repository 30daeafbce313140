"""Host functions about Kubernetes workloads: containers as they run, whole numbers of percentages, words."""

from __future__ import annotations

import re
from typing import Any

from readiness.estate.model import Estate, Resource
from readiness.kubernetes.defaults import effective_container
from readiness.kubernetes.linking.mentions import namespace_of
from readiness.policy.cel import CelError
from readiness.values import List, Map, Unknown

_PERCENT = re.compile(r"([0-9]+)%")


class Containers:
    """`effective(container)`: the containers of one resource after the other, each worked out once."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._limits: dict[str, list[tuple[Resource, Map]]] | None = None
        self._current: Resource | None = None
        self._done: dict[int, Map] = {}

    def effective(self, current: Resource | None, container: Any) -> Any:
        """A container of `current` as it will run; null and what is no container stay as they are."""
        if current is None or current.workload is None or not isinstance(container, Map):
            return container
        if current is not self._current:
            self._current, self._done = current, {}
        found = self._done.get(id(container))
        if found is None:
            limits = self._limits_of(current)
            found = effective_container(container, current.workload.pod, limits)
            self._done[id(container)] = found
        return found

    def _limits_of(self, current: Resource) -> list[Map]:
        if self._limits is None:
            self._limits = {}
            for limit_range in self._estate.of_type("LimitRange"):
                spec = limit_range.body.get("spec")
                items = spec.get("limits") if isinstance(spec, Map) else None
                for item in items if isinstance(items, List) else ():
                    if isinstance(item, Map):
                        entry = (limit_range, item)
                        self._limits.setdefault(namespace_of(limit_range), []).append(entry)
        found = self._limits.get(namespace_of(current), [])
        return [item for owner, item in found if not _apart(owner, current)]


def _apart(one: Resource, other: Resource) -> bool:
    """Whether two objects are of different environments of one root."""
    return one.root == other.root and "" not in (one.variant, other.variant) and one.variant != other.variant


def scaled(value: Any, total: Any, up: Any) -> Any:
    """A number or percentage as the API counts it: of `total`, rounded up or down to a whole one.

    Null for null.

    Raises:
        CelError: the value is neither a whole number nor a text such as `25%`, or `total` no whole number.

    Source: `GetScaledValueFromIntOrPercent` of `k8s.io/apimachinery/pkg/util/intstr`.
    """
    if value is None or total is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise CelError(f"{_shown(value)} is neither a whole number nor a percentage such as 25%")
    if not isinstance(total, int) or isinstance(total, bool):
        raise CelError(f"{_shown(total)} is no whole number")
    product = int(match[1]) * total
    return -(-product // 100) if up is True else product // 100


def count(number: Any, noun: Any) -> Any:
    """`1 replica`, `2 replicas`; null for null."""
    if number is None or noun is None:
        return None
    if not isinstance(noun, str) or isinstance(number, (bool, Unknown, Map, List)):
        raise CelError("count takes a number and a word")
    return f"{number} {noun}" if number in (1, "1") else f"{number} {_plural(noun)}"


def _plural(noun: str) -> str:
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search(r"(s|x|ch|sh)$", noun) else f"{noun}s"


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, str) else str(value)
