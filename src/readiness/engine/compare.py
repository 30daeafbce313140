"""Findings against those of a base revision: what is new, worse, as before, and fixed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from readiness.engine.model import SEVERITIES, Finding
from readiness.estate.kept import Renames

_ACTIVE = ("fail", "unknown")


def compare(
    findings: Iterable[Finding],
    base: Iterable[Finding],
    renames: Renames,
    everywhere: frozenset[str],
    unread: frozenset[str],
) -> tuple[list[Finding], list[Finding]]:
    """Findings with how they compare, and those of the base that are fixed.

    A finding is the same one where policy, address and item agree, in the same file, in one that has another
    name now, or in another file of the folder; one that says how it compares is left alone.  `everywhere` are
    the policies on the estate as a whole, of which it does not matter which resource they name.  What the
    base let pass is none of its findings.  Of files that could not be read (`unread`) nothing is fixed.
    """
    known = _Base(base, renames, everywhere)
    told = []
    for finding in findings:
        if finding.compared is not None:
            told.append(finding)
            continue
        match = known.take(finding)
        if finding.status not in _ACTIVE:
            told.append(finding)
        elif match is None or match.status not in _ACTIVE or _is_surer(finding, match):
            told.append(replace(finding, compared="new"))
        else:
            was = _worse(finding, match)
            told.append(replace(finding, compared="unchanged" if was is None else "worsened", was=was))
    gone = [f for f in known.left() if f.status == "fail" and renames.path(f.span.path) not in unread]
    return told, gone


def _is_surer(finding: Finding, match: Finding) -> bool:
    """Whether what the base could not decide has failed now."""
    return finding.status == "fail" and match.status == "unknown"


def _worse(finding: Finding, match: Finding) -> str | None:
    """What was better in the base: the severity, or the number of resources with this cause."""
    if SEVERITIES.index(finding.severity) < SEVERITIES.index(match.severity):
        return match.severity
    more = len(finding.instances) - len(match.instances)
    if more > 0:
        count = len(match.instances) + 1
        return f"{count} resource{'s' if count > 1 else ''}"
    return None


class _Base:
    """The findings of the base, each taken at most once."""

    def __init__(self, findings: Iterable[Finding], renames: Renames, everywhere: frozenset[str]) -> None:
        self._renames = renames
        self._everywhere = everywhere
        self._every: dict[int, Finding] = {}
        self._by_address: dict[tuple[str, str, str], list[int]] = {}
        for number, finding in enumerate(findings):
            self._every[number] = finding
            for address in self._addresses(finding):
                self._by_address.setdefault(self._key(finding, address), []).append(number)

    def take(self, finding: Finding) -> Finding | None:
        """The finding of the base that is this one, which is then taken."""
        candidates = dict.fromkeys(
            number
            for address in (finding.subject.address, *finding.instances)
            for number in self._by_address.get(self._key(finding, address), ())
            if number in self._every
        )
        best = min(
            ((distance, number) for number in candidates for distance in self._distance(finding, number)),
            default=None,
        )
        return None if best is None else self._every.pop(best[1])

    def left(self) -> Iterator[Finding]:
        """What nobody took."""
        yield from self._every.values()

    def _key(self, finding: Finding, address: str) -> tuple[str, str, str]:
        if finding.policy in self._everywhere:
            return finding.policy, "", ""
        return finding.policy, address, "" if finding.identity is None else finding.identity.item

    def _addresses(self, finding: Finding) -> list[str]:
        """Addresses that a finding of the base may have now."""
        found = [finding.subject.address, *finding.instances]
        return list(dict.fromkeys(new for old in found for new in self._renames.moves.anywhere(old)))

    def _path(self, finding: Finding) -> str:
        path = finding.span.path if finding.identity is None else finding.identity.path
        return self._renames.path(path)

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
