"""`readiness show --services`: the services of the estate, how each is found, and what belongs to none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readiness.errors import SourceError
    from readiness.estate.build import Loaded
    from readiness.estate.model import Resource
    from readiness.estate.services.model import Service

_WIDTH = 80
"""Columns of the table."""

_HEAD = ("service", "owner", "tier", "environments", "found by", "resources")
_LEAST = (12, 10, 4, 12, 8, 9)
"""How narrow each column may become."""

_SHOWN = 20
"""Resources without a service that are named one by one."""


def services_text(loaded: Loaded) -> list[str]:
    """The services as lines of text, at most 80 columns wide where names allow."""
    from readiness.estate.services.find import unassigned
    from readiness.outputs.terminal import clean, count

    services = loaded.estate.services
    left = _once(unassigned(loaded.estate))
    out = []
    if services:
        rows = [_HEAD, *map(_row, services)]
        out += _table([tuple(clean(cell) for cell in row) for row in rows])
    else:
        out += ["no service is found: no catalog, label, tag, release or namespace names one"]
    out += ["", f"unassigned: {count(len(left), 'resource')}"]
    out += [f"  {clean(address)}  {where}" for address, where in _left(left[:_SHOWN])]
    if len(left) > _SHOWN:
        out.append(f"  … and {len(left) - _SHOWN:,} more (--format json has all of them)")
    return out


def services_json(loaded: Loaded, errors: Sequence[SourceError]) -> dict[str, Any]:
    """The services, what belongs to none, and what is wrong with what is said of them."""
    from readiness.estate.services.find import unassigned
    from readiness.outputs.json_report import location

    return {
        "schema_version": 1,
        "services": [_service_json(service) for service in loaded.estate.services],
        "unassigned": [
            {"address": one.address, "type": one.type, "location": location(one.header)}
            for one in _once(unassigned(loaded.estate))
        ],
        "problems": [_error_json(problem) for problem in loaded.estate.problems],
        "errors": [_error_json(error) for error in errors],
    }


def _service_json(service: Service) -> dict[str, Any]:
    from readiness.cli.show import to_json
    from readiness.outputs.json_report import location

    body = {} if service.resource is None else to_json(service.resource.body)
    return {
        **body,
        "location": location(service.span),
        "said": {
            name: {"value": said.value, "by": said.by, "location": location(said.span)}
            for name, said in sorted(service.said.items())
        },
        "resources": [
            {"address": one.address, "type": one.type, "path": one.header.path}
            for one in _once(service.resources)
        ],
    }


def _error_json(error: SourceError) -> dict[str, Any]:
    return {"path": error.path, "line": error.line, "column": error.column, "message": error.message}


def _row(service: Service) -> tuple[str, ...]:
    return (
        service.name,
        service.owner or "-",
        "-" if service.tier is None else str(service.tier),
        ", ".join(service.environments) or "-",
        service.found_by,
        f"{sum(one.mode == 'managed' for one in _once(service.resources)):,}",
    )


def _once(resources: Iterable[Resource]) -> list[Resource]:
    """Resources by place; one that was evaluated for several environments counts once."""
    found = {(one.root, one.address, one.type, one.header.path): one for one in resources}
    return sorted(found.values(), key=lambda one: (one.header.path, one.header.line, one.address))


def _left(resources: Sequence[Resource]) -> list[tuple[str, str]]:
    from readiness.outputs.terminal import place

    return [(resource.address, place(resource.header)) for resource in resources]


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows in columns, the widest of which give way until all fit; numbers stand at the right."""
    from readiness.outputs.terminal import text_width

    wide = [max(text_width(row[column]) for row in rows) for column in range(len(_HEAD))]
    while sum(wide) + 2 * (len(wide) - 1) > _WIDTH:
        loose = [column for column, width in enumerate(wide) if width > _LEAST[column]]
        if not loose:
            break
        wide[max(loose, key=lambda column: wide[column])] -= 1
    return ["  ".join(_cell(cell, wide[i], i == len(wide) - 1) for i, cell in enumerate(row)) for row in rows]


def _cell(text: str, width: int, right: bool) -> str:
    from readiness.outputs.terminal import text_width

    if text_width(text) > width:
        while text_width(text) > width - 1:
            text = text[:-1]
        text += "…"
    blank = " " * (width - text_width(text))
    return blank + text if right else text + blank
