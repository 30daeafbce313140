"""Who lets findings pass: ignores in place, waivers and a baseline, in this order; and what came of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from readiness.config.model import Place
from readiness.engine.ignores import Ignores
from readiness.engine.model import Allowance, Finding
from readiness.engine.waivers import Waivers
from readiness.errors import SourceError, UsageError
from readiness.estate.build import Loaded
from readiness.estate.model import Resource
from readiness.policy.model import Policy
from readiness.policy.names import Names
from readiness.values import Span

if TYPE_CHECKING:
    from readiness.config.waivers import WaiverFile
    from readiness.engine.baseline import Baseline
    from readiness.engine.baseline_file import BaselineFile

RECORDED = 0
"""Among the numbers that `apart` gives: the baseline has an entry for it."""

_STATUSES = {"ignore": "suppressed", "waiver": "waived", "acknowledgement": "waived"}


class Given(Struct, frozen=True):
    """What people wrote about findings outside of the sources: files of waivers, and a baseline."""

    waivers: tuple[WaiverFile, ...] = ()
    baseline: BaselineFile | None = None


def read_given(
    waivers: Sequence[str], baseline: str, base: Path, places: Mapping[str, Place] | None = None
) -> Given:
    """Read files of waivers and a baseline (none where empty); paths are relative to `base`.

    `places` says where settings name them (`waivers:PATH`).

    Raises:
        UsageError: one of them is missing or wrong; with its place.
    """
    if not waivers and not baseline:
        return Given()
    from readiness.config.waivers import read_waivers
    from readiness.engine.baseline_file import read_baseline

    found = []
    for path in waivers:
        with _named(f"waivers:{path}", places):
            found += read_waivers([path], base)
    if not baseline:
        return Given(tuple(found))
    with _named(f"baseline:{baseline}", places):
        return Given(tuple(found), read_baseline(baseline, base))


@contextmanager
def _named(key: str, places: Mapping[str, Place] | None) -> Iterator[None]:
    """What is wrong with a file as a whole is told where settings name it."""
    try:
        yield
    except UsageError as error:
        place = (places or {}).get(key)
        if error.path is None and place is not None:
            raise place.error(f"{key.partition(':')[0]}: {error.message}") from None
        raise


class Exceptions:
    """Lets findings pass, and says afterwards what came of every exception."""

    def __init__(
        self,
        ignores: Ignores,
        waivers: Waivers,
        baseline: Baseline | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> None:
        self.ignores = ignores
        self.waivers = waivers
        self.baseline = baseline
        self.texts = dict(texts or {})  # of files that are no sources, by path
        self.altered: list[Resource] = []  # what a change makes of its own gate

    def apart(self, policy: str, resource: Resource) -> tuple[int, ...]:
        """The numbers of what may let findings of a policy on a resource pass, whatever its place.

        Only findings with the same numbers may be told as one: waivers count up from 1, requests at module
        calls down from -1, and `RECORDED` stands for the baseline.
        """
        numbers = [number + 1 for number in self.waivers.of_resource(policy, resource)]
        numbers += [-1 - number for number in self.ignores.at_calls(policy, resource)]
        if self.baseline is not None and self.baseline.knows(policy, resource):
            numbers.append(RECORDED)
        return tuple(numbers)

    def settle(self, findings: Iterable[Finding]) -> list[Finding]:
        """Findings with those marked that something lets pass."""
        settled = [self._allowed(finding) for finding in findings]
        return settled if self.baseline is None else self.baseline.settle(settled)

    def _allowed(self, finding: Finding) -> Finding:
        numbers = finding.apart
        allowance = self.ignores.allow(finding, [-1 - number for number in numbers if number < 0])
        if allowance is None:
            allowance = self.waivers.allow(finding, [number - 1 for number in numbers if number > 0])
        return finding if allowance is None else _passed(finding, allowance)

    @property
    def notices(self) -> list[SourceError]:
        """What is worth knowing of exceptions: names that are old, policies that are locked."""
        own = [] if self.baseline is None else self.baseline.notices
        return [*self.ignores.notices, *self.waivers.notices, *own]


def _passed(finding: Finding, allowance: Allowance) -> Finding:
    status = _STATUSES[allowance.kind]
    return replace(finding, status=status, reason=allowance.reason, allowance=allowance)


def exceptions_of(
    loaded: Loaded,
    given: Given,
    policies: Sequence[Policy],
    names: Names,
    locked: Mapping[str, Place] | None = None,
    count: bool = True,
    exists: Callable[[str], bool] | None = None,
    past: frozenset[tuple[object, ...]] | None = None,
    refused: frozenset[Span] = frozenset(),
) -> Exceptions:
    """The exceptions of a run; `policies` are all that there are, whether they run or not.

    Without `count` there are none.  `exists` says whether a file is there (default: on the disk),
    `locked` are policies that nothing may let pass, `past` is what the waivers of the base revision say.
    Requests in place that stand in `refused` do not count.

    Raises:
        UsageError: a waiver names a policy that does not exist; with its place.
    """
    waivers = Waivers(given.waivers if count else (), policies, names, loaded.today, locked, past)
    ignores = Ignores(loaded.today, policies, locked, refused)
    if not count:
        return Exceptions(ignores, waivers)
    for path, comments in loaded.sources.comments.items():
        if comments:
            ignores.add_comments(path, comments, loaded.sources.texts[path].split("\n"))
    ignores.add_resources(loaded.estate.resources)
    ignores.add_calls(loaded.estate.of_type("module"))
    baseline = None
    if given.baseline is not None:
        from readiness.engine.baseline import Baseline

        there = exists or (lambda path: (loaded.base / path).exists())
        baseline = Baseline(given.baseline, loaded.today, names.former, there, locked)
    return Exceptions(ignores, waivers, baseline, {file.path: file.text for file in given.waivers})
