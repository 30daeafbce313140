"""What settings change of policies: severities, tiers, parameters, and whether they are used."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from readiness.config.model import Override
from readiness.config.shape import written
from readiness.errors import SourceError, UsageError, near
from readiness.policy.model import Policy
from readiness.policy.params import wrong_values

GLOB, CONTROL, PEER, ID = range(4)
"""How specific a key is; the most specific wins, and of two alike the later: that of the nearer file."""


class Overridden(Struct):
    """Policies as settings want them; the ids of those ignored and enabled; what is worth knowing."""

    policies: list[Policy]
    ignored: set[str] = field(default_factory=set)
    enabled: set[str] = field(default_factory=set)
    notes: list[SourceError] = field(default_factory=list)


def override(policies: Iterable[Policy], overrides: Iterable[Override], lenient: bool = False) -> Overridden:
    """Apply the overrides of settings to policies; `lenient` passes over those that name nothing.

    Raises:
        UsageError: a key names nothing, two keys name one policy, a parameter does not exist or has a value
            that it cannot have; with its place in the settings.
    """
    result = Overridden(list(policies))
    every = {policy.id: policy for policy in result.policies}
    exact: dict[tuple[str, str, str], Override] = {}
    ranked = []
    for one in overrides:
        rank, ids = named_by(one, every)
        if not ids:
            if lenient:
                continue
            raise _nothing(one, every)
        if rank == ID:
            other = exact.setdefault((one.place.path, one.within, ids[0]), one)
            if other.place != one.place:
                raise one.place.error(
                    f"{one.where}: {ids[0]!r} stands here twice; first in line {other.place.line}"
                )
            if one.key.lower() != ids[0]:
                note = f"{one.key!r} is now called {ids[0]!r}; the old name goes on working"
                result.notes.append(SourceError(*_where(one), note, "notice"))
        if not lenient:
            _params_exist(one, [every[id_] for id_ in ids])
        ranked.append((rank, one, ids))
    for _, one, ids in sorted(ranked, key=lambda item: item[0]):
        for id_ in ids:
            every[id_] = _changed(every[id_], one)
            _used(result, id_, one)
    result.policies = list(every.values())
    return result


def _where(one: Override) -> tuple[str, int, int]:
    return one.place.path, one.place.line, one.place.column


def named_by(one: Override, every: dict[str, Policy]) -> tuple[int, list[str]]:
    """How specific a key is, and the ids of the policies that it names."""
    key = one.key.lower()
    if key in every:
        return ID, [key]
    former = [policy.id for policy in every.values() if key in policy.former_ids]
    if former:
        return ID, former[:1]
    aliased = [p.id for p in every.values() if key in (alias.lower() for alias in p.aliases)]
    if aliased:
        return PEER, aliased
    of_control = [policy.id for policy in every.values() if policy.control == key]
    if of_control:
        return CONTROL, of_control
    return GLOB, [id_ for id_ in every if fnmatchcase(id_, key)] if any(c in key for c in "*?[") else []


def _nothing(one: Override, every: dict[str, Policy]) -> UsageError:
    key = one.key.lower()
    known = [*every, *sorted({policy.control for policy in every.values()})]
    what = f"it names no policy, control or other tool's id{near(key, known)}"
    return one.place.error(f"{one.where}: {what}")


def _params_exist(one: Override, policies: list[Policy]) -> None:
    for name in one.params:
        if any(name in policy.params for policy in policies):
            continue
        known = sorted({param for policy in policies for param in policy.params})
        what = policies[0].id if len(policies) == 1 else f"none of {len(policies)} policies"
        has = "has no parameter" if len(policies) == 1 else "has a parameter"
        rest = near(name, known) or (f"; there is {', '.join(known)}" if known else "")
        raise one.place_of(f"params.{name}").error(f"{one.where}.params.{name}: {what} {has} {name!r}{rest}")


def _changed(policy: Policy, one: Override) -> Policy:
    changes: dict[str, Any] = {}
    if one.severity is not None:
        changes["severity"] = one.severity
        if policy.tiers is not None:
            # What applies to some tiers only still does; what it weighs there is said by the settings.
            changes["tiers"] = dict.fromkeys(policy.tiers, one.severity)
    if one.tiers is not None:
        changes["tiers"] = one.tiers
    if one.warn_until is not None:
        changes["warn_until"] = one.warn_until
    params = {name: value for name, value in one.params.items() if name in policy.params}
    if params:
        for name, value in params.items():
            _check_param(policy, one, name, value)
        changes["params"] = {
            name: {**spec, "default": params[name]} if name in params else spec
            for name, spec in policy.params.items()
        }
    return replace(policy, **changes) if changes else policy


def _check_param(policy: Policy, one: Override, name: str, value: Any) -> None:
    spec = policy.params[name]
    for violation in wrong_values(value, spec):
        inner = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in violation.path)
        raise one.place_of(f"params.{name}").error(
            f"{one.where}.params.{name}{inner}: {violation.message} "
            f"({policy.id} has {_default(spec.get('default'))})"
        )


def _default(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return "a mapping" if isinstance(value, dict) else written(value)


def _used(result: Overridden, id_: str, one: Override) -> None:
    """Whether a policy is used: the last, most specific word counts."""
    if one.ignore is None and one.enable is None:
        return
    result.ignored.discard(id_)
    result.enabled.discard(id_)
    if one.ignore:
        result.ignored.add(id_)
    elif one.enable:
        result.enabled.add(id_)
