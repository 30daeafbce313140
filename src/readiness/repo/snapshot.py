"""The files of a revision from git's objects, in a folder of their own, without a checkout."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from readiness.errors import UsageError
from readiness.repo.git import Git, GitError
from readiness.repo.revision import Revision
from readiness.repo.tree_of import LINK, Entry, contents_of, entries_of

BLOB_LIMIT = 10_000_000
"""Bytes above which the content of a file is not brought, as no such file is read; its size is."""

_INSTALLED_LIMIT = 5_000_000  # bytes of a file of an installed module
_NOWHERE = ".git/nowhere"  # below what no link leads to


@contextmanager
def files_of(revision: Revision) -> Iterator[Path]:
    """A folder with the files of a revision, and what was installed beside them; gone afterwards.

    Its `.git` leads to the objects of the repository, so that histories can be asked for.

    Raises:
        UsageError: git cannot give them, or there is no room for them.
    """
    with _folder(revision) as top:
        with _told(revision):
            git = Git(revision.root)
            _write_files(git, entries_of(git, revision.commit), top)
            _write_git(revision, top)
            _copy_installed(revision, top)
        yield top


@contextmanager
def some_files_of(revision: Revision, entries: Iterable[Entry]) -> Iterator[Path]:
    """A folder with some files of a revision alone, which is a repository to whoever looks for its root.

    A link that leads out of it leads nowhere: what is on the disk is not what the revision holds.

    Raises:
        UsageError: git cannot give them, or there is no room for them.
    """
    with _folder(revision) as top:
        add_files(revision, entries, top)
        (top / ".git").mkdir()
        yield top


def add_files(revision: Revision, entries: Iterable[Entry], top: Path) -> None:
    """Write more files of a revision into the folder of `some_files_of`.

    Raises:
        UsageError: git cannot give them, or there is no room for them.
    """
    with _told(revision):
        _write_files(Git(revision.root), entries, top, inside=True)


@contextmanager
def _folder(revision: Revision) -> Iterator[Path]:
    """A temporary folder that is called as the repository is; gone afterwards."""
    with _told(revision):
        folder = Path(tempfile.mkdtemp(prefix="readiness-base-"))
        top = Path(os.path.realpath(folder)) / revision.root.name
    try:
        with _told(revision):
            top.mkdir()
        yield top
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _told(revision: Revision) -> Iterator[None]:
    """Say what cannot be had in the words of users."""
    try:
        yield
    except (GitError, OSError, ValueError) as error:
        raise UsageError(f"the files of {revision.name!r} cannot be had: {error}") from None


def _write_files(git: Git, entries: Iterable[Entry], top: Path, inside: bool = False) -> None:
    """Write files; of two with one name the first, of a file and a folder the folder.

    Raises:
        GitError: a content is not here.
        OSError: one of them cannot be written.
        ValueError: a link leads to what can be no path.
    """
    # Folders come first and links last: nothing may be written through a link.
    wanted = sorted(
        (entry for entry in entries if _is_inside(entry.path)), key=lambda entry: entry.mode == LINK
    )
    for folder in dict.fromkeys((top / entry.path).parent for entry in wanted):
        folder.mkdir(parents=True, exist_ok=True)
    contents = contents_of(git, [e.blob for e in wanted if inside or e.size <= BLOB_LIMIT])
    for entry in wanted:
        target = top / entry.path
        if os.path.lexists(target):
            continue
        content = contents.get(entry.blob)
        if content is None:
            with target.open("wb") as file:
                file.truncate(entry.size)
        elif entry.mode == LINK:
            target.symlink_to(os.fsdecode(content))
        else:
            target.write_bytes(content)
    for entry in wanted:
        target = top / entry.path
        if inside and target.is_symlink() and not Path(os.path.realpath(target)).is_relative_to(top):
            target.unlink()
            target.symlink_to(_NOWHERE)


def _is_inside(path: str) -> bool:
    """Whether a path of a tree can be written: git refuses others, but objects may be made by hand."""
    parts = path.split("/")
    return not path.startswith("/") and ".." not in parts and ".git" not in (part.lower() for part in parts)


def _write_git(revision: Revision, top: Path) -> None:
    """A repository that borrows the objects of the real one, with HEAD where the revision is."""
    git = Git(revision.root)
    objects = (revision.root / git.text("rev-parse", "--git-path", "objects")).resolve()
    own = top / ".git"
    for name in ("objects/info", "refs/heads", "info"):
        (own / name).mkdir(parents=True)
    (own / "objects/info/alternates").write_text(f"{objects}\n", encoding="utf-8")
    try:
        branch = git.text("symbolic-ref", "--quiet", "HEAD")
    except GitError:
        branch = ""
    (own / "HEAD").write_text(f"ref: {branch}\n" if branch else f"{revision.commit}\n", encoding="utf-8")
    if branch:
        (own / branch).parent.mkdir(parents=True, exist_ok=True)
        (own / branch).write_text(f"{revision.commit}\n", encoding="utf-8")
    for name in ("config", "info/exclude", "shallow", "refs/remotes/origin/HEAD"):
        source = revision.root / git.text("rev-parse", "--git-path", name)
        if source.is_file():
            (own / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, own / name)


def _copy_installed(revision: Revision, top: Path) -> None:
    """What `terraform init` installed beside files that are in both: modules are no part of a commit."""
    for current, folders, _ in os.walk(revision.root):
        place = Path(current)
        if ".terraform" in folders:
            inner = place.relative_to(revision.root)
            modules = place / ".terraform" / "modules"
            if modules.is_dir() and (top / inner).is_dir():
                shutil.copytree(
                    modules, top / inner / ".terraform" / "modules", symlinks=True, ignore=_uninteresting
                )
        folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]


def _uninteresting(folder: str, names: list[str]) -> list[str]:
    """What no module is read for: version control, and large files."""
    left = []
    for name in names:
        path = Path(folder, name)
        if name == ".git" or (path.is_file() and path.stat().st_size > _INSTALLED_LIMIT):
            left.append(name)
    return left
