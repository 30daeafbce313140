"""What `readiness fleet` does with its repositories, its tables and its history."""

from __future__ import annotations

import datetime
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readiness.fleet.store import Store
    from readiness.fleet.tables import Tables
    from readiness.fleet.work import Asked, Repository
    from readiness.scorecard.model import Scorecard
    from readiness.scorecard.trend import Kept, Since


@contextmanager
def ended() -> Iterator[None]:
    """Let what is asked to end (SIGTERM) clear away its folders and processes."""

    def end(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:  # of a thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def filled(
    folder: str, found: list[Repository], asked: Asked, jobs: int | None, scheduler: str | None
) -> Store:
    """Report on every repository, and put what comes of it into tables, which are not in their place yet."""
    from readiness.fleet.run import answers
    from readiness.fleet.store import Store
    from readiness.fleet.workers import dask_workers, local_workers

    store = Store(folder)
    try:
        workers = dask_workers(scheduler) if scheduler is not None else local_workers(jobs)
        with (
            closing(workers),
            closing(answers(found, asked, workers)) as coming,
            _progress(len(found)) as told,
        ):
            for number, (repository, answer) in enumerate(coming, 1):
                store.add(repository, answer)
                told(number)
        store.finish()
    except BaseException:
        store.discard()
        raise
    return store


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


def answer(query: str, tables: Tables) -> int:
    """Print what a query gives."""
    import csv
    import io

    from readiness.cli.writing import to_stdout

    columns, rows = tables.asked(query)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in [columns, *rows]:
        writer.writerow(map(_cell, row))
    to_stdout(text.getvalue())
    return 0


def _cell(value: Any) -> str:
    """A value in CSV; no text is taken for a formula."""
    from decimal import Decimal

    from readiness.outputs.escapes import csv_cell

    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, int | float | Decimal):
        return "" if value is None else str(value)
    return csv_cell(str(value))


def begun(text: str) -> Since:
    """A time to look back to.

    Raises:
        UsageError: it is none: a fleet has no revisions.
    """
    from readiness.config.settings import is_day
    from readiness.errors import UsageError
    from readiness.scorecard.build import now
    from readiness.scorecard.trend import days_of, parse_since

    if days_of(text) is None and not is_day(text):
        raise UsageError(f"--since takes a time (30d, 12w, 1y) or a day (2026-08-01), and not {text!r}")
    return parse_since(text, Path(), datetime.datetime.fromisoformat(now()))


def compared(history: str | None, scorecard: Scorecard, since: Since | None) -> Kept:
    """Compare the report with its history, and put it there."""
    from msgspec.structs import replace

    from readiness.fleet.merge import FINDINGS
    from readiness.scorecard.trend import Kept, keep

    if history is None:
        return Kept()
    # Where only the gravest findings stand in the report, the rest would look mended.
    cut = sum(one.status not in ("suppressed", "waived") for one in scorecard.report.findings) >= FINDINGS
    report = replace(scorecard.report, findings=[]) if cut else scorecard.report
    card = replace(scorecard, report=report)
    kept = keep(history, card, since)
    scorecard.history = card.history
    return kept
