"""The settings of a command: `readiness.yaml` with what the command line says over it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from readiness.engine.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


def settings_options(function: F) -> F:
    """`--config` and `--isolated`."""
    config = click.option(
        "--config",
        metavar="FILE",
        help="Settings. Default: readiness.yaml of the current folder, if there is one.",
    )
    isolated = click.option(
        "--isolated", is_flag=True, help="Read no settings and no lock file: what is said here, and defaults."
    )
    return config(isolated(function))


def with_settings(
    ctx: click.Context,
    config: str | None,
    isolated: bool,
    options: dict[str, Any],
    keep: tuple[str, ...] | None = None,
    locked: bool = False,
) -> Settings:
    """The settings of a command; only options that were said win over those of the file.

    `options` are values by the names of `Settings`; `keep` are the settings of the file that the command
    takes (default: all).  With `locked` the packs must be those of the lock file, where there is one.

    Raises:
        UsageError: the settings are wrong.
    """
    from msgspec.structs import replace

    from readiness.config.settings import find_settings, is_there, lock_path
    from readiness.engine.settings import Settings, merged

    if isolated and config is not None:
        raise click.UsageError("--config and --isolated exclude each other")
    file = find_settings(config, isolated)
    if file is None:
        settings = Settings(**options)
    else:
        if keep is not None:
            file = replace(file, values={name: file.values[name] for name in keep if name in file.values})
        default = ParameterSource.DEFAULT
        given = {name: v for name, v in options.items() if ctx.get_parameter_source(name) is not default}
        # What the file does not say has the default of the command, which need not be the library's.
        unsaid = {n: v for n, v in options.items() if n not in given and n not in file.values}
        unsaid.pop("policies", None)
        settings = merged(replace(file, values={**unsaid, **file.values}), given)
    if locked and not isolated:
        lock = lock_path(config)
        settings.lock = lock.as_posix() if is_there(lock) else ""
    return settings
