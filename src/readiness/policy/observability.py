"""The host functions on PromQL, alerts and objectives, bound to one estate."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from readiness.estate.alerts import Alerts
from readiness.estate.model import Estate, Resource
from readiness.operations.dashboards import Dashboard, dashboard
from readiness.operations.promql import analyse, as_map, with_windows
from readiness.operations.slo import objectives
from readiness.policy.texts import json_document
from readiness.values import List, Map, Unknown

_DOCUMENTS = {"dashboard_body": "cloudwatch", "dashboard_json": "google", "dashboard": "datadog"}
"""Arguments of Terraform that hold a dashboard as JSON."""


class Observability(Struct, eq=False):
    """What an estate says of its alerts; worked out when a condition first asks."""

    estate: Estate
    _alerts: Alerts | None = None
    _windows: dict[str, float] | None = None
    _expressions: dict[str, Map] = field(default_factory=dict)
    # With the body, so that its id stays its own.
    _dashboards: dict[int, tuple[dict[str, Any], Dashboard]] = field(default_factory=dict)
    _indicators: dict[tuple[str, str], list[Map]] | None = None

    @property
    def alerts(self) -> Alerts:
        """The alerts of the estate by what they watch."""
        if self._alerts is None:
            self._alerts = Alerts(self.estate)
        return self._alerts

    def promql(self, text: Any) -> Map | Unknown | None:
        """An expression taken apart (`readiness.operations.promql.as_map`).

        Recorded rates have the windows of the recording rules of the estate.  What is neither a text nor
        a number is null.
        """
        if isinstance(text, Unknown):
            return Unknown(text.reason, text.refs, text.span)
        if isinstance(text, bool) or not isinstance(text, (str, int, float)):
            return None
        key = str(text)
        if key not in self._expressions:
            if self._windows is None:
                self._windows = self.alerts.recordings.windows()
            self._expressions[key] = as_map(with_windows(analyse(key), self._windows))
        return self._expressions[key]

    def watching(self, resource: Resource | None) -> List:
        """The alerts on a resource, and those on all of its kind or namespace."""
        return List() if resource is None else self.alerts.of(resource)

    def objectives(self, body: Any) -> List | Unknown:
        """The objectives that the body of a resource declares (`readiness.operations.slo.objectives`)."""
        if isinstance(body, Unknown):
            return Unknown(body.reason, body.refs, body.span)
        return objectives(body, self._indicator)

    def dashboard(self, body: Any) -> Dashboard:
        """What the body of a dashboard shows (`readiness.operations.dashboards`); null for what is none."""
        if isinstance(body, Unknown):
            return Unknown(body.reason, body.refs, body.span)
        if not isinstance(body, dict):
            return None
        key = id(body)
        if key not in self._dashboards:
            self._dashboards[key] = (body, _dashboard(body))
        return self._dashboards[key][1]

    def _indicator(self, kind: str, name: str) -> Map | None:
        """The OpenSLO object of a kind and a name, where there is just one."""
        if self._indicators is None:
            self._indicators = {}
            for type_ in ("SLI", "openslo.com/SLI", "DataSource", "openslo.com/DataSource"):
                for resource in self.estate.by_type.get(type_, ()):
                    key = (type_.rpartition("/")[2], resource.name)
                    self._indicators.setdefault(key, []).append(resource.body)
        found = self._indicators.get((kind, name), [])
        return found[0] if len(found) == 1 else None


def _dashboard(body: dict[str, Any]) -> Dashboard:
    for argument, kind in _DOCUMENTS.items():
        if argument in body:
            return dashboard(kind, body.get("dashboard_name"), json_document(body[argument]))
    return dashboard("grafana" if "panels" in body or "rows" in body else "datadog", None, body)
