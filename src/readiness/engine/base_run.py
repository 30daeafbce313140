"""The run on a base revision: begun beside the run that is held against it."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from readiness.engine.against import kept_of
from readiness.engine.base import Base, BaseOutcome
from readiness.engine.base_settings import base_key, inner_paths, settings_of_base
from readiness.engine.hold import run
from readiness.engine.loading import load_with
from readiness.engine.prepare import Prepared
from readiness.engine.settings import Settings
from readiness.errors import UsageError
from readiness.repo.git import Git, GitError
from readiness.repo.revision import Revision, find_revision


def begin_base(paths: Sequence[str], settings: Settings, prepared: Prepared, stdin: bytes | None) -> Base:
    """Begin to check the base revision, beside what follows.

    Raises:
        UsageError: there is no such revision, or what is checked has none: standard input, or plans alone.
    """
    if stdin is not None:
        raise UsageError("--diff-base: standard input has no base revision")
    folder = Path.cwd()
    revision = find_revision(folder, settings.diff_base, "--diff-base")
    _refuse_plans(paths, folder, revision)
    settings = replace(settings, var_files=inner_paths(settings.var_files, folder, revision.root))

    def look(base: Path, there: list[str]) -> BaseOutcome:
        own = settings_of_base(settings, base)
        loaded = load_with(there, own, None, base=base)
        try:
            report = run(prepared.policies, loaded, own, prepared)
        except UsageError:
            # Settings that the base had, and that are no longer, may break what is locked by now.
            own = settings_of_base(settings, base, nested=False)
            report = run(prepared.policies, loaded, own, prepared)
        return BaseOutcome(report.findings, kept_of(loaded), report.errors, homes=loaded.estate.homes)

    key = base_key(prepared.policies, settings, revision.root, datetime.date.today())
    return Base(revision, folder, paths, look, key, settings.cache)


def _has(revision: Revision, file: Path) -> bool:
    """Whether a revision has a file; it has none outside of its repository."""
    real = Path(os.path.realpath(file))
    if not real.is_relative_to(revision.root):
        return False
    try:
        Git(revision.root).run(
            "cat-file", "-e", f"{revision.commit}:{real.relative_to(revision.root).as_posix()}"
        )
    except GitError:
        return False
    return True


def _refuse_plans(paths: Sequence[str], folder: Path, revision: Revision) -> None:
    """Refuse to hold plans against a revision that has none of the paths: everything in them would be new."""
    files = [Path(folder, path) for path in paths]
    if not all(file.is_file() and not _has(revision, file) for file in files):
        return
    from readiness.sources.plan import recognise

    for path, file in zip(paths, files, strict=True):
        with suppress(OSError):
            if recognise(file.read_bytes()) == "plan":
                inside = Path(os.path.realpath(file)).is_relative_to(revision.root)
                root = os.path.relpath(file.parent, folder) if inside else "."
                message = f"{path} is a plan, and {revision.name!r} has none to hold it against"
                raise UsageError(
                    f"--diff-base: {message}: name the folder of its source as well, as in "
                    f"`readiness check {root} {path}`"
                )
