"""Which workloads and services an alert or an objective is about."""

from __future__ import annotations

import pytest

from readiness.estate.alerts import ALERT, Alerts
from readiness.estate.build import from_texts
from readiness.estate.model import Estate

SHOP = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Service
metadata: {name: checkout, namespace: shop, labels: {app: checkout, team-job: pay}}
spec: {selector: {app: checkout}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout, namespace: shop}
spec:
  selector: {matchLabels: {app: checkout}}
  template:
    metadata: {labels: {app: checkout, app.kubernetes.io/name: checkout-api}}
    spec: {containers: [{name: api, image: a}, {name: proxy, image: b}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: checkout-worker, namespace: shop}
spec:
  selector: {matchLabels: {app: worker}}
  template:
    metadata: {labels: {app: worker}}
    spec: {containers: [{name: worker, image: a}, {name: proxy, image: b}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: redis, namespace: cache}
spec:
  selector: {matchLabels: {app: redis}}
  template:
    metadata: {labels: {app: redis}}
    spec: {containers: [{name: redis, image: r}]}
"""

MONITOR = """---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: checkout, namespace: shop}
spec:
  jobLabel: team-job
  selector: {matchLabels: {app: checkout}}
  endpoints: [{port: web}]
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: caches, namespace: cache}
spec:
  selector: {matchLabels: {app: redis}}
"""


def rule(*expressions: str, records: dict[str, str] | None = None) -> str:
    """A rule object with an alert for each expression."""
    lines = [
        "---",
        "apiVersion: monitoring.coreos.com/v1",
        "kind: PrometheusRule",
        "metadata: {name: rules, namespace: monitoring}",
        "spec:",
        "  groups:",
        "    - name: all",
        "      rules:",
    ]
    for name, text in (records or {}).items():
        lines += [f"        - record: {name}", "          expr: |", f"            {text}"]
    for index, text in enumerate(expressions):
        lines += [f"        - alert: A{index}", "          expr: |", f"            {text}"]
    return "\n".join(lines) + "\n"


def estate(*texts: str) -> Estate:
    return from_texts({"shop.yaml": "".join(texts)}).estate


def linked(estate_: Estate, type_: str = "PrometheusRule", via: str = ALERT) -> list[str]:
    (resource,) = estate_.by_type[type_]
    return sorted(link.address for link in resource.links if link.via == via)


CHECKOUT, WORKER, REDIS = (
    "Deployment/shop/checkout",
    "Deployment/shop/checkout-worker",
    "StatefulSet/cache/redis",
)
SERVICE = "Service/shop/checkout"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # labels of kube-state-metrics and cAdvisor
        ('kube_deployment_status_replicas{deployment="checkout"} < 1', [CHECKOUT]),
        (
            'kube_deployment_status_replicas{namespace="shop",deployment=~"checkout.*"} < 1',
            [CHECKOUT, WORKER],
        ),
        ('kube_deployment_status_replicas{namespace="other",deployment="checkout"} < 1', []),
        ('kube_deployment_status_replicas{deployment=~"checkout|redis"} < 1', [CHECKOUT]),
        (
            'kube_deployment_status_replicas{deployment=~"checkout.*",deployment!="checkout-worker"} < 1',
            [CHECKOUT],
        ),
        ('kube_statefulset_status_replicas{statefulset="redis"} < 1', [REDIS]),
        ('rate(container_cpu_usage_seconds_total{pod=~"checkout-.*"}[5m]) > 1', [CHECKOUT, WORKER]),
        ('rate(container_cpu_usage_seconds_total{pod=~"checkout-[a-z0-9]+-[a-z0-9]+"}[5m]) > 1', [CHECKOUT]),
        ('kube_pod_status_ready{pod="redis-0"} == 0', [REDIS]),
        ('kube_pod_status_ready{pod=~"redis-[0-9]+"} == 0', [REDIS]),
        ('container_memory_usage_bytes{namespace="shop",container="api"} > 1', [CHECKOUT]),
        ('container_memory_usage_bytes{namespace="shop",container="proxy"} > 1', []),
        # the job of an exporter is not what its series are about
        ('kube_node_status_condition{job="checkout"} == 0', []),
        ('kube_pod_status_ready{job="kube-state-metrics",pod="redis-0"} == 0', [REDIS]),
        # what names something else rules out what other labels name
        ('kube_pod_status_ready{pod=~"gone-.*",container="api"} == 0', []),
        # labels of the scrape
        ('up{job="checkout"} == 0', [CHECKOUT, SERVICE]),
        ('up{job="checkout",namespace="cache"} == 0', []),
        ('up{job="redis"} == 0', [REDIS]),
        ('requests_total{service="checkout"} > 1', [CHECKOUT, SERVICE]),
        ('requests_total{app="worker"} > 1', [WORKER]),
        ('requests_total{app_kubernetes_io_name="checkout-api"} > 1', [CHECKOUT]),
        ('requests_total{app="worker",job="checkout"} > 1', []),
        # nothing, or too much
        ("up == 0", []),
        ('up{namespace="shop"} == 0', []),
        ('kube_pod_status_ready{pod=~".*"} == 0', []),
        ('kube_pod_status_ready{pod=~".+-checkout.*"} == 0', []),
        ('kube_pod_status_ready{pod=~"(a+)+checkout"} == 0', []),
        ('up{job="$job"} == 0', []),
        ('up{job!="checkout"} == 0', []),
        ("sum(rate(x[5m]) > 0", []),
    ],
)
def test_alerts(expression: str, expected: list[str]) -> None:
    assert linked(estate(SHOP, rule(expression))) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('up{job="pay"} == 0', [CHECKOUT, SERVICE]),
        ('up{job="checkout"} == 0', []),  # the Service is scraped as `pay`
        ('up{job="cache/caches"} == 0', [REDIS]),
    ],
)
def test_the_job_that_a_monitor_makes(expression: str, expected: list[str]) -> None:
    assert linked(estate(SHOP, MONITOR, rule(expression))) == expected


def test_recordings_are_followed() -> None:
    records = {
        "job:errors:rate5m": 'sum(rate(errors_total{job="checkout"}[5m]))',
        "all:errors": "job:errors:rate5m",
    }
    assert linked(estate(SHOP, rule("all:errors > 1", records=records))) == [CHECKOUT, SERVICE]


def test_recordings_that_circle() -> None:
    records = {"a:b": "c:d + 1", "c:d": 'a:b + up{job="redis"}'}
    assert linked(estate(SHOP, rule("a:b > 1", records=records))) == [REDIS]


def test_both_ends_know_the_link_once() -> None:
    found = estate(SHOP, rule('up{job="redis"} == 0', 'redis_up{job="redis"} == 0'))
    (redis,) = found.by_type["StatefulSet"]
    assert [link.address for link in redis.links if link.via == ALERT] == ["PrometheusRule/monitoring/rules"]


def test_alerts_over_everything_are_told_apart() -> None:
    found = estate(
        SHOP,
        rule(
            'up{job="checkout"} == 0',
            'kube_pod_container_status_restarts_total{namespace="shop"} > 3',
            "kube_deployment_spec_replicas != kube_deployment_status_replicas",
            'kube_pod_status_ready{namespace!="shop"} == 0',
        ),
    )
    alerts = Alerts(found)
    told = {
        resource.address: [(alert["alert"], alert["named"]) for alert in alerts.of(resource)]
        for resource in found.of_type("workload")
    }
    assert told[CHECKOUT] == [("A0", True), ("A1", False), ("A2", False), ("A2", False)]
    assert told[WORKER] == [("A1", False), ("A2", False), ("A2", False)]
    assert told[REDIS] == [("A3", False)]


OBJECTIVE = """---
apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: {name: slo, namespace: shop}
spec:
  service: NAME
  slos:
    - name: availability
      objective: 99.9
      sli: {raw: {errorRatioQuery: 'errors:ratio{job="redis"}'}}
"""

COMPONENT = """---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: checkout}
spec: {type: service, lifecycle: production, owner: team-a}
"""


@pytest.mark.parametrize(
    ("name", "via", "expected"),
    [
        ("checkout", "service", ["Component/checkout", CHECKOUT, SERVICE]),
        ("worker", "service", [WORKER]),
        ("payments", "indicator", [REDIS]),
    ],
)
def test_objectives_and_their_services(name: str, via: str, expected: list[str]) -> None:
    found = estate(SHOP, OBJECTIVE.replace("NAME", name), COMPONENT)
    assert linked(found, "PrometheusServiceLevel", via) == expected


def test_copies_in_the_same_folder_are_meant() -> None:
    files = {
        "prod/shop.yaml": SHOP,
        "prod/rules.yaml": rule('up{job="redis"} == 0'),
        "stage/shop.yaml": SHOP,
    }
    found = from_texts(files).estate
    (rules,) = found.by_type["PrometheusRule"]
    paths = [link.target.span.path for link in rules.links if link.via == ALERT and link.target is not None]
    assert paths == ["prod/shop.yaml"]
