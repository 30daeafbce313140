"""Files of a revision in a folder of their own: also those of trees that were made by hand."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from readiness.errors import UsageError
from readiness.repo.git import Git
from readiness.repo.revision import Revision
from readiness.repo.snapshot import add_files, files_of, some_files_of
from readiness.repo.tree_of import Entry, Tree, entries_of

FILE, LINK = "100644", "120000"


class Repository:
    """A repository whose trees are written entry by entry, as git itself would never write them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        self.git("init", "-q")

    def git(self, *args: str, given: bytes = b"") -> str:
        """Run git as nobody in particular."""
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        done = subprocess.run(
            ["git", *who, *args], cwd=self.root, check=True, capture_output=True, input=given
        )
        return done.stdout.decode().strip()

    def blob(self, content: bytes) -> str:
        """The name of a file's content."""
        return self.git("hash-object", "-w", "--stdin", given=content)

    def tree(self, *entries: tuple[str, str, str]) -> str:
        """The name of a tree with entries (mode, name, object) as they are, whatever they are."""
        raw = b"".join(
            f"{mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(object_)
            for mode, name, object_ in entries
        )
        return self.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", given=raw)

    def commit(self, tree: str) -> Revision:
        """A commit of a tree."""
        return Revision(self.root, "main", self.git("commit-tree", "-m", "x", tree))

    def entries(self, revision: Revision) -> list[Entry]:
        """Everything in it."""
        return entries_of(Git(self.root), revision.commit)


@pytest.fixture
def made(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def found(top: Path) -> set[str]:
    """What lies in a folder, but for its `.git`."""
    every = (path.relative_to(top).as_posix() for path in top.rglob("*") if not path.is_dir())
    return {path for path in every if not path.startswith(".git/")}


def test_nothing_is_written_outside(made: Repository) -> None:
    evil = made.blob(b"evil")
    up = made.tree((FILE, "evil.yaml", evil))
    deep = made.tree(("40000", "..", up))
    config = made.tree((FILE, "config", evil))
    revision = made.commit(
        made.tree(
            (FILE, "../beside.yaml", evil),
            ("40000", "..", up),
            ("40000", ".GIT", config),
            ("40000", ".git", config),
            (FILE, "/tmp/readiness-absolute.yaml", evil),
            ("40000", "a", deep),
            (FILE, "good.yaml", made.blob(b"good")),
        )
    )
    for opened in (files_of(revision), some_files_of(revision, made.entries(revision))):
        with opened as top:
            assert found(top) == {"good.yaml"}
            assert "evil" not in [path.read_text() for path in top.glob(".git/config")]
            assert [path.name for path in top.parent.iterdir()] == ["repo"]
        assert not top.parent.exists()
    assert not Path("/tmp/readiness-absolute.yaml").exists()


def test_nothing_is_written_through_a_link(made: Repository, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    lead = made.blob(str(outside).encode())
    inner = made.tree((LINK, "planted", made.blob(b"/etc/passwd")))
    revision = made.commit(made.tree((LINK, "a", lead), ("40000", "a", inner)))
    for opened in (files_of(revision), some_files_of(revision, made.entries(revision))):
        with opened as top:
            assert (top / "a").is_dir()
            assert not (top / "a").is_symlink()
            assert list(outside.iterdir()) == []


def test_of_two_with_one_name(made: Repository) -> None:
    one, two = made.blob(b"one"), made.blob(b"two")
    folder = made.tree((FILE, "b", two))
    revision = made.commit(
        made.tree((FILE, "a", one), (FILE, "a", two), (FILE, "c", one), ("40000", "c", folder))
    )
    with some_files_of(revision, made.entries(revision)) as top:
        assert (top / "a").read_text() == "one"
        assert (top / "c/b").read_text() == "two"
    assert Tree(made.root, revision.commit).text("a") == "one"


@pytest.mark.parametrize("target", ["/etc/hostname", "../../../etc/hostname", "d/../../../x", "loop"])
def test_a_link_that_leads_out_leads_nowhere(made: Repository, target: str) -> None:
    """`d` leads to the root, so that `d/../..` is above it although it does not look so."""
    inner = made.tree((LINK, "d", made.blob(b"../..")))
    revision = made.commit(
        made.tree(
            ("40000", "a", made.tree(("40000", "b", inner))),
            (LINK, "d", made.blob(b"a/b/d")),
            (LINK, "loop", made.blob(b"loop")),
            (LINK, "readiness.yaml", made.blob(target.encode())),
        )
    )
    with some_files_of(revision, made.entries(revision)) as top:
        assert (top / "readiness.yaml").is_symlink()
        assert not (top / "readiness.yaml").exists()
    assert Tree(made.root, revision.commit).text("readiness.yaml") is None


def test_links_within(made: Repository) -> None:
    folder = made.tree((FILE, "f.yaml", made.blob(b"\xef\xbb\xbftext")), (FILE, "raw", made.blob(b"\xff")))
    revision = made.commit(
        made.tree(
            (LINK, "again", made.blob(b"linked")),
            ("40000", "folder", folder),
            (LINK, "linked", made.blob(b"./folder/../folder")),
            (LINK, "readiness.yaml", made.blob(b"again/f.yaml")),
        )
    )
    with some_files_of(revision, made.entries(revision)) as top:
        assert (top / "readiness.yaml").read_text("utf-8-sig") == "text"
    tree = Tree(made.root, revision.commit)
    assert [tree.text(path) for path in ("readiness.yaml", "again/f.yaml", "folder/f.yaml")] == ["text"] * 3
    assert [tree.text(path) for path in ("folder", "again", "folder/none", "folder/raw", "")] == [None] * 5


def test_files_that_come_later(made: Repository) -> None:
    revision = made.commit(made.tree((FILE, "a.yaml", made.blob(b"a")), (FILE, "b.txt", made.blob(b"b"))))
    first, second = made.entries(revision)
    with some_files_of(revision, [first]) as top:
        assert found(top) == {"a.yaml"}
        add_files(revision, [first, second], top)
        assert (top / "b.txt").read_text() == "b"


def test_what_cannot_be_written_is_told(made: Repository) -> None:
    revision = made.commit(made.tree((LINK, "a", made.blob(b"x\0y"))))
    with pytest.raises(UsageError, match=r"the files of 'main' cannot be had: .*null byte"):
        files_of(revision).__enter__()


def test_a_clone_without_contents(made: Repository, tmp_path: Path) -> None:
    revision = made.commit(made.tree((FILE, "a.yaml", made.blob(b"a"))))
    made.git("update-ref", "refs/heads/main", revision.commit)
    made.git("config", "uploadpack.allowFilter", "true")
    address = f"file://{made.root}"
    made.git("clone", "-q", "--bare", "--filter=blob:none", "--branch=main", address, "../partial")
    with pytest.raises(UsageError, match="the files of 'main' cannot be had: "):
        files_of(Revision(tmp_path / "partial", "main", revision.commit)).__enter__()


def test_a_content_that_is_not_here(made: Repository) -> None:
    blob = made.blob(b"gone")
    revision = made.commit(made.tree((FILE, "a.yaml", blob)))
    (made.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert [(entry.path, entry.size) for entry in made.entries(revision)] == [("a.yaml", -1)]
    with pytest.raises(UsageError, match=f"the files of 'main' cannot be had: the object {blob} is not here"):
        files_of(revision).__enter__()


def test_a_replaced_object_does_not_count(made: Repository) -> None:
    old, new = made.blob(b"strict"), made.blob(b"lenient")
    revision = made.commit(made.tree((FILE, "readiness.yaml", old)))
    made.git("replace", old, new)
    assert Tree(made.root, revision.commit).text("readiness.yaml") == "strict"
