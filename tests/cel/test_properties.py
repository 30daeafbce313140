"""What holds for every expression and every value."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import readiness.policy.cel as cel
from readiness.policy.cel import CelError
from readiness.values import Unknown

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
ints = st.integers(INT_MIN, INT_MAX)
U = Unknown("x")

_PIECES = [
    "a", "b.c", "x", "1", "2u", "1.5", "'s'", "b'x'", "null", "true", "[", "]", "{", "}", "(", ")", ",", ":", ".",
    ".?", "[?", " + ", " - ", " * ", " / ", " % ", " == ", " != ", " < ", " >= ", " in ", " && ", " || ", "!", "-",
    " ? ", ".all(x, ", ".map(x, ", ".exists(i, v, ", "has(", "size(", ".matches(", "'[a-'", "quantity(", "\\", "\n",
    "optional.of(", ".orValue(", ".format(", "duration('1h')", "cel.bind(x, ", "999999999999999999999", "é", "`a b`",
]  # fmt: skip

scalars = st.one_of(
    st.none(), st.booleans(), ints, st.just(10**400), st.floats(), st.text(max_size=5), st.just(U)
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abcs"), inner, max_size=3)
    ),
    max_leaves=6,
)


def _never_crashes(source: str, bindings: dict[str, Any]) -> None:
    for strict in (True, False):
        try:
            program = cel.compile(source, strict=strict)
        except CelError as error:
            assert error.line >= 1 and error.column >= 1
            continue
        try:
            program.evaluate(bindings)
        except CelError as error:
            assert error.line >= 1 and error.column >= 1
        for part in program.conjuncts:
            assert part.source
            assert isinstance(part.blame(bindings), list)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_random_text_gives_only_cel_errors(source: str) -> None:
    _never_crashes(source, {})


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=12), values, values)
def test_random_tokens_give_only_cel_errors(pieces: list[str], a: Any, b: Any) -> None:
    _never_crashes("".join(pieces), {"a": a, "b": b, "x": [1, "s"]})


_EXPRESSIONS = [
    "a == b", "a != b", "a < b", "a >= b", "a + b", "a - b", "a * b", "a / b", "a % b", "a in b", "a && b", "a || b",
    "!a", "-a", "a ? b : a", "a.b", "a['b']", "a[b]", "a[?b]", "a.?b", "has(a.b)", "a.all(x, x == b)",
    "a.exists(x, x == b)", "a.exists_one(x, x == b)", "a.map(x, x)", "a.filter(x, x == b)", "a.all(i, v, i == v)",
    "size(a)", "type(a)", "string(a)", "int(a)", "double(a)", "bool(a)", "a.contains(b)", "a.matches(b)", "a.split(b)",
    "a.sort()", "a.sum()", "a.join()", "a.distinct()", "a.min()", "a.flatten()", "'%s'.format([a])", "quantity(a)",
    "duration(a)", "timestamp(a)", "version(a)", "semver(a)", "ip(a)", "cidr(a)", "url(a)", "[a, b]", "{a: b}",
    "optional.ofNonZeroValue(a)", "a.orValue(b)", "math.greatest(a, b)", "math.round(a)", "sets.contains(a, b)",
    "a.indexOf(b)", "a.substring(b)", "a.getHours()", "base64.decode(a)", "strings.quote(a)", "a.find(b)",
]  # fmt: skip


@settings(max_examples=800, deadline=None)
@given(st.sampled_from(_EXPRESSIONS), values, values)
def test_every_operation_takes_every_value(source: str, a: Any, b: Any) -> None:
    _never_crashes(source, {"a": a, "b": b})


@settings(max_examples=300)
@given(ints, ints)
def test_integer_arithmetic_is_exact_or_an_error(a: int, b: int) -> None:
    expected: dict[str, int | None] = {"+": a + b, "-": a - b, "*": a * b, "/": None, "%": None}
    if b != 0:
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        expected["/"] = quotient
        expected["%"] = a - quotient * b if quotient <= INT_MAX else None
    for operator, want in expected.items():
        try:
            got = cel.evaluate(f"a {operator} b", {"a": a, "b": b})
        except CelError:
            assert want is None or not INT_MIN <= want <= INT_MAX
        else:
            assert got == want and type(got) is int


@settings(max_examples=200)
@given(ints, ints)
def test_literals_read_back(a: int, b: int) -> None:
    assert cel.evaluate(f"[{a}, {b}, {a} < {b}]", {}) == [a, b, a < b]


@settings(max_examples=200)
@given(st.text(max_size=30))
def test_quoted_strings_read_back(text: str) -> None:
    quoted = cel.evaluate("strings.quote(t)", {"t": text})
    if "\n" not in quoted and "\r" not in quoted:
        assert cel.evaluate(quoted, {}) == text


@settings(max_examples=300)
@given(values, values)
def test_equality_is_symmetric_and_agrees_in_both_modes(a: Any, b: Any) -> None:
    bindings = {"a": a, "b": b}
    one, two = cel.evaluate("a == b", bindings), cel.evaluate("b == a", bindings)
    assert one is two
    assert cel.compile("a == b").evaluate(bindings) is one
    different = cel.evaluate("a != b", bindings)
    assert different is one if isinstance(one, Unknown) else different is not one


@settings(max_examples=300)
@given(st.lists(st.sampled_from([True, False, U, None]), min_size=1, max_size=4))
def test_three_valued_logic(operands: list[Any]) -> None:
    names = [f"v{number}" for number in range(len(operands))]
    bindings = dict(zip(names, operands, strict=True))
    every = cel.compile(" && ".join(names)).evaluate(bindings)
    some = cel.compile(" || ".join(names)).evaluate(bindings)
    known = [bool(value) for value in operands if not isinstance(value, Unknown)]
    if len(names) == 1:
        return
    assert every is (False if False in known else U if len(known) < len(operands) else True)
    assert some is (True if True in known else U if len(known) < len(operands) else False)
    assert cel.compile("vs.all(v, v)").evaluate({"vs": operands}) is every
    assert cel.compile("vs.exists(v, v)").evaluate({"vs": operands}) is some


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab(|)*+?[]^${}1,\\.", max_size=10), st.text(alphabet="ab1", max_size=8))
def test_both_matchers_agree(pattern: str, text: str) -> None:
    from readiness.policy.cel.regex import compile_pattern

    try:
        compiled = compile_pattern(pattern)
    except CelError:
        return
    found = compiled.machine.find(text, 0)
    assert compiled.machine.test(text) is (found is not None)
    assert compiled.test(text) is (found is not None)
