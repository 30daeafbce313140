"""What metadata means: service, tier and environment of a resource, by an organisation's own keys."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from readiness.estate.environments import environment_of
from readiness.estate.model import Estate, Resource
from readiness.values import Map

DEFAULT_KEYS: dict[str, tuple[str, ...]] = {
    "service": ("app.kubernetes.io/part-of", "app.kubernetes.io/name", "service", "Service"),
    "tier": ("tier", "Tier", "service-tier"),
    "environment": ("environment", "env", "Environment", "Env"),
}
"""Labels, annotations and tags that carry each fact; the first that is there wins."""

_TIER = re.compile(r"^(?:tier[-_ ]?)?([0-9])$", re.IGNORECASE)


def assign(estate: Estate, keys: Mapping[str, Sequence[str]] | None = None) -> None:
    """Set `service`, `tier` and `environment` of every resource; a namespace passes its own on."""
    wanted = {**DEFAULT_KEYS, **(keys or {})}
    namespaces = {resource.name: resource for resource in estate.by_type.get("Namespace", ())}
    for resource in dict.fromkeys([*estate.resources, *estate.changes]):
        sources = [resource.labels, resource.tags, resource.annotations]
        home = namespaces.get(resource.namespace or "")
        if home is not None and home is not resource:
            sources += [home.labels, home.annotations]
        known = [source for source in sources if isinstance(source, Map) and source]
        if known:
            _assign(resource, known, wanted)
        if resource.environment is None:
            resource.environment = environment_of(resource)


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
