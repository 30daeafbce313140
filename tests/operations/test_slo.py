"""Objectives of OpenSLO, Sloth and Pyrra in one view."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.operations import slo_files
from readiness.operations.slo import objectives
from readiness.sources.yaml_source import read
from readiness.values import Map, Unknown


def one(text: str, **lookup: str) -> Map:
    def find(kind: str, name: str) -> Any:
        return read("other.yaml", lookup[name]).documents[0].root if name in lookup else None

    (found,) = objectives(read("slo.yaml", text).documents[0].root, find)
    assert isinstance(found, Map)
    return found


SLOTH = """
apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: {name: shop}
spec:
  service: checkout
  labels: {owner: team-a, area: shop}
  slos:
    - name: availability
      objective: 99.9
      labels: {area: pay}
      sli:
        events:
          errorQuery: sum(rate(requests_total{code=~"5.."}[{{.window}}]))
          totalQuery: sum(rate(requests_total[{{ .window }}]))
      alerting:
        pageAlert: {disable: true}
"""

PYRRA = """
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: checkout-latency, labels: {pyrra.dev/service: checkout}}
spec:
  target: "99.5"
  window: 2w1d
  indicator:
    latency:
      success: {metric: 'requests_bucket{le="0.3"}'}
      total: {metric: requests_count}
"""

OPENSLO = """
apiVersion: openslo/v1
kind: SLO
metadata: {name: checkout, labels: {team: a}}
spec:
  service: checkout
  timeWindow: [{duration: 4w, isRolling: true}]
  indicatorRef: errors
  alertPolicies: [{alertPolicyRef: burn}]
  objectives:
    - displayName: requests
      targetPercent: 99.95
"""

OPENSLO_ALPHA = """
apiVersion: openslo/v1alpha
kind: SLO
metadata: {name: checkout}
spec:
  service: checkout
  timeWindows: [{count: 30, unit: Day}]
  objectives:
    - target: 0.999
      ratioMetrics:
        good: {source: prometheus, queryType: promql, query: good_total}
        total: {source: prometheus, queryType: promql, query: all_total}
"""

SLI = """
apiVersion: openslo/v1
kind: SLI
metadata: {name: errors}
spec:
  ratioMetric:
    bad: {metricSource: {metricSourceRef: metrics, spec: {query: bad_total}}}
    total: {metricSource: {type: Datadog, spec: {query: "sum:all{*}"}}}
"""

SOURCE = """
apiVersion: openslo/v1
kind: DataSource
metadata: {name: metrics}
spec: {type: Prometheus}
"""


def test_sloth() -> None:
    found = one(SLOTH)
    assert (found["name"], found["service"], found["target"]) == ("availability", "checkout", 0.999)
    assert isinstance(found["window"], Unknown)
    assert (found["kind"], found["page"], found["ticket"], found["alerting"]) == ("ratio", False, True, True)
    assert found["labels"] == {"owner": "team-a", "area": "pay"}
    assert [(q["part"], q["text"]) for q in found["queries"]] == [
        ("bad", 'sum(rate(requests_total{code=~"5.."}[5m]))'),
        ("total", "sum(rate(requests_total[5m]))"),
    ]
    assert found["queries"][1].value_spans["text"].line == 15
    assert found.value_spans["target"].line == 10
    assert found.value_spans["page"].line == 17


def test_pyrra() -> None:
    found = one(PYRRA)
    assert (found["name"], found["service"]) == ("checkout-latency", "checkout")
    assert (found["target"], found["window"], found["kind"]) == (0.995, 15 * 86400, "latency")
    assert (found["good"], found["total"]) == ('requests_bucket{le="0.3"}', "requests_count")
    assert (found["alerting"], found["page"]) == (True, None)


@pytest.mark.parametrize(
    ("alerting", "expected"),
    [("{disabled: true}", False), ("{burnrates: false}", False), ("{absent: false}", True), ("{}", True)],
)
def test_pyrra_alerting(alerting: str, expected: bool) -> None:
    assert one(f"{PYRRA}  alerting: {alerting}\n")["alerting"] is expected


def test_openslo_follows_its_references() -> None:
    found = one(OPENSLO, errors=SLI, metrics=SOURCE)
    assert (found["name"], found["service"], found["target"]) == ("requests", "checkout", 0.9995)
    assert (found["window"], found["alerting"], found["kind"]) == (28 * 86400, True, "ratio")
    assert (found["bad"], found["total"], found["good"]) == ("bad_total", "sum:all{*}", None)
    # The query of Datadog is no PromQL.
    assert [q["text"] for q in found["queries"]] == ["bad_total"]


def test_openslo_without_what_it_names() -> None:
    found = one(OPENSLO)
    assert isinstance(found["kind"], Unknown)
    assert isinstance(found["total"], Unknown)
    assert "the SLI errors is not in these files" in found["kind"].reason


def test_openslo_as_it_was() -> None:
    found = one(OPENSLO_ALPHA)
    assert (found["target"], found["window"], found["alerting"]) == (0.999, 30 * 86400, False)
    assert [q["text"] for q in found["queries"]] == ["good_total", "all_total"]


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("1M", 2592000), ("1Q", 7776000), ("90d", 7776000), ("12h", 43200), ("1y", None), ("d", None)],
)
def test_windows_of_openslo(written: str, seconds: int | None) -> None:
    assert one(OPENSLO.replace("4w", written))["window"] == seconds


@pytest.mark.parametrize(
    ("written", "target"),
    [("100", 1.0), ('"99.9"', 0.999), ("99.99999", 0.9999999), ("high", None), ("null", None)],
)
def test_targets(written: str, target: float | None) -> None:
    assert one(SLOTH.replace("objective: 99.9", f"objective: {written}"))["target"] == target


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Service\nspec: {}\n",
        "apiVersion: pyrra.dev/v1alpha1\nkind: Other\nspec: {target: '9'}\n",
        "apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevel\nspec: {slos: [1, a]}\n",
        "apiVersion: openslo/v1\nkind: SLO\nspec: {objectives: {}}\n",
        "apiVersion: openslo/v1\nkind: SLO\n",
        "- a\n",
    ],
)
def test_what_declares_no_objective(text: str) -> None:
    assert objectives(read("a.yaml", text).documents[0].root) == []


FILE = """version: "prometheus/v1"
service: checkout
labels: {error_query: kept}
slos:
  - name: availability
    objective: 99.9
    sli:
      raw: {error_ratio_query: "errors:ratio"}
    alerting:
      ticket_alert: {disable: true}
"""


def test_a_file_of_sloth_is_its_custom_resource() -> None:
    assert slo_files.is_sloth(FILE)
    (resource,), errors = slo_files.build([("slos/checkout.yaml", read("slos/checkout.yaml", FILE))])
    assert errors == []
    assert (resource.address, resource.type) == ("PrometheusServiceLevel/checkout", "PrometheusServiceLevel")
    assert resource.labels == {"error_query": "kept"}
    assert resource.header.line == 2
    (found,) = objectives(resource.body)
    assert (found["service"], found["target"], found["raw"]) == ("checkout", 0.999, "errors:ratio")
    assert (found["page"], found["ticket"]) == (True, False)
    assert found["labels"] == {"error_query": "kept"}
    assert found["queries"][0].value_spans["text"].line == 8


@pytest.mark.parametrize(
    "text",
    [
        "version: prometheus/v2\nservice: a\nslos: []\n",
        "  version: prometheus/v1\n  slos: []\n",
        "a: prometheus/v1 slos\n",
    ],
)
def test_what_is_no_file_of_sloth(text: str) -> None:
    assert not slo_files.is_sloth(text)


def test_documents_beside_those_of_sloth_are_passed_over() -> None:
    text = f"{FILE}---\nversion: prometheus/v1\n"
    found, _ = slo_files.build([("a.yaml", read("a.yaml", text)), ("b.yaml", read("b.yaml", "a: [\n"))])
    assert [resource.name for resource in found] == ["checkout"]
