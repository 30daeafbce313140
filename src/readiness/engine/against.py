"""A run held against a base revision: what changed, what got worse, and how findings compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from readiness.engine.base import Base, BaseOutcome
from readiness.engine.checks import Check
from readiness.engine.compare import compare
from readiness.engine.exceptions import RECORDED
from readiness.engine.homes import Home, Homes
from readiness.engine.model import Comparison, Finding
from readiness.engine.run import Run
from readiness.engine.settings import Settings
from readiness.engine.telling import Apart
from readiness.engine.triage import in_order
from readiness.engine.waivers import is_acknowledged
from readiness.engine.worsened import find_worse
from readiness.engine.yields import told_by_use
from readiness.errors import SourceError, UsageError
from readiness.estate.build import Loaded, in_scope
from readiness.estate.kept import Kept, Moves, Pair, Renames, changes, keep, pairs
from readiness.estate.model import Resource
from readiness.policy.model import Policy
from readiness.repo.facts import RepositoryFacts

if TYPE_CHECKING:
    from readiness.engine.parts import Parts


class Against:
    """A loaded estate beside what its base revision gave.

    What the change does to resources is added to the changes of the estate, for policies that look at those.
    """

    def __init__(self, base: Base, loaded: Loaded) -> None:
        self._base = base
        self._outcome: BaseOutcome = base.outcome()
        # Changes that are added below are resources as well, of what is gone.
        homes = loaded.estate.homes
        self._loaded = loaded
        self._renames = Renames(base.renames(), Moves(loaded.estate.of_type("moved")))
        self._homes = Homes(self._outcome.homes, homes, self._renames)
        self._worse: dict[tuple[str, str, Home], str] = {}
        self._marked: set[str] = set()
        there = at_home(self._outcome.resources, loaded.estate.resources, self._homes, self._renames)
        self._pairs = add_changes(loaded, there, self._renames)

    def acknowledged(self, paths: Iterable[str]) -> frozenset[tuple[object, ...]]:
        """What the waivers of the base say, in files at some paths, or that are there by now."""
        from readiness.config.waivers import parse_waivers

        found: set[tuple[object, ...]] = set()
        now = set(paths)
        for path in now | {old for old, new in self._renames.files.items() if new in now}:
            text = self._base.text(path)
            with suppress(UsageError):  # a file that was wrong let nothing pass
                found.update(one.content for one in parse_waivers(path, text or "waivers:").waivers)
        return frozenset(found)

    @property
    def notices(self) -> list[SourceError]:
        """What could not be read of the base: what is found there now counts as new."""
        message = f"in {self._base.revision.name} this file could not be read; what is found in it now is new"
        paths = dict.fromkeys(error.path for error in self._outcome.errors)
        return [SourceError(self._renames.path(path), 1, 1, message, "notice") for path in paths]

    def add_worse(
        self,
        findings: list[Finding],
        checks: Sequence[Check],
        parts: Parts | None,
        facts: RepositoryFacts,
        settings: Settings,
        apart: Apart,
    ) -> None:
        """Add to `findings` what got worse though its policy still holds; `apart` as for a run."""
        run = Run(self._loaded.estate, facts, settings.tier, settings.kubernetes_version)
        run.apart = apart

        def checks_of(resource: Resource) -> Iterable[Check]:
            if parts is None:
                return checks
            part = parts.every[parts.scopes.number_of(resource)]
            run.enter(part)
            return part.checks

        worse = find_worse(self._pairs, checks_of, run)
        failing = {key for finding in findings for key in _keys(finding)}
        for one in worse:
            self._worse[one.policy, one.address, one.home] = one.was
        findings += [f for f in run.findings if failing.isdisjoint(_keys(f))]
        if any(number > 0 for finding in findings for number in finding.apart):
            every = checks if parts is None else parts.checks
            self._mark(findings, frozenset(check.policy.id for check in every if check.policy.on == "estate"))

    def _mark(self, findings: list[Finding], everywhere: frozenset[str]) -> None:
        """Mark what fails and got worse, before waivers are asked: acknowledgements hold for that alone."""
        there = [finding for finding in findings if finding.span.path not in self._loaded.context]
        told = self._compare(sorted(there, key=in_order), everywhere, frozenset())[0]
        own = {finding.fingerprint for finding in findings if finding.compared is None}
        had: dict[tuple[object, ...], Finding] = {}
        for finding in told:
            if finding.fingerprint in own and finding.compared in ("unchanged", "worsened"):
                had.setdefault(_cause(finding), finding)
        worse = {}
        for finding in told:
            was = finding.was if finding.compared == "worsened" else self._was(finding)
            if was is None and finding.compared == "new" and (other := had.get(_cause(finding))) is not None:
                # What an acknowledgement names is a finding of its own: the rest of it the base had.
                was = f"{other.subject.address} only"
            if was is not None:
                worse[finding.fingerprint] = was
        for index, finding in enumerate(findings):
            if finding.fingerprint in own and finding.fingerprint in worse:
                self._marked.add(finding.fingerprint)
                findings[index] = replace(finding, compared="worsened", was=worse[finding.fingerprint])

    def _was(self, finding: Finding) -> str | None:
        """What was better of a finding that is none of the change, by the base or by the baseline."""
        known = finding.status == "baselined" or RECORDED in finding.apart
        if finding.compared != "unchanged" and not known:
            return None
        return next((was for key in _keys(finding) if (was := self._worse.get(key))), None)

    def compared(
        self, findings: Iterable[Finding], policies: Iterable[Policy], unread: Iterable[SourceError]
    ) -> tuple[list[Finding], Comparison]:
        """Findings with how they compare, and what is fixed."""
        listed = list(policies)
        everywhere = frozenset(policy.id for policy in listed if policy.on == "estate")
        lost = frozenset(error.path for error in unread)
        told, fixed = self._compare(map(self._unmarked, findings), everywhere, lost)
        used = {
            (policy, self._renames.path(path), name)
            for policy, path, name in told_by_use(self._outcome.findings, listed)
        }
        told = [_seen_before(self._worsened(finding), used) for finding in told]
        revision = self._base.revision
        return told, Comparison(revision.name, revision.commit, fixed)

    def _compare(
        self, findings: Iterable[Finding], everywhere: frozenset[str], unread: frozenset[str]
    ) -> tuple[list[Finding], list[Finding]]:
        return compare(findings, self._outcome.findings, self._renames, self._homes, everywhere, unread)

    def _unmarked(self, finding: Finding) -> Finding:
        """A finding as it was before it was marked, but where somebody acknowledged that it got worse."""
        if finding.fingerprint not in self._marked or is_acknowledged(finding):
            return finding
        return replace(finding, compared=None, was=None)

    def _worsened(self, finding: Finding) -> Finding:
        """A finding that was there before, in the base or by the baseline, of a value that is worse now."""
        recorded = finding.status == "baselined"
        was = self._was(finding) if recorded or finding.compared == "unchanged" else None
        if was is None:
            return finding
        if recorded:
            finding = replace(finding, status="fail", reason=None, allowance=None)
        return replace(finding, compared="worsened", was=was)


def _keys(finding: Finding) -> Iterator[tuple[str, str, Home]]:
    """The resources of a finding, each with its policy, root and environment."""
    for address in (finding.subject.address, *finding.instances):
        for home in finding.homes:
            yield finding.policy, address, home


def _seen_before(finding: Finding, used: set[tuple[str, str, str]]) -> Finding:
    """A finding on a default that the base told of where it was used, and nowhere else."""
    place = (finding.policy, finding.span.path, finding.subject.name)
    return replace(finding, compared="unchanged") if finding.compared == "new" and place in used else finding


def _cause(finding: Finding) -> tuple[object, ...]:
    """What findings have in common that are one but for who may let them pass."""
    return finding.policy, finding.status, finding.severity, finding.span, finding.subject.type


def at_home(
    base: Iterable[Kept], resources: Iterable[Resource], homes: Homes, renames: Renames
) -> list[Kept]:
    """What the base had, in the environments that have it now: where these come and go, no resource does.

    What is gone from a root without environments is in none of them.
    """
    found: list[Kept] = []
    away: list[tuple[Kept, str, str]] = []
    there = {(r.type, r.address, r.root, r.variant) for r in resources}
    several = {root for _, _, root, variant in there if variant}
    taken = set()
    folders: dict[str, str] = {}
    for kept in base:
        root = folders.setdefault(kept.root, renames.folder(kept.root))
        address = renames.moves.address(root, kept.address)
        if (kept.type, address, root, kept.variant) in there:
            taken.add((kept.type, address, root, kept.variant))
            found.append(kept)
        else:
            away.append((kept, root, address))
    for kept, root, address in away:
        path = kept.header.path
        now = {
            home[1]
            for home in homes.now((kept.root, kept.variant), path, renames.path(path))
            if home[0] == root
        }
        keys = [key for name in sorted(now) if (key := (kept.type, address, root, name)) in there]
        if not keys:
            found.append(kept if root in several else replace(kept, variant=""))
        found += [replace(kept, variant=key[-1]) for key in keys if key not in taken]
        taken.update(keys)
    return found


def add_changes(loaded: Loaded, base: Iterable[Kept], renames: Renames) -> list[Pair]:
    """Add to the changes of an estate what is not as it was in its base, and give the two sides of each."""
    own = [resource for resource in loaded.estate.resources if in_scope(resource, loaded)]
    found = pairs(base, own, renames)
    lines = {path: text.count("\n") + 1 for path, text in loaded.sources.texts.items()}
    loaded.estate.changes += changes(found, loaded.estate, renames, lines)
    return found


def kept_of(loaded: Loaded) -> list[Kept]:
    """The resources of a run as a base keeps them."""
    return keep(resource for resource in loaded.estate.resources if in_scope(resource, loaded))
