"""Kubernetes documents to resources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from readiness.errors import SourceError
from readiness.estate.model import Resource, scalar_text
from readiness.kubernetes.detect import is_kubernetes
from readiness.kubernetes.kinds import group_of, is_cluster_scoped, type_name
from readiness.kubernetes.workloads import workload_of
from readiness.sources.yaml_model import YamlFile
from readiness.values import List, Map, Span, Unknown

UNNAMED = "(unnamed)"
"""The name of an object whose manifest gives none."""


def build(files: Iterable[tuple[str, YamlFile]]) -> tuple[list[Resource], list[SourceError]]:
    """The resources that files declare, in order, and what is wrong with them.

    The errors of the readers come first, per file.  Documents that are no Kubernetes objects are
    passed over; an object with broken parts becomes a resource of what can be made of it.  An
    address may occur several times (overlays): every resource is kept.
    """
    resources: list[Resource] = []
    errors: list[SourceError] = []
    for path, file in files:
        errors.extend(file.errors)
        for document in file.documents:
            if is_kubernetes(document.root):
                for body in _objects(document.root, path, errors):
                    resources.append(_resource(body, path, document.span, errors))
    return resources, errors


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
    kind: str = body["kind"]
    group = group_of(body["apiVersion"])
    type_ = type_name(group, kind)
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
        api_group=group,
        labels=_labels(metadata, "labels"),
        annotations=_labels(metadata, "annotations"),
        workload=workload_of(type_, body),
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
