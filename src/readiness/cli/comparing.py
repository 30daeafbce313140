"""Options that hold a run against another revision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from msgspec import Struct

Command = TypeVar("Command", bound=Callable[..., Any])


class Comparing(Struct, frozen=True):
    """The base revision of a run ("" for none), and whether what is unchanged since is listed."""

    diff_base: str
    show_unchanged: bool

    @property
    def said(self) -> dict[str, Any]:
        """What the command line says of settings."""
        return {"diff_base": self.diff_base} if self.diff_base else {}


def comparing_options(command: Command) -> Command:
    """`--diff-base` and `--show-unchanged`, handed on as `comparing`."""

    def with_comparing(*args: Any, diff_base: str | None, show_unchanged: bool, **rest: Any) -> Any:
        if diff_base is not None and not diff_base:
            raise click.UsageError("--diff-base names no revision")
        if show_unchanged and diff_base is None:
            raise click.UsageError("--show-unchanged needs --diff-base")
        return command(*args, comparing=Comparing(diff_base or "", show_unchanged), **rest)

    with_comparing.__dict__.update(command.__dict__)
    with_comparing.__name__ = command.__name__
    with_comparing.__doc__ = command.__doc__
    decorated = click.option(
        "--show-unchanged", is_flag=True, help="With --diff-base, list also what was there before."
    )(with_comparing)
    return click.option(
        "--diff-base",
        metavar="REV",
        help="Gate only what is new or worse since this change left REV (a branch, tag or commit).",
    )(decorated)  # type: ignore[return-value]
