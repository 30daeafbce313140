"""Findings against those of a base revision: what is new, worse, as before, and fixed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from msgspec import Struct, field
from msgspec.structs import replace

from readiness.engine.baseline import uncounted
from readiness.engine.homes import Home, Homes
from readiness.engine.model import SEVERITIES, Finding
from readiness.estate.kept import Renames

_ACTIVE = ("fail", "unknown")
_SHOWN = 3  # addresses that are told

_Unit = tuple[str, Home]
"""One resource of a finding, in one root and environment; instances of `count` are alike."""

_ANY: _Unit = ("", ("", ""))


def compare(
    findings: Iterable[Finding],
    base: Iterable[Finding],
    renames: Renames,
    homes: Homes,
    everywhere: frozenset[str],
    unread: frozenset[str],
) -> tuple[list[Finding], list[Finding]]:
    """Findings with how they compare, and those of the base that are fixed.

    A finding is the same one where policy, address and item agree, in the same file, in one that has another
    name now, or in another file of the folder; one that says how it compares is left alone.  One that stands
    for several resources, or holds in several roots and environments, is worse where the base had it for
    some of them only.  `everywhere` are the policies on the estate as a whole, of which it does not matter
    which resource they name.  What the base let pass is none of its findings.  Of files that could not be
    read (`unread`) nothing is fixed.
    """
    known = _Base(base, renames, homes, everywhere)
    told = []
    for finding in findings:
        taken = known.take(finding)
        if finding.compared is not None or finding.status not in _ACTIVE:
            told.append(finding)
        elif not taken.matches:
            told.append(replace(finding, compared="new"))
        else:
            was = _worse(finding, taken)
            told.append(replace(finding, compared="unchanged" if was is None else "worsened", was=was))
    gone = [f for f in known.left() if f.status == "fail" and renames.path(f.span.path) not in unread]
    return told, gone


def _is_surer(finding: Finding, match: Finding) -> bool:
    """Whether what the base could not decide has failed now."""
    return finding.status == "fail" and match.status == "unknown"


class _Taken(Struct):
    """The findings of the base that one finding was, and what of it the base had not."""

    matches: dict[int, Finding] = field(default_factory=dict)
    missing: list[_Unit] = field(default_factory=list)


def _worse(finding: Finding, taken: _Taken) -> str | None:
    """What was better in the base: the severity, the resources with this cause, or where it holds."""
    matches = taken.matches.values()
    gravest = min((match.severity for match in matches), key=SEVERITIES.index)
    if SEVERITIES.index(finding.severity) < SEVERITIES.index(gravest):
        return gravest
    before = dict.fromkeys(address for match in matches for address in _addresses(match))
    if len(_addresses(finding)) > len(before):
        return f"{len(before)} resource{'s' if len(before) > 1 else ''}"
    if not taken.missing:
        return None
    alike = {uncounted(address) for address in before}
    if any(address not in alike for address, _ in taken.missing):
        more = f" and {len(before) - _SHOWN} more" if len(before) > _SHOWN else ""
        return f"{', '.join(list(before)[:_SHOWN])}{more}"
    homes = sorted({home for match in matches for home in match.homes})
    roots = {root for root, _ in homes} | {root for _, (root, _) in taken.missing}
    named = [name or root for root, name in homes] if len(roots) == 1 else [root for root, _ in homes]
    return f"in {', '.join(dict.fromkeys(named))} only"


def _addresses(finding: Finding) -> tuple[str, ...]:
    return finding.subject.address, *finding.instances


class _Base:
    """The findings of the base, each resource of one taken at most once."""

    def __init__(
        self, findings: Iterable[Finding], renames: Renames, homes: Homes, everywhere: frozenset[str]
    ) -> None:
        self._renames = renames
        self._homes = homes
        self._everywhere = everywhere
        self._every = list(findings)
        self._touched: set[int] = set()
        self._taken: set[tuple[int, _Unit]] = set()
        # By policy, item and what a resource is now: the numbers of findings, and what it was.
        self._known: dict[tuple[str, str, _Unit], list[tuple[int, _Unit]]] = {}
        for number, finding in enumerate(self._every):
            for now, was in self._units_now(finding):
                self._known.setdefault(self._key(finding, now), []).append((number, was))

    def take(self, finding: Finding) -> _Taken:
        """What of the base this finding was, which is then taken."""
        found = _Taken()
        for unit in self._units(finding):
            candidates = (
                (distance, number, was)
                for number, was in self._known.get(self._key(finding, unit), ())
                if (number, was) not in self._taken
                for distance in self._distance(finding, number)
            )
            best = min(candidates, default=None)
            if best is not None:
                _, number, was = best
                self._taken.add((number, was))
                self._touched.add(number)
                match = self._every[number]
                if match.status in _ACTIVE and not _is_surer(finding, match):
                    found.matches[number] = match
                    continue
            found.missing.append(unit)
        found.missing = [unit for unit in found.missing if not self._is_everywhere(unit, found)]
        return found

    def _is_everywhere(self, unit: _Unit, found: _Taken) -> bool:
        """Whether a finding is in an environment that is new, and was in all that its root had."""
        had = {home for match in found.matches.values() for home in match.homes}
        return self._homes.adds_to(unit[1], had)

    def left(self) -> Iterator[Finding]:
        """What nobody took."""
        yield from (f for number, f in enumerate(self._every) if number not in self._touched)

    def _key(self, finding: Finding, unit: _Unit) -> tuple[str, str, _Unit]:
        if finding.policy in self._everywhere:
            return finding.policy, "", _ANY
        return finding.policy, "" if finding.identity is None else finding.identity.item, unit

    def _units(self, finding: Finding) -> list[_Unit]:
        """The resources that a finding stands for."""
        if finding.policy in self._everywhere:
            return [_ANY]
        addresses = [uncounted(address) for address in _addresses(finding)]
        homes = finding.homes or (("", ""),)
        return list(dict.fromkeys((address, home) for address in addresses for home in homes))

    def _units_now(self, finding: Finding) -> Iterator[tuple[_Unit, _Unit]]:
        """The resources of a finding of the base as they may be called now, and as they were."""
        if finding.policy in self._everywhere:
            yield _ANY, _ANY
            return
        old = self._path(finding, there=True)
        for was in finding.homes or (("", ""),):
            for home in self._homes.now(was, old, self._renames.path(old)):
                for address in _addresses(finding):
                    moved = self._renames.moves.address(home[0], address)
                    yield (uncounted(moved), home), (address, was)

    def _path(self, finding: Finding, there: bool = False) -> str:
        path = finding.span.path if finding.identity is None else finding.identity.path
        return path if there else self._renames.path(path)

    def _distance(self, finding: Finding, number: int) -> Iterator[tuple[int, int]]:
        """How far two findings are apart, least first; nothing for two that are not the same."""
        other = self._every[number]
        here = finding.identity
        there = other.identity
        if here is None or there is None:
            return
        occurrence = abs(here.occurrence - there.occurrence)
        path = self._path(other)
        if path == here.path or finding.policy in self._everywhere:
            yield 0, occurrence
        elif posixpath.dirname(path) == posixpath.dirname(here.path):
            yield 1, occurrence
