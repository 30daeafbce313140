"""Operations as code without a label: whose they are by their alerts, and by their names."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from readiness.estate.metadata import Meaning, first
from readiness.estate.model import Estate, Resource
from readiness.estate.services.claims import Claim, Claims
from readiness.estate.services.names import GENERIC, key_of
from readiness.values import Map, dig, maps

_RULES = frozenset({"PrometheusRule"})
OPERATIONS = _RULES | frozenset(
    {"grafana/Dashboard", "GrafanaDashboard", "alertmanager/Configuration", "AlertmanagerConfig"}
    | {"openslo.com/SLO", "PrometheusServiceLevel", "pyrra.dev/ServiceLevelObjective"}
)
"""Types of operations as code."""


def by_alerts(left: Sequence[Resource], estate: Estate, claims: Claims, meaning: Meaning) -> None:
    """Rules whose alerts all have the label of one service."""
    for resource in left:
        if resource.type not in _RULES:
            continue
        found = {
            claims.catalog.full(key_of(name)): name for name in _labelled(resource, meaning.keys["service"])
        }
        if len(found) == 1:
            key, name = next(iter(found.items()))
            if key not in GENERIC and key not in claims.catalog.systems and "{{" not in key:
                claims.add(resource, Claim(key, claims.known(key) or "label"), name)


def _labelled(resource: Resource, keys: Sequence[str]) -> Iterator[str]:
    """The services that the alerts of rules name."""
    for group in maps(dig(resource.body, "spec", "groups")):
        for rule in maps(group.get("rules")):
            sources = [
                labels for labels in (rule.get("labels"), group.get("labels")) if isinstance(labels, Map)
            ]
            name = first(sources, keys)
            if name is not None and "alert" in rule:
                yield name


def by_name(left: Sequence[Resource], estate: Estate, claims: Claims) -> None:
    """Operations as code that have the name of a service in their own: of several the longest."""
    names = sorted(claims.groups, key=lambda key: (-len(key), key))
    for resource in left:
        if resource.platform != "observability" and resource.type not in OPERATIONS:
            continue
        stem = posixpath.basename(resource.header.path).partition(".")[0]
        words = [f"-{key_of(text)}-" for text in (resource.name, stem)]
        found = next((key for text in words for key in names if f"-{key}-" in text), None)
        if found is not None:
            claims.of[id(resource)] = Claim(found, claims.groups[found].by)
