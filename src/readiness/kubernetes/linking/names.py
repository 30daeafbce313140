"""Which object a name means: an index by type, namespace and name, and the nearest of several copies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from readiness.estate.model import Resource
from readiness.kubernetes.kinds import group_of
from readiness.kubernetes.linking.mentions import inner, namespace_of
from readiness.kubernetes.linking.secrets import cluster_secret_name, made_by
from readiness.kubernetes.linking.selectors import LabelIndex, from_label_selector
from readiness.values import List, Map, Unknown, dig

COPIES_LIMIT = 20
"""Copies of one address that an object elsewhere is linked with; more would be links without end."""

Home = tuple[str, str]


class Copies(Struct):
    """Resources by address and by home: the same address may be declared by several overlays."""

    by_address: dict[str, dict[Home, list[Resource]]]
    # There is one of each address, in no environment: it is the same for whoever asks.
    plain: bool = True
    # An address occurs several times in one home, so folders decide.
    folders: bool = False

    def nearest(self, resource: Resource) -> list[Resource]:
        """Of each address the copies in the home of `resource`, else those of its environment, else all.

        Of several the ones in its folder are meant, where there are any.  What is rendered for one
        environment never belongs to another environment of that root.
        """
        found: list[Resource] = []
        for homes in self.by_address.values():
            near = homes.get(resource.home)
            if near is None:
                others = [(home, group) for home, group in homes.items() if not apart(home, resource.home)]
                same = [group for home, group in others if home[1] == resource.variant != ""]
                near = [other for group in same or [group for _, group in others] for other in group]
            if len(near) > 1:
                folder = folder_of(resource)
                near = [other for other in near if folder_of(other) == folder] or near[:COPIES_LIMIT]
            found += near
        return found


def copies_of(resources: Iterable[Resource]) -> Copies:
    """Resources, grouped."""
    copies = Copies({})
    for resource in resources:
        homes = copies.by_address.setdefault(resource.address, {})
        group = homes.setdefault(resource.home, [])
        group.append(resource)
        if len(group) > 1:
            copies.folders = True
        if len(homes) > 1 or len(group) > 1 or resource.variant:
            copies.plain = False
    return copies


def apart(one: Home, other: Home) -> bool:
    """Whether two homes are different environments of one root."""
    return one[0] == other[0] and "" not in (one[1], other[1]) and one[1] != other[1]


def folder_of(resource: Resource) -> str:
    """The folder of the file that declares a resource."""
    return resource.span.path.rpartition("/")[0]


Key = tuple[str, str, str]


class Names:
    """The objects of an estate by type, namespace and name, with those that controllers make of them."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_key: dict[Key, list[Resource]] = {}
        self._copies: dict[Key, Copies] = {}
        # What is made in namespaces that are not written down, by type and name.
        self._anywhere: dict[tuple[str, str], list[Resource]] = {}
        self.definitions: dict[tuple[str, str], list[Resource]] = {}
        self.spaces = LabelIndex()
        clusters: list[Resource] = []
        for resource in resources:
            self._add((resource.type, namespace_of(resource), resource.name), resource)
            for made in made_by(resource):
                if made.namespace is None:
                    self._anywhere.setdefault((made.type, made.name), []).append(resource)
                else:
                    self._add((made.type, made.namespace, made.name), resource)
            if resource.type == "Namespace":
                self.spaces.add(resource, "", resource.labels)
            elif resource.type == "CustomResourceDefinition":
                self._define(resource)
            elif resource.type == "ClusterExternalSecret":
                clusters.append(resource)
        for resource in clusters:
            self._spread(resource)

    def find(self, type_: str, namespace: str, name: str, resource: Resource) -> list[Resource]:
        """The objects that `resource` means by a name, and those that a controller makes it of."""
        key = (type_, namespace, name)
        group = self._by_key.get(key)
        if group is None:
            return self._anywhere.get((type_, name), [])
        if len(group) == 1:
            return [] if apart(group[0].home, resource.home) else group
        copies = self._copies.get(key)
        if copies is None:
            copies = self._copies[key] = copies_of(group)
        return copies.nearest(resource)

    def definition(self, resource: Resource) -> list[Resource]:
        """The definitions of the kind of a resource."""
        if not self.definitions:
            return []
        kind, version = resource.body.get("kind"), resource.body.get("apiVersion")
        if not isinstance(kind, str) or not isinstance(version, str):
            return []
        found = self.definitions.get((group_of(version), kind), [])
        return copies_of(found).nearest(resource) if len(found) > 1 else found

    def items(self) -> Iterator[tuple[Key, list[Resource]]]:
        """Every type, namespace and name, with the objects that have or make it."""
        yield from self._by_key.items()

    def _add(self, key: Key, resource: Resource) -> None:
        self._by_key.setdefault(key, []).append(resource)

    def _define(self, resource: Resource) -> None:
        group = dig(resource.body, "spec", "group")
        kind = dig(resource.body, "spec", "names", "kind")
        if isinstance(group, str) and isinstance(kind, str):
            self.definitions.setdefault((group, kind), []).append(resource)

    def _spread(self, resource: Resource) -> None:
        """Index the Secret that a ClusterExternalSecret makes, by the namespaces that it selects."""
        name = cluster_secret_name(resource)
        spec = inner(resource.body, "spec")
        if not isinstance(name, str):
            return
        chosen: set[str] = set()
        selectors: list[Any] = [spec.get("namespaceSelector")]
        listed = spec.get("namespaceSelectors")
        selectors += listed if isinstance(listed, List) else []
        for written in selectors:
            selector = from_label_selector(written)
            if selector is not None:
                chosen |= {self.spaces.objects[place].name for place in self.spaces.select(None, selector)}
        named = spec.get("namespaces")
        chosen |= {item for item in named if isinstance(item, str)} if isinstance(named, List) else set()
        for namespace in sorted(chosen):
            self._add(("Secret", namespace, name), resource)
        # A namespace whose labels are not in the files may be selected as well.
        self._anywhere.setdefault(("Secret", name), []).append(resource)


def written_namespace(resource: Resource) -> Any:
    """The namespace as it is written: a text, None, or an unknown."""
    metadata = resource.body.get("metadata")
    if isinstance(metadata, Unknown):
        return metadata
    return metadata.get("namespace") if isinstance(metadata, Map) else None
