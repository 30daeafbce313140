"""Mistakes in expressions: what is said, and where."""

from __future__ import annotations

import pytest

import readiness.policy.cel as cel
from readiness.errors import ReadinessError
from readiness.policy.cel import CelError, CelSyntaxError

SYNTAX: list[tuple[str, int, int, str]] = [
    ("", 1, 1, "expected an operand, found end of expression"),
    ("1 +", 1, 4, "expected an operand, found end of expression"),
    ("1 + * 2", 1, 5, "expected an operand, found `*`"),
    ("(1", 1, 3, "expected `)` to close the parenthesis, found end of expression"),
    ("[1, 2", 1, 6, "expected `,` or `]` after an item, found end of expression"),
    ("a[1", 1, 4, "expected `]` to close the index, found end of expression"),
    ("{'a' 1}", 1, 6, "expected `:` after a key, found `1`"),
    ("f(1,)", 1, 5, "expected an argument after `,`, found `)`"),
    ("a.", 1, 3, "expected a field name after `.`, found end of expression"),
    ("a.in", 1, 3, "expected a field name after `.`, found `in`"),
    ("a b", 1, 3, "expected an operator or the end of the expression, found `b`"),
    ("a and b", 1, 3, "expected an operator or the end of the expression, found `and`; write `&&` for and"),
    ("not a", 1, 5, "expected an operator or the end of the expression, found `a`"),
    ("a = 1", 1, 3, "unexpected character '='; equality is `==`"),
    ("a & b", 1, 3, "unexpected character '&'; and is `&&`"),
    ("a | b", 1, 3, "unexpected character '|'; or is `||`"),
    ("a ==\n  && b", 2, 3, "expected an operand, found `&&`"),
    ("a &&\n\n   ?", 3, 4, "expected an operand, found `?`"),
    ("a ? b", 1, 6, "expected `:` between the branches of `?`, found end of expression"),
    ("'abc", 1, 1, "the string is not closed"),
    ("'a\nb'", 1, 1, "the string is not closed"),
    ("'''a", 1, 1, "the string is not closed"),
    ("'a\\d'", 1, 3, "`\\d` is not an escape; write `\\\\` for a backslash"),
    ("'\\uD800'", 1, 2, "`\\uD800` is not a Unicode character"),
    ("b'\\u0041'", 1, 3, "bytes take \\x and octal escapes, not \\u"),
    ("9223372036854775808", 1, 1, "the number does not fit an int of 64 bits"),
    ("1 + 99999999999999999999999", 1, 5, "the number does not fit an int of 64 bits"),
    ("18446744073709551616u", 1, 1, "the number does not fit an uint of 64 bits"),
    ("1e999", 1, 1, "the number is too large for a double"),
    ("if", 1, 1, "`if` is a reserved word of CEL"),
    ("a.`b$`", 1, 3, "a quoted field name has letters, digits and `_ . - /`"),
    ("has(a)", 1, 1, "`has` takes a field selection, such as `has(object.field)`"),
    ("a.all(x.y, true)", 1, 9, "the variable of a macro is a plain name"),
    ("a.all(x, x, true)", 1, 10, "the two variables of a macro have different names"),
    ("!-a", 1, 2, "expected an operand (`!` and `-` do not mix without parentheses), found `-`"),
    ("#", 1, 1, "unexpected character '#'"),
]


@pytest.mark.parametrize(("source", "line", "column", "message"), SYNTAX, ids=[case[0] for case in SYNTAX])
@pytest.mark.parametrize("strict", [True, False])
def test_syntax(source: str, line: int, column: int, message: str, strict: bool) -> None:
    with pytest.raises(CelSyntaxError) as caught:
        cel.compile(source, strict=strict)
    assert (caught.value.message, caught.value.line, caught.value.column) == (message, line, column)


NAMES: list[tuple[str, int, int, str]] = [
    ("objct.a", 1, 1, "unknown name `objct`; did you mean `object`?"),
    ("1 + objct.a.b.c", 1, 5, "unknown name `objct`; did you mean `object`?"),
    ("object.a == parms.days", 1, 13, "unknown name `parms`; did you mean `params`?"),
    ("zzz", 1, 1, "unknown name `zzz`"),
    ("object.list.all(container, contaner.a)", 1, 28, "unknown name `contaner`; did you mean `container`?"),
    ("object.a.startWith('x')", 1, 10, "unknown method `startWith`; did you mean `startsWith`?"),
    ("object.a.startsWith()", 1, 10, "`startsWith` takes 1 argument, 0 given"),
    ("object.a.substring()", 1, 10, "`substring` takes 1 to 2 arguments, 0 given"),
    ("math.greatest()", 1, 6, "`math.greatest` takes at least 1 arguments, 0 given"),
    ("quantty('1')", 1, 1, "unknown function `quantty`; did you mean `quantity`?"),
    ("linkd('x')", 1, 1, "unknown function `linkd`; did you mean `linked`?"),
    ("repo.fil('x')", 1, 6, "unknown function `repo.fil`; did you mean `repo.file`?"),
    ("math.gratest(1)", 1, 6, "unknown function `math.gratest`; did you mean `math.greatest`?"),
    ("startsWith('a', 'b')", 1, 1, "unknown function `startsWith`; it is a method: `value.startsWith(…)`"),
    ("object.a.quantity()", 1, 10, "unknown method `quantity`; it is a function: `quantity(value)`"),
    ("object.a.all(x)", 1, 10, "`all` takes 2 or 3 arguments, 1 given"),
    ("object.a.orValue()", 1, 10, "`orValue` takes 1 argument, 0 given"),
    ("object.a.exist(x, true)", 1, 10, "unknown method `exist`; did you mean `exists`?"),
    ("quantity('12 apples')", 1, 1, "'12 apples' is not a quantity such as 500m or 1.5Gi"),
    ("object.a.matches('(')", 1, 10, "the regular expression '(' is wrong at 2: `(` is not closed"),
    ("Pod{name: 'a'}", 1, 1, "messages (`Name{...}`) are not supported; use a map"),
]


@pytest.mark.parametrize(("source", "line", "column", "message"), NAMES, ids=[case[0] for case in NAMES])
def test_names_in_policy_mode(source: str, line: int, column: int, message: str) -> None:
    with pytest.raises(CelError) as caught:
        cel.compile(source, functions=["linked", "repo.file"], variables=["object", "params"])
    assert (caught.value.message, caught.value.line, caught.value.column) == (message, line, column)


@pytest.mark.parametrize(
    "source", ["f_unknown(17) || true", "x.nope() || true", "'a'.matches('(') || true", "''.size(1) || true"]
)
def test_names_in_strict_mode_matter_only_when_evaluated(source: str) -> None:
    assert cel.evaluate(source, {}) is True
    with pytest.raises(CelError):
        cel.evaluate(source.replace("true", "false"), {})


RUNTIME: list[tuple[str, int, int]] = [
    ("1 + 'a'", 1, 3),
    ("[1,\n 2].map(x,\n  x / 0)", 3, 5),
    ("{'a': 1}.b", 1, 10),
    ("[1][5]", 1, 4),
    ("true && 'a'.size() > ''", 1, 20),
    ("'a'.substring(9)", 1, 5),
    ("missing", 1, 1),
    ("1 < 2 && missing.field", 1, 10),
    ("{'a': 1, 'a': 2}", 1, 10),
    ("f(1)", 1, 1),
]


@pytest.mark.parametrize(("source", "line", "column"), RUNTIME, ids=[case[0] for case in RUNTIME])
def test_runtime_errors_say_where(source: str, line: int, column: int) -> None:
    with pytest.raises(CelError) as caught:
        cel.evaluate(source, {})
    error = caught.value
    assert (error.line, error.column) == (line, column)
    assert str(error).endswith(f"(line {line}, column {column})")


def test_errors_belong_to_the_program() -> None:
    assert issubclass(CelSyntaxError, CelError) and issubclass(CelError, ReadinessError)


@pytest.mark.parametrize(
    "source",
    [
        "(" * 5000 + ")" * 5000,
        "(" * 400 + "1" + ")" * 400,
        "[" * 5000 + "]" * 5000,
        "!" * 5000 + "true",
        "1" + " + 1" * 5000,
        "a" + ".b" * 5000,
        "a" + "[0]" * 5000,
        "true ? 1 : " * 5000 + "1",
        "{'a':" * 1000 + "1" + "}" * 1000,
        "f(" * 1000 + ")" * 1000,
        "-" * 400 + "a",
        "[1]" + ".map(x, x)" * 1000,
    ],
    ids=lambda source: source[:12],
)
def test_deep_nesting_is_an_error_of_its_own(source: str) -> None:
    with pytest.raises(CelSyntaxError, match="nests") as caught:
        cel.compile(source)
    assert caught.value.line == 1


def test_reasonable_nesting_works() -> None:
    assert cel.evaluate("(" * 200 + "1" + ")" * 200, {}) == 1
    assert cel.evaluate("1" + " + 1" * 200, {}) == 201
    assert cel.evaluate(" && ".join(["true"] * 3000), {}) is True


def test_long_expressions_are_refused() -> None:
    with pytest.raises(CelSyntaxError, match="100000 are allowed"):
        cel.compile("'" + "a" * 200_000 + "'")


def test_deep_values_are_an_error_not_a_crash() -> None:
    a: list[object] = []
    b: list[object] = []
    for _ in range(100_000):
        a, b = [a], [b]
    with pytest.raises(CelError, match="nests too deeply"):
        cel.evaluate("a == b", {"a": a, "b": b})
