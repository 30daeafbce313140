"""`--fail-under`: what services need, by tier."""

from __future__ import annotations

import pytest

from readiness.engine.model import Counts, Report
from readiness.errors import UsageError
from readiness.scorecard.gate import Gate, below, parse_gate
from readiness.scorecard.model import Scorecard, ServiceResult

LEVELS = ("bronze", "silver", "gold")


def a_service(name: str, tier: int, level: str, score: int | None, **more: object) -> ServiceResult:
    known = more.pop("level_if_known", level)
    return ServiceResult(
        name, tier, False, "catalog", "c.yaml", 1, level=level, level_if_known=known, score=score, **more
    )


@pytest.mark.parametrize(
    ("texts", "gate"),
    [
        (("gold",), Gate("gold")),
        (("80",), Gate(80)),
        (("0",), Gate(0)),
        (("silver,0=gold", "tier-2=60"), Gate("silver", {0: "gold", 2: 60})),
        (("0=Gold",), Gate(None, {0: "gold"})),
    ],
)
def test_a_gate(texts, gate):
    assert parse_gate(texts, LEVELS) == gate


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "glod",
            "'glod' is no level (bronze, silver, gold) and no number from 0 to 100; did you mean 'gold'?",
        ),
        ("101", "'101' is no level (bronze, silver, gold) and no number from 0 to 100"),
        ("-1", "'-1' is no level"),
        ("gold,80", "'80' comes after 'gold'; only tiers (0=gold) come beside it"),
        ("web=gold", "'web' is no tier; write 0=gold for tier 0"),
        ("0=gold,0=80", "tier 0 stands there twice"),
        ("", "'' is no level"),
    ],
)
def test_what_is_no_gate(text, message):
    with pytest.raises(UsageError) as error:
        parse_gate((text,), LEVELS)
    assert message in error.value.message


def test_services_below_the_gate_and_why():
    services = [
        a_service("a", 0, "silver", 90),
        a_service("b", 1, "silver", 79),
        a_service("c", 1, "", 20, level_if_known="silver"),
        a_service("d", 2, "", None),
        a_service("e", 7, "", None, problem="tier 7 is not defined"),
    ]
    card = Scorecard(services, Report([], [], Counts()), {}, LEVELS)
    found = [(one.service.name, one.why) for one in below(card, Gate("silver", {0: "gold", 2: 60}))]
    assert found == [
        ("a", "it is silver and needs gold"),
        ("c", "it is below bronze and needs silver (what is unknown alone keeps it from that)"),
        ("d", "nothing is known of it, and it needs 60"),
        ("e", "it has neither level nor score: tier 7 is not defined"),
    ]
    assert [one.why for one in below(card, Gate(80))][:2] == [
        "it has 79 of 100 and needs 80",
        "it has 20 of 100 and needs 80",
    ]
    assert below(card, Gate()) == []
