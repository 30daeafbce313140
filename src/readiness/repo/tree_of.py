"""What a commit holds."""

from __future__ import annotations

import os
import posixpath
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from readiness.repo.git import Git, GitError

LINK = "120000"
"""The mode of a symbolic link."""

_LINKS = 16  # links that lead to one another


class Entry(Struct, frozen=True):
    """A file of a commit: its mode as git writes it, the name of its content, its size in bytes, its path.

    The size is -1 where the content is not here (a partial clone).
    """

    mode: str
    blob: str
    size: int
    path: str


def entries_of(git: Git, commit: str) -> list[Entry]:
    """The files of a commit (no submodules).

    Raises:
        GitError: git cannot list them.
    """
    listing = git.run("ls-tree", "-r", "-z", "-l", "--full-tree", commit)
    found = []
    for line in listing.decode("utf-8", "surrogateescape").split("\0"):
        if line:
            about, _, path = line.partition("\t")
            mode, kind, blob, size = about.split()
            if kind == "blob":
                found.append(Entry(mode, blob, int(size) if size.isdecimal() else -1, path))
    return found


def contents_of(git: Git, blobs: list[str]) -> dict[str, bytes]:
    """The contents of blobs, without filters.

    Raises:
        GitError: one of them is not here (a partial clone).
    """
    output = git.run("cat-file", "--batch", given="".join(f"{blob}\n" for blob in blobs).encode())
    found: dict[str, bytes] = {}
    at = 0
    for _ in blobs:
        end = output.index(b"\n", at)
        blob, kind, *size = output[at:end].decode().split()
        at = end + 1
        if kind == "missing":
            raise GitError(f"the object {blob} is not here")
        found[blob] = output[at : at + int(size[0])]
        at += int(size[0]) + 1
    return found


class Tree:
    """The files of one commit, looked at as they are asked for; paths are from the root of the repository.

    Raises:
        GitError: git cannot be asked, or a content is not here (a partial clone).
    """

    def __init__(self, root: Path, commit: str) -> None:
        self._git = Git(root)
        self._commit = commit
        self._read: dict[str, bytes] = {}

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """All files by their paths."""
        found: dict[str, Entry] = {}
        for entry in entries_of(self._git, self._commit):
            found.setdefault(entry.path, entry)
        return found

    def find(self, path: str) -> Entry | None:
        """The file at a path, through links to others of the tree; None where there is none."""
        for _ in range(_LINKS):
            entry = self.entries.get(path)
            if entry is not None and entry.mode != LINK:
                return entry
            link = self._link_on(path)
            if link is None:
                return None
            target = os.fsdecode(self.content(link))
            rest = path[len(link.path) :].lstrip("/")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(link.path), target, rest))
            if path.startswith(("../", "/")):
                return None
        return None

    def _link_on(self, path: str) -> Entry | None:
        """The first link on the way to a path."""
        parts = path.split("/")
        ways = ("/".join(parts[: count + 1]) for count in range(len(parts)))
        return next((e for e in map(self.entries.get, ways) if e is not None and e.mode == LINK), None)

    def content(self, entry: Entry) -> bytes:
        """What is in a file."""
        if entry.blob not in self._read:
            self._read |= contents_of(self._git, [entry.blob])
        return self._read[entry.blob]

    def text(self, path: str) -> str | None:
        """The text at a path without a byte order mark; None where there is no file, or it is no UTF-8."""
        entry = self.find(path)
        try:
            return None if entry is None else self.content(entry).decode("utf-8-sig")
        except UnicodeDecodeError:
            return None
