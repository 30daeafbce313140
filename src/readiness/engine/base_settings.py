"""What a base revision is held against: the settings of the change, with what only the base has got."""

from __future__ import annotations

import datetime
import hashlib
import importlib.util
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from readiness.config.cascade import nested_group
from readiness.config.model import Cascade, Layer
from readiness.config.settings import FILE, TOML_FILE
from readiness.config.waivers import find_waivers
from readiness.engine.settings import Settings, existing_files, waiver_folders
from readiness.errors import UsageError
from readiness.policy.model import Policy


def settings_of_base(settings: Settings, base: Path, nested: bool = True) -> Settings:
    """Settings for the files of a base revision in the folder `base`, which has not got what a change brings.

    What a change takes away lets findings of the base pass all the same: its usual file of waivers and, with
    `nested`, the settings of folders below.  Those of a revision that is trusted hold for both.
    """
    trust = None if settings.trust is None else settings.trust.silenced()
    settings = existing_files(replace(settings, diff_base="", jobs=1, trust=trust), base)
    if trust is not None:
        return settings
    if settings.cascade is not None and settings.cascade.nested:
        if not settings.waivers:
            with suppress(UsageError):
                settings.waivers = find_waivers(waiver_folders(settings), base)
        settings.cascade = replace(settings.cascade, past=base if nested else None)
    return settings


def inner_paths(paths: Iterable[str], folder: Path, root: Path) -> tuple[str, ...]:
    """Paths, those into a repository from a folder of it: a revision has its own file there."""
    return tuple(
        os.path.relpath(path, folder)
        if Path(path).is_absolute() and Path(path).is_relative_to(root)
        else path
        for path in paths
    )


def base_key(policies: Sequence[Policy], settings: Settings, root: Path, today: datetime.date) -> str:
    """What findings depend on beside the files of a revision of the repository at `root`.

    That is policies, settings (those of folders below too), files outside of the repository, the day, the
    variables of the environment, and what renders charts.
    """
    cascade = settings.cascade
    # The folder of a revision that is trusted is another one in each run.
    kept = None if cascade is None else replace(cascade, base=None)
    ambient = {n: v for n, v in os.environ.items() if settings.env_vars and n.startswith("TF_VAR_")}
    parts: list[Any] = [
        policies,
        replace(settings, jobs=None, fail_on="high", cascade=kept),
        [] if cascade is None or not cascade.nested else list(_below(cascade)),
        [_digest(path) for path in settings.var_files if not _is_inside(path, root)],
        [_digest(path) for path in _elsewhere(settings, root)],
        today.isoformat(),
        ambient,
        importlib.util.find_spec("helm_python") is not None or shutil.which("helm"),
    ]
    return hashlib.blake2b(msgspec.json.encode(parts, enc_hook=str), digest_size=16).hexdigest()


def _elsewhere(settings: Settings, root: Path) -> list[Path]:
    """The files of waivers and the baseline of which a base revision has none of its own."""
    named = [*settings.waivers, *([settings.baseline] if settings.baseline else [])]
    paths = [(path, settings.base / path) for path in named]
    return [full for path, full in paths if Path(path).is_absolute() or not _is_inside(full, root)]


def _below(cascade: Cascade) -> Iterator[tuple[str, tuple[Layer, ...]]]:
    """What settings of folders below say now; one that is wrong is told by the run."""
    top = Path() if cascade.base is None else cascade.base
    for current, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        folder = os.path.relpath(current, top).replace(os.sep, "/")
        if folder != "." and (FILE in names or TOML_FILE in names):
            with suppress(UsageError):
                group = nested_group(cascade, folder)
                if group is not None:
                    yield folder, group.layers


def _is_inside(path: str | Path, root: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(root)


def _digest(path: str | Path) -> str:
    try:
        return hashlib.blake2b(Path(path).read_bytes(), digest_size=16).hexdigest()
    except OSError:
        return ""
