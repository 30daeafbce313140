"""Which checkouts a fleet is made of, and what they are called."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from readiness.errors import UsageError
from readiness.fleet.work import Repository, storable


def checkouts(named: Iterable[str], listed: str | None = None) -> list[Repository]:
    """The checkouts of folders, and of a file that has one in each line, sorted by name.

    A folder that is no checkout itself stands for those right below it.  A name is the last part of the path,
    with as many of those before as tell it from others.

    Raises:
        UsageError: a folder or the file is not there, holds no checkout, or there is none at all.
    """
    folders: dict[str, None] = {}
    for text in [*named, *(_lines(listed) if listed is not None else ())]:
        for folder in _of(text):
            folders[os.path.realpath(folder)] = None
    if not folders:
        raise UsageError("no repository is named: give the folders of checkouts, or --from FILE")
    names = _names(list(folders))
    found = [Repository(storable(names[folder]), folder) for folder in folders]
    return sorted(found, key=lambda one: one.name)


def _lines(listed: str) -> list[str]:
    """The folders of a file, relative to its own; empty lines and comments (`#`) are passed over.

    Raises:
        UsageError: it cannot be read.
    """
    path = Path(listed)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"the list of repositories cannot be read: {why}", listed) from None
    lines = (line.strip() for line in text.split("\n"))
    return [str(path.parent / line) for line in lines if line and not line.startswith("#")]


def _of(text: str) -> list[str]:
    """The checkouts that a folder stands for.

    Raises:
        UsageError: it is not there, or neither a checkout nor a folder of some.
    """
    if not Path(text).is_dir():
        raise UsageError(f"the folder {text!r} does not exist")
    if _is_checkout(text):
        return [text]
    try:
        inner = sorted(entry.path for entry in os.scandir(text) if entry.is_dir(follow_symlinks=False))
    except OSError as error:
        raise UsageError(f"the folder {text!r} cannot be read: {error.strerror}") from None
    below = [path for path in inner if _is_checkout(path)]
    if not below:
        raise UsageError(f"{text!r} is no checkout of git, and none is right below it")
    return below


def _is_checkout(folder: str) -> bool:
    """A folder with a `.git`: a folder, or the file of a worktree or submodule."""
    return os.path.lexists(f"{folder}/.git")


def _names(folders: list[str]) -> dict[str, str]:
    """The shortest ends of paths that differ."""
    names = dict.fromkeys(folders, "")
    left = list(folders)
    for length in range(1, max(folder.count("/") for folder in folders) + 2):
        ends: dict[str, list[str]] = {}
        for folder in left:
            ends.setdefault("/".join(Path(folder).parts[-length:]).lstrip("/") or folder, []).append(folder)
        for end, same in ends.items():
            if len(same) == 1:
                names[same[0]] = end
        left = [folder for same in ends.values() if len(same) > 1 for folder in same]
        if not left:
            break
    return names
