"""How policies do over the whole estate: where nearly everything fails, it is perhaps the policy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from readiness.engine.model import Finding
from readiness.engine.tally import Short, Tally
from readiness.policy.model import Policy
from readiness.scorecard.model import PolicyHealth

CHECKS = 20
"""How many checks a policy made at least before its rates say something."""

HITS, WAIVED, UNKNOWN = 0.9, 0.2, 0.3
"""Rates above which a policy is looked at: checks that fail, failures let pass, checks that are unknown."""

_LET_PASS = frozenset({"suppressed", "waived"})


def health(tally: Tally, findings: Iterable[Finding], policies: Sequence[Policy]) -> list[PolicyHealth]:
    """The health of each policy that checked anything, in the order of their ids.

    `findings` are those of the run that was tallied, with what lets them pass.
    """
    passed = {finding.fingerprint for finding in findings if finding.status in _LET_PASS}
    found: dict[str, PolicyHealth] = {}
    known = {policy.id: policy for policy in policies}
    for of_service in tally.by_service.values():
        for id_, tallied in of_service.items():
            policy = known.get(id_)
            if policy is None:
                continue
            one = found.get(id_)
            if one is None:
                one = PolicyHealth(id_, policy.title, policy.control, policy.severity, 0, 0, 0, 0)
                found[id_] = one
            one.evaluated += tallied.met
            for short in tallied.short:
                _count(one, short, passed)
    return [found[id_] for id_ in sorted(found)]


def _count(one: PolicyHealth, short: Short, passed: set[str]) -> None:
    if short.status != "fail":
        one.unknown += 1
        return
    one.evaluated += 1
    # All that is short of a resource has to be let pass, or the check does not hold.
    if short.fingerprints and all(print_ in passed for print_ in short.fingerprints):
        one.waived += 1
    else:
        one.failed += 1


def suspicious(every: Iterable[PolicyHealth]) -> list[tuple[PolicyHealth, str]]:
    """The policies that are worth a look, each with why in words: what fails most comes first."""
    found = [(one, why) for one in every if (why := why_suspicious(one))]
    return sorted(found, key=lambda pair: (-_hits(pair[0]), -pair[0].unknown, pair[0].policy))


def why_suspicious(one: PolicyHealth) -> str:
    """Why a policy is worth a look: it finds too much, is let pass too often, or cannot decide; "" if not."""
    checks, hits = one.evaluated + one.unknown, _hits(one)
    if checks < CHECKS:
        return ""
    reasons = []
    if one.evaluated >= CHECKS and hits > HITS * one.evaluated:
        reasons.append(f"{_share(hits, one.evaluated)} of {one.evaluated:,} checks fail")
    if one.waived > WAIVED * hits:
        reasons.append(f"{_share(one.waived, hits)} of what fails is let pass")
    if one.unknown > UNKNOWN * checks:
        reasons.append(f"{_share(one.unknown, checks)} of {checks:,} checks cannot be decided")
    return "; ".join(reasons)


def _hits(one: PolicyHealth) -> int:
    return one.failed + one.waived


def _share(part: int, whole: int) -> str:
    return f"{100 * part // whole} %"
