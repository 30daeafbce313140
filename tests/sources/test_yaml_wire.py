"""What goes over the wire comes back with every span."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.errors import SourceError
from readiness.sources.comments import Comment
from readiness.sources.yaml_source import YamlDocument, YamlFile, from_wire, read, to_wire
from readiness.values import List, Map, Span, Unknown

PATH = "a/b.yaml"


def described(value: Any) -> Any:
    """A value with its spans and exact types, comparable with `==` (also for NaN)."""
    if isinstance(value, Map):
        entries = [(k, described(v), value.key_spans[k], value.value_spans[k]) for k, v in value.items()]
        return "map", value.span, entries
    if isinstance(value, List):
        return "list", value.span, [described(item) for item in value], value.item_spans
    if isinstance(value, Unknown):
        return "unknown", value.reason, value.refs, value.span
    return type(value), repr(value)


def described_file(file: YamlFile) -> Any:
    documents = [(document.span, described(document.root)) for document in file.documents]
    return documents, file.errors, file.comments


numbers = st.integers(min_value=1, max_value=2**31)
spans = st.builds(
    lambda line, column, height, end: Span(PATH, line, column, line + height, end),
    numbers,
    numbers,
    numbers,
    numbers,
)
texts = st.text(st.characters(exclude_categories=["Cs"]))
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), texts)
unknowns = st.builds(Unknown, texts, st.lists(texts).map(tuple), spans)


@st.composite
def maps(draw: st.DrawFn, children: st.SearchStrategy[Any]) -> Map:
    content = draw(st.dictionaries(texts, children, max_size=4))
    key_spans = {key: draw(spans) for key in content}
    return Map(content, draw(spans), key_spans, {key: draw(spans) for key in content})


@st.composite
def lists(draw: st.DrawFn, children: st.SearchStrategy[Any]) -> List:
    content = draw(st.lists(children, max_size=4))
    return List(content, draw(spans), [draw(spans) for _ in content])


values = st.recursive(scalars | unknowns, lambda children: maps(children) | lists(children), max_leaves=12)
files = st.builds(
    YamlFile,
    st.lists(st.builds(YamlDocument, values, spans), max_size=3),
    st.lists(st.builds(SourceError, st.just(PATH), numbers, numbers, texts), max_size=2),
    st.lists(st.builds(Comment, numbers, numbers, texts), max_size=2),
)


@settings(max_examples=150, deadline=None)
@given(files)
def test_round_trip(file: YamlFile) -> None:
    assert described_file(from_wire(PATH, to_wire(file))) == described_file(file)


def test_a_read_file_comes_back_in_another_path() -> None:
    text = "a: &x {k: [1, on]}\nb: *x\nc: !Ref y  # readiness:ignore z\n---\n- 1\n---\n'x\n"
    file = read("old.yaml", text)
    back = from_wire("new.yaml", to_wire(file))
    assert described_file(back) == described_file(read("new.yaml", text))
    assert len(back.errors) == len(back.comments) == 1


def test_shared_values_stay_shared() -> None:
    file = read(PATH, "a: &x [1]\nb: {c: *x}\nd: [*x, &y {e: *x}, *y]\n")
    root = from_wire(PATH, to_wire(file)).documents[0].root
    assert root["b"]["c"] is root["a"]
    assert root["d"][0] is root["a"]
    assert root["d"][1]["e"] is root["a"]
    assert root["d"][2] is root["d"][1]


def test_the_path_is_not_part_of_the_bytes() -> None:
    text = "a: {b: 1}\n"
    assert to_wire(read("one.yaml", text)) == to_wire(read("two.yaml", text))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\xc1",
        to_wire(read(PATH, "a: [1]"))[:-4],
        b"\x94\x90\x90\x90\x90",
        b"\x94\x91\x80\x94\x90\x90\x90\x90\x90\x90",
    ],
)
def test_damaged_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="damaged bytes"):
        from_wire(PATH, data)
