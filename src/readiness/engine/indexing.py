"""Which checks look at which resources, and how that is shared out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msgspec import Struct

from readiness.engine.checks import Check
from readiness.engine.yields import Yields
from readiness.estate.model import SERVICE, Estate, Resource, in_view

if TYPE_CHECKING:
    from readiness.engine.parts import Part

SHARES = 200
"""Into how many shares the work of a run is divided at most."""


class Batch(Struct):
    """Resources of one type, with the checks that look at them, each with the view that it looks through.

    Where settings differ by path or environment, all is of one `part`.
    """

    type: str
    resources: list[Resource]
    checks: list[tuple[Check, str | None]]
    yields: Yields
    part: Part | None

    @property
    def weight(self) -> int:
        """How dear it is: the number of its checks."""
        return len(self.resources) * len(self.checks)


class Share(Struct):
    """Work that is done in one go: batches, or checks of the estate as a `whole`."""

    batches: Sequence[Batch] = ()
    whole: Sequence[Check] = ()

    @property
    def of_services(self) -> bool:
        """Whether services are looked at."""
        return any(batch.type == SERVICE for batch in self.batches)


def batches_of(
    checks: list[Check], resources: dict[str, list[Resource]], yields: Yields, part: Part | None
) -> list[Batch]:
    """The batches of checks on resources by type."""
    found = checks_by_type(checks, resources)
    return [Batch(type_, resources[type_], looking, yields, part) for type_, looking in found.items()]


def shares_of(batches: Iterable[Batch], whole: Sequence[Check]) -> list[Share]:
    """Work in shares, what takes longest first: the last ones to be taken are short.

    Findings are joined within a type, and kinds of one name share addresses, so these stay together.
    """
    kinds: dict[str, list[Batch]] = {}
    for batch in batches:
        kinds.setdefault(batch.type.rpartition("/")[2], []).append(batch)
    weights = {kind: sum(batch.weight for batch in found) for kind, found in kinds.items()}
    ordered = [
        kinds[kind] for kind in sorted(kinds, key=lambda kind: (kind != SERVICE, -weights[kind], kind))
    ]
    small = [batch for found in ordered[SHARES:] for batch in found]
    shares = [Share(batches) for batches in (*ordered[:SHARES], small) if batches]
    # What looks at the whole estate may take any time.
    return [Share(whole=whole), *shares] if whole else shares


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
    with_pods = {
        type_: pods for type_, found in resources.items() if (pods := [r for r in found if in_view(r, "pod")])
    }
    views = {
        "pod": list(with_pods),
        "workload": [t for t, pods in with_pods.items() if any(in_view(r, "workload") for r in pods)],
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
