"""Service level objectives: OpenSLO, Sloth and Pyrra in one view.

Sources: `slo_openslo` names that of OpenSLO; the types of Sloth (https://github.com/slok/sloth,
`pkg/kubernetes/api/sloth/v1/types.go`) and of Pyrra (https://github.com/pyrra-dev/pyrra,
`kubernetes/api/v1alpha1/servicelevelobjective_types.go`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from readiness.operations import slo_openslo
from readiness.operations.slo_openslo import Lookup
from readiness.operations.slo_values import PARTS, Indicator, mapping, query_at, share, unread
from readiness.values import List, Map, Unknown, dig_known, take_spans

OPENSLO, SLOTH, PYRRA = "openslo.com/SLO", "PrometheusServiceLevel", "pyrra.dev/ServiceLevelObjective"
TYPES = (OPENSLO, SLOTH, PYRRA)
"""The types of resources that declare objectives."""

_DAY = 86400
_PROMETHEUS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": _DAY, "w": 7 * _DAY, "y": 365 * _DAY}
_WINDOW = re.compile(r"\{\{-?\s*\.window\s*-?\}\}")


def objectives(body: Any, lookup: Lookup | None = None) -> List:
    """The objectives that an object declares; none for an object of another kind.

    Each is a mapping with

    * `name`, `service` (null where none is named), `labels`;
    * `target`, a fraction (0.999), null where it is no number;
    * `window` in seconds, null where none is written, unknown for Sloth, whose command line says it;
    * `kind`: `ratio`, `latency`, `threshold`, or null without an indicator; `good`, `bad`, `total`, `raw`:
      its queries as they are written, null where there are none; `queries`: those that are PromQL, each
      with its `text` (and a window in the place of Sloth's), its `part` and the name of the `objective`;
    * `alerting`: whether alerts on the error budget are made; `page` and `ticket`: which of the two of
      Sloth, null for others;
    * `written`: the mapping that it was read from.

    `lookup` finds the indicators and sources that OpenSLO names.
    """
    if not isinstance(body, Map):
        return List()
    version, kind, spec = body.get("apiVersion"), body.get("kind"), body.get("spec")
    if not isinstance(version, str) or not isinstance(spec, Map):
        return List()
    group = version.partition("/")[0]
    if group in ("openslo", "openslo.com") and kind == "SLO":
        found = slo_openslo.read(body, spec, lookup or (lambda _kind, _name: None))
        return List(
            _objective(*one, {"target": "target" if "target" in one[0] else "targetPercent"}) for one in found
        )
    if group == "sloth.slok.dev" and kind == SLOTH:
        keys = {"target": "objective", "page": "alerting", "ticket": "alerting"}
        return List(_objective(*one, keys) for one in _sloth(spec))
    if group == "pyrra.dev" and kind == "ServiceLevelObjective":
        return List([_objective(*_pyrra(body, spec), {})])
    return List()


def _sloth(spec: Map) -> Iterator[slo_openslo.Found]:
    listed = spec.get("slos")
    for item in listed if isinstance(listed, List) else ():
        if not isinstance(item, Map):
            continue
        alerting = item.get("alerting")
        page, ticket = _enabled(alerting, "pageAlert"), _enabled(alerting, "ticketAlert")
        values = {
            "name": item.get("name"),
            "service": spec.get("service"),
            "target": share(item.get("objective")),
            "window": Unknown("the window is an option of Sloth"),
            "page": page,
            "ticket": ticket,
            "alerting": _either(page, ticket),
            "labels": Map({**mapping(spec.get("labels")), **mapping(item.get("labels"))}),
        }
        yield item, values, _sloth_indicator(item.get("sli"))


def _enabled(alerting: Any, key: str) -> bool | Unknown:
    """Sloth makes both alerts unless they are disabled."""
    alert = dig_known(alerting, key)
    disabled = dig_known(alert, "disable")
    for value in (alerting, alert, disabled):
        if isinstance(value, Unknown):
            return value
    return disabled is not True


def _either(one: bool | Unknown, other: bool | Unknown) -> bool | Unknown:
    if one is True or other is True:
        return True
    return next((value for value in (one, other) if isinstance(value, Unknown)), False)


def _sloth_indicator(sli: Any) -> Indicator:
    if isinstance(sli, Unknown):
        return unread(sli)
    raw = query_at(sli, "raw", "errorRatioQuery")
    if raw.text is not None:
        return Indicator(_kind(raw.text), {"raw": raw})
    if dig_known(sli, "events") is not None:
        bad = query_at(sli, "events", "errorQuery")
        return Indicator(_kind(bad.text), {"bad": bad, "total": query_at(sli, "events", "totalQuery")})
    if dig_known(sli, "plugin") is not None:
        return unread(Unknown("a plugin of Sloth makes the indicator", not_null=True))
    return Indicator()


def _kind(query: Any) -> str:
    """Requests that were too slow are counted in the buckets of a histogram up to a limit."""
    return "latency" if isinstance(query, str) and "_bucket" in query and "le=" in query else "ratio"


def _pyrra(body: Map, spec: Map) -> slo_openslo.Found:
    metadata = mapping(body.get("metadata"))
    labels = mapping(metadata.get("labels"))
    alerting = spec.get("alerting")
    disabled, burning = dig_known(alerting, "disabled"), dig_known(alerting, "burnrates")
    unknown = next((v for v in (alerting, disabled, burning) if isinstance(v, Unknown)), None)
    values = {
        "name": metadata.get("name"),
        "service": next((labels[k] for k in ("pyrra.dev/service", "service") if labels.get(k)), None),
        "target": share(spec.get("target")),
        "window": _duration(spec.get("window")),
        "alerting": unknown if unknown is not None else disabled is not True and burning is not False,
        "labels": labels,
    }
    return spec, values, _pyrra_indicator(spec.get("indicator"))


def _pyrra_indicator(indicator: Any) -> Indicator:
    if isinstance(indicator, Unknown):
        return unread(indicator)
    for key, kind, parts in (
        ("ratio", "ratio", {"bad": "errors", "total": "total"}),
        ("latency", "latency", {"good": "success", "total": "total"}),
        ("latencyNative", "latency", {"total": "total"}),
    ):
        if dig_known(indicator, key) is not None:
            queries = {part: query_at(indicator, key, name, "metric") for part, name in parts.items()}
            return Indicator(kind, queries)
    gauge = query_at(indicator, "bool_gauge", "metric")
    return Indicator() if gauge.text is None else Indicator("ratio", {"raw": gauge})


_EMPTY: Mapping[str, Any] = dict.fromkeys(
    ("name", "service", "target", "window", "kind", *PARTS, "alerting", "page", "ticket")
)


def _objective(written: Map, values: Mapping[str, Any], indicator: Indicator, keys: Mapping[str, str]) -> Map:
    """One objective; `keys` says where in `written` a value stands under another name."""
    texts = {part: query.text for part, query in indicator.queries.items()}
    found = {**_EMPTY, "labels": Map(), **values, "kind": indicator.kind, **texts}
    found["queries"] = _queries(indicator, found["name"])
    result = Map({**found, "written": written}, written.span)
    for name in found:
        take_spans(result, name, written, keys.get(name, name))
    return result


def _queries(indicator: Indicator, name: Any) -> List:
    """The queries in PromQL, with their places."""
    result = []
    for part, query in indicator.queries.items():
        if query.promql and query.text is not None:
            text = _WINDOW.sub("5m", query.text) if isinstance(query.text, str) else query.text
            spans = {"text": query.span} if query.span is not None else None
            result.append(Map({"text": text, "part": part, "objective": name}, query.span, value_spans=spans))
    return List(result)


def _duration(value: Any) -> Any:
    """A duration of Prometheus (`4w`, `1d12h`) in seconds."""
    if not isinstance(value, str):
        return value if isinstance(value, Unknown) else None
    if re.fullmatch(r"(?:[0-9]+(?:ms|[smhdwy]))+", value) is None:
        return None
    parts = re.findall(r"([0-9]+)(ms|[smhdwy])", value)
    seconds = sum(int(count) * _PROMETHEUS[unit] for count, unit in parts)
    return int(seconds) if float(seconds).is_integer() else seconds
