"""`readiness init`: look, decide what to write, and say so before anything is written."""

from __future__ import annotations

import datetime
import posixpath
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from readiness import api
from readiness.config.model import lock_at
from readiness.config.settings import FILE as SETTINGS
from readiness.engine.baseline_file import FILE as BASELINE
from readiness.engine.model import Report
from readiness.engine.prepare import Prepared, prepare
from readiness.engine.settings import Settings, found_settings
from readiness.errors import UsageError
from readiness.estate.build import Loaded, load
from readiness.kubernetes.schemas.store import releases
from readiness.onboarding import files as writers
from readiness.onboarding.look import look
from readiness.onboarding.migrate import ALREADY, Migration, There, migrate
from readiness.onboarding.model import FileChange, Options, Plan, Row
from readiness.onboarding.names import Aliases
from readiness.onboarding.rewrite import Rewriting, rewrite
from readiness.onboarding.settings_file import common_release
from readiness.onboarding.source import find_source
from readiness.onboarding.there import present
from readiness.onboarding.todo import todo
from readiness.onboarding.wish import Wish
from readiness.repo.discover import repository_root
from readiness.repo.tree import DiskTree


class Repository(Struct, frozen=True):
    """What a plan is made from: the folder, its settings with their policies, and its estate."""

    root: Path
    settings: Settings
    prepared: Prepared
    loaded: Loaded
    jobs: int | None
    cache: bool

    def report(self, texts: Mapping[str, str]) -> Report:
        """The report of the repository with some texts in place of its files."""
        loaded = self.loaded
        if texts:
            loaded = load(["."], base=self.root, jobs=self.jobs, cache=self.cache, edited=texts)
        # Comments alone are compared; a baseline that is named may be yet to come.
        settings = replace(self.settings, waivers=(), baseline="")
        return api.run(self.prepared.policies, loaded, settings, self.prepared)


def open_repository(root: Path, jobs: int | None = None, cache: bool = True) -> Repository:
    """Read the repository that lies in a folder.

    Raises:
        UsageError: it is no folder, or part of another repository; a settings file is wrong.
    """
    if not root.is_dir():
        raise UsageError(f"{root.as_posix()!r} is no folder")
    real = root.resolve()
    top = repository_root(real)
    if top is not None and top != real:
        raise UsageError(
            f"{root.as_posix()!r} is part of the repository {top.as_posix()!r}, which is set up as a whole: "
            "name its root; a readiness.yaml in a folder is written by hand"
        )
    settings = found_settings(base=real)
    settings.jobs, settings.cache = jobs, cache
    loaded = load(["."], base=real, jobs=jobs, cache=cache)
    return Repository(real, settings, prepare(settings), loaded, jobs, cache)


def make_plan(repository: Repository, options: Options, today: datetime.date | None = None) -> Plan:
    """Everything that is to be written; nothing is.

    Raises:
        UsageError: an option cannot be met, or a file that is there is wrong.
    """
    today = today or datetime.date.today()
    source = find_source(options.source)
    tree = DiskTree(repository.root, [repository.root])
    aliases = Aliases(repository.prepared.written)
    found = look(repository.root, repository.loaded, tree, repository.prepared.written, options.migrate)
    there = present(repository.root, repository.settings, repository.prepared)
    afresh = options.force and there.settings == SETTINGS
    says = There({}, there.says.waivers) if afresh else there.says
    migration = migrate(found.peers.skips, aliases, says, today, found.owner)
    rewriting = Rewriting()
    if options.rewrite:
        texts = repository.loaded.sources.texts
        # What is not byte for byte what was read (a byte order mark) is not written anew.
        exact = {path for path, text in texts.items() if tree.read(path) == text.encode()}
        rewriting = rewrite(repository.loaded, aliases, repository.report, today, exact)
    plan = Plan(found, rows=_with_rewritten(migration, rewriting))
    path = there.baseline or BASELINE
    has_baseline = tree.read(path) is not None
    if options.baseline and (options.force or not has_baseline):
        plan.baseline = path
        plan.old_baseline = "" if has_baseline else None
    wish = Wish(options, found, source, path if options.baseline or has_baseline else None, tree)
    release = common_release(found.clusters, releases())
    settings = list(writers.settings(wish, there, migration, release))
    # Where settings do not name the baseline, the hook and the job have to.
    untold = any(file.action == "print" and "baseline:" in (file.text or "") for file in settings)
    told_wish = wish if untold else replace(wish, baseline=None)
    if any(file.action == "print" for file in settings):
        plan.rows = [_by_hand(row) for row in plan.rows]
    plan.files = [
        *settings,
        *writers.waivers(there.waivers, migration),
        *writers.hook(told_wish),
        *writers.job(told_wish),
        *_rewritten(repository, rewriting),
        *([FileChange(path, "keep", "a baseline is there")] if has_baseline and not plan.baseline else []),
    ]
    plan.files = [file for file in plan.files if file.text != file.was or file.action in ("keep", "print")]
    plan.todo = todo(plan, wish, migration, repository.root)
    return plan


def _with_rewritten(migration: Migration, rewriting: Rewriting) -> list[Row]:
    rows = []
    for row in migration.rows:
        if row.form == "comment" and row.outcome == "honoured" and (row.path, row.line) in rewriting.done:
            row = replace(row, outcome="rewritten")
        rows.append(row)
    return rows


def _by_hand(row: Row) -> Row:
    """A row about settings that a person has to complete."""
    if row.outcome != "ignored" or row.why == ALREADY:
        return row
    return replace(row, why=f"{row.why}; once it is there" if row.why else "once it is there")


def _rewritten(repository: Repository, rewriting: Rewriting) -> list[FileChange]:
    made = []
    for path, text in rewriting.texts.items():
        was = repository.loaded.sources.texts[path]
        number = sum(place[0] == path for place in rewriting.done)
        what = "1 comment for another tool" if number == 1 else f"{number} comments for other tools"
        made.append(FileChange(path, "rewrite", what, text, was))
    return made


class Recorded(Struct, frozen=True):
    """A baseline: its text, the number of its findings, and of those that gate all the same (locked)."""

    text: str
    findings: int
    locked: int


def record_baseline(repository: Repository, path: str) -> Recorded:
    """A baseline of what is there now, for its place.

    Settings and waivers are read anew: they have just been written.

    Raises:
        UsageError: what was written is wrong, such as a policy that is locked and ignored.
    """
    from readiness.engine.baseline import recorded
    from readiness.engine.baseline_file import to_text
    from readiness.engine.recording import recording

    settings = settings_of(repository)
    settings.baseline = ""
    loaded = load(["."], base=repository.root, jobs=repository.jobs, cache=repository.cache)
    prepared = prepare(settings)
    held = api.hold(prepared.policies, loaded, settings, prepared)
    found = recording(held.report, prepared.policies, None, held.extent)
    folder = posixpath.dirname(path) or "."
    entries = {e.identity: e for finding in found.findings for e in recorded(finding, folder, None, None)}
    locked = [f for f in held.report.gating if lock_at(prepared.locked, f.policy, f.span.path) is not None]
    return Recorded(to_text(list(entries.values())), len(found.findings), len(locked))


def settings_of(repository: Repository) -> Settings:
    """The settings of a repository as they are now, with its waivers and its lock file.

    Raises:
        UsageError: they are wrong.
    """
    from readiness.config.settings import LOCK_FILE, is_there

    settings = found_settings(base=repository.root)
    settings.jobs, settings.cache = repository.jobs, repository.cache
    if is_there(repository.root / LOCK_FILE):
        settings.lock = (repository.root / LOCK_FILE).as_posix()
    return settings
