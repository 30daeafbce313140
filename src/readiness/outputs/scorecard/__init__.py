"""The forms of the readiness report: one module each, one small interface, imported only when used.

A form takes a `Scorecard` and nothing else, and gives text that ends with a newline: the same bytes for the
same scorecard.  Adding a form is adding a function and a line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness.outputs.scorecard.options import ScorecardOptions

if TYPE_CHECKING:
    from readiness.scorecard.model import Scorecard

__all__ = ["FORMATS", "ScorecardOptions", "render"]

_HERE = "readiness.outputs.scorecard"

FORMATS: dict[str, tuple[str, str]] = {
    "text": (f"{_HERE}.text", "render"),
    "markdown": (f"{_HERE}.markdown", "render"),
    "json": (f"{_HERE}.json_form", "render"),
    "html": ("readiness.outputs.scorecard_html", "render"),
    "csv": (f"{_HERE}.csv_forms", "render_controls"),
    "csv-kpis": (f"{_HERE}.csv_forms", "render_kpis"),
    "evidence": (f"{_HERE}.evidence", "render"),
    "evidence-csv": (f"{_HERE}.evidence", "render_csv"),
    "oscal": (f"{_HERE}.oscal", "render"),
    "badge": (f"{_HERE}.badge", "render"),
    "backstage": (f"{_HERE}.portals", "render_backstage"),
    "port": (f"{_HERE}.portals", "render_port"),
    "cortex": (f"{_HERE}.portals", "render_cortex"),
}
"""The module and the function of every form, by the name that users type."""


def render(name: str, scorecard: Scorecard, options: ScorecardOptions) -> str:
    """The report in one form.

    Raises:
        KeyError: there is no such form.
        UsageError: the service that the options name is not there, or the form cannot say what is asked.
    """
    from importlib import import_module

    module, function = FORMATS[name]
    text: str = getattr(import_module(module), function)(scorecard, options)
    return text
