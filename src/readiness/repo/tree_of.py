"""What a commit holds."""

from __future__ import annotations

from msgspec import Struct

from readiness.repo.git import Git


class Entry(Struct, frozen=True):
    """A file of a commit: its mode as git writes it, the name of its content, its size in bytes, its path."""

    mode: str
    blob: str
    size: int
    path: str


def entries_of(git: Git, commit: str) -> list[Entry]:
    """The files of a commit (no submodules)."""
    listing = git.run("ls-tree", "-r", "-z", "-l", "--full-tree", commit)
    found = []
    for line in listing.decode("utf-8", "surrogateescape").split("\0"):
        if line:
            about, _, path = line.partition("\t")
            mode, kind, blob, size = about.split()
            if kind == "blob":
                found.append(Entry(mode, blob, int(size), path))
    return found
