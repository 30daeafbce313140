"""Options that hold a run against another revision, or by its settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec import Struct

if TYPE_CHECKING:
    from readiness.engine.trust import Trust

Command = TypeVar("Command", bound=Callable[..., Any])


class Comparing(Struct, frozen=True):
    """The base revision of a run ("" for none), and whether what is unchanged since is listed.

    `trust_base` is the revision whose settings hold ("" for those of what is checked).
    """

    diff_base: str
    show_unchanged: bool
    trust_base: str = ""

    @property
    def said(self) -> dict[str, Any]:
        """What the command line says of settings."""
        return {"diff_base": self.diff_base} if self.diff_base else {}

    def trusted(self, ctx: click.Context) -> Trust | None:
        """The revision whose settings hold, for as long as the command runs; None where none was named.

        Raises:
            UsageError: there is no such revision, or git cannot give its files.
        """
        if not self.trust_base:
            return None
        from readiness.engine.trust import trusted

        return ctx.with_resource(trusted(self.trust_base))


def comparing_options(command: Command) -> Command:
    """`--diff-base`, `--show-unchanged` and `--trust-base`, handed on as `comparing`."""

    @wraps(command)
    def with_comparing(
        *args: Any, diff_base: str | None, show_unchanged: bool, trust_base: str | None, **rest: Any
    ) -> Any:
        for option, name in (("--diff-base", diff_base), ("--trust-base", trust_base)):
            if name is not None and not name:
                raise click.UsageError(f"{option} names no revision")
        if show_unchanged and diff_base is None:
            raise click.UsageError("--show-unchanged needs --diff-base")
        comparing = Comparing(diff_base or "", show_unchanged, trust_base or "")
        return command(*args, comparing=comparing, **rest)

    decorated = click.option(
        "--trust-base",
        metavar="REV",
        help="Settings, packs, the lock file, waivers, the baseline and ignores are those of REV, whatever "
        "a change makes of them (for changes of strangers).",
    )(with_comparing)
    decorated = click.option(
        "--show-unchanged", is_flag=True, help="With --diff-base, list also what was there before."
    )(decorated)
    return click.option(
        "--diff-base",
        metavar="REV",
        help="Gate only what is new or worse since this change left REV (a branch, tag or commit).",
    )(decorated)  # type: ignore[return-value]
