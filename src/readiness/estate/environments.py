"""Which environment a resource belongs to, and its counterparts in the other ones.

Environments of one root are told apart by their variables (`terraform/inputs.py`); environments that
are roots of their own by the folder they stand in.
"""

from __future__ import annotations

from functools import lru_cache

from readiness.estate.model import Estate, Resource

PARENTS = frozenset({"environments", "environment", "envs", "env", "stages", "live"})
"""Folders whose folders are environments."""

NAMES = frozenset(
    {"prod", "production", "prd", "preprod", "pre-prod", "staging", "stage", "stg", "uat", "qa"}
    | {"dev", "development", "sandbox", "nonprod", "non-prod"}
)
"""Folders that are environments wherever they stand; `test` is not, it holds tests as often."""


@lru_cache(4096)
def of_folder(folder: str) -> tuple[str, str] | None:
    """The environment that a root's folder stands for, with the folder as it is without it.

    `infra/prod/network` gives `("infra/*/network", "prod")`; of several the last counts.
    """
    parts = folder.split("/")
    for index in range(len(parts) - 1, -1, -1):
        named = parts[index].lower() in NAMES
        if named or (index > 0 and parts[index - 1].lower() in PARENTS):
            return "/".join((*parts[:index], "*", *parts[index + 1 :])), parts[index]
    return None


def environment_of(resource: Resource) -> str | None:
    """The environment of a resource by what it was evaluated for or where its root stands, else None."""
    if resource.variant:
        return resource.variant
    if resource.platform != "terraform":
        return None
    found = of_folder(resource.root)
    return None if found is None else found[1]


class Counterparts:
    """The same address in every environment of its root, or of the roots beside it."""

    def __init__(self, estate: Estate) -> None:
        self._found: dict[tuple[str, str], dict[str, Resource]] = {}
        for resource in estate.resources:
            key = _key(resource)
            if key is not None:
                self._found.setdefault(key[:2], {}).setdefault(key[2], resource)

    def of(self, resource: Resource) -> dict[str, Resource]:
        """A resource by environment, itself among them; empty where there are no environments."""
        key = _key(resource)
        return {} if key is None else self._found.get(key[:2], {})


def _key(resource: Resource) -> tuple[str, str, str] | None:
    """Group, address and environment of a resource."""
    if resource.variant:
        return resource.root, resource.address, resource.variant
    if resource.platform != "terraform":
        return None
    found = of_folder(resource.root)
    return None if found is None else (found[0], resource.address, found[1])
