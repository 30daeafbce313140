"""HCL expressions, bodies and blocks: their nodes and their exact places."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.sources.hcl import ast
from readiness.sources.hcl.file import HclFile, assemble, cut_file
from readiness.sources.hcl.parse import parse_chunk


def read(text: str, path: str = "main.tf") -> HclFile:
    return assemble(path, cut_file(text), parse_chunk)


def chunk(text: str) -> ast.Chunk:
    file = read(text)
    assert file.errors == []
    assert len(file.chunks) == 1
    return file.chunks[0][1]


def block(text: str) -> ast.Block:
    return chunk(text).blocks[0]


def value(text: str) -> Any:
    """The node of an expression that starts in column 5 of line 1."""
    return chunk(f"x = {text}\n").attributes[0].value


def shape(node: Any) -> Any:
    """A node without its places, as nested tuples."""
    if isinstance(node, ast.Lit):
        return node.value
    if isinstance(node, ast.Node):
        fields = [shape(getattr(node, name)) for name in node.__struct_fields__ if name != "at"]
        return (type(node).__name__, *fields)
    if isinstance(node, (list, tuple)):
        return [shape(item) for item in node]
    return node


A, B, C = ("Name", "a"), ("Name", "b"), ("Name", "c")
STAR = ("Name", "*")

EXPRESSIONS = [
    ("1", 1),
    ("-1", -1),
    ("1.0", 1),
    ("2.5", 2.5),
    ("1e3", 1000),
    ("9223372036854775807", 2**63 - 1),
    ("9223372036854775808", ("Num", "9223372036854775808")),
    ("true", True),
    ("null", None),
    ('""', ""),
    ('"a\\tb\\"\\\\\\u00e9\\U0001F600"', 'a\tb"\\é\U0001f600'),
    ('"\\ud800"', "\ufffd"),
    ("a", A),
    ("a.b", ("Attr", A, "b")),
    ("a.b.c", ("Attr", ("Attr", A, "b"), "c")),
    ("a[0]", ("Index", A, 0)),
    ('a["k"].c', ("Attr", ("Index", A, "k"), "c")),
    ("a.0.b", ("Attr", ("Index", A, 0), "b")),
    ("a[*].b", ("Splat", A, ("Attr", STAR, "b"))),
    ("a[*].b[0]", ("Splat", A, ("Index", ("Attr", STAR, "b"), 0))),
    ("a.*.b", ("Splat", A, ("Attr", STAR, "b"))),
    ("a.*.b[0]", ("Index", ("Splat", A, ("Attr", STAR, "b")), 0)),
    ("a[*]", ("Splat", A, STAR)),
    ("f()", ("Call", "f", [], False)),
    ("f(1, b)", ("Call", "f", [1, B], False)),
    ("f(1, b...)", ("Call", "f", [1, B], True)),
    ("f(\n  1,\n  b,\n)", ("Call", "f", [1, B], False)),
    ("provider::ns::f(1)", ("Call", "provider::ns::f", [1], False)),
    ("-a", ("Unary", "-", A)),
    ("!a", ("Unary", "!", A)),
    ("!!a", ("Unary", "!", ("Unary", "!", A))),
    ("-(-1)", 1),
    ("-(-a)", ("Unary", "-", ("Unary", "-", A))),
    ("1 + 2 * 3 - 4", ("Binary", "-", ("Binary", "+", 1, ("Binary", "*", 2, 3)), 4)),
    ("a -1", ("Binary", "-", A, 1)),
    ("a && b || !c", ("Binary", "||", ("Binary", "&&", A, B), ("Unary", "!", C))),
    ("a == b ? 1 : c ? 2 : 3", ("Cond", ("Binary", "==", A, B), 1, ("Cond", C, 2, 3))),
    ("(\n  a\n  ? b\n  : c\n)", ("Cond", A, B, C)),
    ("(a\n  - b\n)", ("Binary", "-", A, B)),
    ("(a + 1) * 2", ("Binary", "*", ("Binary", "+", A, 1), 2)),
    ("(a)", ("Paren", A)),
    ("[]", ("Tup", [])),
    ("[1, a,]", ("Tup", [1, A])),
    ("[\n  1, # one\n  a\n]", ("Tup", [1, A])),
    ("{}", ("Obj", [])),
    ("{ a = 1, b : 2 }", ("Obj", [["a", 1], ["b", 2]])),
    ('{\n  "a" = 1\n  (b) = 2 // c\n}', ("Obj", [["a", 1], [B, 2]])),
    ("{ a = b -1, c = 2-1 }", ("Obj", [["a", ("Binary", "-", B, 1)], ["c", ("Binary", "-", 2, 1)]])),
    ("{ in = 1, null = 2, if = 3 }", ("Obj", [["in", 1], ["null", 2], ["if", 3]])),
    ("[for a in b : a]", ("For", "", "a", B, None, A, None, False)),
    ("[for k, a in b : a if c]", ("For", "k", "a", B, None, A, C, False)),
    ("{for k, a in b : k => a...}", ("For", "k", "a", B, ("Name", "k"), A, None, True)),
    (
        "{\n  for k, a in b : (\n    k\n  )\n  => a\n  if c\n}",
        ("For", "k", "a", B, ("Paren", ("Name", "k")), A, C, False),
    ),
    ('"a ${b} c"', ("Tpl", ["a ", B, " c"])),
    ('"${a}"', A),
    ('"${\n  a\n}"', A),
    ('"x ${~ a ~} y"', ("Tpl", ["x", A, "y"])),
    ('"x ${~a} y"', ("Tpl", ["x", A, " y"])),
    ('"${a ~} y"', ("Tpl", [A, "y"])),
    ('"$${a} %%{b} $$ %% $ %"', "${a} %{b} $$ %% $ %"),
    ('"$${a"', "${a"),
    ('"${"a}"}${b["c"]}"', ("Tpl", ["a}", ("Index", B, "c")])),
    ('"%{ if a }x%{ else }y%{ endif }"', ("Tpl", [("TplIf", A, "x", "y")])),
    ('"%{ if a }x%{ endif }"', ("Tpl", [("TplIf", A, "x", "")])),
    ('"- %{~ if a ~} x %{~ endif ~} -"', ("Tpl", ["-", ("TplIf", A, "x", ""), "-"])),
    (
        '"%{ for k, v in a }${v},%{ endfor }"',
        ("Tpl", [("TplFor", "k", "v", A, ("Tpl", [("Name", "v"), ","]))]),
    ),
    ("1 /* one */", 1),
    ("[1, /* two */ 2]", ("Tup", [1, 2])),
    ("f(1 /* a */, /* b */ 2)", ("Call", "f", [1, 2], False)),
]


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS, ids=[text for text, _ in EXPRESSIONS])
def test_expression(text: str, expected: Any) -> None:
    found = shape(value(text))
    assert found == expected
    assert type(found) is type(expected)


def test_expression_means_the_same_with_crlf() -> None:
    for text, expected in EXPRESSIONS:
        assert shape(value(text.replace("\n", "\r\n"))) == expected, text


PLACES = [
    ("a.b", (1, 5, 1, 8)),
    ("a[0].b", (1, 5, 1, 11)),
    ('"a ${b}"', (1, 5, 1, 13)),
    ("1 + 2", (1, 5, 1, 10)),
    ("[\n  1,\n  2,\n]", (1, 5, 4, 2)),
    ("f(\n  1\n)", (1, 5, 3, 2)),
    ("a ? b : c", (1, 5, 1, 14)),
    ("-a", (1, 5, 1, 7)),
    ("[for a in b : a]", (1, 5, 1, 21)),
    ("<<EOT\na\nEOT", (1, 5, 3, 4)),
    ("<<-EOT\n  a\n  EOT", (1, 5, 3, 6)),
]


@pytest.mark.parametrize(("text", "at"), PLACES, ids=[text for text, _ in PLACES])
def test_place(text: str, at: ast.At) -> None:
    assert value(text).at == at


def test_places_of_items() -> None:
    items = value('[1, "two",\n  a.b]').items
    assert [item.at for item in items] == [(1, 6, 1, 7), (1, 9, 1, 14), (2, 3, 2, 6)]


def test_places_of_entries() -> None:
    entries = value('{\n  a = 1\n  "b" = "${c}"\n}').items
    assert [(key.at, item.at) for key, item in entries] == [
        ((2, 3, 2, 4), (2, 7, 2, 8)),
        ((3, 3, 3, 6), (3, 12, 3, 13)),
    ]


NESTED = """\
resource "aws_instance" "web" {
  ami = "x"

  root_block_device {
    encrypted = true
  }
\tebs_block_device { size = 1 }
}
"""


def test_blocks_and_their_places() -> None:
    web = block(NESTED)
    assert (web.type, web.labels) == ("resource", ["aws_instance", "web"])
    assert (web.at, web.header) == ((1, 1, 8, 2), (1, 1, 1, 30))
    assert [(a.name, a.at, a.value.at) for a in web.attributes] == [("ami", (2, 3, 2, 6), (2, 9, 2, 12))]
    root, ebs = web.blocks
    assert (root.type, root.at, root.header) == ("root_block_device", (4, 3, 6, 4), (4, 3, 4, 20))
    assert (root.attributes[0].at, root.attributes[0].value.at) == ((5, 5, 5, 14), (5, 17, 5, 21))
    assert (ebs.at, ebs.attributes[0].at) == ((7, 2, 7, 31), (7, 21, 7, 25))


@pytest.mark.parametrize("change", [lambda t: t.replace("\n", "\r\n"), lambda t: "\ufeff" + t])
def test_places_with_crlf_and_bom(change: Any) -> None:
    assert block(change(NESTED)) == block(NESTED)


def test_lines_count_from_the_block() -> None:
    file = read("# first\n\n" + NESTED + "\n\n" + NESTED)
    assert [(base, chunk.blocks[0].at) for base, chunk in file.chunks] == [
        (2, (1, 1, 8, 2)),
        (12, (1, 1, 8, 2)),
    ]
    assert file.chunks[0][1] == file.chunks[1][1]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("locals {}\n", []),
        ('variable "a" {\n}\n', ["a"]),
        ("resource aws_instance web {}\n", ["aws_instance", "web"]),
        ('resource "a" "b"\n{\n}\n', None),
    ],
)
def test_labels(text: str, labels: list[str] | None) -> None:
    file = read(text)
    if labels is None:
        assert [(e.line, e.column, e.message) for e in file.errors] == [
            (1, 17, "expected `{`, found the end of the line"),
            (2, 1, "expected a name, found `{`"),
        ]
    else:
        assert file.chunks[0][1].blocks[0].labels == labels


def test_values_file() -> None:
    file = read('region = "eu"\n\n# c\nzones = [\n  "a"\n]\n', "terraform.tfvars")
    found = [(base, a.name, a.at) for base, chunk in file.chunks for a in chunk.attributes]
    assert found == [(0, "region", (1, 1, 1, 7)), (3, "zones", (1, 1, 1, 6))]
    assert file.is_values


@pytest.mark.parametrize(
    "text", ["", "\n\n", "  \t\n", "# only a comment", "/* a\n b */\n", "\ufeff", "\r\n"]
)
def test_nothing_to_read(text: str) -> None:
    file = read(text)
    assert (file.chunks, file.errors) == ([], [])


def test_no_line_end_at_the_end() -> None:
    assert block("locals {\n  a = 1\n}").attributes[0].value == ast.Lit((2, 7, 2, 8), 1)
    assert shape(value("1 # one")) == 1
    assert shape(chunk("x = <<E\na\nE").attributes[0].value) == "a\n"
