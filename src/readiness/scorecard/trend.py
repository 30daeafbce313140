"""How a report compares with those before it: since when, by the same measure, and by how much."""

from __future__ import annotations

import datetime
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from readiness.config.settings import is_day
from readiness.engine.settings import Settings
from readiness.errors import UsageError
from readiness.policy.model import Policy
from readiness.repo.discover import repository_root
from readiness.repo.git import Git, GitError
from readiness.repo.revision import find_tip
from readiness.scorecard.definitions import Definitions
from readiness.scorecard.history import append, point_of
from readiness.scorecard.history_file import WAIT
from readiness.scorecard.history_read import read
from readiness.scorecard.kpi_file import Definition
from readiness.scorecard.levels import Levels
from readiness.scorecard.model import Point, Problem, Scorecard

MOST = 120
"""How many runs of a long history a report shows at most."""

_DAYS = {"d": 1, "w": 7, "y": 365}
_SPAN = re.compile(r"([1-9][0-9]{0,4})([dwy])")
_FORM = "%Y-%m-%dT%H:%M:%SZ"
# What settings say that changes no number, or that is in the policies already.
_ELSEWHERE = frozenset(
    {"select", "ignore", "profile", "fail_on", "unknown", "policies", "overrides", "lock", "places"}
    | {"jobs", "cache", "allow_empty", "waivers", "baseline", "diff_base", "changed", "trust", "cascade"}
)


class Since(Struct, frozen=True):
    """A time to look back to (`YYYY-MM-DDTHH:MM:SSZ`), and the commit where it was named by one."""

    when: str
    commit: str = ""


def days_of(text: str) -> int | None:
    """The days of `30d`, `12w` or `1y` (365 days), None for any other text."""
    match = _SPAN.fullmatch(text)
    return None if match is None else int(match[1]) * _DAYS[match[2]]


def parse_since(text: str, folder: Path, now: datetime.datetime, option: str = "--since") -> Since:
    """A time from `30d`, `12w`, `1y`, a day (`2026-08-01`, from its first second in UTC) or a revision.

    `folder` lies in the repository of the revision, `option` is how it was named, for messages.

    Raises:
        UsageError: it is none of them.
    """
    days = days_of(text)
    if days is not None:
        try:
            return Since((now.astimezone(datetime.UTC) - datetime.timedelta(days)).strftime(_FORM))
        except OverflowError:
            raise UsageError(f"{option}: {text} ago there was no calendar") from None
    if is_day(text):
        return Since(f"{text}T00:00:00Z")
    try:
        tip = find_tip(folder, text, option)
    except UsageError as error:
        kinds = "a time (30d, 12w, 1y), a day (2026-08-01) or a revision"
        raise UsageError(f"{option} takes {kinds}: {str(error).removeprefix(f'{option}: ')}") from None
    try:
        seconds = Git(tip.root).text("log", "-1", "--format=%ct", tip.commit)
    except GitError as error:
        raise UsageError(f"{option}: {error}") from None
    return Since(utc(int(seconds)), tip.commit)


def utc(seconds: int) -> str:
    """Seconds since 1970 as `YYYY-MM-DDTHH:MM:SSZ`; those out of the calendar as its end."""
    try:
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime(_FORM)
    except (ValueError, OverflowError, OSError):
        return "9999-12-31T23:59:59Z" if seconds > 0 else "0001-01-01T00:00:00Z"


def definitions_of(
    known: Definitions, policies: Sequence[Policy], settings: Settings, paths: Sequence[str], root: Path
) -> str:
    """A digest of what the numbers of a report are measured by, the same on every machine.

    That is levels, what key figures count, what policies look at and ask for, how sources are read
    (`settings`), and which part of the repository at `root` is looked at.
    """
    home = os.path.realpath(root)
    said = msgspec.structs.asdict(settings)
    parts: list[Any] = [
        _measures(known.levels),
        [_counts(kpi) for kpi in known.kpis],
        [_judges(policy) for policy in policies],
        {name: value for name, value in said.items() if name not in _ELSEWHERE},
        list(_for_some(settings)),
        sorted({os.path.relpath(os.path.realpath(path), home).replace(os.sep, "/") for path in paths}),
    ]
    return _digest(parts)


def measures_of(known: Definitions) -> tuple[str, dict[str, str]]:
    """Digests of what levels ask for, and by id of what key figures count: they tell which are the same."""
    return _digest(_measures(known.levels)), {kpi.id: _digest(_counts(kpi)) for kpi in known.kpis}


def _digest(parts: list[Any]) -> str:
    text = msgspec.json.encode(_ordered(msgspec.to_builtins(parts, enc_hook=str, str_keys=True)))
    return hashlib.blake2b(text, digest_size=8).hexdigest()


def _measures(levels: Levels) -> list[Any]:
    """All that levels and scores are worked out by; sets have an order of their own in each process."""
    asked = {tier: [sorted(controls) for controls in each] for tier, each in levels.asked.items()}
    weights = (levels.strengths_of, levels.severities, levels.strengths, levels.caps)
    return [levels.every, levels.areas, asked, *weights]


def _counts(kpi: Definition) -> list[Any]:
    """What a key figure counts: another target changes no number."""
    counted = (kpi.policies, kpi.controls, kpi.count, kpi.resources, kpi.conditions)
    return [kpi.id, kpi.tiers, *counted]


def _judges(policy: Policy) -> list[Any]:
    """What a policy looks at and asks for, without its words for people."""
    subject = (policy.id, policy.control, policy.severity, policy.tiers, policy.resources, policy.on)
    asked = (policy.assert_, policy.when, policy.each, policy.parameter_values(), policy.admission)
    return [*subject, *asked, policy.yields_to]


def _for_some(settings: Settings) -> Iterator[Any]:
    """What settings say for some paths and environments; those of folders below are part of the tree."""
    groups = () if settings.cascade is None else settings.cascade.groups
    for layer in (layer for group in groups for layer in group.layers if layer.conditional):
        values = {name: v for name, v in layer.values.items() if name not in ("fail_on", "unknown")}
        changes = [(o.key, o.severity, o.tiers, o.params, o.ignore, o.enable) for o in layer.overrides]
        yield [layer.paths, layer.environments, values, changes]


def _ordered(value: Any) -> Any:
    """The same with the keys of mappings in order."""
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value)}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def trend(scorecard: Scorecard, points: Sequence[Point], most: int = MOST, before: bool = False) -> list[str]:
    """Put earlier runs into a report (`history`), and by how much key figures changed (`Kpi.trend`).

    The first of the runs that can be compared is what the report is held against, or the one `before` it.
    Left out are runs by other definitions, later ones, and one of the same commit, whose place this one
    takes.  Of a long history `most` runs are kept.  Gives what is worth knowing of that.
    """
    now = point_of(scorecard)
    earlier = [point for point in points if not _is_same(point, now) and not now.when < point.when]
    alike = [point for point in earlier if point.definitions == now.definitions]
    held = alike[-1 if before else 0].kpis if alike else {}
    for kpi in scorecard.kpis:
        was = held.get(kpi.id)
        kpi.trend = None if was is None or kpi.actual is None else round(kpi.actual - was, 6)
    scorecard.history = thinned([*alike, now], most)
    notes = []
    left = len(earlier) - len(alike)
    if left:
        notes.append(
            f"{_runs(left, 'was', 'were')} measured by other levels, policies or settings, and cannot be "
            "compared: `readiness history build` makes what is missing by those of now"
        )
    later = sum(not _is_same(point, now) and now.when < point.when for point in points)
    if later:
        notes.append(f"{_runs(later, 'is', 'are')} later than this one, and left out of trends")
    return notes


def _runs(number: int, one: str, many: str) -> str:
    return f"1 run of the history {one}" if number == 1 else f"{number:,} runs of the history {many}"


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """At most so many points (2 or more), evenly spread, with the first and the last."""
    if len(points) <= most:
        return list(points)
    last = len(points) - 1
    return [points[round(place * last / (most - 1))] for place in range(most)]


class Kept(Struct, frozen=True):
    """What came of a report and its history: `notes` are worth knowing, `problems` kept something undone."""

    notes: list[str] = []
    problems: list[Problem] = []


def of_repository(runs: set[tuple[str, str]], title: str, folder: Path) -> set[tuple[str, str]]:
    """The runs (titles and commits) of the repository at a folder: of its title, or of a commit that it has.

    The title is the name of a checkout, which another one of the same repository need not have.
    """
    others = sorted({commit for name, commit in runs if name != title and commit})
    here: set[str] = set()
    root = repository_root(Path(os.path.realpath(folder))) if others else None
    if root is not None:
        given = "".join(f"{commit}^{{commit}}\n" for commit in others).encode()
        with suppress(GitError):
            told = Git(root).run("cat-file", "--batch-check=%(objectname)", given=given)
            here = set(told.decode().split())
    return {(name, commit) for name, commit in runs if name == title or commit in here}


def keep(
    path: str,
    scorecard: Scorecard,
    since: Since | None = None,
    wait: float = WAIT,
    folder: Path | None = None,
) -> Kept:
    """Compare a report with its history, then put it there; what cannot be done is told, and nothing raised.

    It is held against how things were at `since`, or against the run before it where no time is given.  A
    report is worth delivering also where its history cannot be read or written.  `folder` lies in the
    repository (default: the current one): runs of others in the same file are left out.
    """
    start = since or Since("")
    left: list[tuple[str, str]] = []

    def mine(runs: set[tuple[str, str]]) -> set[tuple[str, str]]:
        own = of_repository(runs, scorecard.title, folder or Path())
        left.extend(sorted(runs - own))
        return own

    try:
        points = read(path, start.when, start.commit, scorecard.definitions, wait, mine)
    except UsageError as error:
        trend(scorecard, [])
        message = f"the report is not compared with its history, and not put there: {error.message}"
        return Kept([], [Problem(message, path)])
    notes = trend(scorecard, points, before=since is None)
    if left:
        names = ", ".join(repr(title) for title in sorted({title for title, _ in left})[:3])
        notes.append(f"{_runs(len(left), 'is', 'are')} of another repository ({names}), and left out")
    first = scorecard.history[0].when
    if since is not None and first > since.when and first < scorecard.when:
        notes.append(f"trends begin with the first run that can be compared, of {first}: after --since")
    try:
        append(path, scorecard, wait)
    except UsageError as error:
        return Kept(notes, [Problem(f"the report is not put into its history: {error.message}", path)])
    return Kept(notes)


def _is_same(point: Point, now: Point) -> bool:
    """Whether a run is one that `now` takes the place of."""
    if point.definitions != now.definitions:
        return False
    return point.commit == now.commit if now.commit else not point.commit and point.when == now.when
