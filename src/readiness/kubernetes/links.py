"""Links between Kubernetes objects: selectors, and names in manifests.

Everything goes through indexes by name and by label, so the cost grows with the number of
objects and of links, not with the number of pairs of objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from readiness.estate.model import Link, Resource
from readiness.kubernetes.references import dig, namespace_of, references
from readiness.kubernetes.selectors import LabelIndex, Selector, from_label_selector, from_pairs
from readiness.values import List, Map, Unknown

COPIES_LIMIT = 20
"""Copies of one address that an object elsewhere is linked with; more would be links without end."""


def link(resources: list[Resource]) -> None:
    """Add links, both ways, between the resources of one estate.

    An object without a written namespace is taken to land in `default`.  Where an address is
    declared several times (overlays), those in the folder of the object that names it are meant,
    else all of them.
    """
    linker = _Linker(resources)
    for resource in resources:
        linker.by_name(resource)
        linker.by_selector(resource)


class _Linker:
    """The indexes of one estate, and which links exist already."""

    def __init__(self, resources: list[Resource]) -> None:
        self.names: dict[tuple[str, str, str], list[Resource]] = {}
        self.pods = LabelIndex()
        self.services = LabelIndex()
        self.namespaces: list[Resource] = []
        self.done: set[tuple[int, int, str]] = set()
        for resource in resources:
            namespace = namespace_of(resource)
            key = (resource.type, namespace, resource.name)
            self.names.setdefault(key, []).append(resource)
            if resource.workload is not None:
                self.pods.add(resource, namespace, resource.workload.template_labels)
            if resource.type == "Service":
                labels = resource.labels
                self.services.add(resource, namespace, labels if isinstance(labels, Map) else {})
            elif resource.type == "Namespace":
                self.namespaces.append(resource)

    def by_name(self, resource: Resource) -> None:
        for via, type_, namespace, name in references(resource):
            for target in _nearest(self.names.get((type_, namespace, name), []), resource):
                if target is not resource:
                    self.add(resource, target, via)

    def by_selector(self, resource: Resource) -> None:
        spec = resource.body.get("spec")
        if not isinstance(spec, Map):
            return
        namespace = namespace_of(resource)
        type_ = resource.type
        if type_ == "Service":
            self.select(resource, self.pods, [namespace], from_pairs(spec.get("selector")), "spec.selector")
        elif type_ == "PodDisruptionBudget":
            selector = from_label_selector(spec.get("selector"))
            if selector == Selector() and resource.body.get("apiVersion") != "policy/v1":
                return  # before v1 an empty selector selected nothing
            self.select(resource, self.pods, [namespace], selector, "spec.selector")
        elif type_ == "NetworkPolicy":
            written = spec.get("podSelector")
            selector = Selector() if written is None else from_label_selector(written)
            self.select(resource, self.pods, [namespace], selector, "spec.podSelector")
        elif type_ in ("ServiceMonitor", "PodMonitor"):
            index = self.services if type_ == "ServiceMonitor" else self.pods
            selector = from_label_selector(spec.get("selector"))
            self.select(resource, index, _monitored(spec, namespace), selector, "spec.selector")
        elif type_ == "velero.io/Schedule":
            self.included(resource, dig(spec, "template", "includedNamespaces"))

    def select(
        self,
        resource: Resource,
        index: LabelIndex,
        namespaces: Iterable[str | None],
        selector: Selector | None,
        via: str,
    ) -> None:
        if selector is None:
            return
        for namespace in namespaces:
            for target in _nearest(index.select(namespace, selector), resource):
                if target is not resource:
                    self.add(resource, target, via)

    def included(self, schedule: Resource, names: object) -> None:
        """Namespaces that a backup covers: all of them when none is named."""
        if isinstance(names, Unknown):
            return
        wanted = {name for name in names if isinstance(name, str)} if isinstance(names, List) else {"*"}
        everything = "*" in wanted or not wanted
        matching = [space for space in self.namespaces if everything or space.name in wanted]
        for target in _nearest(matching, schedule):
            self.add(schedule, target, "spec.template.includedNamespaces")

    def add(self, source: Resource, target: Resource, via: str) -> None:
        mark = (id(source), id(target), via)
        if mark in self.done:
            return
        self.done.add(mark)
        source.links.append(Link(target.address, via, target))
        target.links.append(Link(source.address, via, source))


def _monitored(spec: Map, own: str) -> list[str | None]:
    """The namespaces a monitor looks into; `[None]` stands for all."""
    if dig(spec, "namespaceSelector", "any") is True:
        return [None]
    names = dig(spec, "namespaceSelector", "matchNames")
    if isinstance(names, List) and names:
        return list(dict.fromkeys(name for name in names if isinstance(name, str)))
    return [own]


def _nearest(found: list[Resource], resource: Resource) -> Iterator[Resource]:
    """Of each address the copies in the folder of `resource`, else (some of) all of them.

    What Terraform declares for one environment never belongs to another environment of that root.
    """
    folder = _folder(resource)
    copies: dict[str, list[Resource]] = {}
    for other in found:
        if not _apart(other, resource):
            copies.setdefault(other.address, []).append(other)
    for group in copies.values():
        if len(group) > 1:
            near = [other for other in group if other.home == resource.home] or group
            yield from [other for other in near if _folder(other) == folder] or near[:COPIES_LIMIT]
        else:
            yield group[0]


def _apart(one: Resource, other: Resource) -> bool:
    """Whether two objects are of different environments of one root."""
    return one.root == other.root and "" not in (one.variant, other.variant) and one.variant != other.variant


def _folder(resource: Resource) -> str:
    return resource.span.path.rpartition("/")[0]
