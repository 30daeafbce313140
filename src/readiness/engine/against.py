"""A run held against a base revision: what changed, what got worse, and how findings compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from readiness.engine.base import Base, BaseOutcome
from readiness.engine.checks import Check
from readiness.engine.compare import compare
from readiness.engine.homes import Home, Homes
from readiness.engine.model import Comparison, Finding
from readiness.engine.run import Run
from readiness.engine.settings import Settings
from readiness.engine.telling import Apart
from readiness.engine.worsened import find_worse
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
        self._pairs = add_changes(loaded, self._outcome.resources, self._renames)

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

    def compared(
        self, findings: Iterable[Finding], policies: Iterable[Policy], unread: Iterable[SourceError]
    ) -> tuple[list[Finding], Comparison]:
        """Findings with how they compare, and what is fixed."""
        everywhere = frozenset(policy.id for policy in policies if policy.on == "estate")
        lost = frozenset(error.path for error in unread)
        told, fixed = compare(findings, self._outcome.findings, self._renames, self._homes, everywhere, lost)
        told = [self._marked(finding) for finding in told]
        revision = self._base.revision
        return told, Comparison(revision.name, revision.commit, fixed)

    def _marked(self, finding: Finding) -> Finding:
        """A finding that was there before, in the base or by the baseline, of a value that is worse now."""
        recorded = finding.status == "baselined"
        was = next((was for key in _keys(finding) if (was := self._worse.get(key))), None)
        if was is None or not (recorded or finding.compared == "unchanged"):
            return finding
        if recorded:
            finding = replace(finding, status="fail", reason=None, allowance=None)
        return replace(finding, compared="worsened", was=was)


def _keys(finding: Finding) -> Iterator[tuple[str, str, Home]]:
    """The resources of a finding, each with its policy, root and environment."""
    for address in (finding.subject.address, *finding.instances):
        for home in finding.homes:
            yield finding.policy, address, home


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
