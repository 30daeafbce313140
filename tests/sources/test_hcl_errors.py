"""Broken HCL: every error has its exact place, and costs one block alone."""

from __future__ import annotations

import pytest
from tests.counting import counted

from readiness.errors import SourceError
from readiness.sources.hcl import template
from readiness.sources.hcl.file import HclFile, assemble, cut_file
from readiness.sources.hcl.parse import parse_chunk

LOST = "the block it stands in was not read"
BEFORE = 'variable "before" {\n}\n'
AFTER = 'variable "after" {\n}\n'

Errors = list[tuple[int, int, str]]


def read(text: str, path: str = "main.tf") -> HclFile:
    return assemble(path, cut_file(text), parse_chunk)


def errors(file: HclFile) -> Errors:
    assert all(error.path == file.path and error.kind == "unread" for error in file.errors)
    return [(error.line, error.column, error.message) for error in file.errors]


CASES: dict[str, tuple[str, Errors]] = {
    "unclosed brace": ("locals {\n  x = 1\n", [(1, 8, f"this `{{` is never closed; {LOST}")]),
    "unclosed inner brace": (
        "locals {\n  x = {\n    y = 1\n}\n",
        [(1, 8, f"this `{{` is never closed; {LOST}")],
    ),
    "unclosed bracket": ("locals {\n  x = [1, 2\n}\n", [(2, 7, f"this `[` is never closed; {LOST}")]),
    "unclosed parenthesis": ("locals {\n  x = max(1, 2\n}\n", [(2, 10, f"this `(` is never closed; {LOST}")]),
    "unclosed string": ('locals {\n  x = "abc\n}\n', [(2, 7, f"this string is never closed; {LOST}")]),
    "unclosed interpolation": (
        'locals {\n  x = "a ${b"\n}\n',
        [(2, 10, f"this interpolation is never closed; {LOST}")],
    ),
    "unclosed nested string": (
        'locals {\n  x = "a ${b["c]}"\n}\n',
        [(2, 13, f"this `[` is never closed; {LOST}")],
    ),
    "unclosed heredoc": (
        "locals {\n  x = <<EOT\n  text\n}\n",
        [(2, 7, f"this heredoc is never closed: no line below holds `EOT` alone; {LOST}")],
    ),
    "heredoc end with more behind it": (
        "locals {\n  x = <<-E\n  text\n  E, 1\n}\n",
        [(2, 7, f"this heredoc is never closed: no line below holds `E` alone; {LOST}")],
    ),
    "string over two lines": (
        'locals {\n  x = "a\n  b"\n}\n',
        [(2, 7, f"this string is never closed; {LOST}")],
    ),
    "stray brace": ("locals {\n}\n}\n", [(3, 1, "this `}` closes nothing")]),
    "stray bracket": ("locals {\n  x = 1]\n}\n", [(2, 8, "this `]` closes nothing")]),
    "wrong bracket": ("locals {\n  x = [1)\n}\n", [(2, 9, "this `)` closes nothing")]),
    "stray bracket in an interpolation": (
        'locals {\n  x = f("${a)}")\n}\n',
        [(2, 13, "this `)` closes nothing")],
    ),
    "missing value": (
        "locals {\n  x =\n  y = 1\n}\n",
        [(2, 6, "expected a value, found the end of the line")],
    ),
    "missing last value": ("locals {\n  x =\n}\n", [(2, 6, "expected a value, found the end of the line")]),
    "missing value before a comment": (
        "locals {\n  x = # none\n}\n",
        [(2, 7, "expected a value, found a comment")],
    ),
    "missing operand": ("locals {\n  x = 1 +\n}\n", [(3, 1, "expected a value, found `}`")]),
    "missing equals sign": ("locals {\n  x 1\n}\n", [(2, 5, "expected `=` or `{`, found `1`")]),
    "colon": (
        "locals {\n  x: 1\n}\n",
        [(2, 4, "expected `=` or `{`, found `:`; an argument is set with one `=`")],
    ),
    "comparison": (
        "locals {\n  x == 1\n}\n",
        [(2, 5, "expected `=` or `{`, found `==`; an argument is set with one `=`")],
    ),
    "single quotes": (
        "locals {\n  x = 'a'\n}\n",
        [(2, 7, "expected a value, found `'`; strings stand in double quotes")],
    ),
    "comma": ("locals {\n  x = 1,\n}\n", [(2, 8, "expected `}` or a new line, found `,`")]),
    "two arguments on a line": (
        "locals {\n  x = 1 y = 2\n}\n",
        [(2, 9, "expected a new line before the argument `y`")],
    ),
    "block behind an argument": (
        'a "b" {\n  x = 1 c {\n  }\n}\n',
        [(2, 9, "expected a new line before the block `c`")],
    ),
    "argument behind a block": (
        'a "b" {\n  c {\n  } x = 1\n}\n',
        [(3, 5, "expected a new line before the argument `x`")],
    ),
    "two entries on a line": (
        "locals {\n  x = { a = 1 b = 2 }\n}\n",
        [(2, 15, "expected a comma or a new line between the entries of this object")],
    ),
    "missing comma": ("locals {\n  x = [1 2]\n}\n", [(2, 10, "expected `,` or `]`, found `2`")]),
    "missing comma over lines": (
        "locals {\n  x = [\n    a\n    b\n  ]\n}\n",
        [(4, 5, "expected `,` or `]`, found `b`")],
    ),
    "unknown character": ("locals {\n  x = @\n}\n", [(2, 7, "expected a value, found `@`")]),
    "unknown escape": (
        'locals {\n  x = "a\\d"\n}\n',
        [(2, 9, "`\\d` is no escape of a string; a backslash itself is `\\\\`")],
    ),
    "tab before the error": ("locals {\n\tx = ]\n}\n", [(2, 6, "this `]` closes nothing")]),
    "directive without end": (
        'locals {\n  x = "%{ if a }b"\n}\n',
        [(2, 7, "the template directive `if` has no `endif`")],
    ),
    "duplicate argument": (
        "locals {\n  x = 1\n  y = 2\n  x = 3\n}\n",
        [(4, 3, "the argument `x` is set twice, which Terraform rejects; the first is on line 2")],
    ),
    "top-level words": ("hello world\n", [(1, 12, "expected `{`, found the end of the line")]),
}


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("name", CASES)
def test_error_alone(name: str, ends: str) -> None:
    text, expected = CASES[name]
    assert errors(read(text.replace("\n", ends))) == expected


@pytest.mark.parametrize("name", CASES)
def test_error_between_blocks(name: str) -> None:
    text, expected = CASES[name]
    file = read("\ufeff" + BEFORE + text + AFTER)
    assert errors(file) == [
        (line + 2, column, message.replace("line 2", "line 4")) for line, column, message in expected
    ]
    labels = [block.labels for _, chunk in file.chunks for block in chunk.blocks if block.type == "variable"]
    assert labels == [["before"], ["after"]]


def test_two_broken_blocks() -> None:
    file = read("locals {\n  x = \n}\nlocals {\n  y = 1\n}\nlocals {\n  z = [\n}\n")
    assert errors(file) == [
        (2, 7, "expected a value, found the end of the line"),
        (8, 7, f"this `[` is never closed; {LOST}"),
    ]
    assert [chunk.blocks[0].attributes[0].name for _, chunk in file.chunks] == ["y"]


def test_unclosed_comment() -> None:
    file = read(BEFORE + "/* no end\n" + AFTER)
    assert errors(file) == [(3, 1, "this comment is never closed; what follows it was not read")]
    assert len(file.chunks) == 1


def test_duplicates_keep_the_block() -> None:
    text = 'resource "a" "b" {\n  x = 1\n  c {\n    y = 1\n    y = 2\n    y = 3\n  }\n  x = 2\n}\n'
    file = read(BEFORE + text + AFTER)
    twice = "is set twice, which Terraform rejects; the first is on line"
    assert sorted(errors(file)) == [
        (7, 5, f"the argument `y` {twice} 6"),
        (8, 5, f"the argument `y` {twice} 6"),
        (10, 3, f"the argument `x` {twice} 4"),
    ]
    assert [len(chunk.blocks) for _, chunk in file.chunks] == [1, 1, 1]


def test_same_names_in_different_bodies_are_fine() -> None:
    assert read("a {\n  x = 1\n  b {\n    x = 1\n  }\n  b {\n    x = 2\n  }\n}\n").errors == []


def test_variable_set_twice() -> None:
    file = read("a = 1\nb = 2\n\na = 3\n", "terraform.tfvars")
    message = "the argument `a` is set twice, which Terraform rejects; the first is on line 1"
    assert file.errors == [SourceError("terraform.tfvars", 4, 1, message)]
    assert len(file.chunks) == 3


def test_brackets_nested_ten_thousand_times() -> None:
    with counted(100_000):
        file = read(BEFORE + "locals {\n  x = " + "[" * 10_000 + "]" * 10_000 + "\n}\n" + AFTER)
    assert errors(file) == [(4, 206, f"brackets are nested deeper than 200 levels; {LOST}")]
    assert len(file.chunks) == 2


CHAINS = {
    "operators": "+".join(["1"] * 20_000),
    "negations": "!" * 20_000 + "a",
    "conditions": "a ? b : " * 20_000 + "c",
    "attributes": "a" + ".a" * 20_000,
    "indexes": "a" + "[0]" * 20_000,
    "legacy indexes": "a" + ".0" * 20_000,
}


@pytest.mark.parametrize("name", CHAINS)
def test_endless_expression(name: str) -> None:
    file = read(f"locals {{\n  x = {CHAINS[name]}\n}}\n{AFTER}")
    assert [(error.line, error.message) for error in file.errors] == [
        (2, "the expression has more than 1000 operators")
    ]
    assert len(file.chunks) == 1


@pytest.mark.parametrize(("count", "fine"), [(150, True), (400, False)])
def test_depth_of_an_expression(count: int, fine: bool) -> None:
    file = read(f"locals {{\n  x = {' + '.join(['1'] * count)}\n}}\n")
    assert errors(file) == ([] if fine else [(2, 7, "the expression is nested deeper than 200 levels")])


def test_long_lists_are_not_deep() -> None:
    file = read(f"locals {{\n  x = [{', '.join(['a.b.c + 1'] * 3000)}]\n}}\n")
    assert file.errors == []


COMMENTED = """\
# readiness:ignore one
resource "a" "b" {
  x = 1 # checkov:skip=CKV_1:why
  y = "# readiness:ignore text" // trivy:ignore:AVD-1
  z = <<EOT
# readiness:ignore heredoc
EOT
  /* tfsec:ignore:x
     more */
}
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_comments_with_markers(ends: str) -> None:
    file = read(BEFORE + COMMENTED.replace("\n", ends) + "# nothing to ignore\n")
    assert file.errors == []
    assert [(c.line, c.column, c.text.replace("\r", "")) for c in file.comments] == [
        (3, 1, "# readiness:ignore one"),
        (5, 9, "# checkov:skip=CKV_1:why"),
        (6, 33, "// trivy:ignore:AVD-1"),
        (10, 3, "/* tfsec:ignore:x\n     more */"),
    ]


def test_comments_are_kept_once_where_a_block_never_closes() -> None:
    file = read(
        "# readiness:ignore a\nlocals {\n  # readiness:ignore b\n\n" + AFTER + "# readiness:ignore c\n"
    )
    assert [comment.line for comment in file.comments] == [1, 3, 7]
    assert errors(file) == [(2, 8, f"this `{{` is never closed; {LOST}")]
    assert len(file.chunks) == 1


HOSTILE = {
    "open heredocs": "".join(f"A{n}\n" for n in range(20_000))
    + "".join(f"x = <<A{n}\n" for n in range(20_000)),
    "one open heredoc after the other": "x = <<A\n" * 50_000,
    "open strings": 'x = "\n' * 50_000,
    "open braces": "locals {\n" * 20_000,
    "closing braces": "}\n" * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_cut_in_one_pass(name: str) -> None:
    with counted(5_000_000):
        pieces = cut_file(HOSTILE[name]).pieces
    assert any(piece.problem for piece in pieces)


def test_heredoc_with_too_many_interpolations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "PART_LIMIT", 10)
    file = read("locals {\n  x = <<E\n" + "${a} ${b}\n" * 8 + "E\n}\n" + AFTER)
    assert errors(file) == [(8, 6, "the template has more than 10 parts")]
    assert len(file.chunks) == 1
