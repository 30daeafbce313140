"""Functions that read files and fill in templates; all results are those of Terraform 1.11."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Cli

from readiness.estate.build import from_texts, load
from readiness.estate.files import RepositoryFiles
from readiness.estate.reader import Reader
from readiness.policy.statements import statements
from readiness.sources.cache import Cache
from readiness.terraform import files, globs
from readiness.terraform.convert import EvaluationError
from readiness.values import Span, Unknown

Value = Callable[..., Any]

TREE: dict[str, bytes] = {
    "t/plain.txt": b"hello\n",
    "t/bin.dat": b"\xff\x00\x01",
    "t/bom.txt": b"\xef\xbb\xbfhi",
    "t/crlf.txt": b"a\r\nb\r\n",
    "t/nfd.txt": b"e\xcc\x81",
    "t/crlf.tpl": b"a ${x}\r\nb %{ if true ~}\r\n  c\r\n%{ endif ~}\r\nd\r\n",
    "t/bom.tpl": b"\xef\xbb\xbf${x}",
    "t/cr.tpl": b"a\rb",
    "t/empty.tpl": b"",
    "t/nonl.tpl": b"a ${x}",
    "t/one.tpl": b"${x}",
    "t/onenl.tpl": b"${x}\n",
    "t/esc.tpl": b'$${x} %%{if} \\n "q" $x 50% $ % $$ %% $$$${x} \\${x} $$${x} \\"${x}\\"\n',
    "t/trim.tpl": b"a\n\n  ${~ x ~}\n\n  b\n",
    "t/trim1.tpl": b"  ${~ x ~}  ",
    "t/for.tpl": b"%{ for k, v in x ~}\n${k}=${v}\n%{ endfor ~}\n",
    "t/if.tpl": b"%{ if x }yes%{ else }no%{ endif }",
    "t/bad.tpl": b"a\nb ${x +}\n",
    "t/bad2.tpl": b"a\n%{ if x }\n",
    "t/bad3.tpl": b"a\n${x\n",
    "t/bad4.tpl": b"a\n%{ endif }",
    "t/bad5.tpl": b"a\n %{ what } b",
    "t/bad6.tpl": b"a\n%{ if x }\n%{ for i in [1] }\n%{ endif }%{ endfor }",
    "t/deep.tpl": b"%{ if x }" * 2000 + b"%{ endif }" * 2000,
    "t/miss.tpl": b"a\n  %{ if false }${y}%{ endif }",
    "t/var.tpl": b"a ${var.l[0]}",
    "t/path.tpl": b"${path.module}",
    "t/lit.tpl": b"just\n  text",
    "t/rec.tpl": b'${templatefile("t/one.tpl", {x=1})}',
    "t/unused.tpl": b'%{ if false }${templatefile("t/one.tpl", {x=1})}%{ endif }',
    "t/loop.tpl": b"%{ for i in [1] }${templatestring(x, {y=1})}%{ endfor }",
    "t/file.tpl": b'${file("t/plain.txt")}',
    "t/err.tpl": b"a\nb ${x + 1}\n",
    "t/errfor.tpl": b"a\n\n%{ for i in x }\n${i + 1}%{ endfor }\n",
    "t/forscope.tpl": b"%{ for i in x }${i}${y}%{ endfor }",
    "t/splat.tpl": b"${x[*].a}",
    "t/forx.tpl": b'${join(",", [for q in x : upper(q)])}',
    "t/nul.tpl": b"${null}",
    "t/dollar.tpl": b"cost: $",
    "t/multi.tpl": b"${\n x\n}",
    "t/comment.tpl": b"${x /* c */} # not\n// x\n",
    "t/policy.tpl": b'{"Statement": [{"Effect": "Allow", "Action": "${action}", "Resource": "*"}]}',
    "t/built.tpl": b'${jsonencode({\n  Statement = [{ Effect = "Allow", Action = action }]\n})}',
    **{f"g/{name}": b"x" for name in ("a.txt", "b.txt", "c.json", ".dot.txt", "sub/d.txt", "sub/deep/e.txt")},
    **{f"g/{name}": b"x" for name in (".hid/h.txt", "x[1].txt", "{y}.txt", "A.TXT", "é.txt", "sub/c.json")},
    **{f"g/{name}": b"x" for name in ("a-b.txt", "sp ace.txt", "ab.txt", "abc.txt")},
}
BESIDE = """\
locals {
  tpl = "a $${x}"
  one = "$${x}"
  bad = "a\\n$${x +"
  rec = "$${templatefile(\\"t/one.tpl\\", {x=1})}"
  number = 5
  none = null
  key = "t"
  obj = { t = "v $${x}" }
  crlf = "a\\r\\n$${x}\\r\\n"
}
variable "l" { default = ["a", "b"] }
variable "u" {}
resource "terraform_data" "d" {}
"""


def _plant(root: Path, tree: Mapping[str, bytes]) -> None:
    for name, data in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that all tables read; beside the repository lies one that nothing may read."""
    root = tmp_path_factory.mktemp("top") / "repository"
    _plant(root, TREE)
    (root / "g" / "link").symlink_to("../t")
    (root / "g" / "la.txt").symlink_to("a.txt")
    (root / "broken.txt").symlink_to("nowhere")
    (root.parent / "secret.txt").write_text("secret")
    (root / "out.txt").symlink_to("../secret.txt")
    (root / "away").symlink_to("..")
    os.mkfifo(root / "t" / "pipe")
    return root


@pytest.fixture
def at(tree: Path) -> Value:
    """The value of an expression of a root in `tree`."""

    def function(expression: str) -> Any:
        (tree / "main.tf").write_text(f'{BESIDE}\nresource "r" "r" {{\n  x = {expression}\n}}\n')
        loaded = load(["main.tf"], base=tree, cache=False)
        assert loaded.errors == []
        return next(r for r in loaded.estate.resources if r.address == "r.r").body["x"]

    return function


VALUES: list[tuple[str, Any]] = [
    ('file("t/plain.txt")', "hello\n"),
    ('file("./t//../t/plain.txt")', "hello\n"),
    ('file("g/link/../a.txt")', "x"),
    ('file("${path.module}/t/plain.txt")', "hello\n"),
    ('file(["t/plain.txt"]...)', "hello\n"),
    ('core::file("t/plain.txt")', "hello\n"),
    ('jsonencode(file("t/bom.txt"))', '"\ufeffhi"'),
    ('file("t/crlf.txt")', "a\r\nb\r\n"),
    ('length(file("t/nfd.txt"))', 1),
    ('filebase64("t/bin.dat")', "/wAB"),
    ('filemd5("t/bin.dat")', "276a448f6d2ac5d3b27eefc539ab0734"),
    ('filesha1("t/bin.dat")', "27065b0c2832138f764c9c1fa5f9cafc180b2f24"),
    ('filesha256("t/bin.dat")', "942e1e2a66a427b6551732f758bc314f22b9cdec9365a3425c9184de299392b5"),
    (
        'filesha512("t/bin.dat")',
        "77629233f4899bdc3104c68bf8cd89579656977c1358a0f17ce2c6cdf55c6515"
        "2cc874d1ab54418be68ecefe9d1b16a8c8219dad2d5c141236a3d241d2481472",
    ),
    ('filebase64sha256("t/bin.dat")', "lC4eKmakJ7ZVFzL3WLwxTyK5zeyTZaNCXJGE3imTkrU="),
    (
        'filebase64sha512("t/bin.dat")',
        "d2KSM/SJm9wxBMaL+M2JV5ZWl3wTWKDxfOLGzfVcZRUsyHTRq1RBi+aOzv6dGxaoyCGdrS1cFBI2o9JB0kgUcg==",
    ),
    ('fileexists("t/plain.txt")', True),
    ('fileexists("t/missing.txt")', False),
    ('fileexists("broken.txt")', False),
    ('pathexpand("x/~")', "x/~"),
    ('pathexpand("")', ""),
    ('try(file("t/missing"), "d")', "d"),
    ('can(file("t/missing"))', False),
    ('can(fileexists("t"))', False),
    ("file(terraform_data.d.id) == null", False),
    ("fileexists(terraform_data.d.id) == null", False),
    ('fileset(terraform_data.d.id, "*") == null', False),
    ("abspath(terraform_data.d.id) == null", False),
    ('abspath("x") == null', False),
    ("path.cwd == null", False),
    ('templatefile("t/crlf.tpl", {x=1})', "a 1\r\nb   c\r\nd\r\n"),
    ('templatefile("t/bom.tpl", {x=1})', 1),
    ('templatefile("t/cr.tpl", {})', "a\rb"),
    ('templatefile("t/empty.tpl", {x=1})', ""),
    ('templatefile("t/nonl.tpl", {x=1})', "a 1"),
    ('templatefile("t/onenl.tpl", {x=1})', "1\n"),
    ('templatefile("t/one.tpl", {x=[1]})', [1]),
    ('templatefile("t/one.tpl", tomap({x=1}))', 1),
    ('templatefile("t/one.tpl", {_x=0, "a-b"=0, "é"=0, x=1})', 1),
    ('templatefile("t/esc.tpl", {x=1})', '${x} %{if} \\n "q" $x 50% $ % $$ %% $$${x} \\1 $${x} \\"1\\"\n'),
    ('templatefile("t/trim.tpl", {x=1})', "a\n\n1\n  b\n"),
    ('templatefile("t/trim1.tpl", {x=1})', "1"),
    ('templatefile("t/for.tpl", {x={b=1,a=2}})', "a=2\nb=1\n"),
    ('templatefile("t/if.tpl", {x=true})', "yes"),
    ('templatefile("t/var.tpl", {var={l=[5]}})', "a 5"),
    ('templatefile("t/lit.tpl", {x=1})', "just\n  text"),
    ('templatefile("t/unused.tpl", {})', ""),
    ('templatefile("t/file.tpl", {})', "hello\n"),
    ('templatefile("t/forscope.tpl", {x=["a"],y=1})', "a1"),
    ('templatefile("t/splat.tpl", {x=[{a=1}]})', [1]),
    ('templatefile("t/forx.tpl", {x=["a","b"]})', "A,B"),
    ('templatefile("t/dollar.tpl", {})', "cost: $"),
    ('templatefile("t/multi.tpl", {x=[1]})', [1]),
    ('templatefile("t/comment.tpl", {x=1})', "1 # not\n// x\n"),
    ('templatefile("t/nonl.tpl", {x=terraform_data.d.id}) == null', False),
    ("templatestring(local.tpl, {x=1})", "a 1"),
    ("templatestring(local.one, {x=5})", "5"),
    ("templatestring(local.one, {x=true})", "true"),
    ("templatestring(local.obj.t, {x=2})", "v 2"),
    ("templatestring(local.obj[local.key], {x=2})", "v 2"),
    ("templatestring(var.l[0], {x=2})", "a"),
    ("templatestring(local.crlf, {x=1})", "a\r\n1\r\n"),
    ("[for t in [local.tpl] : templatestring(t, {x=3})]", ["a 3"]),
]


@pytest.mark.parametrize(("text", "expected"), VALUES, ids=[text for text, _ in VALUES])
def test_value(at: Value, text: str, expected: Any) -> None:
    found = at(text)
    assert (found, type(found)) == (expected, type(found))
    assert not isinstance(found, Unknown)


MISSING = (
    "does not exist; these functions read files that are part of the code, not those that a resource makes"
)
ERRORS: list[tuple[str, str]] = [
    ('file("t/missing.txt")', f"file(): 't/missing.txt' {MISSING}"),
    ('filemd5("t/missing")', f"filemd5(): 't/missing' {MISSING}"),
    ('templatefile("t/no.tpl", {})', f"templatefile(): 't/no.tpl' {MISSING}"),
    ('file("broken.txt")', f"file(): 'broken.txt' {MISSING}"),
    ('file("t")', "file(): 't' is a folder, not a file"),
    ('file("")', "file(): '' is a folder, not a file"),
    ('file("t/pipe")', "file(): 't/pipe' is not a regular file"),
    ('fileexists("t/pipe")', "fileexists(): 't/pipe' is not a regular file"),
    ('fileexists("t")', "fileexists(): 't' is a folder, not a file"),
    ('file("t/plain.txt/x")', "file(): 't/plain.txt/x' cannot be looked at: Not a directory"),
    ('file("a\\u0000b")', "file(): 'a\\x00b' is not a path"),
    ("file(null)", "file(): argument 1 must not be null"),
    ("file([])", "file(): argument 1: a collection cannot be converted to a string"),
    ('file("a", "b")', "file(): it was given 2 arguments"),
    ('file("t/bin.dat")', "file(): 't/bin.dat' is not UTF-8; filebase64() reads such files"),
    ('file("~x/y")', "file(): '~x/y': Terraform does not know the home folders of other users"),
    ('pathexpand("~x/y")', "pathexpand(): '~x/y': Terraform does not know the home folders of other users"),
    ("path.foo", "there is no path.foo"),
    ('fileset(null, "*")', "fileset(): argument 1 must not be null"),
    ('fileset("g", null)', "fileset(): argument 2 must not be null"),
    ('fileset(".", "b*.txt")', "fileset(): 'broken.txt' is a link to something that does not exist"),
    ('fileset(".", "broken.txt")', "fileset(): 'broken.txt' is a link to something that does not exist"),
    *(
        (f'fileset("g", "{pattern}")', f"fileset(): there is a syntax error in the pattern '{pattern}'")
        for pattern in ("[", "{a", "a[", "[]", "[a-]*", "[-a]*", "[]a]*", "{a,b", "[a.txt")
    ),
    ('fileset("g", "{a,sub/d}.txt")', "fileset(): there is a syntax error in the pattern '{a,sub'"),
    (
        'templatefile("t/one.tpl", {x=null})',
        "templatefile(): t/one.tpl:1: the result of the template is null",
    ),
    ('templatefile("t/nul.tpl", {})', "templatefile(): t/nul.tpl:1: the result of the template is null"),
    (
        'templatefile("t/onenl.tpl", {x=null})',
        "templatefile(): t/onenl.tpl:1: null cannot be part of a string",
    ),
    (
        'templatefile("t/trim1.tpl", {x=[1]})',
        "templatefile(): t/trim1.tpl:1: a collection cannot be converted to a string",
    ),
    ('templatefile("t/bad.tpl", {x=1})', "templatefile(): t/bad.tpl:2: expected a value, found `}`"),
    (
        'templatefile("t/bad2.tpl", {x=1})',
        "templatefile(): t/bad2.tpl:2: the template directive `if` has no `endif`",
    ),
    ('templatefile("t/bad3.tpl", {x=1})', "templatefile(): t/bad3.tpl:2: this `${` is never closed"),
    (
        'templatefile("t/bad4.tpl", {x=1})',
        "templatefile(): t/bad4.tpl:2: the template directive `endif` has no beginning",
    ),
    (
        'templatefile("t/bad5.tpl", {x=1})',
        "templatefile(): t/bad5.tpl:2: `%{what}` is not a template directive",
    ),
    (
        'templatefile("t/bad6.tpl", {x=1})',
        "templatefile(): t/bad6.tpl:4: the template directive `endif` has no beginning",
    ),
    (
        'templatefile("t/deep.tpl", {x=true})',
        "templatefile(): t/deep.tpl:1: the directives of the template are nested too deeply",
    ),
    *(
        (f'templatefile("t/{name}.tpl", {{x=["a"]}})', f"templatefile(): t/{name}.tpl:{line}: {message}")
        for name, line, message in (
            ("miss", 2, "the template uses 'y', which it is not given"),
            ("var", 1, "the template uses 'var', which it is not given"),
            ("path", 1, "the template uses 'path', which it is not given"),
            ("forscope", 1, "the template uses 'y', which it is not given"),
            ("err", 2, "a number is required"),
            ("errfor", 3, "'a' is not a number"),
            ("rec", 1, "templatefile(): it cannot be called from inside a template"),
            ("loop", 1, "templatestring(): it cannot be called from inside a template"),
        )
    ),
    (
        'templatefile("t/bin.dat", {})',
        "templatefile(): 't/bin.dat' is not UTF-8; filebase64() reads such files",
    ),
    ('templatefile("t/one.tpl", [])', "templatefile(): argument 2 must be a map or an object"),
    ('templatefile("t/one.tpl", null)', "templatefile(): argument 2 must not be null"),
    *(
        (
            f'templatefile("t/one.tpl", {{"{name}"=1, x=1}})',
            f"templatefile(): '{name}' is not the name of a template variable",
        )
        for name in ("a b", "1", "-x", "")
    ),
    ('templatefile("t/one.tpl")', "templatefile(): it was given 1 arguments"),
    *(
        (
            f"templatestring({text}, {{x=1}})",
            "templatestring(): the template must be a direct reference to a string, such as local.template",
        )
        for text in ('"plain"', '"a ${1}"', 'upper("a")', "null", '{t="a"}.t', 'try(local.one, "")')
    ),
    *(
        (f"templatestring({text}, {{x=1}})", "templatestring(): the template must be a string")
        for text in ("var.l", "local.number", "local.none")
    ),
    (
        "templatestring(local.one, {x=[1]})",
        "templatestring(): a collection cannot be converted to a string",
    ),
    (
        "templatestring(local.bad, {x=1})",
        "templatestring(): the template, line 2: this `${` is never closed",
    ),
    (
        "templatestring(local.rec, {})",
        "templatestring(): the template, line 1: templatefile(): it cannot be called from inside a template",
    ),
    (
        "templatestring(local.tpl, {y=2})",
        "templatestring(): the template, line 1: the template uses 'x', which it is not given",
    ),
]


@pytest.mark.parametrize(("text", "message"), ERRORS, ids=[text for text, _ in ERRORS])
def test_error(at: Value, text: str, message: str) -> None:
    found = at(text)
    assert isinstance(found, Unknown)
    assert found.reason == f"it cannot be evaluated: {message}"
    assert found.span is not None
    assert found.span.path == "main.tf"


ALL = [".dot.txt", "A.TXT", "a-b.txt", "a.txt", "ab.txt", "abc.txt", "b.txt", "c.json", "la.txt"]
ALL += ["sp ace.txt", "x[1].txt", "{y}.txt", "é.txt"]
TXT = [name for name in ALL if name.endswith(".txt")]
LINKED = ["link/bom.txt", "link/crlf.txt", "link/nfd.txt", "link/plain.txt"]
FILESETS: list[tuple[str, str, list[str]]] = [
    ("g", "*", ALL),
    ("g", "***", ALL),
    ("g", "{}*", ALL),
    ("g", "*.txt", TXT),
    ("g", "**.txt", TXT),
    ("g", "*\\.txt", TXT),
    ("g", "**/*.txt", sorted([*TXT, ".hid/h.txt", *LINKED, "sub/d.txt", "sub/deep/e.txt"])),
    ("g", "**/*.json", ["c.json", "sub/c.json"]),
    ("g", "**/**/*.json", ["sub/c.json"]),
    ("g", "sub/**", ["sub/c.json", "sub/d.txt", "sub/deep/e.txt"]),
    ("g", "**/sub/**", ["sub/c.json", "sub/d.txt", "sub/deep/e.txt"]),
    ("g", "**/sub/**/*.txt", ["sub/d.txt", "sub/deep/e.txt"]),
    ("g", "**/deep/*", ["sub/deep/e.txt"]),
    ("g", "**/e.txt", ["sub/deep/e.txt"]),
    ("g", "***/e.txt", []),
    ("g", "**/plain.txt", ["link/plain.txt"]),
    ("g", "link/*.txt", LINKED),
    ("g", "l*", ["la.txt"]),
    ("g", "{a,b}.txt", ["a.txt", "b.txt"]),
    ("g", "{a,}b.txt", ["ab.txt", "b.txt"]),
    ("g", "{,a}.txt", ["a.txt"]),
    ("g", "{*.json,*.TXT}", ["A.TXT", "c.json"]),
    ("g", "{a,{b,c}}.*", ["b.txt"]),
    ("g", "a{,b}*.txt", ["a-b.txt", "a.txt", "ab.txt", "abc.txt"]),
    ("g", "*a*b*.txt", ["a-b.txt", "ab.txt", "abc.txt"]),
    ("g", "[ab].txt", ["a.txt", "b.txt"]),
    ("g", "[!ab].txt", ["a.txt", "b.txt"]),
    ("g", "[^ab].txt", ["é.txt"]),
    ("g", "[a-c].*", ["a.txt", "b.txt", "c.json"]),
    ("g", "[b-a].txt", []),
    ("g", "[a\\-c].txt", ["a.txt"]),
    ("g", "[\\]a].txt", ["a.txt"]),
    ("g", "[^^]b.txt", ["ab.txt"]),
    ("g", "x[[]1].txt", ["x[1].txt"]),
    ("g", "x\\[1\\].txt", ["x[1].txt"]),
    ("g", "\\{y\\}.txt", ["{y}.txt"]),
    ("g", "\\a.txt", ["a.txt"]),
    ("g", "?.txt", ["a.txt", "b.txt", "é.txt"]),
    ("g", ".*/*", [".hid/h.txt"]),
    ("g", "a.txt", ["a.txt"]),
    ("g", "/a.txt", ["a.txt"]),
    ("g", "./sub/../a.txt", ["a.txt"]),
    ("g", "**/../*.json", ["c.json"]),
    ("g", "../t/p*.txt", ["../t/plain.txt"]),
    ("g/sub", "../*.json", ["../c.json"]),
    ("./g/", "./*.json", ["c.json"]),
    ("{g,t}", "*.json", ["../g/c.json"]),
    (".", "g/*.json", ["g/c.json"]),
    ("g", "{sub,link}/*.json", ["sub/c.json"]),
    *[("g", pattern, []) for pattern in ("", "sub", "sub/", "sub**", "nothing*", "a.txt/*", "a.txt/**", "?")],
    *[("g", pattern, []) for pattern in ("zz[", "*[", "nodir[/x", "a}.txt", "nodir/**", "a.txt/b")],
    ("nofolder", "*", []),
    ("g/a.txt", "*", []),
    ("~", "*", []),
]


@pytest.mark.parametrize(("folder", "pattern", "expected"), FILESETS)
def test_fileset(at: Value, folder: str, pattern: str, expected: list[str]) -> None:
    written = pattern.replace("\\", "\\\\")
    found = at(f'fileset("{folder}", "{written}")')
    assert found == expected
    assert found.kind == ("set", "string")


OUTSIDE = [
    'file("../secret.txt")',
    'file("t/../../secret.txt")',
    'file("out.txt")',
    'file("away/secret.txt")',
    'file("/etc/hostname")',
    'file("~/.ssh/id_rsa")',
    'fileexists("../secret.txt")',
    'fileexists("/etc")',
    'filemd5("out.txt")',
    'filebase64("~")',
    'templatefile("../secret.txt", {})',
    'fileset("..", "*")',
    'fileset("/etc", "*")',
    'fileset(".", "../*")',
    'fileset("away", "*")',
    'fileset(".", "**/secret.txt")',
]


@pytest.mark.parametrize("text", OUTSIDE)
def test_nothing_outside_is_read(at: Value, text: str) -> None:
    found = at(text)
    assert isinstance(found, Unknown)
    assert found.reason.startswith("it cannot be evaluated: ")
    assert found.reason.endswith(" leaves the repository, so it is not read")


def test_a_refused_file_is_no_failure(at: Value) -> None:
    """Terraform may well read it, so that neither branch is certain."""
    for text in ('try(file("~/.ssh/id_rsa.pub"), "none")', 'can(file("/etc/hostname"))'):
        found = at(text)
        assert isinstance(found, Unknown)
        assert "leaves the repository" in found.reason


def test_home_folder(at: Value) -> None:
    found = at('pathexpand("~/.kube/config")')
    assert isinstance(found, Unknown)
    assert (found.not_null, found.suffix) == (True, "/.kube/config")


def test_large_files(at: Value, tree: Path) -> None:
    (tree / "large.txt").write_bytes(b"x" * files.SIZE_LIMIT)
    assert len(at('file("large.txt")')) == 1_000_000
    (tree / "large.txt").write_bytes(b"x" * (files.SIZE_LIMIT + 1))
    assert at('file("large.txt")').reason.endswith("'large.txt' has more than 1 MB, so it is not read")
    assert isinstance(at('try(filemd5("large.txt"), "d")'), Unknown)
    assert at('fileexists("large.txt")') is True


def test_too_many_files(at: Value, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(globs, "RESULT_LIMIT", 12)
    assert at('fileset("g", "*")').reason.endswith("fileset(): the pattern 'g/*' leads to too many files")
    assert len(at('fileset("g", "*.txt")')) == 11
    monkeypatch.setattr(globs, "NAMES_LIMIT", 10)
    assert at('fileset("g", "c*")').reason.endswith("fileset(): the pattern 'g/c*' leads to too many files")


def test_links_in_a_circle(tmp_path: Path) -> None:
    """Terraform 1.11.4 finds 41 files as well: systems follow 40 links, one after another."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "up").symlink_to("..")
    (tmp_path / "b.txt").touch()
    (tmp_path / "main.tf").write_text(
        'resource "r" "r" {\n  x = fileset(".", "**/b.txt")\n  y = fileset(".", "**/*.none")\n}\n'
    )
    found = load(["."], base=tmp_path, cache=False).estate.resources
    body = next(r for r in found if r.type == "r").body
    assert [name.count("a/up/") for name in sorted(body["x"], key=len)] == list(range(41))
    assert body["y"] == []


def test_links_that_double_what_there_is(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).symlink_to(".")
    (tmp_path / "main.tf").write_text('resource "r" "r" {\n  x = fileset(".", "**/*.none")\n}\n')
    found = load(["."], base=tmp_path, cache=False).estate.resources
    assert next(r for r in found if r.type == "r").body["x"].reason.endswith("leads to too many files")


def test_a_file_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    found = RepositoryFiles(Reader(Cache(None), 1), tmp_path, [tmp_path])
    assert found.read(".", "a.txt") == ("a.txt", b"one")
    (tmp_path / "a.txt").write_text("two")
    assert found.read(".", "./a.txt") == ("a.txt", b"one")
    with pytest.raises(EvaluationError, match=r"'b\.txt' does not exist"):
        found.read(".", "b.txt")


def test_a_template_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Cache(tmp_path)
    first = RepositoryFiles(Reader(store, 1), tmp_path, [tmp_path]).template("a ${b}\n")
    monkeypatch.delattr("readiness.sources.hcl.bare.parse_template")
    assert RepositoryFiles(Reader(store, 1), tmp_path, [tmp_path]).template("a ${b}\n") == first
    assert first.attributes[0].name == "template"


MODULES = {
    "live/prod/main.tf": """\
module "a" { source = "./modules/db" }
module "b" { source = "../../shared/x" }
module "c" { source = "acme/vpc/aws" }
resource "r" "root" { x = [path.module, path.root, file("t.txt")] }
""",
    "live/prod/t.txt": "of the root",
    "live/prod/modules/db/main.tf": 'resource "r" "a" { x = [path.module, path.root, file("t.txt")] }\n',
    "live/prod/modules/db/t.txt": "of the module",
    "shared/x/main.tf": """\
module "deep" { source = "./deep" }
module "back" { source = "../../live/prod/modules/db" }
resource "r" "b" { x = [path.module, path.root, file("${path.module}/t.txt")] }
""",
    "shared/x/t.txt": "shared",
    "shared/x/deep/main.tf": 'resource "r" "d" { x = [path.module, path.root, file("t.txt")] }\n',
    "live/prod/.terraform/modules/modules.json": '{"Modules": [{"Key": "c", "Dir": ".terraform/modules/c"}]}',
    "live/prod/.terraform/modules/c/main.tf": """\
module "sub" { source = "./sub" }
resource "r" "c" { x = [path.module, path.root, file("${path.module}/t.txt")] }
""",
    "live/prod/.terraform/modules/c/t.txt": "installed",
    "live/prod/.terraform/modules/c/sub/main.tf": 'resource "r" "s" { x = [path.module, path.root, "-"] }\n',
}


def test_paths_of_modules(tmp_path: Path) -> None:
    """As `terraform apply` in live/prod prints them."""
    _plant(tmp_path, {name: text.encode() for name, text in MODULES.items()})
    found = load(["."], base=tmp_path, cache=False)
    assert found.errors == []
    assert {r.address: r.body["x"] for r in found.estate.resources if r.type == "r"} == {
        "r.root": [".", ".", "of the root"],
        "module.a.r.a": ["modules/db", ".", "of the root"],
        "module.b.r.b": ["../../shared/x", ".", "shared"],
        "module.b.module.deep.r.d": ["../../shared/x/deep", ".", "of the root"],
        "module.b.module.back.r.a": ["../../live/prod/modules/db", ".", "of the root"],
        "module.c.r.c": [".terraform/modules/c", ".", "installed"],
        "module.c.module.sub.r.s": [".terraform/modules/c/sub", ".", "-"],
    }


def test_unknown_variables(at: Value) -> None:
    found = at('templatefile("t/policy.tpl", {action = terraform_data.d.id})')
    assert isinstance(found, Unknown)
    assert found.reason == "terraform_data.d.id is known only after apply"
    assert found.prefix == '{"Statement": [{"Effect": "Allow", "Action": "'
    assert found.span == Span("main.tf", 17, 7, 17, 67)
    known = statements(found)
    assert isinstance(known, list)
    statement = known[0]
    assert (statement["effect"], statement["resources"]) == ("Allow", ["*"])
    assert isinstance(statement["actions"], Unknown)


def test_all_variables_unknown(at: Value) -> None:
    found = at('templatefile("t/policy.tpl", var.u)')
    assert isinstance(found, Unknown)
    assert found.refs == ("var.u",)
    found = at("templatestring(local.tpl, {x = var.u})")
    assert (found.prefix, found.not_null, found.span) == ("a ", True, Span("main.tf", 17, 7, 17, 45))


def test_a_resource_as_variables(at: Value) -> None:
    found = at('templatefile("t/nonl.tpl", merge({x = 1}, {y = terraform_data.d}))')
    assert found == "a 1"
    found = at('templatefile("t/nonl.tpl", terraform_data.d)')
    assert (found.prefix, found.refs) == ("a ", ("terraform_data.d.x",))


def test_places_inside_a_template(at: Value) -> None:
    found = at('templatefile("t/built.tpl", {action = "s3:*"})')
    assert found == '{"Statement":[{"Action":"s3:*","Effect":"Allow"}]}'
    assert found.value["Statement"].span == Span("t/built.tpl", 2, 15, 2, 54)


def test_references_inside_a_template(tmp_path: Path) -> None:
    (tmp_path / "a.tpl").write_text("${bucket.arn}/*")
    code = 'resource "aws_s3_bucket" "b" {}\n'
    code += 'resource "r" "r" {\n  x = templatefile("a.tpl", { bucket = aws_s3_bucket.b })\n}\n'
    (tmp_path / "main.tf").write_text(code)
    found = next(r for r in load(["."], base=tmp_path, cache=False).estate.resources if r.address == "r.r")
    assert found.body["x"].refs == ("aws_s3_bucket.b.arn",)
    assert [link.address for link in found.references] == ["aws_s3_bucket.b"]


def test_texts_in_place_of_a_disk() -> None:
    def value(expression: str) -> Any:
        texts = {
            "main.tf": f'module "m" {{\n  source = "./m"\n  x = {expression}\n}}\n',
            "m/main.tf": 'variable "x" {}\nresource "r" "r" {\n  x = var.x\n  m = file("${path.module}/a.txt")\n}\n',
            "m/a.txt": "of m",
            "t/a.tpl": "a ${x}",
        }
        loaded = from_texts(texts)
        assert loaded.errors == []
        body = next(r for r in loaded.estate.resources if r.type == "r").body
        assert body["m"] == "of m"
        return body["x"]

    assert value('templatefile("t/a.tpl", {x = 1})') == "a 1"
    assert value('file("t/../t/a.tpl")') == "a ${x}"
    assert value('fileexists("t/a.tpl")') is True
    for text in ('file("other")', 'fileexists("other")', 'try(file("other"), "d")', 'fileset(".", "*.tf")'):
        found = value(text)
        assert isinstance(found, Unknown)
        assert found.reason.endswith(" not at hand"), found.reason
    assert "leaves the repository" in value('file("../x")').reason
    assert value('file("t")').reason == "it cannot be evaluated: file(): 't' is a folder, not a file"


def test_no_files_at_all(value: Value) -> None:
    for text in (
        'file("a")',
        'fileexists("a")',
        'templatefile("a", {})',
        'fileset(".", "*")',
        'filemd5("a")',
    ):
        found = value(text)
        assert isinstance(found, Unknown)
        assert found.reason.endswith(" is not at hand")
    assert value("templatestring(local.t, {x = 1})", 'locals {\n  t = "$${x}!"\n}\n') == "1!"


POLICY = """\
resource "aws_iam_policy" "p" {
  policy = FUNCTION
}
"""


@pytest.mark.parametrize(
    "function", ['file("policies/x.json")', 'templatefile("policies/x.json.tpl", {r="*"})']
)
def test_a_policy_in_a_file_is_found(cli: Cli, function: str) -> None:
    statement = (
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "%s", "Resource": "%s"}}'
    )
    cli.write(
        {
            "main.tf": POLICY.replace("FUNCTION", function),
            "policies/x.json": statement % ("*", "*"),
            "policies/x.json.tpl": statement % ("*", "${r}"),
        }
    )
    result = cli.run("check", "--format", "json", "--select", "aws-iam-admin")
    assert result.found() == [("aws-iam-admin", "aws_iam_policy.p", "main.tf", 2)]
    cli.write({"policies/x.json": statement % ("s3:GetObject", "*"), "policies/x.json.tpl": "{}"})
    assert cli.run("check", "--format", "json", "--select", "aws-iam-admin").found() == []
