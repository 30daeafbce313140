"""Which values an expression blames, with their lines."""

from __future__ import annotations

from typing import Any

import pytest

import readiness.policy.cel as cel
from readiness.policy.cel import Blame
from readiness.values import List, Map, Span, Unknown


class _Writer:
    """Lays a value out as indented JSON would be, one line per entry, and gives it those spans."""

    def __init__(self) -> None:
        self.line = 1

    def write(self, value: Any) -> tuple[Any, Span]:
        start = self.line
        if isinstance(value, dict) and value:
            result = Map()
            for key, item in value.items():
                self.line += 1
                at = self.line
                result[key], span = self.write(item)
                result.key_spans[key] = Span("f", at, 1, at, 1 + len(key))
                result.value_spans[key] = span
            self.line += 1
            result.span = Span("f", start, 1, self.line, 2)
            return result, result.span
        if isinstance(value, list) and value:
            items = List()
            for item in value:
                self.line += 1
                written, span = self.write(item)
                items.append(written)
                items.item_spans.append(span)
            self.line += 1
            items.span = Span("f", start, 1, self.line, 2)
            return items, items.span
        span = Span("f", start, 20, start, 30)
        if value == {}:
            return Map(span=span), span
        return (List(span=span) if value == [] else value), span


OBJECT, _ = _Writer().write(
    {  # 1
        "retention": 3,  # 2
        "encrypted": False,  # 3
        "nothing": None,  # 4
        "engine": "mysql",  # 5
        "unknown": Unknown("var.x"),  # 6
        "tags": {  # 7
            "env": "dev",  # 8
            "dotted.key": "x",  # 9
        },  # 10
        "spec": {  # 11
            "containers": [  # 12
                {  # 13
                    "name": "a",  # 14
                    "image": "a:latest",  # 15
                    "resources": {  # 16
                        "limits": {"memory": "64Mi"},  # 17-19
                    },  # 20
                },  # 21
                {  # 22
                    "name": "b",  # 23
                    "image": "b:1.0",  # 24
                    "probe": {},  # 25
                },  # 26
            ],  # 27
            "ports": [80, 443],  # 28-31
        },  # 32
    }  # 33
)
BINDINGS = {"object": OBJECT, "params": Map({"days": 7}, Span("p", 1, 1, 1, 9)), "address": "x"}

CASES: list[tuple[str, list[tuple[int | None, Any, Any]]]] = [
    # Comparison: the entry that is there
    ("object.retention >= params.days", [(2, "retention", 3)]),
    ("params.days <= object.retention", [(2, "retention", 3)]),
    ("object.encrypted == true", [(3, "encrypted", False)]),
    ("object.encrypted", [(3, "encrypted", False)]),
    ("object['encrypted']", [(3, "encrypted", False)]),
    ("object.tags['dotted.key'] == 'y'", [(9, "dotted.key", "x")]),
    ("object.engine in ['postgres']", [(5, "engine", "mysql")]),
    ("object.engine.startsWith('p')", [(5, "engine", "mysql")]),
    ("object.?retention.orValue(0) > 5", [(2, "retention", 3)]),
    ("object.unknown == 'a'", [(6, "unknown", OBJECT["unknown"])]),
    ("object.unknown.deep == 'a'", [(6, "unknown", OBJECT["unknown"])]),
    ("object.spec.ports[1] == 80", [(30, 1, 443)]),
    ("size(object.spec.ports) > 2", [(28, "ports", [80, 443])]),
    # Absent: the nearest enclosing value that is there
    ("object.absent == 1", [(1, "absent", None)]),
    ("object.absent.further == 1", [(1, "absent", None)]),
    ("object.tags.owner != null", [(7, "owner", None)]),
    ("has(object.tags.owner)", [(7, "owner", None)]),
    ("object.spec.ports[5] == 80", [(28, 5, None)]),
    ("object.nothing == true", [(4, "nothing", None)]),
    ("object.nothing.further == true", [(4, "nothing", None)]),
    # Values that are there before those that are not
    ("object.absent == object.retention", [(2, "retention", 3)]),
    ("object.absent == 1 || object.encrypted", [(3, "encrypted", False), (1, "absent", None)]),
    # Logic
    ("object.retention == 3 && object.encrypted", [(3, "encrypted", False)]),
    ("object.retention > 3 && object.encrypted", [(2, "retention", 3), (3, "encrypted", False)]),
    ("object.retention > 3 || object.encrypted", [(2, "retention", 3), (3, "encrypted", False)]),
    ("!(object.retention == 3)", [(2, "retention", 3)]),
    ("!(object.retention == 3 && object.engine == 'mysql')", [(2, "retention", 3), (5, "engine", "mysql")]),
    ("!(object.encrypted || object.engine == 'mysql')", [(5, "engine", "mysql")]),
    ("!has(object.tags.env)", [(8, "env", "dev")]),
    ("object.encrypted ? true : object.retention > 3", [(2, "retention", 3)]),
    ("object.retention == 3 ? object.encrypted : true", [(3, "encrypted", False)]),
    # Macros
    ("object.spec.containers.all(c, !c.image.endsWith(':latest'))", [(15, "image", "a:latest")]),
    ("object.spec.containers.all(c, has(c.probe))", [(13, "probe", None)]),
    (
        "object.spec.containers.all(c, has(c.livenessProbe))",
        [(13, "livenessProbe", None), (22, "livenessProbe", None)],
    ),
    (
        "object.spec.containers.all(c, c.resources.limits.cpu != null)",
        [(13, "cpu", None), (22, "resources", None)],
    ),
    (
        "object.spec.containers.all(c, quantity(c.resources.limits.memory) > quantity('1Gi'))",
        [(18, "memory", "64Mi"), (22, "resources", None)],
    ),
    ("object.spec.containers.all(c, false)", [(13, 0, "a"), (22, 1, "b")]),
    ("object.spec.ports.all(p, p == 80)", [(30, 1, 443)]),
    ("object.spec.ports.all(i, p, p == 80 || i == 7)", [(30, 1, 443)]),
    ("object.tags.all(k, k == 'env')", [(9, "dotted.key", "x")]),
    ("object.tags.all(k, v, v == 'dev')", [(9, "dotted.key", "x")]),
    ("object.spec.ports.filter(p, p != 80).all(p, p == 80)", [(30, 0, 443)]),
    ("object.spec.ports.exists(p, p == 22)", [(28, "ports", [80, 443])]),
    ("!object.spec.ports.exists(p, p == 443)", [(30, 1, 443)]),
    ("object.spec.absent.exists(p, p == 22)", [(11, "absent", None)]),
    ("object.spec.containers.exists_one(c, true)", [(12, "containers", None)]),
    ("size(object.spec.ports.filter(p, p == 22)) > 0", [(28, "ports", [80, 443])]),
    ("cel.bind(t, object.tags, t.env == 'prod')", [(8, "env", "dev")]),
    ("cel.bind(e, object.engine, e == 'prod')", [(5, "engine", "mysql")]),
    ("object.tags.map(k, k).all(k, k in object.spec.ports)", [(28, "ports", [80, 443])]),
    # Nobody's fault
    ("params.days > 10", []),
    ("1 > 2", []),
    ("address == 'y'", []),
    ("false", []),
]


def _shown(blame: Blame) -> tuple[int | None, Any, Any]:
    value = blame.value
    if isinstance(value, Map):
        value = value.get("name")
    elif isinstance(value, List) and value and isinstance(value[0], Map):
        value = None
    return blame.span.line if blame.span else None, blame.key, value


@pytest.mark.parametrize(("source", "want"), CASES, ids=[source for source, _ in CASES])
def test_blame(source: str, want: list[tuple[int | None, Any, Any]]) -> None:
    assert [_shown(entry) for entry in cel.compile(source).blame(BINDINGS)] == want


def test_the_container_and_the_whole_span() -> None:
    (entry,) = cel.compile("object.tags.env == 'prod'").blame(BINDINGS)
    assert entry.container is OBJECT["tags"]
    assert entry.span == Span("f", 8, 1, 8, 30)
    assert entry.present
    (absent,) = cel.compile("has(object.tags.owner)").blame(BINDINGS)
    assert absent.container is OBJECT["tags"] and not absent.present


def test_each_value_is_blamed_once() -> None:
    source = "object.retention > 5 || object.retention == 0 || object.retention == params.days"
    assert [_shown(entry) for entry in cel.compile(source).blame(BINDINGS)] == [(2, "retention", 3)]


def test_conjuncts_blame_for_themselves() -> None:
    program = cel.compile("object.encrypted && object.retention > 5 && object.engine == 'mysql'")
    lines = [
        [entry.span.line for entry in part.blame(BINDINGS) if entry.span]
        for part in program.conjuncts
        if part.evaluate(BINDINGS) is not True
    ]
    assert lines == [[3], [2]]


def test_blame_of_a_host_function_result() -> None:
    functions = {"linked": lambda kind: [OBJECT["tags"]]}
    program = cel.compile("linked('t').all(t, t.env == 'prod')", functions=functions)
    assert [_shown(entry) for entry in program.blame(BINDINGS, functions)] == [(8, "env", "dev")]


@pytest.mark.parametrize(
    ("source", "bindings"),
    [
        ("object.a > 'x'", {"object": {"a": 1}}),
        ("object.a > 3", {}),
        ("missing.all(x, x.y)", {"object": 1}),
        ("1 / 0 > 1", {}),
        ("object.all(x, x.y)", {"object": 5}),
        ("object.a[object.b].c == 1", {"object": Map({"a": [1], "b": [2]})}),
    ],
)
def test_blame_never_raises(source: str, bindings: dict[str, Any]) -> None:
    assert isinstance(cel.compile(source).blame(bindings), list)


def test_strict_mode_blames_too() -> None:
    program = cel.compile("object.tags.env == 'prod'", strict=True)
    assert [_shown(entry) for entry in program.blame(BINDINGS)] == [(8, "env", "dev")]
