"""`readiness fleet`: the readiness report over many repositories."""

from __future__ import annotations

import atexit
import gc
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness import __version__
from readiness.cli.destinations import destinations, report_option
from readiness.cli.options import NearChoice, policies_option, profile_option, select_options
from readiness.cli.reporting import show, status, tell
from readiness.outputs.scorecard import FORMATS, ScorecardOptions

if TYPE_CHECKING:
    from readiness.fleet.run import Workers
    from readiness.fleet.work import Asked, Repository


@click.command("fleet")
@click.argument("repositories", nargs=-1, metavar="[REPO]...")
@click.option("--from", "listed", metavar="FILE", help="A file with a checkout in each line.")
@click.option(
    "--store",
    metavar="DIR",
    help="Keep the results there as Parquet: repositories, services, controls, kpis, findings, policies.",
)
@click.option(
    "--query",
    metavar="SQL",
    help="In place of the report, what a query of these tables gives (SQL of DuckDB), as CSV. Without "
    "a REPO the tables of --store are asked as they are.",
)
@click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Processes. Default: as many as there are cores."
)
@click.option(
    "--scheduler", metavar="tcp://HOST:PORT", help="Work on a Dask cluster, which sees the same folders."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0),
    default=0,
    metavar="SECONDS",
    help="How long a repository may take.",
)
@click.option(
    "-f",
    "--format",
    "format_",
    type=NearChoice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How to show the report, as for `readiness report`.",
)
@click.option("-o", "--output", metavar="FILE", help="Write the report to a file, not to standard output.")
@report_option(list(FORMATS))
@click.option("--service", metavar="REPO/NAME", help="One service alone.")
@click.option(
    "--fail-under",
    multiple=True,
    metavar="LEVEL|POINTS",
    help="The gate: every service needs this level (gold) or these points (80), or by tier "
    "(0=gold,1=silver). Repeatable.",
)
@select_options
@profile_option
@policies_option
@click.option("--isolated", is_flag=True, help="The settings files of the repositories do not count.")
@click.option("--no-exceptions", is_flag=True, help="Ignores in place, waivers and baselines do not count.")
@click.option(
    "--tier",
    type=click.IntRange(0, 9),
    default=1,
    show_default=True,
    metavar="N",
    help="The tier of services that name none, where the settings of a repository say nothing.",
)
@click.option("--no-cache", is_flag=True, help="Read every file anew.")
@click.option(
    "--color",
    type=NearChoice(("auto", "always", "never")),
    default="auto",
    show_default=True,
    help="auto: on a terminal, unless NO_COLOR is set; FORCE_COLOR colours anywhere.",
)
@click.option("-q", "--quiet", is_flag=True, help="No remarks on standard error, and a shorter text.")
@click.option("-v", "--verbose", is_flag=True, help="Everything known of each service.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    repositories: tuple[str, ...],
    listed: str | None,
    store: str | None,
    query: str | None,
    jobs: int | None,
    scheduler: str | None,
    timeout: float,
    format_: str,
    output: str | None,
    reports: list[tuple[str, str]],
    service: str | None,
    fail_under: tuple[str, ...],
    color: str,
    quiet: bool,
    verbose: bool,
    **said: Any,
) -> int:
    """One readiness report over the checkouts of many repositories, each read by its own settings.

    A REPO is the folder of a checkout, or a folder of checkouts.

    Exit status: 1 where a service is below --fail-under, 3 where a repository could not be read.
    """
    from readiness.fleet.checkouts import checkouts
    from readiness.fleet.run import dask_workers, local_workers
    from readiness.scorecard.build import now

    if quiet and verbose:
        raise click.UsageError("--quiet and --verbose exclude each other")
    if scheduler is not None and jobs is not None:
        raise click.UsageError("--scheduler and --jobs exclude each other: the cluster has its workers")
    # What is frozen at the end is not taken down, and DuckDB's binding complains of that.
    atexit.unregister(gc.freeze)
    where = destinations(format_, output, reports)
    only_asked = query is not None and store is not None and not repositories and listed is None
    _need_extra()
    with tempfile.TemporaryDirectory(prefix="readiness-fleet-") as scratch:
        folder = store or str(Path(scratch) / "tables")
        when = now()
        if not only_asked:
            found = checkouts(repositories, listed)
            workers = dask_workers(scheduler) if scheduler is not None else local_workers(jobs)
            _fill(folder, found, _asked(ctx, said, when, timeout), workers)
        from readiness.fleet.store import Tables

        tables = Tables(folder)
        if query is not None:
            return _answer(*tables.asked(query))
        from readiness.fleet.merge import merged
        from readiness.scorecard.gate import below, parse_gate

        scorecard = merged(tables, when)
    options = ScorecardOptions(version=__version__, service=service or "", quiet=quiet, verbose=verbose)
    failed = below(scorecard, parse_gate(fail_under, scorecard.levels))
    show(scorecard, where, options, color)
    if not quiet:
        tell(scorecard, failed)
    return status(scorecard, failed)


def _need_extra() -> None:
    """Say what is missing, where the extra is not installed.

    Raises:
        UsageError: it is not.
    """
    from importlib.util import find_spec

    from readiness.errors import UsageError

    if find_spec("pyarrow") is None or find_spec("duckdb") is None:
        raise UsageError("`readiness fleet` needs an extra: pip install 'readiness[fleet]'")


def _asked(ctx: click.Context, said: dict[str, Any], when: str, timeout: float) -> Asked:
    """What every worker is told: of the settings what the command line really says."""
    from click.core import ParameterSource

    from readiness.fleet.work import Asked

    default = ParameterSource.DEFAULT
    given = {name: value for name, value in said.items() if ctx.get_parameter_source(name) is not default}
    isolated, none = given.pop("isolated", False), given.pop("no_exceptions", False)
    if given.pop("no_cache", False):
        given["cache"] = False
    # Packs count from here, not from each repository.
    packs = [_absolute(pack) for pack in given.get("policies", ())]
    if packs:
        given["policies"] = packs
    return Asked(given, isolated, none, when, timeout)


def _absolute(pack: str) -> str:
    from readiness.config.packages import PREFIX

    return pack if pack.startswith(PREFIX) else str(Path(pack).absolute())


def _fill(folder: str, found: list[Repository], asked: Asked, workers: Workers) -> None:
    """Report on every repository, and put what comes of it into the tables."""
    from readiness.fleet.run import answers
    from readiness.fleet.store import Store

    store = Store(folder)
    try:
        with _progress(len(found)) as told:
            for number, (repository, answer) in enumerate(answers(found, asked, workers), 1):
                store.add(repository, answer)
                told(number)
        store.finish()
    except BaseException:
        store.discard()
        raise


@contextmanager
def _progress(of: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, on a terminal alone."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), auto_refresh=False, transient=True) as bar:
        task = bar.add_task("repositories", total=of)

        def told(done: int) -> None:
            bar.update(task, completed=done)
            bar.refresh()

        yield told


def _answer(columns: list[str], rows: list[tuple[Any, ...]]) -> int:
    """Print what a query gave."""
    import csv
    import io

    from readiness.cli.writing import to_stdout
    from readiness.outputs.escapes import csv_cell

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in [columns, *rows]:
        writer.writerow([csv_cell("" if value is None else str(value)) for value in row])
    to_stdout(text.getvalue())
    return 0
