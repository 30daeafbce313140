"""Where resources keep links to runbooks, and where findings about them point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readiness.estate.build import from_texts
from readiness.policy.cel import compile
from readiness.policy.host import FUNCTIONS, VARIABLES, Host
from readiness.repo.facts import RepositoryFacts
from readiness.values import Unknown

ALERTS = """\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: web
  annotations:
    pyrra.dev/runbook: docs/a.md
spec:
  groups:
    - name: web
      rules:
        - record: a:b
          expr: "1"
          annotations: {runbook: docs/no-alert.md}
        - alert: WebDown
          expr: up == 0
          annotations:
            summary: no link
            runbook_url: docs/b.md
            playbook: docs/c.md
            runbook_url_hint: docs/d.md
        - alert: WebEmpty
          expr: up == 0
          annotations: {runbook_url: ""}
"""
WORKLOAD = """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: web
  annotations:
    a8r.io/runbook: docs/a.md
    example.dev/runbook-url: docs/b.md
    note: docs/c.md
spec:
  schedule: "@daily"
  jobTemplate: {spec: {template: {spec: {containers: [{name: web, image: "web:1"}]}}}}
"""
COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: web
  links:
    - {title: Golden signals, url: "https://grafana.acme.dev/d/web", type: dashboard}
    - title: How we work
      type: runbook
      url: https://wiki.acme.dev/web
    - title: Runbooks of the team
      url: https://wiki.acme.dev/team
"""
TERRAFORM = """\
variable "runbook" {}

resource "aws_cloudwatch_metric_alarm" "a" {
  alarm_description = "See https://wiki.acme.dev/a, then (https://wiki.acme.dev/b)."
  tags              = { Runbook = "docs/a.md" }
}

resource "aws_cloudwatch_metric_alarm" "b" {
  alarm_description = "Runbook: ${var.runbook}"
}

resource "aws_cloudwatch_metric_alarm" "c" {
  alarm_description = "The disk of ${var.runbook} is full"
}

resource "google_monitoring_alert_policy" "a" {
  documentation {
    content = "https://wiki.acme.dev/{{ policy.name }}/x"
  }
}

resource "newrelic_nrql_alert_condition" "a" {
  runbook_url = "https://wiki.acme.dev/a"
}

resource "grafana_rule_group" "a" {
  rule {
    name        = "slow"
    annotations = { runbook_url = "https://wiki.acme.dev/a" }
  }
}
"""


def links(text: str, name: str, address: str) -> list[tuple[Any, ...]]:
    """Link, key, alert and line of each link of a resource; an unknown is `?`."""
    loaded = from_texts({name: text})
    assert loaded.errors == []
    host = Host(loaded.estate, RepositoryFacts(Path(), texts={}))
    host.current = next(r for r in loaded.estate.resources if r.address == address)
    found: list[tuple[Any, ...]] = []
    for link in host.functions["runbooks"]():
        if isinstance(link, Unknown):
            assert not link.prefix
            found.append(("?",))
        else:
            found.append((link["link"], link["key"], link["alert"], link.span.line))
    return found


@pytest.mark.parametrize(
    ("text", "name", "address", "expected"),
    [
        (
            ALERTS,
            "a.yaml",
            "PrometheusRule/web",
            [
                ("docs/a.md", "pyrra.dev/runbook", None, 6),
                ("docs/b.md", "runbook_url", "WebDown", 18),
                ("docs/c.md", "playbook", "WebDown", 19),
            ],
        ),
        (
            WORKLOAD,
            "a.yaml",
            "CronJob/web",
            [("docs/a.md", "a8r.io/runbook", None, 6), ("docs/b.md", "example.dev/runbook-url", None, 7)],
        ),
        (
            COMPONENT,
            "a.yaml",
            "Component/web",
            [
                ("https://wiki.acme.dev/web", "url", "How we work", 9),
                ("https://wiki.acme.dev/team", "url", "Runbooks of the team", 11),
            ],
        ),
        (
            TERRAFORM,
            "main.tf",
            "aws_cloudwatch_metric_alarm.a",
            [
                ("docs/a.md", "Runbook", None, 5),
                ("https://wiki.acme.dev/a", "alarm_description", None, 4),
                ("https://wiki.acme.dev/b", "alarm_description", None, 4),
            ],
        ),
        (TERRAFORM, "main.tf", "aws_cloudwatch_metric_alarm.b", [("?",)]),
        (TERRAFORM, "main.tf", "aws_cloudwatch_metric_alarm.c", []),
        (
            TERRAFORM,
            "main.tf",
            "google_monitoring_alert_policy.a",
            [("https://wiki.acme.dev/{{ policy.name }}/x", "content", None, 18)],
        ),
        (
            TERRAFORM,
            "main.tf",
            "newrelic_nrql_alert_condition.a",
            [("https://wiki.acme.dev/a", "runbook_url", None, 23)],
        ),
        (
            TERRAFORM,
            "main.tf",
            "grafana_rule_group.a",
            [("https://wiki.acme.dev/a", "runbook_url", "slow", 29)],
        ),
    ],
)
def test_places(text: str, name: str, address: str, expected: list[tuple[Any, ...]]) -> None:
    assert links(text, name, address) == expected


def test_what_is_known_of_a_text_is_not_taken_for_where_it_leads() -> None:
    host = Host(from_texts({}).estate, RepositoryFacts(Path(), texts={}))
    found = host.functions["runbook"](Unknown("it is not known", prefix="https://"))
    assert isinstance(found, Unknown)
    assert found.prefix == ""
    assert host.functions["runbook"](None) is None
    assert host.functions["runbook"]("  ") is None


@pytest.mark.parametrize("known", [{"prefix": "1.2"}, {"suffix": ".9"}, {"not_null": True}])
def test_a_condition_on_a_text_known_in_part_stays_unknown(known: dict[str, Any]) -> None:
    host = Host(from_texts({}).estate, RepositoryFacts(Path(), texts={}))
    for source in (
        'lifecycle("eks", object.version).ended != true',
        'lifecycle("eks", object.version) != null',
        "runbook(object.version).exists == true",
    ):
        program = compile(source, functions=FUNCTIONS, variables=VARIABLES)
        value = program.evaluate({"object": {"version": Unknown("why", **known)}}, host.functions)
        assert isinstance(value, Unknown), source
