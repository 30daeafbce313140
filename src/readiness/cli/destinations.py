"""Where reports go: one main format to standard output or a file, more to files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

import click
from msgspec import Struct
from msgspec.structs import replace

from readiness.cli.options import NearChoice
from readiness.outputs import RenderOptions

F = TypeVar("F", bound=Callable[..., object])

Render = Callable[[str, RenderOptions], str]
"""Makes the text of a format."""


class Destinations(Struct, frozen=True):
    """The main format with its file (None for standard output), and further formats, each with its file."""

    format: str
    output: str | None
    reports: list[tuple[str, str]]

    @property
    def formats(self) -> list[str]:
        """Every format that is asked for."""
        return [self.format, *(name for name, _ in self.reports)]


def report_option(formats: Sequence[str]) -> Callable[[F], F]:
    """`--report FORMAT=FILE`, with the formats that there are."""

    def parts(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> list[tuple[str, str]]:
        """The parts of every `FORMAT=FILE`."""
        reports = []
        for value in values:
            name, equals, target = value.partition("=")
            if not equals or not target:
                known = "sarif" if "sarif" in formats else "html"
                example = f"{known}=readiness.{known}"
                raise click.BadParameter(f"{value!r} is not FORMAT=FILE, such as {example}", ctx, param)
            reports.append((NearChoice(list(formats)).convert(name, param, ctx), target))
        return reports

    return click.option(
        "--report",
        "reports",
        multiple=True,
        callback=parts,
        metavar="FORMAT=FILE",
        help="One more report. Repeatable.",
    )


def destinations(name: str, output: str | None, reports: list[tuple[str, str]]) -> Destinations:
    """Where reports go.

    Raises:
        UsageError: a file could not be written, or two reports would go to one.
    """
    from readiness.cli.writing import writable_target
    from readiness.errors import UsageError

    targets = [target for _, target in reports] + ([] if output is None else [output])
    for target in targets:
        writable_target(target)
        if targets.count(target) > 1:
            raise UsageError(f"two reports would be written to {target!r}")
    return Destinations(name, output, reports)


def deliver(
    where: Destinations, render: Render, options: RenderOptions, color: str, verdict: Callable[[], str]
) -> None:
    """Render and write every report that was asked for.

    Where nothing goes to standard output, the `verdict` goes to standard error.

    Raises:
        UsageError: a file cannot be written.
    """
    from readiness.cli.writing import complain, terminal_width, to_file, to_stdout, wants_color

    plain = replace(options, color=color == "always", width=100)
    for name, target in where.reports:
        to_file(target, render(name, plain))
    if where.output is not None:
        to_file(where.output, render(where.format, plain))
        if not options.quiet:
            complain(f"{verdict()}; the report is in {where.output}", "readiness")
        return
    terminal = sys.stdout.isatty()
    shown = replace(options, color=wants_color(color, terminal), width=terminal_width(terminal))
    to_stdout(render(where.format, shown))
