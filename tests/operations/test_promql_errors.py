"""What is wrong with an expression, where, and what only looks wrong."""

from __future__ import annotations

import random

import pytest

from readiness.operations.promql import analyse
from readiness.operations.promql_text import AGGREGATIONS, COMPLEXITY_LIMIT, FUNCTIONS
from readiness.values import Unknown


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("sum(rate(x[5m])", 1, 4, "unclosed left parenthesis"),
        ("a > b and", 1, 10, "this cannot stand here"),
        ("up == 0 for 5m", 1, 9, "this cannot stand here"),
        ("sum by job (x)", 1, 8, "this cannot stand here"),
        ("\nup ==\n  = 0", 3, 3, "this cannot stand here"),
        ("100 * (a / b))", 1, 14, "unexpected right parenthesis"),
        ('up{job="a" b="c"} == 0', 1, 12, "this cannot stand here"),
        ("x{le=0.5}", 1, 6, "unexpected character"),
        ("a && b", 1, 3, "unexpected character"),
        ("a || b", 1, 3, "unexpected character"),
        ("rate(x)", 1, 1, "expected type matrix"),
        ("1 + avg_over_time(x)", 1, 5, "expected type matrix"),
        ("1 > 2", 1, 1, "must use BOOL"),
        ("x > 1 and rte(x[5m]) > 2", 1, 11, "did you mean `rate`?"),
        ('x{a=~"("}', 1, 6, "`(` is no regular expression"),
        ("x[5min]", 1, 3, "bad number or duration"),
        ('{__name__=~".*"}', 1, 1, "at least one non-empty matcher"),
        ("", 1, 1, "the expression is empty"),
        ('x{a="b} > 1', 1, 5, "unterminated quoted string"),
    ],
)
def test_errors_have_their_place(text: str, line: int, column: int, message: str) -> None:
    found = analyse(text)
    assert found.valid is False
    assert (found.line, found.column) == (line, column)
    assert message in str(found.error)


@pytest.mark.parametrize(
    "text",
    [
        # templates
        "rate(x[$__rate_interval])",
        "x{{ .Values.selector }}",
        'x{service="{{ template "fullname" . }}"}',
        "rate(x[[interval]])",
        "x > ${threshold}",
        "x{%(selector)s} > 1",
        # other languages
        'sum(rate({app="a"} |= "error" [5m])) > 1',
        "rate(x[1.5h])",
        "rate(x[5i])",
        'x{a="b" or a="c"}',
        "x > 1Ki",
        "rate(x[5m]) keep_metric_names",
        "histogram_share(0.3, x)",
        "rand()",
        # newer versions
        "rate(x[5m + 1m])",
        "rate(x[5m] smoothed)",
        "some_new_function(x)",
        # what the library cannot tell
        r'x{a=~"\\Qa.b\\E"}',
        "x[99999999999999999]",
        "x offset Inf",
        "rate(A[2739727y])",
        "A[292471209y]",
        "up\ud800",
        "(" * (COMPLEXITY_LIMIT + 1) + "x" + ")" * (COMPLEXITY_LIMIT + 1),
        " + ".join(["x"] * (COMPLEXITY_LIMIT + 2)),
        "-" * 100_000 + "x",
    ],
)
def test_what_may_be_right_is_unknown(text: str) -> None:
    found = analyse(text)
    assert isinstance(found.valid, Unknown)
    assert found.error is None


@pytest.mark.parametrize(
    "text",
    [
        "holt_winters(x[5m], 0.5, 0.5)",
        "1_000 + x",
        "x # a comment with $dollars and {{ braces }}",
        'label_replace(x, "a", "$1", "b", "(.*)")',
        'x{a=~"[[:alpha:]]+"}',
        "(" * (COMPLEXITY_LIMIT - 1) + "x" + ")" * (COMPLEXITY_LIMIT - 1),
        " + ".join(["x"] * COMPLEXITY_LIMIT),
        'x{a="$5.00"}',
    ],
)
def test_valid(text: str) -> None:
    assert analyse(text).valid is True


def test_every_function_that_is_listed_is_one_of_the_parser() -> None:
    # `x` without its arguments is wrong, but for another reason.
    for name in FUNCTIONS | AGGREGATIONS:
        found = analyse(f"{name}(x, x, x, x, x, x)")
        assert found.valid is False, name
        assert "there is no function" not in str(found.error), name


def test_a_great_duration_in_what_is_wrong() -> None:
    found = analyse("A[292471209y;")
    assert (found.valid, found.line, found.column) == (False, 1, 13)


def test_any_text_gives_an_answer() -> None:
    words = [
        '"a"',
        "`b`",
        "x",
        "rate",
        "5m",
        "1",
        "+",
        "and",
        "by",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "=~",
        "offset",
    ]
    words += ["@", "bool", "$x", "{{", "#", "\n", "é", "1e9999", "NaN", "|", ":", ",", "sum", "without", "\\"]
    source = random.Random(7)
    for _ in range(3000):
        text = " ".join(source.choices(words, k=source.randint(1, 12)))
        found = analyse(text)
        if found.valid is False:
            assert found.error, text
            assert found.line is not None and 1 <= found.line <= text.count("\n") + 1, text
            assert found.column is not None and 1 <= found.column <= len(text) + 1, text
