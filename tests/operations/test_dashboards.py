"""One shape for the dashboards of several monitoring systems."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.operations.dashboards import dashboard
from readiness.values import Unknown

SOMETHING = Unknown("a variable", ("var.x",))


def shown(kind: str, document: Any) -> list[tuple[Any, list[Any], bool]]:
    found = dashboard(kind, None, document)
    assert isinstance(found, dict)
    return [(panel["title"], panel["texts"], panel["opaque"]) for panel in found["panels"]]


def test_grafana_panels_in_rows_and_what_stands_in_a_library() -> None:
    document = {
        "title": "Web",
        "panels": [
            {"type": "text", "title": "Latency is elsewhere"},
            {"type": "row", "panels": [{"title": "CPU", "targets": [{"refId": "A", "expr": "cpu"}]}]},
            {"title": "Shared", "libraryPanel": {"uid": "a"}},
        ],
        "rows": [{"panels": [{"title": "Old"}]}],
    }
    assert shown("grafana", document) == [
        ("CPU", ["A", "cpu"], False),
        ("Shared", [], True),
        ("Old", [], False),
    ]


def test_cloudwatch_metrics_without_the_names_of_whom_they_are() -> None:
    document = {
        "widgets": [
            {"type": "text", "properties": {"markdown": "errors"}},
            {
                "type": "metric",
                "properties": {
                    "title": "Load",
                    "metrics": [
                        ["AWS/ELB", "RequestCount", "LoadBalancer", "app/errors", {"stat": "p99"}],
                        [{"expression": "m1/m2", "label": "Ratio"}],
                        SOMETHING,
                    ],
                },
            },
            {"type": "log", "properties": {"query": "filter @message like /ERROR/"}},
            {
                "type": "explorer",
                "properties": {"metrics": [{"metricName": "CPUUtilization", "stat": "Sum"}]},
            },
            {"type": "alarm", "properties": {"alarms": []}},
            {"type": "metric", "properties": {"annotations": {"alarms": ["arn"]}}},
            {"type": "metric", "properties": {"annotations": {"horizontal": []}}},
        ]
    }
    assert shown("cloudwatch", document) == [
        ("Load", ["AWS/ELB", "RequestCount", "p99", "m1/m2", "Ratio", SOMETHING], False),
        (None, ["filter @message like /ERROR/"], False),
        (None, ["CPUUtilization"], False),
        (None, [], True),
        (None, [], True),
        (None, [], False),
    ]
    found = dashboard("cloudwatch", "web", document)
    assert isinstance(found, dict)
    assert found["title"] == "web"
    assert found["panels"][0]["dimensions"] == ["LoadBalancer", "app/errors"]


@pytest.mark.parametrize(
    ("widget", "expected"),
    [
        ({"definition": {"type": "note", "content": "errors"}}, []),
        (
            {"definition": {"type": "timeseries", "title": "Hits", "requests": [{"q": "sum:hits{*}"}]}},
            [("Hits", ["sum:hits{*}"], False)],
        ),
        (
            {"definition": {"type": "hostmap", "requests": {"fill": {"q": "avg:cpu{*}"}}}},
            [(None, ["avg:cpu{*}"], False)],
        ),
        (
            {"definition": {"type": "group", "widgets": [{"definition": {"type": "alert_graph"}}]}},
            [(None, [], True)],
        ),
        (
            {"timeseries_definition": [{"title": "CPU", "request": [{"q": "avg:cpu{*}"}]}]},
            [("CPU", ["avg:cpu{*}"], False)],
        ),
        (
            {"group_definition": [{"widget": [{"trace_service_definition": [{"show_errors": True}]}]}]},
            [(None, ["show_errors"], False)],
        ),
        ({"powerpack_definition": [{"powerpack_id": "a"}]}, [(None, [], True)]),
    ],
)
def test_datadog_in_json_and_in_blocks(widget: dict[str, Any], expected: list[Any]) -> None:
    key = "widgets" if "definition" in widget else "widget"
    assert shown("datadog", {"title": "Web", key: [widget]}) == expected


def test_google_widgets_wherever_a_layout_has_them() -> None:
    chart = {"dataSets": [{"timeSeriesQuery": {"prometheusQuery": "up"}}]}
    document = {
        "displayName": "Web",
        "mosaicLayout": {
            "tiles": [
                {"widget": {"title": "Up", "xyChart": chart}},
                {"widget": {"title": "errors", "text": {"content": "errors"}}},
            ]
        },
        "rowLayout": {"rows": [{"widgets": [{"alertChart": {"name": "a"}}, {"errorReportingPanel": {}}]}]},
    }
    assert shown("google", document) == [
        ("Up", ["up"], False),
        (None, [], True),
        (None, ["errorReportingPanel"], False),
    ]
    found = dashboard("google", None, document)
    assert isinstance(found, dict)
    assert found["title"] == "Web"


def test_unknown_stays_unknown_and_no_dashboard_is_null() -> None:
    assert isinstance(dashboard("google", None, SOMETHING), Unknown)
    assert dashboard("google", None, None) is None
    assert dashboard("cloudwatch", "web", ["a"]) is None
    found = dashboard("cloudwatch", "web", {"widgets": [SOMETHING, {"properties": SOMETHING}]})
    assert isinstance(found, dict)
    assert found["panels"] == [SOMETHING, SOMETHING]


@pytest.mark.parametrize("kind", ["grafana", "cloudwatch", "datadog", "google"])
@pytest.mark.parametrize(
    "document",
    [
        {},
        {"title": 7, "panels": "a", "rows": 1, "widgets": {"definition": 3}, "displayName": [1]},
        {"panels": [1, None, {"targets": 5, "title": {}}], "widget": [[]], "widgets": [{"properties": 4}]},
        {"widgets": [{"properties": {"metrics": [1, [{}, 2], [{"label": 3, "expression": None}]]}}]},
        {"widgets": [{"definition": {"type": [], "requests": {"x": 1}}}]},
    ],
)
def test_odd_documents_hold_texts_alone(kind: str, document: dict[str, Any]) -> None:
    found = dashboard(kind, None, document)
    assert isinstance(found, dict)
    assert found["title"] is None
    assert all(isinstance(text, str) for panel in found["panels"] for text in panel["texts"])
    assert all(panel["title"] is None for panel in found["panels"])


def test_a_dashboard_that_is_nested_too_deeply_is_unknown() -> None:
    document: dict[str, Any] = {}
    for _ in range(5_000):
        document = {"panels": [document]}
    assert isinstance(dashboard("grafana", None, document), Unknown)
