"""Kubernetes documents to resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from readiness.errors import SourceError
from readiness.estate.model import Resource, Workload, scalar_text
from readiness.kubernetes.detect import is_kubernetes
from readiness.kubernetes.kinds import group_of, is_cluster_scoped, type_name
from readiness.kubernetes.placeholders import opened
from readiness.kubernetes.workloads import Path, workloads_of
from readiness.sources.yaml_model import YamlFile
from readiness.values import List, Map, Span, Unknown, dig

UNNAMED = "(unnamed)"
"""The name of an object whose manifest gives none."""


def build(files: Iterable[tuple[str, YamlFile]]) -> tuple[list[Resource], list[SourceError]]:
    """The resources that files declare, in order, and what is wrong with them.

    The errors of the readers come first, per file.  Documents that are no Kubernetes objects are
    passed over; an object with broken parts becomes a resource of what can be made of it.  An
    address may occur several times (overlays): every resource is kept.  An object with several pod
    templates is followed by one resource for each: `JobSet/train[workers]`.
    """
    resources: list[Resource] = []
    errors: list[SourceError] = []
    for path, file in files:
        errors.extend(file.errors)
        for document in file.documents:
            if is_kubernetes(document.root):
                for body in _objects(document.root, path, errors):
                    resource = _resource(body, path, document.span, errors)
                    resources.extend(_with_workloads(resource))
    _borrow(resources)
    return resources, errors


def with_templates(resources: list[Resource], templates: Mapping[str, Path | None]) -> list[Resource]:
    """The same resources with the pod views of the kinds whose templates are named, before they are linked.

    A kind with None has no pod template, whatever it looks like.
    """
    result: list[Resource] = []
    seen: set[int] = set()
    for resource in resources:
        if resource.platform != "kubernetes" or resource.type not in templates:
            result.append(resource)
        elif id(resource.body) not in seen:
            # The first resource of an object is the object; what follows it are its templates.
            seen.add(id(resource.body))
            result.extend(_with_workloads(resource, templates))
    return result


def _with_workloads(resource: Resource, templates: Mapping[str, Path | None] | None = None) -> list[Resource]:
    """A resource with its pod view; one resource more for each view where it has several."""
    group = group_of(resource.body["apiVersion"])
    views = workloads_of(resource.type, group, resource.body, templates)
    if len(views) < 2:
        resource.workload = views[0][1] if views else None
        return [resource]
    return [resource, *(_part(resource, label, view) for label, view in views)]


def _part(resource: Resource, label: str, view: Workload) -> Resource:
    address, name = f"{resource.address}[{label}]", f"{resource.name}[{label}]"
    links = type(resource.links)()
    return replace(resource, address=address, name=name, workload=view, links=links, references=[])


def _borrow(resources: list[Resource]) -> None:
    """Give each Rollout that names another workload the pod view of that.

    Source: https://argoproj.github.io/argo-rollouts/migrating/
    """
    rollouts = [r for r in resources if r.type == "argoproj.io/Rollout" and r.workload is None]
    if not rollouts:
        return
    named: dict[tuple[str, str | None, str], list[Resource]] = {}
    for resource in resources:
        if resource.workload is not None:
            named.setdefault((resource.type, resource.namespace, resource.name), []).append(resource)
    for rollout in rollouts:
        reference = dig(rollout.body, "spec", "workloadRef")
        kind, name, version = (dig(reference, key) for key in ("kind", "name", "apiVersion"))
        if isinstance(kind, str) and isinstance(name, str):
            group = group_of(version) if isinstance(version, str) else "apps"
            found = named.get((type_name(group, kind), rollout.namespace, name), [])
            near = [other for other in found if _folder(other) == _folder(rollout)] or found
            if len(near) == 1 and near[0].workload is not None:
                rollout.workload = replace(near[0].workload, borrowed=True)


def _folder(resource: Resource) -> str:
    return resource.span.path.rpartition("/")[0]


def _objects(body: Map, path: str, errors: list[SourceError], depth: int = 0) -> Iterator[Map]:
    """The object itself, or the items of a `List` kind (which may be lists again)."""
    kind, items = body["kind"], body.get("items")
    if not kind.endswith("List") or not isinstance(items, List):
        yield body
        return
    for index, item in enumerate(items):
        span = items.span_of(index) or items.span
        if isinstance(item, Map) and kind != "List":
            # Items of a typed list may leave out what the list says for all of them.
            item = _typed_item(item, body["apiVersion"], kind.removesuffix("List"))
        if is_kubernetes(item) and depth < 10:
            yield from _objects(item, path, errors, depth + 1)
        elif isinstance(item, Map):
            errors.append(
                _error(path, span, f"item {index + 1} of this {kind} has no valid `apiVersion` and `kind`")
            )
        elif not isinstance(item, Unknown):
            errors.append(_error(path, span, f"item {index + 1} of this {kind} is not an object"))


def _typed_item(item: Map, api_version: str, kind: str) -> Map:
    inherited = {"apiVersion": api_version, "kind": kind}
    absent = {key: value for key, value in inherited.items() if key not in item}
    if not absent:
        return item
    return Map({**absent, **item}, item.span, item.key_spans, item.value_spans, item.origin)


def _resource(body: Map, path: str, document: Span, errors: list[SourceError]) -> Resource:
    body = opened(body)
    kind: str = body["kind"]
    type_ = type_name(group_of(body["apiVersion"]), kind)
    span = body.span or document
    metadata = body.get("metadata")
    if not isinstance(metadata, Map):
        if metadata is not None and not isinstance(metadata, Unknown):
            errors.append(
                _error(path, body.span_of("metadata"), f"the `metadata` of this {kind} is not a mapping")
            )
        metadata = Map()
    name = _name(metadata)
    namespace = None if is_cluster_scoped(type_) else _text(metadata.get("namespace"))
    return Resource(
        address=f"{kind}/{namespace}/{name}" if namespace else f"{kind}/{name}",
        type=type_,
        name=name,
        platform="kubernetes",
        body=body,
        span=span,
        header=_header(body, metadata, span),
        namespace=namespace,
        labels=_labels(metadata, "labels"),
        annotations=_labels(metadata, "annotations"),
    )


def _name(metadata: Map) -> str:
    name = _text(metadata.get("name"))
    if name:
        return name
    prefix = _text(metadata.get("generateName"))
    # The cluster appends random letters.
    return f"{prefix}*" if prefix else UNNAMED


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, (Map, List)):
        return None
    return "(unknown)" if isinstance(value, Unknown) else scalar_text(value)


def _labels(metadata: Map, key: str) -> Map | Unknown:
    value = metadata.get(key)
    return value if isinstance(value, (Map, Unknown)) else Map()


def _header(body: Map, metadata: Map, span: Span) -> Span:
    for holder, key in ((metadata, "name"), (metadata, "generateName"), (body, "kind")):
        found = holder.span_of(key)
        if found is not None:
            return found
    return Span(span.path, span.line, span.column, span.line, span.column + 1)


def _error(path: str, span: Span | None, message: str) -> SourceError:
    if span is None:
        return SourceError(path, 1, 1, message)
    return SourceError(path, span.line, span.column, message)
