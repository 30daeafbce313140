"""Writing a plan: whole files or none, nowhere else, and never over what changed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from readiness.errors import UsageError
from readiness.onboarding.model import FileChange
from readiness.onboarding.write import check_targets, write


def change(path: str, text: str = "new\n", was: str | None = None) -> FileChange:
    return FileChange(path, "create" if was is None else "extend", "what", text, was)


def files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*"))


def test_files_are_made_with_their_folders(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("old\n")
    (tmp_path / "b").chmod(0o640)
    write(tmp_path, [change("x/y/a"), change("b", "old\nnew\n", "old\n")])
    assert files(tmp_path) == ["b", "x", "x/y", "x/y/a"]
    assert (tmp_path / "b").read_text() == "old\nnew\n"
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o640


def test_nothing_is_written_where_one_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "f").write_text("x")
    for path, message in (
        ("f/x", "f/x: 'f' is no folder"),
        ("f", "f: something of that name is there that cannot be read as a text"),
        ("a", "a: something of that name is there that cannot be read as a text"),
    ):
        with pytest.raises(UsageError) as raised:
            write(tmp_path, [change("new/a"), change(path)])
        assert str(raised.value) == message
    assert files(tmp_path) == ["a", "f"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    root.mkdir()
    (outside / "f").write_text("x")
    (root / "link").symlink_to(outside)
    (root / "f").symlink_to(outside / "f")
    for path, was, message in (
        ("link/a", None, "link/a: its folder leads out of the repository, so nothing is written"),
        ("link/b/c/a", None, "link/b/c/a: its folder leads out of the repository, so nothing is written"),
        ("f", "x", "f: it is a symbolic link, which is not written to"),
    ):
        with pytest.raises(UsageError) as raised:
            check_targets(root, [change(path, was=was)])
        assert str(raised.value) == message
    assert files(outside) == ["f"]


def test_what_changed_meanwhile_stays(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("other\n")
    with pytest.raises(UsageError) as raised:
        write(tmp_path, [change("a/a"), change("b", was="old\n"), change("c")])
    assert str(raised.value) == "b: it changed meanwhile; written were a/a"
    assert files(tmp_path) == ["a", "a/a", "b"]
    assert (tmp_path / "b").read_text() == "other\n"


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError) as raised:
        write(tmp_path, [change("a/b/c")])
    assert str(raised.value) == "a/b/c: it cannot be written: No space left on device; nothing was written"
    assert files(tmp_path) == []
