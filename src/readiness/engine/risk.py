"""How risky a change is, and what hangs on the resources that it touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec.structs import replace

from readiness.engine.model import ChangeRisk, Finding
from readiness.estate.model import Estate, Resource
from readiness.policy.model import Policy

LEVELS = ("routine", "elevated", "high")
"""Classes of risk, the smallest first."""

REVIEWS = {
    "routine": "the usual review by a peer",
    "elevated": "review by an owner of each service that it affects",
    "high": "two reviewers, one of them an owner of what is affected, a way back that was tried, and a time "
    "at which somebody watches; or an acknowledgement in the change",
}
"""What each class asks for: governance that scales with risk, light where it is low."""

_RISK = {"critical": "high", "high": "high", "medium": "elevated", "low": "routine", "info": "routine"}
_MOST = 1_000  # resources that are told to hang on one


def risk_of(findings: Iterable[Finding], policies: Iterable[Policy], estate: Estate) -> ChangeRisk | None:
    """The risk of a change, None where nothing changes.

    It is that of the gravest finding about the change, whoever lets that pass.
    """
    declared = (resource for resource in estate.changes if resource.mode == "managed")
    actions = Counter(resource.change.action for resource in declared if resource.change is not None)
    for action in ("no-op", "read"):
        del actions[action]
    if not actions:
        return None
    on_change = {policy.id for policy in policies if policy.on == "change"}
    told = [
        f for f in findings if f.status != "unknown" and (f.policy in on_change or f.compared == "worsened")
    ]
    level = max((_RISK[finding.severity] for finding in told), key=LEVELS.index, default="routine")
    because = sorted({f.policy for f in told if _RISK[f.severity] == level and level != "routine"})
    return ChangeRisk(level, REVIEWS[level], dict(sorted(actions.items())), tuple(because))


def with_radius(findings: list[Finding], policies: Iterable[Policy], estate: Estate) -> list[Finding]:
    """Findings with what hangs on their resources, those about changes."""
    on_change = _on_change(policies)
    if not any(finding.policy in on_change for finding in findings):
        return findings
    changed: dict[str, list[Resource]] = {}
    for resource in estate.changes:
        changed.setdefault(resource.address, []).append(resource)
    dependents = _dependents(estate)
    result = []
    for finding in findings:
        if finding.policy in on_change:
            mine = [
                r for name in (finding.subject.address, *finding.instances) for r in changed.get(name, ())
            ]
            affected = {address for resource in mine for address in _radius(resource, dependents)}
            finding = replace(finding, affects=tuple(sorted(affected)))
        result.append(finding)
    return result


def _on_change(policies: Iterable[Policy]) -> set[str]:
    return {policy.id for policy in policies if policy.on == "change"}


def _dependents(estate: Estate) -> dict[tuple[tuple[str, str], str], list[Resource]]:
    """Who mentions an address, by home and address."""
    found: dict[tuple[tuple[str, str], str], list[Resource]] = {}
    for resource in estate.resources:
        for reference in resource.references:
            found.setdefault((resource.home, reference.address), []).append(resource)
    return found


def _radius(
    resource: Resource, dependents: dict[tuple[tuple[str, str], str], list[Resource]]
) -> dict[str, None]:
    """What depends on a resource, directly or through others; of Kubernetes, what it is linked with."""
    if resource.platform != "terraform" or (resource.change is not None and resource.change.after is None):
        return {link.address: None for link in resource.links if link.address != resource.address}
    found: dict[str, None] = {}
    left = [resource]
    while left and len(found) < _MOST:
        current = left.pop()
        for other in dependents.get((current.home, current.address), ()):
            if other.address not in found and other is not resource and other.mode != "block":
                found[other.address] = None
                left.append(other)
    return found
