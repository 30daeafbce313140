"""Lists in which one item stands for any number of them: `dynamic` blocks whose items are not known."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.policy import cel
from readiness.values import List, Map, Unknown

OPEN = Unknown("the blocks depend on var.rules", ("var.rules",))


def blocks(*items: Any, more: Unknown | None = OPEN) -> List:
    result = List(items)
    result.more = more
    return result


ALONE = blocks(OPEN)
BEHIND = blocks(Map({"port": 22}), OPEN)
KNOWN = blocks(Map({"port": 22}), more=None)

CASES = [
    # list, condition, the result: None for unknown
    (ALONE, "size(object.rule) == 1", None),
    (ALONE, "object.rule.size() > 0", None),
    (ALONE, "object.rule == []", None),
    (ALONE, "object.rule != []", None),
    (ALONE, "object.rule[0].port == 22", None),
    (ALONE, "object.rule[1].port == 22", None),
    (ALONE, "object.rule[7] != null", None),
    (ALONE, "object.rule[?1].orValue({'port': 22}).port == 22", None),
    (ALONE, "size(object.rule + object.rule)", None),
    (ALONE, "object.rule.exists(r, r.port == 22)", None),
    (BEHIND, "size(object.rule) == 2", None),
    (BEHIND, "object.rule[0].port == 22", True),
    (BEHIND, "object.rule[2].port == 22", None),
    (BEHIND, "object.rule.exists(r, r.port == 22)", True),
    (BEHIND, "object.rule.all(r, r.port == 23)", False),
    (KNOWN, "size(object.rule) == 1", True),
    (KNOWN, "object.rule[1] == null", True),
    (KNOWN, "object.rule == []", False),
    (KNOWN, "size(object.rule + object.rule)", 2),
]


@pytest.mark.parametrize(("rules", "condition", "expected"), CASES)
def test_open_lists(rules: List, condition: str, expected: Any) -> None:
    result = cel.compile(condition).evaluate({"object": Map({"rule": rules})})
    if expected is None:
        assert isinstance(result, Unknown)
        assert result.refs == ("var.rules",)
    else:
        assert result == expected


def test_an_unknown_item_of_another_list_counts_as_one() -> None:
    assert cel.compile("size(x)").evaluate({"x": List([OPEN])}) == 1
