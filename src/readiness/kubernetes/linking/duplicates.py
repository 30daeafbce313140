"""Objects that are declared twice: the second one replaces the first, or is refused."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from readiness.estate.model import Resource
from readiness.kubernetes.linking.delivery import delivered
from readiness.kubernetes.linking.names import folder_of, written_namespace
from readiness.values import List, Map, dig

PLAIN = (".", "")
"""The home of manifests that nothing renders."""

MOST = 20
"""How many of the objects before one are told: of thousands alike, telling all would be a square."""


class Duplicates:
    """The objects of an estate by what is applied together: a rendered home, a file, a delivered folder.

    Files that lie side by side may be alternatives, so a folder counts only where something delivers it.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        objects = [resource for resource in resources if resource.platform == "kubernetes"]
        self._folders = {
            item.path for resource in objects for item in delivered(resource) if not item.pattern
        }
        self._by_identity: dict[tuple[Any, ...], list[Resource]] = {}
        self._places: dict[int, int] = {}
        for resource in objects:
            identity = self._identity(resource)
            if identity is not None:
                group = self._by_identity.setdefault(identity, [])
                self._places[id(resource)] = len(group)
                group.append(resource)

    def before(self, resource: Resource) -> List:
        """The first objects of the same kind, namespace and name that come before, MOST of them at most.

        Each has `path`, `line` and `address`.
        """
        place = self._places.get(id(resource), 0)
        identity = self._identity(resource) if place else None
        group = self._by_identity.get(identity, []) if identity is not None else []
        earlier = (other for other in islice(group, place) if other.header != resource.header)
        return List(
            [
                Map({"path": other.header.path, "line": other.header.line, "address": other.address})
                for other in islice(earlier, MOST)
            ]
        )

    def _identity(self, resource: Resource) -> tuple[Any, ...] | None:
        name, namespace = dig(resource.body, "metadata", "name"), written_namespace(resource)
        if not isinstance(name, str) or not name or resource.maybe:
            return None
        if namespace is not None and not isinstance(namespace, str):
            return None
        unit: Any = resource.home
        if unit == PLAIN:
            folder = folder_of(resource)
            unit = folder if folder in self._folders else (resource.span.path,)
        # The same kind of another version is the same object; of another group it is another one.
        group = (
            ""
            if "/" in resource.type or "." not in str(resource.body.get("apiVersion"))
            else _group(resource)
        )
        return unit, group, resource.type, namespace, name


def _group(resource: Resource) -> str:
    """The group of a custom kind; none for those of Kubernetes, of which several were moved to another."""
    group = str(resource.body.get("apiVersion")).rpartition("/")[0]
    return "" if group.endswith(".k8s.io") and "gateway" not in group else group
