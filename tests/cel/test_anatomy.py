"""What a condition is made of, and the values that it looks at."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.policy import cel
from readiness.policy.cel import HOST
from readiness.policy.cel.anatomy import ELEMENTS, Piece, anatomy, looked_at, one_line
from readiness.values import List, Map, Span, Unknown

PATH = "main.tf"
LATER = Unknown("it is not known", ("var.later",))


def at(line: int, column: int = 1) -> Span:
    return Span(PATH, line, column, line, column + 1)


OBJECT = Map(
    {
        "days": 3,
        "later": LATER,
        "rules": List([Map({"port": 22}, at(5)), Map({"port": 443}, at(6))], at(4), [at(5), at(6)]),
        "zones": List(["a", "b"], at(7), [at(7, 3), at(7, 5)]),
    },
    at(1),
    value_spans={"days": at(2), "later": at(3), "rules": at(4), "zones": at(7)},
)


def piece(source: str) -> Piece:
    functions = {"double": lambda value: value * 2, "known": lambda value: not isinstance(value, Unknown)}
    program = cel.compile(source, functions=functions, variables=("object", "params", "item"))
    return Piece(program, {"object": OBJECT, "params": {"days": 7}, "item": None, HOST: functions})


def told(value: Any) -> Any:
    return value.reason if isinstance(value, Unknown) else getattr(value, "message", value)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("object.days >= params.days", [("object.days", 3, 2), ("params.days", 7, None)]),
        ("object.absent.deeper == 1", [("object.absent.deeper", None, 1)]),
        ("has(object.days)", [("object.days", 3, 2)]),
        ("object.later > 1", [("object.later", "it is not known", 3)]),
        ("object.?days.orValue(1) > 2", [("object.?days", 3, 2)]),
        ('object["days"] == object.days', [('object["days"]', 3, 2), ("object.days", 3, 2)]),
        ("object.days == 3 || object.days == 4", [("object.days", 3, 2)]),
        (
            "object.days > 2 ? object.zones == [] : object.later",
            [("object.days", 3, 2), ("object.zones", ["a", "b"], 7)],
        ),
        ('object.zones.exists(z, z == "b")', [("object.zones", ["a", "b"], 7), ("z", "b", 7), ("z", "a", 7)]),
        ('["x"].exists(z, z == "y")', []),
        (
            "object.rules.all(r, r.port == 22)",
            [("object.rules", None, 4), ("r.port", 443, 6), ("r.port", 22, 5)],
        ),
        ("cel.bind(d, object.days, d > 1)", [("object.days", 3, 2), ("d", 3, None)]),
        ("double(object.days) == 6", [("object.days", 3, 2), ("double(object.days)", 6, None)]),
        ("known(object.later)", [("object.later", "it is not known", 3)]),
        ("object == null", []),
    ],
)
def test_values(source: str, expected: list[tuple[str, Any, int | None]]) -> None:
    found = [
        (one.text, None if one.text == "object.rules" else told(one.value), one.span and one.span.line)
        for one in looked_at(piece(source))
    ]
    assert found == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "object.days > 1 && object.zones == [] && true",
            [("object.days > 1", True), ("object.zones == []", False), ("true", True)],
        ),
        ("!(object.days > 1 || object.days > 5)", [("object.days > 1", True), ("object.days > 5", False)]),
        (
            "object.days > 1 ? object.later : true",
            [("object.days > 1", True), ("object.later", "it is not known")],
        ),
        ("object.later ? true : false", [("object.later", "it is not known")]),
        ("object.rules.all(r, r.port == 22)", [("r.port == 22", False), ("r.port == 22", True)]),
        ("object.rules.exists(r, r.port == 443)", [("r.port == 443", True), ("r.port == 443", False)]),
        ("cel.bind(d, object.days, d > 1 || d > 5)", [("d > 1", True), ("d > 5", False)]),
        ("object.days.exists(x, x)", []),
        ("object.days == 3", []),
    ],
)
def test_pieces(source: str, expected: list[tuple[str, Any]]) -> None:
    found = [(one_line(part.program.source), told(part.value)) for part in anatomy(piece(source)).pieces]
    assert found == expected


def test_elements_beyond_the_limit_are_counted() -> None:
    many = anatomy(piece("[1, 2, 3, 4, 5].all(n, n > object.days)"))
    assert [part.element for part in many.pieces] == [(0, 1), (1, 2), (2, 3)]
    assert (len(many.pieces), many.left) == (ELEMENTS, 2)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("a\n  // why\n  && b", "a && b"),
        ('a == "https://acme.example.com" // here', 'a == "https://acme.example.com"'),
        ("a == 'x\\'//y' //z", "a == 'x\\'//y'"),
    ],
)
def test_one_line(source: str, line: str) -> None:
    assert one_line(source) == line
