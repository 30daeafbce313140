"""The outputs: one module per format, one small interface, imported only when used.

A format module offers `render(report, options) -> str`: text that ends with a newline (or is
empty), the same bytes for the same report.  Adding a format is adding a module and a line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness.outputs.options import RenderOptions

if TYPE_CHECKING:
    from readiness.engine.model import Report

__all__ = ["FORMATS", "HUMAN_FORMATS", "RenderOptions", "render"]

FORMATS: dict[str, str] = {
    "text": "readiness.outputs.text",
    "concise": "readiness.outputs.concise",
    "json": "readiness.outputs.json_report",
    "sarif": "readiness.outputs.sarif",
    "github": "readiness.outputs.github",
    "gitlab": "readiness.outputs.gitlab",
    "junit": "readiness.outputs.junit",
    "markdown": "readiness.outputs.markdown_report",
    "html": "readiness.outputs.html_report",
    "csv": "readiness.outputs.csv_report",
}
"""The module of every format, by the name that users type."""

HUMAN_FORMATS = ("text", "concise")
"""The formats that have a view of counts per policy instead of findings."""


def render(name: str, report: Report, options: RenderOptions) -> str:
    """Render a report in one format; raises `KeyError` for a name that is not in `FORMATS`."""
    from importlib import import_module

    text: str = import_module(FORMATS[name]).render(report, options)
    return text
