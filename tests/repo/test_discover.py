"""Which files are read: by name, by ignore files, through links."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from readiness.errors import SourceError, UsageError
from readiness.repo.discover import Discovery, discover, kind_of, repository_root, shown_path

Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files below a folder that is a repository."""

    def function(files: Mapping[str, str]) -> Path:
        root = tmp_path / "repository"
        (root / ".git").mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return root

    return function


def shown(found: Discovery) -> list[str]:
    return [file.shown for file in found.files]


KINDS = [
    ("main.tf", "hcl"),
    ("main.tofu", "hcl"),
    ("terraform.tfvars", "hcl"),
    ("main.tf.json", "hcl-json"),
    ("main.tofu.json", "hcl-json"),
    ("x.auto.tfvars.json", "hcl-json"),
    ("app.yaml", "data"),
    ("app.yml", "data"),
    ("app.json", "data"),
    (".github.yml", "data"),
    ("main.tf.bak", None),
    ("main.tf~", None),
    ("._main.tf", None),
    (".terraform.lock.hcl", None),
    ("README.md", None),
    ("tf", None),
]


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_kinds(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


def test_order_and_kinds(write: Write) -> None:
    root = write({"b/main.tf": "", "a.yaml": "", "b/a.tfvars": "", "c.txt": "", "b/x.tf.json": ""})
    found = discover(["."], root)
    assert [(file.shown, file.kind, file.context) for file in found.files] == [
        ("a.yaml", "data", False),
        ("b/a.tfvars", "hcl", False),
        ("b/main.tf", "hcl", False),
        ("b/x.tf.json", "hcl-json", False),
    ]
    assert found.files[0].path == root / "a.yaml"
    assert found.errors == []


SKIPPED = [
    ".git",
    ".terraform",
    ".terragrunt-cache",
    "node_modules",
    "__pycache__",
    ".venv",
    ".tox",
    ".hg",
    ".svn",
]


@pytest.mark.parametrize("folder", SKIPPED)
def test_folders_that_are_skipped(write: Write, folder: str) -> None:
    root = write({f"{folder}/main.tf": "", f"sub/{folder}/deep/main.tf": "", "sub/main.tf": ""})
    assert shown(discover(["."], root)) == ["sub/main.tf"]


def test_vendored_charts(write: Write) -> None:
    root = write(
        {
            "chart/Chart.yaml": "",
            "chart/values.yaml": "",
            "chart/charts/sub/Chart.yaml": "",
            "chart/charts/sub/values.yaml": "",
            "charts/mine/Chart.yaml": "",
        }
    )
    assert shown(discover(["."], root)) == ["chart/Chart.yaml", "chart/values.yaml", "charts/mine/Chart.yaml"]


IGNORES: list[tuple[str, dict[str, str], list[str]]] = [
    ("names", {".gitignore": "b.tf\n"}, ["a.tf", "d/a.tf"]),
    ("globs", {".gitignore": "*.tf\n"}, []),
    ("anchored", {".gitignore": "/b.tf\n"}, ["a.tf", "d/a.tf", "d/b.tf"]),
    ("folders", {".gitignore": "d/\n"}, ["a.tf", "b.tf"]),
    ("negated", {".gitignore": "*.tf\n!a.tf\n"}, ["a.tf", "d/a.tf"]),
    ("negated in an ignored folder", {".gitignore": "d/\n!d/a.tf\n"}, ["a.tf", "b.tf"]),
    ("nested", {"d/.gitignore": "a.tf\n"}, ["a.tf", "b.tf", "d/b.tf"]),
    ("nested negation", {".gitignore": "b.tf\n", "d/.gitignore": "!b.tf\n"}, ["a.tf", "d/a.tf", "d/b.tf"]),
    ("nested anchored", {"d/.gitignore": "/a.tf\n"}, ["a.tf", "b.tf", "d/b.tf"]),
    ("comments and blanks", {".gitignore": "# a.tf\n\n  \nb.tf\r\n"}, ["a.tf", "d/a.tf"]),
    ("no pattern", {".gitignore": "!\n\\\nb.tf\n"}, ["a.tf", "d/a.tf"]),
    ("exclude of git", {".git/info/exclude": "b.tf\n"}, ["a.tf", "d/a.tf"]),
    ("empty", {".gitignore": ""}, ["a.tf", "b.tf", "d/a.tf", "d/b.tf"]),
]


@pytest.mark.parametrize(
    ("ignores", "expected"), [case[1:] for case in IGNORES], ids=[case[0] for case in IGNORES]
)
def test_ignore_files(write: Write, ignores: dict[str, str], expected: list[str]) -> None:
    root = write({"a.tf": "", "b.tf": "", "d/a.tf": "", "d/b.tf": "", **ignores})
    assert shown(discover(["."], root)) == expected


def test_ignore_files_above_the_checked_folder(write: Write) -> None:
    root = write(
        {".gitignore": "*.auto.tfvars\n/d/e/b.tf\n", "d/e/a.tf": "", "d/e/b.tf": "", "d/e/x.auto.tfvars": ""}
    )
    assert shown(discover(["d/e"], root)) == ["d/e/a.tf"]
    assert shown(discover(["."], root / "d" / "e")) == ["a.tf"]


def test_ignored_folder_that_is_asked_for(write: Write) -> None:
    root = write(
        {
            ".gitignore": "build/\n",
            "build/a.tf": "",
            "build/sub/b.tf": "",
            "build/sub/.gitignore": "c.tf\n",
            "build/sub/c.tf": "",
        }
    )
    assert shown(discover(["."], root)) == []
    assert shown(discover(["build"], root)) == ["build/a.tf", "build/sub/b.tf"]
    assert shown(discover(["build/sub"], root)) == ["build/sub/b.tf"]


def test_ignore_files_stop_at_the_repository(write: Write) -> None:
    root = write({"sub/a.tf": ""})
    (root.parent / ".gitignore").write_text("*.tf\n", encoding="utf-8")
    assert shown(discover(["."], root)) == ["sub/a.tf"]


def test_ignore_file_that_is_a_folder(write: Write) -> None:
    root = write({".gitignore/x": "", "a.tf": ""})
    assert shown(discover(["."], root)) == ["a.tf"]


def test_file_that_is_named(write: Write) -> None:
    root = write(
        {
            ".gitignore": "a.tf\n",
            "a.tf": "",
            "b.tf": "",
            "c.tfvars": "",
            "d.yaml": "",
            "sub/e.tf": "",
            "x.tf/y": "",
        }
    )
    found = discover(["a.tf"], root)
    assert [(file.shown, file.context) for file in found.files] == [
        ("a.tf", False),
        ("b.tf", True),
        ("c.tfvars", True),
    ]
    assert shown(discover(["d.yaml"], root)) == ["d.yaml"]


def test_several_files_of_a_folder(write: Write) -> None:
    root = write({"a.tf": "", "b.tf": "", "c.tf": ""})
    found = discover(["c.tf", "a.tf", "a.tf"], root)
    assert [(file.shown, file.context) for file in found.files] == [
        ("a.tf", False),
        ("b.tf", True),
        ("c.tf", False),
    ]


def test_file_of_another_kind(write: Write) -> None:
    root = write({"manifest.txt": ""})
    assert [(file.shown, file.kind) for file in discover(["manifest.txt"], root).files] == [
        ("manifest.txt", "data")
    ]


def test_paths_that_overlap(write: Write) -> None:
    root = write({"a/b/c.tf": "", "a/d.tf": ""})
    assert shown(discover(["a", "a/b", str(root), "./a/../a"], root)) == ["a/b/c.tf", "a/d.tf"]


def test_path_outside_the_current_folder(write: Write) -> None:
    root = write({"a/x.tf": "", "b/y.tf": ""})
    assert shown(discover(["../b"], root / "a")) == ["../b/y.tf"]
    assert shown(discover([str(root / "b")], root / "a")) == ["../b/y.tf"]


def test_missing_path(write: Write) -> None:
    root = write({"a.tf": ""})
    with pytest.raises(UsageError, match=r"^the path 'none' does not exist$"):
        discover(["a.tf", "none"], root)


def test_pipe(write: Write) -> None:
    root = write({"a.tf": ""})
    os.mkfifo(root / "p.tf")
    assert shown(discover(["."], root)) == ["a.tf"]
    with pytest.raises(UsageError, match=r"^the path 'p.tf' is neither a file nor a folder$"):
        discover(["p.tf"], root)


# -- symbolic links ------------------------------------------------------------------------


def test_link_to_a_file(write: Write) -> None:
    root = write({"common/a.tf": "", "env/b.tf": ""})
    (root / "env" / "a.tf").symlink_to("../common/a.tf")
    assert shown(discover(["."], root)) == ["common/a.tf", "env/a.tf", "env/b.tf"]
    assert shown(discover(["env"], root)) == ["env/a.tf", "env/b.tf"]


def test_link_to_a_folder_is_followed_where_it_is_not_walked(write: Write) -> None:
    root = write({"modules/m/a.tf": "", "env/b.tf": ""})
    (root / "env" / "m").symlink_to("../modules/m")
    (root / "env" / "n").symlink_to("../modules/m")
    assert shown(discover(["."], root)) == ["env/b.tf", "modules/m/a.tf"]
    assert shown(discover(["env"], root)) == ["env/b.tf", "env/m/a.tf"]


def test_links_that_double_at_every_level(write: Write) -> None:
    root = write({f"m/{n}/a.tf": "" for n in range(30)} | {"env/b.tf": ""})
    for n in range(29):
        for name in "xy":
            (root / "m" / str(n) / name).symlink_to(f"../{n + 1}")
    (root / "env" / "x").symlink_to("../m/0")
    assert len(discover(["env"], root).files) == 31
    assert len(discover(["."], root).files) == 31


LOOPS: list[tuple[str, str, str, str]] = [
    ("file to itself", "loop.tf", "loop.tf", "this symbolic link leads to itself"),
    ("folder to itself", "loop", "loop", "this symbolic link leads to itself"),
    ("folder above", "a/b/up", "../..", "this symbolic link leads back to a folder above it"),
    ("its own folder", "a/here", ".", "this symbolic link leads back to a folder above it"),
    ("nowhere", "gone.tf", "none.tf", "this symbolic link leads nowhere"),
    ("out of the repository", "out.tf", "../../outside.tf", "this symbolic link leads out of the repository, so it is not followed"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("link", "target", "message"), [case[1:] for case in LOOPS], ids=[case[0] for case in LOOPS]
)
def test_links_that_are_errors(write: Write, link: str, target: str, message: str) -> None:
    root = write({"a/b/x.tf": ""})
    (root.parent.parent / "outside.tf").write_text("", encoding="utf-8")
    (root / link).symlink_to(target)
    found = discover(["."], root)
    assert shown(found) == ["a/b/x.tf"]
    assert found.errors == [SourceError(link, 1, 1, message)]


@pytest.mark.parametrize(
    ("link", "target"),
    [("gone.yaml", "none.yaml"), ("gone", "none"), ("out", "../.."), ("out.yaml", "../../outside.yaml")],
)
def test_links_that_are_passed_over(write: Write, link: str, target: str) -> None:
    root = write({"a.tf": ""})
    (root.parent.parent / "outside.yaml").write_text("", encoding="utf-8")
    (root / link).symlink_to(target)
    found = discover(["."], root)
    assert (shown(found), found.errors) == (["a.tf"], [])


def test_two_folders_that_link_to_each_other(write: Write) -> None:
    root = write({"a/x.tf": "", "b/y.tf": ""})
    (root / "a" / "b").symlink_to("../b")
    (root / "b" / "a").symlink_to("../a")
    assert shown(discover(["."], root)) == ["a/x.tf", "b/y.tf"]
    found = discover(["a"], root)
    assert shown(found) == ["a/b/y.tf", "a/x.tf"]
    assert [error.message for error in found.errors] == ["this symbolic link leads back to a folder above it"]


def test_ignored_link(write: Write) -> None:
    root = write({".gitignore": "loop.tf\nup\n", "a.tf": ""})
    (root / "loop.tf").symlink_to("loop.tf")
    (root / "up").symlink_to(".")
    assert discover(["."], root).errors == []


def test_link_that_is_named(write: Write) -> None:
    root = write({"a.tf": "", "d/b.tf": ""})
    (root / "loop.tf").symlink_to("loop.tf")
    (root / "l").symlink_to("d")
    assert shown(discover(["loop.tf"], root)) == ["a.tf", "loop.tf"]
    assert shown(discover(["l"], root)) == ["l/b.tf"]


# -- what cannot be read -------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_folder(write: Write) -> None:
    root = write({"a.tf": "", "secret/b.tf": ""})
    (root / "secret").chmod(0)
    try:
        found = discover(["."], root)
    finally:
        (root / "secret").chmod(0o755)
    assert shown(found) == ["a.tf"]
    assert found.errors == [SourceError("secret", 1, 1, "the folder cannot be read: Permission denied")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_ignore_file(write: Write) -> None:
    root = write({"a.tf": "", ".gitignore": "a.tf\n"})
    (root / ".gitignore").chmod(0)
    assert shown(discover(["."], root)) == ["a.tf"]


def test_deep_folders(write: Write) -> None:
    root = write({"a.tf": ""})
    here = Path.cwd()
    try:
        os.chdir(root)
        for _ in range(1500):
            Path("d").mkdir()
            os.chdir("d")
        Path("b.tf").touch()
        os.chdir(here)
        assert shown(discover(["."], root)) == ["a.tf", "d/" * 1500 + "b.tf"]
    finally:
        os.chdir(here)
        # The clean-up of temporary folders recurses, and would fail in a later run.
        subprocess.run(["rm", "-rf", str(root / "d")], check=True)


# -- helpers ---------------------------------------------------------------------------------


def test_repository_root(write: Write) -> None:
    root = write({"a/b/c.tf": ""})
    assert repository_root(root / "a" / "b") == root
    assert repository_root(root) == root
    (root / "a" / ".git").write_text("gitdir: ../.git\n", encoding="utf-8")
    assert repository_root(root / "a" / "b") == root / "a"


@pytest.mark.parametrize(
    ("path", "base", "expected"),
    [
        ("/r/a/b.tf", "/r", "a/b.tf"),
        ("/r", "/r", "."),
        ("/r/b.tf", "/r/a", "../b.tf"),
        ("/x.tf", "/r/a", "../../x.tf"),
    ],
)
def test_shown_path(path: str, base: str, expected: str) -> None:
    assert shown_path(Path(path), Path(base)) == expected
