"""`readiness fleet`: the readiness report over many repositories."""

from __future__ import annotations

import atexit
import gc
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness import __version__
from readiness.cli.destinations import destinations, report_option
from readiness.cli.fleeting import answer, begun, compared, ended, filled
from readiness.cli.options import NearChoice, color_option, policies_option, profile_option, select_options
from readiness.cli.reporting import chosen, finish, gate_options, show
from readiness.outputs.scorecard import FORMATS, ScorecardOptions

if TYPE_CHECKING:
    from readiness.fleet.work import Asked


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
@gate_options
@click.option(
    "--since",
    metavar="WHEN",
    help="With --history, what trends go back to: 30d or 2026-08-01. Default: the run before.",
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
@color_option
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
    history: str | None,
    since: str | None,
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
    from readiness.fleet.merge import merged
    from readiness.fleet.tables import Tables, check_query
    from readiness.scorecard.build import now
    from readiness.scorecard.gate import below, parse_gate

    if quiet and verbose:
        raise click.UsageError("--quiet and --verbose exclude each other")
    if since is not None and history is None:
        raise click.UsageError("--since needs --history FILE: trends come from there")
    start = None if since is None else begun(since)
    if scheduler is not None and jobs is not None:
        raise click.UsageError("--scheduler and --jobs exclude each other: the cluster has its workers")
    # What is frozen at the end is not taken down, and DuckDB's binding complains of that.
    atexit.unregister(gc.freeze)
    where = destinations(format_, output, reports)
    _need_extra()
    if query is not None:
        check_query(query)
    with ended(), tempfile.TemporaryDirectory(prefix="readiness-fleet-") as scratch:
        if query is not None and store is not None and not repositories and listed is None:
            return answer(query, Tables(Path(store), scratch, store))
        asked = _asked(ctx, said, now(), timeout)
        written = filled(
            store or f"{scratch}/tables", checkouts(repositories, listed), asked, jobs, scheduler
        )
        try:
            tables = Tables(written.work, scratch, store or "")
            try:
                if query is not None:
                    return answer(query, tables)
                scorecard = merged(tables, asked.when)
            finally:
                written.publish()
        finally:
            written.discard()
    kept = compared(history, scorecard, start)
    options = ScorecardOptions(version=__version__, service=service or "", quiet=quiet, verbose=verbose)
    failed = below(chosen(scorecard, options), parse_gate(fail_under, scorecard.levels))
    show(scorecard, where, options, color)
    return finish(scorecard, failed, kept, quiet, bool(fail_under))


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
