"""The run on a base revision: begun beside the run that is held against it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
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
from readiness.repo.revision import find_revision


def begin_base(paths: Sequence[str], settings: Settings, prepared: Prepared, stdin: bytes | None) -> Base:
    """Begin to check the base revision, beside what follows.

    Raises:
        UsageError: there is no such revision, or what is checked has none.
    """
    if stdin is not None:
        raise UsageError("--diff-base: standard input has no base revision")
    folder = Path.cwd()
    revision = find_revision(folder, settings.diff_base, "--diff-base")

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
