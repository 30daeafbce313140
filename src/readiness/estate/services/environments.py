"""The environments of a service: what resources say, and what charts and overlays are built for."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from readiness.estate.model import Resource
from readiness.estate.releases import ARGO, FLUX, TERRAFORM
from readiness.estate.services.names import ENVIRONMENTS

_RELEASES = frozenset({ARGO, FLUX, TERRAFORM})
_RUNNING = frozenset({"aws_ecs_service"})  # besides workloads
_DEFAULT = "default"  # what a chart gives by its own values
_WORDS = re.compile(r"[-_./]")


def environments_of(resources: Iterable[Resource]) -> set[str]:
    """The environments of the resources of a service.

    What a label, a file of values or the folder of a root says counts.  What a chart or an overlay is built
    for has a name at any rate, which may be that of a test or a release: it counts where it has a word for an
    environment, or stands beside one that has (`overlays/prod`, `overlays/eu-west-1`).
    """
    found: set[str] = set()
    built: dict[str, set[str]] = {}
    releases: set[str] = set()
    for resource in resources:
        if resource.type in _RELEASES:
            releases.add(resource.name)
        name = resource.environment
        if name is None:
            continue
        if resource.scattered and name == resource.variant:
            built.setdefault(resource.root, set()).add(name)
        else:
            found.add(name)
    for names in built.values():
        named = {name for name in names if _is_one(name) or name in found}
        found |= named
        if named:
            found |= {name for name in names if name != _DEFAULT and name not in releases}
    return found


def runs_elsewhere(resources: Iterable[Resource], environments: Container[str]) -> bool:
    """Whether something runs of which nothing says that it is for one of some environments alone."""
    return any(
        one.environment not in environments
        for one in resources
        if one.mode == "managed" and (one.workload is not None or one.type in _RUNNING)
    )


def _is_one(name: str) -> bool:
    """Whether a name has a word for an environment: `prod`, `prod-eu`, `checkout/staging`."""
    lower = name.lower()
    return lower in ENVIRONMENTS or not ENVIRONMENTS.isdisjoint(_WORDS.split(lower))
