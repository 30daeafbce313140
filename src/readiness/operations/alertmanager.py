"""Configurations of Alertmanager, and `AlertmanagerConfig` objects in the same shape.

Sources: https://prometheus.io/docs/alerting/latest/configuration/ and
https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1alpha1.AlertmanagerConfig:
the operator adds the route of an object below the root, for alerts of its namespace alone, and lets the
matching go on after it.
"""

from __future__ import annotations

import re
from typing import Any

from readiness.values import List, Map, Unknown, take_spans

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# Keys that are not the file's own in snake case.
_RENAMED = {
    "sourceMatch": "source_matchers",
    "targetMatch": "target_matchers",
    "sourceMatchers": "source_matchers",
    "targetMatchers": "target_matchers",
}
_MATCHERS = frozenset({"matchers", "sourceMatch", "targetMatch", "sourceMatchers", "targetMatchers"})


def from_object(spec: Map, namespace: str | None, whole: bool) -> Map:
    """The spec of an `AlertmanagerConfig` in the shape of the file.

    Names become snake case (`pagerdutyConfigs` → `pagerduty_configs`), matchers texts
    (`severity="critical"`), `muteTimeIntervals` of the spec `time_intervals`.  `partial` is true, and the
    route has a `match` on the namespace and `continue`, as the operator adds them; unless it is `whole`:
    the one that an Alertmanager names in `spec.alertmanagerConfiguration`.
    """
    body = _snake(spec)
    assert isinstance(body, Map)
    if "mute_time_intervals" in body:
        _rename(body, "mute_time_intervals", "time_intervals")
    if whole:
        return body
    body["partial"] = True
    route = body.get("route")
    if isinstance(route, Map):
        _within(route, namespace)
    return body


def _rename(body: Map, old: str, new: str) -> None:
    body[new] = body.pop(old)
    for spans in (body.key_spans, body.value_spans):
        if old in spans:
            spans[new] = spans.pop(old)


def _within(route: Map, namespace: str | None) -> None:
    """What the operator adds to the first route: it is for alerts of the namespace, and not the last."""
    matchers = route.get("matchers")
    if isinstance(matchers, List):
        kept = [
            (item, matchers.span_of(index))
            for index, item in enumerate(matchers)
            if not (isinstance(item, str) and re.match(r'namespace=~?"', item))
        ]
        spans = [span for _, span in kept if span is not None]
        route["matchers"] = List(
            [item for item, _ in kept], matchers.span, spans if len(spans) == len(kept) else None
        )
    route["match"] = Map(
        {"namespace": namespace or Unknown("it is the namespace that the object is applied to")}, route.span
    )
    route["continue"] = True


def _snake(value: Any) -> Any:
    if isinstance(value, List):
        return List([_snake(item) for item in value], value.span, value.item_spans)
    if not isinstance(value, Map):
        return value
    result = Map((), value.span, {}, {}, value.origin)
    for key, item in value.items():
        name = _RENAMED.get(key) or _HUMP.sub("_", key).lower()
        result[name] = _matchers(item) if key in _MATCHERS else _snake(item)
        take_spans(result, name, value, key)
    return result


def _matchers(value: Any) -> Any:
    """Matchers that are objects (`name`, `value`, `matchType`, the older `regex`) as texts."""
    if not isinstance(value, List):
        return value
    return List([_matcher(item) for item in value], value.span, value.item_spans)


def _matcher(item: Any) -> Any:
    if not isinstance(item, Map):
        return item
    name, operator, text = item.get("name"), item.get("matchType"), item.get("value", "")
    if operator is None:
        operator = "=~" if item.get("regex") is True else "="
    for part in (name, operator, text, item.get("regex")):
        if isinstance(part, Unknown):
            return part
    quoted = str("" if text is None else text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{name}{operator}"{quoted}"'
