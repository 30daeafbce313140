"""Searches of a long list by one equality look at the items that can match, and answer the same."""

from __future__ import annotations

from typing import Any

import pytest

import readiness.policy.cel as cel
from readiness.policy.cel import CelError
from readiness.values import List, Map, Span, Unknown

U = Unknown("variable `x` has no default", ("var.x",))
FUNCTIONS = frozenset({"resources"})


class Counted(dict[str, Any]):
    """An item that counts how often its `ns` is read."""

    reads = 0

    def get(self, key: str, default: Any = None) -> Any:
        if key == "ns":
            Counted.reads += 1
        return super().get(key, default)


def many(*special: Any) -> list[Any]:
    return [*({"ns": f"n{number}", "at": number} for number in range(100)), *special]


def run(source: str, listed: Any, **names: Any) -> Any:
    return cel.compile(source, functions=FUNCTIONS).evaluate(names, {"resources": lambda _type: listed})


def outcome(source: str, listed: Any, **names: Any) -> Any:
    try:
        return run(source, listed, **names)
    except CelError as error:
        return error.message


@pytest.mark.parametrize(
    "body",
    [
        "s.ns == wanted",
        "wanted == s.ns",
        's.?ns.orValue("n7") == wanted',
        "s.ns == wanted && s.at > 50",
        "s.at > 50 && s.ns == wanted",
        "s.ns == wanted && s.at.deep == 1",
        's.ns == wanted && s.at == 7 && s["ns"] == "n7"',
        's.ns == "n8"',
        "s.ns == [wanted][0]",
        "s.ns == wanted || s.at == 70",
        "s.ns != wanted",
    ],
)
@pytest.mark.parametrize("wanted", ["n7", "n70", "absent", None, 5, True, U])
@pytest.mark.parametrize(
    "special",
    [
        (),
        ({"at": 60},),
        ({"ns": None}, {"ns": U}),
        ({"ns": Unknown("begins", prefix="n7")}, {"ns": 5}, {"ns": True}, U),
        ("text", None),
        ({"ns": "n7", "at": 170}, {"ns": "n7", "at": 171}),
    ],
)
@pytest.mark.parametrize("macro", ["exists", "filter"])
def test_a_search_of_a_long_list_answers_as_one_item_after_another_does(
    macro: str, special: tuple[Any, ...], wanted: Any, body: str
) -> None:
    items = many(*special)
    short = f"{macro}(s, {body})"
    # The same list, not from a host function, is searched item by item.
    assert outcome(f'resources("T").{short}', items, wanted=wanted) == outcome(
        f"items.{short}", items, wanted=wanted, items=items
    )


def test_what_cannot_match_is_looked_at_once() -> None:
    items = [Counted(ns=f"n{number}") for number in range(1000)]
    program = cel.compile('resources("T").exists(s, s.ns == wanted)', functions=FUNCTIONS)
    functions = {"resources": lambda _type: items}
    Counted.reads = 0
    for number in range(0, 1000, 10):
        assert program.evaluate({"wanted": f"n{number}"}, functions) is True
    assert program.evaluate({"wanted": "nowhere"}, functions) is False
    assert Counted.reads == 1000 + 100


def test_another_list_is_searched_anew() -> None:
    program = cel.compile('resources("T").exists(s, s.ns == wanted)', functions=FUNCTIONS)
    for items, want in ((many(), False), (many({"ns": "here"}), True), (many(), False)):
        assert program.evaluate({"wanted": "here"}, {"resources": lambda _type, i=items: i}) is want


def test_a_filter_keeps_the_places_of_what_it_keeps() -> None:
    spans = [Span("a.yaml", line, 1, line, 9) for line in range(1, 101)]
    items = List([Map({"ns": f"n{number}"}) for number in range(100)], None, spans)
    found = run('resources("T").filter(s, s.ns == "n7")', items)
    assert isinstance(found, List)
    assert found.item_spans == [spans[7]]


def test_a_variable_of_an_outer_macro_may_be_what_is_searched_for() -> None:
    source = '["n7", "n8", "absent"].map(w, resources("T").exists(s, s.ns == w && s.at == 7))'
    assert run(source, many()) == [True, False, False]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("kinds.exists(k, linked(k).exists(x, x == 1))", True),
        ("kinds.exists(k, linked(k).exists(x, x == 3))", False),
        ("kinds.exists(k, linked(k).exists(x, x == wait))", U),
        ("kinds.all(k, linked(k).all(x, x < 2))", False),
        ("kinds.all(k, linked(k).all(x, x < 3))", True),
        ("kinds.exists(k, linked(k).all(x, x == 9))", True),  # of nothing all holds
        ("kinds.all(k, linked(k).exists(x, x == 1))", False),
    ],
)
def test_types_of_which_nothing_is_linked(source: str, expected: Any) -> None:
    there = {"a": List([1, 2]), "b": List([1])}
    program = cel.compile(source, functions=frozenset({"linked"}))
    for kinds in (["a", "b", "none"], ["none", "b", "a"]):
        found = program.evaluate(
            {"kinds": List(kinds), "wait": U}, {"linked": lambda kind: there.get(kind, List())}
        )
        if isinstance(expected, Unknown):
            assert isinstance(found, Unknown)
        else:
            assert found is expected
