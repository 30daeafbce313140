"""YAML documents, their spans, their comments, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.counting import counted

from readiness.sources.yaml_source import YamlFile, read
from readiness.values import List, Map, Span, Unknown

PATH = "k8s/app.yaml"

Place = tuple[int, int, int, int]

MANIFEST = """\
# A comment
apiVersion: v1   # trailing
kind: "Pod"
metadata:
  name: web
  labels: {app: web, 'tier': "a b", empty}
spec:
  args:
  - one
  -  two   # comment

  nothing:
  text: |
    line one

    line two

  folded: >-
    a
    b

  list: [ a, [b],
    c: d ]
# end

"""


def root(text: str) -> Any:
    file = read(PATH, text)
    assert file.errors == []
    assert len(file.documents) == 1
    return file.documents[0].root


def place(span: Span | None) -> Place:
    assert span is not None
    assert span.path == PATH
    return span[1:]


def problems(file: YamlFile) -> list[tuple[int, int, str]]:
    assert all(error.path == PATH and error.kind == "unread" for error in file.errors)
    return [(error.line, error.column, error.message) for error in file.errors]


def test_values_of_a_manifest() -> None:
    assert root(MANIFEST) == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "labels": {"app": "web", "tier": "a b", "empty": None}},
        "spec": {
            "args": ["one", "two"],
            "nothing": None,
            "text": "line one\n\nline two\n",
            "folded": "a b",
            "list": ["a", ["b"], {"c": "d"}],
        },
    }


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (["apiVersion"], (2, 1, 2, 11), (2, 13, 2, 15)),
        (["kind"], (3, 1, 3, 5), (3, 7, 3, 12)),
        (["metadata"], (4, 1, 4, 9), (5, 3, 6, 43)),
        (["metadata", "name"], (5, 3, 5, 7), (5, 9, 5, 12)),
        (["metadata", "labels"], (6, 3, 6, 9), (6, 11, 6, 43)),
        (["metadata", "labels", "app"], (6, 12, 6, 15), (6, 17, 6, 20)),
        (["metadata", "labels", "tier"], (6, 22, 6, 28), (6, 30, 6, 35)),
        (["metadata", "labels", "empty"], (6, 37, 6, 42), (6, 42, 6, 42)),
        (["spec"], (7, 1, 7, 5), (8, 3, 23, 11)),
        (["spec", "args"], (8, 3, 8, 7), (9, 3, 10, 9)),
        (["spec", "args", 0], None, (9, 5, 9, 8)),
        (["spec", "args", 1], None, (10, 6, 10, 9)),
        (["spec", "nothing"], (12, 3, 12, 10), (12, 11, 12, 11)),
        (["spec", "text"], (13, 3, 13, 7), (13, 9, 16, 13)),
        (["spec", "folded"], (18, 3, 18, 9), (18, 11, 20, 6)),
        (["spec", "list"], (22, 3, 22, 7), (22, 9, 23, 11)),
        (["spec", "list", 1], None, (22, 14, 22, 17)),
        (["spec", "list", 1, 0], None, (22, 15, 22, 16)),
        (["spec", "list", 2], None, (23, 5, 23, 9)),
        (["spec", "list", 2, "c"], (23, 5, 23, 6), (23, 8, 23, 9)),
    ],
)
def test_spans(path: list[Any], key: Place | None, value: Place) -> None:
    holder = root(MANIFEST)
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


def test_the_span_of_a_document_ends_with_its_last_value() -> None:
    document = read(PATH, MANIFEST).documents[0]
    assert place(document.span) == (2, 1, 23, 11)
    assert place(document.root.span) == (2, 1, 23, 11)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n  b: 1\n  # later\n\nc: 2\n", (2, 3, 2, 7)),
        ("a:\n  b:\n\nc: 2\n", (2, 3, 2, 5)),
        ("a: 'x\n  y'\nc: 2\n", (1, 4, 2, 5)),
        ("a: x\n  y\nc: 2\n", (1, 4, 2, 4)),
        ("a: &n 1\nc: 2\n", (1, 4, 1, 8)),
        ("a: é🙂x\nc: 2\n", (1, 4, 1, 7)),
        ("a: |\nc: 2\n", (1, 4, 1, 5)),
        ("a: |\n  end of text", (1, 4, 2, 14)),
        ("a: {\n  x: 1\n }\nc: 2\n", (1, 4, 3, 3)),
        ("a:\n- 1\n-\nc: 2\n", (2, 1, 3, 2)),
        ("? a\nc: 2\n", (1, 4, 1, 4)),
    ],
)
def test_where_a_value_ends(text: str, expected: Place) -> None:
    assert place(root(text).value_spans["a"]) == expected


def test_without_libyaml_everything_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    text = MANIFEST + "x: 1 # readiness:ignore a\n---\nb: [1\n---\n&a c: *a\n"
    expected = read(PATH, text)
    monkeypatch.delattr("yaml.CSafeLoader", raising=False)
    found = read(PATH, text)
    assert found == expected
    assert found.documents[0].root["spec"].value_spans == expected.documents[0].root["spec"].value_spans
    assert (len(found.documents), len(found.errors), len(found.comments)) == (2, 1, 1)


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# only a comment\n", "---\n", "---\n---\n# x\n---\n", "\ufeff"]
)
def test_texts_without_documents(text: str) -> None:
    assert read(PATH, text) == YamlFile()


def test_documents_are_numbered_through() -> None:
    file = read(PATH, "a: 1\n---\n# x\nb: 2\n--- {c: 3}\n---\n...\n---\n- d\n")
    assert [document.root for document in file.documents] == [{"a": 1}, {"b": 2}, {"c": 3}, ["d"]]
    assert [place(document.span) for document in file.documents] == [
        (1, 1, 1, 5),
        (4, 1, 4, 5),
        (5, 5, 5, 11),
        (9, 1, 9, 4),
    ]
    assert file.errors == []


def test_a_separator_inside_a_text_is_no_separator() -> None:
    assert root("a: |\n  x\n  ---\n  y\n") == {"a": "x\n---\ny\n"}


def test_directives_belong_to_the_document_below() -> None:
    text = "%YAML 1.1\n---\na: 1\n...\n# note\n%TAG !e! tag:example.com:\n\n---\nb: !e!x 1\n"
    file = read(PATH, text)
    assert file.errors == []
    assert file.documents[0].root == {"a": 1}
    assert place(file.documents[1].span) == (9, 1, 9, 10)


def test_crlf_and_byte_order_mark_do_not_move_anything() -> None:
    plain = read(PATH, MANIFEST).documents[0].root
    other = root("\ufeff" + MANIFEST.replace("\n", "\r\n"))
    assert other == plain
    assert other.key_spans == plain.key_spans
    assert other["spec"].value_spans == plain["spec"].value_spans


def test_unusual_line_breaks_do_not_shift_lines() -> None:
    value = root("a: 'x\u2028y\x85z'\nb: 1\n")
    assert value == {"a": "x y z", "b": 1}
    assert place(value.key_spans["b"]) == (2, 1, 2, 2)


def test_words_are_resolved_unless_quoted_and_keys_become_text() -> None:
    value = root("on: [push]\nn: 'on'\n1: a\n1.5: b\n0x10: c\nw: \"yes\"\nplain: yes\n")
    assert value == {
        "true": ["push"],
        "false": "on",
        "1": "a",
        "1.5": "b",
        "16": "c",
        "w": "yes",
        "plain": True,
    }


def test_tags() -> None:
    value = root(
        "a: !!str 5\nb: !!int '7'\nc: !!binary aGk=\nd: ! 5\ne: !!set {x, z}\nf: !!map {k: v}\ng: !!seq [1]\n"
    )
    assert value == {
        "a": "5",
        "b": 7,
        "c": "hi",
        "d": "5",
        "e": {"x": None, "z": None},
        "f": {"k": "v"},
        "g": [1],
    }


@pytest.mark.parametrize(
    ("text", "reason", "expected"),
    [
        ("a: !Ref Bucket\n", "has the custom tag !Ref", (1, 4, 1, 15)),
        ("a: !vault |\n  $ANSIBLE\n", "has the custom tag !vault", (1, 4, 2, 11)),
        ("a: !Sub [x, y]\n", "has the custom tag !Sub", (1, 4, 1, 15)),
        ("a: !reference\n  b: 1\n", "has the custom tag !reference", (1, 4, 2, 7)),
    ],
)
def test_custom_tags_are_unknown(text: str, reason: str, expected: Place) -> None:
    value = root(text)["a"]
    assert isinstance(value, Unknown)
    assert value.reason == reason
    assert place(value.span) == expected


def test_anchors_are_shared_and_keep_their_place() -> None:
    value = root("a: &x {k: 1}\nb: *x\nc: &s on\nd: *s\n*s : key\n")
    assert value["b"] is value["a"]
    assert place(value["b"].span) == (1, 4, 1, 13)
    assert place(value.value_spans["b"]) == (2, 4, 2, 6)
    assert value["d"] is True
    assert value["true"] == "key"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<<: {a: 1, b: 2}\na: 3\n", {"a": 3, "b": 2}),
        # go-yaml v2, and so Kubernetes, merges in the order of writing.
        ("a: 3\n<<: {a: 1, b: 2}\n", {"a": 1, "b": 2}),
        ("<<: [{a: 1}, {a: 2, b: 3}]\n", {"a": 1, "b": 3}),
        ("'<<': {a: 1}\n", {"<<": {"a": 1}}),
        ("<<: {a: 1}\n<<: {b: 2}\n", {"a": 1, "b": 2}),
        ("<<: !Custom x\na: 1\n", {"a": 1}),
    ],
)
def test_merge_keys(text: str, expected: dict[str, Any]) -> None:
    assert root(text) == expected


def test_merged_entries_point_to_where_they_are_written() -> None:
    value = root("base: &b\n  cpu: 1\nuse:\n  <<: *b\n  ram: 2\n")["use"]
    assert value == {"cpu": 1, "ram": 2}
    assert place(value.key_spans["cpu"]) == (2, 3, 2, 6)
    assert place(value.value_spans["cpu"]) == (2, 8, 2, 9)
    assert place(value.span) == (4, 3, 5, 9)


ERRORS: list[tuple[str, int, int, str]] = [
    ("a: 1\na: 2\n", 2, 1, "the key `a` is written twice in this mapping: here and at line 3, column 1"),
    (
        "x:\n  - {k: 1, k: 2}\n",
        2,
        12,
        "the key `k` is written twice in this mapping: here and at line 4, column 6",
    ),
    ("yes: 1\n'true': 2\n", 2, 1, "the key `true` is written twice"),
    ("a:\n\tb: 1\n", 2, 1, "a tab is used for indentation"),
    ("a: 1\n\tb: 1\n", 2, 1, "a tab is used for indentation"),
    ("a:\n  - b\n\t- c\n", 3, 1, "a tab is used for indentation"),
    ("a: b: c\n", 1, 5, "a `key: value` pair is not allowed here"),
    ("a: 1\n b: 2\n", 2, 3, "a `key: value` pair is not allowed here"),
    ("- a\nb: 1\n", 2, 1, "expected a `- ` item here"),
    ("a: 'x\nb: 1\n", 1, 4, "the quote opened here is never closed"),
    ("a: [1, 2\n", 1, 4, "the `[` opened here is never closed"),
    ("a: {b: {c: 1}\n\n", 1, 4, "the `{` opened here is never closed"),
    ("a: [1\nb: 2\n", 2, 2, "expected `,` or `]` (inside what starts on line 3)"),
    ("a: @x\n", 1, 4, "a value cannot start with `@`"),
    ("a: `x`\n", 1, 4, "a value cannot start with ```"),
    ('a: "\\q"\n', 1, 5, "unknown escape sequence"),
    ('a: "b" c\n', 1, 8, "expected a key here"),
    ("a: | x\n", 1, 6, "the first line of a block text"),
    ("a: - b\n", 1, 4, "a `- ` item is not allowed here"),
    ("a: 1\n...\nb: 2\n", 3, 1, "unexpected text after the end of the document"),
    ("a: !x!y 1\n", 1, 4, "no %TAG directive declares"),
    ("a: \x00\n", 1, 4, "the control character U+0000 is not allowed"),
    ("a: 1\nb: x\x07y\n", 2, 5, "the control character U+0007 is not allowed"),
    ("a: \ud800\n", 1, 4, "the surrogate U+D800 is not allowed"),
    ("a: *nowhere\n", 1, 4, "the alias `*nowhere` names an anchor that is not defined"),
    ("a: &x [*x]\n", 1, 8, "the value of anchor `&x` contains itself"),
    ("a: &x {<<: *x}\n", 1, 12, "the value of anchor `&x` contains itself"),
    ("<<: 5\n", 1, 5, "`<<` can only merge a mapping"),
    ("a: !!int x\n", 1, 4, "`x` is not a valid !!int"),
    ("? [a]\n: b\n", 1, 3, "a key must be text, not a list"),
    ("{a: 1}: b\n", 1, 1, "a key must be text, not a mapping"),
    ("~: b\n", 1, 1, "a key must be text, not null"),
    ("!Ref x: b\n", 1, 1, "a key must be text, not a value that has the custom tag !Ref"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), ERRORS, ids=[repr(e[0]) for e in ERRORS])
def test_errors_say_where_and_what(text: str, line: int, column: int, message: str) -> None:
    found = problems(read(PATH, "ok: 1\n---\n" + text))
    assert [(at[0] - 2, at[1]) for at in found] == [(line, column)]
    assert message in found[0][2]


def test_of_repeated_keys_the_last_value_counts() -> None:
    file = read(PATH, "a: 1\nb: 2\na: 3\n")
    assert file.documents[0].root == {"a": 3, "b": 2}
    assert place(file.documents[0].root.value_spans["a"]) == (3, 4, 3, 5)


def test_a_broken_document_costs_only_itself() -> None:
    file = read(PATH, "a: 1\n---\nb: [1\n\n---\nc: 3\n---\nd: 'x\n--- \ne: 5\n")
    assert [document.root for document in file.documents] == [{"a": 1}, {"c": 3}, {"e": 5}]
    assert [place(document.span)[0] for document in file.documents] == [1, 6, 10]
    assert [at[:2] for at in problems(file)] == [(3, 4), (8, 4)]


def test_a_context_line_counts_from_the_start_of_the_file() -> None:
    (problem,) = problems(read(PATH, "a: 1\n---\n- x\ny: 1\n"))
    assert problem == (
        4,
        1,
        "expected a `- ` item here; check the indentation of the list (inside what starts on line 3)",
    )


def test_the_list_of_problems_is_bounded() -> None:
    file = read(PATH, "--- [\n" * 5000 + "--- ok\n")
    assert len(file.errors) == 101
    assert file.errors[-1].message == "more than 100 problems in this file; the others are not listed"
    assert [document.root for document in file.documents] == ["ok"]


def alias_bomb(levels: int, width: int) -> str:
    lines = [f"a0: &a0 [{', '.join(['x'] * width)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines)


def nested_aliases(levels: int) -> str:
    lines = ["a0: &a0 " + "[" * 100 + "]" * 100]
    lines += [f"a{n}: &a{n} " + "[" * 100 + f"*a{n - 1}" + "]" * 100 for n in range(1, levels)]
    return "\n".join(lines)


def merge_bomb(size: int) -> str:
    entries = ", ".join(f"k{n}: 1" for n in range(size))
    return f"b: &b {{{entries}}}\n" + "".join(f"m{n}: {{<<: *b}}\n" for n in range(size))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (alias_bomb(9, 10), "its aliases stand for more than 2,000,000 values"),
        (alias_bomb(40, 40), "its aliases stand for more than 2,000,000 values"),
        (nested_aliases(50), "its aliases nest values more than 200 levels deep"),
        (merge_bomb(2000), "`<<` copies more than 2,000,000 entries"),
        ("[" * 10_000, "values are nested more than 200 levels deep"),
        ("[" * 10_000 + "]" * 10_000, "values are nested more than 200 levels deep"),
        ("{a: " * 10_000, "values are nested more than 200 levels deep"),
        ("- " * 10_000, "values are nested more than 200 levels deep"),
        ("? " * 10_000, "values are nested more than 200 levels deep"),
        ("\n".join(" " * n + "a:" for n in range(2_000)), "values are nested more than 200 levels deep"),
    ],
    ids=[
        "bomb",
        "big bomb",
        "deep aliases",
        "merges",
        "open",
        "closed",
        "maps",
        "items",
        "keys",
        "indentation",
    ],
)
def test_hostile_documents_are_refused_with_little_work(text: str, message: str) -> None:
    with counted(500_000):
        file = read(PATH, text + "\n---\nnext: 1\n")
    assert [message in error.message for error in file.errors] == [True]
    assert [document.root for document in file.documents] == [{"next": 1}]


@pytest.mark.parametrize(
    "text",
    [
        "---\n" * 50_000,
        "%\n" * 50_000,
        "a: |\n" + "\n" * 100_000 + "  x\n",
        "a: " + "x " * 500_000,
        ": " * 5_000,
    ],
    ids=["separators", "directives", "blank lines", "long", "colons"],
)
def test_odd_but_large_texts_are_little_work(text: str) -> None:
    with counted(1_000_000):
        read(PATH, text)


def test_nesting_up_to_the_limit_is_read() -> None:
    value = root("[" * 200 + "]" * 200)
    for _ in range(199):
        value = value[0]
    assert value == []


def test_comments_with_a_marker() -> None:
    text = (
        "# readiness:ignore a reason: top\n"
        "a: 1  # readiness:ignore b reason: end of line  \n"
        "b: 'x # readiness:ignore c'\n"
        'c: "y\n  # readiness:ignore d\n  "\n'
        "d: |  # readiness:ignore e\n"
        "  # readiness:ignore f\n"
        "  text\n"
        "\n"
        "# checkov:skip=CKV_K8S_1:why\n"
        "e: x#readiness:ignore g\n"
        "f: 'it''s # no' # tfsec:ignore:x\n"
        "# nothing\n"
        "---\n"
        "- é # trivy:ignore:AVD-1\n"
    )
    assert [tuple(comment) for comment in read(PATH, text).comments] == [
        (1, 1, "# readiness:ignore a reason: top"),
        (2, 7, "# readiness:ignore b reason: end of line"),
        (7, 7, "# readiness:ignore e"),
        (11, 1, "# checkov:skip=CKV_K8S_1:why"),
        (13, 17, "# tfsec:ignore:x"),
        (16, 5, "# trivy:ignore:AVD-1"),
    ]


def test_comments_before_and_after_a_broken_line_are_kept() -> None:
    text = "a: 'x # readiness:ignore a'\nb: c: d # readiness:ignore b\n# readiness:ignore c\n"
    assert [comment.line for comment in read(PATH, text).comments] == [2, 3]


FRAGMENTS = [
    "a",
    "b: ",
    ": ",
    "- ",
    "\n",
    "\n  ",
    "\n    ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "&x ",
    "*x",
    "<<: ",
    "!t ",
]
FRAGMENTS += [
    "'",
    '"',
    "|\n",
    ">-\n",
    "#",
    " # readiness:ignore z",
    "? ",
    "---\n",
    "...\n",
    "%",
    "\t",
    "\r\n",
]
FRAGMENTS += ["!!int ", "on", "1.5", "\x00", "é", "@", "~", "\ufeff", "\u2028"]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join))
def test_no_text_breaks_the_reader_and_spans_stay_inside_it(text: str) -> None:
    file = read(PATH, text)
    last = text.count("\n") + 1
    for error in file.errors:
        assert 1 <= error.line <= last
        assert error.column >= 1
    for document in file.documents:
        for span in every_span(document.root):
            assert span is not None
            assert (1, 1) <= span[1:3] <= span[3:5]
            assert span.end_line <= last


def every_span(value: Any) -> list[Span | None]:
    found: list[Span | None] = []
    if isinstance(value, Map):
        assert value.keys() == value.key_spans.keys() == value.value_spans.keys()
        found = [value.span, *value.key_spans.values(), *value.value_spans.values()]
        found += [span for item in value.values() for span in every_span(item)]
    elif isinstance(value, List):
        assert len(value) == len(value.item_spans)
        found = [value.span, *value.item_spans]
        found += [span for item in value for span in every_span(item)]
    elif isinstance(value, Unknown):
        found = [value.span]
    return found
