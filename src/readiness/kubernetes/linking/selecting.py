"""Whether what an object selects by labels is there, and what shows that something should be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from readiness.estate.model import Resource
from readiness.kubernetes.linking.links import Indexes, Selection, pod_labels, selections
from readiness.kubernetes.linking.mentions import copy_span
from readiness.kubernetes.linking.names import apart, written_namespace
from readiness.kubernetes.linking.neighbours import NAMED, Neighbours
from readiness.kubernetes.linking.selectors import Selector, from_label_selector, opened_labels
from readiness.values import List, Map, Unknown


class Selecting:
    """The labels of one estate, for questions about single objects."""

    def __init__(self, resources: list[Resource], neighbours: Neighbours) -> None:
        self.indexes = Indexes(resources)
        self.neighbours = neighbours

    def of(self, resource: Resource, ignored: Iterable[str]) -> List:
        """What an object selects by labels: a map for each selector.

        `via`, `selector` (as one line), `found` (or an unknown), `near`: a workload or Service that shows
        that something should be selected, or null; `candidates`.  Labels that are `ignored` are put on
        pods while they run.
        """
        own = _own_selector(resource)
        if own is not None:
            return List([own])
        return List([self._selected(resource, item, frozenset(ignored)) for item in selections(resource)])

    def _selected(self, resource: Resource, item: Selection, ignored: frozenset[str]) -> Map:
        result = _selector_map(resource, item.via, item.selector)
        if item.unknown:
            found = Unknown(f"the selector of {resource.address} is not known", (resource.address,))
            inside = self.indexes.by_name[item.index].inside(item.namespaces)
            result.update(found=found, near=found if inside else None)
            return result
        if item.selector is None:
            return result
        index = self.indexes.by_name[item.index]

        def near(others: Iterable[Resource]) -> Iterator[Resource]:
            return (other for other in others if not apart(other.home, resource.home))

        chosen = [index.objects[place] for place in index.select(item.namespaces, item.selector)]
        if any(not other.maybe or resource.maybe for other in near(chosen)):
            result["found"] = True
            return result
        answer: bool | Unknown = False
        waiting = next(near([*chosen, *index.possible(item.namespaces, item.selector)]), None)
        filled = item.selector.waits_for()
        if waiting is not None:
            answer = Unknown(f"{waiting.address} may be selected", (waiting.address,))
        elif isinstance(written_namespace(resource), Unknown):
            answer = written_namespace(resource)
        elif filled is not None:
            answer = filled
        clue = self._meant(resource, item, ignored)
        open_ = isinstance(answer, Unknown) and (waiting is not None or clue is not None)
        result.update(found=answer, near=answer if open_ else clue)
        if clue is not None:
            spoken = [_spoken(other) for other in islice(near(index.inside(item.namespaces)), NAMED)]
            result["candidates"] = List(spoken if clue in spoken else [clue, *spoken])
        return result

    def _meant(self, resource: Resource, item: Selection, ignored: frozenset[str]) -> str | None:
        index, selector = self.indexes.by_name[item.index], item.selector
        if selector is None:
            return None
        if resource.type in ("ServiceMonitor", "PodMonitor"):
            for other in index.inside(item.namespaces):
                if apart(other.home, resource.home) or not selector.pairs:
                    continue
                pods = other.body.get("spec")
                wanted = pods.get("selector") if isinstance(pods, Map) else None
                same = isinstance(wanted, Map) and all(
                    wanted.get(key) == value for key, value in selector.pairs
                )
                if other.name == resource.name or (other.type == "Service" and same):
                    return _spoken(other)
            return None
        rest = Selector(
            tuple(pair for pair in selector.pairs if pair[0] not in ignored),
            tuple(each for each in selector.expressions if each[0] not in ignored),
        )
        if rest != selector and index.select(item.namespaces, rest):
            return None
        keys = {key for key, _ in rest.pairs} | {key for key, _, _ in rest.expressions}
        for other in self.neighbours.namesakes(resource):
            labels = pod_labels(other)
            if not apart(other.home, resource.home) and isinstance(labels, Map) and keys & set(labels):
                return _spoken(other)
        return None


def _spoken(resource: Resource) -> str:
    return f"{resource.type.rpartition('/')[2]} {resource.name}"


_OWN = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "argoproj.io/Rollout")


def _own_selector(resource: Resource) -> Map | None:
    """The selector of a workload, which must match the labels of its own template."""
    spec = resource.body.get("spec")
    if resource.type not in _OWN or not isinstance(spec, Map) or resource.workload is None:
        return None
    written = spec.get("selector")
    if written is None:
        return None  # a required field that is missing is the matter of the schema
    selector = from_label_selector(written)
    result = _selector_map(resource, "spec.selector", selector)
    labels = pod_labels(resource)
    if isinstance(written, Unknown):
        result["found"] = written
    elif selector is None:
        waiting = next(_unknowns(written), None)
        result["found"] = False if waiting is None else waiting
    elif selector == Selector():
        result["found"] = False  # an empty selector is refused
    elif selector.surely_matches(labels):
        result["found"] = True
    elif selector.waits_for() is not None:
        result["found"] = selector.waits_for()
    elif selector.may_match(labels if isinstance(labels, Unknown) else opened_labels(labels)):
        result["found"] = Unknown(
            f"the labels of the pods of {resource.address} are not known", (resource.address,)
        )
    return result


def _unknowns(value: Any) -> Iterator[Unknown]:
    if isinstance(value, Unknown):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _unknowns(item)


def _selector_map(resource: Resource, via: str, selector: Selector | None) -> Map:
    text = "nothing" if selector is None else str(selector)
    result = Map({"via": via, "selector": text, "found": False, "near": None, "candidates": List()})
    holder: Any = resource.body
    *path, last = via.split(".")
    for key in path:
        holder = holder.get(key) if isinstance(holder, Map) else None
    if isinstance(holder, Map):
        copy_span(result, "selector", holder, last)
    return result
