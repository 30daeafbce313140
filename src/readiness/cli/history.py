"""`readiness history`: earlier reports, made anew from git, listed, and thrown away."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from readiness.cli.exceptions import Excepting, exceptions_options
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
    from readiness.scorecard.history_build import Built
    from readiness.scorecard.history_read import Entry
    from readiness.scorecard.trend import Since

history_option = click.option(
    "--history",
    "file",
    metavar="FILE",
    default="readiness-history.db",
    show_default=True,
    help="The history: an SQLite database.",
)


@click.group("history", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """The history of readiness reports (`report --history FILE`)."""
    need_command(ctx)


def _every(ctx: click.Context, param: click.Parameter, value: str) -> int:
    """Days from `30d`, `4w`, `1y`."""
    from readiness.scorecard.trend import days_of

    days = days_of(value)
    if days is None:
        raise click.BadParameter(f"{value!r} is no span such as 30d, 4w or 1y", ctx, param)
    return days


def _since(text: str | None, option: str) -> Since | None:
    """A time to look back to, None where none was named."""
    from readiness.scorecard.build import now
    from readiness.scorecard.trend import parse_since

    if text is None:
        return None
    return parse_since(text, Path.cwd(), datetime.datetime.fromisoformat(now()), option)


@command.command("build")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--every",
    callback=_every,
    default="30d",
    show_default=True,
    metavar="SPAN",
    help="How far apart revisions lie: of each span (30d, 4w, 1y) the last commit is looked at.",
)
@click.option(
    "--since",
    metavar="SPAN|DAY|REV",
    help="Where to begin: 1y ago, a day (2026-08-01) or a revision. Default: the first commit.",
)
@history_option
@click.option(
    "--tier",
    type=click.IntRange(0, 9),
    default=1,
    show_default=True,
    metavar="N",
    help="The service tier of resources that name none, as for `report`.",
)
@select_options
@profile_option
@policies_option
@exceptions_options
@settings_options
@reading_options
@click.pass_context
def build(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    every: int,
    since: str | None,
    file: str,
    excepting: Excepting,
    config: str | None,
    isolated: bool,
    reading: dict[str, Any],
    **said: Any,
) -> int:
    """Make the history from git: the policies and settings of now on the revisions of then.

    Looked at are commits of the current branch along first parents, without a checkout; each counts as of its
    day.  Runs that are there are left: a second call goes on where the first one ended.  Options are those of
    `report`, as only runs by the same policies and settings can be compared.

    Exit status: 0, or 3 where a revision could not be looked at.
    """
    from readiness.engine.prepare import prepare
    from readiness.scorecard.definitions import definitions, for_report
    from readiness.scorecard.history_build import Asked, build_history

    if "-" in paths:
        raise click.UsageError("standard input has no revisions")
    settings = with_settings(ctx, config, isolated, said | excepting.said | reading, locked=True)
    excepting.complete(settings, isolated)
    if settings.profile == "default":
        settings = replace(settings, profile="report")  # as a report does
    begin = _since(since, "--since")
    settings = for_report(settings)
    asked = Asked(paths or (".",), Path.cwd(), settings, prepare(settings), definitions(settings))
    with _progress() as told:
        built = build_history(file, asked, every, begin, told)
    return _tell(file, built)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, on a terminal alone."""
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return
    from rich.console import Console
    from rich.progress import Progress

    # Without a thread that refreshes it: revisions are looked at in copies of this process.
    with Progress(console=Console(stderr=True), auto_refresh=False, transient=True) as bar:
        task = bar.add_task("revisions", total=None)

        def told(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)
            bar.refresh()

        yield told


def _tell(file: str, built: Built) -> int:
    """Say what was made, and what is missing."""
    from readiness.cli.writing import complain, to_stdout
    from readiness.outputs.terminal import clean_path, count

    told = [f"{count(len(built.added), 'revision')} added", f"{built.there:,} there already"]
    if built.skipped:
        told.append(f"{len(built.skipped):,} skipped")
    to_stdout(f"{clean_path(file)}: {', '.join(told)}\n")
    for one in built.skipped:
        message = f"{one.commit.commit[:12]} of {one.commit.when[:10]} is left out: {one.why}"
        complain(message, "error" if one.broken else "note")
    for commit, number in built.unread.items():
        complain(f"{commit[:12]} is there without {count(number, 'file')} that could not be read", "note")
    return 3 if any(one.broken for one in built.skipped) else 0


@command.command("list")
@history_option
@click.option("--format", "-f", "format_", type=NearChoice(("text", "json")), default="text")
def list_(file: str, format_: str) -> int:
    """List the runs of a history."""
    import json

    from readiness.cli.writing import to_stdout
    from readiness.scorecard.history_read import entries

    found = entries(file)
    if format_ == "json":
        document = {"schema_version": 1, "runs": [_document(entry) for entry in found]}
        to_stdout(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        to_stdout("".join(line + "\n" for line in _table(found)))
    return 0


def _document(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__struct_fields__}


def _table(found: list[Entry]) -> list[str]:
    """The runs in columns; `*` marks those that cannot be compared with the newest."""
    from readiness.outputs.terminal import clean, count, text_width

    rows = [("when", "commit", "services", "score", "levels", "branch")]
    for entry in found:
        other = "*" if entry.definitions != found[-1].definitions else ""
        levels = ", ".join(f"{name or 'none'} {number:,}" for name, number in sorted(entry.levels.items()))
        score = "-" if entry.score is None else f"{entry.score:.1f}"
        rows.append(
            (entry.when + other, entry.commit[:12], f"{entry.services:,}", score, levels, entry.branch)
        )
    shown = [[clean(cell) or "-" for cell in row] for row in rows]
    wide = [max(text_width(row[column]) for row in shown) for column in range(len(rows[0]))]
    lines = [
        "  ".join(c + " " * (w - text_width(c)) for c, w in zip(row, wide, strict=True)).rstrip()
        for row in shown
    ]
    others = sum(entry.definitions != found[-1].definitions for entry in found)
    if others:
        lines += ["", f"* {count(others, 'run')} by other levels, policies or settings than the newest"]
    return lines if found else ["no runs"]


@command.command("prune")
@click.option("--before", metavar="SPAN|DAY|REV", help="Take out runs before a time: 1y, 2026-08-01, a tag.")
@click.option("--keep", type=click.IntRange(0), metavar="N", help="Take out all but the newest N runs.")
@history_option
def prune_(file: str, before: str | None, keep: int | None) -> int:
    """Take old runs out of a history."""
    from readiness.cli.writing import to_stdout
    from readiness.outputs.terminal import clean_path, count
    from readiness.scorecard.history import prune

    if before is None and keep is None:
        raise click.UsageError("say which runs: --before 1y, --keep 50, or both")
    since = _since(before, "--before")
    number = prune(file, "" if since is None else since.when, keep)
    to_stdout(f"{clean_path(file)}: {count(number, 'run')} taken out\n")
    return 0
