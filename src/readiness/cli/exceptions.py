"""What lets findings pass on the command line: `--waivers`, `--baseline`, `--no-exceptions`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from msgspec import Struct

if TYPE_CHECKING:
    from readiness.engine.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


class Excepting(Struct, frozen=True):
    """What was said about exceptions; `said` by the names of `Settings`."""

    said: dict[str, Any]
    none: bool = False

    def complete(self, settings: Settings, isolated: bool) -> None:
        """Find `waivers.yaml` where nobody names files of waivers, and see that a baseline is there early.

        It is looked for beside the top settings, in the current folder and in the root of the repository.

        Raises:
            UsageError: something of that name is there, and no file.
        """
        settings.exceptions = settings.exceptions and not self.none
        if settings.waivers or isolated or self.none:
            return
        from readiness.engine.settings import default_waivers

        settings.waivers = default_waivers(settings)


def exceptions_options(function: F) -> F:
    """`--waivers`, `--baseline` and `--no-exceptions`, passed on as `excepting`."""

    @wraps(function)
    def collected(*args: Any, **options: Any) -> Any:
        waivers, baseline = options.pop("waivers"), options.pop("baseline")
        none = options.pop("no_exceptions")
        if none and (waivers or baseline):
            raise click.UsageError("--no-exceptions and --waivers or --baseline exclude each other")
        said = {"waivers": waivers, "baseline": baseline}
        return function(*args, excepting=Excepting(said, none), **options)

    wrapped: Any = collected
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return cast("F", wrapped)


_OPTIONS = (
    click.option(
        "--waivers",
        multiple=True,
        metavar="FILE",
        help="Approved exceptions. Default: waivers.yaml beside the settings, in the current folder or in "
        "the root of the repository. Repeatable.",
    ),
    click.option(
        "--baseline",
        default="",
        metavar="FILE",
        help="Findings that were there before and may stay: `readiness baseline create` writes them.",
    ),
    click.option(
        "--no-exceptions",
        is_flag=True,
        help="Ignores in place, waivers and the baseline do not count.",
    ),
)
