"""`readiness baseline`: record what is there today, so that only what is new gates."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click
from msgspec import Struct

from readiness.cli.exceptions import Excepting
from readiness.cli.options import (
    NearChoice,
    need_command,
    policies_option,
    profile_option,
    reading_options,
    select_options,
)
from readiness.cli.settings import settings_options, with_settings

if TYPE_CHECKING:
    from readiness.api import Settings
    from readiness.engine.baseline_file import Entry
    from readiness.engine.recording import Recording

F = TypeVar("F", bound=Callable[..., Any])

_SAID = ("select", "ignore", "profile", "policies", "unknown", "tier", "waivers")


@click.group("baseline", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Record the findings of today, so that only new ones fail the gate (`check --baseline FILE`)."""
    need_command(ctx)


class _Asked(Struct, frozen=True):
    """What both commands are told: what to check, where the baseline is, and what new entries get."""

    paths: tuple[str, ...]
    settings: Settings
    file: str
    expires: str | None
    reason: str | None


def _day(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """A day to come, from `YYYY-MM-DD` or a number of days (`90d`)."""
    from readiness.config.settings import is_day

    if value is None:
        return None
    today = datetime.date.today()
    if value.endswith("d") and value[:-1].isdecimal() and 0 < int(value[:-1]) < 100_000:
        return (today + datetime.timedelta(int(value[:-1]))).isoformat()
    if not is_day(value):
        raise click.BadParameter(
            f"{value!r} is neither a day (2027-01-31) nor a number of days (90d)", ctx, param
        )
    if value < today.isoformat():
        raise click.BadParameter(f"{value} is over", ctx, param)
    return value


_OPTIONS = (
    click.argument("paths", nargs=-1, metavar="[PATH]..."),
    click.option(
        "--file",
        metavar="FILE",
        help="The baseline. Default: that of the settings, else readiness-baseline.json.",
    ),
    click.option(
        "--expires",
        callback=_day,
        metavar="YYYY-MM-DD|Nd",
        help="The last day on which what is recorded now may stay, or in how many days.",
    ),
    click.option("--reason", metavar="TEXT", help="Why what is recorded now may stay."),
    click.option("--waivers", multiple=True, metavar="FILE", help="Approved exceptions, as for `check`."),
    click.option(
        "--unknown",
        type=NearChoice(("ignore", "warn", "fail")),
        default="warn",
        show_default=True,
        help="With `fail`, checks that wait for values known only at apply are recorded too.",
    ),
    click.option(
        "--tier",
        type=click.IntRange(0, 9),
        default=1,
        show_default=True,
        metavar="N",
        help="The service tier of resources that name none, as for `check`.",
    ),
    select_options,
    profile_option,
    policies_option,
    settings_options,
    reading_options,
)


def _options(function: F) -> F:
    """What `create` and `update` are told, passed on as `asked`."""

    @wraps(function)
    @click.pass_context
    def collected(ctx: click.Context, /, **options: Any) -> Any:
        said = {name: options.pop(name) for name in _SAID} | options.pop("reading")
        config, isolated = options.pop("config"), options.pop("isolated")
        settings = with_settings(ctx, config, isolated, said, locked=True)
        Excepting({}).complete(settings, isolated)
        from readiness.engine.baseline_file import FILE

        file = options.pop("file") or settings.baseline or FILE
        paths = options.pop("paths") or (".",)
        asked = _Asked(paths, settings, file, options.pop("expires"), options.pop("reason"))
        return function(asked=asked, **options)

    wrapped: Any = collected
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return cast("F", wrapped)


@command.command("create")
@_options
@click.option("--force", is_flag=True, help="Write over a baseline that is there.")
def create(asked: _Asked, force: bool) -> int:
    """Record every finding that nothing lets pass yet.

    Exit status: 0, or 3 where some input could not be read: what it hides is not recorded.
    """
    from readiness.api import record
    from readiness.cli.writing import writable_target
    from readiness.engine.baseline import recorded
    from readiness.errors import UsageError
    from readiness.outputs.terminal import count

    writable_target(asked.file)
    if os.path.lexists(asked.file) and not force:
        message = "a baseline is there: `readiness baseline update` adds to it, --force writes a new one"
        raise UsageError(message, asked.file)
    asked.settings.baseline = ""
    found = record(asked.paths, asked.settings)
    folder = Path(asked.file).parent.as_posix()
    entries = {
        entry.identity: entry
        for finding in found.findings
        for entry in recorded(finding, folder, asked.expires, asked.reason)
    }
    _write(asked.file, list(entries.values()))
    return _told(asked.file, [f"{count(len(found.findings), 'finding')} recorded"], found)


@command.command("update")
@_options
@click.option("--prune", is_flag=True, help="Take out what is fixed as well.")
@click.option("--prune-only", is_flag=True, help="Take out what is fixed, and add nothing: for CI.")
def update(asked: _Asked, prune: bool, prune_only: bool) -> int:
    """Add the findings that are new, and follow files that were renamed.

    Exit status: 0, or 3 where some input could not be read: nothing is taken out then.
    """
    from readiness.api import record
    from readiness.engine.baseline import updated
    from readiness.outputs.terminal import count

    if prune_only and (asked.expires or asked.reason):
        raise click.UsageError("--prune-only adds nothing that --expires or --reason could be about")
    asked.settings.baseline = asked.file
    found = record(asked.paths, asked.settings)
    baseline = found.baseline
    assert baseline is not None
    drop = found.fixed if prune or prune_only else ()
    findings = [] if prune_only else found.findings
    entries, changed = updated(baseline, findings, asked.expires, asked.reason, frozenset(drop))
    _write(asked.file, entries)
    told = [] if prune_only else [f"{count(changed, 'entry', 'entries')} added or renewed"]
    if baseline.moved:
        told.append(f"{len(baseline.moved):,} moved with their files")
    if drop:
        told.append(f"{len(drop):,} fixed and taken out")
    elif found.fixed:
        told.append(f"{len(found.fixed):,} fixed (--prune takes them out)")
    elif prune_only:
        told.append("nothing is fixed")
    if found.expired and asked.expires is None:
        told.append(f"{len(found.expired):,} expired, which --expires renews")
    told.append(f"{count(len(entries), 'entry', 'entries')} in all")
    return _told(asked.file, told, found)


def _write(file: str, entries: list[Entry]) -> None:
    """Write a baseline, unless it is there as it should be."""
    from readiness.cli.writing import to_file
    from readiness.engine.baseline_file import to_text

    text = to_text(entries)
    path = Path(file)
    if not path.is_file() or path.read_bytes() != text.encode("utf-8", "backslashreplace"):
        to_file(file, text)


def _told(file: str, told: list[str], found: Recording) -> int:
    """Say what was done, and what could not be read."""
    from readiness.cli.writing import complain, to_stdout
    from readiness.outputs.terminal import clean_path, place

    to_stdout(f"{clean_path(file)}: {'; '.join(told)}\n")
    for notice in found.report.notices:
        complain(f"{place(notice)}: {notice.message}", "note")
    for error in found.report.errors:
        complain(f"{place(error)}: {error.message}")
    return 3 if found.report.errors else 0
