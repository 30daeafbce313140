"""`readiness report`: is each service ready for production, and what would make it so."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from readiness import __version__
from readiness.cli.destinations import destinations, report_option
from readiness.cli.exceptions import Excepting, exceptions_options
from readiness.cli.options import (
    NearChoice,
    color_option,
    policies_option,
    profile_option,
    reading_options,
    select_options,
)
from readiness.cli.reporting import chosen, finish, gate_options, show
from readiness.cli.settings import settings_options, with_settings
from readiness.cli.writing import complain
from readiness.outputs.scorecard import FORMATS, ScorecardOptions
from readiness.outputs.terminal import count

if TYPE_CHECKING:
    from readiness.scorecard.model import Scorecard


@click.command("report")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-f",
    "--format",
    "format_",
    type=NearChoice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How to show the report. markdown with --service is a review for a launch ticket; evidence and "
    "oscal are for auditors; backstage, port and cortex are for portals.",
)
@click.option("-o", "--output", metavar="FILE", help="Write the report to a file, not to standard output.")
@report_option(list(FORMATS))
@click.option("--service", metavar="NAME", help="One service alone.")
@gate_options
@click.option(
    "--since",
    metavar="WHEN",
    help="With --history, what trends go back to: 30d, 2026-08-01, or a revision. Default: the run before.",
)
@click.option(
    "--annotate",
    "annotated",
    is_flag=True,
    help="Write level and score of each service as annotations into the catalog file that names it.",
)
@click.option(
    "--assessment-plan",
    "plan",
    metavar="ADDRESS",
    help="With --format oscal, where the assessment plan stands that its results belong to.",
)
@select_options
@profile_option
@policies_option
@settings_options
@click.option(
    "--tier",
    type=click.IntRange(0, 9),
    default=1,
    show_default=True,
    metavar="N",
    help="The tier of services and resources that name none (0 is the most critical).",
)
@click.option("--allow-empty", is_flag=True, help="Nothing to report on is no failure.")
@exceptions_options
@reading_options
@color_option
@click.option("-q", "--quiet", is_flag=True, help="No remarks on standard error, and a shorter text.")
@click.option("-v", "--verbose", is_flag=True, help="Everything known of each service.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    format_: str,
    output: str | None,
    reports: list[tuple[str, str]],
    service: str | None,
    fail_under: tuple[str, ...],
    history: str | None,
    since: str | None,
    plan: str | None,
    annotated: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    profile: str,
    policies: tuple[str, ...],
    config: str | None,
    isolated: bool,
    tier: int,
    allow_empty: bool,
    excepting: Excepting,
    reading: dict[str, Any],
    color: str,
    quiet: bool,
    verbose: bool,
) -> int:
    """Is each service ready for production, by the controls of its tier, and what would make it so?

    Services are found from catalog files, labels, tags, Helm releases, namespaces and folders; see
    `readiness show --services`.  Nothing is fetched, and nothing is written but what the options name.

    Exit status: 1 where a service is below --fail-under; findings alone do not fail a report.
    """
    from readiness.api import definitions, report
    from readiness.scorecard.build import now
    from readiness.scorecard.gate import below, parse_gate
    from readiness.scorecard.trend import Kept, keep, parse_since

    if since is not None and history is None:
        raise click.UsageError("--since needs --history FILE: trends come from there")
    if quiet and verbose:
        raise click.UsageError("--quiet and --verbose exclude each other")
    where = destinations(format_, output, reports)
    said = {"select": select, "ignore": ignore, "profile": profile, "policies": policies, **reading}
    said |= {"tier": tier, "allow_empty": allow_empty, **excepting.said}
    settings = with_settings(ctx, config, isolated, said, locked=True)
    excepting.complete(settings, isolated)
    known = definitions(settings)
    gate = parse_gate(fail_under, known.levels.names, known.levels.asked)
    stdin = sys.stdin.buffer.read() if "-" in paths else None
    start = None
    if since is not None:
        start = parse_since(since, Path(), datetime.datetime.fromisoformat(now()))
    scorecard = report(paths or (".",), settings, stdin, known)
    kept = Kept() if history is None else keep(history, scorecard, start)
    options = ScorecardOptions(
        version=__version__, service=service or "", quiet=quiet, verbose=verbose, plan=plan or ""
    )
    if annotated:
        _annotate(chosen(scorecard, options), quiet)
    failed = below(chosen(scorecard, options), gate)
    show(scorecard, where, options, color)
    return finish(scorecard, failed, kept, quiet, bool(fail_under))


def _annotate(scorecard: Scorecard, quiet: bool) -> None:
    """Write the annotations, and say where; what cannot be written is an error of the run."""
    from readiness.cli.annotating import annotate

    done = annotate(scorecard)
    scorecard.report.errors = sorted({*scorecard.report.errors, *done.errors})
    for path in [] if quiet else done.written:
        complain(f"{path}: level and score are written there", "readiness")
    if done.left and not quiet:
        names = ", ".join(done.left[:3]) + (" …" if len(done.left) > 3 else "")
        complain(f"no catalog file has an entry of {count(len(done.left), 'service')}: {names}", "note")
    for error in done.errors:
        complain(f"{error.path}:{error.line}:{error.column}: {error.message}")
