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
    table: list[Mark] = []
    marked = mark("t.yaml", text, (), table)
    if marked is None:
        return
    for variant in (marked.whole, marked.outer):
        # The actions that print marks are taken away with them.
        without, _ = unmark(variant)
        assert without.replace('{{- "" }}{{', "{{-").replace('{{ "" }}', "") == text


@given(TEXTS)
def test_every_mark_points_at_its_own_text(text: str) -> None:
    table: list[Mark] = []
    if mark("t.yaml", text, (), table) is None:
        return
    lines = text.split("\n")
    for entry in table:
        here = lines[entry.span.line - 1][entry.span.column - 1 :]
        assert here.startswith("{{") if entry.action is not None else here[:1].strip()


def test_what_marks_change_is_not_believed() -> None:
    assert believed("a: b\n", "\ua66e0\ua66ea: b\n") == [1, 1, 0]
    assert believed("a: b\n", "\ua66e0\ua66ea: c\n") == [
        1,
        1,
        0,
    ]  # a digest of a template, the lines are there
    assert believed("a: b\n", "\ua66e0\ua66ea: b\nc\n") is None


def test_a_place_in_the_output_of_an_action_is_that_of_the_action() -> None:
    table = [Mark(Span("t", 1, 1, 1, 9)), Mark(Span("t", 1, 8, 1, 30), ".Values.x", (("x",),))]
    positions = Positions([1, 1, 0, 1, 8, 1], table)
    nowhere = Span("t", 99, 1, 99, 2)
    assert positions.span(Span("out", 1, 1, 1, 5), nowhere) == Span("t", 1, 1, 1, 5)
    assert positions.span(Span("out", 1, 8, 1, 12), nowhere) == Span("t", 1, 8, 1, 30)
    assert positions.span(Span("out", 3, 4, 3, 5), nowhere) == Span("t", 1, 8, 1, 30)
    assert Positions([], table).span(Span("out", 1, 1, 1, 2), nowhere) == nowhere
