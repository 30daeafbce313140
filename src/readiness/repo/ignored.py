"""Which files git leaves alone, by the ignore files of their repository.

Source: https://git-scm.com/docs/gitignore
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

IGNORE_FILE = ".gitignore"

Specs = list[tuple[str, Any]]
"""Folders with what their ignore files say of all that lies below, outermost first."""

_LIMIT = 1_000_000  # bytes of an ignore file; a device or a pipe is none


class Ignores:
    """The ignore files of the repositories on a disk; each is read once."""

    def __init__(self) -> None:
        self._within: dict[Path, Specs | None] = {}

    def name(self, path: Path) -> bool:
        """True for a file that they name; the path is absolute.  What is in no repository is not ignored."""
        return is_named(str(path), False, self._of(path.parent) or [])

    def above(self, folder: Path) -> Specs:
        """What is said of a folder itself; nothing where it is in no repository, or the root of one."""
        return self._above(folder) or []

    def _above(self, folder: Path) -> Specs | None:
        """None for a folder in no repository."""
        if not (folder / ".git").exists():
            return None if folder.parent == folder else self._of(folder.parent)
        exclude = read_spec(folder / ".git" / "info" / "exclude")
        return [] if exclude is None else [(str(folder), exclude)]

    def _of(self, folder: Path) -> Specs | None:
        """What is said of all that lies in a folder."""
        if folder not in self._within:
            above = self._above(folder)
            own = None if above is None else read_spec(folder / IGNORE_FILE)
            self._within[folder] = above if above is None or own is None else [*above, (str(folder), own)]
        return self._within[folder]


def is_ignored(path: Path) -> bool:
    """True for a file that the ignore files of its repository name."""
    return Ignores().name(path.absolute())


def ignored_of(places: Iterable[str], text_of: Callable[[str], str | None]) -> set[str]:
    """Those of some files that ignore files name, whose texts `text_of` gives; paths are from the root."""
    specs: dict[str, Any] = {}

    def spec_in(folder: str) -> Any:
        if folder not in specs:
            text = text_of(f"{folder}/{IGNORE_FILE}".lstrip("/"))
            specs[folder] = None if text is None else _spec(text)
        return specs[folder]

    found = set()
    for place in places:
        folders = ["", *(place[:at] for at, char in enumerate(place) if char == "/")]
        own = [(folder, spec) for folder in folders if (spec := spec_in(folder)) is not None]
        if is_named(place, False, own):
            found.add(place)
    return found


def is_named(path: str, folder: bool, specs: Specs) -> bool:
    """True if the innermost ignore file that says anything about a path (of a `folder`) ignores it."""
    for base, spec in reversed(specs):
        if path == base:
            continue  # what a file says is about what lies below it
        relative = path[len(base) :].replace(os.sep, "/").lstrip("/") + ("/" if folder else "")
        verdict = spec.check_file(relative).include
        if verdict is not None:
            return bool(verdict)
    return False


def read_spec(path: Path) -> Any:
    """What an ignore file says; None where there is none, or it says nothing."""
    try:
        # As for git, a symbolic link is none either: https://git-scm.com/docs/gitignore#_notes
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LIMIT:
            return None
        return _spec(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None


def _spec(text: str) -> Any:
    """What an ignore file says; None where it says nothing."""
    lines = text.splitlines()
    kept = [line for line in lines if line.strip() and not line.startswith("#")]
    if not kept:
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(kept)
    except ValueError:
        # git passes over a line that is no pattern (`!` alone).
        return GitIgnoreSpec.from_lines([line for line in kept if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
