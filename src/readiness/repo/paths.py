"""Looking at paths that files name: such a path may be anything, and what can be no path leads nowhere."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def below(folder: str, name: str) -> str:
    """The path of something in a folder; what lies in the working directory (`.`) has no folder before it."""
    return name if folder == "." else f"{folder}/{name}"


def real_path(path: str | Path) -> Path | None:
    """A path with its links resolved; None for what can be no path (a NUL, half a character in it)."""
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return None


def kind_at(path: Path) -> str | None:
    """`file` or `folder`; None where there is neither, or nobody can look (a name that is too long)."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return None
    if stat.S_ISREG(mode):
        return "file"
    return "folder" if stat.S_ISDIR(mode) else None
