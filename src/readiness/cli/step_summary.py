"""The step summary of GitHub Actions: `--format github` adds the findings by cause to it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from readiness.engine.model import Report
    from readiness.outputs import RenderOptions

VARIABLE = "GITHUB_STEP_SUMMARY"
MOST = 1024 * 1024
"""Bytes that GitHub takes of a step; with more, the whole summary is lost."""

PAGE = 200_000
"""Characters of a page at most: what a browser shows at once, and less than `MOST` in any script."""

LEAST = 4_000
"""Characters below which a page is not worth its place."""


def add_step_summary(report: Report, options: RenderOptions) -> None:
    """Append the report as Markdown to the file that `$GITHUB_STEP_SUMMARY` names, where it is set.

    What does not fit beside what the step wrote before is left out.  A file that cannot be written
    is a line on standard error: the annotations and the exit status do not depend on it.
    """
    target = os.environ.get(VARIABLE)
    if not target:
        return
    from readiness.outputs.markdown_report import page

    path = Path(target)
    try:
        room = MOST - (path.stat().st_size if path.exists() else 0)
        # A character has four bytes at most.
        limit = min(PAGE, room // 4 - 1)
        if limit < LEAST:
            _complain(f"no room is left in ${VARIABLE} for the findings by cause")
            return
        with path.open("ab") as stream:
            stream.write(f"{page(report, options, limit)}\n".encode("utf-8", "backslashreplace"))
    except OSError as error:
        _complain(f"${VARIABLE} cannot be written: {error.strerror or error}")


def _complain(message: str) -> None:
    from readiness.cli.writing import complain

    complain(message, "note")
