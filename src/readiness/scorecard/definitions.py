"""What services are held against: controls and levels, the built-in ones and those of an organisation."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from readiness.engine.settings import Settings
from readiness.errors import UsageError
from readiness.policy.bundle import builtin_folder
from readiness.policy.controls import load_controls, own_controls
from readiness.policy.files import read_text
from readiness.policy.packs import Place, locate
from readiness.scorecard.kpi_file import Definition, kpis_of
from readiness.scorecard.levels import FILE, Levels, read_levels


class Definitions(Struct, frozen=True):
    """Controls by id as they stand in their files, the levels, and the key figures."""

    controls: dict[str, dict[str, Any]]
    levels: Levels
    kpis: list[Definition] = []


def for_report(settings: Settings) -> Settings:
    """The settings of a report: the profile `default` has the policies on services as well."""
    instead = {"default": "report"}
    cascade = None if settings.cascade is None else replace(settings.cascade, profiles=instead)
    return replace(settings, profile=instead.get(settings.profile, settings.profile), cascade=cascade)


def definitions(settings: Settings) -> Definitions:
    """The controls, levels and key figures of the packs that settings name.

    The levels are those of the last pack that brings any, else the built-in ones.

    Raises:
        UsageError: a file is missing or wrong; two packs bring levels.
    """
    folder = builtin_folder()
    controls = dict(load_controls(folder))
    places = [locate(spec, settings.base) for spec in settings.policies]
    for place in places:
        controls |= own_controls(place.folder, place.shown)
    path = folder / FILE
    name, text = f"policies/{FILE}", read_text(path, f"policies/{FILE}")
    brought = [place for place in places if (place.folder / FILE).is_file()]
    if len(brought) > 1:
        message = "two packs bring levels: one of them has to go"
        raise UsageError(f"{message} ({brought[0].spec}, {brought[1].spec})", _name(brought[1]))
    if brought:
        name, text = _name(brought[0]), read_text(brought[0].folder / FILE, _name(brought[0]))
    return Definitions(controls, read_levels(name, text, controls), kpis_of(places))


def _name(place: Place) -> str:
    """The levels file of a pack, as users see it."""
    return f"{place.shown}/{FILE}" if place.shown else (place.folder / FILE).as_posix()
