"""Which checkouts a fleet is made of, and their names."""

from __future__ import annotations

import os

import pytest

from readiness.errors import UsageError
from readiness.fleet.checkouts import checkouts


def make(tmp_path, *names):
    for name in names:
        (tmp_path / name / ".git").mkdir(parents=True)


def named(tmp_path, found):
    return [(one.name, os.path.relpath(one.folder, tmp_path)) for one in found]


def test_folders_and_folders_of_checkouts(tmp_path):
    make(tmp_path, "all/web", "all/api", "pay")
    (tmp_path / "all/notes").mkdir()
    found = checkouts([f"{tmp_path}/pay", f"{tmp_path}/all", f"{tmp_path}/all/web"])
    assert named(tmp_path, found) == [("api", "all/api"), ("pay", "pay"), ("web", "all/web")]


def test_two_of_one_name_are_told_apart_by_their_folders(tmp_path):
    make(tmp_path, "shop/infra", "pay/infra", "pay/web")
    found = checkouts([f"{tmp_path}/shop", f"{tmp_path}/pay"])
    assert named(tmp_path, found) == [
        ("pay/infra", "pay/infra"),
        ("shop/infra", "shop/infra"),
        ("web", "pay/web"),
    ]


def test_a_list_counts_from_its_own_folder(tmp_path, monkeypatch):
    make(tmp_path, "a", "b")
    (tmp_path / "repos.txt").write_text("# ours\na\n\n  b  \n")
    monkeypatch.chdir(tmp_path / "a")
    assert named(tmp_path, checkouts([], "../repos.txt")) == [("a", "a"), ("b", "b")]


@pytest.mark.parametrize(
    ("named_", "listed", "message"),
    [
        ([], None, "no repository is named"),
        (["nope"], None, "the folder 'nope' does not exist"),
        (["."], None, "'.' is no checkout of git, and none is right below it"),
        ([], "nope.txt", "the list of repositories cannot be read: No such file or directory"),
        ([], "binary.txt", "the list of repositories cannot be read: it is not UTF-8"),
        ([], "empty.txt", "no repository is named"),
    ],
)
def test_what_is_no_fleet(tmp_path, monkeypatch, named_, listed, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe")
    (tmp_path / "empty.txt").write_text("# none yet\n")
    with pytest.raises(UsageError) as error:
        checkouts(named_, listed)
    assert message in error.value.message
