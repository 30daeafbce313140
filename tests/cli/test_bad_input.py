"""Bad input: the file is named with line and column, the rest is checked, and the run is never green."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

GOOD = {"good.tf": 'resource "demo_bucket" "good" {\n}\n'}
FOUND = ("demo-bucket-encrypted", "demo_bucket.good", "good.tf", 1)
OWN_POLICIES = Path(__file__).parents[1] / "engine" / "policies"
ONE = "demo-bucket-encrypted,demo-config-owner"
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n"
DEEP = 10_000

BROKEN: dict[str, tuple[str, str | bytes, int, int, str]] = {
    # what: file, content, line, column, words of the message
    "HCL value": ("bad.tf", 'resource "demo_bucket" "bad" {\n  name = = 1\n}\n', 2, 10, "`=`"),
    "HCL not closed": ("bad.tf", 'resource "demo_bucket" "bad" {\n  name = [1\n', 2, 10, "never closed"),
    "HCL deep": (
        "bad.tf",
        'a = 1\nb = "x"\nlocals {\n  deep = ' + "[" * DEEP + "]" * DEEP + "\n}\n",
        4,
        0,
        "nest",
    ),
    "HCL deep blocks": ("bad.tf", "b {\n" * DEEP + "}\n" * DEEP, 0, 0, "nest"),
    "HCL deep not closed": ("bad.tf", "a = " + "(" * DEEP, 1, 0, ""),
    "JSON deep": (
        "bad.json",
        '{"apiVersion": "v1", "kind": "ConfigMap", "data": ' + "[" * DEEP + "]" * DEEP + "}",
        1,
        0,
        "nest",
    ),
    "Terraform JSON deep": (
        "bad.tf.json",
        '{"locals": ' + '{"a": ' * DEEP + "1" + "}" * DEEP + "}",
        1,
        0,
        "nest",
    ),
    "YAML deep flow": (
        "bad.yaml",
        CONFIG.format("a") + "data: " + "[" * DEEP + "]" * DEEP + "\n",
        5,
        0,
        "nest",
    ),
    "YAML deep block": ("bad.yaml", CONFIG.format("a") + "data:\n" + "- " * DEEP + "a\n", 6, 0, "nest"),
    "YAML syntax": ("bad.yaml", CONFIG.format("a") + "data: [a, b\nmore: 1\n", 6, 0, ""),
    "YAML duplicate key": ("bad.yaml", CONFIG.format("a") + "kind: Secret\n", 5, 1, "kind"),
    "YAML nested duplicate key": (
        "bad.yaml",
        CONFIG.format("a") + "data:\n  x: 1\n  y: 2\n  x: 3\n",
        8,
        3,
        "x",
    ),
    "YAML tab": ("bad.yaml", CONFIG.format("a") + "data:\n\tx: 1\n", 6, 1, "tab"),
    "YAML NUL": ("bad.yaml", CONFIG.format("a").encode() + b"data: \x00\n", 5, 7, "U+0000"),
    "JSON syntax": ("bad.json", '{"apiVersion": "v1",\n "kind": "ConfigMap",,\n}', 2, 22, ""),
    "Terraform JSON syntax": (
        "bad.tf.json",
        '{"resource": {"demo_bucket": {"bad": {}}}\n',
        1,
        1,
        "never closed",
    ),
    "byte in HCL": ("bad.tf", b'resource "demo_bucket" "bad" {\n  n\xc3\xa4me = "\xff"\n}\n', 2, 11, "0xff"),
    "byte in YAML": ("bad.yaml", b"apiVersion: v1\nkind: \xe9\n", 2, 7, "0xe9"),
    "UTF-16": ("bad.tf", "a = 1\n".encode("utf-16"), 1, 1, "0xff"),
    "binary": ("bad.tf", bytes(range(256)) * 8, 2, 118, "0x80"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_file(cli: Any, what: str) -> None:
    name, content, line, column, words = BROKEN[what]
    cli.write({**GOOD, name: content})
    result = cli.check(select=ONE)
    assert FOUND in result.found()
    assert result.status == 1
    errors = [error for error in result.errors if error[0] == name]
    assert errors, result.report["summary"]
    assert words in errors[0][3]
    # A zero stands for a place of which only that it is one can be asked.
    assert (errors[0][1] == line) if line else errors[0][1] > 0
    assert (errors[0][2] == column) if column else errors[0][2] > 0
    assert len(errors[0][3]) < 300
    assert result.report["summary"]["unread"] == 1


@pytest.mark.parametrize("what", BROKEN)
def test_broken_file_alone_is_status_3(cli: Any, what: str) -> None:
    name, content, *_ = BROKEN[what]
    cli.write({name: content, "other.yaml": CONFIG.format("other")})
    result = cli.run("check", "--select", "aws-s3-encryption", "--exit-zero")
    assert result.status == 3
    assert f"{name}:" in result.out
    assert "error:" in result.out


def test_only_the_broken_block_is_lost(cli: Any) -> None:
    cli.write(
        {
            "a.tf": 'resource "demo_bucket" "before" {\n}\n\nresource "demo_bucket" "bad" {\n  a = = 1\n}\n\n'
            'resource "demo_bucket" "after" {\n}\n'
        }
    )
    result = cli.check(select="demo-bucket-encrypted")
    assert result.found() == [
        ("demo-bucket-encrypted", "demo_bucket.before", "a.tf", 1),
        ("demo-bucket-encrypted", "demo_bucket.after", "a.tf", 8),
    ]
    assert [error[:3] for error in result.errors] == [("a.tf", 5, 7)]


def test_only_the_broken_document_is_lost(cli: Any) -> None:
    bad = CONFIG.format("bad") + "data: {a: 1, a: 2}\n"
    cli.write({"a.yaml": f"{CONFIG.format('before')}---\n{bad}---\n{CONFIG.format('after')}"})
    result = cli.check(select="demo-config-owner")
    addresses = [finding[1] for finding in result.found()]
    assert "ConfigMap/before" in addresses
    assert "ConfigMap/after" in addresses
    assert [error[:3] for error in result.errors] == [("a.yaml", 10, 14)]


def test_alias_bomb(cli: Any) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    cli.write({**GOOD, "bomb.yaml": CONFIG.format("bomb") + "\n".join(lines) + "\n"})
    result = cli.check(select=ONE)
    assert FOUND in result.found()
    assert [error[0] for error in result.errors] == ["bomb.yaml"]
    assert "alias" in result.errors[0][3]


def test_alias_of_itself(cli: Any) -> None:
    cli.write({**GOOD, "loop.yaml": CONFIG.format("loop") + "data: &a\n  x: *a\n"})
    result = cli.check(select=ONE)
    assert FOUND in result.found()
    assert [error[:2] for error in result.errors] == [("loop.yaml", 6)]


@pytest.mark.parametrize("name", ["big.tf", "big.yaml", "big.tf.json", "big.json"])
def test_a_file_of_50_megabytes(cli: Any, name: str) -> None:
    cli.write(
        {
            **GOOD,
            name: '{"apiVersion": "v1", "kind": "ConfigMap"}\n' if "json" in name else CONFIG.format("a"),
        }
    )
    with (cli.root / name).open("r+b") as file:
        file.truncate(50_000_000)
    result = cli.check(select=ONE)
    assert result.found() == [FOUND]
    assert [error[:3] for error in result.errors] == [(name, 1, 1)]
    assert "50 MB" in result.errors[0][3]


def test_many_documents(cli: Any) -> None:
    count = 100_000
    cli.write({**GOOD, "many.yaml": "---\na: 1\n" * count + "---\n" + CONFIG.format("last")})
    result = cli.check(select=ONE)
    assert FOUND in result.found()
    last = ("demo-config-owner", "ConfigMap/last", "many.yaml", 2 * count + 5)
    assert last in result.found() or [error[0] for error in result.errors] == ["many.yaml"]


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "BOM"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_bom_and_line_ends_are_read(cli: Any, start: bytes, end: str) -> None:
    terraform = 'resource "demo_bucket" "a" {\n  encrypted = false\n}\n'.replace("\n", end)
    manifest = CONFIG.format("a").replace("\n", end)
    cli.write({"a.tf": start + terraform.encode(), "b.yaml": start + manifest.encode()})
    result = cli.check(select=ONE)
    assert result.errors == []
    places = {f["location"]["path"]: tuple(f["location"].values())[1:] for f in result.findings}
    assert places["a.tf"] == (2, 3, 2, 20)
    assert places["b.yaml"][:2] == (4, 3)


def test_a_bom_does_not_move_the_columns_of_the_first_line(cli: Any) -> None:
    cli.write({"a.tf": b'\xef\xbb\xbfresource "demo_bucket" "a" {}\n'})
    (finding,) = cli.check(select="demo-bucket-encrypted").findings
    assert (finding["location"]["line"], finding["location"]["column"]) == (1, 1)


def test_symbolic_link_loops(cli: Any) -> None:
    cli.write(GOOD)
    (cli.root / "loop.tf").symlink_to("loop.tf")
    (cli.root / "down").mkdir()
    (cli.root / "down" / "up").symlink_to("..")
    result = cli.check(select=ONE)
    assert result.found() == [FOUND]
    assert [error[:3] for error in result.errors] == [("down/up", 1, 1), ("loop.tf", 1, 1)]
    assert all("symbolic link" in error[3] for error in result.errors)


def test_a_symbolic_link_that_is_named(cli: Any) -> None:
    (cli.root / "loop.tf").symlink_to("loop.tf")
    result = cli.check("loop.tf", select=ONE)
    assert (result.status, [error[:3] for error in result.errors]) == (3, [("loop.tf", 1, 1)])


@pytest.mark.parametrize("name", ["secret.tf", "secret.yaml"])
def test_unreadable_file(cli: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.write({**GOOD, name: CONFIG.format("a")})
    if os.geteuid() == 0:
        _deny(monkeypatch, name)
    else:
        (cli.root / name).chmod(0)
    result = cli.check(select=ONE)
    assert result.found() == [FOUND]
    assert result.errors == [(name, 1, 1, "it cannot be read: Permission denied")]


def _deny(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Root reads everything: let opening one file fail as it does for others."""
    real = Path.open

    def open_(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.name == name:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", open_)


def test_a_folder_with_the_name_of_a_file(cli: Any) -> None:
    cli.write({**GOOD, "a.tf/inside.tf": 'resource "demo_bucket" "inside" {\n}\n', "b.yaml/x.txt": "x"})
    result = cli.check(select=ONE)
    assert result.errors == []
    assert result.found() == [("demo-bucket-encrypted", "demo_bucket.inside", "a.tf/inside.tf", 1), FOUND]


def test_a_pipe_is_not_waited_for(cli: Any) -> None:
    cli.write(GOOD)
    os.mkfifo(cli.root / "pipe.tf")
    assert cli.check(select=ONE).found() == [FOUND]


NAMES = ["new\nline.tf", "red\x1b[31m.tf", "straße-日本.tf", "a b.tf", "rtl\u202e.tf", "percent%0A.tf"]


@pytest.mark.parametrize("format_", ["text", "concise", "json", "sarif", "github"])
@pytest.mark.parametrize("name", NAMES)
def test_file_names_cannot_write_on_the_terminal(cli: Any, name: str, format_: str) -> None:
    cli.write({name: 'resource "demo_bucket" "a" {\n  x = = 1\n}\nresource "demo_bucket" "b" {\n}\n'})
    own = ("--policies", str(OWN_POLICIES), "--select", ONE)
    result = cli.run("check", "-f", format_, *own)
    assert result.status == 1
    assert "\x1b" not in result.out
    assert "\u202e" not in result.out or format_ in ("json", "sarif")
    assert "\nline.tf" not in result.out
    assert name[:1] in result.out


def test_a_file_name_that_is_no_text(cli: Any) -> None:
    if sys.platform != "linux":
        pytest.skip("the file system refuses such names")
    cli.write(GOOD)
    Path(os.fsdecode(os.fsencode(cli.root) + b"/\xff\xfe.tf")).write_text('resource "demo_bucket" "a" {\n}\n')
    for format_ in ("text", "concise", "json", "sarif", "github"):
        result = cli.run("check", "-f", format_, "--select", "aws-s3-encryption")
        assert result.status == 0
    assert cli.check(select=ONE).status == 1


# -- nothing to check -----------------------------------------------------------------


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"empty.tf": ""},
        {"empty.yaml": ""},
        {"comment.tf": "# nothing\n"},
        {"README.md": "# Hello\n", "data.json": "{}", "ci.yml": "on: push\njobs: {}\n"},
        {"values.tfvars": "a = 1\n"},
        {"templates/a.yaml": "apiVersion: v1\nkind: {{ .Values.kind }}\n"},
        {".gitignore": "*.tf\n", ".git/HEAD": "", "a.tf": 'resource "demo_bucket" "a" {\n}\n'},
    ],
    ids=lambda files: " ".join(files) or "no file",
)
def test_nothing_to_check_is_not_green(cli: Any, files: dict[str, str]) -> None:
    cli.write(files)
    result = cli.run("check", "--select", "aws-s3-encryption")
    assert result.status == 3
    assert "nothing to check" in result.out
    assert cli.run("check", "--select", "aws-s3-encryption", "--allow-empty").status == 0
    assert cli.check().status == 3


def test_allow_empty_forgives_no_unread_file(cli: Any) -> None:
    cli.write({"bad.tf": "a = = 1\n"})
    assert cli.check("--allow-empty").status == 3


# -- wrong usage ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--select", "aws-s3-encrypton"], "did you mean 'aws-s3-encryption'?"),
        (["--ignore", "aws-s3-encrypton"], "did you mean 'aws-s3-encryption'?"),
        (["--select", "CKV_AWS_999999"], "no policy, control or severity matches 'CKV_AWS_999999'"),
        (["--select", "zz-*"], "no policy, control or severity matches 'zz-*'"),
        (["--policies", "missing"], "the policy folder 'missing' does not exist"),
        (["--policies", "empty"], "the policy folder 'empty' holds no policy files"),
        (["--var-file", "missing.tfvars"], "the variable file 'missing.tfvars' does not exist"),
        (["--tier", "-1"], "-1 is not in the range"),
        (["--unknown", "fial"], "did you mean 'fail'?"),
        (["missing.tf"], "the path 'missing.tf' does not exist"),
    ],
)
def test_wrong_usage(cli: Any, args: list[str], message: str) -> None:
    cli.write(GOOD)
    (cli.root / "empty").mkdir()
    result = cli.run("check", *args)
    assert (result.status, result.out) == (2, "")
    assert message in result.err


def test_a_selection_that_leaves_nothing_is_no_green_run(cli: Any) -> None:
    cli.write(GOOD)
    result = cli.check("--ignore", "demo-bucket-encrypted", select="demo-bucket-encrypted")
    assert result.status == 2
    assert "no policy is left" in result.err
