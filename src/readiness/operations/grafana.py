"""Grafana dashboards, and the objects that hold one.

Sources: https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/,
https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/ (the envelope of the API) and
https://grafana.github.io/grafana-operator/docs/dashboards/ (`GrafanaDashboard`, `spec.json`).
"""

from __future__ import annotations

from typing import Any

from readiness.operations.detect import is_dashboard
from readiness.values import Map


def dashboard(root: Any) -> Map | None:
    """The model of a dashboard: the document itself, or what the envelope of Grafana's API holds."""
    if isinstance(root, Map):
        if is_dashboard(root):
            return root
        inner = root.get("dashboard")
        if isinstance(inner, Map) and is_dashboard(inner):
            return inner
    return None


def of_resource(body: Map) -> Map | None:
    """The model in a `Dashboard` of Grafana's own API; the second version has another schema: None."""
    spec = body.get("spec")
    return spec if isinstance(spec, Map) and is_dashboard(spec) else None
