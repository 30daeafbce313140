"""The report for developer portals: Backstage Tech Insights, Port and Cortex.

Each form has the shape that the portal takes; nothing is sent.  A service whose name the portal would not
take is left out and named in `left_out`, never renamed into another one's place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from readiness.outputs.jsontext import dumps
from readiness.outputs.scorecard.options import ScorecardOptions, chosen_services, full_name
from readiness.outputs.scorecard.view import NO_LEVEL, level_of

if TYPE_CHECKING:
    from readiness.scorecard.model import Scorecard, ServiceResult

# https://backstage.io/docs/features/software-catalog/descriptor-format (metadata.name)
_ENTITY_NAME = re.compile(r"(?=.{1,63}$)[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*", re.DOTALL)
# https://docs.port.io/api-reference/create-an-entity (identifier)
_PORT_NAME = re.compile(r"[A-Za-z0-9@_.:\\/=-]+")

PORT_BATCH = 20
"""Entities of one request at most: https://docs.port.io/api-reference/create-multiple-entities."""

_FACTS: dict[str, tuple[str, str]] = {
    "level": ("string", "The level that the service has reached, none below the lowest"),
    "level_if_known": ("string", "The level that it would have if everything unknown turned out well"),
    "score": ("integer", "How ready the service is, from 0 to 100"),
    "tier": ("integer", "The tier that its strictness follows"),
    "controls_met": ("integer", "Controls that are met"),
    "controls_asked": ("integer", "Controls that ask something of the service"),
    "controls_waived": ("integer", "Controls that are let pass by exceptions, which are not met"),
    "controls_unknown": ("integer", "Controls of which it is not known"),
    "not_met": ("set", "Controls that are not met, or in part"),
    "steps_to_next_level": ("integer", "Changes that lead to the next level"),
    "commit": ("string", "The commit that was looked at"),
}
"""What is told of a service: the type of each fact (as Tech Insights names types), and what it means."""


def facts(scorecard: Scorecard, service: ServiceResult) -> dict[str, Any]:
    """What is told of a service; what is not known has no entry."""
    asked = [result for result in service.controls if result.status != "not-applicable"]
    statuses = [result.status for result in asked]
    judged = service.problem is None
    found: dict[str, Any] = {
        "level": level_of(service),
        "level_if_known": (service.level_if_known or NO_LEVEL) if judged else None,
        "score": service.score if judged else None,
        "tier": service.tier,
        "controls_met": statuses.count("met"),
        "controls_asked": len(asked),
        "controls_waived": statuses.count("waived"),
        "controls_unknown": statuses.count("unknown"),
        "not_met": sorted(result.control for result in asked if result.status in ("partly", "not-met")),
        "steps_to_next_level": len(service.steps) if judged else None,
        "commit": scorecard.commit_of(service) or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _parted(
    services: Sequence[ServiceResult], pattern: re.Pattern[str], same: Callable[[str], str] = str
) -> tuple[list[ServiceResult], list[dict[str, str]]]:
    """The services that a portal takes, and those that it does not, with the reason.

    Names are one name to the portal where `same` gives one text for them.
    """
    names = Counter(same(service.name) for service in services)
    taken: list[ServiceResult] = []
    left: list[dict[str, str]] = []
    for service in services:
        if not pattern.fullmatch(service.name):
            left.append({"service": full_name(service), "reason": "the portal does not take such a name"})
        elif names[same(service.name)] > 1:
            left.append({"service": full_name(service), "reason": "another service has the same name"})
        else:
            taken.append(service)
    return taken, left


def render_backstage(scorecard: Scorecard, options: ScorecardOptions) -> str:
    """A fact retriever of Tech Insights: its `id`, `version` and `schema`, and the facts that it returns.

    The shapes are `FactSchema` and `TechInsightFact` of
    https://github.com/backstage/community-plugins/tree/main/workspaces/tech-insights.  The backend takes no
    facts over HTTP: a retriever of one's own reads this file, and makes a `DateTime` of each `timestamp`.
    An entity is taken to be `component:default/NAME`.

    Raises:
        UsageError: there is no such service.
    """
    taken, left = _parted(chosen_services(scorecard, options), _ENTITY_NAME, str.lower)
    moment = {"timestamp": scorecard.when} if scorecard.when else {}
    document = {
        "id": "readiness",
        "version": "1.0.0",
        "title": "Production readiness",
        "entityFilter": [{"kind": "component"}],
        "schema": {name: {"type": kind, "description": told} for name, (kind, told) in _FACTS.items()},
        "facts": [
            {
                "entity": {"namespace": "default", "kind": "Component", "name": service.name},
                "facts": facts(scorecard, service),
                **moment,
            }
            for service in taken
        ],
        "left_out": left,
    }
    return dumps(document, depth=2)


_PORT_TYPES: dict[str, dict[str, Any]] = {
    "integer": {"type": "number"},
    "string": {"type": "string"},
    "set": {"type": "array", "items": {"type": "string"}},
}
"""https://docs.port.io/build-your-software-catalog/customize-integrations/configure-data-model/setup-blueprint"""


def _port_blueprint(scorecard: Scorecard) -> dict[str, Any]:
    properties: dict[str, Any] = {
        name: {"title": name.replace("_", " ").capitalize(), "description": told, **_PORT_TYPES[kind]}
        for name, (kind, told) in _FACTS.items()
    }
    properties["level"]["enum"] = [NO_LEVEL, *scorecard.levels]
    properties["owner"] = {"title": "Owner", "type": "string"}
    properties["checked_at"] = {"title": "Checked at", "type": "string", "format": "date-time"}
    return {
        "identifier": "readiness",
        "title": "Production readiness",
        "schema": {"properties": properties, "required": []},
    }


def render_port(scorecard: Scorecard, options: ScorecardOptions) -> str:
    """A blueprint for Port, and the bodies of the requests that create or update its entities.

    Each of `requests` is the body of one `POST /v1/blueprints/readiness/entities/bulk`, with the query
    `upsert=true&merge=true`: https://docs.port.io/api-reference/create-multiple-entities.

    Raises:
        UsageError: there is no such service.
    """
    taken, left = _parted(chosen_services(scorecard, options), _PORT_NAME)
    entities = []
    for service in taken:
        properties = facts(scorecard, service)
        properties |= {"owner": service.owner} if service.owner else {}
        properties |= {"checked_at": scorecard.when} if scorecard.when else {}
        entities.append({"identifier": service.name, "title": service.name, "properties": properties})
    batches = [entities[at : at + PORT_BATCH] for at in range(0, len(entities), PORT_BATCH)]
    document = {
        "blueprint": _port_blueprint(scorecard),
        "requests": [{"entities": batch} for batch in batches],
        "left_out": left,
    }
    return dumps(document, depth=4)


def render_cortex(scorecard: Scorecard, options: ScorecardOptions) -> str:
    """Custom data for Cortex: the body of `PUT /api/v1/catalog/custom-data`, by tag of the entity.

    https://docs.cortex.io/api/rest/custom-data/add-custom-data-in-bulk.  The tag (`x-cortex-tag`) is taken
    to be the name of the service.  Two services with one name would overwrite each other: both are left out.

    Raises:
        UsageError: there is no such service.
    """
    taken, _ = _parted(chosen_services(scorecard, options), re.compile(r".+", re.DOTALL))
    values = {}
    for service in taken:
        told = facts(scorecard, service)
        told |= {"checked_at": scorecard.when} if scorecard.when else {}
        values[service.name] = [
            {"key": f"readiness-{key.replace('_', '-')}", "value": told[key]} for key in told
        ]
    return dumps({"values": values}, depth=3)
