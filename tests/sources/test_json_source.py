"""JSON documents with spans, and what is wrong with them."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.counting import counted

from readiness.sources.json_source import read
from readiness.values import List, Map, Span

PATH = "main.tf.json"

TEXT = """\
{
  "a": {"b\\n": [1, "é", {}],
        "c" : null},
  "d"
    : [ ],
  "e": "x\\u00e9\\ud83d\\ude00"
}
"""

Place = tuple[int, int, int, int]


def place(span: Span | None) -> Place:
    assert span is not None
    assert span.path == PATH
    return span[1:]


def test_values() -> None:
    file = read(PATH, TEXT)
    assert file.errors == []
    assert file.documents[0].root == {"a": {"b\n": [1, "é", {}], "c": None}, "d": [], "e": "xé😀"}


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (["a"], (2, 3, 2, 6), (2, 8, 3, 20)),
        (["a", "b\n"], (2, 9, 2, 14), (2, 16, 2, 28)),
        (["a", "b\n", 0], None, (2, 17, 2, 18)),
        (["a", "b\n", 1], None, (2, 20, 2, 23)),
        (["a", "b\n", 2], None, (2, 25, 2, 27)),
        (["a", "c"], (3, 9, 3, 12), (3, 15, 3, 19)),
        (["d"], (4, 3, 4, 6), (5, 7, 5, 10)),
        (["e"], (6, 3, 6, 6), (6, 8, 6, 29)),
    ],
)
def test_spans(path: list[Any], key: Place | None, value: Place) -> None:
    for text in (TEXT, "\ufeff" + TEXT, TEXT.replace("\n", "\r\n")):
        holder = read(PATH, text).documents[0].root
        for step in path[:-1]:
            holder = holder[step]
        last = path[-1]
        if isinstance(holder, Map):
            assert place(holder.key_spans[last]) == key
            assert place(holder.value_spans[last]) == value
        else:
            assert isinstance(holder, List)
            assert place(holder.item_spans[last]) == value
        if isinstance(holder[last], (Map, List)):
            assert place(holder[last].span) == value


def test_the_span_of_the_document() -> None:
    assert place(read(PATH, TEXT).documents[0].span) == (1, 1, 7, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("-0", 0),
        ("1.0", 1.0),
        ("1e5", 100000.0),
        ("9223372036854775807", 9223372036854775807),
        ("9223372036854775808", 9223372036854775808.0),
        ("true", True),
        ("null", None),
        ('"\\ud800x"', "\ufffdx"),
        ('"a/\\/b"', "a//b"),
    ],
)
def test_scalars(text: str, expected: Any) -> None:
    (document,) = read(PATH, text).documents
    assert (document.root, type(document.root)) == (expected, type(expected))


@pytest.mark.parametrize("text", ["", " \n\t", "\ufeff"])
def test_empty_texts_have_no_document(text: str) -> None:
    file = read(PATH, text)
    assert (file.documents, file.errors) == ([], [])


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("{", 1, 1, "the `{` opened here is never closed"),
        ('{"a": [\n', 1, 7, "the `[` opened here is never closed"),
        ('{"a"', 1, 1, "the `{` opened here is never closed"),
        ('{"a": 1,}', 1, 8, "a comma before `}`"),
        ("[1,\n]", 1, 3, "a comma before `]`"),
        ('{"a" 1}', 1, 6, "expected `:` after the key `a`, found `1`"),
        ("{a: 1}", 1, 2, "expected a key in double quotes, found `a`"),
        ("{'a': 1}", 1, 2, "found a single quote; JSON strings use double quotes"),
        ('{"a": 1 "b": 2}', 1, 9, 'expected `,` or `}`, found `"`'),
        ("[1 2]", 1, 4, "expected `,` or `]`, found `2`"),
        ('{"a": 1]', 1, 8, "expected `,` or `}`, found `]`"),
        ('{"a":\n 1} x', 2, 5, "unexpected text after the end"),
        ('"abc', 1, 1, "the quote opened here is never closed"),
        ('{"a": "x\ny"}', 1, 9, "a line break or control character inside a string"),
        ('["\\x"]', 1, 3, "an invalid escape sequence"),
        ('["\\u12"]', 1, 4, "an invalid escape sequence"),
        ("[01]", 1, 2, "expected a value, found `01`"),
        ("[1.]", 1, 2, "expected a value, found `1.`"),
        ("[+1]", 1, 2, "expected a value, found `+1`"),
        ("[NaN]", 1, 2, "expected a value, found `NaN`"),
        ("[1e999]", 1, 2, "the number is too large"),
        ("[truex]", 1, 2, "expected a value, found `truex`"),
        ("// x\n{}", 1, 1, "a comment; JSON has none"),
        ("{\n  /* x */\n}", 2, 3, "a comment; JSON has none"),
        ("[" * 10_000, 1, 201, "values are nested more than 200 levels deep"),
        ('{"a":' * 10_000, 1, 1001, "values are nested more than 200 levels deep"),
        ("", 1, 1, ""),
    ][:-1],
)
def test_errors_say_where_and_what(text: str, line: int, column: int, message: str) -> None:
    file = read(PATH, text)
    assert file.documents == []
    assert [(error.path, error.line, error.column) for error in file.errors] == [(PATH, line, column)]
    assert message in file.errors[0].message


def test_a_repeated_key_is_an_error_and_its_last_value_counts() -> None:
    file = read(PATH, '{"a": 1,\n "a": 2}')
    assert file.documents[0].root == {"a": 2}
    (error,) = file.errors
    assert (error.line, error.column) == (2, 2)
    assert "the key `a` is written twice in this object: here and at line 1, column 2" in error.message


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda children: (
        st.lists(children) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), children)
    ),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None)
@given(json_values, st.sampled_from([None, 1, 2]), st.booleans())
def test_reads_what_the_standard_library_writes(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    file = read(PATH, text)
    assert file.errors == []
    assert file.documents[0].root == value


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('{}[]",:.0123456789-+eEtrufalsn\\ \n\x01')))
def test_agrees_with_the_standard_library_about_what_is_valid(text: str) -> None:
    try:
        expected = json.loads(text, parse_constant=lambda word: pytest.fail(word))
        valid = True
    except json.JSONDecodeError:
        expected, valid = None, False
    file = read(PATH, text)
    if not text.strip():
        assert (file.documents, file.errors) == ([], [])
        return
    overflow = any("too large" in error.message for error in file.errors)
    assert bool(file.documents) == (valid and not overflow)
    if file.documents and isinstance(expected, float) and math.isfinite(expected):
        assert file.documents[0].root == pytest.approx(expected)


def test_long_strings_and_numbers_are_read_at_once() -> None:
    with counted(2_000):
        files = [read(PATH, text) for text in ('"' + "a" * 1_000_000, '"' + '\\"' * 500_000, "1" * 1_000_000)]
    assert [len(file.errors) for file in files] == [1, 1, 1]
