"""What levels ask of each tier, and how scores are weighed: `levels.yaml` of the policies or of a pack."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from readiness.config.document import hold, place_of, read_document
from readiness.engine.model import SEVERITIES
from readiness.errors import UsageError, near
from readiness.scorecard.model import STRENGTHS
from readiness.values import Map

FILE = "levels.yaml"

_SEVERITIES = {"critical": 10.0, "high": 5.0, "medium": 2.0, "low": 1.0, "info": 0.0}
_STRENGTHS = {"block": 4.0, "warn": 2.0, "info": 1.0}
_CAPS = {"critical": 49, "high": 74}


class Level(Struct, frozen=True):
    """A level; `severity` is the lowest that counts as missing at it."""

    id: str
    severity: str


class OneChange(Struct, frozen=True):
    """Policies whose mending is that of another policy too; `same_place` where both point to one place."""

    policies: tuple[str, ...]
    same_place: bool = False


class Levels(Struct, frozen=True):
    """Levels, the lowest first, and how scores are worked out.

    `areas` are ids of controls by area, `titles` the names of areas.  `asked` has by tier the controls that
    each level asks, those of lower levels among them.  `severities` and `strengths` are weights, `caps` the
    most points while a blocking control misses something of a severity.  `one_change` has by id the policies
    that are mended along with others.
    """

    every: tuple[Level, ...]
    areas: Mapping[str, tuple[str, ...]]
    titles: Mapping[str, str]
    asked: Mapping[int, tuple[frozenset[str], ...]]
    strengths_of: Mapping[str, Mapping[int, str]]
    severities: Mapping[str, float]
    strengths: Mapping[str, float]
    caps: Mapping[str, int]
    one_change: Mapping[str, OneChange] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The ids of the levels, the lowest first."""
        return tuple(level.id for level in self.every)

    def area_of(self, control: str) -> str:
        """The area of a control: the one that names it, else the beginning of its id."""
        for area, controls in self.areas.items():
            if control in controls:
                return area
        return control.rpartition("-")[0]

    def strength(self, control: str, tier: int) -> str:
        """`block`, `warn` or `info`: what a control is for a tier; as for the last known one beyond that."""
        known = self.strengths_of.get(control)
        if not known:
            return "warn"
        return known[tier] if tier in known else known[max(known)]


def strengths_of(control: Mapping[str, Any]) -> dict[int, str]:
    """The strength of a control by tier, from its entry in `controls.yaml`."""
    tiers = control.get("tiers") or {}
    found = {}
    for name, what in tiers.items():
        number = str(name).rpartition("-")[2]
        level = what.get("level") if isinstance(what, Mapping) else what
        if number.isdigit() and level in STRENGTHS:
            found[int(number)] = level
    return found


def read_levels(path: str, text: str, controls: Mapping[str, Mapping[str, Any]]) -> Levels:
    """The levels of a text; `controls` are those that there are, by id; `path` is the one that messages show.

    Raises:
        UsageError: it is not in shape, or names a control, level or area that is not there; with its place.
    """
    data = read_document(path, text, what="levels")
    hold(data, _schema(), path, "field")
    reader = _Reader(path, data, controls)
    score = data.get("score") or {}
    return Levels(
        every=reader.levels(),
        areas=reader.areas(),
        titles={area: entry["title"] for area, entry in data["areas"].items()},
        asked=reader.asked(),
        strengths_of=reader.strengths,
        severities=_SEVERITIES | dict(score.get("severities") or {}),
        strengths=_STRENGTHS | dict(score.get("strengths") or {}),
        caps=dict(score["caps"]) if "caps" in score else _CAPS,
        one_change={
            policy: OneChange(tuple(entry["policies"]), bool(entry.get("same_place")))
            for policy, entry in (data.get("one_change") or {}).items()
        },
    )


class _Reader:
    """The parts of a document that is in shape; every name in it has to be one."""

    def __init__(self, path: str, data: Map, controls: Mapping[str, Mapping[str, Any]]) -> None:
        self.path = path
        self.data = data
        self.controls = controls
        self.strengths = {id_: strengths_of(control) for id_, control in controls.items()}

    def error(self, message: str, *at: str | int, key: bool = False) -> UsageError:
        return UsageError(message, self.path, *place_of(self.data, at, key))

    def levels(self) -> tuple[Level, ...]:
        found: list[Level] = []
        for index, entry in enumerate(self.data["levels"]):
            if any(level.id == entry["id"] for level in found):
                raise self.error(f"the level {entry['id']!r} stands here twice", "levels", index, "id")
            floor = SEVERITIES.index(entry["severity"])
            if found and floor < SEVERITIES.index(found[-1].severity):
                message = f"{entry['id']!r} lets pass what {found[-1].id!r} below it does not"
                raise self.error(message, "levels", index, "severity")
            found.append(Level(entry["id"], entry["severity"]))
        return tuple(found)

    def areas(self) -> dict[str, tuple[str, ...]]:
        home: dict[str, str] = {}
        for area, entry in self.data["areas"].items():
            for index, control in enumerate(entry["controls"]):
                at = ("areas", area, "controls", index)
                if control not in self.controls:
                    raise self.error(f"there is no control {control!r}{near(control, self.controls)}", *at)
                if control in home:
                    raise self.error(f"{control!r} is in the area {home[control]!r} already", *at)
                home[control] = area
        return {area: tuple(entry["controls"]) for area, entry in self.data["areas"].items()}

    def asked(self) -> dict[int, tuple[frozenset[str], ...]]:
        names = [entry["id"] for entry in self.data["levels"]]
        found: dict[int, tuple[frozenset[str], ...]] = {}
        for tier, asked in self.data["tiers"].items():
            for name in asked:
                if name not in names:
                    raise self.error(
                        f"there is no level {name!r}{near(name, names)}", "tiers", tier, name, key=True
                    )
            below: frozenset[str] = frozenset()
            each = []
            for name in names:
                below |= self._named(int(tier), ("tiers", tier, name), asked.get(name) or ())
                each.append(below)
            found[int(tier)] = tuple(each)
        return found

    def _named(self, tier: int, at: tuple[str | int, ...], wanted: Sequence[str]) -> frozenset[str]:
        """The controls that entries name."""
        found: set[str] = set()
        for index, name in enumerate(wanted):
            if name in STRENGTHS:
                found.update(self._of_strength(name, tier))
            elif name in self.data["areas"]:
                found.update(self.data["areas"][name]["controls"])
            elif name in self.controls:
                found.add(name)
            else:
                known = [*self.controls, *self.data["areas"], *STRENGTHS]
                message = f"there is no control, area or strength {name!r}{near(name, known)}"
                raise self.error(message, *at, index)
        return frozenset(found)

    def _of_strength(self, strength: str, tier: int) -> Iterable[str]:
        for control, by_tier in self.strengths.items():
            if by_tier and by_tier.get(tier, by_tier[max(by_tier)]) == strength:
                yield control


@cache
def _schema() -> dict[str, Any]:
    text = Path(__file__).with_name("levels.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
