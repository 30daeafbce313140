"""Heredocs: their text, and the places of what is interpolated."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.sources.hcl import ast
from readiness.sources.hcl.file import assemble, cut_file
from readiness.sources.hcl.parse import parse_chunk, parse_expression
from readiness.sources.hcl.template import TemplateError


def value(text: str) -> Any:
    file = assemble("main.tf", cut_file(text), parse_chunk)
    assert file.errors == []
    return file.chunks[0][1].blocks[0].attributes[0].value


def heredoc(body: str) -> Any:
    return value("locals {\n  x = " + body + "\n}\n")


TEXTS = [
    ("<<EOT\nEOT", ""),
    ("<<EOT\na\nEOT", "a\n"),
    ("<<EOT\n  a\n\n b\nEOT", "  a\n\n b\n"),
    ("<<EOT\na\n  EOT", "a\n"),
    ("<<EOT\na\n  EOT  ", "a\n"),
    ("<<EOT\nEOTX\n EOT.\nEOT", "EOTX\n EOT.\n"),
    ("<<E\n\\n \"quoted\" 'x' # no comment\nE", "\\n \"quoted\" 'x' # no comment\n"),
    ("<<_END\na\n_END", "a\n"),
    ("<<EOT\n$${a} %%{b}\nEOT", "${a} %{b}\n"),
    ("<<EOT\n}}]]((\nEOT", "}}]]((\n"),
    ('<<EOT\nresource "a" "b" {\nEOT', 'resource "a" "b" {\n'),
    ("<<-EOT\n    a\n      b\n\n    c\n  EOT", "a\n  b\n\nc\n"),
    ("<<-EOT\n\t\ta\n\t\t\tb\n\tEOT", "a\n\tb\n"),
    ("<<-EOT\n  a\n b\n  EOT", " a\nb\n"),
    ("<<-EOT\n  EOT", ""),
]


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("body", "text"), TEXTS, ids=[body for body, _ in TEXTS])
def test_text(body: str, text: str, ends: str) -> None:
    node = value(("locals {\n  x = " + body + "\n}\n").replace("\n", ends))
    assert isinstance(node, ast.Lit)
    assert node.value == text


def names(node: Any) -> list[tuple[str, ast.At]]:
    """Every bare name with its place, in order."""
    if isinstance(node, ast.Name):
        return [(node.name, node.at)]
    if isinstance(node, ast.Node):
        return [n for field in node.__struct_fields__ if field != "at" for n in names(getattr(node, field))]
    if isinstance(node, list):
        return [n for item in node for n in names(item)]
    return []


INTERPOLATIONS = [
    ("<<EOT\n${a}\nEOT", [("a", (3, 3, 3, 4))]),
    ("<<EOT\n ${~ a ~}\nEOT", [("a", (3, 6, 3, 7))]),
    ("<<EOT\n1 ${a} 2 ${b}\n3 ${c}\nEOT", [("a", (3, 5, 3, 6)), ("b", (3, 12, 3, 13)), ("c", (4, 5, 4, 6))]),
    ("<<-EOT\n    ${a}\n      ${b}\n    EOT", [("a", (3, 7, 3, 8)), ("b", (4, 9, 4, 10))]),
    ("<<EOT\n${f(\n  a,\n  b)} ${c}\nEOT", [("a", (4, 3, 4, 4)), ("b", (5, 3, 5, 4)), ("c", (5, 9, 5, 10))]),
    ("<<EOT\n${a[\"}\"]} ${b}\nEOT", [("a", (3, 3, 3, 4)), ("b", (3, 13, 3, 14))]),
    ("<<EOT\n%{ if a ~}\nx\n%{ else }${b}%{ endif }\nEOT", [("a", (3, 7, 3, 8)), ("b", (5, 12, 5, 13))]),
    ("<<EOT\n  %{~ for x in a }\n  ${x}\n%{ endfor }\nEOT", [("a", (3, 16, 3, 17)), ("x", (4, 5, 4, 6))]),
]  # fmt: skip


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("body", "expected"), INTERPOLATIONS, ids=[body for body, _ in INTERPOLATIONS])
def test_places(body: str, expected: list[tuple[str, ast.At]], ends: str) -> None:
    node = value(("locals {\n  x = " + body + "\n}\n").replace("\n", ends))
    assert names(node) == expected


def test_trim_markers_take_line_ends_too() -> None:
    node = heredoc("<<EOT\na\n%{~ if b ~}\n  c\n%{~ endif ~}\nd\nEOT")
    assert [type(part).__name__ for part in node.parts] == ["Lit", "TplIf", "Lit"]
    # Each as far as its own line goes: the indentation of the next one stays.
    assert (node.parts[0].value, node.parts[1].then.value, node.parts[2].value) == ("a", "  c", "d\n")


def test_heredoc_among_arguments() -> None:
    node = heredoc("f(<<EOT\na\nEOT\n  , 2)")
    assert [arg.value for arg in node.args] == ["a\n", 2]
    assert [arg.at for arg in node.args] == [(2, 9, 4, 4), (5, 5, 5, 6)]


BROKEN = [
    ("<<EOT\n${a +}\nEOT", 3, 6, "expected a value, found `}`"),
    ("<<EOT\nx\n  ${}\nEOT", 4, 5, "expected a value, found `}`"),
    ("<<EOT\n${a\nEOT", 3, 1, "this `${` is never closed"),
    ("<<EOT\n%{ if }\nEOT", 3, 7, "expected a value, found `}`"),
    ("<<EOT\n%{ unless a }\nEOT", 3, 3, "`%{unless a}` is not a template directive"),
    ("<<EOT\n%{ if a }\nEOT", 2, 7, "the template directive `if` has no `endif`"),
    ("<<EOT\n%{ for a in b }\nEOT", 2, 7, "the template directive `for` has no `endfor`"),
    ("<<EOT\na\n%{ endif }\nEOT", 2, 7, "the template directive `endif` has no beginning"),
    ("<<-EOT\n    ${a b}\n    EOT", 3, 9, "expected `}`, found `b`"),
]


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("body", "line", "column", "message"), BROKEN, ids=[case[0] for case in BROKEN])
def test_broken(body: str, line: int, column: int, message: str, ends: str) -> None:
    text = ("locals {\n  x = " + body + "\n}\nlocals {\n}\n").replace("\n", ends)
    file = assemble("main.tf", cut_file(text), parse_chunk)
    assert [(e.line, e.column, e.message) for e in file.errors] == [(line, column, message)]
    assert len(file.chunks) == 1


@pytest.mark.parametrize(("line", "column"), [(1, 4), (1, 30), (2, 1), (2, 3), (7, 12)])
def test_expression_at_a_place(line: int, column: int) -> None:
    node = parse_expression(" a.b ", line, column)
    assert node == ast.Attr(
        (line, column + 1, line, column + 4), ast.Name((line, column + 1, line, column + 2), "a"), "b"
    )
    with pytest.raises(TemplateError) as error:
        parse_expression("a +", line, column)
    assert (error.value.line, error.value.column) == (line, column + 3)
