"""The files of a pack: which they are, and their texts; whatever else lies there is an error."""

from __future__ import annotations

import os
from pathlib import Path

from readiness.errors import UsageError

FILE_LIMIT = 10_000_000
"""Bytes of a manifest in a pack."""

POLICY_LIMIT = 1_000_000
"""Bytes of every other file of a pack."""

SUFFIXES = (".yaml", ".yml")


def policy_files(folder: Path) -> list[Path]:
    """The YAML files of a pack, in the order of their names; hidden files and folders are none of it.

    Links to folders are followed, to each folder once.

    Raises:
        UsageError: a folder cannot be read, or a YAML file is a pipe, a device or a link to nothing: what
            is not read must not look as if it held no policy.
    """
    if folder.is_file():
        return [folder]
    found: list[Path] = []
    left, seen = [folder], set()
    while left:
        here = left.pop()
        real = os.path.realpath(here)
        if real in seen:
            continue
        seen.add(real)
        for name in _names(here):
            path = here / name
            if os.path.isdir(path):  # noqa: PTH112 - that of pathlib raises where it may not look
                left.append(path)
            elif path.suffix in SUFFIXES:
                found.append(_checked(path))
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _names(folder: Path) -> list[str]:
    try:
        return sorted((path.name for path in folder.iterdir() if not path.name.startswith(".")), reverse=True)
    except OSError as error:
        raise UsageError(f"the folder cannot be read: {error.strerror}", folder.as_posix()) from None


def _checked(path: Path) -> Path:
    if os.path.isfile(path):  # noqa: PTH113
        return path
    what = (
        "it is a link to nothing" if path.is_symlink() else "a file is expected: a pipe or a device is none"
    )
    raise UsageError(what, path.as_posix())


def read_bytes(path: Path, name: str, limit: int = FILE_LIMIT) -> bytes:
    """The bytes of a file; `name` is the path that messages show.

    Raises:
        UsageError: it cannot be read, or is larger than `limit`.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except OSError as error:
        raise UsageError(f"it cannot be read: {error.strerror}", name) from None
    if len(raw) > limit:
        raise too_large(name, limit)
    return raw


def too_large(name: str, limit: int) -> UsageError:
    """That a file of a pack is larger than anybody writes one."""
    return UsageError(f"the file is too large: {limit // 1_000_000} MB is the most that is read", name, 1, 1)


def read_text(path: Path, name: str, limit: int = POLICY_LIMIT) -> str:
    """The text of a file of a pack; `name` is the path that messages show.

    Raises:
        UsageError: it cannot be read, is too large or is not UTF-8; with its place.
    """
    from readiness.config.document import decoded

    return decoded(read_bytes(path, name, limit), name)
