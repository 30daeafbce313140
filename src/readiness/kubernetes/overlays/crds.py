"""`crds`: which fields of custom kinds hold names, labels and annotations, by an OpenAPI document.

Source: `api/internal/accumulator/loadconfigfromcrds.go` of Kustomize 5.5.
"""

from __future__ import annotations

from readiness.kubernetes.overlays.fields import Configuration, Field, Reference
from readiness.kubernetes.overlays.model import text_of
from readiness.values import Map

_DEPTH = 20
_LISTS = {
    "x-kubernetes-annotation": "commonAnnotations",
    "x-kubernetes-label-selector": "commonLabels",
    "x-kubernetes-identity": "namePrefix",
}


def read_crds(document: Map) -> Configuration:
    """The fields of the kinds that a document describes."""
    lists: dict[str, list[Field]] = {name: [] for name in _LISTS.values()}
    references: dict[tuple[str, str, str], list[Field]] = {}
    for name in document:
        if {"kind", "apiVersion", "metadata"} <= _properties(document, name).keys():
            _collect(document, name, name.rpartition(".")[2], (), lists, references)
    return Configuration(
        {name: tuple(fields) for name, fields in lists.items()},
        tuple(Reference(*key, tuple(fields)) for key, fields in references.items()),
    )


def _properties(document: Map, name: str) -> Map:
    value = document.get(name)
    for key in ("Schema", "properties"):
        if isinstance(value, Map) and key == "Schema":
            value = next((value[found] for found in value if found.lower() == "schema"), None)
        elif isinstance(value, Map):
            value = value.get(key)
    return value if isinstance(value, Map) else Map()


def _collect(
    document: Map,
    name: str,
    kind: str,
    path: tuple[str, ...],
    lists: dict[str, list[Field]],
    references: dict[tuple[str, str, str], list[Field]],
) -> None:
    if len(path) > _DEPTH:
        return
    for key, value in _properties(document, name).items():
        if not isinstance(value, Map):
            continue
        here = (*path, key)
        for extension, listed in _LISTS.items():
            if isinstance(value.get(extension), str):
                lists[listed].append(Field("/".join(here), kind=kind))
        version, target = (
            text_of(value.get(f"x-kubernetes-object-ref-{end}")) for end in ("api-version", "kind")
        )
        if version and target:
            name_key = text_of(value.get("x-kubernetes-object-ref-name-key")) or "name"
            field = Field("/".join((*here, name_key)), kind=kind)
            references.setdefault(("", version, target), []).append(field)
        if isinstance(value.get("$ref"), str):
            _collect(document, value["$ref"], kind, here, lists, references)
