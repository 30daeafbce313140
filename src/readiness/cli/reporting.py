"""Showing a readiness report, and what follows from it for the exit status."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from readiness.cli.destinations import deliver
from readiness.cli.options import F
from readiness.cli.writing import complain
from readiness.outputs.scorecard import render
from readiness.outputs.scorecard.options import chosen_services, full_name
from readiness.outputs.scorecard.view import NO_LEVEL, level_counts
from readiness.outputs.terminal import count
from readiness.scorecard.build import undefined

if TYPE_CHECKING:
    from readiness.cli.destinations import Destinations
    from readiness.outputs import RenderOptions
    from readiness.outputs.scorecard import ScorecardOptions
    from readiness.scorecard.gate import Below
    from readiness.scorecard.model import Scorecard
    from readiness.scorecard.trend import Kept

TOLD = 20
"""How many services below the gate are named on standard error."""


def gate_options(function: F) -> F:
    """`--fail-under` and `--history`."""
    history = click.option(
        "--history",
        metavar="FILE",
        help="Add this run to a history (made where it is not there), and show how the numbers went since.",
    )
    gate = click.option(
        "--fail-under",
        multiple=True,
        metavar="LEVEL|POINTS",
        help="The gate: every service needs this level (gold) or these points (80), or by tier "
        "(0=gold,1=silver). Repeatable.",
    )
    return gate(history(function))


def chosen(scorecard: Scorecard, options: ScorecardOptions) -> Scorecard:
    """The report of the services that are asked for.

    Raises:
        UsageError: there is no service of that name, or there are several.
    """
    return replace(scorecard, services=chosen_services(scorecard, options))


def show(scorecard: Scorecard, where: Destinations, options: ScorecardOptions, color: str) -> None:
    """Render and write every form that was asked for.

    Raises:
        UsageError: a form cannot say what is asked, or a file cannot be written.
    """

    def rendered(name: str, wanted: RenderOptions) -> str:
        return render(name, scorecard, replace(options, color=wanted.color, width=wanted.width))

    deliver(where, rendered, options, color, lambda: _verdict(scorecard))


def _verdict(scorecard: Scorecard) -> str:
    """The report in a line."""
    words = {NO_LEVEL: "below"}
    counted = level_counts(scorecard, scorecard.services)
    parts = [f"{number:,} {words.get(level, level)}" for level, number in counted if number]
    return (
        f"{count(len(scorecard.services), 'service')}: {', '.join(parts)}"
        if parts
        else "no service was found"
    )


def tell(scorecard: Scorecard, failed: list[Below], notes: Iterable[str] = ()) -> None:
    """Say on standard error what is worth knowing, what has no level, and what is below the gate."""
    for remark in (*scorecard.report.remarks, *notes):
        complain(remark, "note")
    for problem in undefined(scorecard):
        complain(f"{problem.path}:{problem.line}: {problem.message}")
    for one in failed[:TOLD]:
        complain(f"{full_name(one.service)}: {one.why}", "gate")
    if len(failed) > TOLD:
        complain(f"and {count(len(failed) - TOLD, 'service')} more below --fail-under", "gate")


def nothing(scorecard: Scorecard, gated: bool) -> str | None:
    """Why there is nothing to judge, None where there is something or `--allow-empty` permits that.

    `gated` says that services have to have something: a gate that no service meets is not passed.
    """
    run = scorecard.report
    accepts = "(exit status 3; --allow-empty accepts that)"
    if run.allow_empty:
        return None
    if run.empty:
        files = count(run.counts.files, "file")
        return f"nothing to report on: no Terraform or Kubernetes resource in {files} {accepts}"
    if gated and not scorecard.services:
        return f"no service was found that --fail-under could be about {accepts}"
    return None


def status(scorecard: Scorecard, failed: list[Below], gated: bool = False) -> int:
    """0, 1 or 3 as in the contract: the gate first, then what could not be read or judged."""
    if failed:
        return 1
    if scorecard.report.errors or undefined(scorecard) or nothing(scorecard, gated) is not None:
        return 3
    return 0


def finish(scorecard: Scorecard, failed: list[Below], kept: Kept, quiet: bool, gated: bool) -> int:
    """Say what is worth knowing of a report that was shown; gives the exit status.

    `gated` says that there is a gate, and `kept` what came of the history.
    """
    if not quiet:
        tell(scorecard, failed, kept.notes)
        why = nothing(scorecard, gated)
        if why is not None:
            complain(why)
    for problem in kept.problems:
        complain(f"{problem.path}: {problem.message}")
    return 2 if kept.problems else status(scorecard, failed, gated)
