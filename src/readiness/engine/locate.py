"""Where a finding points to, and where the values it is about came from."""

from __future__ import annotations

from typing import Any

from readiness.engine.model import Origin
from readiness.estate.model import Resource
from readiness.estate.provenance import explain
from readiness.values import List, Map, Span, span_at

_TOLD = 3
"""Blamed values whose origins are told; more would bury the finding."""


def locate(resource: Resource, blames: list[Any]) -> tuple[Span, tuple[Origin, ...]]:
    """The region that a finding points to, and the origins of the values blamed.

    That is the first value that was looked at.  One that comes from elsewhere (the default of a
    variable) is pointed at where the resource uses it; where only the whole block is left, its
    header is.  What a chart or overlay puts together is pointed at where its part is written.  Of a
    resource in an installed module it is the argument of the call that the value comes from, else the
    call; the place inside the module is an origin.
    """
    block = resource.span if resource.inside is None else resource.body.span
    chosen: Span | None = None
    origins: list[Origin] = []
    for index, blame in enumerate(blames):
        container, key, span = blame.container, blame.key, blame.span
        if span is not None and block is not None and not resource.scattered and not _holds(block, span):
            used = _use_of(resource.body, container)
            if used is not None:
                container, key = used
                span = span_at(container, key)
        if index < _TOLD:
            origins += [Origin(what, where) for what, where in explain(container, key)]
        if chosen is None and span is not None and span not in (resource.span, resource.body.span):
            chosen = span
    if resource.inside is not None:
        return _at_call(resource, chosen or resource.inside, origins)
    return chosen or resource.header, tuple(dict.fromkeys(origins))


def _at_call(resource: Resource, inner: Span, origins: list[Origin]) -> tuple[Span, tuple[Origin, ...]]:
    """The same for a resource of an installed module: people can edit its call, not its code."""
    editable = next((o.span for o in origins if _holds(resource.span, o.span)), resource.header)
    inside = Origin(f"{resource.module}, where it is used", inner)
    return editable, tuple(dict.fromkeys(o for o in (inside, *origins) if o.span != editable))


def _holds(outer: Span, inner: Span) -> bool:
    return outer.path == inner.path and outer.line <= inner.line <= outer.end_line


def _use_of(body: Any, value: Any) -> tuple[Any, Any] | None:
    """The container and key at which a body holds a mapping or sequence that was written elsewhere."""
    left = [body]
    while left:
        container = left.pop()
        pairs = container.items() if isinstance(container, Map) else enumerate(container)
        for key, item in pairs:
            if item is value:
                return container, key
            if isinstance(item, (Map, List)):
                left.append(item)
    return None
