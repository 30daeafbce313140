"""Links between Kubernetes objects: selectors, and names in manifests.

Everything goes through indexes by name and by label, and objects whose selectors choose the same are
one group, so the cost grows with the number of objects and not with the number of pairs of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from readiness.estate.model import LinkGroup, Resource, connect
from readiness.kubernetes.linking.delivery import delivered
from readiness.kubernetes.linking.folders import Folders
from readiness.kubernetes.linking.mentions import Reference, inner, namespace_of
from readiness.kubernetes.linking.names import Copies, Home, Names, copies_of, folder_of
from readiness.kubernetes.linking.network import grants, needs_grant
from readiness.kubernetes.linking.references import references
from readiness.kubernetes.linking.selectors import LabelIndex, Selector, from_label_selector, from_pairs
from readiness.values import List, Map, Unknown, dig

FEW = 4
"""Targets up to which links are made one by one; more are held as a group."""


def link(
    resources: list[Resource],
    places: Mapping[Home, str] | None = None,
    at_root: Callable[[str], str] = str,
) -> None:
    """Add links, both ways, between the resources of one estate.

    An object without a written namespace is taken to land in `default`.  Where an address is
    declared several times (overlays), those in the home or folder of the object that names it are meant,
    else all of them.  `places` are the folders of rendered homes (of an overlay or chart), by which
    Argo CD and Flux name what they deliver, and `at_root` turns a path from the root of the repository into
    one as it is shown.
    """
    linker = _Linker(resources, places or {}, at_root)
    for resource in resources:
        linker.by_name(resource)
        linker.by_selector(resource)
        linker.by_folder(resource)


class Selection(Struct):
    """What an object selects: where the selector is written, what it is, and among which objects.

    `selector` is None where it selects nothing, or where that is not known (`unknown`).
    """

    via: str
    index: str  # "pods" | "services" | "ingresses"
    namespaces: tuple[str, ...] | None  # None: all of them
    selector: Selector | None
    unknown: bool = False


class Indexes:
    """The labels that selectors look at."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.by_name = {"pods": LabelIndex(), "services": LabelIndex(), "ingresses": LabelIndex()}
        self.pods = self.by_name["pods"]
        for resource in resources:
            if resource.workload is not None:
                self.pods.add(resource, namespace_of(resource), pod_labels(resource))
            if resource.type == "Service":
                self.by_name["services"].add(resource, namespace_of(resource), resource.labels)
            elif resource.type == "Ingress":
                self.by_name["ingresses"].add(resource, namespace_of(resource), resource.labels)


def pod_labels(resource: Resource) -> Map | Unknown:
    """The labels of the pods of a workload; unknown where the template does not say them."""
    labels: Map | Unknown = resource.workload.template_labels if resource.workload is not None else Map()
    if labels:
        return labels
    paths = {"Pod": (), "CronJob": ("spec", "jobTemplate", "spec", "template")}
    value: Any = resource.body
    for key in (*paths.get(resource.type, ("spec", "template")), "metadata", "labels"):
        if isinstance(value, Unknown):
            return value
        value = value.get(key) if isinstance(value, Map) else None
    return value if isinstance(value, Unknown) else labels


def selections(resource: Resource) -> list[Selection]:
    """What an object selects by labels."""
    found = _SELECTIONS.get(resource.type)
    spec = resource.body.get("spec")
    if found is None or not isinstance(spec, Map):
        return []
    return [found(resource, spec, namespace_of(resource))]


def _selection(
    via: str, index: str, namespaces: tuple[str, ...] | None, written: Any, selector: Selector | None
) -> Selection:
    return Selection(via, index, namespaces, selector, selector is None and _has_unknown(written))


def _has_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_unknown, value.values()))
    return any(map(_has_unknown, value)) if isinstance(value, list) else isinstance(value, Unknown)


def _service(resource: Resource, spec: Map, namespace: str) -> Selection:
    written = spec.get("selector")
    return _selection("spec.selector", "pods", (namespace,), written, from_pairs(written))


def _budget(resource: Resource, spec: Map, namespace: str) -> Selection:
    written = spec.get("selector")
    selector = from_label_selector(written)
    if selector == Selector() and resource.body.get("apiVersion") != "policy/v1":
        selector = None  # before v1 an empty selector selected nothing
    return _selection("spec.selector", "pods", (namespace,), written, selector)


def _policy(resource: Resource, spec: Map, namespace: str) -> Selection:
    written = spec.get("podSelector")
    selector = Selector() if written is None else from_label_selector(written)
    return _selection("spec.podSelector", "pods", (namespace,), written, selector)


def _monitor(index: str) -> Callable[[Resource, Map, str], Selection]:
    def found(resource: Resource, spec: Map, namespace: str) -> Selection:
        written = spec.get("selector")
        return _selection(
            "spec.selector", index, _monitored(spec, namespace), written, from_label_selector(written)
        )

    return found


def _probe(resource: Resource, spec: Map, namespace: str) -> Selection:
    target = inner(spec, "targets", "ingress")
    written = target.get("selector")
    namespaces = _monitored(target, namespace)
    selector = from_label_selector(written)
    return _selection("spec.targets.ingress.selector", "ingresses", namespaces, written, selector)


def _mesh_gateway(resource: Resource, spec: Map, namespace: str) -> Selection:
    # Workloads of every namespace; a gateway without a selector is that of all of them.
    written = spec.get("selector")
    return _selection("spec.selector", "pods", None, written, from_pairs(written))


def _mesh_policy(resource: Resource, spec: Map, namespace: str) -> Selection:
    written = spec.get("selector")
    selector = from_label_selector(written)
    return _selection("spec.selector", "pods", (namespace,), written, selector)


_SELECTIONS: dict[str, Callable[[Resource, Map, str], Selection]] = {
    "Service": _service,
    "PodDisruptionBudget": _budget,
    "NetworkPolicy": _policy,
    "ServiceMonitor": _monitor("services"),
    "PodMonitor": _monitor("pods"),
    "Probe": _probe,
    "networking.istio.io/Gateway": _mesh_gateway,
    "AuthorizationPolicy": _mesh_policy,
    "PeerAuthentication": _mesh_policy,
}


def _monitored(spec: Map, own: str) -> tuple[str, ...] | None:
    """The namespaces a monitor looks into; None stands for all."""
    if dig(spec, "namespaceSelector", "any") is True:
        return None
    names = dig(spec, "namespaceSelector", "matchNames")
    if isinstance(names, List) and names:
        return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))
    return (own,)


class _Linker:
    """The indexes of one estate, and the groups that were made."""

    def __init__(
        self, resources: list[Resource], places: Mapping[Home, str], at_root: Callable[[str], str]
    ) -> None:
        self.at_root = at_root
        self.names = Names(resources)
        self.indexes = Indexes(resources)
        self.folders = Folders(resources, places)
        self.grants: dict[str, list[Resource]] = {}
        for resource in resources:
            if resource.type == "ReferenceGrant":
                self.grants.setdefault(namespace_of(resource), []).append(resource)
        self._chosen: dict[tuple[str, frozenset[int]], Copies] = {}
        self._near: dict[tuple[int, Any], list[Resource]] = {}
        self._groups: dict[tuple[int, str], LinkGroup] = {}

    def by_name(self, resource: Resource) -> None:
        done: set[tuple[int, str]] = set()
        for reference in references(resource):
            if isinstance(reference.name, str) and isinstance(reference.namespace, str):
                found = self.names.find(reference.type, reference.namespace, reference.name, resource)
                self.add(resource, found, reference.via, done)
                if found and self.grants:
                    self.add(resource, self.granting(resource, reference), reference.via, done)
        self.add(resource, self.names.definition(resource), "apiVersion", done)

    def granting(self, resource: Resource, reference: Reference) -> list[Resource]:
        """The grants by which a route or gateway may refer to an object of another namespace."""
        here = self.grants.get(reference.namespace, [])
        if not needs_grant(resource, reference):
            return []
        granting = [grant for grant in here if grants(grant, resource, reference) is True]
        return copies_of(granting).nearest(resource)

    def by_selector(self, resource: Resource) -> None:
        for item in selections(resource):
            if item.selector is not None:
                index = self.indexes.by_name[item.index]
                chosen = index.select(item.namespaces, item.selector)
                self.join(resource, item.index, index.objects, chosen, item.via)
        if resource.type in ("velero.io/Schedule", "velero.io/Backup"):
            self.backup(resource)

    def backup(self, resource: Resource) -> None:
        """Link a backup with the namespaces that it covers, at least in part."""
        path = ("spec", "template") if resource.type == "velero.io/Schedule" else ("spec",)
        spec = inner(resource.body, *path)
        included, excluded = _globs(spec.get("includedNamespaces")), _globs(spec.get("excludedNamespaces"))
        if included is None or excluded is None:
            return
        spaces = self.names.spaces.objects
        chosen = frozenset(
            place
            for place, space in enumerate(spaces)
            if (not included or any(fnmatchcase(space.name, glob) for glob in included))
            and not any(fnmatchcase(space.name, glob) for glob in excluded)
        )
        self.join(resource, "spaces", spaces, chosen, ".".join((*path, "includedNamespaces")))

    def by_folder(self, resource: Resource) -> None:
        for item in delivered(resource):
            chosen = self.folders.inside(self.at_root(item.path), item.pattern) - {
                self.folders.place(resource)
            }
            self.join(resource, "folders", self.folders.objects, chosen, item.via)

    def join(
        self, resource: Resource, index: str, objects: list[Resource], chosen: frozenset[int], via: str
    ) -> None:
        """Link with the nearest of what was chosen; objects that are meant the same share a group."""
        if not chosen:
            return
        copies = self._chosen.get((index, chosen))
        if copies is None:
            copies = self._chosen[index, chosen] = copies_of(objects[place] for place in sorted(chosen))
        context: Any = None
        if not copies.plain:
            context = (resource.home, folder_of(resource) if copies.folders else "")
        key = (id(copies), context)
        found = self._near.get(key)
        if found is None:
            found = self._near[key] = copies.nearest(resource)
        if len(found) <= FEW:
            self.add(resource, found, via, set())
            return
        group = self._groups.get((id(found), via))
        if group is None:
            group = self._groups[id(found), via] = LinkGroup(via, found)
            for target in found:
                target.links.join(group, False)
        group.sources.append(resource)
        resource.links.join(group, True)

    def add(self, source: Resource, targets: list[Resource], via: str, done: set[tuple[int, str]]) -> None:
        for target in targets:
            mark = (id(target), via)
            if target is not source and mark not in done:
                done.add(mark)
                connect(source, target, via)


def _globs(value: Any) -> list[str] | None:
    """Patterns of namespaces; None where one of them is not known.

    Velero takes globs since 1.18; a name without `*`, `?` or `[` means itself.
    """
    if isinstance(value, Unknown):
        return None
    if not isinstance(value, List):
        return []
    if any(isinstance(item, Unknown) for item in value):
        return None
    return [item for item in value if isinstance(item, str)]
