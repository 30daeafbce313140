"""Files → the estate, as settings want it read."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path

from readiness.engine.settings import Settings
from readiness.estate.build import Loaded, load
from readiness.estate.metadata import meaning_of
from readiness.estate.services.folders import folders_of
from readiness.estate.variables import VariableOptions


def load_with(
    paths: Sequence[str],
    settings: Settings,
    stdin: bytes | None,
    edited: Mapping[str, str] | None = None,
    base: Path | None = None,
    today: datetime.date | None = None,
) -> Loaded:
    """The estate of paths; `edited` texts take the place of files, and shown paths begin at `base`.

    `today` is the day as of which ages and ends are judged, that of the run where none is given.

    Raises:
        UsageError: a path or variable file does not exist, or a variable is set wrongly.
    """
    return load(
        paths,
        base=base,
        edited=edited,
        variables=VariableOptions(
            files=settings.var_files,
            values=settings.variables,
            ambient=settings.env_vars,
            environments=settings.environments,
            workspaces=settings.workspaces,
            patterns=settings.var_file_patterns,
        ),
        stdin=stdin,
        jobs=settings.jobs,
        cache=settings.cache,
        pod_templates=settings.pod_templates,
        kubernetes_version=settings.kubernetes_version,
        changed=settings.changed,
        ignoring=settings.trust is None,
        meaning=meaning_of(settings.metadata),
        folders_of_services=folders_of(settings.services),
        today=today,
    )
