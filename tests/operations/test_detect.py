"""Which files are operations as code: by content, never by name, and never what belongs to somebody else."""

from __future__ import annotations

import pytest

from readiness.operations.detect import DASHBOARD_LIMIT, kind_of, may_be_operations
from readiness.sources import json_source, yaml_source

RULES = "groups:\n  - name: web\n    rules:\n      - alert: WebDown\n        expr: up == 0\n"
ROUTES = "route:\n  receiver: team\nreceivers:\n  - name: team\n"
COLLECTOR = """receivers: {otlp: {}}
exporters: {debug: {}}
service:
  pipelines:
    traces: {receivers: [otlp], exporters: [debug]}
"""

OURS = {
    "rules": ("rules", "a.yml", RULES),
    "rules after a separator": ("rules", "a.yml", "---\n# web\n" + RULES),
    "recording rules": (
        "rules",
        "a.yml",
        "groups:\n- name: a\n  rules:\n  - {record: 'a:b', expr: 'sum(a)'}\n",
    ),
    "rules of Mimir": ("rules", "a.yml", "namespace: web\n" + RULES),
    "rules in quotes": ("rules", "a.yml", RULES.replace("groups", '"groups"')),
    "rules as JSON": (
        "rules",
        "a.json",
        '{"groups": [{"name": "a", "rules": [{"alert": "A", "expr": "up"}]}]}',
    ),
    "routes": ("alertmanager", "a.yml", ROUTES),
    "routes as JSON": ("alertmanager", "a.json", '{"route": {"receiver": "a"}, "receivers": []}'),
    "routes with receivers": (
        "alertmanager",
        "a.yml",
        ROUTES + "    slack_configs: [{channel: a}]\n  - name: none\n",
    ),
    "collector": ("collector", "a.yml", COLLECTOR),
    "collector with connectors alone": (
        "collector",
        "a.yml",
        COLLECTOR.replace("exporters: {debug: {}}", "connectors: {debug: {}}", 1),
    ),
    "dashboard": ("dashboard", "a.json", '{"title": "Web", "schemaVersion": 39, "panels": []}'),
    "dashboard without a version": (
        "dashboard",
        "a.json",
        '{"title": "Web", "panels": [{"type": "stat", "targets": []}]}',
    ),
    "dashboard of rows": ("dashboard", "a.json", '{"rows": [{"panels": []}], "schemaVersion": 14}'),
    "dashboard of the API": (
        "dashboard",
        "a.json",
        '{"dashboard": {"title": "Web", "schemaVersion": 39, "panels": []}, "folderId": 0}',
    ),
}

OTHERS = {
    "package": ("package.json", '{"name": "web", "scripts": {"test": "jest"}, "dependencies": {}}'),
    "compose": ("compose.yml", "services:\n  web:\n    image: nginx\n"),
    "workflow": ("ci.yml", "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n"),
    "concourse": ("pipeline.yml", "groups:\n- name: all\n  jobs: [test]\nresources: []\n"),
    "values of a chart": (
        "values.yaml",
        "alertmanager:\n  config:\n    route: {receiver: a}\n    receivers: []\n",
    ),
    "rules in the values of a chart": (
        "values.yaml",
        "serverFiles:\n  alerting_rules.yml:\n    groups:\n      - rules: [{alert: A, expr: up}]\n",
    ),
    "exporter of events": (
        "config.yaml",
        "receivers:\n  - {name: dump, file: {path: /dev/stdout}}\n"
        "route:\n  routes:\n    - match: [{receiver: dump}]\n",
    ),
    "exporter of events that drops some": (
        "config.yaml",
        "receivers:\n  - name: dump\nroute:\n  drop: [{type: Normal}]\n  match: [{receiver: dump}]\n",
    ),
    "schema": ("schema.json", '{"properties": {"panels": {"type": "array"}, "title": {"type": "string"}}}'),
    "unit test of rules": ("test.yml", "rule_files: [a.yml]\ntests:\n  - alert_rule_test: []\n"),
    "groups of users": ("groups.yaml", "groups:\n  - name: admins\n    rules: [{expr: x, record_type: a}]\n"),
    "part of a collector": ("a.yaml", COLLECTOR.replace("exporters: {debug: {}}\n", "")),
    "manifest": (
        "rules.yaml",
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n"
        + "\n".join("  " + line for line in RULES.splitlines()),
    ),
    "provisioning of Grafana": (
        "alerts.yaml",
        "apiVersion: 1\ngroups:\n  - name: a\n    rules: [{uid: a, title: A, condition: C, data: []}]\n",
    ),
}


@pytest.mark.parametrize("name", OURS)
def test_ours(name: str) -> None:
    kind, path, text = OURS[name]
    assert may_be_operations(path, text)
    reader = json_source if path.endswith(".json") else yaml_source
    assert kind_of(reader.read(path, text).documents[0].root) == kind


@pytest.mark.parametrize("name", OTHERS)
def test_somebody_elses(name: str) -> None:
    path, text = OTHERS[name]
    reader = json_source if path.endswith(".json") else yaml_source
    assert kind_of(reader.read(path, text).documents[0].root) is None


@pytest.mark.parametrize(
    "name", ["package", "compose", "workflow", "concourse", "values of a chart", "manifest"]
)
def test_ordinary_files_are_not_parsed(name: str) -> None:
    assert not may_be_operations(*OTHERS[name])


def test_huge_json_is_left_alone() -> None:
    text = '{"schemaVersion": 39, "panels": [], "title": "' + "x" * DASHBOARD_LIMIT + '"}'
    assert not may_be_operations("bundle.json", text)
    assert may_be_operations("web.json", text[: DASHBOARD_LIMIT - 10] + '"}')
