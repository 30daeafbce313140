"""Policy mode: nulls, unknowns, compile-time checks of names, conjuncts and templates."""

from __future__ import annotations

from typing import Any

import pytest

import readiness.policy.cel as cel
from readiness.policy.cel import CelError, OptionalValue
from readiness.values import List, Map, Unknown

U = Unknown("variable `x` has no default", ("var.x",))
W = Unknown("another", ("var.w",))

BODY: dict[str, Any] = {
    "none": None,
    "s": "text",
    "n": 3,
    "yes": True,
    "no": False,
    "list": [1, 2],
    "map": {"k": "v", "null": None},
    "u": U,
    "mixed": ["a", U],
    "deep": {"u": U, "k": 1},
}
BINDINGS = {"object": Map(BODY), "params": {"days": 7}, "w": W, "all_unknown": U}


def run(source: str, **more: Any) -> Any:
    return cel.compile(source).evaluate({**BINDINGS, **more})


@pytest.mark.parametrize(
    ("source", "want"),
    [
        # Absent fields and items
        ("object.absent", None),
        ("object.absent.further.still", None),
        ("object.a.b.c.d.e", None),
        ("object['absent']", None),
        ("object.map['absent']", None),
        ("object.list[7]", None),
        ("object.list[-1]", None),
        ("object.none[0]", None),
        ("object.none['k']", None),
        ("object.map[object.none]", None),
        ("object[object.s]", None),
        # Comparison
        ("object.absent == null", True),
        ("object.absent != null", False),
        ("object.absent == false", False),
        ("object.absent == true", False),
        ("object.absent == 0", False),
        ("object.absent == ''", False),
        ("object.absent < 3", False),
        ("object.absent >= 3", False),
        ("3 > object.absent", False),
        ("object.absent <= object.none", False),
        ("object.n >= 3", True),
        ("object.n < 3.5", True),
        ("object.n > params.days", False),
        # Null counts as false
        ("object.absent && true", False),
        ("true && object.absent", False),
        ("object.absent || true", True),
        ("object.absent || false", False),
        ("!object.absent", True),
        ("object.absent ? 1 : 2", 2),
        ("[1].all(i, object.absent)", False),
        ("[1].exists(i, object.absent)", False),
        ("[1].filter(i, object.absent)", []),
        # Macros over null
        ("object.absent.all(i, false)", True),
        ("object.absent.exists(i, true)", False),
        ("object.absent.exists_one(i, true)", False),
        ("object.absent.map(i, i)", []),
        ("object.absent.filter(i, true)", []),
        ("object.absent.all(k, v, false)", True),
        # Functions of null
        ("size(object.absent)", 0),
        ("object.absent.size()", 0),
        ("object.absent.contains('x')", False),
        ("object.absent.startsWith('x')", False),
        ("object.absent.endsWith('x')", False),
        ("object.absent.matches('x')", False),
        ("object.s.startsWith(object.absent)", False),
        ("object.absent.lowerAscii()", None),
        ("object.absent.split(',')", None),
        ("quantity(object.absent)", None),
        ("quantity(object.absent) < quantity('1Gi')", False),
        ("isQuantity(object.absent)", False),
        ("duration(object.absent)", None),
        ("int(object.absent)", None),
        ("object.absent + 1", None),
        ("-object.absent", None),
        ("type(object.absent) == null_type", True),
        # Membership
        ("'x' in object.absent", False),
        ("object.absent in object.absent", False),
        ("object.absent in ['a']", False),
        ("object.absent in object.map", False),
        ("null in [null]", True),
        ("object.s in ['text', 'other']", True),
        ("1 in object.list", True),
        ("'k' in object.map", True),
        ("'null' in object.map", True),
        # Presence
        ("has(object.s)", True),
        ("has(object.absent)", False),
        ("has(object.none)", False),
        ("has(object.absent.further)", False),
        ("has(object.?map.k)", True),
        ("object.?n.orValue(9)", 3),
        ("object.?absent.orValue(9)", 9),
        ("object.?none.orValue(9)", 9),
        ("object.absent.?further.orValue(9)", 9),
        ("object.list[?5].orValue(9)", 9),
        ("object[?'s'].hasValue()", True),
        ("object.?absent.optMap(v, v + 1).hasValue()", False),
        ("object.?n.optMap(v, v + 1).value()", 4),
    ],
)
def test_null(source: str, want: Any) -> None:
    got = run(source)
    assert type(got) is type(want) and got == want


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("object.u", U),
        ("object.u.field", U),
        ("object.u['k']", U),
        ("object.u[0]", U),
        ("object.list[object.u]", U),
        ("all_unknown.a.b.c", U),
        ("object.u == 1", U),
        ("object.u == 'a'", U),
        ("object.u == null", U),
        ("object.u == true", U),
        ("object.u != object.s", U),
        ("object.u < 3", U),
        ("3 < object.u", U),
        ("object.u + 1", U),
        ("w + object.u", W),
        ("object.u + w", U),
        ("-object.u", U),
        ("!object.u", U),
        ("size(object.u)", U),
        ("object.u.startsWith('a')", U),
        ("object.u.matches('a')", U),
        ("object.s.startsWith(object.u)", U),
        ("quantity(object.u) < quantity('1')", U),
        # Logic absorbs
        ("false && object.u", False),
        ("object.u && false", False),
        ("true && object.u", U),
        ("object.u && w", U),
        ("true || object.u", True),
        ("object.u || true", True),
        ("object.u || false", U),
        ("object.u || object.absent", U),
        ("(1 / 0 > 1) || object.u", U),
        ("(1 / 0 > 1) && object.u", U),
        ("object.u && (1 / 0 > 1)", U),
        ("object.u && 'text'", U),
        # The ternary
        ("object.u ? 1 : 1", 1),
        ("object.u ? 1 : 2", U),
        ("object.u ? 1 : 1.0", U),
        ("true ? 1 : object.u", 1),
        ("object.u ? 1 / 0 : 1", U),
        # Lists and maps with unknown parts
        ("size(object.mixed)", 2),
        ("object.mixed.size()", 2),
        ("object.mixed[0]", "a"),
        ("object.mixed[1]", U),
        ("'a' in object.mixed", True),
        ("'b' in object.mixed", U),
        ("object.u in ['a']", U),
        ("object.u in object.list", U),
        ("'a' in object.u", U),
        ("object.mixed.all(i, i == 'b')", False),
        ("object.mixed.all(i, i == 'a')", U),
        ("object.mixed.exists(i, i == 'a')", True),
        ("object.mixed.exists(i, i == 'b')", U),
        ("object.mixed.exists_one(i, i == 'a')", U),
        ("(object.mixed + ['a']).exists_one(i, i == 'a')", False),
        ("object.mixed.filter(i, i == 'a')", U),
        ("object.mixed.map(i, i)", ["a", U]),
        ("object.u.all(i, true)", U),
        ("object.u.map(i, i)", U),
        ("object.mixed.join(',')", U),
        ("object.mixed.first().value()", "a"),
        ("object.mixed.last()", U),
        ("[1, object.u].sum()", U),
        ("math.greatest([1, object.u])", U),
        ("sets.contains(['a'], object.mixed)", U),
        ("'%s'.format([object.u])", U),
        ("object.mixed == ['b', 'c']", False),
        ("object.mixed == ['a', 'c']", U),
        ("object.mixed == ['a']", False),
        ("object.deep == {'k': 2, 'u': 1}", False),
        ("object.deep == {'k': 1, 'u': 1}", U),
        ("has(object.u)", U),
        ("has(object.u.field)", U),
        ("object.?u.orValue(1)", U),
        ("object.u.?field.orValue(1)", U),
        ("object.deep.?u.orValue(1)", U),
        ("cel.bind(v, object.u, v == 1 || true)", True),
        ("[?object.?u]", U),
        ("{object.s: object.u}.text", U),
        ("{object.u: 1}", U),
    ],
)
def test_unknown(source: str, want: Any) -> None:
    got = run(source)
    if isinstance(want, Unknown):
        assert got is want
    else:
        assert type(got) is type(want) and got == want


@pytest.mark.parametrize("source", ["object.u && false", "object.mixed.exists(i, i == 'a')"])
def test_unknowns_absorb_in_strict_mode_too(source: str) -> None:
    assert cel.compile(source, strict=True).evaluate(BINDINGS) in (True, False)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("object.s > 3", "`>` does not take (string, int)"),
        ("object.s + 1", "`+` does not take (string, int)"),
        ("object.s && true", "an operand of `&&` is a bool, not string"),
        ("object.list.name", "a list has no field `name`; select from an item, such as `[0].name`"),
        ("object.s.field", "a value of type string has no field `field`"),
        ("object.n.startsWith('a')", "`startsWith` does not take (int, string)"),
        ("object.n.all(i, true)", "`all` does not take (int)"),
        ("[1].all(i, i)", "the predicate of `all` is a bool, not int"),
        ("object.n ? 1 : 2", "the condition of `?` is a bool, not int"),
        ("object.n.orValue(1)", "`orValue` needs an optional, not int; select with `.?` before it"),
        ("object.list[true]", "a list has no index True of type bool"),
        ("'x' in object.s", "`in` does not take (string, string)"),
        ("missing", "`missing` has no value here"),
        ("missing.field", "`missing` has no value here"),
    ],
)
def test_wrong_types_stay_errors(source: str, message: str) -> None:
    with pytest.raises(CelError) as caught:
        run(source)
    assert caught.value.message == message


def test_null_has_field_only_in_strict_mode() -> None:
    bindings = {"object": {"none": None}}
    assert cel.evaluate("has(object.none)", bindings) is True
    assert cel.compile("has(object.none)").evaluate(bindings) is False
    with pytest.raises(CelError, match="no such key: absent"):
        cel.evaluate("object.absent", bindings)


def test_names_of_variables_are_checked_when_given() -> None:
    names = {"object", "params", "namespace", "type"}
    program = cel.compile("object.a == params.days && namespace == 'x' && type == 'y'", variables=names)
    assert program.names == {"object", "params", "namespace", "type"}
    bound = {"object": {"a": 1}, "params": {"days": 1}, "namespace": "x", "type": "y"}
    assert program.evaluate(bound) is True
    assert cel.compile("type(object) == map", variables=names).evaluate(bound) is True


def test_macro_variables_shadow_and_do_not_leak() -> None:
    bindings = {"x": "outer", "items": ["a", "b"]}
    program = cel.compile("items.map(x, x + '!') + [x]", variables=["x", "items"])
    assert program.evaluate(bindings) == ["a!", "b!", "outer"]
    assert bindings == {"x": "outer", "items": ["a", "b"]}
    assert cel.evaluate("items.exists(x, .x == 'outer' && x == 'b')", bindings) is True
    with pytest.raises(CelError, match="unknown name `y`"):
        cel.compile("items.all(y, y == x) && y", variables=["x", "items"])


def test_host_functions() -> None:
    calls: list[Any] = []

    def linked(kind: Any) -> Any:
        calls.append(kind)
        return [{"name": kind}]

    functions = {"linked": linked, "repo.file": lambda path: {"path": path}}
    program = cel.compile("linked('a')[0].name + repo.file('b').path", functions=functions)
    assert program.hosts == {"linked", "repo.file"}
    assert program.evaluate({}, functions) == "ab"
    assert cel.compile("linked(object.u).x", functions=functions).evaluate(BINDINGS, functions) is U
    assert (
        cel.compile("linked(object.absent)[0].name", functions=functions).evaluate(BINDINGS, functions)
        is None
    )
    assert calls == ["a", None]
    with pytest.raises(CelError, match="the function `linked` is not available here") as caught:
        program.evaluate({})
    assert (caught.value.line, caught.value.column) == (1, 1)


def test_filter_and_concatenation_keep_spans() -> None:
    from readiness.values import Span

    spans = [Span("f", line, 1, line, 5) for line in (1, 2, 3)]
    items = List(["a", "b", "a"], None, spans)
    kept = cel.compile("items.filter(i, i == 'a')").evaluate({"items": items})
    assert kept == ["a", "a"] and kept.item_spans == [spans[0], spans[2]]
    both = cel.compile("items + items").evaluate({"items": items})
    assert both.item_spans == [*spans, *spans]


def test_conjuncts() -> None:
    program = cel.compile("(object.yes && object.n == 3)\n  && (object.no || object.s == 'x') && !object.no")
    parts = program.conjuncts
    assert [part.source for part in parts] == [
        "object.yes",
        "object.n == 3",
        "(object.no || object.s == 'x')",
        "!object.no",
    ]
    assert [part.evaluate(BINDINGS) for part in parts] == [True, True, False, True]
    single = cel.compile("object.yes || object.no")
    assert single.conjuncts == [single]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("plain", "plain"),
        ("{address} keeps {object.?retention.orValue(0)} days", "aws_db.a keeps 0 days"),
        ("{{literal}} {object.n}", "{literal} 3"),
        ("{object.map}", "{k: v, null: null}"),
        ("{object.list}", "[1, 2]"),
        ("{object.yes} {object.none} {object.u}", "true null (unknown)"),
        ("{object.s + 1}", "?"),
        ("{{'a': {'b': 1}}['a']['b']}", None),
        ("{ {'a': {'b': 1}}['a']['b'] }", "1"),
        ("{object.s == '}' ? 'a' : '{'}", "{"),
        ('{"\\"}"}', '"}'),
        ("{r'\\'}", "\\"),
        ("{'''it's }'''}", "it's }"),
        ("{object.?s}", "text"),
        ("{quantity('1.5Gi')} {duration('90s')} {version('v1.2')}", "1.5Gi 90s v1.2"),
    ],
)
def test_templates(text: str, want: str | None) -> None:
    if want is None:
        with pytest.raises(CelError):
            cel.compile_template(text)
        return
    assert cel.compile_template(text).render({**BINDINGS, "address": "aws_db.a"}) == want


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a {object.n", 1, 3, "`{` is not closed; write `{{` for a brace"),
        ("a } b", 1, 3, "`}` without `{`; write `}}` for a brace"),
        ("a {} b", 1, 4, "an empty `{}` in the text; write `{{}}` for braces"),
        ("one\ntwo {objekt.n}", 2, 6, "unknown name `objekt`; did you mean `object`?"),
        ("{object.n +}", 1, 12, "expected an operand, found end of expression"),
    ],
)
def test_template_mistakes(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(CelError) as caught:
        cel.compile_template(text, ["object"])
    assert (caught.value.message, caught.value.line, caught.value.column) == (message, line, column)


def test_template_names() -> None:
    assert cel.compile_template("{a} {b.c}").names == {"a", "b"}


def test_optionals_come_out_as_such() -> None:
    assert run("object.?n") == OptionalValue(True, 3)
    assert run("object.?absent") == OptionalValue()
