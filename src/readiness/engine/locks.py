"""Locked settings: what those who extend a file, stand below it or run a command may not loosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from readiness.config.model import Cascade, Override, Place, is_everywhere
from readiness.engine.model import SEVERITIES
from readiness.engine.settings import Settings, Step, folded
from readiness.errors import UsageError
from readiness.policy.model import Policy
from readiness.policy.overrides import named_by, override
from readiness.policy.select import has, is_named

_WORST = len(SEVERITIES)  # the weight of what is not checked
_UNKNOWN = ("ignore", "warn", "fail")
_SELECTING = ("select", "profile")


def hold_locks(steps: Sequence[Step], cascade: Cascade, policies: Sequence[Policy]) -> dict[str, Place]:
    """Hold settings against what of them is locked; the policies that nobody may leave out, with who says so.

    The keys are those of `readiness.config.model.lock_at`.
    `policies` are those of all packs, as they are in their files.

    Raises:
        UsageError: a file or the command line loosens what is locked; with its place.
    """
    result: dict[str, Place] = {}
    for lock in steps:
        entries = [one for one in lock.layer.overrides if one.locked]
        if not entries and not lock.layer.locked:
            continue
        every = {policy.id: policy for policy in policies}
        locked = {id_: one for one in entries for id_ in named_by(one, every)[1]}
        concerned = policies if lock.layer.locked else [every[id_] for id_ in locked]
        own = [step for step in steps if step.group < lock.group or _of_one_file(step, lock)]
        _Lock(lock, locked, concerned, cascade, _state(own, _unsaid(cascade), concerned)).hold(steps, own)
        for id_, one in locked.items():
            if "ignore" in one.locked:
                key = id_ if is_everywhere(lock.folder) else f"{lock.folder}/{id_}"
                result.setdefault(key, one.place_of("locked"))
    return result


def _of_one_file(step: Step, lock: Step) -> bool:
    """Whether a layer belongs to the file of a lock, or to one that this extends."""
    if step.group != lock.group or step.index < lock.first:
        return False
    return step.index <= lock.index or (step.first, step.layer.path) == (lock.first, lock.layer.path)


def _unsaid(cascade: Cascade) -> Cascade:
    return replace(cascade, given={})


class _State(Struct):
    """What settings make of some policies."""

    settings: Settings
    policies: dict[str, Policy]
    used: set[str]
    ignored: set[str]


def _state(steps: Iterable[Step], cascade: Cascade, policies: Sequence[Policy]) -> _State:
    settings = folded([step.layer for step in steps], cascade)
    result = override(policies, settings.overrides, lenient=True)
    found = {policy.id: policy for policy in result.policies}
    if settings.select:
        used = {id_ for id_, p in found.items() if any(is_named(p, one) for one in settings.select)}
    else:
        used = {id_ for id_, p in found.items() if has(settings.profile, p) or id_ in result.enabled}
    ignored = {id_ for id_, p in found.items() if any(is_named(p, one) for one in settings.ignore)}
    ignored |= result.ignored
    return _State(settings, found, used - ignored, ignored)


class _Lock(Struct):
    """What one layer locks, and how things are by its word."""

    step: Step
    locked: dict[str, Override]
    concerned: Sequence[Policy]
    cascade: Cascade
    before: _State

    def hold(self, steps: Sequence[Step], own: Sequence[Step]) -> None:
        """Add one layer after the other, then the command line, and see that nothing gets looser."""
        counted = {(step.group, step.index) for step in own}
        last = self.before
        for step in steps:
            at = (step.group, step.index)
            if at in counted:
                continue
            counted.add(at)
            so_far = [other for other in steps if (other.group, other.index) in counted]
            after = _state(so_far, _unsaid(self.cascade), self.concerned)
            self._compare(last, after, step)
            last = after
        if self.cascade.given:
            self._compare(last, _state(steps, self.cascade, self.concerned), None)

    def _compare(self, last: _State, after: _State, step: Step | None) -> None:
        """See what one more layer makes looser; `last` is how things were without it."""
        for name in self.step.layer.locked:
            self._setting(name, last, after, step)
        for id_, entry in self.locked.items():
            place = entry.place_of("locked")
            if "ignore" in entry.locked and self._left_out(id_, after):
                raise self._error(step, self._why(id_, step), f"{id_!r} is locked by {place}")
            if "severity" in entry.locked and self._tier_matters(id_, last, after):
                why = f"{id_!r} is locked by {place}, and weighs less in tier {after.settings.tier}"
                raise self._error(step, ("tier", None), why)
            aspect = self._loosened(id_, entry, after)
            if aspect is not None:
                is_at = "" if aspect != "severity" else f" at {self.before.policies[id_].severity!r}"
                raise self._error(
                    step, self._changer(id_, aspect, step), f"{id_!r} is locked{is_at} by {place}"
                )

    def _left_out(self, id_: str, after: _State) -> bool:
        dropped = id_ in self.before.used and id_ not in after.used
        return dropped or (id_ in after.ignored and id_ not in self.before.ignored)

    def _tier_matters(self, id_: str, last: _State, after: _State) -> bool:
        """Whether resources that name no tier weigh less, as they are of another one."""
        tiers = last.settings.tier, after.settings.tier
        return _weight(after.policies[id_], tiers[1]) > _weight(after.policies[id_], tiers[0])

    def _loosened(self, id_: str, entry: Override, after: _State) -> str | None:
        """What of a policy is looser than it was."""
        old, new = self.before.policies[id_], after.policies[id_]
        if old is new:
            return None
        if "severity" in entry.locked and any(_weight(new, t) > _weight(old, t) for t in range(10)):
            return "severity"
        if "params" in entry.locked and new.parameter_values() != old.parameter_values():
            return "params"
        if "warn_until" in entry.locked and (new.warn_until or "") > (old.warn_until or ""):
            return "warn_until"
        return None

    def _setting(self, name: str, last: _State, after: _State, step: Step | None) -> None:
        """See that one locked setting did not get looser."""
        place = self.step.layer.places[f"locked:{name}"]
        if name in ("select", "profile", "ignore"):
            for id_ in sorted((self.before.used & last.used) - after.used):
                why = self._why(id_, step)
                by_ignoring = why[0].rpartition(".")[2].startswith("ignore")
                if by_ignoring == (name == "ignore"):
                    message = f"it leaves out {id_!r}, and `{name}` is locked by {place}"
                    raise self._error(step, why, message)
            return
        old, new = getattr(self.before.settings, name), getattr(after.settings, name)
        looser = old != new
        if name == "fail_on":
            looser = SEVERITIES.index(new) < SEVERITIES.index(old)
        elif name == "unknown":
            looser = _UNKNOWN.index(new) < _UNKNOWN.index(old)
        if looser:
            raise self._error(step, (name, None), f"it is locked at {old!r} by {place}")

    def _why(self, id_: str, step: Step | None) -> tuple[str, Place | None]:
        """The key of a layer (or of the command line) that leaves a policy out."""
        policy = self.before.policies[id_]
        said: dict[str, Any] = self.cascade.given if step is None else step.layer.values
        for selector in said.get("ignore", ()):
            if is_named(policy, selector):
                return "ignore", None if step is None else step.layer.places[f"ignore:{selector}"]
        if step is not None:
            for one in step.layer.overrides:
                if one.ignore and id_ in named_by(one, {id_: policy})[1]:
                    return f"{one.where}.ignore", one.place_of("ignore")
        return next((name, None) for name in (*_SELECTING, "") if name in said or not name)

    def _changer(self, id_: str, aspect: str, step: Step | None) -> tuple[str, Place | None]:
        """The entry of a layer that changes a policy."""
        fields = ("severity", "tiers") if aspect == "severity" else (aspect,)
        for one in () if step is None else reversed(step.layer.overrides):
            if id_ in named_by(one, {id_: self.before.policies[id_]})[1]:
                for name in fields:
                    if name in one.places:
                        return f"{one.where}.{name}", one.places[name]
        return aspect, None

    def _error(self, step: Step | None, at: tuple[str, Place | None], message: str) -> UsageError:
        key, place = at
        if step is None:
            return UsageError(f"--{key.replace('_', '-')}: {message}")
        inner = f"{step.layer.within}." if step.layer.within and not key.startswith(step.layer.within) else ""
        where = f"{inner}{key.replace('_', '-') if '.' not in key else key}"
        place = place or step.layer.places.get(key, step.layer.places[""])
        return place.error(f"{where}: {message}")


def _weight(policy: Policy, tier: int) -> int:
    """How little a policy weighs in a tier: 0 is critical."""
    severity = policy.severity if policy.tiers is None else policy.tiers.get(tier)
    return _WORST if severity is None else SEVERITIES.index(severity)
