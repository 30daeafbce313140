"""The data of a page: the scorecard as compact JSON, each text once, within a number of bytes.

Everything that a control, a key figure or a service is judged by is there on any estate.  What there may be
any number of (findings, code, evidence, lists behind key figures) is there as far as it fits, and the page
says how much is not.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from readiness.outputs.escapes import is_web_address
from readiness.outputs.scorecard_html.figures import (
    name_in_history,
    point_levels,
    point_score,
)
from readiness.outputs.scorecard_html.items import Items, fitted
from readiness.outputs.scorecard_html.service_data import NARROW, NARROWEST, WIDE, Caps, Services
from readiness.outputs.scorecard_html.strings import Strings
from readiness.outputs.terminal import clean

if TYPE_CHECKING:
    from readiness.engine.model import Report
    from readiness.scorecard.model import (
        ControlInfo,
        Kpi,
        Point,
        PolicyHealth,
        Scorecard,
        Unassigned,
    )

POINTS = 60
"""Runs of the history of which the services are kept one by one."""


def payload(card: Scorecard, version: str, limit: int) -> bytes:
    """The scorecard as JSON of about `limit` bytes at most, safe inside a `script` element."""
    writer = _Writer(card, _caps(card, limit // 2))
    data = writer.data(version)
    used = len(msgspec.json.encode(data))
    writer.fill(data, max(limit - used, 0))
    # Nothing inside can end the element or begin a comment in it.
    return msgspec.json.encode(data).replace(b"<", b"\\u003c").replace(b">", b"\\u003e")


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
    def __init__(self, card: Scorecard, caps: Caps) -> None:
        self.card = card
        self.caps = caps
        self.strings = Strings()
        self.services = Services(card, self.strings, caps)
        self.controls = self.services.controls
        self.policies: dict[str, int] = {}

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
            "services": [self.services.row(service) for service in card.services],
            "kpis": [self._kpi(kpi) for kpi in card.kpis],
            "health": [_health(one) for one in card.health],
            "unassigned": [self._unassigned(one) for one in card.unassigned[: self.caps.unassigned]],
            "unassignedTotal": len(card.unassigned),
            "problems": self._problems(),
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
                    self.strings.text(one.service),
                ]
                for one in listed
            ],
        }

    def _problems(self) -> list[list[Any]]:
        """Kind, message, path, line, column; what stops something first."""
        card = self.card
        kinds = (("report", card.problems), ("input", card.report.errors), ("note", card.report.notices))
        return [
            [kind, clean(one.message), self.strings.path(one.path), one.line, one.column]
            for kind, problems in kinds
            for one in problems
        ]

    def _history(self) -> list[dict[str, Any]]:
        """One entry for each run; scores and levels of services are in the order of the services."""
        points = self.card.history
        if len(points) < 2:
            return []
        step = -(-len(points) // POINTS)
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
