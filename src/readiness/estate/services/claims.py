"""What resources say themselves of the service that they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct, field

from readiness.config.services import Declared
from readiness.estate.metadata import Meaning, text_of
from readiness.estate.model import Estate, Resource
from readiness.estate.secrets import mask
from readiness.estate.services.catalog import KUBERNETES_ID, Catalog, is_operated
from readiness.estate.services.declared import Entries
from readiness.estate.services.names import GENERIC, PLACEHOLDERS, is_template, key_of
from readiness.values import Map, Span

PART_OF = "app.kubernetes.io/part-of"
INSTANCE = "app.kubernetes.io/instance"
_WEAK = frozenset({"app.kubernetes.io/name", "app", "App", "k8s-app"})
"""Labels that name a workload, which may be a part of a service."""

HELPERS = frozenset({"ignore", "CustomResourceDefinition"})
_ENTITIES = "backstage.io/"


class Claim(NamedTuple):
    """That a resource belongs to a service: by its key, and what it is found by (`SOURCES`).

    `weak` says that the name is that of a workload; `other` is the claim that holds where this one names a
    system of several services.
    """

    key: str
    by: str
    weak: bool = False
    other: Claim | None = None


class Group(Struct):
    """What is known of a service while its resources are looked for; `span` is None until one is found."""

    name: str
    by: str
    span: Span | None = None


class Claims(Struct):
    """The claims of an estate by `id` of the resource, and the services that they name by key."""

    catalog: Catalog
    declared: dict[str, Declared]
    of: dict[int, Claim] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)

    def known(self, key: str) -> str | None:
        """How a service is known that a file declares; None for a key that none has."""
        if key in self.declared:
            return "declared"
        return "catalog" if key in self.catalog.components else None

    def add(self, resource: Resource, claim: Claim, name: str, span: Span | None = None) -> None:
        """Let a resource belong to a service, which is named so where nothing more trusted names it."""
        self.of[id(resource)] = claim
        if claim.key not in self.groups:
            self.groups[claim.key] = Group(name, claim.by, span or resource.header)


def is_helper(resource: Resource) -> bool:
    """Whether a resource is a block that belongs to others: it makes no service, and needs none.

    That are blocks of Terraform besides resources and data, requests to ignore, definitions of custom kinds,
    and entities of a catalog other than components that somebody operates.
    """
    if resource.mode == "block":
        return True
    return resource.type in HELPERS or (resource.type.startswith(_ENTITIES) and not is_operated(resource))


def read_claims(estate: Estate, catalog: Catalog, declared: dict[str, Declared], meaning: Meaning) -> Claims:
    """The claims of all resources that make one, by what they say or what is declared of them."""
    claims = Claims(catalog, declared)
    for key, entry in declared.items():
        claims.groups[key] = Group(entry.name, "declared", entry.span)
    for key, component in catalog.components.items():
        claims.groups.setdefault(key, Group(catalog.names[key], "catalog", component.header))
    entries = Entries(declared)
    reader = _Reader(claims, meaning)
    for resource in (*estate.resources, *estate.gone):
        if resource.type == "ignore":
            continue
        found = entries.of(resource)
        if found is not None:
            claims.of[id(resource)] = Claim(found, "declared")
        elif resource.type.startswith(_ENTITIES):
            _of_entity(resource, claims)
        elif not is_helper(resource):
            reader.read(resource)
    return claims


def _of_entity(resource: Resource, claims: Claims) -> None:
    from readiness.estate.services.catalog import name_of

    key = claims.catalog.entities.get(id(resource))
    if key is None and resource.type == "backstage.io/Component":
        own = key_of(name_of(resource))
        key = own if own in claims.catalog.components else None
    if key is not None:
        claims.of[id(resource)] = Claim(key, claims.known(key) or "catalog")


class _Reader:
    """Reads labels, annotations and tags by the keys that name services."""

    def __init__(self, claims: Claims, meaning: Meaning) -> None:
        self.claims = claims
        self.catalog = claims.catalog
        self.keys = meaning.keys["service"]
        self.wanted = frozenset((*self.keys, KUBERNETES_ID))
        self.any_known = bool(claims.declared or claims.catalog.components)

    def read(self, resource: Resource) -> None:
        """Take the claim that a resource makes, if any."""
        sources = [source for source in _sources(resource) if not self.wanted.isdisjoint(source)]
        found = list(self._found(resource, sources)) if sources else []
        claim = self._known(resource, found) if self.any_known else None
        if claim is not None:
            self.claims.of[id(resource)] = claim
            return
        for index, (key, text, source) in enumerate(found):
            claim = self._label(resource, key, text)
            if claim is None:
                continue
            if key == PART_OF:
                more = (self._label(resource, k, t) for k, t, _ in found[index + 1 :] if k != PART_OF)
                claim = claim._replace(other=next((one for one in more if one is not None), None))
            self.claims.add(
                resource, claim, text if claim.key == key_of(text) else claim.key, source.span_of(key)
            )
            return

    def _found(self, resource: Resource, sources: Sequence[Map]) -> Iterator[tuple[str, str, Map]]:
        """The keys that name a service, in their order, with the values that are known."""
        for key in (KUBERNETES_ID, *self.keys):
            for source in sources:
                text = text_of(source.get(key)) if key in source else None
                if text is None or not text.strip():
                    continue
                if not resource.secrets or mask(text, resource.secrets) == text:
                    yield key, text.strip(), source
                    break

    def _known(self, resource: Resource, found: Sequence[tuple[str, str, Map]]) -> Claim | None:
        """The claim on a service that is declared, or that the catalog has."""
        known, catalog = self.claims.known, self.catalog
        last: Claim | None = None
        for key, text, _ in found:
            own = key_of(text)
            own = catalog.by_id.get(own, own) if key == KUBERNETES_ID else catalog.full(own)
            by = known(own)
            if by is None:
                continue
            if key != PART_OF:
                return Claim(own, by)
            last = last or Claim(own, by)  # what it is part of says less than its own name
        if catalog.selectors and resource.platform == "kubernetes":
            selected = catalog.selected(resource)
            if selected is not None:
                return Claim(selected, "catalog")
        if last is None and catalog.needed and resource.platform == "terraform":
            return self._needed(resource)
        return last

    def _needed(self, resource: Resource) -> Claim | None:
        """That a component depends on a resource of its name, or of its tag `Name`."""
        tags = resource.tags if isinstance(resource.tags, Map) else Map()
        for name in (text_of(tags.get("Name")), resource.name):
            key = None if name is None else self.catalog.needed.get(key_of(name))
            if key is not None and resource.mode == "managed":
                return Claim(key, "catalog")
        return None

    def _label(self, resource: Resource, key: str, text: str) -> Claim | None:
        """The claim of one label; None where it names a system, or nothing of one's own."""
        own = key_of(text)
        if own in self.catalog.systems or own.startswith(("(", "-")) or own.endswith("-"):
            return None
        if is_template(own):
            return None
        by = "tag" if resource.platform == "terraform" else "label"
        if own in GENERIC:
            labels = resource.labels
            instance = text_of(labels.get(INSTANCE)) if isinstance(labels, Map) else None
            if key != "app.kubernetes.io/name" or instance is None or key_of(instance) in GENERIC:
                return None
            return Claim(key_of(instance), by, weak=True)
        return Claim(own, by, weak=key in _WEAK)


def common_word(resource: Resource) -> str | None:
    """The word that labels have in place of the name of a workload (`app: frontend`)."""
    for source in _sources(resource):
        for key in sorted(_WEAK.intersection(source)):
            word = key_of(text_of(source[key]) or "")
            if word in GENERIC and word not in PLACEHOLDERS:
                return word
    return None


def _sources(resource: Resource) -> list[Map]:
    """What may name the service of a resource, the first one that has a key winning."""
    template = None if resource.workload is None else resource.workload.template_labels
    sources = (resource.labels, template, resource.tags, resource.annotations)
    return [source for source in sources if isinstance(source, Map) and source]


def folder_of(resource: Resource) -> str:
    """The folder of the file in which a resource stands."""
    return resource.header.path.rpartition("/")[0]


def members(resources: Iterable[Resource], claims: Claims) -> dict[str, list[Resource]]:
    """Resources by the keys of their services."""
    found: dict[str, list[Resource]] = {key: [] for key in claims.groups}
    for resource in resources:
        claim = claims.of.get(id(resource))
        if claim is not None:
            found.setdefault(claim.key, []).append(resource)
    return found
