"""The services of an estate: from what is declared, the catalog, labels, tags, releases and folders."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from readiness.config.services import Declared
from readiness.errors import SourceError
from readiness.estate.metadata import Meaning
from readiness.estate.model import Estate, Resource
from readiness.estate.services.catalog import Catalog, read_catalog
from readiness.estate.services.claims import Claims, is_helper, members, read_claims
from readiness.estate.services.facts import Facts, resource_of
from readiness.estate.services.folders import Folders
from readiness.estate.services.model import Service
from readiness.estate.services.names import key_of
from readiness.estate.services.spread import spread


def find_services(
    estate: Estate,
    today: datetime.date,
    meaning: Meaning | None = None,
    declared: Sequence[Declared] = (),
    folders: Folders | None = None,
) -> list[Service]:
    """Find the services of an estate, by name, and give resources their `service`.

    A resource that names no tier gets the one that is declared of its service, or said in the catalog.

    What is wrong with what is said of services goes to `estate.problems`.
    """
    meaning = meaning or Meaning()
    catalog = read_catalog(estate)
    entries, problems = _entries(declared, catalog)
    claims = read_claims(estate, catalog, entries, meaning)
    spread(estate, claims, meaning, folders or Folders())
    facts = Facts(catalog, entries, meaning)
    held = members(estate.resources, claims)
    services = [
        facts.service(key, group, held[key])
        for key, group in claims.groups.items()
        if held.get(key) or claims.known(key) is not None
    ]
    services.sort(key=lambda service: (service.name, service.span))
    for service in services:
        # What labels of some resources say is about these; only what is said of the service is about all.
        passes_on = "tier" in service.said and service.said["tier"].by in ("declared", "catalog")
        for resource in service.resources:
            resource.service = service.name
            if resource.tier is None and passes_on:
                resource.tier = service.tier
    _of_changes(estate, claims)
    for service in services:
        service.resource = resource_of(service, today)
    estate.services = services
    estate.meaning = meaning
    estate.declared = list(entries.values())
    estate.problems = sorted({*problems, *catalog.problems, *facts.problems})
    return services


def _entries(declared: Iterable[Declared], catalog: Catalog) -> tuple[dict[str, Declared], list[SourceError]]:
    """What is declared by key of the service; of two entries with one name the first holds."""
    found: dict[str, Declared] = {}
    problems = []
    for entry in declared:
        known = found.setdefault(catalog.full(key_of(entry.name)), entry)
        if known is not entry:
            first = known.span
            message = (
                f"the service {entry.name!r} is declared at {first.path}:{first.line} already, and what"
                " stands there holds"
            )
            problems.append(SourceError(entry.span.path, entry.span.line, entry.span.column, message))
    return found, problems


def _of_changes(estate: Estate, claims: Claims) -> None:
    """Give what a plan takes away its service, or that of what stands beside it in its root."""
    gone = estate.gone
    if not gone:
        return
    names = {key: group.name for key, group in claims.groups.items()}
    of_root: dict[tuple[str, str], set[str]] = {}
    for resource in estate.resources:
        if resource.platform == "terraform" and resource.service is not None:
            of_root.setdefault(resource.home, set()).add(resource.service)
    for resource in gone:
        claim = claims.of.get(id(resource))
        found = of_root.get(resource.home, set())
        if claim is not None:
            resource.service = names.get(claim.key, claim.key)
        elif len(found) == 1:
            resource.service = next(iter(found))


def unassigned(estate: Estate) -> list[Resource]:
    """The judged resources that belong to no service, without blocks that belong to others.

    These are left out: blocks of Terraform that are no resource and no data source, data sources, requests to
    ignore, definitions of custom kinds, and entities of a catalog other than components.
    """
    return [
        resource
        for found in estate.judged().values()
        for resource in found
        if resource.service is None and resource.mode == "managed" and not is_helper(resource)
    ]
