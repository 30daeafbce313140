"""What the actions of a template look at."""

from __future__ import annotations

import pytest

from readiness.kubernetes.charts.actions import pieces


def looked_at(text: str) -> list[list[tuple[str, ...]]]:
    found = pieces(text)
    assert found is not None
    return [list(piece.paths) for piece in found if piece.output]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ .Values.replicas }}", [[("replicas",)]]),
        ("{{- .Values.image.tag | default .Chart.AppVersion -}}", [[("image", "tag")]]),
        ("{{ $.Values.a.b }}", [[("a", "b")]]),
        ("{{ toYaml .Values.resources | nindent 8 }}", [[("resources",)]]),
        ("{{ .Values.a }}-{{ .Values.b }}", [[("a",)], [("b",)]]),
        ('{{ printf "%s:%s" .Values.a .Values.b }}', [[("a",), ("b",)]]),
        ('{{ index .Values "my-app" "tag" }}', [[("my-app", "tag")]]),
        ('{{ index .Values.apps "my-app" }}', [[("apps", "my-app")]]),
        ('{{ include "x" . }}', [[]]),
        ('{{ ".Values.no" }}', [[]]),
        ("{{/* .Values.no }} */}}", []),
        ("{{ .Release.Name }}", [[]]),
        ("{{ with .Values.pod }}{{ .name }}{{ toYaml . }}{{ end }}", [[("pod", "name")], [("pod",)]]),
        ("{{ with .Values.pod }}{{ else }}{{ .Values.x }}{{ end }}", [[("x",)]]),
        ("{{ with .Values.pod }}{{ $.Values.x }}{{ end }}{{ .Values.y }}", [[("x",)], [("y",)]]),
        ("{{ range .Values.env }}{{ .name }}{{ end }}", [[("env", "*", "name")]]),
        ("{{ range $k, $v := .Values.env }}{{ $k }}{{ $v.x }}{{ end }}", [[], [("env", "*", "x")]]),
        ("{{ range $v := .Values.env }}{{ $v }}{{ end }}", [[("env", "*")]]),
        ("{{ $x := .Values.pod }}{{ $x.name }}", [[("pod", "name")]]),
        ("{{ $x := .Values.pod }}{{ $x = .Values.other }}{{ $x.name }}", [[]]),
        ("{{ if .Values.on }}{{ .Values.x }}{{ else }}{{ .Values.y }}{{ end }}", [[("x",)], [("y",)]]),
        ('{{ define "x" }}{{ .name }}{{ .Values.a }}{{ end }}{{ .Values.b }}', [[], [("a",)], [("b",)]]),
        ("{{ (.Values.a).b }}", [[("a",)]]),
        ('{{ "}}" }}{{ `}}` }}{{ .Values.x }}', [[], [], [("x",)]]),
        ("{{ with (merge .Values.a .Values.b) }}{{ .c }}{{ end }}", [[]]),
    ],
)
def test_actions_tell_the_values_that_they_look_at(text: str, expected: object) -> None:
    assert looked_at(text) == expected


@pytest.mark.parametrize("text", ["{{ .Values.x", '{{ "x }}', "a {{"])
def test_a_template_whose_braces_do_not_match_is_not_cut(text: str) -> None:
    assert pieces(text) is None


def test_the_pieces_of_a_template_are_all_of_its_text() -> None:
    text = 'a: {{ .x }}\n{{- if eq .y "}}" }}\nb: {{/* c }} */}}c\n{{- end }}\n'
    found = pieces(text)
    assert found is not None
    assert "".join(text[piece.start : piece.end] for piece in found) == text
    assert [piece.start for piece in found[1:]] == [piece.end for piece in found[:-1]]
