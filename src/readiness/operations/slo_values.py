"""What the readers of objectives share: paths through mappings, numbers, queries with their places."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from readiness.values import Map, Span, Unknown, dig_known

PARTS = ("good", "bad", "total", "raw")
"""The queries that an indicator may have."""


class Query(NamedTuple):
    """A query of an indicator, where it is written, and whether it is PromQL."""

    text: Any
    span: Span | None
    promql: bool = True


class Indicator(NamedTuple):
    """What an objective measures: its kind, and its queries by part."""

    kind: Any = None
    queries: dict[str, Query] = {}  # noqa: RUF012  # never changed


def unread(why: Unknown) -> Indicator:
    """An indicator that is somewhere else, or not known."""
    return Indicator(why, dict.fromkeys(PARTS, Query(why, why.span)))


def mapping(value: Any) -> Map:
    """A mapping, or an empty one for anything else."""
    return value if isinstance(value, Map) else Map()


def query_at(value: Any, *keys: str, promql: bool = True) -> Query:
    """The query below some keys, with its place."""
    holder = dig_known(value, *keys[:-1])
    span = holder.span_of(keys[-1]) if isinstance(holder, Map) else None
    return Query(dig_known(value, *keys), span, promql)


def number(value: Any) -> float | Unknown | None:
    """A number, also where it is written as a text; None for anything else."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, str):
        return float(value) if re.fullmatch(r"[0-9]+(?:\.[0-9]*)?", value) else None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def share(value: Any) -> float | Unknown | None:
    """A percentage as a fraction, without the noise of a division: 99.9 is 0.999."""
    found = number(value)
    return round(found / 100, 12) if isinstance(found, float) else found
