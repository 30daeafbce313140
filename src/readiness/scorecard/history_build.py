"""A history made from the revisions of a repository: the policies of today on the trees of then."""

from __future__ import annotations

import datetime
import gc
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct, field

from readiness.engine.base_settings import inner_paths, settings_of_base
from readiness.engine.forked import POSSIBLE, Forked
from readiness.engine.hold import hold
from readiness.engine.loading import load_with
from readiness.engine.prepare import Prepared
from readiness.engine.settings import Settings
from readiness.errors import UsageError
from readiness.repo.discover import repository_root
from readiness.repo.git import Git, GitError
from readiness.repo.revision import Revision, branch_of
from readiness.repo.snapshot import files_of
from readiness.scorecard.build import build as build_scorecard
from readiness.scorecard.definitions import Definitions
from readiness.scorecard.history import Run, put, run_of
from readiness.scorecard.history_file import WAIT
from readiness.scorecard.history_read import known as known_commits
from readiness.scorecard.model import Scorecard
from readiness.scorecard.trend import Since, definitions_of, utc

_DAY = 86_400
_DEEPEN = "fetch more of it (actions/checkout: `fetch-depth: 0`; GitLab: `GIT_DEPTH: 0`)"


class Commit(Struct, frozen=True):
    """A commit and its time (of the committer), in seconds since 1970."""

    commit: str
    seconds: int

    @property
    def when(self) -> str:
        """`YYYY-MM-DDTHH:MM:SSZ`."""
        return utc(self.seconds)


class Line(Struct, frozen=True):
    """The commits of a branch along first parents, newest first; `shallow` where the oldest are not here."""

    root: Path
    branch: str
    commits: tuple[Commit, ...]
    shallow: bool


class Skipped(Struct, frozen=True):
    """A revision that is not in the history, and why; `broken` unless there was nothing to look at."""

    commit: Commit
    why: str
    broken: bool = True


class Asked(Struct, frozen=True):
    """What a history is made of: what is looked at (paths that begin at `folder`), and by what."""

    paths: tuple[str, ...]
    folder: Path
    settings: Settings
    prepared: Prepared
    known: Definitions


class Built(Struct):
    """What came of it: runs that were added, how many commits were there already, and what is missing.

    `unread` counts files that could not be read, by the commits of runs that have any.
    """

    added: list[Commit] = field(default_factory=list)
    there: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    unread: dict[str, int] = field(default_factory=dict)


Told = Callable[[int, int], None]
"""Is told how many revisions are done, and of how many."""


def build_history(
    path: str, asked: Asked, every: int, since: Since | None = None, told: Told = lambda done, of: None
) -> Built:
    """Put a run for the last commit of each `every` days into a history; those that are there are left.

    Each is in the file as soon as it is done: begun anew, the work goes on where it ended.

    Raises:
        UsageError: there is no repository or no commit, its history is too shallow, no revision has what is
            asked for, or the file is no history or cannot be written.
    """
    line = line_of(asked.folder)
    wanted = chosen(line, every, since)
    paths = [os.path.normpath(asked.folder / one) for one in asked.paths]
    definitions = definitions_of(asked.known, asked.prepared.policies, asked.settings, paths, line.root)
    there = known_commits(path, definitions)
    built = Built()
    missing = [commit for commit in wanted if commit.commit not in there]
    built.there = len(wanted) - len(missing)
    told(0, len(missing))
    looks = (_Look(asked, line, commit, definitions) for commit in missing)
    for done, (look, outcome) in enumerate(_outcomes(looks, asked.settings.workers), 1):
        if outcome.run is None:
            built.skipped.append(Skipped(look.commit, outcome.why, outcome.broken))
        else:
            put(path, outcome.run, WAIT)
            built.added.append(look.commit)
            if outcome.run.unread:
                built.unread[look.commit.commit] = outcome.run.unread
        told(done, len(missing))
    if not built.added and not built.there and not any(one.broken for one in built.skipped):
        raise UsageError(f"no revision has any of {', '.join(map(repr, asked.paths))}")
    return built


def report_at(revision: Revision, commit: Commit, asked: Asked) -> Scorecard | None:
    """The report of a revision as it would have been on its day; None where nothing of the paths was there.

    Raises:
        UsageError: its files cannot be had, or a setting or file of exceptions of then is wrong.
    """
    folder = Path(os.path.realpath(asked.folder))
    with files_of(revision) as top:
        base = top / folder.relative_to(revision.root)
        inner = inner_paths(asked.paths, folder, revision.root)
        paths = [path for path in inner if base.is_dir() and os.path.lexists(base / path)]
        if not paths:
            return None
        given = msgspec.structs.replace(
            asked.settings, var_files=inner_paths(asked.settings.var_files, folder, revision.root)
        )
        try:
            scorecard = _report(base, paths, settings_of_base(given, base), commit, asked)
        except UsageError:
            # Settings of folders below may not fit what is there by now.
            scorecard = _report(base, paths, settings_of_base(given, base, nested=False), commit, asked)
    scorecard.commit, scorecard.when = commit.commit, commit.when
    return scorecard


def line_of(folder: Path) -> Line:
    """The commits from HEAD along first parents.

    Raises:
        UsageError: there is no repository, or no commit in it.
    """
    root = repository_root(Path(os.path.realpath(folder)))
    if root is None:
        raise UsageError(f"a history is made from git, and {folder.as_posix()!r} lies in no repository")
    git = Git(root)
    try:
        listed = git.text("log", "--first-parent", "--format=%H %ct", "HEAD")
    except GitError as error:
        raise UsageError(f"a history is made from commits, and git gives none: {error}") from None
    try:
        shallow = set(git.text("rev-parse", "--git-path", "shallow").splitlines())
        cut = {text for name in shallow if (root / name).is_file() for text in _lines(root / name)}
    except GitError:
        cut = set()
    pairs = (line.split() for line in listed.splitlines())
    commits = tuple(Commit(name, int(seconds)) for name, seconds in pairs)
    return Line(root, branch_of(root), commits, commits[-1].commit in cut)


def chosen(line: Line, every: int, since: Since | None) -> list[Commit]:
    """The commits to look at, the oldest first: the last of each `every` days, counted from 1970 in UTC.

    So the same ones are chosen again when there are more.  A commit that `since` names is one of them.

    Raises:
        UsageError: there is none, or a shallow history begins later than what is asked for.
    """
    names = [commit.commit for commit in line.commits]
    if since is not None and since.commit in names:
        wanted = list(line.commits[: names.index(since.commit) + 1])
        first = since.commit
    else:
        start = "" if since is None else since.when
        wanted = [commit for commit in line.commits if commit.when >= start]
        first = ""
        if line.shallow and len(wanted) == len(line.commits):
            raise UsageError(_too_shallow(line))
        if not wanted:
            raise UsageError(f"there is no commit since {start}: the newest is of {line.commits[0].when}")
    last: dict[int, str] = {}
    for commit in wanted:
        last.setdefault(commit.seconds // (every * _DAY), commit.commit)
    kept = {*last.values(), first}
    return [commit for commit in reversed(wanted) if commit.commit in kept]


class _Outcome(Struct):
    """The run of a revision, or why there is none."""

    run: Run | None = None
    why: str = ""
    broken: bool = True


class _Look:
    """The look at one revision: in a copy of this process, so that its memory is free afterwards."""

    def __init__(self, asked: Asked, line: Line, commit: Commit, definitions: str) -> None:
        self.commit = commit
        self._asked = asked
        self._line = line
        self._definitions = definitions
        self._forked: Forked | None = None

    def begin(self) -> None:
        """Begin, where there can be a copy."""
        if POSSIBLE:
            try:
                self._forked = Forked(lambda: msgspec.msgpack.encode(self._work()))
            except OSError:
                self._forked = None

    def outcome(self) -> _Outcome:
        """What came of it."""
        if self._forked is None:
            try:
                return self._work()
            finally:
                gc.collect()  # the command line has the collector off: one estate at a time is enough
        data = self._forked.result()
        if data is None:
            return _Outcome(why="the process that looked at it died (too little memory?)")
        return msgspec.msgpack.decode(data, type=_Outcome)

    def _work(self) -> _Outcome:
        name = self.commit.commit
        try:
            scorecard = report_at(Revision(self._line.root, name, name), self.commit, self._asked)
        except UsageError as error:
            return _Outcome(why=str(error))
        except Exception as error:
            # One revision that nobody foresaw must not cost the others.
            return _Outcome(why=f"internal error: {type(error).__name__}: {error}")
        if scorecard is None:
            return _Outcome(why="nothing of what is asked for was there yet", broken=False)
        scorecard.branch, scorecard.definitions = self._line.branch, self._definitions
        return _Outcome(run_of(scorecard))


def _outcomes(looks: Iterator[_Look], most: int) -> Iterator[tuple[_Look, _Outcome]]:
    """Looks with their outcomes, in their order; as many at once as `most`."""
    begun: deque[_Look] = deque()
    for look in looks:
        look.begin()
        begun.append(look)
        if len(begun) >= most:
            oldest = begun.popleft()
            yield oldest, oldest.outcome()
    for look in begun:
        yield look, look.outcome()


def _report(base: Path, paths: Sequence[str], settings: Settings, commit: Commit, asked: Asked) -> Scorecard:
    """The report of files below a folder, by ages and shelf lives of the day of a commit."""
    day = datetime.date.fromisoformat(commit.when[:10])
    loaded = load_with(paths, settings, None, base=base, today=day)
    prepared = asked.prepared
    held = hold(prepared.policies, loaded, settings, prepared, tallied=True)
    return build_scorecard(held, loaded, prepared, settings, asked.known)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii", errors="replace").split()
    except OSError:
        return []


def _too_shallow(line: Line) -> str:
    """What is missing of a shallow history, and what can be done."""
    oldest = line.commits[-1]
    later = utc(oldest.seconds + _DAY)[:10]
    there = f", or say --since {later}" if line.commits[0].when >= later else ""
    return (
        f"the history here is shallow: it begins with {oldest.commit[:12]} of {oldest.when[:10]}, and what "
        f"was before is missing; {_DEEPEN}{there}"
    )
