"""A condition is proven where some example notices that a part of it is gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from readiness.engine.checks import make_checks
from readiness.engine.examples import Built, outcome
from readiness.policy.model import Policy


def conjuncts(policy: Policy) -> list[Any]:
    """The parts that the `&&` of an `assert` joins; empty where there is only one, which a `fail` proves.

    Raises:
        UsageError: a condition of the policy does not compile.
    """
    check = make_checks([policy])[0]
    check.prepare()
    return check.conjuncts if len(check.conjuncts) > 1 else []


def unproven(policy: Policy, examples: Sequence[Built]) -> list[Any]:
    """The parts of an `assert` without which every example still holds; the examples must hold with them.

    Raises:
        UsageError: a condition of the policy does not compile.
    """
    check = make_checks([policy])[0]
    check.prepare()
    parts = check.conjuncts
    if len(parts) < 2:
        return []
    # A `fail` example is the one that notices, most of the time.
    order = sorted(examples, key=lambda built: built.kind != "fail")
    found = []
    for index, part in enumerate(parts):
        kept = [*parts[:index], *parts[index + 1 :]]
        without = replace(check, codes=[(other.code, other) for other in kept])
        if all(outcome(without, built) is None for built in order):
            found.append(part)
    return found
