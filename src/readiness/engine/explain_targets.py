"""Which resources an address names, and which policies look at them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from readiness.engine.indexing import judged_services
from readiness.engine.patterns import address_parents, address_pattern, is_glob
from readiness.errors import UsageError
from readiness.estate.build import Loaded, in_scope
from readiness.estate.model import Estate, Resource, in_view
from readiness.policy.model import Policy

_NEAR = 3
"""Addresses that are offered where there is none of the name."""


def looks_at(policy: Policy, resource: Resource) -> bool:
    """Whether a policy is about resources of that type, or has that view of them."""
    return any(
        in_view(resource, pattern) if pattern in ("workload", "pod") else fnmatchcase(resource.type, pattern)
        for pattern in policy.resources
    )


def find_targets(
    policies: Sequence[Policy], address: str | None, loaded: Loaded
) -> tuple[Policy, list[Resource]]:
    """The resources that an address names, exactly, as a block with instances, or as a glob, by their place.

    Of several policies it is the one that looks at them.  Without an address it is a policy on the estate as
    a whole, which is about one resource.

    Raises:
        UsageError: there is no such resource, several policies look at it, or the policy looks at something
            else than resources.
    """
    for policy in policies:
        if policy.on == "triage":
            raise UsageError(f"{policy.id} looks at ignores, waivers and the baseline, not at resources")
    found: list[tuple[Policy, list[Resource]]] = []
    for policy in policies:
        named = _named(address, _about(policy, loaded), exactly=policy.on == "estate")
        if named:
            found.append((policy, named))
    if len(found) > 1:
        names = ", ".join(policy.id for policy, _ in found)
        raise UsageError(f"{len(found)} policies look at {address!r}: {names}; name one of them")
    if found:
        return found[0]
    if len(policies) == 1:
        others = _named(address, _pool(policies[0], loaded), exactly=False)
        if others and policies[0].on != "estate":
            return policies[0], others
    raise UsageError(_nothing(policies, address, loaded))


def _pool(policy: Policy, loaded: Loaded) -> list[Resource]:
    """Everything that a policy of its kind might look at."""
    estate: Estate = loaded.estate
    if policy.on == "service":
        return judged_services(estate)
    if policy.on != "change":
        return [resource for resource in estate.resources if in_scope(resource, loaded)]
    return [r for r in estate.changes if r.change is not None and r.change.action not in ("no-op", "read")]


def _about(policy: Policy, loaded: Loaded) -> list[Resource]:
    """What a policy looks at; one on the estate as a whole is told of the first resource that it names."""
    if policy.on == "estate":
        every = [r for pattern in policy.resources for r in loaded.estate.of_type(pattern)]
        return every[:1]
    return [resource for resource in _pool(policy, loaded) if looks_at(policy, resource)]


def _named(address: str | None, resources: Sequence[Resource], exactly: bool) -> list[Resource]:
    """The resources of that very address, else its instances, else those that it matches as a glob."""
    if address is None:
        return list(resources)
    found = [resource for resource in resources if resource.address == address]
    if not found and not exactly:
        found = [resource for resource in resources if address in _blocks(resource.address)]
    if not found and is_glob(address):
        pattern = address_pattern([address])
        found = [resource for resource in resources if pattern.fullmatch(resource.address)]
    return sorted(found, key=_place)


def _blocks(address: str) -> Iterable[str]:
    """The addresses by which an instance is also called: without its own index, and without any."""
    yield from (parent for parent in address_parents(address)[1:] if address[len(parent) :].startswith("["))
    yield "".join(_without_indices(address))


def _without_indices(address: str) -> Iterable[str]:
    depth, quoted = 0, False
    for char in address:
        if char == '"' and depth:
            quoted = not quoted
        if char == "[" and not quoted:
            depth += 1
        if not depth:
            yield char
        if char == "]" and not quoted and depth:
            depth -= 1


def _place(resource: Resource) -> tuple[str, int, str, str]:
    span = resource.header
    return span.path, span.line, resource.address, resource.variant


def _nothing(policies: Sequence[Policy], address: str | None, loaded: Loaded) -> str:
    """What is said where an address names nothing that the policies look at."""
    about = [resource.address for policy in policies for resource in _about(policy, loaded)]
    what = policies[0].id if len(policies) == 1 else "these policies"
    if not about:
        if all(policy.on == "change" for policy in policies) and not loaded.estate.changes:
            hint = "name a Terraform plan among the paths, or a revision by --diff-base"
            return f"{what} looks at changes, and nothing changes here: {hint}"
        types = ", ".join(dict.fromkeys(t for policy in policies for t in policy.resources))
        missing = f"no resource has the address {address!r}; and " if address is not None else ""
        return f"{missing}nothing here is what {what} looks at ({types})"
    if all(policy.on == "estate" for policy in policies):
        return f"{what} looks at everything there is, and is told of {about[0]}: {address!r} is not that"
    known = sorted(set(about))
    near = get_close_matches(address or "", known, _NEAR)
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    else:
        rest = len(known) - _NEAR
        hint = f"{what} looks at {', '.join(known[:_NEAR])}" + (f" and {rest:,} more" if rest > 0 else "")
    return f"no resource has the address {address!r}; {hint}"
