"""Objectives of OpenSLO: `openslo/v1`, and `openslo/v1alpha` as it was before.

Source: https://github.com/OpenSLO/OpenSLO (the specification); the older form is that of
https://github.com/slok/sloth, `examples/openslo-getting-started.yml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from readiness.operations.slo_values import PARTS, Indicator, Query, mapping, number, query_at, share, unread
from readiness.values import List, Map, Unknown, dig_known

Lookup = Callable[[str, str], Map | None]
"""Finds the body of another object by its kind and name; None where there is not just one."""

Found = tuple[Map, dict[str, Any], Indicator]
"""An objective: where it is written, its values, what it measures."""

_DAY = 86400
_UNITS = {"m": 60, "h": 3600, "d": _DAY, "w": 7 * _DAY, "M": 30 * _DAY, "Q": 90 * _DAY, "Y": 365 * _DAY}
_WORDS = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": _DAY,
    "week": 7 * _DAY,
    "month": 30 * _DAY,
    "quarter": 90 * _DAY,
    "year": 365 * _DAY,
}


def read(body: Map, spec: Map, lookup: Lookup) -> Iterator[Found]:
    """The objectives of an object of kind SLO."""
    policies = spec.get("alertPolicies")
    alerting = policies if isinstance(policies, Unknown) else isinstance(policies, List) and len(policies) > 0
    metadata = mapping(body.get("metadata"))
    listed = spec.get("objectives")
    for item in listed if isinstance(listed, List) else ():
        if not isinstance(item, Map):
            continue
        values = {
            "name": item.get("displayName") or metadata.get("name"),
            "service": spec.get("service"),
            "target": _target(item),
            "window": _window(spec),
            "alerting": alerting,
            "labels": mapping(metadata.get("labels")),
        }
        yield item, values, _indicator(spec, item, lookup)


def _target(item: Map) -> Any:
    if item.get("target") is not None:
        return number(item.get("target"))
    return share(item.get("targetPercent"))


def _window(spec: Map) -> Any:
    for key in ("timeWindow", "timeWindows"):
        written = spec.get(key)
        if isinstance(written, Unknown):
            return written
        if isinstance(written, List) and written:
            first = written[0]
            if not isinstance(first, Map):
                return first if isinstance(first, Unknown) else None
            return _shorthand(first.get("duration")) if "duration" in first else _counted(first)
    return None


def _shorthand(value: Any) -> Any:
    if isinstance(value, Unknown):
        return value
    match = re.fullmatch(r"([0-9]+)([mhdwMQY])", value) if isinstance(value, str) else None
    return None if match is None else int(match[1]) * _UNITS[match[2]]


def _counted(window: Map) -> Any:
    """The window of `v1alpha`: `count: 30`, `unit: Day`."""
    count, unit = window.get("count"), window.get("unit")
    for value in (count, unit):
        if isinstance(value, Unknown):
            return value
    if not isinstance(count, int) or isinstance(count, bool) or not isinstance(unit, str):
        return None
    seconds = _WORDS.get(unit.lower().removesuffix("s"))
    return None if seconds is None else count * seconds


def _indicator(spec: Map, item: Map, lookup: Lookup) -> Indicator:
    old = item.get("ratioMetrics")
    if old is not None:
        return _ratio(old, _old_query)
    for holder in (item, spec):
        reference = holder.get("indicatorRef")
        if isinstance(reference, Unknown):
            return unread(reference)
        if isinstance(reference, str):
            found = lookup("SLI", reference)
            if found is None:
                return unread(Unknown(f"the SLI {reference} is not in these files"))
            return _metrics(mapping(found.get("spec")), lookup)
        written = holder.get("indicator")
        if isinstance(written, Unknown):
            return unread(written)
        if isinstance(written, Map):
            return _metrics(mapping(written.get("spec")) if "spec" in written else written, lookup)
    return Indicator()


def _metrics(metrics: Map, lookup: Lookup) -> Indicator:
    def query(metric: Any) -> Query:
        return _query(metric, lookup)

    ratio = metrics.get("ratioMetric")
    if ratio is not None:
        return _ratio(ratio, query)
    threshold = metrics.get("thresholdMetric")
    return Indicator() if threshold is None else Indicator("threshold", {"raw": query(threshold)})


def _ratio(ratio: Any, query: Callable[[Any], Query]) -> Indicator:
    if isinstance(ratio, Unknown):
        return unread(ratio)
    written = mapping(ratio)
    return Indicator("ratio", {part: query(written[part]) for part in PARTS if written.get(part) is not None})


def _old_query(metric: Any) -> Query:
    language = dig_known(metric, "queryType")
    return query_at(metric, "query", promql=isinstance(language, str) and language.lower() == "promql")


def _query(metric: Any, lookup: Lookup) -> Query:
    """The query of a metric source; what its `spec` holds is up to the source."""
    if isinstance(metric, Unknown):
        return Query(metric, metric.span)
    source = dig_known(metric, "metricSource")
    if source is None:
        return _old_query(metric)
    found = query_at(source, "spec", "query", promql=_is_prometheus(source, lookup))
    if found.text is None and dig_known(source, "spec"):
        own = Unknown("the query is written in the form of its source", not_null=True)
        return Query(own, found.span, False)
    return found


def _is_prometheus(source: Any, lookup: Lookup) -> bool:
    kind = dig_known(source, "type")
    reference = dig_known(source, "metricSourceRef")
    if kind is None and isinstance(reference, str):
        kind = dig_known(lookup("DataSource", reference), "spec", "type")
    return isinstance(kind, str) and kind.lower() == "prometheus"
