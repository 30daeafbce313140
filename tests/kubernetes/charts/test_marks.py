"""Marks leave a template as it was, and tell where each part of what it gives comes from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from readiness.kubernetes.charts.marks import Positions, believed, mark, unmark
from readiness.kubernetes.charts.model import Mark
from readiness.values import Span

TEXTS = st.lists(
    st.sampled_from(
        [
            "a: b",
            "  - c",
            "\n",
            " ",
            "{{ .Values.x }}",
            "{{- .y -}}",
            "{{- if .z }}",
            "{{ end }}",
            "# d",
            "'e'",
            '{{ define "n" }}',
            "k:\n  v: 1\n",
            "{{/* f }} */}}",
            "\t",
        ]
    ),
    max_size=12,
).map("".join)


@given(TEXTS)
def test_a_template_without_its_marks_is_the_template(text: str) -> None:
    marked = mark("t.yaml", text, ())
    if marked is None:
        return
    for variant in marked.numbered(3):
        # The actions that print marks are taken away with them.
        without, _ = unmark(variant.decode())
        assert without.replace('{{- "" }}{{', "{{-").replace('{{ "" }}', "") == text


@given(TEXTS)
def test_every_mark_points_at_its_own_text(text: str) -> None:
    marked = mark("t.yaml", text, ())
    if marked is None:
        return
    lines = text.split("\n")
    for entry in marked.table:
        here = lines[entry.span.line - 1][entry.span.column - 1 :]
        assert here.startswith("{{") if entry.action is not None else here[:1].strip()


def test_what_marks_change_is_not_believed() -> None:
    sign = "\ua66e0\ua66e0\ua66e"
    assert believed("a: b\n", f"{sign}a: b\n") == [1, 1, 0]
    # A digest of a template: the lines are there.
    assert believed("a: b\n", f"{sign}a: c\n") == [1, 1, 0]
    assert believed("a: b\n", f"{sign}a: b\nc\n") is None


def test_lines_that_came_in_another_order_have_the_mark_of_the_key_above() -> None:
    plain = "data:\n  a: 1\n  b: 2\nend: 3\n"
    marks = [f"\ua66e0\ua66e{number}\ua66e" for number in range(6)]
    text = "{0}data:\n  {3}b: {4}2\n  {1}a: {2}1\n{5}end: 3\n".format(*marks)
    assert believed(plain, text) == [1, 1, 0, 2, 3, 0, 3, 3, 0, 4, 1, 5]


def test_text_that_looks_like_a_mark_points_nowhere() -> None:
    positions = Positions([1, 1, 7, 1, 5, 1 << 30], lambda number: [])
    nowhere = Span("t", 99, 1, 99, 2)
    assert positions.span(Span("out", 1, 5, 1, 9), nowhere) == nowhere


def test_a_place_in_the_output_of_an_action_is_that_of_the_action() -> None:
    table = [Mark(Span("t", 1, 1, 1, 9)), Mark(Span("t", 1, 8, 1, 30), ".Values.x", (("x",),))]
    positions = Positions([1, 1, 0, 1, 8, 1], lambda _: table)
    nowhere = Span("t", 99, 1, 99, 2)
    assert positions.span(Span("out", 1, 1, 1, 5), nowhere) == Span("t", 1, 1, 1, 5)
    assert positions.span(Span("out", 1, 8, 1, 12), nowhere) == Span("t", 1, 8, 1, 30)
    assert positions.span(Span("out", 3, 4, 3, 5), nowhere) == Span("t", 1, 8, 1, 30)
    assert Positions([], lambda _: table).span(Span("out", 1, 1, 1, 2), nowhere) == nowhere
