"""The services of a page: who they are, their controls, what is missing, what to do next; as compact rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from readiness.outputs.escapes import is_web_address
from readiness.outputs.scorecard.view import worst_first
from readiness.outputs.scorecard_html.figures import level_of, name_in_history
from readiness.outputs.scorecard_html.items import Items
from readiness.outputs.scorecard_html.strings import Strings
from readiness.outputs.terminal import clean
from readiness.scorecard.model import CONTROL_STATUSES, STRENGTHS

if TYPE_CHECKING:
    from readiness.scorecard.model import ControlResult, Missing, Scorecard, ServiceResult, Step


class Caps(Struct, frozen=True):
    """At most how many there are of what may be any number."""

    evidence: int  # of one control of one service
    steps: int  # of one service
    closed: int  # controls and fingerprints of one step
    listed: int  # behind one key figure
    unassigned: int
    documents: int = 50  # of one service
    problems: int = 2_000


WIDE = Caps(evidence=5, steps=50, closed=40, listed=1000, unassigned=20_000)
NARROW = Caps(evidence=1, steps=6, closed=8, listed=100, unassigned=2_000, documents=10, problems=500)
NARROWEST = Caps(evidence=0, steps=3, closed=3, listed=20, unassigned=500, documents=3, problems=200)


_MARKS = {name: str(n) for n, name in enumerate(CONTROL_STATUSES) if name != "not-applicable"}
"""Statuses of controls in a service in short, each by its number; what is not asked is a `.`."""


def _size(row: dict[str, Any]) -> int:
    """Bytes of a row, but for its texts."""
    return len(msgspec.json.encode(row))


class Services:
    """Writes services; what controls miss is kept until the findings of the page are known."""

    def __init__(self, card: Scorecard, strings: Strings, caps: Caps) -> None:
        self.card = card
        self.caps = caps
        self.strings = strings
        self.keys = keys_of(card)
        self.controls = {name: number for number, name in enumerate(card.controls)}
        self.areas = {name: number for number, name in enumerate(card.areas)}
        self.levels = {name: number for number, name in enumerate(("", *card.levels))}
        self.missing: list[tuple[list[Any], list[Missing]]] = []
        self.ended: list[tuple[list[Any], tuple[str, ...]]] = []

    def rows(self, room: int) -> list[dict[str, Any]]:
        """All services: those that are least ready with everything about them, as far as it fits into about
        `room` bytes, and the others in short."""
        found = self.card.services
        rows = [self.brief(service) for service in found]
        used = self.strings.size + sum(map(_size, rows))
        numbers = {id(service): number for number, service in enumerate(found)}
        for service in worst_first(self.card, found):
            if used > room:
                break
            number, before = numbers[id(service)], self.strings.size
            row = self.row(service)
            used += _size(row) - _size(rows[number]) + self.strings.size - before
            rows[number] = row
        return rows

    def brief(self, service: ServiceResult) -> dict[str, Any]:
        """One service in short: what tables show of it, and the status of each control as one character."""
        statuses = {control.control: control.status for control in service.controls}
        marks = "".join(_MARKS.get(statuses.get(name, ""), ".") for name in self.controls)
        row = self._head(service)
        if marks.strip("."):
            row["controls"] = marks
        return row

    def _head(self, service: ServiceResult) -> dict[str, Any]:
        level = level_of(service)
        fields: dict[str, Any] = {
            "key": self.keys[id(service)],
            "name": clean(service.name),
            "assumed": service.tier_assumed,
            "by": clean(service.found_by),
            "at": [self.strings.path(service.path), service.line],
            "owner": clean(service.owner or ""),
            "system": clean(service.system or ""),
            "environments": [clean(name) for name in service.environments],
            "resources": service.resources,
            "ifKnown": self.levels.get(service.level_if_known, 0),
            "areas": [
                [
                    self.areas.get(area.area, -1),
                    area.score,
                    self._level(area.level),
                    self.controls.get(area.capped_by or "", -1),
                ]
                for area in service.areas
            ],
            "next": self.levels.get(service.next_level or "", 0),
            "stepsTotal": len(service.steps),
            "problem": clean(service.problem or ""),
            "repository": clean(service.repository),
        }
        kept = {name: value for name, value in fields.items() if value}
        # A score of 0 is a score.
        return kept | {"tier": service.tier, "level": self.levels.get(level, -1), "score": service.score}

    def row(self, service: ServiceResult) -> dict[str, Any]:
        """One service by names of fields; what is empty is left out."""
        linked = service.link if service.link and is_web_address(service.link) else ""
        fields: dict[str, Any] = {
            "lifecycle": clean(service.lifecycle or ""),
            "link": linked,
            "source": "" if linked else clean(service.link or ""),
            "depends": [clean(name) for name in service.depends_on],
            "facts": {
                clean(name): [clean(fact.value), clean(fact.by), self.strings.path(fact.path), fact.line]
                for name, fact in service.facts.items()
            },
            "documents": [self.strings.path(path) for path in service.documents[: self.caps.documents]],
            "documentsTotal": len(service.documents),
            "controls": [
                self._control(control, service)
                for control in service.controls
                if control.control in self.controls and control.status != "not-applicable"
            ],
            "steps": [self._step(step) for step in service.steps[: self.caps.steps]],
        }
        return self._head(service) | {name: value for name, value in fields.items() if value}

    def _level(self, level: str | None) -> int:
        """The number of a level, 0 for none, -1 where it is not asked for."""
        return -1 if level is None else self.levels.get(level, 0)

    def _control(self, control: ControlResult, service: ServiceResult) -> list[Any]:
        """`[control, status, level, met, of, missing, evidence, failed, waived, unknown, share, how many are
        missing, strength]`; what is 0 at the end is left out, and so is a strength that its tier gives.
        Where evidence is left out, its number stands behind the others."""
        usual = self.card.controls[control.control].strengths.get(service.tier)
        row: list[Any] = [
            self.controls[control.control],
            CONTROL_STATUSES.index(control.status),
            self._level(control.level),
            control.met,
            control.of,
            0,
            self._evidence(control) or 0,
            control.failed,
            control.waived,
            control.unknown,
            0 if control.share is None else round(control.share * 100),
            len(control.missing),
            0 if control.strength == usual else STRENGTHS.index(control.strength) + 1,
        ]
        if control.missing:
            self.missing.append((row, control.missing))
        elif control.status == "met":
            row[10] = 0
        while not row[-1] and len(row) > 6:
            row.pop()
        return row

    def _evidence(self, control: ControlResult) -> list[Any]:
        most = self.caps.evidence
        shown: list[Any] = [
            [self.strings.path(one.path), one.line, self.strings.text(one.text)]
            for one in control.evidence[:most]
        ]
        return [*shown, len(control.evidence) - most] if len(control.evidence) > most else shown

    def _step(self, step: Step) -> list[Any]:
        cap = self.caps.closed
        numbers = [self.controls[name] for name in step.closes if name in self.controls]
        unlocks = [self.controls[name] for name in step.unlocks if name in self.controls]
        row: list[Any] = [
            self.strings.text(step.action),
            self.strings.text(step.policy),
            _severity(step.severity),
            self.strings.path(step.path),
            step.line,
            numbers[:cap],
            step.findings,
            unlocks[:cap],
            {"safe": 1, "unsafe": 2}.get(step.fixable or "", 0),
            self.strings.text(step.command),
        ]
        self.ended.append((row, step.fingerprints))
        return row

    def fill(self, items: Items) -> None:
        """Put what controls miss, and what each step ends, into their rows, as far as it is on the page.

        Of a step that is its first finding, counted from 1 and the last of its row.
        """
        for row, missing in self.missing:
            row[5] = self._missing(missing, items)
        for row, prints in self.ended:
            found = next((items.numbers[one] for one in prints if one in items.numbers), None)
            if found is not None:
                row.append(found + 1)

    def _missing(self, missing: list[Missing], items: Items) -> list[Any]:
        """Numbers of findings; one that is about other resources here than it names, with these."""
        out: list[Any] = []
        for one in missing:
            number = items.numbers.get(one.fingerprint)
            if number is None:
                continue
            finding = items.findings[number]
            if not one.addresses or set(one.addresses) <= {finding.subject.address, *finding.instances}:
                out.append(number)
            else:
                out.append([number, *(self.strings.text(address) for address in one.addresses[:10])])
        return out


def keys_of(card: Scorecard) -> dict[int, str]:
    """What the address of the page of a service ends with: its full name, told apart where two have one."""
    keys: dict[int, str] = {}
    taken: set[str] = set()
    for service in card.services:
        name = key = clean(name_in_history(service))
        number = 2
        while key in taken:
            key, number = f"{name}~{number}", number + 1
        taken.add(key)
        keys[id(service)] = key
    return keys


def _severity(name: str) -> int:
    from readiness.engine.model import SEVERITIES

    return SEVERITIES.index(name)
