"""Which YAML and JSON is operations as code, by its content.

What Prometheus, Alertmanager, Grafana and the OpenTelemetry Collector read has no `kind`, and no name that
everybody uses.  `may_be_operations` looks at the raw text and costs a few searches of it; `kind_of` decides,
on the parsed document.

Sources: https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/,
https://prometheus.io/docs/alerting/latest/configuration/,
https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/,
https://opentelemetry.io/docs/collector/configuration/
"""

from __future__ import annotations

import re
from typing import Any

from readiness.values import List, Map

DASHBOARD_LIMIT = 4_000_000
"""Characters of the largest dashboard that is read; the dashboards that people edit stay below 1 MB."""

RULES, ALERTMANAGER, DASHBOARD, COLLECTOR = "rules", "alertmanager", "dashboard", "collector"
"""The kinds of operations files."""

_WORDS = ("groups", "rules", "expr", "route", "receivers", "exporters", "connectors", "service", "pipelines")
# Patterns stay texts: `re` compiles and keeps those that a run needs, which are few of them.
_TOP = {name: rf"(?m)^\ufeff?[\"']?{name}[\"']?[ \t]*:" for name in _WORDS}
_INLINE = {name: rf"[{{,]\s*[\"']?{name}[\"']?\s*:" for name in _WORDS}
_PANEL_WORDS = ('"gridPos"', '"targets"', '"datasource"', '"type"')


def may_be_operations(name: str, text: str) -> bool:
    """Whether a text is worth parsing: its words are those of an operations file.

    Never false for one that `kind_of` takes, except for dashboards above DASHBOARD_LIMIT; true for a few
    files that it then refuses.
    """
    if '"panels"' in text:
        if '"schemaVersion"' in text or ('"title"' in text and any(word in text for word in _PANEL_WORDS)):
            return len(text) <= DASHBOARD_LIMIT and text.lstrip("\ufeff \t\r\n")[:1] == "{"
    elif '"rows"' in text and '"schemaVersion"' in text:
        return len(text) <= DASHBOARD_LIMIT and text.lstrip("\ufeff \t\r\n")[:1] == "{"
    if "receivers" in text:
        if "route" in text and _has(text, "receivers", "route"):
            return True
        if "pipelines" in text and "service" in text and _has(text, "service"):
            return _has(text, "receivers") or _has(text, "connectors")
    if "groups" in text and "rules" in text and "expr" in text and ("alert" in text or "record" in text):
        return _has(text, "groups")
    return False


def _has(text: str, *names: str) -> bool:
    """True where all of these are keys, at the top level as far as that can be seen."""
    flow = text.lstrip("\ufeff \t\r\n-")[:1] == "{"
    return all(re.search((_INLINE if flow else _TOP)[name], text) is not None for name in names)


def kind_of(root: Any) -> str | None:
    """The kind of operations file that a document is: one of the constants of this module, else None."""
    if not isinstance(root, Map) or ("apiVersion" in root and "kind" in root):
        return None
    if _is_rules(root):
        return RULES
    if _is_alertmanager(root):
        return ALERTMANAGER
    if is_collector(root):
        return COLLECTOR
    if is_dashboard(root) or is_dashboard(root.get("dashboard")):
        return DASHBOARD
    return None


def _is_alertmanager(root: Map) -> bool:
    """Whether a document has routes and receivers as Alertmanager has them; others have such words too."""
    route, receivers = root.get("route"), root.get("receivers")
    if not isinstance(route, Map) or not isinstance(receivers, List):
        return False
    if isinstance(route.get("match"), List) or isinstance(route.get("drop"), List):
        return False
    keys = {key for receiver in receivers if isinstance(receiver, Map) for key in receiver if key != "name"}
    return not keys or any(key.endswith("_configs") for key in keys)


def _is_rules(root: Map) -> bool:
    groups = root.get("groups")
    if not isinstance(groups, List):
        return False
    return any(_is_rule(rule) for group in groups if isinstance(group, Map) for rule in _list(group, "rules"))


def _is_rule(rule: Any) -> bool:
    return isinstance(rule, Map) and "expr" in rule and ("alert" in rule or "record" in rule)


def _list(holder: Map, key: str) -> list[Any]:
    value = holder.get(key)
    return value if isinstance(value, list) else []


def is_collector(root: Any) -> bool:
    """Whether a document is a whole configuration of the OpenTelemetry Collector.

    One that is merged with others when the collector starts, and so leaves a section out, is none.
    """
    if not isinstance(root, Map):
        return False
    service = root.get("service")
    if not isinstance(service, Map) or not isinstance(service.get("pipelines"), Map):
        return False
    ends = [any(isinstance(root.get(key), Map) for key in (end, "connectors")) for end in _ENDS]
    return all(ends)


_ENDS = ("receivers", "exporters")


def is_dashboard(root: Any) -> bool:
    """Whether a document is the model of a Grafana dashboard (its classic schema)."""
    if not isinstance(root, Map):
        return False
    panels, rows = root.get("panels"), root.get("rows")
    if isinstance(panels, List):
        if isinstance(root.get("schemaVersion"), int):
            return True
        titled = isinstance(root.get("title"), str)
        return titled and any(isinstance(panel, Map) and "type" in panel for panel in panels)
    if isinstance(rows, List) and ("schemaVersion" in root or "title" in root):
        return any(isinstance(row, Map) and isinstance(row.get("panels"), List) for row in rows)
    return False
