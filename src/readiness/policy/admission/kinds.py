"""Kinds and the names of their resources in the API: `deployments` for `Deployment`.

Source: `UnsafeGuessKindToResource` of https://github.com/kubernetes/apimachinery, as built-in kinds have it.
"""

from __future__ import annotations

from readiness.kubernetes.kinds import group_of, is_built_in, type_name
from readiness.kubernetes.schemas.store import load, minor, releases
from readiness.policy.admission.model import Match

_SAME = {
    "Endpoints": frozenset({"endpoints"}),
}
_MOVED = (
    ("extensions", "apps", ("daemonsets", "deployments", "replicasets")),
    ("extensions", "networking.k8s.io", ("ingresses", "networkpolicies")),
    ("extensions", "policy", ("podsecuritypolicies",)),
    ("", "events.k8s.io", ("events",)),
)


def plurals(kind: str) -> frozenset[str]:
    """The names that the resource of a kind may have, where no definition says it."""
    name = kind.lower()
    if kind in _SAME:
        return _SAME[kind]
    if name.endswith("s"):
        return frozenset({f"{name}es"})
    if name.endswith("y"):
        # `gateways` and `policies`: the rule of Kubernetes knows the second, projects write the first.
        return frozenset({f"{name[:-1]}ies", f"{name}s"} if name[-2:-1] in "aeiou" else {f"{name[:-1]}ies"})
    found = {f"{name}s"}
    if name.endswith(("x", "ch", "sh")):
        found.add(f"{name}es")
    return frozenset(found)


def equivalent_groups(group: str, resource: str) -> frozenset[str]:
    """The groups that serve a resource as the same thing, its own among them."""
    found = {group}
    for one, other, resources in _MOVED:
        if resource in resources and group in (one, other):
            found |= {one, other}
    return frozenset(found)


def types_of(match: Match) -> tuple[str, ...]:
    """The types of resources that rules may mean: those of built-in kinds, or `*` where others may be."""
    found: set[str] = set()
    kinds = load(minor(releases()[-1])).kinds
    for rule in match.rules:
        resources = {resource.partition("/")[0] for resource in rule.resources}
        if "*" in resources or not all(is_built_in(group) for group in rule.groups):
            return ("*",)
        for group in rule.groups:
            for resource in resources:
                groups = equivalent_groups(group, resource)
                types = {
                    type_name(group, kind)
                    for version, kind in kinds
                    if group_of(version) in groups and resource in plurals(kind)
                }
                if not types:
                    return ("*",)
                found |= types
    return tuple(sorted(found)) or ("*",)
