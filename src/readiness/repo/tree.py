"""The files of a repository by the path that users see: on a disk, or texts in its place."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from readiness.repo.discover import SKIPPED_FOLDERS, shown_path
from readiness.repo.ignored import is_ignored
from readiness.repo.paths import below, kind_at, real_path

FILE_LIMIT = 10_000_000
"""Bytes of the largest file that is read."""

FILES_LIMIT = 20_000
"""Files of one folder tree that are listed."""


class Tree(Protocol):
    """Files by path; paths use `/`, are relative to where the run began, and are normalised."""

    def read(self, path: str) -> bytes | None:
        """The content of a file, or None where there is none to be had."""

    def below(self, folder: str) -> list[str]:
        """The paths of every file below a folder, sorted."""

    def is_folder(self, path: str) -> bool:
        """True for a folder of the repository."""

    def is_ignored(self, path: str) -> bool:
        """True for what git ignores."""

    def at_root(self, path: str) -> str:
        """A path that is relative to the root of the repository, as paths are here."""


CHART = "Chart.yaml"
"""The file that makes a folder a chart."""


def is_chart(folder: str, tree: Tree) -> bool:
    """Whether a folder holds a chart."""
    return tree.read(below(folder, CHART)) is not None


class DiskTree:
    """The files below the tops of the repositories of a run; nothing else is ever read.

    A symbolic link to a file counts where it leads to a place below a top; one to a folder is not
    followed.
    """

    def __init__(self, base: Path, tops: Sequence[Path], edited: Mapping[str, str] | None = None) -> None:
        self._base = base
        self._edited = edited or {}  # by real path, what takes the place of files on disk
        self._tops = [Path(os.path.realpath(top)) for top in tops]
        self._read: dict[str, bytes | None] = {}

    def read(self, path: str) -> bytes | None:
        """The content of a file, read once; None for one above the limit too."""
        if path not in self._read:
            self._read[path] = self._content(path)
        return self._read[path]

    def below(self, folder: str) -> list[str]:
        """The paths of every file below a folder, sorted; version control and downloads left out."""
        if not self.is_folder(folder):
            return []
        found: list[str] = []
        for current, folders, names in os.walk(self._base / folder):
            folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
            found += [shown_path(Path(os.path.normpath(Path(current, name))), self._base) for name in names]
            if len(found) > FILES_LIMIT:
                break
        return sorted(found)

    def is_folder(self, path: str) -> bool:
        """True for a folder below a top."""
        real = self._inside(path)
        return real is not None and kind_at(real) == "folder"

    def is_ignored(self, path: str) -> bool:
        """True for what the ignore files of its repository say so of."""
        return is_ignored(Path(os.path.normpath(self._base / path)))

    def at_root(self, path: str) -> str:
        """A path that is relative to the root of the (first) repository, as paths are here."""
        return shown_path(Path(os.path.normpath(self._tops[0] / path)), self._base)

    def _inside(self, path: str) -> Path | None:
        real = real_path(self._base / path)
        return real if real is not None and any(real.is_relative_to(top) for top in self._tops) else None

    def _content(self, path: str) -> bytes | None:
        real = self._inside(path)
        if real is None:
            return None
        if str(real) in self._edited:
            return self._edited[str(real)].encode()
        try:
            if not real.is_file() or real.stat().st_size > FILE_LIMIT:
                return None
            return real.read_bytes()
        except OSError:
            return None


class TextTree:
    """Texts by name as if they were files."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = {posixpath.normpath(name): text for name, text in texts.items()}

    def read(self, path: str) -> bytes | None:
        """The text of a name, as UTF-8."""
        text = self._texts.get(posixpath.normpath(path))
        return None if text is None else text.encode()

    def below(self, folder: str) -> list[str]:
        """The names below a folder, sorted."""
        prefix = _prefix(folder)
        return sorted(name for name in self._texts if name.startswith(prefix))

    def is_folder(self, path: str) -> bool:
        """True where some name lies below."""
        prefix = _prefix(path)
        return any(name.startswith(prefix) for name in self._texts)

    def is_ignored(self, path: str) -> bool:
        """False: texts are what there is."""
        return False

    def at_root(self, path: str) -> str:
        """A path: names are relative to the root."""
        return posixpath.normpath(path)


def _prefix(folder: str) -> str:
    folder = posixpath.normpath(folder)
    return "" if folder == "." else folder + "/"
