"""Services that labels name: those that are systems of several, and those that are parts of another."""

from __future__ import annotations

from collections.abc import Iterable

from readiness.estate.metadata import Meaning, first
from readiness.estate.model import Estate, Resource
from readiness.estate.services.claims import Claim, Claims, folder_of
from readiness.estate.services.names import bases_of, is_part_of, key_of
from readiness.values import Map


def systems(estate: Estate, claims: Claims, meaning: Meaning) -> None:
    """Let go of services that are systems: what they are made of has names, and owners, of its own."""
    held: dict[str, list[Resource]] = {}
    for resource in estate.resources:
        claim = claims.of.get(id(resource))
        if claim is not None and claim.other is not None and claim.other.key != claim.key:
            held.setdefault(claim.key, []).append(resource)
    for key, resources in held.items():
        if claims.known(key) is not None:
            continue
        owners = {owner for owner in (_owner(each, meaning) for each in resources) if owner is not None}
        if len(owners) < 2:
            continue
        claims.catalog.systems[key] = claims.groups[key].name
        for resource in resources:
            other = claims.of[id(resource)].other
            assert other is not None
            claims.catalog.system_of.setdefault(other.key, key)
            claims.add(resource, other, other.key)
    _drop(held, claims)


def _drop(keys: Iterable[str], claims: Claims) -> None:
    """Forget services that nothing belongs to any more, and that no file declares."""
    left = {claim.key for claim in claims.of.values()}
    for key in keys:
        if key not in left and claims.known(key) is None:
            claims.groups.pop(key, None)


def _owner(resource: Resource, meaning: Meaning) -> str | None:
    sources = (resource.labels, resource.tags, resource.annotations)
    owner = first([source for source in sources if isinstance(source, Map)], meaning.keys["owner"])
    return None if owner is None else key_of(owner)


def parts(estate: Estate, claims: Claims) -> None:
    """Join what is named after a part of a service (`checkout-worker`) with that service.

    Of one that is declared that is any name that goes on from its own, where both are of one namespace or
    folder, since all services have a name there; of others only a word for a part of a service.
    """
    held: dict[tuple[str, str], set[str]] = {}
    weak: list[Resource] = []
    for resource in estate.resources:
        claim = claims.of.get(id(resource))
        if claim is None:
            continue
        for place in _places(resource):
            held.setdefault(place, set()).add(claim.key)
        if claim.weak and claims.known(claim.key) is None:
            weak.append(resource)
    moved: set[str] = set()
    for resource in weak:
        claim = claims.of[id(resource)]
        near = [held[place] for place in _places(resource)]
        scope = claims.catalog.folder_of(resource.header.path)
        near += [] if scope is None else [{scope}]
        for base in bases_of(claim.key):
            by = claims.known(base)
            if any(base in keys for keys in near) and (by is not None or is_part_of(claim.key, base)):
                claims.of[id(resource)] = Claim(base, by or claim.by)
                moved.add(claim.key)
                break
    _drop(moved, claims)


def _places(resource: Resource) -> list[tuple[str, str]]:
    """What an object is together in with others of its service."""
    places = [("folder", folder_of(resource))]
    if resource.namespace is not None:
        places.append(("namespace", resource.namespace))
    return places
