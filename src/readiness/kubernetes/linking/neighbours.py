"""The objects of one kind in one namespace, by name: what a missing name may have been meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from readiness.estate.model import Resource, in_view
from readiness.kubernetes.linking.mentions import namespace_of
from readiness.kubernetes.linking.names import Names
from readiness.kubernetes.linking.similar import Similar

WORKLOAD = "workload"
"""Stands for every kind with a pod template that runs for long."""

NAMED = 12
"""Names that a message lists at most."""


class Neighbours:
    """Objects by type and namespace, then by name; made when they are first asked for."""

    def __init__(self, resources: Iterable[Resource], names: Names) -> None:
        self._resources = resources
        self._names = names
        self._by_place: dict[tuple[str, str], dict[str, list[Resource]]] | None = None
        self._similar: dict[tuple[str, str], Similar] = {}

    def beside(self, type_: str, namespace: str) -> dict[str, list[Resource]]:
        """The objects of a type in a namespace, by name."""
        if self._by_place is None:
            self._by_place = {}
            for (found, place, name), group in self._names.items():
                self._by_place.setdefault((found, place), {})[name] = group
            for other in self._resources:
                if in_view(other, WORKLOAD):
                    workloads = self._by_place.setdefault((WORKLOAD, namespace_of(other)), {})
                    workloads.setdefault(other.name, []).append(other)
        return self._by_place.get((type_, namespace), {})

    def similar(self, type_: str, namespace: str) -> Similar:
        """Their names, to compare another with."""
        found = self._similar.get((type_, namespace))
        if found is None:
            found = self._similar[type_, namespace] = Similar(self.beside(type_, namespace))
        return found

    def namesakes(self, resource: Resource) -> Iterator[Resource]:
        """The workloads of the namespace of a resource whose names begin as its own, or it as theirs."""
        namespace = namespace_of(resource)
        beside = self.beside(WORKLOAD, namespace)
        for name in self.similar(WORKLOAD, namespace).related(resource.name):
            yield from beside[name]
