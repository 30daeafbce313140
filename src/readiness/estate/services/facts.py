"""What is known of a service: what is declared goes before the catalog, and that before its resources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from readiness.config.services import Declared, Evidence
from readiness.errors import SourceError
from readiness.estate.metadata import Meaning, text_of, unread_tiers
from readiness.estate.model import LinkGroup, Resource
from readiness.estate.secrets import mask
from readiness.estate.services.catalog import Catalog, short
from readiness.estate.services.claims import Group
from readiness.estate.services.environments import environments_of, runs_elsewhere
from readiness.estate.services.model import Dated, Said, Service
from readiness.estate.services.shelf import fresh_until
from readiness.values import List, Map, Span, dig

_NOBODY = frozenset({"", "-", "n/a", "nobody", "none", "null", "tbd", "todo", "unknown", "guest", "guests"})
"""Owners that are none."""

_KEYS = {
    "rto": ("rto", "RTO", "recovery-time-objective"),
    "rpo": ("rpo", "RPO", "recovery-point-objective"),
    "data_classification": (
        *("data-classification", "data_classification", "DataClassification", "dataClassification"),
        *("data-class", "dataclassification"),
    ),
}
"""Labels, annotations and tags for what has no key in the settings."""

_LINKS = {
    "backstage.io/source-location": "",
    "github.com/project-slug": "https://github.com/",
    "gitlab.com/project-slug": "https://gitlab.com/",
    "a8r.io/repository": "",
}
"""Annotations that say where the source of a service is, and what stands before their values."""


class Facts:
    """Makes the service of a group: `problems` collects what nobody can read."""

    def __init__(self, catalog: Catalog, declared: dict[str, Declared], meaning: Meaning) -> None:
        self.catalog = catalog
        self.declared = declared
        self.meaning = meaning
        self.keys = {"tier": meaning.keys["tier"], "owner": meaning.keys["owner"], **_KEYS}
        self.problems: list[SourceError] = []

    def service(self, key: str, group: Group, resources: list[Resource]) -> Service:
        """The service with what is said of it, without the resource that policies see."""
        entry, component = self.declared.get(key), self.catalog.components.get(key)
        span = group.span or (resources[0].header if resources else Span("", 1, 1, 1, 1))
        service = Service(group.name, group.by, span, resources=resources, declared=entry)
        if entry is not None:
            for fact, (text, place) in entry.facts.items():
                service.said[fact] = Said(text, "declared", place)
            service.depends_on = list(entry.depends_on)
        if component is not None:
            self._of_component(component, service)
        self._of_resources(service, component)
        system = self.catalog.system_of.get(key)
        if system is not None and "system" not in service.said:
            service.said["system"] = Said(self.catalog.systems[system], "label", span)
        self._take(service)
        if entry is not None:
            service.evidence = [
                Dated(
                    one.kind,
                    one.on,
                    one.span,
                    fresh_until(one.kind, one.on, service.tier),
                    one.note,
                    one.link,
                )
                for one in entry.evidence
            ]
        service.environments = sorted(
            environments_of(resources).union(entry.environments if entry is not None else ())
        )
        return service

    def _of_component(self, component: Resource, service: Service) -> None:
        spec = component.body.get("spec")
        spec = spec if isinstance(spec, Map) else Map()
        for fact in ("owner", "system", "lifecycle"):
            text = text_of(dig(spec, fact))
            if text is not None and text.strip():
                place = spec.span_of(fact) or component.header
                service.said.setdefault(fact, Said(short(text), "catalog", place))
        notes = component.annotations if isinstance(component.annotations, Map) else Map()
        for key, prefix in _LINKS.items():
            text = text_of(notes.get(key))
            if text:
                link = Said(
                    prefix + text.removeprefix("url:"), "catalog", notes.span_of(key) or component.header
                )
                service.said.setdefault("link", link)
        for _, fact, source, key, text in _written([component], self.keys):
            self._say(service, fact, Said(text, "catalog", source.span_of(key) or component.header))
        if "tier" not in service.said:
            for told in unread_tiers(component, self.meaning, strict=True):
                self._unread(service.name, told.value, told.span or component.header)
                break
        if not service.depends_on and isinstance(dig(spec, "dependsOn"), List):
            written = dig(spec, "dependsOn")
            service.depends_on = [one for one in written if isinstance(one, str)]

    def _say(self, service: Service, fact: str, said: Said) -> None:
        if _is_open(fact, service) and not (fact == "tier" and self.meaning.tier(said.value) is None):
            service.said[fact] = said

    def _of_resources(self, service: Service, component: Resource | None) -> None:
        """What the resources of a service say: the owner of most, the gravest tier, the first of the rest."""
        wanted = {fact: keys for fact, keys in self.keys.items() if _is_open(fact, service)}
        others = [one for one in service.resources if one is not component]
        found: dict[str, dict[str, Said]] = {}
        counts: dict[str, Counter[str]] = {}
        for resource, fact, source, key, text in _written(others, wanted):
            by = "tag" if resource.platform == "terraform" else "label"
            value = short(text) if fact == "owner" else text
            said = found.setdefault(fact, {})
            if value not in said:
                said[value] = Said(value, by, source.span_of(key) or resource.header)
            counts.setdefault(fact, Counter())[value] += 1
        for fact, said in found.items():
            chosen = self._choose(fact, counts[fact])
            if chosen is not None:
                self._say(service, fact, said[chosen])
        seen: set[str] = set()
        for resource in others if "tier" in wanted else ():
            if resource.tier is None:
                for told in unread_tiers(resource, self.meaning):
                    if told.value not in seen:
                        seen.add(told.value)
                        self._unread(service.name, told.value, told.span or resource.header)

    def _choose(self, fact: str, counts: Counter[str]) -> str | None:
        """Of several values the one that holds for the service."""
        if fact == "tier":
            read = [(tier, text) for text in counts if (tier := self.meaning.tier(text)) is not None]
            return min(read)[1] if read else None
        named = {text: count for text, count in counts.items() if text.strip().lower() not in _NOBODY}
        return max(named, key=lambda text: named[text]) if named else None

    def _take(self, service: Service) -> None:
        """Set the facts from who says them."""
        said = service.said
        if not _is_open("owner", service):
            service.owner = said["owner"].value
        for fact in ("system", "lifecycle", "link", "rto", "rpo", "data_classification"):
            if fact in said:
                setattr(service, fact, said[fact].value)
        if "tier" in said:
            service.tier = self.meaning.tier(said["tier"].value)
            if service.tier is None:
                self._unread(service.name, said["tier"].value, said["tier"].span)

    def _unread(self, name: str, text: str, place: Span) -> None:
        message = (
            f"{text!r} is no tier of the service {name!r} that anybody can read: write 0 to 9 or `tier-1`,"
            " or say in the settings what it means (`metadata.tiers`)"
        )
        self.problems.append(SourceError(place.path, place.line, place.column, message))


def _written(
    resources: Iterable[Resource], keys: dict[str, tuple[str, ...]]
) -> Iterator[tuple[Resource, str, Map, str, str]]:
    """Facts that resources carry, with the source, key and text of the first key of each."""
    wanted = frozenset(key for names in keys.values() for key in names)
    for resource in resources:
        sources = []
        for source in (resource.labels, resource.tags, resource.annotations):
            if isinstance(source, Map) and source and not wanted.isdisjoint(source):
                sources.append(source)
        for fact, names in keys.items() if sources else ():
            hit = _hit(sources, names)
            if hit is not None and mask(hit[2], resource.secrets) == hit[2]:
                yield resource, fact, *hit


def _hit(sources: Sequence[Map], names: Sequence[str]) -> tuple[Map, str, str] | None:
    for name in names:
        for source in sources:
            text = text_of(source.get(name)) if name in source else None
            if text is not None and text.strip():
                return source, name, text.strip()
    return None


_PLAIN = (
    "name",
    "owner",
    "tier",
    "system",
    "lifecycle",
    "link",
    "rto",
    "rpo",
    "data_classification",
    "found_by",
)


def _is_open(fact: str, service: Service) -> bool:
    """Whether nobody says a fact yet; a word that names nobody (`unknown`) leaves the owner to others."""
    said = service.said.get(fact)
    return said is None or (fact == "owner" and said.value.strip().lower() in _NOBODY)


def resource_of(service: Service, today: Any) -> Resource:
    """What policies with `on: service` see of a service: `today` decides what evidence is fresh."""
    body = Map({name: getattr(service, name) for name in _PLAIN}, service.span)
    body["environments"] = List(service.environments)
    body["elsewhere"] = runs_elsewhere(service.resources, service.environments)
    body["depends_on"] = List(service.depends_on)
    body["documents"] = List(service.documents)
    body["evidence"] = List(
        [_dated(one, today) for one in service.evidence],
        service.span,
        [one.span for one in service.evidence],
    )
    for name, said in service.said.items():
        body.key_spans[name] = body.value_spans[name] = said.span
    resource = Resource(
        address=f"service.{service.name}",
        type="service",
        name=service.name,
        platform="repository",
        body=body,
        span=service.span,
        header=service.span._replace(end_line=service.span.line, end_column=service.span.column + 1)
        if service.span.end_line != service.span.line
        else service.span,
        mode="block",
        service=service.name,
        tier=service.tier,
    )
    # One way: what others are linked with stays as it is.
    resource.links.join(LinkGroup("service", service.resources, [resource]), forward=True)
    return resource


def _evidence(one: Evidence, tier: int | None) -> Dated:
    return Dated(one.kind, one.on, one.span, fresh_until(one.kind, one.on, tier), one.note, one.link)


def _dated(one: Dated, today: Any) -> Map:
    return Map(
        {
            "kind": one.kind,
            "on": one.on.isoformat(),
            "days": (today - one.on).days,
            "fresh": None if one.fresh_until is None else one.on <= today <= one.fresh_until,
            "fresh_until": None if one.fresh_until is None else one.fresh_until.isoformat(),
            "note": one.note,
            "link": one.link,
        },
        one.span,
    )
