"""Which policies a run uses: by id, control, severity, peers' ids, globs, and profile."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase

from readiness.engine.model import SEVERITIES
from readiness.errors import UsageError, near
from readiness.policy.model import Policy

PROFILES = ("default", "security", "readiness", "report", "all")


def select(
    policies: Iterable[Policy],
    wanted: Iterable[str],
    ignored: Iterable[str],
    profile: str,
    enabled: Collection[str] = (),
    may_be_none: bool = False,
) -> list[Policy]:
    """The policies of a profile and the `enabled` ids, or exactly the wanted ones, less the ignored.

    Raises:
        UsageError: a selector matches no policy, or no policy is left (unless that `may_be_none`): a filter
            that does nothing, or leaves nothing to do, is a mistake.
    """
    every = list(policies)
    selectors = list(wanted)
    if selectors:
        chosen = {policy.id for selector in selectors for policy in matching(every, selector)}
    else:
        chosen = {policy.id for policy in every if policy.id in enabled or has(profile, policy)}
    for selector in ignored:
        chosen -= {policy.id for policy in matching(every, selector)}
    if not chosen and not may_be_none:
        raise UsageError("no policy is left: everything that is selected is ignored as well")
    return [policy for policy in every if policy.id in chosen]


def has(profile: str, policy: Policy) -> bool:
    """Whether a profile has a policy; `report` has those of `default` besides its own."""
    profiles = policy.profiles
    return profile in profiles or (profile == "report" and "default" in profiles)


def matching(policies: list[Policy], selector: str) -> list[Policy]:
    """The policies that a selector names.

    Raises:
        UsageError: none; with what was perhaps meant.
    """
    text = selector.strip()
    folded = text.lower()
    if folded in SEVERITIES:
        return [policy for policy in policies if policy.severity == folded]
    found = [policy for policy in policies if _is_named(policy, folded)]
    if not found:
        found = [policy for policy in policies if folded in policy.former_ids]
    if found:
        return found
    known = [policy.id for policy in policies] + sorted({policy.control for policy in policies})
    hint = near(folded, [*known, *SEVERITIES])
    raise UsageError(f"no policy, control or severity matches {text!r}{hint}")


def is_named(policy: Policy, selector: str) -> bool:
    """Whether a selector names a policy, by one of its former ids too."""
    folded = selector.strip().lower()
    if folded in SEVERITIES:
        return policy.severity == folded
    return _is_named(policy, folded) or folded in policy.former_ids


def _is_named(policy: Policy, folded: str) -> bool:
    return (
        fnmatchcase(policy.id, folded)
        or policy.control == folded
        or folded in {alias.lower() for alias in policy.aliases}
    )
