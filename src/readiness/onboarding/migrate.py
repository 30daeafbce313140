"""Skips of other tools → what says the same here: ignored policies, waivers, and a row for each id."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from readiness.config.settings import is_day
from readiness.config.waivers import Waiver
from readiness.engine.waivers import is_over
from readiness.onboarding.model import Row, Skip
from readiness.onboarding.names import Aliases, why_unknown
from readiness.onboarding.texts import one_line

SETTINGS, WAIVERS = "readiness.yaml", "waivers.yaml"
ALREADY = "it was there already"
"""Why a row changes nothing."""


class NewWaiver(Struct, frozen=True):
    """An entry for `waivers.yaml`; `remark` says where it comes from."""

    policies: tuple[str, ...]
    remark: str
    resources: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    reason: str | None = None
    expires: str | None = None
    owner: str | None = None


class Migration(Struct):
    """What comes of the skips: policies to ignore by folder, each with remarks; waivers; rows."""

    ignored: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    waivers: list[NewWaiver] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


class There(Struct, frozen=True):
    """What the repository says already: policies that are ignored, by folder, and its waivers."""

    ignored: Mapping[str, frozenset[str]] = {}
    waivers: Sequence[Waiver] = ()


def migrate(
    skips: Iterable[Skip], aliases: Aliases, there: There, today: datetime.date, owner: str | None = None
) -> Migration:
    """Say skips in our own words; `owner` is who answers for waivers where that is certain."""
    made = Migration()
    for skip in skips:
        if skip.form != "config":
            made.rows += [_in_place(skip, id_, aliases, today) for id_ in skip.ids]
            continue
        known: list[tuple[str, tuple[str, ...]]] = []
        for id_ in skip.ids:
            policies = aliases.of(skip.tool, id_)
            row = _refused(skip, id_, policies, today)
            if row is None:
                known.append((id_, policies))
            else:
                made.rows.append(row)
        if known and (skip.until or skip.paths or skip.resources):
            _waive(skip, known, there, owner, made)
        elif known:
            _ignore(skip, known, aliases, there, made)
    return made


def _row(
    skip: Skip, id_: str, policies: tuple[str, ...], outcome: str, where: str | None, why: str | None
) -> Row:
    return Row(skip.tool, id_, skip.path, skip.line, skip.form, policies, outcome, where, why)


def _in_place(skip: Skip, id_: str, aliases: Aliases, today: datetime.date) -> Row:
    """What stands in the code works as it is."""
    policies = aliases.in_place(skip.tool, id_)
    every = id_ == "*" or id_.endswith(":*")
    if not policies and not every:
        return _row(skip, id_, (), "unknown", None, skip.why or why_unknown(skip.tool))
    if skip.until is not None and is_over(skip.until, today):
        return _row(skip, id_, policies, "expired", None, f"its last day was {skip.until}")
    return _row(skip, id_, () if every else policies, "honoured", skip.path, skip.why)


def _refused(skip: Skip, id_: str, policies: tuple[str, ...], today: datetime.date) -> Row | None:
    """The row of a skip that is not taken over; None for one that is."""
    if skip.why is not None:
        return _row(skip, id_, policies, "left", None, skip.why)
    if not policies:
        return _row(skip, id_, (), "unknown", None, why_unknown(skip.tool))
    if skip.until is not None and not is_day(skip.until):
        return _row(skip, id_, policies, "left", None, f"there is no day {one_line(skip.until)!r}")
    if skip.until is not None and is_over(skip.until, today):
        return _row(skip, id_, policies, "expired", None, f"its last day was {skip.until}")
    return None


def _ignore(
    skip: Skip,
    known: list[tuple[str, tuple[str, ...]]],
    aliases: Aliases,
    there: There,
    made: Migration,
) -> None:
    done = there.ignored.get(".", frozenset()) | there.ignored.get(skip.folder, frozenset())
    for id_, policies in known:
        remark = f"{id_} in {skip.path}:{skip.line}" + (f": {skip.reason}" if skip.reason else "")
        for policy in policies:
            if policy not in done:
                made.ignored.setdefault(skip.folder, {}).setdefault(policy, []).append(remark)
        more = sorted({alias for policy in policies for alias in aliases.besides(policy, id_)})
        why = f"which leaves out {', '.join(more)} as well" if more and not _is_glob(id_) else None
        if all(policy in done for policy in policies):
            why = ALREADY
        made.rows.append(_row(skip, id_, policies, "ignored", SETTINGS, why))


def _waive(
    skip: Skip, known: list[tuple[str, tuple[str, ...]]], there: There, owner: str | None, made: Migration
) -> None:
    names = tuple(dict.fromkeys(policy for _, policies in known for policy in policies))
    paths = skip.paths or (() if skip.folder == "." else (f"{skip.folder}/",))
    resources = skip.resources or (() if paths else ("*",))
    ids = ", ".join(id_ for id_, _ in known)
    waiver = NewWaiver(
        policies=names,
        remark=f"{ids} in {skip.path}:{skip.line}",
        resources=resources,
        paths=paths,
        reason=one_line(skip.reason) or None if skip.reason else None,
        expires=skip.until,
        owner=owner,
    )
    old = any(_same(waiver, other) for other in there.waivers)
    if not old:
        made.waivers.append(waiver)
    for id_, policies in known:
        why = ALREADY if old else f"until {skip.until}" if skip.until else None
        made.rows.append(_row(skip, id_, policies, "waived", WAIVERS, why))


def _same(new: NewWaiver, old: Waiver) -> bool:
    """Whether a waiver says what a new one would; people may have filled in the rest."""
    if old.change or old.environments or not set(new.policies) <= set(old.policies):
        return False
    return set(new.paths) == set(old.paths) and set(new.resources) == set(old.resources)


def _is_glob(id_: str) -> bool:
    return any(char in id_ for char in "*?[")
