"""The data of a page: the scorecard as compact JSON, each text once, within a number of bytes.

What there may be any number of (findings, code, evidence, lists behind key figures) is there as far as it
fits, and the page says how much is not.  From some thousand services on, those that are most ready are there
in short: level, scores, and the status of each control.  Where that is too much, too, they are left out.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from readiness.outputs.escapes import is_web_address
from readiness.outputs.scorecard.options import full_name
from readiness.outputs.scorecard.view import worst_first
from readiness.outputs.scorecard_html.figures import (
    name_in_history,
    point_levels,
    point_score,
)
from readiness.outputs.scorecard_html.items import Items, fitted
from readiness.outputs.scorecard_html.service_data import NARROW, NARROWEST, WIDE, Caps, Services
from readiness.outputs.scorecard_html.strings import Strings, cut
from readiness.outputs.terminal import clean

if TYPE_CHECKING:
    from readiness.engine.model import Report
    from readiness.scorecard.model import (
        ControlInfo,
        Kpi,
        Listed,
        Point,
        PolicyHealth,
        Scorecard,
        Unassigned,
    )

POINTS = 60
"""Runs of the history of which the services are kept one by one, at most."""

SERVICES_SHARE = 0.7
"""The part of the room that services may fill before they are there in short."""

LEAST = 400
"""Bytes of a service in short, about: with fewer services than that makes, none is left out."""


def payload(card: Scorecard, version: str, limit: int) -> bytes:
    """The scorecard as JSON of about `limit` bytes at most, safe inside a `script` element."""
    room = int(limit * SERVICES_SHARE)
    shown = _shown(card, room)
    writer = _Writer(shown, _caps(shown, limit // 2), room)
    data = writer.data(version)
    data["servicesTotal"] = len(card.services)
    used = len(msgspec.json.encode(data))
    writer.fill(data, max(limit - used, 0))
    data["itemsTotal"] += len(card.report.findings) - len(shown.report.findings)
    # Nothing inside can end the element or begin a comment in it.
    return msgspec.json.encode(data).replace(b"<", b"\\u003c").replace(b">", b"\\u003e")


def _shown(card: Scorecard, room: int) -> Scorecard:
    """The scorecard with as many services as `room` bytes hold in short, the least ready before others."""
    if len(card.services) * LEAST <= room:
        return card
    strings = Strings()
    services = Services(card, strings, NARROWEST)
    kept: set[int] = set()
    for service in worst_first(card, card.services):
        before = strings.size
        room -= len(msgspec.json.encode(services.brief(service))) + strings.size - before
        if room < 0:
            break
        kept.add(id(service))
    left = {name for one in card.services if id(one) not in kept for name in (one.name, full_name(one))}
    if not left:
        return card
    found = [one for one in card.services if id(one) in kept]
    left -= {name for one in found for name in (one.name, full_name(one))}
    findings = [one for one in card.report.findings if one.subject.service not in left]
    return replace(card, services=found, report=replace(card.report, findings=findings))


def _caps(card: Scorecard, room: int) -> Caps:
    """The widest caps with which all but findings takes about `room` bytes at most."""
    evidence = Counter(len(control.evidence) for service in card.services for control in service.controls)
    steps = Counter(len(service.steps) for service in card.services)
    listed = [len(kpi.listed) for kpi in card.kpis]
    # Bytes as measured on estates of 20 to 2,000 services: a line of a control, an evidence, a step …
    fixed = 500 * len(card.services) + 20 * sum(evidence.values())
    fixed += 8 * len(card.services) * min(len(card.history), POINTS)
    for caps in (WIDE, NARROW):
        size = fixed + 60 * _capped(evidence, caps.evidence) + 110 * _capped(steps, caps.steps)
        size += 60 * sum(min(number, caps.listed) for number in listed)
        size += 90 * min(len(card.unassigned), caps.unassigned)
        if size <= room:
            return caps
    return NARROWEST


def _capped(sizes: Counter[int], most: int) -> int:
    return sum(min(size, most) * number for size, number in sizes.items())


class _Writer:
    def __init__(self, card: Scorecard, caps: Caps, room: int) -> None:
        self.card = card
        self.room = room
        self.caps = caps
        self.strings = Strings()
        self.services = Services(card, self.strings, caps)
        self.controls = self.services.controls
        self.policies: dict[str, int] = {}
        self.repositories = frozenset(card.repositories)

    def data(self, version: str) -> dict[str, Any]:
        """Everything but findings, and what controls miss."""
        from readiness.engine.model import SEVERITIES, STATUSES
        from readiness.scorecard.model import CONTROL_STATUSES, STRENGTHS

        card = self.card
        return {
            "version": version,
            "title": clean(card.title),
            "commit": clean(card.commit),
            "when": clean(card.when),
            "severities": SEVERITIES,
            "itemStatuses": STATUSES,
            "statuses": CONTROL_STATUSES,
            "strengths": STRENGTHS,
            "levels": [clean(level) for level in card.levels],
            "areas": [[clean(area), clean(title)] for area, title in card.areas.items()],
            "controls": [self._info(info) for info in card.controls.values()],
            "repositories": [clean(name) for name in card.repositories],
            "counts": _counts(card.report),
            "services": self.services.rows(self.room),
            "kpis": [self._kpi(kpi) for kpi in card.kpis],
            "health": [_health(one) for one in card.health],
            "unassigned": [self._unassigned(one) for one in card.unassigned[: self.caps.unassigned]],
            "unassignedTotal": len(card.unassigned),
            **self._problems(),
            "history": self._history(),
            "strings": self.strings.texts,
        }

    def fill(self, data: dict[str, Any], room: int) -> None:
        """Add findings, and what controls miss, as far as `room` bytes hold them."""
        numbered = [*enumerate(self.card.services, 1)]
        # The first of a name goes before others; a full name before both.
        numbers = {service.name: number for number, service in reversed(numbered)}
        numbers |= {name_in_history(service): number for number, service in reversed(numbered)}
        references = sum(6 * len(missing) for _, missing in self.services.missing)
        references += 6 * len(self.services.ended)
        items = fitted(self.card, self.strings, numbers, self.policies, max(room - references, 0))
        self.services.fill(items)
        data["items"] = items.rows
        data["itemsTotal"] = items.total
        data["policies"] = self._policies(items)

    def _policies(self, items: Items) -> list[list[Any]]:
        first = {finding.policy: finding for finding in reversed(items.findings)}
        return [
            [
                clean(name),
                clean(first[name].title),
                self.controls.get(first[name].control, -1),
                "\n".join(clean(line) if line.strip() else "" for line in _lines(first[name].remediation)),
                [address for address in first[name].references if is_web_address(address)],
                [clean(alias) for alias in first[name].aliases],
            ]
            for name in self.policies
        ]

    def _info(self, info: ControlInfo) -> list[Any]:
        return [
            clean(info.id),
            clean(info.title),
            self.services.areas.get(info.area, -1),
            clean(info.statement),
            clean(info.why),
            {str(tier): strength for tier, strength in sorted(info.strengths.items())},
            [[clean(key), [clean(one) for one in clauses]] for key, clauses in info.frameworks.items()],
        ]

    def _unassigned(self, one: Unassigned) -> list[Any]:
        texts = self.strings
        return [texts.text(one.address), texts.text(one.type), texts.path(one.path), one.line]

    def _kpi(self, kpi: Kpi) -> dict[str, Any]:
        listed = kpi.listed[: self.caps.listed]
        return {
            "id": clean(kpi.id),
            "name": clean(kpi.name),
            "control": self.controls.get(kpi.control, -1),
            "target": kpi.target,
            "comparison": kpi.comparison,
            "unit": clean(kpi.unit),
            "actual": kpi.actual,
            "met": kpi.met,
            "of": kpi.of,
            "unknown": kpi.unknown,
            "good": kpi.on_target,
            "tiers": kpi.tiers,
            "blueprint": clean(kpi.blueprint),
            "trend": kpi.trend,
            "total": len(kpi.listed),
            "listed": [
                [
                    self.strings.text(one.name),
                    self.strings.path(one.path),
                    one.line,
                    int(one.met),
                    self.strings.text(self._full(one)),
                ]
                for one in listed
            ],
        }

    def _full(self, one: Listed) -> str:
        """The full name of the service of something listed: of many repositories its path names one."""
        if not one.service or not self.repositories:
            return one.service
        parts = one.path.split("/")
        # The longest name first: one may begin with another.
        names = ("/".join(parts[:number]) for number in range(len(parts) - 1, 0, -1))
        repository = next((name for name in names if name in self.repositories), "")
        return f"{repository}/{one.service}" if repository else one.service

    def _problems(self) -> dict[str, Any]:
        """Kind, message, path, line, column; what stops something first."""
        card = self.card
        kinds = (("report", card.problems), ("input", card.report.errors), ("note", card.report.notices))
        found = [(kind, problem) for kind, problems in kinds for problem in problems]
        rows = [
            [kind, cut(clean(one.message)), self.strings.path(one.path), one.line, one.column]
            for kind, one in found[: self.caps.problems]
        ]
        return {"problems": rows, "problemsTotal": len(found)}

    def _history(self) -> list[dict[str, Any]]:
        """One entry for each run; scores and levels of services are in the order of the services."""
        points = self.card.history
        if len(points) < 2:
            return []
        # Two or three characters for each service and run: a tenth of the room at most.
        most = min(POINTS, max(2, self.room // (30 * max(len(self.card.services), 1))))
        step = -(-len(points) // most)
        last = len(points) - 1
        measured = {name: number for number, name in enumerate(dict.fromkeys(p.definitions for p in points))}
        return [
            self._point(point, (last - index) % step == 0, measured[point.definitions])
            for index, point in enumerate(points)
        ]

    def _point(self, point: Point, services: bool, measured: int) -> dict[str, Any]:
        score = point_score(point)
        entry: dict[str, Any] = {
            "when": clean(point.when),
            "commit": clean(point.commit),
            "measured": measured,
            "score": None if score is None else round(score, 1),
            "levels": point_levels(point, self.card.levels),
            "kpis": [point.kpis.get(kpi.id) for kpi in self.card.kpis],
        }
        if services:
            entry["services"] = [
                point.services.get(name_in_history(service), (None, ""))[0] for service in self.card.services
            ]
        return entry


def _health(one: PolicyHealth) -> list[Any]:
    names = [clean(one.policy), clean(one.title), clean(one.control), one.severity]
    return [*names, one.evaluated, one.failed, one.waived, one.unknown]


def _lines(text: str) -> list[str]:
    return text.strip("\n").split("\n")


def _counts(report: Report) -> dict[str, int]:
    counts = report.counts
    return {
        "files": counts.files,
        "unread": counts.unread,
        "resources": counts.resources,
        "policies": counts.policies,
        "evaluated": counts.evaluated,
        "unknown": counts.unknown,
        "skipped": counts.skipped,
    }
