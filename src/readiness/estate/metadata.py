"""What metadata means: tier, environment and owner of a resource, by an organisation's own keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from readiness.estate.environments import environment_of
from readiness.estate.model import Estate, Resource
from readiness.values import Map, Span, Unknown

DEFAULT_KEYS: dict[str, tuple[str, ...]] = {
    "service": (
        *("app.kubernetes.io/part-of", "app.kubernetes.io/name", "service", "Service"),
        *("application", "Application", "app", "App"),
    ),
    "owner": ("owner", "Owner", "team", "Team", "app.kubernetes.io/owner", "a8r.io/owner"),
    "tier": ("tier", "Tier", "service-tier"),
    "environment": ("environment", "env", "Environment", "Env"),
}
"""Labels, annotations and tags that carry each fact; the first that is there wins."""

PRODUCTION = "production"
"""The environment that `is-production` values stand for."""

_TIER = re.compile(r"^(?:t|tier[-_ ]?)?([0-9])$", re.IGNORECASE)
_NO = frozenset({"false", "no", "0", "off"})
_LAYER = re.compile(
    "(front|back)end|middle(ware)?|cache|database|db|data|storage|web|app(lication)?|api|ui|worker|node|infra"
    "|control-plane|master|monitoring|logging|public|private|intra|isolated|(in|ex)ternal|presentation|logic",
    re.IGNORECASE,
)
"""Values of the key `tier` that name a layer of an architecture, or a kind of subnet: no service tier."""


class Meaning(Struct, frozen=True):
    """What keys and values of labels, annotations and tags mean, by the facts of `DEFAULT_KEYS`.

    `production` are values (of keys of the environment) that mean production, in lower case; `tiers` are
    words that stand for a tier, in lower case.
    """

    keys: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(DEFAULT_KEYS))
    production: frozenset[str] = frozenset()
    tiers: dict[str, int] = {}

    def tier(self, text: str) -> int | None:
        """The tier that a text names, None where nobody can read it."""
        match = _TIER.match(text.strip())
        return int(match.group(1)) if match else self.tiers.get(text.strip().lower())


def meaning_of(settings: Mapping[str, Any] | None) -> Meaning:
    """The meaning that the key `metadata` of the settings gives; what it leaves out is built in."""
    said = settings or {}
    named = {fact: tuple(said[fact]) for fact in DEFAULT_KEYS if fact in said}
    return Meaning(
        keys={**DEFAULT_KEYS, **named},
        production=frozenset(value.lower() for value in said.get("is-production", ())),
        tiers={word.lower(): tier for word, tier in said.get("tiers", {}).items()},
    )


class Told(Struct, frozen=True):
    """Who says a fact of a resource: a `label`, `tag` or `annotation` (of a Namespace too), by its key."""

    what: str
    key: str
    value: str
    span: Span | None


def assign(estate: Estate, meaning: Meaning | None = None) -> None:
    """Set `tier` and `environment` of every resource; a namespace passes its own on.

    What cannot be read as a tier is none; `readiness.estate.services` tells of it.
    """
    meaning = meaning or Meaning()
    namespaces = _namespaces(estate)
    wanted = frozenset((*meaning.keys["tier"], *meaning.keys["environment"]))
    for resource in dict.fromkeys([*estate.resources, *estate.changes]):
        known = [
            source
            for source in _sources(resource, namespaces.get(resource.namespace or ""))
            if isinstance(source, Map) and source and not wanted.isdisjoint(source)
        ]
        if known:
            resource.tier = _tier(known, meaning)
            resource.environment = _environment(known, meaning)
        if resource.environment is None:
            resource.environment = environment_of(resource)


def _tier(sources: Sequence[Map], meaning: Meaning) -> int | None:
    """The tier that sources name; a word for a layer is none, what else nobody can read ends the search."""
    for key in meaning.keys["tier"]:
        for source in sources:
            text = text_of(source.get(key))
            tier = None if text is None else meaning.tier(text)
            if tier is not None:
                return tier
            if text is not None and not _LAYER.fullmatch(text.strip()):
                return None
    return None


def _environment(sources: Sequence[Map], meaning: Meaning) -> str | None:
    """The environment that sources name; `is-production: "false"` names none."""
    for key in meaning.keys["environment"]:
        for source in sources:
            text = text_of(source.get(key))
            if text is None:
                continue
            if text.lower() in meaning.production:
                return PRODUCTION
            if not (meaning.production and text.lower() in _NO):
                return text
    return None


def who_says(fact: str, resource: Resource, estate: Estate) -> Told | None:
    """Where a fact (`tier`, `environment`) of a resource stands; None where nothing says it.

    A tier may be that of its service.
    """
    meaning = estate.meaning or Meaning()
    home = _namespaces(estate).get(resource.namespace or "")
    of_home = "" if home is None else f" of {home.address}"
    own = "tag" if resource.platform == "terraform" and resource.labels == resource.tags else "label"
    names = (own, "tag", "annotation", f"label{of_home}", f"annotation{of_home}")
    found = zip(names, _sources(resource, home), strict=False)
    sources = [(what, source) for what, source in found if isinstance(source, Map)]
    for key in meaning.keys[fact]:
        for what, source in sources:
            text = text_of(source.get(key))
            if text is not None and (fact != "tier" or meaning.tier(text) is not None):
                return Told(what, key, text, source.span_of(key))
    service = next((one for one in estate.services if one.name == resource.service), None)
    if fact == "tier" and service is not None and service.tier == resource.tier and "tier" in service.said:
        said = service.said["tier"]
        return Told("tier of the service", service.name, said.value, said.span)
    return None


def unread_tiers(resource: Resource, meaning: Meaning, strict: bool = False) -> Iterator[Told]:
    """What stands where a tier of a resource is expected and nobody can read.

    A word for a layer (`tier: frontend`) is something else, except where a service speaks of itself
    (`strict`).
    """
    for source in (resource.labels, resource.tags, resource.annotations):
        if not isinstance(source, Map) or not source:
            continue
        for key in meaning.keys["tier"]:
            text = text_of(source[key]) if key in source else None
            if text is None or meaning.tier(text) is not None:
                continue
            if strict or not _LAYER.fullmatch(text.strip()):
                yield Told("label", key, text, source.span_of(key))


def _namespaces(estate: Estate) -> dict[str, Resource]:
    return {resource.name: resource for resource in estate.by_type.get("Namespace", ())}


def _sources(resource: Resource, home: Resource | None) -> list[Map | Unknown]:
    """What may carry facts of a resource, the first that has a key winning."""
    sources = [resource.labels, resource.tags, resource.annotations]
    if home is not None and home is not resource:
        sources += [home.labels, home.annotations]
    return sources


def first(sources: Sequence[Map], keys: Sequence[str]) -> str | None:
    """The first value that is known, by the order of the keys and then of the sources."""
    for key in keys:
        for source in sources:
            text = text_of(source.get(key))
            if text is not None:
                return text
    return None


def text_of(value: Any) -> str | None:
    """The text of a label or tag; None for what is none, or not known."""
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value)
    return None
