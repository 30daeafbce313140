"""The user's cache folder, and writing files so that nobody sees half of one."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def cache_folder() -> Path | None:
    """The folder for caches: `$READINESS_CACHE_DIR`, else the platform's user cache; None if off.

    It is never inside the checked tree: a pull request could otherwise bring a poisoned cache.
    """
    named = os.environ.get("READINESS_CACHE_DIR")
    if named is not None:
        return Path(named) if named else None
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    if base:
        return Path(base) / "readiness"
    try:
        return Path.home() / ".cache" / "readiness"
    except RuntimeError:
        return None


def write_atomic(target: Path, content: bytes) -> bool:
    """Write `content` to `target` through a temporary file; False where the folder is not writable."""
    import tempfile  # with what it brings, too slow for those who only read

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=target.name)
    except OSError:
        return False
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(target)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        return False
    return True
