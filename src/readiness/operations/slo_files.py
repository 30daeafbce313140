"""Plain files of Sloth (`version: prometheus/v1`) as the custom resource that says the same.

Source: https://github.com/slok/sloth, `internal/storage/io/sloth.go` (how it tells its files) and
`pkg/prometheus/api/v1/v1.go` (their keys, with underscores where the custom resource has capitals).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from readiness.errors import SourceError
from readiness.estate.model import Resource, scalar_text
from readiness.operations.slo import SLOTH
from readiness.sources.yaml_model import YamlFile
from readiness.values import List, Map, Span, Unknown

_VERSION = re.compile(r"^version: +['\"]?prometheus/v1['\"]? *(?:#.*)?\r?$", re.MULTILINE)
_KEYS = {
    "error_ratio_query": "errorRatioQuery",
    "error_query": "errorQuery",
    "total_query": "totalQuery",
    "page_alert": "pageAlert",
    "ticket_alert": "ticketAlert",
    "slo_plugins": "sloPlugins",
}
_FREE = frozenset({"labels", "annotations", "options", "config"})
"""Mappings whose keys are people's own."""


def is_sloth(text: str) -> bool:
    """Whether a text is worth parsing as a file of Sloth: it has the line that Sloth looks for."""
    return "prometheus/v1" in text and "slos" in text and _VERSION.search(text) is not None


def build(files: Iterable[tuple[str, YamlFile]]) -> tuple[list[Resource], list[SourceError]]:
    """A `PrometheusServiceLevel` for each document of Sloth; other documents and files are passed over."""
    found: list[Resource] = []
    errors: list[SourceError] = []
    for path, file in files:
        made = [
            _resource(document.root, path, document.span)
            for document in file.documents
            if is_document(document.root)
        ]
        found += made
        if made:
            errors += file.errors
    return found, errors


def is_document(root: Any) -> bool:
    """Whether a parsed document is one of Sloth."""
    return (
        isinstance(root, Map)
        and root.get("version") == "prometheus/v1"
        and "service" in root
        and isinstance(root.get("slos"), List)
        and "kind" not in root
    )


def _resource(root: Map, path: str, document: Span) -> Resource:
    span = root.span or document
    service = root["service"]
    if isinstance(service, Unknown) or service is None:
        name = PurePosixPath(path).stem
    else:
        name = scalar_text(service)
    labels = root.get("labels")
    spec = _converted(root)
    metadata = Map({"name": name}, span)
    if "service" in root.value_spans:
        metadata.value_spans["name"] = root.value_spans["service"]
    body = Map(
        {"apiVersion": "sloth.slok.dev/v1", "kind": SLOTH, "metadata": metadata, "spec": spec},
        span,
    )
    return Resource(
        address=f"{SLOTH}/{name}",
        type=SLOTH,
        name=name,
        platform="kubernetes",
        body=body,
        span=span,
        header=root.span_of("service") or Span(span.path, span.line, span.column, span.line, span.column + 1),
        labels=labels if isinstance(labels, (Map, Unknown)) else Map(),
    )


def _converted(value: Any) -> Any:
    """The same value with the keys of the custom resource, every span kept."""
    if isinstance(value, List):
        return List([_converted(item) for item in value], value.span, value.item_spans)
    if not isinstance(value, Map):
        return value
    return Map(
        {_KEYS.get(key, key): item if key in _FREE else _converted(item) for key, item in value.items()},
        value.span,
        {_KEYS.get(key, key): span for key, span in value.key_spans.items()},
        {_KEYS.get(key, key): span for key, span in value.value_spans.items()},
        value.origin,
    )
