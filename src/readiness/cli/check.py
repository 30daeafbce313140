"""`readiness check`: find what is not ready."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from readiness.cli.comparing import Comparing, comparing_options
from readiness.cli.destinations import Destinations, deliver, destinations, report_option
from readiness.cli.exceptions import Excepting, exceptions_options
from readiness.cli.fixing import Fixing, fix_options
from readiness.cli.options import (
    SEVERITIES,
    NearChoice,
    color_option,
    policies_option,
    profile_option,
    reading_options,
    select_options,
)
from readiness.cli.settings import settings_options, with_settings
from readiness.outputs import FORMATS, HUMAN_FORMATS, RenderOptions

if TYPE_CHECKING:
    from readiness.engine.model import Report
    from readiness.errors import SourceError


def _deliver(report: Report, where: Destinations, options: RenderOptions, color: str) -> None:
    """Render and write every report that was asked for."""
    from readiness.outputs import render
    from readiness.outputs.summary import verdict

    if where.format == "github":
        from readiness.cli.step_summary import add_step_summary

        add_step_summary(report, replace(options, color=color == "always", width=100))

    def rendered(name: str, wanted: RenderOptions) -> str:
        return render(name, report, wanted)

    deliver(where, rendered, options, color, lambda: verdict(report, options.exit_zero)[1])


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "-f",
    "--format",
    "format_",
    type=NearChoice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How to show the report; json, sarif, csv and html always hold suppressed findings too.",
)
@click.option("-o", "--output", metavar="FILE", help="Write the report to a file, not to standard output.")
@report_option(list(FORMATS))
@select_options
@profile_option
@policies_option
@settings_options
@click.option(
    "--fail-on",
    type=NearChoice(SEVERITIES),
    default="high",
    show_default=True,
    help="The gate: findings at or above this severity make the exit status 1.",
)
@click.option(
    "--unknown",
    type=NearChoice(("ignore", "warn", "fail")),
    default="warn",
    show_default=True,
    help="What to do with checks that wait for values known only at apply: count them, list them, or let "
    "them fail the gate.",
)
@click.option(
    "--tier",
    type=click.IntRange(0, 9),
    default=1,
    show_default=True,
    metavar="N",
    help="The service tier of resources that name none (0 is the most critical).",
)
@click.option(
    "--changed",
    is_flag=True,
    help="The paths are what changed: everything in the current folder is looked at, and what they touch is "
    "reported (for hooks).",
)
@click.option("--allow-empty", is_flag=True, help="Nothing to check is no failure (for hooks).")
@click.option(
    "--exit-zero", is_flag=True, help="Findings never fail the run; input that cannot be read does."
)
@click.option("--statistics", is_flag=True, help="Show counts per policy in place of the findings.")
@click.option("--show-suppressed", is_flag=True, help="List suppressed findings too, with their reasons.")
@comparing_options
@exceptions_options
@fix_options
@reading_options
@color_option
@click.option("-q", "--quiet", is_flag=True, help="Findings and errors only, no summary.")
@click.option("-v", "--verbose", is_flag=True, help="Everything known of each finding.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    format_: str,
    output: str | None,
    reports: list[tuple[str, str]],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    profile: str,
    policies: tuple[str, ...],
    config: str | None,
    isolated: bool,
    fail_on: str,
    unknown: str,
    tier: int,
    changed: bool,
    allow_empty: bool,
    exit_zero: bool,
    statistics: bool,
    show_suppressed: bool,
    comparing: Comparing,
    excepting: Excepting,
    fixing: Fixing,
    reading: dict[str, Any],
    color: str,
    quiet: bool,
    verbose: bool,
) -> int:
    """Check files and folders (default: the current folder); `-` is standard input.

    Nothing is written into the checked tree but by --fix, nothing is fetched from the network, and no
    credentials are needed.
    """
    from readiness import __version__
    from readiness.api import check
    from readiness.cli.writing import complain
    from readiness.outputs.options import exit_status

    if quiet and verbose:
        raise click.UsageError("--quiet and --verbose exclude each other")
    if statistics and format_ not in HUMAN_FORMATS:
        raise click.UsageError(f"--statistics needs --format {' or '.join(HUMAN_FORMATS)}, not {format_}")
    if changed and "-" in paths:
        raise click.UsageError("--changed needs files: standard input is none")
    if fixing.diff and (output is not None or reports):
        raise click.UsageError("--diff shows a diff in place of the report: --output and --report go without")
    where = destinations(format_, output, reports)
    said = {"select": select, "ignore": ignore, "profile": profile, "policies": policies, **reading}
    said |= {"fail_on": fail_on, "unknown": unknown, "tier": tier, "allow_empty": allow_empty}
    said["changed"] = changed
    said |= excepting.said | comparing.said
    settings = with_settings(ctx, config, isolated, said, locked=True, trust=comparing.trusted(ctx))
    excepting.complete(settings, isolated)
    stdin = sys.stdin.buffer.read() if "-" in paths else None
    paths = paths if paths or changed else (".",)
    unwritten: list[SourceError] = []
    if fixing.wanted:
        from readiness.cli.fixing import fix, show_diff

        if fixing.diff:
            return show_diff(paths, settings, stdin, fixing, color, quiet, exit_zero)
        unwritten = fix(paths, settings, stdin, fixing, quiet, verbose)
    report = check(paths, settings, stdin)
    report.errors = sorted({*report.errors, *unwritten}) if unwritten else report.errors
    if not quiet:
        for remark in report.remarks:
            complain(remark, "note")
    options = RenderOptions(
        version=__version__,
        show_suppressed=show_suppressed,
        show_unchanged=comparing.show_unchanged,
        statistics=statistics,
        quiet=quiet,
        verbose=verbose,
        exit_zero=exit_zero,
    )
    _deliver(report, where, options, color)
    return exit_status(report, exit_zero)
