"""A baseline held against findings: what was there before may stay, what is new gates."""

from __future__ import annotations

import datetime
import os
import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace

from readiness.config.model import Place, lock_at
from readiness.engine.baseline_file import BaselineFile, Entry
from readiness.engine.model import SEVERITIES, Allowance, Finding, Identity
from readiness.engine.waivers import Use, is_over, refusal
from readiness.errors import SourceError
from readiness.estate.model import Resource

RECORDED = "recorded in the baseline"
FAR = 2
"""How far two files are apart that have neither name nor folder in common."""

_COUNTED = re.compile(r"\[\d+\]")

_Key = tuple[str, str, str, str, int]


class Baseline:
    """Answers which findings are those of a baseline.

    A finding that stands for several resources is one of the baseline only if all of them are.  Instances of
    `count` are interchangeable, those of `for_each` and of modules are not.  `former` are present ids by old
    ones; `exists` says whether a file is there, and `locked` which policies nobody may record.

    After `settle`, `present` are the numbers of entries that some finding of the run is about, `moved` the
    new paths of those whose file is another one now, and `uses` says what each let pass.
    """

    def __init__(
        self,
        file: BaselineFile,
        today: datetime.date,
        former: Mapping[str, str],
        exists: Callable[[str], bool],
        locked: Mapping[str, Place] | None = None,
    ) -> None:
        self.file = file
        self.today = today
        self.identities = [_present(entry, former, file.folder) for entry in file.entries]
        self.uses = [Use() for _ in file.entries]
        self.present: set[int] = set()
        self.moved: dict[int, str] = {}
        self.notices: list[SourceError] = []
        self._exists = exists
        self._locked = locked or {}
        self._exact: dict[_Key, int] = {}
        self._alike: dict[_Key, list[int]] = {}
        self._known: set[tuple[str, str, str]] = set()
        for number, one in enumerate(self.identities):
            address = uncounted(one.address)
            self._exact.setdefault((one.policy, one.path, one.address, one.item, one.occurrence), number)
            self._alike.setdefault((one.policy, one.path, address, one.item, one.occurrence), []).append(
                number
            )
            self._known.add((one.policy, one.path, address))

    def knows(self, policy: str, resource: Resource) -> bool:
        """Whether the baseline has an entry of a policy for a resource or another of its `count`."""
        return (policy, resource.header.path, uncounted(resource.address)) in self._known

    def settle(self, findings: list[Finding]) -> list[Finding]:
        """Findings with those of the baseline marked; what is let pass already stays as it is."""
        found: dict[int, list[int]] = {}
        left: list[int] = []
        for index, finding in enumerate(findings):
            entries = self._entries(finding)
            numbers = [number for number in entries if number is not None]
            self.present.update(numbers)
            if entries and len(numbers) == len(entries):
                found[index] = numbers
            elif not numbers and finding.status in ("fail", "unknown"):
                left.append(index)
        found.update(self._find_moved(findings, left))
        result = list(findings)
        for index, numbers in found.items():
            result[index] = self._marked(findings[index], numbers)
        return result

    def _entries(self, finding: Finding, path: str | None = None) -> list[int | None]:
        """The entries of the resources that a finding stands for, None for one that has none."""
        identity = finding.identity
        if identity is None:
            return []
        numbers: list[int | None] = []
        for address in (identity.address, *finding.instances):
            place = (identity.policy, identity.path if path is None else path)
            tail = (identity.item, identity.occurrence)
            number = self._exact.get((*place, address, *tail))
            if number is None:
                alike = self._alike.get((*place, uncounted(address), *tail), ())
                # The gravest: what stands for several was recorded with the severity of one.
                number = min(alike, key=self._gravity, default=None)
            numbers.append(number)
        return list(dict.fromkeys(numbers))

    def _gravity(self, number: int) -> int:
        return SEVERITIES.index(self.file.entries[number].severity)

    # -- files that were renamed or moved -----------------------------------------------

    def _find_moved(self, findings: list[Finding], left: list[int]) -> dict[int, list[int]]:
        """Entries whose file is gone, for findings that are the same in another file.

        That file must have no entry of its own, and either its name or its folder; each entry is used once.
        """
        if not left:
            return {}
        gone = self._gone()
        if not gone:
            return {}
        own = {one.path for one in self.identities}
        result: dict[int, list[int]] = {}
        taken: set[int] = set()
        wanted = []
        for index in left:
            identity = findings[index].identity
            if identity is not None and identity.path not in own:
                places = gone.get((identity.policy, uncounted(identity.address)), ())
                wanted += [(_distance(old, identity.path), old, identity.path, index) for old in places]
        for distance, old, new, index in sorted(wanted):
            entries = self._entries(findings[index], old) if distance < FAR and index not in result else []
            numbers = [number for number in entries if number is not None and number not in taken]
            if entries and len(numbers) == len(entries):
                taken.update(numbers)
                self.present.update(numbers)
                self.moved.update(dict.fromkeys(numbers, new))
                result[index] = numbers
        return result

    def _gone(self) -> dict[tuple[str, str], list[str]]:
        """The files that are not there any more, by policy and address of their entries."""
        there: dict[str, bool] = {}
        found: dict[tuple[str, str], dict[str, None]] = {}
        for number, one in enumerate(self.identities):
            if number in self.present:
                continue
            if one.path not in there:
                there[one.path] = self._exists(one.path)
            if not there[one.path]:
                found.setdefault((one.policy, uncounted(one.address)), {})[one.path] = None
        return {key: list(paths) for key, paths in found.items()}

    # -- what came of it ------------------------------------------------------------

    def _marked(self, finding: Finding, numbers: list[int]) -> Finding:
        if finding.status not in ("fail", "unknown"):
            return finding
        entries = [self.file.entries[number] for number in numbers]
        if any(is_over(e.expires, self.today) or _is_worse(finding, e) for e in entries):
            return finding
        if any(self._is_wider(finding, entry) for entry in entries):
            return finding
        lock = lock_at(self._locked, finding.policy, finding.span.path) if self._locked else None
        if lock is not None:
            span = self.file.spans[numbers[0]]
            self.notices.append(refusal(span, finding.policy, lock, "baselined"))
            return finding
        for number in numbers:
            self.uses[number].count(finding.severity)
        entry = entries[0]
        ends = [e.expires for e in entries if e.expires is not None]
        reason = entry.reason or RECORDED
        allowance = Allowance(
            "baseline", self.file.spans[numbers[0]], reason, expires=min(ends) if ends else None
        )
        return replace(finding, status="baselined", reason=reason, allowance=allowance)

    def _is_wider(self, finding: Finding, entry: Entry) -> bool:
        """Whether a finding is in environments, or its module in roots, that were not recorded.

        A root may have another name now: it counts where none of the recorded ones is gone.
        """
        if entry.environments and not set(finding.environments) <= set(entry.environments):
            return True
        roots = {_shown(root, self.file.folder) for root in entry.roots}
        more = {root for root, _ in finding.homes} - roots
        return bool(roots) and len(more) > sum(not self._exists(root) for root in roots)

    def fixed(self, looked_at: Callable[[str, str], bool]) -> list[int]:
        """The numbers of entries that no finding is about, where the run looked at their policy and path."""
        return [
            number
            for number, one in enumerate(self.identities)
            if number not in self.present and looked_at(one.policy, one.path)
        ]


def recorded(
    finding: Finding, folder: str, expires: str | None = None, reason: str | None = None
) -> Iterator[Entry]:
    """Entries for a finding: one for each resource that it stands for, one for all instances by `count`.

    `folder` is that of the baseline, relative to the base of the run.
    """
    identity = finding.identity
    if identity is None:
        return
    everywhere = finding.environments == finding.all_environments
    roots = tuple(sorted({_relative(root, folder) for root, _ in finding.homes}))
    seen: set[str] = set()
    for address in (identity.address, *finding.instances):
        if uncounted(address) in seen:
            continue
        seen.add(uncounted(address))
        yield Entry(
            policy=identity.policy,
            path=_relative(identity.path, folder),
            address=address,
            severity=finding.severity,  # type: ignore[arg-type]
            item=identity.item,
            occurrence=identity.occurrence,
            status=finding.status,  # type: ignore[arg-type]
            environments=() if everywhere else finding.environments,
            roots=roots if address.startswith("module.") else (),
            expires=expires,
            reason=reason,
        )


def updated(
    baseline: Baseline,
    findings: Iterable[Finding],
    expires: str | None = None,
    reason: str | None = None,
    drop: Collection[int] = (),
) -> tuple[list[Entry], int]:
    """The entries of a settled baseline with present ids and paths, and how many were added or renewed.

    `findings` are those that it takes up: new ones, and those that grew worse.  What has expired stays
    expired unless `expires` gives it another day.  `drop` are numbers of entries that go.
    """
    folder = baseline.file.folder
    kept: dict[Identity, Entry] = {}
    for number, entry in enumerate(baseline.file.entries):
        if number in drop:
            continue
        one = baseline.identities[number]
        path = _relative(baseline.moved.get(number, one.path), folder)
        now = replace(entry, policy=one.policy, path=path, fingerprint="")
        kept.setdefault(now.identity, now)
    changed = 0
    for finding in findings:
        for new in recorded(finding, folder, expires, reason):
            old = kept.get(new.identity)
            if old is not None and is_over(old.expires, baseline.today) and expires is None:
                continue
            if old is not None:
                last = old.expires if expires is None else expires
                new = replace(new, expires=last, reason=reason or old.reason)
            kept[new.identity] = new
            changed += old != new
    return list(kept.values()), changed


def uncounted(address: str) -> str:
    """An address without the numbers of `count`: one instance is like another."""
    return _COUNTED.sub("", address) if "[" in address else address


def _present(entry: Entry, former: Mapping[str, str], folder: str) -> Identity:
    """What an entry is about in this run: by the present id of its policy, with a path from the base."""
    policy = former.get(entry.policy, entry.policy)
    return Identity(policy, _shown(entry.path, folder), entry.address, entry.item, entry.occurrence)


def _shown(path: str, folder: str) -> str:
    """A path of the file of a baseline as one from the base."""
    path = path if folder == "." else posixpath.normpath(posixpath.join(folder, path))
    if path.startswith("../"):
        # From a folder above it may lead back into this one.
        path = os.path.relpath(path).replace(os.sep, "/")
    return path


def _relative(path: str, folder: str) -> str:
    return path if folder == "." else os.path.relpath(path, folder).replace(os.sep, "/")


def _distance(old: str, new: str) -> int:
    """0 where two paths have their folder in common, 1 where their name; else `FAR`."""
    if posixpath.dirname(old) == posixpath.dirname(new):
        return 0
    return 1 if posixpath.basename(old) == posixpath.basename(new) else FAR


def _is_worse(finding: Finding, entry: Entry) -> bool:
    """Whether a finding is graver than what was recorded, or certain where that was not."""
    if entry.status == "unknown" and finding.status == "fail":
        return True
    return SEVERITIES.index(finding.severity) < SEVERITIES.index(entry.severity)
