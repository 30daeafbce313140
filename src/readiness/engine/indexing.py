"""Which checks look at which resources."""

from __future__ import annotations

from fnmatch import fnmatchcase

from readiness.engine.checks import Check
from readiness.estate.model import Estate, Resource, in_view


def changed_by_type(estate: Estate) -> dict[str, list[Resource]]:
    """What plans change, by type; what they only read or leave alone is no change."""
    by_type: dict[str, list[Resource]] = {}
    for resource in estate.changes:
        if resource.change is not None and resource.change.action not in ("no-op", "read"):
            by_type.setdefault(resource.type, []).append(resource)
    return by_type


def judged_services(estate: Estate) -> list[Resource]:
    """What policies on services see: those services that have something which is judged."""
    focus = estate.focus
    return [
        service.resource
        for service in estate.services
        if service.resource is not None
        and (focus is None or any(id(resource) in focus for resource in service.resources))
    ]


def checks_by_type(
    checks: list[Check], resources: dict[str, list[Resource]]
) -> dict[str, list[tuple[Check, str | None]]]:
    """Checks by type of resource, for the types that there are.

    A check that looks at a type through a view comes with the view: not every resource of the
    type need be in it.
    """
    index: dict[str, list[tuple[Check, str | None]]] = {}
    views = {
        view: [t for t, found in resources.items() if any(in_view(r, view) for r in found)]
        for view in ("workload", "pod")
    }
    for check in checks:
        types: dict[str, str | None] = {}
        for pattern in check.policy.resources:
            if pattern in views:
                types = {**dict.fromkeys(views[pattern], pattern), **types}
            elif any(char in pattern for char in "*?["):
                types.update(dict.fromkeys(t for t in resources if fnmatchcase(t, pattern)))
            elif pattern in resources:
                types[pattern] = None
        for type_, view in types.items():
            index.setdefault(type_, []).append((check, view))
    return index
