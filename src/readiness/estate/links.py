"""Links between Terraform resources, both ways: references, and names written as text.

A name links only where both sides are known texts of the same root and environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from readiness.estate import naming
from readiness.estate.backups import selected
from readiness.estate.model import Estate, Resource, connect
from readiness.values import Unknown

Names = dict[tuple[tuple[str, str], str, str], list[Resource]]
"""Resources by home, type (that of the resource, for a data source that reads it too) and name."""

_ONE_PLACE = ("region", "project")
"""Arguments that tell two resources of the same name apart, where both sides have them."""

_EXCLUDED = {"aws_backup_selection": "not_resources"}
"""Arguments that say what a resource has nothing to do with."""

_PROSE = frozenset({"tags", "tags_all", "labels", "annotations", "description", "comment", "lifecycle"})
"""Arguments that may mention a name without meaning the resource."""


def link_terraform(estate: Estate) -> None:
    """Add a link to both ends of every reference, and of every name of a resource written as text."""
    resources = [resource for resource in estate.resources if resource.platform == "terraform"]
    for resource in resources:
        for other, via in _targets(estate, resource):
            connect(resource, other, via)
    names = _names(resources)
    rows: dict[str, list[naming.Naming]] = {}
    for resource in resources if names else ():
        if resource.mode == "block":
            continue
        found = rows.get(resource.type)
        if found is None:
            found = rows[resource.type] = naming.namings(resource.type)
        _add(resource, (*_by_rows(resource, found, names), *_by_texts(resource, names)))
    for selection, chosen in selected(resources):
        _add(selection, chosen)


def _targets(estate: Estate, resource: Resource) -> Iterable[tuple[Resource, str]]:
    for reference in resource.references:
        if reference.via == _EXCLUDED.get(resource.type):
            continue
        other = estate.by_address.get((resource.home, reference.address))
        if other is not None and other is not resource:
            yield other, reference.via


def _add(resource: Resource, found: Iterable[tuple[Resource, str]]) -> None:
    """Link with what was found, except where the same argument made a link already."""
    linked: dict[int, list[str]] | None = None
    for other, via in found:
        if linked is None:
            linked = {}
            for link in resource.links:
                linked.setdefault(id(link.target), []).append(link.via)
        paths = linked.setdefault(id(other), [])
        if not any(_same_place(via, path) for path in paths):
            paths.append(via)
            connect(resource, other, via)


def _same_place(via: str, path: str) -> bool:
    """True where one path is the other or leads to it: a reference ends at the argument."""
    return via == path or via.startswith(f"{path}.") or path.startswith(f"{via}.")


def _names(resources: Iterable[Resource]) -> Names:
    names: Names = {}
    for resource in resources:
        attribute = naming.identity(resource.type)
        name = resource.body.get(attribute) if attribute is not None else None
        if isinstance(name, str):
            key = (resource.home, resource.type.removeprefix("data."), name)
            names.setdefault(key, []).append(resource)
    return names


def _named(resource: Resource, types: Iterable[str], name: str, names: Names) -> list[Resource]:
    """The resources of that name that `resource` can mean; those of its own module before others."""
    found = [
        other
        for type_ in types
        for other in names.get((resource.home, type_, name), ())
        if other is not resource and not _apart(resource, other)
    ]
    if len(found) < 2:
        return found
    nearest = [other for other in found if other.module == resource.module]
    return nearest or found


def _apart(resource: Resource, other: Resource) -> bool:
    """True where both sides say where they are, and it is not the same place."""
    for argument in _ONE_PLACE:
        here, there = resource.body.get(argument), other.body.get(argument)
        if isinstance(here, str) and isinstance(there, str) and here != there:
            return True
    return False


def _by_rows(
    resource: Resource, rows: Iterable[naming.Naming], names: Names
) -> Iterator[tuple[Resource, str]]:
    """What the arguments of the table name."""
    for row in rows:
        for text in _values(resource.body, row.path, 0):
            found = re.findall(row.pattern, text) if row.pattern else [text]
            for name in found:
                for other in _named(resource, row.to, name, names):
                    yield other, row.via


def _values(value: Any, path: tuple[str, ...], depth: int) -> Iterator[str]:
    """The known texts at a path, through lists and the blocks of a name."""
    if isinstance(value, list):
        for item in value:
            yield from _values(item, path, depth)
    elif depth == len(path):
        if isinstance(value, str):
            yield value
    elif isinstance(value, dict):
        yield from _values(value.get(path[depth]), path, depth + 1)


def _by_texts(resource: Resource, names: Names) -> Iterator[tuple[Resource, str]]:
    """What ARNs, URIs, ids and the like name, wherever they stand."""
    # The document of a policy repeats what its statements say.
    document = "json" if resource.type == "data.aws_iam_policy_document" else None
    for key, value in resource.body.items():
        if key in _PROSE or key in (document, _EXCLUDED.get(resource.type)):
            continue
        for via, text in _texts(value, key):
            for choices in mentions(text):
                # What an ARN names can be told only by what there is: the first that exists.
                hits = (_named(resource, to, name, names) for to, name in choices)
                for other in next(filter(None, hits), ()):
                    yield other, via


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """The known texts in a value with their paths, also in JSON that is known in parts."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _PROSE:
                yield from _texts(item, f"{path}.{key}")
    elif isinstance(value, Unknown) and value.document is not None:
        for _, text in _texts(value.document, path):
            yield path, text


def mentions(text: str) -> Iterator[list[tuple[tuple[str, ...], str]]]:
    """What a text mentions: for each, the types and names that it may mean, the likeliest first."""
    if "arn:aws" in text:
        for service, rest in naming.ARN.findall(text):
            choices = naming.arn_names(service, rest)
            if choices:
                yield choices
    for kind in naming.TEXTS:
        if kind.mark in text:
            for name in re.findall(kind.pattern, text):
                yield [(kind.to, name)]
