"""What a dashboard shows: one shape for those of Grafana, CloudWatch, Datadog and Google Cloud.

Sources: https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html,
https://docs.datadoghq.com/dashboards/widgets/ (JSON, and the blocks of the Terraform provider), and
https://cloud.google.com/monitoring/api/ref_v3/rest/v1/projects.dashboards.

A panel has a `title` (null without one), `texts` (its queries, metrics and labels), `dimensions` (of whom
the metrics of CloudWatch are) and `opaque`: what it shows stands elsewhere (an alert, a library panel, a
page), so that its texts do not tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from readiness.values import List, Map, Unknown, listed

_WORDS_ONLY = frozenset({"note", "free_text", "image", "text", "row", "sectionHeader", "blank"})
"""Kinds of widgets that show nothing which is measured."""

_DATADOG_OPAQUE = frozenset(
    {"powerpack", "iframe", "alert_graph", "alert_value", "slo", "slo_list", "service_level_objective"}
)
_GOOGLE_CHARTS = (
    "xyChart",
    "scorecard",
    "timeSeriesTable",
    "pieChart",
    "treemap",
    "logsPanel",
    "errorReportingPanel",
    "incidentList",
)

Dashboard = Map | Unknown | None


def dashboard(kind: str, name: Any, document: Any) -> Dashboard:
    """A dashboard as `title` and `panels`; null for what is none.

    `kind` is `grafana`, `cloudwatch`, `datadog` or `google`; `name` is the title that stands beside the
    document, or None; `document` is what the text or the blocks hold.
    """
    if isinstance(document, Unknown):
        return Unknown(document.reason, document.refs, document.span)
    if not isinstance(document, dict):
        return None
    title, panels = _READERS[kind]
    try:
        found = List(panels(document))
    except RecursionError:
        return Unknown("the dashboard is nested too deeply")
    return Map({"title": _text(name if name is not None else document.get(title)), "panels": found})


def _text(value: Any) -> Any:
    """A text or an unknown; null for all that is no title."""
    return value if isinstance(value, (str, Unknown)) else None


def _panel(title: Any, texts: Iterable[Any], opaque: bool = False, dimensions: Iterable[Any] = ()) -> Map:
    return Map(
        {"title": _text(title), "texts": List(texts), "dimensions": List(dimensions), "opaque": opaque}
    )


def _texts(value: Any) -> Iterator[Any]:
    """Every text and every unknown below a value."""
    if isinstance(value, (str, Unknown)):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _each(value: Any) -> Iterator[Any]:
    """The mappings of a list; an unknown stands for panels that are not known."""
    for entry in listed(value):
        if isinstance(entry, (dict, Unknown)):
            yield entry


def _grafana(document: dict[str, Any]) -> Iterator[Any]:
    for panel in _each(document.get("panels")):
        if isinstance(panel, Unknown):
            yield panel
            continue
        yield from _grafana(panel)
        kind = _text(panel.get("type"))
        if kind not in _WORDS_ONLY:
            opaque = panel.get("libraryPanel") is not None or kind == "alertlist"
            yield _panel(panel.get("title"), _texts(panel.get("targets")), opaque)
    for row in _each(document.get("rows")):
        yield from (row,) if isinstance(row, Unknown) else _grafana(row)


def _cloudwatch(document: dict[str, Any]) -> Iterator[Any]:
    for widget in _each(document.get("widgets")):
        if isinstance(widget, Unknown):
            yield widget
            continue
        shown = widget.get("properties")
        if isinstance(shown, Unknown):
            yield shown
        elif widget.get("type") != "text" and isinstance(shown, dict):
            annotated = shown.get("annotations")
            opaque = widget.get("type") in ("alarm", "custom") or (
                isinstance(annotated, dict) and annotated.get("alarms") is not None
            )
            texts = (*_texts(shown.get("query")), *_texts(shown.get("stat")), *_metrics(shown.get("metrics")))
            yield _panel(shown.get("title"), texts, opaque, _dimensions(shown.get("metrics")))


def _dimensions(rows: Any) -> Iterator[Any]:
    for row in listed(rows):
        if isinstance(row, list):
            yield from (cell for cell in row[2:] if isinstance(cell, (str, Unknown)))


def _metrics(rows: Any) -> Iterator[Any]:
    """Namespace and metric, and what is calculated and written of it."""
    for row in listed(rows):
        if isinstance(row, list):
            yield from (cell for cell in row[:2] if isinstance(cell, (str, Unknown)))
            for cell in row:
                if isinstance(cell, dict):
                    yield from _texts([cell.get(key) for key in ("expression", "label", "stat")])
        elif isinstance(row, dict):
            yield from _texts(row.get("metricName"))
        elif isinstance(row, Unknown):
            yield row


def _datadog(document: dict[str, Any]) -> Iterator[Any]:
    for widget in (*_each(document.get("widget")), *_each(document.get("widgets"))):
        if isinstance(widget, Unknown):
            yield widget
            continue
        for name, value in widget.items():
            if name != "definition" and not name.endswith("_definition"):
                continue
            for shown in _each(value):
                if isinstance(shown, Unknown):
                    yield shown
                else:
                    kind = shown.get("type") if name == "definition" else name.removesuffix("_definition")
                    yield from _definition(_text(kind), shown)


def _definition(kind: Any, shown: dict[str, Any]) -> Iterator[Any]:
    """One widget: the blocks of Terraform have its kind in their name, JSON has it as `type`."""
    if kind == "group":
        yield from _datadog(shown)
    elif kind not in _WORDS_ONLY:
        signals = tuple(key for key, value in shown.items() if key.startswith("show_") and value is True)
        texts = (*signals, *_texts(shown.get("request")), *_texts(shown.get("requests")))
        yield _panel(shown.get("title"), (*texts, *_split(shown)), kind in _DATADOG_OPAQUE)


def _split(shown: dict[str, Any]) -> Iterator[Any]:
    for key in ("source_widget_definition", "query"):
        yield from _texts(shown.get(key))


def _google(document: Any) -> Iterator[Any]:
    """Every widget, wherever a layout has it."""
    if isinstance(document, Unknown):
        yield document
    elif isinstance(document, list):
        for entry in document:
            yield from _google(entry)
    elif isinstance(document, dict):
        charts = [document[key] for key in _GOOGLE_CHARTS if key in document]
        if charts or "alertChart" in document:
            names = tuple(key for key in ("errorReportingPanel",) if key in document)
            yield _panel(document.get("title"), (*names, *_texts(charts)), "alertChart" in document)
            return
        for inner in document.values():
            if isinstance(inner, (dict, list)):
                yield from _google(inner)


_READERS: dict[str, tuple[str, Callable[[dict[str, Any]], Iterator[Any]]]] = {
    "grafana": ("title", _grafana),
    "cloudwatch": ("title", _cloudwatch),
    "datadog": ("title", _datadog),
    "google": ("displayName", _google),
}
"""The key of the title and the reader of the panels."""
