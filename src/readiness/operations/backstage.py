"""Links between the entities of a Backstage catalogue.

Sources: https://backstage.io/docs/features/software-catalog/references (the form
`[kind:][namespace/]name` or a mapping of these, case-insensitive; without a namespace that of the entity
itself, or `default`) and
https://backstage.io/docs/features/software-catalog/descriptor-format (which field refers to which kind).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any

from readiness.estate.model import Resource, connect
from readiness.values import List, Map

_GROUP = "backstage.io/"
_FIELDS = {
    "owner": "group",
    "system": "system",
    "domain": "domain",
    "subdomainOf": "domain",
    "subcomponentOf": "component",
    "providesApis": "api",
    "consumesApis": "api",
    "dependsOn": "",  # the reference says the kind
    "dependencyOf": "",
    "parent": "group",
    "children": "group",
    "members": "user",
    "memberOf": "group",
}
"""Fields of a `spec` that refer to entities, and the kind of a reference that names none."""

_Key = tuple[str, str, str]


def links(resources: Iterable[Resource]) -> None:
    """Add links, both ways, between the entities that name each other; a `Location` links to its files'.

    Entities with one name and several files (copies) are all linked.
    """
    entities = [r for r in resources if r.type.startswith(_GROUP) and r.platform == "kubernetes"]
    named: dict[_Key, list[Resource]] = {}
    by_path: dict[str, list[Resource]] = {}
    for entity in entities:
        named.setdefault(_key_of(entity), []).append(entity)
        by_path.setdefault(entity.span.path, []).append(entity)
    for entity in entities:
        spec = entity.body.get("spec")
        if isinstance(spec, Map):
            for via, keys in _references(spec, _namespace(entity)):
                _link(entity, next((named[key] for key in keys if key in named), ()), via)
            if entity.type == f"{_GROUP}Location":
                for path in _targets(entity, spec):
                    _link(entity, by_path.get(path, ()), "spec.targets")


def _link(entity: Resource, found: Iterable[Resource], via: str) -> None:
    for other in found:
        if other is not entity:
            connect(entity, other, via)


def _namespace(entity: Resource) -> str:
    return (entity.namespace or "default").lower()


def _key_of(entity: Resource) -> _Key:
    return entity.type.removeprefix(_GROUP).lower(), _namespace(entity), entity.name.lower()


def _references(spec: Map, namespace: str) -> Iterator[tuple[str, list[_Key]]]:
    for field, default in _FIELDS.items():
        written = spec.get(field)
        for reference in written if isinstance(written, List) else [written]:
            key = _parsed(reference, default)
            if key is not None:
                kind, space, name = key
                spaces = [space] if space else list(dict.fromkeys([namespace, "default"]))
                yield f"spec.{field}", [(kind, each, name) for each in spaces]


def _parsed(reference: Any, default: str) -> _Key | None:
    """The kind, namespace (empty where none is given) and name of a reference, in lower case."""
    if isinstance(reference, Map):
        parts = [reference.get(key) or "" for key in ("kind", "namespace", "name")]
        if not all(isinstance(part, str) for part in parts):
            return None
        kind, space, name = (part.lower() for part in parts)
    elif isinstance(reference, str):
        kind, _, rest = reference.strip().lower().rpartition(":")
        space, _, name = rest.rpartition("/")
    else:
        return None
    return (kind or default, space, name) if name and (kind or default) else None


def _targets(location: Resource, spec: Map) -> Iterator[str]:
    """The files beside a `Location` that it names; addresses in the web are left out."""
    single, several = spec.get("target"), spec.get("targets")
    folder = posixpath.dirname(location.span.path)
    for target in [single, *(several if isinstance(several, List) else ())]:
        if isinstance(target, str) and "://" not in target and "*" not in target:
            yield posixpath.normpath(posixpath.join(folder, target))
