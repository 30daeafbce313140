"""The way to the next level: the smallest set of changes, those that close most first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from readiness.engine.model import SEVERITIES, Finding
from readiness.scorecard.controls import Judged
from readiness.scorecard.levels import Levels
from readiness.scorecard.model import ControlResult, Missing, Step
from readiness.scorecard.score import at_or_above

_Place = tuple[str, str, int]

_LET_PASS = frozenset({"suppressed", "waived", "baselined"})


def next_level(level: str, levels: Levels) -> str | None:
    """The level after one; None at the highest."""
    order = ("", *levels.names)
    index = order.index(level) + 1
    return order[index] if index < len(order) else None


def steps(
    results: Sequence[ControlResult], tier: int, target: str | None, run: Judged, levels: Levels
) -> list[Step]:
    """What has to change for a level: all of it is needed, and one change is named once.

    What one edit mends is one step: findings of a policy whose value is written at the same place, and what
    a policy on services says again of it.
    """
    if target is None:
        return []
    number = levels.names.index(target)
    floor, asked = levels.every[number].severity, levels.asked[tier][number]
    groups: dict[_Place, dict[str, Missing]] = {}
    controls: dict[_Place, set[str]] = {}
    open_: dict[str, set[_Place]] = {}
    for result in results:
        if result.control not in asked:
            continue
        counted = [one for one in result.missing if at_or_above(one.severity, floor)]
        places = [_edit(one, run.findings) for one in counted]
        for one, own in zip(counted, places, strict=True):
            place = _covered(own, places, levels)
            groups.setdefault(place, {})[one.fingerprint] = one
            controls.setdefault(place, set()).add(result.control)
            open_.setdefault(result.control, set()).add(place)
    made = [
        _step(place, list(group.values()), controls[place], open_, run) for place, group in groups.items()
    ]
    return sorted(made, key=_order)


def _covered(own: _Place, places: Sequence[_Place], levels: Levels) -> _Place:
    """The place whose edit mends what is missing at one as well: that of another policy, else itself."""
    along = levels.one_change.get(own[0])
    if along is None:
        return own
    found = [
        place
        for place in places
        if place[0] in along.policies and (not along.same_place or place[1:] == own[1:])
    ]
    return min(found, key=lambda place: (place[1:], place[0]), default=own)


def _edit(one: Missing, findings: Mapping[str, Finding]) -> _Place:
    """Policy, path and line of what has to be edited: where the value comes from, if that is elsewhere."""
    finding = findings.get(one.fingerprint)
    if finding is not None and finding.origins:
        span = finding.origins[-1].span
        return one.policy, span.path, span.line
    return one.policy, one.path, one.line


def _step(
    place: _Place,
    group: Sequence[Missing],
    closes: set[str],
    open_: Mapping[str, set[_Place]],
    run: Judged,
) -> Step:
    policy, path, line = place
    own = [one for one in group if one.policy == policy]
    first = min(own, key=lambda one: SEVERITIES.index(one.severity))
    fixable = first.fixable if all(one.fixable == first.fixable for one in own) else None
    return Step(
        action=_action(first, run),
        policy=policy,
        severity=min((one.severity for one in group), key=SEVERITIES.index),
        path=path,
        line=line,
        closes=tuple(sorted(closes)),
        findings=len(group),
        unlocks=tuple(sorted(control for control in closes if open_[control] == {place})),
        fixable=fixable,
        command=_command(policy, path, fixable, any(one.status in _LET_PASS for one in own)),
        fingerprints=tuple(sorted(one.fingerprint for one in group)),
    )


def _action(one: Missing, run: Judged) -> str:
    """What has to be true, as the policy says it; what keeps it from counting, where that is no defect."""
    title = run.title(one.policy)
    if one.status == "unknown":
        return f"Make known to the check: {title}"
    if one.status in ("suppressed", "waived"):
        return f"Mend what is waived: {title}"
    return title


def _command(policy: str, path: str, fixable: str | None, let_pass: bool) -> str | None:
    """The command that makes the change, for a path that a shell takes as it is.

    What an exception lets pass is mended only where none counts.
    """
    import shlex

    if fixable is None:
        return None
    option = "--fix" if fixable == "safe" else "--fix --unsafe-fixes"
    option += " --no-exceptions" if let_pass else ""
    return f"readiness check {option} --select {policy} {shlex.quote(path)}"


def _order(step: Step) -> tuple[object, ...]:
    return (
        -len(step.unlocks),
        SEVERITIES.index(step.severity),
        -step.findings,
        step.path,
        step.line,
        step.policy,
    )
