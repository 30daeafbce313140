"""Label selectors select what Kubernetes would select."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.kubernetes.linking.selectors import Selector, from_label_selector, from_pairs
from readiness.values import Unknown

LABELS: dict[str, Any] = {"app": "web", "tier": "front"}


def expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, True),
        ({"matchLabels": {"app": "web"}}, True),
        ({"matchLabels": {"app": "web", "tier": "back"}}, False),
        ({"matchLabels": {"app": "web"}, **expression("tier", "In", "front", "x")}, True),
        (expression("tier", "In", "back"), False),
        (expression("zone", "In", "a"), False),
        (expression("tier", "NotIn", "back"), True),
        (expression("tier", "NotIn", "front"), False),
        (expression("zone", "NotIn", "a"), True),
        (expression("tier", "Exists"), True),
        (expression("zone", "Exists"), False),
        (expression("tier", "DoesNotExist"), False),
        (expression("zone", "DoesNotExist"), True),
    ],
)
def test_label_selectors(selector: dict[str, Any], expected: bool) -> None:
    found = from_label_selector(selector)
    assert found is not None
    assert found.matches(LABELS) is expected


@pytest.mark.parametrize(
    "selector",
    [
        None,
        "x",
        Unknown("is not known"),
        {"matchLabels": "x"},
        {"matchLabels": {"a": 1}},
        {"matchLabels": {"a": Unknown("is not known")}},
        {"matchExpressions": {}, "matchLabels": []} | {"matchExpressions": "x"},
        {"matchExpressions": ["x"]},
        expression("a", "in", "b"),
        expression("a", "In"),
        expression("a", "Exists", "b"),
        {"matchExpressions": [{"key": 1, "operator": "Exists"}]},
        {"matchExpressions": [{"key": "a", "operator": "In", "values": [1]}]},
    ],
)
def test_invalid_label_selectors_select_nothing(selector: Any) -> None:
    assert from_label_selector(selector) is None


def test_pairs() -> None:
    assert from_pairs({"app": "web"}) == Selector((("app", "web"),))
    assert from_pairs({}) is None
    assert from_pairs({"app": 1}) is None
    assert from_pairs(None) is None


def test_a_label_that_is_no_text_matches_no_value() -> None:
    found = from_label_selector(expression("app", "In", "1"))
    assert found is not None
    assert not found.matches({"app": 1})
    assert not found.matches({"app": ["1"]})
