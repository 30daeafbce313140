"""Operations files and the objects that hold them as resources: bodies, addresses, places, errors."""

from __future__ import annotations

import base64
import json
import sqlite3
from pathlib import Path

import pytest

from readiness.estate.model import Resource
from readiness.estate.reader import Reader
from readiness.kubernetes.build import build as objects
from readiness.operations.build import build, embedded
from readiness.sources import json_source, yaml_source
from readiness.sources.cache import Cache
from readiness.values import Map, Unknown

RULES = """---
# alerts of the web
groups:
  - name: web
    rules:
      - alert: WebDown
        expr: up == 0
        labels:
          severity: critical
"""


def of_file(path: str, text: str) -> tuple[list[Resource], list[str]]:
    reader = json_source if path.endswith(".json") else yaml_source
    resources, errors = build([(path, reader.read(path, text))])
    return resources, [f"{e.path}:{e.line}:{e.column}: {e.message}" for e in errors]


def of_objects(text: str, path: str = "a.yaml", known: bool = True) -> tuple[list[Resource], list[str]]:
    holders, _ = objects([(path, yaml_source.read(path, text))])
    found, errors = embedded(holders, {path: text} if known else None)
    return found, [f"{e.path}:{e.line}:{e.column}: {e.message}" for e in errors]


def block(text: str, key: str = "a.yml", kind: str = "ConfigMap", section: str = "data") -> str:
    lines = "\n".join(f"    {line}" if line else "" for line in text.splitlines())
    return (
        f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: web, namespace: shop, labels: {{tier: tier-1}}}}\n"
        f"{section}:\n  {key}: |\n{lines}\n"
    )


class TestFiles:
    def test_rules_have_the_shape_of_the_custom_resource(self) -> None:
        [rule], errors = of_file("monitoring/web.rules.yml", RULES)
        assert (rule.address, rule.type, rule.platform) == (
            "PrometheusRule/web.rules",
            "PrometheusRule",
            "kubernetes",
        )
        assert rule.body["apiVersion"] == "monitoring.coreos.com/v1"
        assert rule.body["metadata"] == {"name": "web.rules"}
        [alert] = rule.body["spec"]["groups"][0]["rules"]
        assert alert["alert"] == "WebDown"
        assert alert["labels"].value_spans["severity"][:3] == ("monitoring/web.rules.yml", 9, 21)
        assert errors == []

    def test_what_else_a_file_of_mimir_says_is_left_out(self) -> None:
        [rule], _ = of_file("a.yml", "namespace: shop\n" + RULES.removeprefix("---\n"))
        assert list(rule.body["spec"]) == ["groups"]

    @pytest.mark.parametrize(
        ("expression", "dialect"),
        [
            ('sum(rate({app="web"} |= "error" [5m])) > 1', "logql"),
            ('rate({app="web"} | json | level="error" [5m]) > 1', "logql"),
            ('count_over_time({app="web"} != "ok" [5m]) > 1', "logql"),
            ('bytes_rate({app="web"}[5m]) > 1', "logql"),
            ('sum(rate(http_total{path=~"/a|=b", code!="200"}[5m])) != 0', None),
            ("(a or b) unless on(x) c{y!~'| json'} > 1", None),
        ],
    )
    def test_rules_of_loki_are_marked(self, expression: str, dialect: str | None) -> None:
        text = json.dumps({"groups": [{"name": "a", "rules": [{"alert": "A", "expr": expression}]}]})
        [rule], _ = of_file("a.json", text)
        assert rule.body["metadata"].get("annotations", {}).get("readiness.dev/dialect") == dialect

    def test_several_documents(self) -> None:
        found, _ = of_file("a.yml", RULES + "---\nother: file\n---\nroute: {receiver: a}\nreceivers: []\n")
        assert [r.address for r in found] == ["PrometheusRule/a", "alertmanager/Configuration/a"]
        assert found[1].span.line == 13

    def test_the_body_of_a_dashboard_in_the_envelope_of_the_api(self) -> None:
        text = '{\n "dashboard": {\n  "title": "Web",\n  "schemaVersion": 39,\n  "panels": []\n }\n}'
        [found], _ = of_file("web.json", text)
        assert found.address == "grafana/Dashboard/web"
        assert found.body["title"] == "Web"
        assert (found.span.line, found.header.line) == (2, 3)

    def test_what_the_environment_of_a_collector_sets_is_unknown(self) -> None:
        text = (
            "receivers: {otlp: {}}\n"
            "exporters:\n"
            "  otlp:\n"
            "    endpoint: ${env:HOST}:4317\n"
            "    headers: {key: 'Bearer ${TOKEN}', cost: '$$5', plain: a$}\n"
            "service: {pipelines: {traces: {receivers: [otlp], exporters: [otlp]}}}\n"
        )
        [found], _ = of_file("c.yaml", text)
        exporter = found.body["exporters"]["otlp"]
        assert isinstance(exporter["endpoint"], Unknown)
        assert (exporter["endpoint"].refs, exporter["endpoint"].suffix) == (("HOST",), ":4317")
        assert exporter["headers"]["key"].prefix == "Bearer "
        assert (exporter["headers"]["cost"], exporter["headers"]["plain"]) == ("$5", "a$")
        assert exporter.value_spans["endpoint"].line == 4

    def test_a_broken_file_is_told_and_a_file_of_somebody_else_is_not(self) -> None:
        assert of_file("am.yml", "route: {receiver: a}\nreceivers: [\n") == (
            [],
            ["am.yml:2:12: the `[` opened here is never closed"],
        )
        assert of_file("other.yml", "a: 1\na: 2\n") == ([], [])

    def test_a_key_that_a_dashboard_has_twice_is_no_error(self) -> None:
        found, errors = of_file("a.json", '{"title": "A", "title": "B", "schemaVersion": 1, "panels": []}')
        assert (len(found), errors) == (1, [])


class TestObjects:
    def test_a_block_text_has_its_own_lines(self) -> None:
        [rule], _ = of_objects(block(RULES))
        assert rule.address == "PrometheusRule/shop/web/a.yml"
        labels = rule.body["spec"]["groups"][0]["rules"][0]["labels"]
        assert labels.value_spans["severity"][:3] == ("a.yaml", 14, 25)
        assert (rule.namespace, rule.labels) == ("shop", {"tier": "tier-1"})

    def test_the_second_document_of_a_block_text(self) -> None:
        found, _ = of_objects(block(RULES + "---\nroute:\n  receiver: team\nreceivers: []\n"))
        assert [r.span.line for r in found] == [8, 16]
        assert found[1].body["route"].value_spans["receiver"].line == 17

    def test_json_in_a_block_text(self) -> None:
        text = '{\n  "panels": [],\n  "schemaVersion": 39,\n  "title": "Web"\n}'
        [found], _ = of_objects(block(text, "web.json"))
        assert found.address == "grafana/Dashboard/shop/web/web.json"
        assert found.body.key_spans["title"][:3] == ("a.yaml", 9, 7)

    def test_without_the_text_of_the_file_the_entry_is_the_place(self) -> None:
        [rule], _ = of_objects(block(RULES), known=False)
        assert (rule.span.line, rule.header.line) == (5, 5)
        assert rule.body["spec"]["groups"][0].key_spans == {}

    @pytest.mark.parametrize("style", [">", '"'])
    def test_other_texts_have_the_place_of_the_entry(self, style: str) -> None:
        value = ">\n    {route: {receiver: a},\n    receivers: []}\n"
        if style == '"':
            value = json.dumps("route:\n  receiver: a\nreceivers: []\n")
        text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: am}}\ndata:\n  am.yml: {value}\n"
        [found], _ = of_objects(text)
        assert found.address == "alertmanager/Configuration/am/am.yml"
        assert (found.span.line, found.header.line) == (5, 5)

    def test_secrets(self) -> None:
        text = "route:\n  receiver: a\nreceivers: []\n"
        [plain], _ = of_objects(block(text, "alertmanager.yaml", "Secret", "stringData"))
        assert plain.body["route"].value_spans["receiver"].line == 7
        coded = base64.b64encode(text.encode()).decode()
        body = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: am}}\ndata: {{alertmanager.yaml: {coded}, x.yml: '%'}}\n"
        [found], errors = of_objects(body)
        assert found.body["route"]["receiver"] == "a"
        assert (found.span.line, errors) == (4, [])

    def test_both_ends_are_linked(self) -> None:
        holders, _ = objects([("a.yaml", yaml_source.read("a.yaml", block(RULES)))])
        found, _ = embedded(holders, {})
        assert [(link.address, link.via) for link in found[0].links] == [("ConfigMap/shop/web", "data.a.yml")]
        assert [link.address for link in holders[0].links] == ["PrometheusRule/shop/web/a.yml"]

    def test_what_is_parsed_is_kept_for_the_next_run_except_of_secrets(self, tmp_path: Path) -> None:
        texts = {
            "a.yaml": block(RULES),
            "b.yaml": block('{"title": "T", "panels": [], "schemaVersion": 39}', "board.json"),
            "c.yaml": block("route:\n  receiver: a\nreceivers: []\n", "am.yaml", "Secret", "stringData"),
        }
        seen = []
        for _ in range(2):
            cache = Cache(tmp_path)
            holders, _ = objects([(path, yaml_source.read(path, text)) for path, text in texts.items()])
            kept = embedded(holders, texts, Reader(cache, 1).parse_one)
            seen.append([(r.address, r.body, r.body.value_spans, r.span) for r in kept[0]])
            cache.close()
        plain, _ = embedded(objects([(p, yaml_source.read(p, t)) for p, t in texts.items()])[0], texts)
        assert seen[0] == seen[1] == [(r.address, r.body, r.body.value_spans, r.span) for r in plain]
        assert len(plain) == 3
        with sqlite3.connect(tmp_path / "sources.sqlite") as stored:
            values = [value for (value,) in stored.execute("SELECT value FROM source")]
        assert len(values) == 2
        assert not any(b"receivers" in value for value in values)

    def test_the_home_of_the_holder(self) -> None:
        holders, _ = objects([("a.yaml", yaml_source.read("a.yaml", block(RULES)))])
        holders[0].root, holders[0].variant = "overlays", "prod"
        found, _ = embedded(holders, {})
        assert found[0].home == ("overlays", "prod")

    def test_errors_in_a_text_have_their_place(self) -> None:
        found, errors = of_objects(block("route:\n  receiver: a\nreceivers: [\n"))
        assert found == []
        assert errors == ["a.yaml:8:16: the `[` opened here is never closed"]
        assert of_objects(block("route: {{ .Route }}\nreceivers: [\n")) == ([], [])

    def test_placeholders_are_unknown(self) -> None:
        text = (
            "receivers: {otlp: }\nexporters:\n  cloud:\n    project: {{PROJECT_ID}}\n"
            "service:\n  pipelines:\n    traces: {receivers: [otlp], exporters: [cloud]}\n"
        )
        [found], errors = of_objects(block(text))
        assert errors == []
        cloud = found.body["exporters"]["cloud"]
        assert isinstance(cloud["project"], Unknown)
        assert cloud.value_spans["project"].line == 9
        assert found.body["service"].key_spans["pipelines"].line == 11

    def test_ordinary_entries_are_left_alone(self) -> None:
        assert of_objects(block("server:\n  port: 8080\n")) == ([], [])

    @pytest.mark.parametrize("config", ["mapping", "text"])
    def test_a_collector_of_the_operator(self, config: str) -> None:
        inner = (
            "receivers: {otlp: {}}\n"
            "exporters: {debug: {}}\n"
            "service:\n"
            "  pipelines: {traces: {receivers: [otlp], exporters: [debug]}}\n"
        )
        lines = "".join(f"    {line}\n" for line in inner.splitlines())
        text = (
            "apiVersion: opentelemetry.io/v1beta1\nkind: OpenTelemetryCollector\n"
            f"metadata: {{name: gateway, namespace: o11y}}\nspec:\n  config:{' |' if config == 'text' else ''}\n{lines}"
        )
        [found], _ = of_objects(text)
        assert found.address == "opentelemetry/Collector/o11y/gateway"
        assert found.body["service"].key_spans["pipelines"].line == 9

    def test_dashboards_of_operators(self) -> None:
        text = (
            "apiVersion: grafana.integreatly.org/v1beta1\nkind: GrafanaDashboard\nmetadata: {name: web}\nspec:\n"
            '  json: |\n    {"title": "Web",\n     "schemaVersion": 39, "panels": []}\n'
            "---\napiVersion: dashboard.grafana.app/v1beta1\nkind: Dashboard\nmetadata: {name: shop}\n"
            "spec: {title: Shop, schemaVersion: 41, panels: []}\n"
            "---\napiVersion: dashboard.grafana.app/v2beta1\nkind: Dashboard\nmetadata: {name: two}\n"
            "spec: {title: Two, elements: {}}\n"
        )
        found, _ = of_objects(text)
        assert [(r.address, r.header.line) for r in found] == [
            ("grafana/Dashboard/web", 6),
            ("grafana/Dashboard/shop", 12),
        ]

    def test_rules_of_other_operators(self) -> None:
        text = "".join(
            f"---\napiVersion: {group}/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n"
            "  groups: [{name: a, rules: [{alert: A, expr: up}]}]\n"
            for group, kind, name in [
                ("operator.victoriametrics.com", "VMRule", "vm"),
                ("monitoring.openshift.io", "AlertingRule", "os"),
                ("loki.grafana.com", "AlertingRule", "loki"),
                ("example.com", "AlertingRule", "other"),
            ]
        )
        found, _ = of_objects(text)
        assert [r.address for r in found] == ["PrometheusRule/vm", "PrometheusRule/os", "PrometheusRule/loki"]
        assert "annotations" in found[2].body["metadata"]
        assert "annotations" not in found[1].body["metadata"]


class TestAlertmanagerConfig:
    TEXT = """apiVersion: monitoring.coreos.com/v1alpha1
kind: AlertmanagerConfig
metadata: {name: shop, namespace: shop}
spec:
  route:
    receiver: team
    groupBy: [alertname]
    repeatInterval: 12h
    matchers:
      - {name: severity, value: 'a"b', matchType: "=~"}
      - {name: namespace, value: other}
    routes:
      - receiver: team
        matchers: [{name: team, value: web, regex: true}]
        muteTimeIntervals: [night]
  receivers:
    - name: team
      pagerdutyConfigs:
        - routingKey: {name: pd, key: key}
          clientURL: https://example.com
          httpConfig: {proxyURL: "http://proxy"}
  inhibitRules:
    - sourceMatch: [{name: severity, value: critical}]
      targetMatch: [{name: severity, value: warning, matchType: "!="}]
      equal: [namespace]
  muteTimeIntervals:
    - name: night
      timeIntervals: [{times: [{startTime: "22:00", endTime: "06:00"}]}]
"""

    def body(self, text: str) -> Map:
        found, _ = of_objects(text)
        return found[-1].body

    def test_it_has_the_shape_of_the_file(self) -> None:
        body = self.body(self.TEXT)
        assert body == {
            "partial": True,
            "route": {
                "receiver": "team",
                "group_by": ["alertname"],
                "repeat_interval": "12h",
                "matchers": ['severity=~"a\\"b"'],
                "match": {"namespace": "shop"},
                "continue": True,
                "routes": [
                    {"receiver": "team", "matchers": ['team=~"web"'], "mute_time_intervals": ["night"]}
                ],
            },
            "receivers": [
                {
                    "name": "team",
                    "pagerduty_configs": [
                        {
                            "routing_key": {"name": "pd", "key": "key"},
                            "client_url": "https://example.com",
                            "http_config": {"proxy_url": "http://proxy"},
                        }
                    ],
                }
            ],
            "inhibit_rules": [
                {
                    "source_matchers": ['severity="critical"'],
                    "target_matchers": ['severity!="warning"'],
                    "equal": ["namespace"],
                }
            ],
            "time_intervals": [
                {
                    "name": "night",
                    "time_intervals": [{"times": [{"start_time": "22:00", "end_time": "06:00"}]}],
                }
            ],
        }
        assert body["route"].value_spans["repeat_interval"].line == 8
        assert body["receivers"][0].key_spans["pagerduty_configs"].line == 18

    def test_without_a_namespace_that_is_unknown(self) -> None:
        body = self.body(self.TEXT.replace(", namespace: shop", "", 1))
        assert isinstance(body["route"]["match"]["namespace"], Unknown)

    def test_the_configuration_of_an_alertmanager_is_whole(self) -> None:
        main = (
            "apiVersion: monitoring.coreos.com/v1\nkind: Alertmanager\nmetadata: {name: main, namespace: shop}\n"
            "spec: {alertmanagerConfiguration: {name: shop}}\n---\n"
        )
        body = self.body(main + self.TEXT)
        assert "partial" not in body
        assert "match" not in body["route"]
