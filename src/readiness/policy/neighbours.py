"""`linked` with a body: the resources that are linked with another one than the one under check."""

from __future__ import annotations

import functools
from typing import Any

from readiness.estate.model import Estate, Resource, why_open
from readiness.values import List, Unknown


class Neighbours:
    """The links of any resource of an estate, each answer made once."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self._found: dict[tuple[int, str, str], List] = {}
        self._waiting: dict[tuple[tuple[str, str], str, str], list[tuple[Resource, Unknown]]] = {}

    @functools.cached_property
    def _resources(self) -> dict[int, Resource]:
        return {id(resource.body): resource for resource in self.estate.resources}

    def linked(self, type_: str, body: Any, via: str = "") -> List:
        """The bodies of every resource of a type that is linked with the resource of a body.

        With `via`, only by the argument of that path, whichever of both has it.  What may be linked as
        well, or may not be there, is an unknown in the list; what is no body of a resource has no links.
        """
        key = (id(body), type_, via)
        found = self._found.get(key)
        if found is None:
            resource = self._resources.get(id(body))
            if resource is None:
                return List()
            found = self._found[key] = self._linked(resource, type_, via)
        return found

    def _linked(self, resource: Resource, type_: str, via: str) -> List:
        others = self.estate.linked(resource, type_)
        if via:
            named = {id(link.target) for link in resource.links if _leads(link.via, via)}
            others = [other for other in others if id(other) in named]
        found: list[Any] = [
            Unknown(why_open(other), (other.address,)) if other.maybe and not resource.maybe else other.body
            for other in others
        ]
        maybe = self._may_be(resource, type_, via) if via else self.estate.unresolved(resource, type_)
        return List(found + maybe)

    def _may_be(self, resource: Resource, type_: str, via: str) -> list[Unknown]:
        """An unknown for each resource of a type whose argument is not known and names nothing yet."""
        key = (resource.home, type_, via)
        if key not in self._waiting:
            self._waiting[key] = list(self._open(resource.home, type_, via))
        own = _unlinked(resource, via)
        return [
            *([] if own is None else [own.made()]),
            *(
                Unknown(f"{other.address} may belong to it: {value.reason}", value.refs)
                for other, value in self._waiting[key]
                if other is not resource
            ),
        ]

    def _open(self, home: tuple[str, str], type_: str, via: str) -> list[tuple[Resource, Unknown]]:
        found = []
        for other in self.estate.of_type(type_):
            if other.platform != "terraform" or other.home != home:
                continue
            value = _unlinked(other, via)
            if value is not None:
                found.append((other, value))
        return found


def _unlinked(resource: Resource, via: str) -> Unknown | None:
    """What the argument of a resource waits for, where it is not known and names nothing."""
    value = _first(resource.body, via.split("."))
    return None if value is None or any(_leads(link.via, via) for link in resource.links) else value


def _leads(path: str, via: str) -> bool:
    """True where a link is made by an argument, or by something inside of it."""
    return path == via or path.startswith(f"{via}.")


def _first(value: Any, path: list[str]) -> Unknown | None:
    """The first unknown at a path, through the blocks of a name."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, list):
        return next((found for item in value if (found := _first(item, path)) is not None), None)
    if isinstance(value, dict) and path:
        return _first(value.get(path[0]), path[1:])
    return None
