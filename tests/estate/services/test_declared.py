"""`readiness-services.yaml`, and evidence with a date."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema
import pytest
from tests.estate.services.conftest import Found, component, manifest

from readiness.config.services import parse_services, schema
from readiness.config.shape import KEYWORDS
from readiness.errors import UsageError
from readiness.estate.services.shelf import fresh_until

Find = Callable[[Mapping[str, str]], Found]

TEXT = """\
services:
  cart:
    owner: team-cart
    tier: T0
    system: shop
    rto: 1h
    rpo: 5m
    data_classification: confidential
    environments: [prod]
    depends_on: [pay]
    resources: ["ConfigMap/x*"]
    paths: [infra/cart]
    evidence:
      - {kind: restore-test, date: 2026-05-04, note: all well, link: https://example.com/1}
"""


def test_an_entry_goes_before_all_else(find: Find) -> None:
    found = find(
        {
            "readiness-services.yaml": TEXT,
            "catalog-info.yaml": component("cart", "{type: service, owner: other}", labels="{tier: '3'}"),
            "deploy/x.yaml": manifest("ConfigMap/x1", "{service: pay, owner: third}"),
            "infra/cart/main.tf": 'resource "aws_s3_bucket" "a" {\n  tags = { Service = "pay" }\n}\n',
        }
    )
    cart = found["cart"]
    assert found.found_by == {"cart": "declared"}
    assert (cart.owner, cart.tier, cart.system, cart.rto, cart.rpo) == ("team-cart", 0, "shop", "1h", "5m")
    assert (cart.data_classification, cart.environments, cart.depends_on) == (
        "confidential",
        ["prod"],
        ["pay"],
    )
    assert [r.address for r in cart.resources if r.mode == "managed"] == [
        "aws_s3_bucket.a",
        "Component/cart",
        "ConfigMap/x1",
    ]
    assert (cart.said["tier"].by, cart.said["tier"].span[:3]) == (
        "declared",
        ("readiness-services.yaml", 4, 5),
    )
    assert cart.span[:3] == ("readiness-services.yaml", 2, 3)


def test_evidence_has_a_shelf_life(find: Find) -> None:
    found = find({"readiness-services.yaml": TEXT})
    (one,) = found["cart"].evidence
    assert (one.kind, one.on, one.fresh_until) == (
        "restore-test",
        datetime.date(2026, 5, 4),
        datetime.date(2026, 8, 4),
    )
    body: Any = found["cart"].resource
    (seen,) = body.body["evidence"]
    assert (seen["on"], seen["fresh_until"], seen["note"]) == ("2026-05-04", "2026-08-04", "all well")
    assert seen["fresh"] is (datetime.date.today() <= datetime.date(2026, 8, 4))
    assert body.body["evidence"].span_of(0).line == 14


@pytest.mark.parametrize(
    ("kind", "tier", "days"),
    [("restore-test", 0, 92), ("restore-test", 2, 183), ("game-day", 1, 183), ("load-test", 9, 366)],
)
def test_shelf_lives(kind: str, tier: int, days: int) -> None:
    day = datetime.date(2026, 1, 1)
    assert fresh_until(kind, day, tier) == day + datetime.timedelta(days)


def test_evidence_of_a_service_without_a_tier_is_neither_fresh_nor_stale(find: Find) -> None:
    found = find({"readiness-services.yaml": TEXT.replace("    tier: T0\n", "")})
    body: Any = found["cart"].resource
    assert (found["cart"].evidence[0].fresh_until, body.body["evidence"][0]["fresh"]) == (None, None)


def test_one_service_in_two_files(find: Find) -> None:
    found = find(
        {
            "readiness-services.yaml": "services:\n  cart: {tier: 1}\n",
            "sub/readiness-services.yaml": "services:\n  Cart: {tier: 2}\n",
        }
    )
    assert [(s.name, s.tier) for s in found.estate.services] == [("cart", 1)]
    assert found.problems == [
        (
            "sub/readiness-services.yaml",
            2,
            3,
            "the service 'Cart' is declared at readiness-services.yaml:2 already, and what stands there holds",
        )
    ]


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        (
            "services:\n  cart: {teir: 1}\n",
            (2, 10),
            "services.cart: there is no field 'teir' here; did you mean 'tier'?",
        ),
        ("services:\n  cart: {}\n  cart: {}\n", (3, 3), "'cart' stands here twice; first in line 2"),
        ("service: {}\n", (1, 1), "there is no field 'service' here; did you mean 'services'?"),
        ("{}\n", (1, 1), "'services' is missing here"),
        ("services: [cart]\n", (1, 11), "services: a mapping or nothing is expected, not a list"),
        (
            "services:\n  cart:\n    evidence:\n      - {kind: restore-test, date: 2026-02-30}\n",
            (4, 36),
            "services.cart.evidence.0.date: there is no day '2026-02-30'",
        ),
        (
            "services:\n  cart:\n    evidence:\n      - {kind: restor-test, date: 2026-02-01}\n",
            (4, 16),
            "services.cart.evidence.0.kind: 'restor-test' is not one of restore-test, game-day, load-test,"
            " access-review; did you mean 'restore-test'?",
        ),
        (
            "services:\n  cart: {tier: 12}\n",
            (2, 16),
            "services.cart.tier: 12 is too great: 9 or less is expected",
        ),
    ],
)
def test_what_is_wrong_has_a_place(text: str, place: tuple[int, int], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_services("readiness-services.yaml", text)
    assert ((caught.value.line, caught.value.column), caught.value.message) == (place, message)


def test_the_schema_is_one_and_has_only_what_is_checked() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert _keywords(schema()) <= KEYWORDS


def _keywords(shape: Any, names: bool = False) -> set[str]:
    if isinstance(shape, list):
        return set().union(*map(_keywords, shape)) if shape else set()
    if not isinstance(shape, dict):
        return set()
    found = set() if names else set(shape)
    for key, value in shape.items():
        inner = not names and key in ("properties", "$defs", "patternProperties")
        found |= _keywords(value, inner) if key not in ("enum", "const", "required") or names else set()
    return found
