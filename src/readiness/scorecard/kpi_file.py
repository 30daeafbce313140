"""`kpis.yaml`: the key figures of the readiness report, built in and an organisation's own."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from readiness.config.document import hold, place_of, read_document
from readiness.engine.checks import make_checks
from readiness.errors import UsageError, near
from readiness.policy.files import read_text
from readiness.policy.model import Policy
from readiness.policy.packs import Place
from readiness.values import List, Map

FILE = "kpis.yaml"
SCHEMA_FILE = Path(__file__).with_name("kpis.schema.json")
SERVICE = "service"
"""The type that stands for services in `resources`."""

COUNTED = ("resource", "service", "triage")
"""What a policy is `on` that has a share: one on changes or on the estate as a whole has none."""

_BUILTIN = f"policies/{FILE}"
_CONDITIONS = ("when", "each", "once", "assert")
_PLAIN = ("name", "control", "target", "comparison", "tiers", "blueprint", "description")
_PATTERN = frozenset("*?[")


class Definition(Struct, frozen=True):
    """A key figure as `kpis.yaml` has it; its unit is percent.

    It counts either what `policies` (ids or globs) and those of `controls` gave, as `count` says, or what
    `conditions` say of `resources`: CEL by the names `when`, `each`, `once` and `assert`.  `tiers` are those
    of the services that count, all where it is empty.  `places` are line and column by field, in `path`.
    """

    id: str
    name: str
    control: str
    target: float
    comparison: str = ">="
    tiers: tuple[int, ...] = ()
    blueprint: str = ""
    description: str = ""
    policies: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    count: str = "checks"
    resources: tuple[str, ...] = ()
    conditions: dict[str, str] = {}
    path: str = ""
    places: dict[str, tuple[int, int]] = field(default_factory=dict)

    def chosen(self, policies: Iterable[Policy]) -> list[list[Policy]]:
        """The policies that it counts: a list for each id, glob and control that it names."""
        counted = {policy.id: policy for policy in policies if policy.on in COUNTED}
        named = [_meant(name, counted) for name in self.policies]
        of_controls = ([p for p in counted.values() if p.control == control] for control in self.controls)
        return [*named, *of_controls]

    def policy(self) -> Policy:
        """Its conditions as a policy, which counts nothing by itself."""
        return Policy(
            id=self.id,
            title=self.name,
            control=self.control,
            severity="info",
            resources=self.resources,
            assert_=self.conditions["assert"],
            message=self.id,
            remediation="",
            path=self.path,
            when=self.conditions.get("when"),
            each=self.conditions.get("each"),
            # What things are told apart by is a value of each of them, as `at` is of a finding.
            at=self.conditions.get("once"),
            on="service" if self.resources == (SERVICE,) else "resource",
            lines={("at" if name == "once" else name): place for name, place in self.places.items()},
        )


def builtin_kpis() -> list[Definition]:
    """The built-in key figures, in their order; they are not held against policies.

    Raises:
        UsageError: the file is wrong (only in a source tree).
    """
    from readiness.policy.bundle import builtin_folder

    path = builtin_folder() / FILE
    return read_kpis(read_text(path, _BUILTIN), _BUILTIN)


def kpis_of(places: Iterable[Place]) -> list[Definition]:
    """The built-in key figures with what packs change and add, in the order of these.

    Raises:
        UsageError: a file cannot be read, or something in it is wrong; with its place.
    """
    found = builtin_kpis()
    for place in places:
        found = own_kpis(place.folder, place.shown, found)
    return found


def own_kpis(folder: Path, shown: str | None, known: Sequence[Definition]) -> list[Definition]:
    """Key figures with those that the `kpis.yaml` in the folder of a pack changes and adds.

    `shown` replaces the folder in the paths that users see.  Where there is no such file they are as `known`.

    Raises:
        UsageError: the file cannot be read, or something in it is wrong; with its place.
    """
    path = folder / FILE
    if not path.is_file():
        return list(known)
    name = f"{shown}/{FILE}" if shown else path.as_posix()
    return read_kpis(read_text(path, name), name, known)


def read_kpis(text: str, name: str, known: Sequence[Definition] = ()) -> list[Definition]:
    """The key figures of a file, after those that are `known`, or in the place of the one with their id.

    Raises:
        UsageError: something in it is wrong; with its place in the file, which messages call `name`.
    """
    data = read_document(name, text, what="key figures")
    hold(data, _schema(), name, "field")
    found = {one.id: one for one in known}
    own: set[str] = set()
    for index, entry in enumerate(data["kpis"]):
        if entry["id"] in own:
            place = place_of(data, ("kpis", index, "id"))
            raise UsageError(f"the key figure {entry['id']!r} stands here twice", name, *place)
        own.add(entry["id"])
        found[entry["id"]] = _definition(entry, name, found)
    return list(found.values())


def check_kpis(kpis: Iterable[Definition], policies: Sequence[Policy], controls: Iterable[str]) -> None:
    """Hold key figures against all policies and controls that there are, and compile those of a user.

    Built-in conditions are tested, and compiled when they are measured.

    Raises:
        UsageError: one names a policy or control that does not exist, or a condition is wrong; with its
            place.
    """
    known = set(controls)
    ids = {policy.id: policy for policy in policies}
    former = {old: policy.id for policy in policies for old in policy.former_ids}
    for kpi in kpis:
        for field_, names in (("control", (kpi.control,)), ("controls", kpi.controls)):
            for name in names:
                if name not in known:
                    hint = near(name, known)
                    raise _error(kpi, field_, name, f"there is no control {name!r}{hint}")
        for name in kpi.policies:
            _check_policy(kpi, name, ids, former)
        if kpi.resources and kpi.path != _BUILTIN:
            check = make_checks([kpi.policy()])[0]
            try:
                check.prepare_all()
            except UsageError as error:
                message = "once" + error.message[2:] if error.message.startswith("at:") else error.message
                raise UsageError(f"{kpi.id}: {message}", error.path, error.line, error.column) from None


def _check_policy(kpi: Definition, name: str, ids: Mapping[str, Policy], former: Mapping[str, str]) -> None:
    if _PATTERN.isdisjoint(name):
        if name in former:
            raise _error(kpi, "policies", name, f"{name!r} is now called {former[name]!r}")
        if name not in ids:
            raise _error(kpi, "policies", name, f"there is no policy {name!r}{near(name, ids)}")
        if ids[name].on not in COUNTED:
            why = f"{name!r} is on {'a change' if ids[name].on == 'change' else 'the estate as a whole'}"
            raise _error(kpi, "policies", name, f"{why}: there is nothing to count")
    elif not any(fnmatchcase(id_, name) for id_ in ids):
        raise _error(kpi, "policies", name, f"no policy is called like {name!r}")


def _meant(name: str, policies: Mapping[str, Policy]) -> list[Policy]:
    """The policies of an id, or of a glob of ids."""
    if _PATTERN.isdisjoint(name):
        return [policies[name]] if name in policies else []
    return [policy for id_, policy in policies.items() if fnmatchcase(id_, name)]


def _definition(entry: Map, name: str, known: Mapping[str, Definition]) -> Definition:
    """One entry, over the one of its id, where that is known.

    Raises:
        UsageError: something is missing, or two kinds of measure are mixed; with its place.
    """
    before = known.get(entry["id"])
    if before is None:
        missing = next((key for key in ("name", "control", "target") if key not in entry), None)
        if missing is not None:
            message = f"the key figure {entry['id']!r} has no {missing!r}{near(entry['id'], known)}"
            raise _at(entry, "id", name, message)
    given = {key: entry[key] for key in _PLAIN if key in entry}
    given |= _measure(entry, name, before)
    if "target" in given:
        given["target"] = float(given["target"])
    if "tiers" in given:
        given["tiers"] = tuple(given["tiers"])
    places = _places(entry)
    if before is None:
        return Definition(id=entry["id"], **given, path=name, places=places)
    places = {**before.places, **places} if before.path == name else places
    return replace(before, **given, path=name, places=places)


def _measure(entry: Map, name: str, before: Definition | None) -> dict[str, Any]:
    """What an entry says of what is counted; nothing where that is as it was `before`.

    Raises:
        UsageError: two kinds of measure are mixed, or one is not whole; with its place.
    """
    counts = [key for key in ("policies", "controls", "count") if key in entry]
    looks = [key for key in ("resources", *_CONDITIONS) if key in entry]
    if counts and looks:
        why = f"{counts[0]!r} counts what policies gave, {looks[0]!r} what conditions say: choose one"
        raise _at(entry, looks[0], name, why)
    if looks:
        resources = tuple(entry.get("resources", before.resources if before else ()))
        conditions = dict(before.conditions) if before else {}
        conditions |= {key: entry[key] for key in _CONDITIONS if key in entry}
        if not resources or "assert" not in conditions:
            missing = "assert" if resources else "resources"
            raise _at(entry, looks[0], name, f"{missing!r} is missing beside {looks[0]!r}")
        if SERVICE in resources and len(resources) > 1:
            raise _at(entry, "resources", name, f"{SERVICE!r} stands alone: services are no resources")
        return {"policies": (), "controls": (), "resources": resources, "conditions": conditions}
    if "policies" in entry or "controls" in entry:
        named = {key: tuple(entry.get(key, ())) for key in ("policies", "controls")}
        return {**named, "count": entry.get("count", "checks"), "resources": (), "conditions": {}}
    if before is None or (before.resources and counts):
        raise _at(entry, "id", name, "it measures nothing: give it 'policies', 'controls' or 'resources'")
    return {"count": entry["count"]} if counts else {}


def _places(entry: Map) -> dict[str, tuple[int, int]]:
    """Line and column of every field, and of every name in its lists (`policies:NAME`)."""
    places = {key: (span.line, span.column) for key, span in entry.value_spans.items()}
    for key in ("policies", "controls"):
        names = entry.get(key, List())
        for index, name in enumerate(names):
            places[f"{key}:{name}"] = place_of(names, (index,))
    return places


def _at(entry: Map, key: str, name: str, message: str) -> UsageError:
    return UsageError(message, name, *place_of(entry, (key,), at_key=key != "id"))


def _error(kpi: Definition, key: str, name: str, message: str) -> UsageError:
    place = kpi.places.get(f"{key}:{name}") or kpi.places.get(key) or kpi.places.get("id") or (1, 1)
    return UsageError(f"{kpi.id}: {message}", kpi.path, *place)


@functools.cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema
