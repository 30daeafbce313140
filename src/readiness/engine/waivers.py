"""Waivers: approved exceptions in files of their own, held against findings."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from msgspec import Struct

from readiness.config.model import Place, lock_at
from readiness.engine.model import SEVERITIES, Allowance, Finding
from readiness.engine.patterns import (
    address_parents,
    address_pattern,
    is_glob,
    literal,
    name_pattern,
    path_pattern,
)
from readiness.errors import SourceError, near
from readiness.estate.model import Resource
from readiness.policy.model import Policy
from readiness.policy.names import Names, answering
from readiness.values import Span

if TYPE_CHECKING:
    from readiness.config.waivers import Waiver, WaiverFile

NO_REASON = "no reason given"

DAYS = 14
"""How far off an acknowledgement may end where no base revision says whether it is new."""


class Use(Struct):
    """What came of an exception: how many findings it let pass, and the gravest severity of these."""

    matches: int = 0
    highest: str | None = None

    def count(self, severity: str) -> None:
        """Note one more finding."""
        self.matches += 1
        if self.highest is None or SEVERITIES.index(severity) < SEVERITIES.index(self.highest):
            self.highest = severity


class _Live(Struct):
    """A waiver that has not expired, compiled; None where every text will do."""

    environments: re.Pattern[str] | None
    paths: re.Pattern[str] | None
    folder: str


class _Named(Struct):
    """The waivers of one policy: those for every resource, by address without wildcards, and by globs.

    A glob comes with a text that is in every address which it matches: most others fail by that.
    """

    always: list[int]
    exact: dict[str, list[int]]
    globs: list[tuple[str, re.Pattern[str], int]]


class Waivers:
    """Answers which waivers let a finding pass; each has a number, its place in the list.

    `locked` are policies that nothing may waive.  A waiver is meant for the policies of `policies`, whether
    they are part of the run or not.
    """

    def __init__(
        self,
        files: Sequence[WaiverFile],
        policies: Sequence[Policy],
        names: Names,
        today: datetime.date,
        locked: Mapping[str, Place] | None = None,
        past: frozenset[tuple[object, ...]] | None = None,
    ) -> None:
        """Compile waivers; `past` is what those of the base revision say, None where there is no base.

        Raises:
            UsageError: one names a policy that does not exist; with its place.
        """
        self.every: list[Waiver] = [waiver for file in files for waiver in file.waivers]
        self.meant: list[tuple[str, ...]] = []
        self.uses = [Use() for _ in self.every]
        self.notices: list[SourceError] = []
        self._locked = locked or {}
        self._told: set[tuple[int, str]] = set()
        self._live: dict[int, _Live] = {}
        self._by_policy: dict[str, _Named] = {}
        self._paths: dict[tuple[int, str], bool] = {}
        self._on_change = frozenset(policy.id for policy in policies if policy.on == "change")
        if not self.every:
            return
        called = _Called(policies, names)
        for number, waiver in enumerate(self.every):
            ids = tuple(dict.fromkeys(id_ for name in waiver.policies for id_ in called.ids(name, waiver)))
            self.meant.append(ids)
            if not is_over(waiver.expires, today) and (not waiver.change or _is_of_now(waiver, past, today)):
                self._add(number, waiver, ids)
        self.notices += called.notices

    def _add(self, number: int, waiver: Waiver, ids: Iterable[str]) -> None:
        anything = not waiver.resources or "*" in waiver.resources
        exact = [text for text in waiver.resources if not anything and not is_glob(text)]
        globs = [
            (literal(text), address_pattern([text]), number)
            for text in waiver.resources
            if not anything and is_glob(text)
        ]
        self._live[number] = _Live(
            name_pattern(waiver.environments) if waiver.environments else None,
            path_pattern(waiver.paths) if waiver.paths else None,
            waiver.folder,
        )
        for id_ in ids:
            named = self._by_policy.get(id_)
            if named is None:
                named = self._by_policy[id_] = _Named([], {}, [])
            named.always += [number] if anything else []
            named.globs += globs
            for text in exact:
                named.exact.setdefault(text, []).append(number)

    def of_resource(self, policy: str, resource: Resource) -> tuple[int, ...]:
        """The waivers that hold for a policy on a resource, by address and environment, in their order."""
        named = self._by_policy.get(policy)
        if named is None:
            return ()
        address = resource.address
        numbers = {n for text, pattern, n in named.globs if text in address and pattern.fullmatch(address)}
        numbers.update(named.always)
        if named.exact:
            for place in address_parents(address):
                numbers.update(named.exact.get(place, ()))
        if not numbers:
            return ()
        return tuple(sorted(number for number in numbers if self._in_environment(number, resource)))

    def _in_environment(self, number: int, resource: Resource) -> bool:
        pattern = self._live[number].environments
        if pattern is None:
            return True
        names = (resource.variant, resource.environment)
        return any(isinstance(name, str) and name and pattern.fullmatch(name) for name in names)

    def allow(self, finding: Finding, numbers: Iterable[int]) -> Allowance | None:
        """The first of some waivers that lets a finding pass; each of them that does is in use.

        What is locked is not waived, which a notice tells once for each waiver and policy.
        """
        found = [n for n in numbers if self._at_path(n, finding) and self._is_meant(n, finding)]
        lock = lock_at(self._locked, finding.policy, finding.span.path) if found and self._locked else None
        if lock is not None:
            for number in found:
                self._refuse(number, finding.policy, lock)
            return None
        for number in found:
            self.uses[number].count(finding.severity)
        if not found:
            return None
        waiver = self.every[found[0]]
        return Allowance(
            "acknowledgement" if waiver.change else "waiver",
            waiver.span,
            waiver.reason or NO_REASON,
            waiver.owner,
            waiver.ticket,
            waiver.approved_by,
            waiver.expires,
        )

    def _is_meant(self, number: int, finding: Finding) -> bool:
        """Acknowledgements are about what a change does, and not about what is."""
        if not self.every[number].change:
            return True
        return finding.policy in self._on_change or finding.compared == "worsened"

    def _refuse(self, number: int, policy: str, lock: Place) -> None:
        if (number, policy) not in self._told:
            self._told.add((number, policy))
            self.notices.append(refusal(self.every[number].span, policy, lock, "waived"))

    def _at_path(self, number: int, finding: Finding) -> bool:
        live = self._live[number]
        if live.paths is None:
            return True
        if self._matches(number, live.paths, live.folder, finding.span.path):
            return True
        path = finding.identity.path if finding.identity is not None else finding.span.path
        return path != finding.span.path and self._matches(number, live.paths, live.folder, path)

    def _matches(self, number: int, pattern: re.Pattern[str], folder: str, path: str) -> bool:
        """Whether a pattern of a waiver matches a path, as seen from its folder; looked at once."""
        key = (number, path)
        known = self._paths.get(key)
        if known is None:
            seen = path if folder == "." else os.path.relpath(path, folder).replace(os.sep, "/")
            known = self._paths[key] = pattern.fullmatch(seen) is not None
        return known


def is_acknowledged(finding: Finding) -> bool:
    """Whether a finding passes by an acknowledgement of the change."""
    return finding.allowance is not None and finding.allowance.kind == "acknowledgement"


def refusal(span: Span, policy: str, lock: Place, done: str) -> SourceError:
    """A notice at an exception that does not count, since its policy is locked."""
    message = f"{policy!r} is locked by {lock.path}:{lock.line}: it cannot be {done}"
    return SourceError(span.path, span.line, span.column, message, "notice")


def _is_of_now(waiver: Waiver, past: frozenset[tuple[object, ...]] | None, today: datetime.date) -> bool:
    """Whether an acknowledgement is part of the change: the base has not got it, or it ends within days."""
    if past is not None:
        return waiver.content not in past
    last = (today + datetime.timedelta(days=DAYS)).isoformat()
    return waiver.expires is not None and waiver.expires <= last


def is_over(day: str | None, today: datetime.date) -> bool:
    """Whether a last day (`YYYY-MM-DD`) has gone by."""
    return day is not None and day < today.isoformat()


class _Called:
    """What the names in waivers mean."""

    def __init__(self, policies: Sequence[Policy], names: Names) -> None:
        self._answering = answering(policies)
        self._names = names
        self._globs: dict[str, tuple[str, ...]] = {}
        self._ids = [policy.id for policy in policies]
        self.notices: list[SourceError] = []

    def ids(self, name: str, waiver: Waiver) -> tuple[str, ...]:
        """The ids of the policies that a name means.

        Raises:
            UsageError: it means none; with its place.
        """
        folded = name.lower()
        place = waiver.places[name]
        found = self._answering.get(folded)
        if found is None and is_glob(folded):
            if folded not in self._globs:
                self._globs[folded] = tuple(id_ for id_ in self._ids if fnmatchcase(id_, folded))
            found = self._globs[folded]
        now = self._names.now(name)
        if found and now is not None:
            self._note(place, f"{name!r} is now called {now!r}; the old name goes on working")
        if not found and folded in self._names.retired:
            self._note(place, f"{name!r} is no policy any more: {self._names.retired[folded]}")
            return ()
        if not found:
            hint = near(folded, sorted({*self._ids, *self._names.controls, *self._names.former}))
            raise place.error(f"policy: no policy, control or other tool's id is called {name!r}{hint}")
        return found

    def _note(self, place: Place, message: str) -> None:
        self.notices.append(SourceError(place.path, place.line, place.column, message, "notice"))
