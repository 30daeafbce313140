"""The readiness report as one HTML file: opens without a network, on any number of services.

What is short is written into the page and reads without JavaScript (the overview; the table of services
up to `NOSCRIPT_SERVICES`).  The rest is data, one JSON text in the page, and the scripts in `js/` show it
page by page.  See `page.py` for the document and `payload.py` for the shape of the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from readiness.outputs.scorecard.options import ScorecardOptions, chosen_services
from readiness.outputs.scorecard_html.page import LIMIT, NOSCRIPT_SERVICES, render_html

if TYPE_CHECKING:
    from readiness.scorecard.model import Scorecard, ServiceResult

__all__ = ["LIMIT", "NOSCRIPT_SERVICES", "render", "render_html"]


def render(card: Scorecard, options: ScorecardOptions) -> str:
    """The report as one HTML file, or that of one service where the options name it.

    Raises:
        UsageError: there is no service of that name, or there are several.
    """
    if options.service:
        (service,) = chosen_services(card, options)
        card = _only(card, service)
    return render_html(card, options.version)


def _only(card: Scorecard, service: ServiceResult) -> Scorecard:
    """What a report says of one service; figures over all of them are left out."""
    from readiness.outputs.scorecard_html.figures import name_in_history

    wanted = {missing.fingerprint for control in service.controls for missing in control.missing}
    findings = [finding for finding in card.report.findings if finding.fingerprint in wanted]
    name = name_in_history(service)
    points = [
        replace(point, services={name: point.services[name]}, kpis={})
        for point in card.history
        if name in point.services
    ]
    report = replace(card.report, findings=findings)
    return replace(card, services=[service], report=report, kpis=[], health=[], unassigned=[], history=points)
