"""The settings of a command: those of files with what the command line says over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from pathlib import Path

    from readiness.config.model import Cascade
    from readiness.engine.settings import Settings
    from readiness.engine.trust import Trust

F = TypeVar("F", bound=Callable[..., Any])


def settings_options(function: F) -> F:
    """`--config` and `--isolated`."""
    config = click.option(
        "--config",
        metavar="FILE",
        help="Settings in place of those of the current folder and the folders above it (readiness.yaml, or "
        "[tool.readiness] in pyproject.toml).",
    )
    isolated = click.option(
        "--isolated",
        is_flag=True,
        help="Read no settings and no lock file, also none in folders below; --config FILE alone counts.",
    )
    return config(isolated(function))


def with_settings(
    ctx: click.Context,
    config: str | None,
    isolated: bool,
    options: dict[str, Any],
    keep: tuple[str, ...] | None = None,
    locked: bool = False,
    trust: Trust | None = None,
) -> Settings:
    """The settings of a command; only options that were said win over those of the files.

    `options` are values by the names of `Settings`; `keep` are the settings of the files that the command
    takes (default: all).  With `locked` the packs must be those of the lock file, where there is one.
    With `trust` all files are those of another revision, also the ones that options name.

    Raises:
        UsageError: the settings are wrong.
    """
    from msgspec.structs import replace

    from readiness.config.settings import is_there
    from readiness.engine.settings import cascade_of, merged

    default = ParameterSource.DEFAULT
    given = {name: v for name, v in options.items() if ctx.get_parameter_source(name) is not default}
    if trust is not None:
        config, given = trust.asked(config, given)
    cascade = cascade_of(config, isolated, None if trust is None else trust.folder)
    if keep is not None:
        cascade = _only(cascade, keep)
    # What no file says has the default of the command, which need not be the library's.
    unsaid = {name: v for name, v in options.items() if name not in given and name != "policies"}
    settings = merged(cascade, given, unsaid)
    if trust is not None:
        trust.take(settings)
    if not locked:
        # What is no gate may look at anything, also at less than what is locked.
        settings.cascade = replace(cascade, defaults=unsaid)
    if locked and (config is not None or not isolated):
        lock = lock_of(config, isolated, cascade)
        settings.lock = lock.as_posix() if is_there(settings.base / lock) else ""
    return settings


def lock_of(config: str | None, isolated: bool = False, cascade: Cascade | None = None) -> Path:
    """Where the lock file of a command is: beside the top settings, else in the current folder."""
    from readiness.config.cascade import top_of
    from readiness.config.settings import lock_path
    from readiness.engine.settings import cascade_of

    top = top_of(cascade_of(config, isolated) if cascade is None else cascade)
    return lock_path(config if config is not None or top is None else top.path)


def _only(cascade: Cascade, keep: tuple[str, ...]) -> Cascade:
    """Settings files without the values that a command does not take."""
    from msgspec.structs import replace

    def kept(values: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name in keep}

    groups = tuple(
        replace(group, layers=tuple(replace(one, values=kept(one.values)) for one in group.layers))
        for group in cascade.groups
    )
    return replace(cascade, groups=groups)
