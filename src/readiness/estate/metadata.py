"""What metadata means: service, tier and environment of a resource, by an organisation's own keys."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from readiness.estate.environments import environment_of
from readiness.estate.model import Estate, Resource
from readiness.values import Map, Span, Unknown

DEFAULT_KEYS: dict[str, tuple[str, ...]] = {
    "service": ("app.kubernetes.io/part-of", "app.kubernetes.io/name", "service", "Service"),
    "tier": ("tier", "Tier", "service-tier"),
    "environment": ("environment", "env", "Environment", "Env"),
}
"""Labels, annotations and tags that carry each fact; the first that is there wins."""

_TIER = re.compile(r"^(?:tier[-_ ]?)?([0-9])$", re.IGNORECASE)


class Told(Struct, frozen=True):
    """Who says a fact of a resource: a `label`, `tag` or `annotation` (of a Namespace too), by its key."""

    what: str
    key: str
    value: str
    span: Span | None


def assign(estate: Estate, keys: Mapping[str, Sequence[str]] | None = None) -> None:
    """Set `service`, `tier` and `environment` of every resource; a namespace passes its own on."""
    wanted = {**DEFAULT_KEYS, **(keys or {})}
    namespaces = _namespaces(estate)
    for resource in dict.fromkeys([*estate.resources, *estate.changes]):
        known = [
            source
            for source in _sources(resource, namespaces.get(resource.namespace or ""))
            if isinstance(source, Map) and source
        ]
        if known:
            _assign(resource, known, wanted)
        if resource.environment is None:
            resource.environment = environment_of(resource)


def who_says(fact: str, resource: Resource, estate: Estate) -> Told | None:
    """Where a fact (`service`, `tier`, `environment`) of a resource stands; None where nothing says it."""
    home = _namespaces(estate).get(resource.namespace or "")
    of_home = "" if home is None else f" of {home.address}"
    own = "tag" if resource.platform == "terraform" and resource.labels == resource.tags else "label"
    names = (own, "tag", "annotation", f"label{of_home}", f"annotation{of_home}")
    found = zip(names, _sources(resource, home), strict=False)
    sources = [(what, source) for what, source in found if isinstance(source, Map)]
    for key in DEFAULT_KEYS[fact]:
        for what, source in sources:
            value = source.get(key)
            if isinstance(value, (str, int)) and not isinstance(value, bool):
                return Told(what, key, str(value), source.span_of(key))
    return None


def _namespaces(estate: Estate) -> dict[str, Resource]:
    return {resource.name: resource for resource in estate.by_type.get("Namespace", ())}


def _sources(resource: Resource, home: Resource | None) -> list[Map | Unknown]:
    """What may carry facts of a resource, the first that has a key winning."""
    sources = [resource.labels, resource.tags, resource.annotations]
    if home is not None and home is not resource:
        sources += [home.labels, home.annotations]
    return sources


def _assign(resource: Resource, sources: Sequence[Map], keys: Mapping[str, Sequence[str]]) -> None:
    resource.service = _first(sources, keys["service"])
    resource.environment = _first(sources, keys["environment"])
    match = _TIER.match(_first(sources, keys["tier"]) or "")
    resource.tier = int(match.group(1)) if match else None


def _first(sources: Sequence[Map], keys: Sequence[str]) -> str | None:
    for key in keys:
        for source in sources:
            value = source.get(key)
            if isinstance(value, (str, int)) and not isinstance(value, bool):
                return str(value)
    return None
