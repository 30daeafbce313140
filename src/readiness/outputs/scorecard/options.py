"""What a caller may choose about the readiness report, and the services that follow from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from readiness.errors import UsageError, near
from readiness.outputs.options import RenderOptions
from readiness.outputs.terminal import clean

if TYPE_CHECKING:
    from readiness.scorecard.model import Scorecard, ServiceResult


class ScorecardOptions(RenderOptions, frozen=True):
    """How to show a readiness report.

    `service` is the name of the service that it is about ("" for all); in a report over many repositories
    `REPOSITORY/NAME` tells two of one name apart.  `plan` is where the assessment plan stands that OSCAL
    asks for ("" where there is none).  `verbose` shows all that is cut otherwise.
    """

    service: str = ""
    plan: str = ""


def full_name(service: ServiceResult) -> str:
    """`REPOSITORY/NAME` in a report over many repositories, else the name."""
    return f"{service.repository}/{service.name}" if service.repository else service.name


def chosen_services(scorecard: Scorecard, options: ScorecardOptions) -> list[ServiceResult]:
    """The services that the options ask for, in the order of the scorecard.

    Raises:
        UsageError: there is no service of that name, or there are several.
    """
    wanted = options.service
    if not wanted:
        return scorecard.services
    found = [service for service in scorecard.services if full_name(service) == wanted]
    found = found or [service for service in scorecard.services if service.name == wanted]
    if len(found) == 1:
        return found
    shown = clean(wanted)
    if not found:
        names = [clean(full_name(service)) for service in scorecard.services]
        raise UsageError(f"there is no service {shown!r}{near(shown, names)}")
    names = [clean(full_name(service)) for service in found]
    if len(set(names)) == 1:
        places = ", ".join(clean(f"{service.path}:{service.line}") for service in found)
        raise UsageError(f"there are {len(found)} services {shown!r}: {places}")
    raise UsageError(f"there are {len(found)} services {shown!r}; name one of {', '.join(names)}")
