"""The files of a revision from git's objects, in a folder of their own, without a checkout."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from readiness.errors import UsageError
from readiness.repo.git import Git, GitError
from readiness.repo.revision import Revision
from readiness.repo.tree_of import entries_of

BLOB_LIMIT = 10_000_000
"""Bytes above which the content of a file is not brought, as no such file is read; its size is."""

_INSTALLED_LIMIT = 5_000_000  # bytes of a file of an installed module
_LINK = "120000"  # the mode of a symbolic link


@contextmanager
def files_of(revision: Revision) -> Iterator[Path]:
    """A folder with the files of a revision, and what was installed beside them; gone afterwards.

    Its `.git` leads to the objects of the repository, so that histories can be asked for.

    Raises:
        UsageError: git cannot give them, or there is no room for them.
    """
    folder = Path(tempfile.mkdtemp(prefix="readiness-base-"))
    try:
        try:
            top = Path(os.path.realpath(folder)) / revision.root.name
            _write_files(revision, top)
            _write_git(revision, top)
            _copy_installed(revision, top)
        except (GitError, OSError) as error:
            raise UsageError(f"the files of {revision.name!r} cannot be had: {error}") from None
        yield top
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_files(revision: Revision, top: Path) -> None:
    git = Git(revision.root)
    top.mkdir()
    # Links come last: nothing may be written through one.
    entries = sorted(entries_of(git, revision.commit), key=lambda entry: entry.mode == _LINK)
    entries = [entry for entry in entries if _is_inside(entry.path)]
    wanted = [entry for entry in entries if entry.size <= BLOB_LIMIT]
    contents = _contents(git, [entry.blob for entry in wanted])
    made: set[Path] = set()
    for entry in entries:
        target = top / entry.path
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        if os.path.lexists(target):
            continue
        content = contents.get(entry.blob)
        if content is None:
            with target.open("wb") as file:
                file.truncate(entry.size)
        elif entry.mode == _LINK:
            target.symlink_to(os.fsdecode(content))
        else:
            target.write_bytes(content)


def _is_inside(path: str) -> bool:
    """Whether a path of a tree can be written: git refuses others, but objects may be made by hand."""
    parts = path.split("/")
    return not path.startswith("/") and ".." not in parts and ".git" not in (part.lower() for part in parts)


def _contents(git: Git, blobs: list[str]) -> dict[str, bytes]:
    """The contents of blobs, without filters."""
    output = git.run("cat-file", "--batch", given="".join(f"{blob}\n" for blob in blobs).encode())
    found: dict[str, bytes] = {}
    at = 0
    for _ in blobs:
        end = output.index(b"\n", at)
        blob, kind, *size = output[at:end].decode().split()
        at = end + 1
        if kind == "missing":  # of a partial clone
            raise GitError(f"the object {blob} is not here")
        found[blob] = output[at : at + int(size[0])]
        at += int(size[0]) + 1
    return found


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
