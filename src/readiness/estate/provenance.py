"""Where a value came from when it is not written where it is used."""

from __future__ import annotations

from typing import Any

from readiness.terraform.provenance import explain as explain_terraform
from readiness.values import Map, Span


def explain(container: Any, key: Any) -> list[tuple[str, Span]]:
    """The places that decided `container[key]`: (what, where), nearest first; [] if written there."""
    origin = container.origin if isinstance(container, Map) else None
    told = getattr(origin, "explain", None)  # a handle of charts and overlays explains itself
    if told is not None:
        found: list[tuple[str, Span]] = told(key)
        return found
    return explain_terraform(container, key)
