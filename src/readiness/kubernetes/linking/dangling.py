"""Whether what an object names is there, and what shows that it should be.

An object that is not in the files may come from a chart, an operator or another repository.  So besides
whether it was found this says what shows that it belongs in these files: a name that is almost the same,
or others of its kind that are kept beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from readiness.estate.model import Resource
from readiness.kubernetes.kinds import is_cluster_scoped
from readiness.kubernetes.linking.entries import entries_of
from readiness.kubernetes.linking.makers import Makers
from readiness.kubernetes.linking.mentions import Reference, copy_span, namespace_of
from readiness.kubernetes.linking.names import Names, apart, folder_of, written_namespace
from readiness.kubernetes.linking.neighbours import NAMED, WORKLOAD, Neighbours
from readiness.kubernetes.linking.network import grants, needs_grant
from readiness.kubernetes.linking.references import references
from readiness.kubernetes.placeholders import is_open, may_become, open_name
from readiness.values import List, Map, Unknown

# What is in every cluster, or in each namespace of it.
# Sources: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings,
# …/concepts/scheduling-eviction/pod-priority-preemption/,
# …/tasks/configure-pod-container/configure-service-account/,
# …/concepts/overview/working-with-objects/namespaces/#initial-namespaces
_BUILT_IN = {
    "ServiceAccount": ("default",),
    "ClusterRole": ("cluster-admin", "admin", "edit", "view", "system:*"),
    "Role": ("system:*", "extension-apiserver-authentication-reader"),
    "PriorityClass": ("system-cluster-critical", "system-node-critical"),
    "ConfigMap": ("kube-root-ca.crt", "openshift-service-ca.crt", "extension-apiserver-authentication"),
    "Namespace": ("default", "kube-system", "kube-public", "kube-node-lease"),
    "AppProject": ("default",),
    "Service": ("kubernetes",),
}
_WORKLOAD_VIAS = ("scaleTargetRef", "targetRef", "workloadRef")


class Dangling:
    """The names of one estate, for questions about single objects."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources = [resource for resource in resources if resource.platform == "kubernetes"]
        self.names = Names(self.resources)
        self.makers = Makers(resources)
        self.neighbours = Neighbours(self.resources, self.names)
        self._by_name: dict[tuple[str, str], list[Resource]] | None = None
        self._kept: set[tuple[Any, str, str]] | None = None
        self._open: dict[str, list[Resource]] | None = None

    def references(self, resource: Resource, patterns: Iterable[str]) -> List:
        """What an object names, of some types: a map for each mention.

        `via`, `type`, `namespace`, `name`, `optional`; `found` (or an unknown); `near`, a similar name
        that is there, or null; `kept`, whether others of the type are kept beside it; `candidates`,
        names of its type; `granted`, for the Gateway API; `entries`, keys that are asked for.
        """
        patterns = tuple(patterns)
        return List(
            [
                self._described(resource, reference)
                for reference in references(resource)
                if any(reference.type == p or fnmatchcase(reference.type, p) for p in patterns)
            ]
        )

    def _described(self, resource: Resource, reference: Reference) -> Map:
        found, targets = self.found(resource, reference)
        via, type_, namespace, name, holder, key, optional, _ = reference
        result = Map({"via": via, "type": type_, "kind": type_.rpartition("/")[2], "namespace": namespace})
        result.update(name=name, optional=optional, found=found, near=None, kept=False, granted=None)
        result.update(candidates=List(), entries=List())
        if holder is not None:
            copy_span(result, "name", holder, key)
        if found is True:
            result["entries"] = entries_of(reference, targets)
            if needs_grant(resource, reference):
                result["granted"] = self._granted(resource, reference)
        elif found is name or found is namespace or is_open(name) or is_open(namespace):
            # What is not known may name whatever of its type is there.
            there = isinstance(namespace, Unknown) or bool(self.neighbours.beside(*_family(reference)))
            result["near"] = found if there else None
        else:
            near, kept = self._near(resource, reference), self._is_kept(resource, reference)
            unknown = isinstance(found, Unknown)
            result["near"] = found if unknown and near is not None else near
            result["kept"] = found if unknown and kept else kept
            result["candidates"] = self._candidates(reference, near)
        return result

    def _candidates(self, reference: Reference, near: str | None) -> List:
        family = _family(reference)
        beside = self.neighbours.beside(*family)
        names = self.neighbours.similar(*family).names[:NAMED]
        if near is not None and near not in names:
            names = [near, *names]
        if family[0] != WORKLOAD:
            return List(names)
        spoken = [f"{other.type.rpartition('/')[2]} {name}" for name in names for other in beside[name]]
        return List(dict.fromkeys(spoken))

    def found(self, resource: Resource, reference: Reference) -> tuple[bool | Unknown, list[Resource]]:
        """Whether what a reference names is there, and the objects that it means."""
        for part in (reference.name, reference.namespace):
            if isinstance(part, Unknown):
                same = [other for other in self._unnamed(reference.type) if _name(other) is part]
                return (True, same) if same else (part, [])
        type_, namespace, name = reference.type, reference.namespace, reference.name
        targets = self.names.find(type_, namespace, name, resource)
        certain = [target for target in targets if not target.maybe or resource.maybe]
        if certain or any(fnmatchcase(name, pattern) for pattern in _BUILT_IN.get(type_, ())):
            return True, certain
        if targets:
            return Unknown(f"the number of {targets[0].address} is not known", (targets[0].address,)), targets
        for text in (name, namespace):
            if is_open(text):
                return open_name(text), []
        return self._possibly(resource, reference), []

    def _possibly(self, resource: Resource, reference: Reference) -> bool | Unknown:
        type_, namespace, name = reference.type, reference.namespace, reference.name
        # The namespace of the object itself matters where the reference is taken from there.
        own = written_namespace(resource) if namespace == namespace_of(resource) != "" else ""
        if isinstance(own, Unknown):
            return own
        for other in self._unnamed(type_):
            meant = may_become(other.name, name) or isinstance(_name(other), Unknown)
            if meant and not apart(other.home, resource.home):
                return Unknown(f"{other.address} may be it: its name is not known", (other.address,))
        for other in self._elsewhere(type_, name) if namespace else ():
            there = written_namespace(other)
            open_ = own is None or not isinstance(there, str) or is_open(there)
            if open_ and not apart(other.home, resource.home):
                why = f"{other.address} may be it: not every namespace is written"
                return Unknown(why, (other.address,))
        maker = self.makers.of(type_, namespace, name)
        if maker is not None:
            return Unknown(f"{maker.address} may make it", (maker.address,))
        return False

    def _unnamed(self, type_: str) -> list[Resource]:
        """The objects of a type whose name or namespace is not known."""
        if self._open is None:
            self._open = {}
            for resource in self.resources:
                metadata = resource.body.get("metadata")
                parts = [metadata]
                if isinstance(metadata, Map):
                    parts = [metadata.get("name"), metadata.get("namespace")]
                if any(isinstance(part, Unknown) or is_open(part) for part in parts):
                    self._open.setdefault(resource.type, []).append(resource)
        return self._open.get(type_, [])

    def _elsewhere(self, type_: str, name: str) -> list[Resource]:
        """The objects of a type and name in whatever namespace."""
        if self._by_name is None:
            self._by_name = {}
            for (found, _, text), group in self.names.items():
                self._by_name.setdefault((found, text), []).extend(group)
        return self._by_name.get((type_, name), [])

    def _near(self, resource: Resource, reference: Reference) -> str | None:
        """A name of the type that shows that the missing one should be here."""
        family = _family(reference)
        beside = self.neighbours.beside(*family)

        def here(name: str) -> bool:
            return any(not apart(other.home, resource.home) for other in beside[name])

        similar = self.neighbours.similar(*family)
        if reference.type == "Service" or family[0] == WORKLOAD:
            # Services and workloads of one application share the beginning of their names.
            if resource.name in beside and here(resource.name):
                return resource.name
            for name in similar.related(reference.name):
                if here(name):
                    return name
        found = similar.mistaken(reference.name)
        return found if found is not None and here(found) else None

    def _is_kept(self, resource: Resource, reference: Reference) -> bool:
        """Whether objects of the type that this one's neighbours name are kept beside it.

        Only where it is certain where things land: in a rendered home, or with a written namespace.
        """
        if not _settled(resource):
            return False
        if self._kept is None:
            self._kept = {
                (unit_of(other), mention.type, mention.namespace)
                for other in self.resources
                for mention in references(other)
                if isinstance(mention.name, str) and isinstance(mention.namespace, str)
                for target in self.names.find(mention.type, mention.namespace, mention.name, other)
                if unit_of(target) == unit_of(other)
            }
        return (unit_of(resource), reference.type, reference.namespace) in self._kept

    def _granted(self, resource: Resource, reference: Reference) -> bool | Unknown:
        answer: bool | Unknown = False
        for grant in self._grants(reference.namespace):
            if apart(grant.home, resource.home):
                continue
            one = grants(grant, resource, reference)
            if one is True:
                return True
            answer = one if isinstance(one, Unknown) else answer
        return answer

    def _grants(self, namespace: str) -> Iterator[Resource]:
        for resource in self.resources:
            if resource.type == "ReferenceGrant" and namespace_of(resource) == namespace:
                yield resource


def _name(resource: Resource) -> Any:
    metadata = resource.body.get("metadata")
    return metadata.get("name") if isinstance(metadata, Map) else metadata


def unit_of(resource: Resource) -> Any:
    """What is applied together: a rendered home, else the folder of the file."""
    return resource.home if _rendered(resource) else folder_of(resource)


def _rendered(resource: Resource) -> bool:
    return resource.home != (".", "")


def _settled(resource: Resource) -> bool:
    if is_cluster_scoped(resource.type):
        return True
    return _rendered(resource) or isinstance(written_namespace(resource), str)


def _family(reference: Reference) -> tuple[str, str]:
    """The type and namespace of what could be meant: workloads of every kind for an autoscaler."""
    workload = reference.via.rpartition(".")[2] in _WORKLOAD_VIAS
    return (WORKLOAD if workload else reference.type, reference.namespace)
