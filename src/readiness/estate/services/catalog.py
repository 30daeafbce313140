"""Components of Backstage as services, and what joins resources with them.

Sources: https://backstage.io/docs/features/software-catalog/descriptor-format (entities),
https://backstage.io/docs/features/software-catalog/references (`[kind:][namespace/]name`),
https://backstage.io/docs/features/kubernetes/configuration#surfacing-your-kubernetes-components-as-part-of-an-entity
(`backstage.io/kubernetes-id`, `kubernetes-label-selector` and `kubernetes-namespace`) and
https://backstage.io/docs/features/software-catalog/well-known-annotations .
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct, field

from readiness.errors import SourceError
from readiness.estate.metadata import text_of
from readiness.estate.model import Estate, Resource
from readiness.estate.services.names import is_template, key_of
from readiness.values import List, Map, Unknown, dig

KUBERNETES_ID = "backstage.io/kubernetes-id"
_SELECTOR = "backstage.io/kubernetes-label-selector"
_NAMESPACE = "backstage.io/kubernetes-namespace"
_GROUP = "backstage.io/"
_COMPONENT = f"{_GROUP}Component"
_NOT_OPERATED = frozenset({"library", "documentation"})
"""Values of `spec.type` of components that nobody operates."""

_HIDDEN = frozenset({".backstage", ".github", "backstage", "catalog", ".catalog"})
"""Folders for catalog files of what lies around them."""


class Catalog(Struct):
    """The components of an estate by the keys of their services, and what belongs to them.

    `by_id` are keys by `backstage.io/kubernetes-id`, `spaced` those of components in a namespace of the
    catalog by their names alone ("" where several have one), `selectors` labels that select objects (in a
    namespace, where one is named) with the key, `systems` keys of systems and domains, `needed` names of
    resources that one component depends on, `entities` by `id` other entities of one component.  `folders`
    are those with components and the key of the only one there and below, "" where there are several.
    """

    components: dict[str, Resource] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # by key, as written
    by_id: dict[str, str] = field(default_factory=dict)
    spaced: dict[str, str] = field(default_factory=dict)
    selectors: list[tuple[dict[str, str], str | None, str]] = field(default_factory=list)
    systems: dict[str, str] = field(default_factory=dict)
    system_of: dict[str, str] = field(default_factory=dict)  # the key of the system by that of the component
    needed: dict[str, str] = field(default_factory=dict)
    entities: dict[int, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    problems: list[SourceError] = field(default_factory=list)

    def full(self, key: str) -> str:
        """The key of the service that a name means, which may leave out the namespace of the catalog."""
        return key if key in self.components else self.spaced.get(key) or key

    def selected(self, resource: Resource) -> str | None:
        """The component that selects an object by its labels, or by those of its pods."""
        template = None if resource.workload is None else resource.workload.template_labels
        for terms, namespace, key in self.selectors:
            if namespace is not None and resource.namespace not in (None, namespace):
                continue
            for labels in (resource.labels, template):
                if isinstance(labels, Map) and all(labels.get(k) == v for k, v in terms.items()):
                    return key
        return None

    def folder_of(self, path: str) -> str | None:
        """The only component of the nearest folder above a path that has any."""
        if not self.folders:
            return None
        folder = posixpath.dirname(path)
        while True:
            found = self.folders.get(folder)
            if found is not None:
                return found or None
            if not folder or folder in ("/", ".."):
                return None
            folder = posixpath.dirname(folder)


def read_catalog(estate: Estate) -> Catalog:
    """The catalog of an estate.

    Problems are told of two components of one name in different files, and of what has not the shape that the
    descriptor format gives it; a component without a name is none, and the skeleton of one is left out.
    """
    catalog = Catalog()
    entries = estate.by_type.get(_COMPONENT, ())
    components = [one for one in entries if is_operated(one)]
    for component in components:
        catalog.problems += _misshapen(component)
    components = [one for one in components if isinstance(dig(one.body, "metadata", "name"), str)]
    for component in components:
        _add(component, catalog)
    for skeleton in (one for one in entries if is_template(one.name)):
        _system(skeleton, catalog)
    for type_ in ("System", "Domain"):
        for entity in estate.by_type.get(f"{_GROUP}{type_}", ()):
            catalog.systems.setdefault(key_of(entity.name), entity.name)
    if components:
        _folders(components, catalog)
        _entities(estate, catalog)
    return catalog


def is_operated(resource: Resource) -> bool:
    """Whether a resource is a component that somebody operates.

    A library is not, nor documentation, nor the skeleton of an entry whose name a template fills in.
    """
    if resource.type != _COMPONENT or is_template(resource.name):
        return False
    return str(dig(resource.body, "spec", "type") or "").lower() not in _NOT_OPERATED


def name_of(component: Resource) -> str:
    """The name of the service of a component: with its namespace of the catalog, but for the default one."""
    space = component.namespace
    return component.name if space in (None, "default") else f"{space}/{component.name}"


def short(reference: str) -> str:
    """A reference to an entity as people write it: `team-a` for `group:default/team-a`."""
    rest = reference.strip().rpartition(":")[2]
    return rest.removeprefix("default/")


def _add(component: Resource, catalog: Catalog) -> None:
    key = key_of(name_of(component))
    known = catalog.components.get(key)
    if known is not None:
        if not component.variant and known.header != component.header:
            catalog.problems.append(_twice(component, known))
        return
    catalog.components[key] = component
    catalog.names[key] = name_of(component)
    notes = component.annotations if isinstance(component.annotations, Map) else Map()
    id_ = text_of(notes.get(KUBERNETES_ID))
    catalog.by_id.setdefault(key_of(id_ or component.name), key)
    bare = key_of(component.name)
    if bare != key:
        catalog.spaced[bare] = "" if bare in catalog.spaced else key
    terms = _terms(text_of(notes.get(_SELECTOR)) or "")
    if terms:
        catalog.selectors.append((terms, text_of(notes.get(_NAMESPACE)), key))
    system = _system(component, catalog)
    if system is not None:
        catalog.system_of[key] = system


def _system(component: Resource, catalog: Catalog) -> str | None:
    """Note the system that a component, or the skeleton of one, is part of; its key."""
    system = dig(component.body, "spec", "system")
    if not isinstance(system, str) or not system or is_template(system):
        return None
    name = short(system)
    catalog.systems.setdefault(key_of(name), name)
    return key_of(name)


_TEXTS = ("type", "lifecycle", "owner", "system")
_LISTS = ("dependsOn", "providesApis", "consumesApis")


def _misshapen(component: Resource) -> Iterator[SourceError]:
    """What of a component is not as the descriptor format has it; what is absent or unknown is left out."""
    body, where = component.body, component.header
    about = f"in the catalog entry {component.name!r}"
    name = dig(body, "metadata", "name")
    if not isinstance(name, (str, Unknown)):
        message = "a component of the catalog has no name (`metadata.name`), so it is no service"
        yield SourceError(where.path, where.line, where.column, message)
        return
    spec = body.get("spec")
    if not isinstance(spec, (Map, Unknown)):
        place = body.span_of("spec") or where
        message = f"{about} `spec` is no mapping, so nothing is known of the service"
        yield SourceError(place.path, place.line, place.column, message)
    if not isinstance(spec, Map):
        return
    shapes = [*((key, str, "text") for key in _TEXTS), *((key, List, "list") for key in _LISTS)]
    for key, kind, noun in shapes:
        value = spec.get(key)
        if value is not None and not isinstance(value, (kind, Unknown)):
            place = spec.span_of(key) or where
            message = f"{about} `spec.{key}` is no {noun}, so it does not count"
            yield SourceError(place.path, place.line, place.column, message)


def _twice(component: Resource, known: Resource) -> SourceError:
    place, first = component.header, known.header
    message = (
        f"two components of the catalog have the name {name_of(component)!r}; the other one stands at"
        f" {first.path}:{first.line}, and what belongs to either counts for one service"
    )
    return SourceError(place.path, place.line, place.column, message)


def _terms(selector: str) -> dict[str, str]:
    """The labels of a selector of equalities; empty for one of another form, which is not followed."""
    terms = {}
    for part in filter(None, (part.strip() for part in selector.split(","))):
        name, _, value = part.replace("==", "=").partition("=")
        if not value.strip() or name.rstrip().endswith("!"):
            return {}
        terms[name.strip()] = value.strip()
    return terms


def _folders(components: Iterable[Resource], catalog: Catalog) -> None:
    held: dict[str, set[str]] = {}
    for component in components:
        folder = posixpath.dirname(component.header.path)
        if posixpath.basename(folder) in _HIDDEN:
            folder = posixpath.dirname(folder)
        held.setdefault(folder, set()).add(key_of(name_of(component)))
    below: dict[str, set[str]] = {folder: set(keys) for folder, keys in held.items()}
    for folder, keys in held.items():
        above = folder
        while above and above not in ("/", ".."):
            above = posixpath.dirname(above)
            if above in below:
                below[above] |= keys
    catalog.folders = {folder: min(keys) if len(keys) == 1 else "" for folder, keys in below.items()}


def _entities(estate: Estate, catalog: Catalog) -> None:
    """Entities (interfaces, resources) that one component alone provides or depends on."""
    users: dict[int, set[str]] = {}
    named: dict[str, set[str]] = {}
    for key, component in catalog.components.items():
        spec = component.body.get("spec")
        for name in _needed(spec):
            named.setdefault(name, set()).add(key)
        for link in component.links:
            other = link.target
            if other is not None and link.via in ("spec.providesApis", "spec.dependsOn"):
                users.setdefault(id(other), set()).add(key)
    components = {id(component) for component in catalog.components.values()}
    for type_ in ("API", "Resource"):
        for entity in estate.by_type.get(f"{_GROUP}{type_}", ()):
            found = users.get(id(entity), set())
            if len(found) == 1 and id(entity) not in components:
                catalog.entities[id(entity)] = next(iter(found))
    catalog.needed = {name: next(iter(keys)) for name, keys in named.items() if len(keys) == 1}


def _needed(spec: Any) -> Iterator[str]:
    """Names of the resources that a component depends on."""
    written = spec.get("dependsOn") if isinstance(spec, Map) else None
    for reference in written if isinstance(written, List) else ():
        if isinstance(reference, str) and reference.strip().lower().startswith("resource:"):
            yield key_of(reference.rpartition("/")[2].rpartition(":")[2])
