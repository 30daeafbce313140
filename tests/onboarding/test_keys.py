"""Which keys carry owner, service, tier and environment, and which policies should know them."""

from __future__ import annotations

import pytest

from readiness.estate.build import from_texts
from readiness.onboarding.keys import fact_of, find_adjustments, find_keys
from readiness.onboarding.model import Adjustment
from readiness.policy.bundle import builtin_pack


@pytest.mark.parametrize(
    ("key", "fact"),
    [
        ("owner", "owner"),
        ("Squad", "owner"),
        ("acme.io/owning-team", "owner"),
        ("app.kubernetes.io/owner", None),
        ("app.kubernetes.io/name", "service"),
        ("app", "service"),
        ("Environment", "environment"),
        ("acme:env", "environment"),
        ("business_criticality", "tier"),
        ("service-tier", "tier"),
        ("kubernetes.io/metadata.name", None),
        ("Name", None),
        ("teammate-count", None),
        ("steam", None),
        ("Team Name", "owner"),
        ("ownedBy", "owner"),
        ("ownerteam", "owner"),
        ("downtime", None),
    ],
)
def test_facts(key: str, fact: str | None) -> None:
    assert fact_of(key) == fact


FILES = {
    "a.yaml": """\
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {acme.io/squad: a, stage-name: prod}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata: {name: r}
spec:
  groups:
    - name: g
      labels: {crew: a}
      rules:
        - {alert: A, expr: up == 0, labels: {squad: a}}
        - 3
""",
    "main.tf": """\
resource "aws_s3_bucket" "a" {
  bucket = "a"
  tags   = { Cost-Center = "1", "acme:Tribe" = "t", tier = "1" }
}

resource "aws_sqs_queue" "q" {
  tags = { "acme:Tribe" = "t" }
}
""",
}


def test_keys_of_an_estate() -> None:
    keys = find_keys(from_texts(FILES).estate)
    assert [(key.fact, key.kind, key.name, key.resources, key.read) for key in keys] == [
        ("owner", "tag", "acme:Tribe", 2, True),
        ("owner", "label", "acme.io/squad", 1, True),
        ("tier", "tag", "tier", 1, True),
    ]


def test_policies_that_should_know_a_key() -> None:
    policies = builtin_pack().policies
    default = {policy.id: policy.params for policy in policies}
    expected = [
        Adjustment(
            "own-namespace",
            "owner_keys",
            (*default["own-namespace"]["owner_keys"]["default"], "squad"),
            ("squad",),
        ),
        Adjustment(
            "own-tags-anybody", "keys", (*default["own-tags-anybody"]["keys"]["default"], "tribe"), ("tribe",)
        ),
        Adjustment(
            "alr-prom-owner",
            "keys",
            (*default["alr-prom-owner"]["keys"]["default"], "crew", "squad"),
            ("crew", "squad"),
        ),
    ]
    assert find_adjustments(from_texts(FILES).estate, policies) == expected


def test_a_key_that_is_known_is_enough() -> None:
    files = {"main.tf": 'resource "aws_s3_bucket" "a" {\n  tags = { owner = "a", crew = "b" }\n}\n'}
    assert find_adjustments(from_texts(files).estate, builtin_pack().policies) == []
