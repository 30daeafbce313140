"""Files of Prometheus rules as the custom resource that holds the same rules.

A file of rules (of Prometheus, Thanos, Mimir or Loki) and a `PrometheusRule` differ in nothing but the
envelope, so one policy holds for both.  Sources:
https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/,
https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule,
https://grafana.com/docs/loki/latest/query/
"""

from __future__ import annotations

import re
from typing import Any

from readiness.values import Map, Span

DIALECT = "readiness.dev/dialect"
"""The annotation that says `logql` of rules that ask Loki: their expressions are no PromQL."""

# What LogQL has and PromQL has not: filters, parsers and stages after a selector of streams, and a range
# over a selector with them.
_LOGQL = re.compile(
    r"\|[=~>]|!>|\|\s*(?:json|logfmt|pattern|regexp|unpack|unwrap|decolorize|line_format|label_format|drop|keep)\b"
    r"|\b(?:bytes_rate|bytes_over_time|rate_counter)\s*\("
    r"|}\s*(?:!=|!~)\s*\""
)
_STRINGS = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`", re.DOTALL)


def rule_body(root: Map, name: str, document: Span, logql: bool = False) -> Map:
    """A mapping with `groups` in the shape of a PrometheusRule, every span kept.

    `logql` says that the rules are known to be for Loki; else their expressions tell.
    """
    span = root.span or document
    groups = root.get("groups")
    spec = Map({"groups": groups}, span, _only(root.key_spans), _only(root.value_spans), root.origin)
    metadata = Map({"name": name}, span)
    if logql or is_logql(groups):
        metadata["annotations"] = Map({DIALECT: "logql"}, span)
    return Map(
        {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": metadata,
            "spec": spec,
        },
        span,
    )


def _only(spans: dict[str, Span]) -> dict[str, Span]:
    return {"groups": spans["groups"]} if "groups" in spans else {}


def is_logql(groups: Any) -> bool:
    """Whether rules are written for Loki: some expression has what only LogQL has."""
    for group in groups if isinstance(groups, list) else ():
        for rule in group.get("rules") or () if isinstance(group, dict) else ():
            expression = rule.get("expr") if isinstance(rule, dict) else None
            if isinstance(expression, str) and _LOGQL.search(_STRINGS.sub('""', expression)):
                return True
    return False
