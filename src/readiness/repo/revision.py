"""Which revision a change is held against, and what has another name since."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from readiness.errors import UsageError
from readiness.repo.discover import repository_root
from readiness.repo.git import Git, GitError
from readiness.repo.index import Index, read_index
from readiness.repo.tree_of import entries_of

_DEEPEN = "fetch more of it (actions/checkout: `fetch-depth: 0`; GitLab: `GIT_DEPTH: 0`)"


class Revision(Struct, frozen=True):
    """A commit that a change is held against: `name` is what the user said, `root` the repository."""

    root: Path
    name: str
    commit: str


def find_revision(folder: Path, name: str, option: str) -> Revision:
    """Where a change began: the merge base of HEAD and of what a user names by a branch, tag or commit.

    `option` is how it is named, for messages.

    Raises:
        UsageError: there is no repository, no such revision, or no common history.
    """
    tip = find_tip(folder, name, option)
    start = began(tip)
    if start is not None:
        return start
    message = f"{name!r} and HEAD have no commit in common"
    if _is_shallow(Git(tip.root)):
        message = f"the history here is shallow, so where this change left {name!r} is not known: {_DEEPEN}"
    raise UsageError(f"{option}: {message}")


def began(revision: Revision) -> Revision | None:
    """Where the change that HEAD is left a revision; None where that is not known."""
    try:
        commit = Git(revision.root).text("merge-base", revision.commit, "HEAD").split("\n")[0]
    except GitError:
        return None
    return Revision(revision.root, revision.name, commit)


def find_tip(folder: Path, name: str, option: str) -> Revision:
    """The revision that a user names by a branch, tag or commit itself; `option` is how, for messages.

    Raises:
        UsageError: there is no repository, or no such revision.
    """
    root = repository_root(Path(os.path.realpath(folder)))
    if root is None:
        raise UsageError(f"{option} needs a git repository, and {folder.as_posix()!r} lies in none")
    git = Git(root)
    if not name or name.startswith(("-", "^")):
        raise UsageError(f"{option}: {name!r} is no revision")
    try:
        named = git.text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except GitError as error:
        if any(text in str(error) for text in ("there is no git", "cannot be run", "another user")):
            raise UsageError(f"{option}: {error}") from None
        where = f"the history here is shallow: {_DEEPEN}" if _is_shallow(git) else _nearest(git, name)
        raise UsageError(f"{option}: there is no revision {name!r} here; {where}") from None
    return Revision(root, name, named)


def _is_shallow(git: Git) -> bool:
    try:
        return git.text("rev-parse", "--is-shallow-repository") == "true"
    except GitError:
        return False


def _nearest(git: Git, name: str) -> str:
    """What may have been meant; git's answer where it has no better one."""
    from readiness.errors import near

    try:
        known = git.text(
            "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags"
        )
    except GitError as error:
        return str(error)
    names = known.split()
    remote = next((one for one in names if one.endswith(f"/{name}")), None)
    if remote is not None:
        return f"did you mean {remote!r}?"
    return near(name, names).removeprefix("; ") or "fetch it first, or name a branch, tag or commit"


def renamed(revision: Revision) -> dict[str, str]:
    """The files that have another name now, by their old path; both paths are from the root.

    What is committed git tells by likeness; of what is not yet, a file with the same content is the same.
    """
    git = Git(revision.root)
    found: dict[str, str] = {}
    try:
        # The trees alone: a comparison with files on the disk would run the filters of a repository.
        output = git.run(
            "diff-tree", "-r", "-z", "-M", "--diff-filter=R", "--name-status", revision.commit, "HEAD"
        )
    except GitError:
        output = b""
    parts = output.decode("utf-8", "surrogateescape").split("\0")
    for index in range(0, len(parts) - 2, 3):
        found[parts[index + 1]] = parts[index + 2]
    entries = entries_of(git, revision.commit)
    gone = [e for e in entries if e.path not in found and not os.path.lexists(revision.root / e.path)]
    lost = {entry.blob: entry.path for entry in gone}
    if lost:
        for path in _beside(revision.root, lost.values(), {entry.path for entry in entries}):
            old = lost.get(_blob(_content(revision.root / path)))
            if old is not None:
                found.setdefault(old, path)
    return found


def _beside(root: Path, lost: Iterable[str], known: set[str]) -> Iterator[str]:
    """New files of the kinds of lost ones."""
    suffixes = {Path(path).suffix for path in lost}
    for current, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
        for name in names:
            if Path(name).suffix in suffixes:
                path = (Path(current) / name).relative_to(root).as_posix()
                if path not in known:
                    yield path


def branch_of(root: Path) -> str:
    """The branch that is checked out; "" where it is none, or there is no repository."""
    try:
        return Git(root).text("symbolic-ref", "--quiet", "--short", "HEAD")
    except GitError:
        return ""


def committed(root: Path, paths: Iterable[str]) -> str:
    """The full hash of the commit that is checked out, if files of the repository are as they are in it.

    It is "" where one of them is not, where a file of the commit was taken away, outside of a repository, and
    where git cannot tell.  A comparison by git would run the filters of a repository: here the content is
    looked at, unless time and size are those at which git saw it last.  The paths are absolute.
    """
    git = Git(root)
    try:
        commit = git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        # What the index has otherwise than the commit, a letter before each path: `D` is gone.
        staged = git.text("diff-index", "--cached", "--no-renames", "--name-status", commit).splitlines()
        # What a sparse checkout leaves out is not deleted.
        if any(line.startswith("D") for line in staged) or git.run("ls-files", "--deleted", "-z"):
            return ""
        index = read_index(git)
        blobs = _blobs(git, commit, index, bool(staged))
    except GitError:
        return ""
    return commit if all(_is_as_in(blobs, index, root, os.path.normpath(path)) for path in paths) else ""


def _blobs(git: Git, commit: str, index: Index, staged: bool) -> dict[str, str]:
    """The blobs of a commit by path: those of the index, where nothing else is `staged`."""
    if index.entries and not staged:
        return {path: blob for path, (blob, _, _) in index.entries.items()}
    return {entry.path: entry.blob for entry in entries_of(git, commit)}


def _is_as_in(blobs: Mapping[str, str], index: Index, root: Path, path: str) -> bool:
    """Whether a file is as in a commit, by the names of its blobs; so is one outside of the repository."""
    inner = path.removeprefix(f"{root}{os.sep}").replace(os.sep, "/")
    if inner in blobs and index.blob_of(inner, path) == blobs[inner]:
        return True
    content = _content(path)
    if content is not None and blobs.get(inner) == _blob(content):
        return True
    # It is changed, reached by a link, or its line ends are those of the machine.
    inner = os.path.relpath(os.path.realpath(path), os.path.realpath(root)).replace(os.sep, "/")
    if inner.startswith("../"):
        return True
    return content is not None and blobs.get(inner) in (
        _blob(content),
        _blob(content.replace(b"\r\n", b"\n")),
    )


def _content(path: str | Path) -> bytes | None:
    """What a file holds; None where it cannot be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return None


def _blob(content: bytes | None) -> str:
    """The name that git gives to the content of a file; "" where there is none."""
    if content is None:
        return ""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
