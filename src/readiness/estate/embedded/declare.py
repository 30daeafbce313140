"""Terraform resources → the Kubernetes objects that they declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from readiness.errors import SourceError
from readiness.estate.embedded.convert import manifest_of
from readiness.estate.embedded.documents import Written, documents, placed, written
from readiness.estate.embedded.helm import merged_values
from readiness.estate.model import Resource, connect
from readiness.kubernetes.build import UNNAMED, build
from readiness.kubernetes.kinds import is_cluster_scoped
from readiness.sources.yaml_model import YamlDocument, YamlFile
from readiness.terraform.origins import BlockOrigin
from readiness.values import Map, Unknown

VIA = "declares"
"""What links a Terraform resource with the object that it declares, both ways."""


def declare(
    resources: Iterable[Resource], sources: Mapping[str, str]
) -> tuple[list[Resource], list[SourceError]]:
    """The Kubernetes objects of `kubernetes_…`, `kubernetes_manifest` and `kubectl_manifest` resources.

    Each is linked with the resource that declares it and stands where that stands.  A
    `helm_release` gets its `merged_values`.  `sources` are the texts of files by path.
    """
    objects: list[Resource] = []
    errors: dict[SourceError, None] = {}
    spaces = _Namespaces()
    for resource in resources:
        if resource.platform != "terraform" or resource.mode != "managed":
            continue
        if resource.type == "helm_release":
            errors.update(dict.fromkeys(merged_values(resource, sources)))
        elif resource.type.startswith(("kubernetes_", "kubectl_")):
            bodies, found = _bodies(resource, sources)
            errors.update(dict.fromkeys(found))
            for body in bodies:
                objects.extend(_objects(resource, body, errors, spaces))
    return objects, list(errors)


def expression(resource: Resource, key: str) -> Written | None:
    """Where an argument of a resource is written; None where its source is not at hand (a plan)."""
    origin = resource.body.origin
    return written(origin.expression(key), origin.scope) if isinstance(origin, BlockOrigin) else None


def _bodies(resource: Resource, sources: Mapping[str, str]) -> tuple[list[Map], list[SourceError]]:
    body = resource.body
    if resource.type == "kubernetes_manifest":
        manifest = body.get("manifest")
        if not isinstance(manifest, dict):
            return [], []
        span = body.value_spans.get("manifest") or resource.header
        return [placed(manifest, body.span or resource.span, span)], []
    if resource.type == "kubectl_manifest":
        return _from_text(resource, sources)
    made = manifest_of(resource.type, body)
    return ([] if made is None else [made]), []


def _from_text(resource: Resource, sources: Mapping[str, str]) -> tuple[list[Map], list[SourceError]]:
    """The object in `yaml_body`; the provider reads the first document and no other."""
    body = resource.body
    span = body.value_spans.get("yaml_body") or resource.header
    found, errors = documents(body.get("yaml_body"), expression(resource, "yaml_body"), span, sources)
    if isinstance(found, Unknown):
        return [], errors
    if len(found) > 1:
        place = found[1].span if isinstance(found[1], Map) and found[1].span else span
        message = (
            f"the `yaml_body` of {resource.address} holds {len(found)} documents, of which kubectl_manifest "
            "applies the first and no other"
        )
        errors = [*errors, SourceError(place.path, place.line, place.column, message)]
    roots = [root for root in found[:1] if isinstance(root, Map)]
    namespace = body.get("override_namespace")
    if namespace is not None and namespace != "":
        for root in roots:
            metadata = root.get("metadata")
            if isinstance(metadata, Map):
                metadata["namespace"] = namespace
                place = body.value_spans.get("override_namespace") or span
                metadata.key_spans["namespace"] = metadata.value_spans["namespace"] = place
    return roots, errors


def _objects(
    resource: Resource, body: Map, errors: dict[SourceError, None], spaces: _Namespaces
) -> list[Resource]:
    span = body.span or resource.span
    path = resource.span.path
    made, found = build([(path, YamlFile([YamlDocument(body, span)]))])
    errors.update(dict.fromkeys(found))
    for item in made:
        _settle(item, resource, spaces)
        connect(resource, item, VIA)
    return made


def _settle(item: Resource, resource: Resource, spaces: _Namespaces) -> None:
    """Give an object the place of its Terraform resource, and an address where its name is not known."""
    item.span, item.header, item.inside = resource.span, resource.header, resource.inside
    item.module, item.root, item.variant = resource.module, resource.root, resource.variant
    item.maybe = resource.maybe
    metadata = item.body.get("metadata")
    name: Any = metadata.get("name") if isinstance(metadata, Map) else metadata
    space: Any = metadata.get("namespace") if isinstance(metadata, Map) else metadata
    if isinstance(name, Unknown) or item.name == UNNAMED:
        item.name = resource.address
    shown = item.namespace
    if isinstance(space, Unknown) and not is_cluster_scoped(item.type):
        shown = spaces.name(space, resource.root)
        item.namespace = f"{shown} in {resource.root}"
    kind = item.body["kind"]
    item.address = f"{kind}/{shown}/{item.name}" if shown else f"{kind}/{item.name}"


class _Namespaces:
    """What namespaces are called that are not known: the same for the same value, in one root."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._taken: dict[tuple[str, str], int] = {}
        self._kept: list[Unknown] = []  # an identity belongs to one value as long as that value lives

    def name(self, unknown: Unknown, root: str) -> str:
        """`(var.namespace)`, or `(var.team)-shop` where the text ends so."""
        found = self._names.get(id(unknown))
        if found is None:
            what = ", ".join(unknown.refs) or "unknown"
            found = f"{unknown.prefix}({what}){unknown.suffix}"
            count = self._taken[found, root] = self._taken.get((found, root), 0) + 1
            if count > 1:
                found = f"{found}#{count}"
            self._names[id(unknown)] = found
            self._kept.append(unknown)
        return found
