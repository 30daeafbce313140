"""What labels and tags mean: the keys of the settings, tiers and environments."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.estate.build import from_texts
from readiness.estate.metadata import Meaning, assign, meaning_of
from readiness.estate.model import Resource


def resource(labels: str, settings: dict[str, Any] | None = None) -> Resource:
    """An object with some labels, as settings read them."""
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, labels: {labels}}}\n"
    estate = from_texts({"a.yaml": text}).estate
    one = estate.resources[0]
    one.tier = one.environment = None
    assign(estate, meaning_of(settings))
    return one


@pytest.mark.parametrize(
    ("labels", "tier"),
    [
        ("{tier: '0'}", 0),
        ("{tier: 2}", 2),
        ("{tier: tier-1}", 1),
        ("{tier: T3}", 3),
        ("{tier: Tier_2}", 2),
        ("{tier: gold}", None),
        ("{tier: '12'}", None),
        ("{tier: frontend}", None),
        ("{tier: frontend, service-tier: '1'}", 1),
        ("{tier: gold-plated, service-tier: '1'}", None),
    ],
)
def test_tiers(labels: str, tier: int | None) -> None:
    assert resource(labels).tier == tier


def test_words_for_tiers_and_other_keys() -> None:
    settings = {"tier": ["criticality"], "tiers": {"Critical": 0}}
    assert resource("{criticality: critical, tier: '3'}", settings).tier == 0
    assert resource("{tier: '3'}", settings).tier is None


@pytest.mark.parametrize(
    ("labels", "environment"),
    [
        ("{is-production: 'true', env: dev}", "production"),
        ("{is-production: 'false', env: dev}", "dev"),
        ("{is-production: 'false'}", None),
        ("{env: live}", "live"),
    ],
)
def test_values_that_mean_production(labels: str, environment: str | None) -> None:
    settings = {"environment": ["is-production", "env"], "is-production": ["true"]}
    assert resource(labels, settings).environment == environment


def test_what_settings_leave_out_is_built_in() -> None:
    assert meaning_of({"owner": ["squad"]}).keys == {**Meaning().keys, "owner": ("squad",)}
