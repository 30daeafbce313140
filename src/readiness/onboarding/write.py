"""Writing a plan: every file whole or not at all, and nothing while one of them cannot be written."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from readiness.errors import UsageError
from readiness.onboarding.model import FileChange


def check_targets(root: Path, files: Sequence[FileChange]) -> None:
    """Refuse early what could not be written, or would be written somewhere else.

    Raises:
        UsageError: a path leads out of the repository or through a file, or may not be written.
    """
    top = Path(os.path.realpath(root))
    for change in files:
        path = root / change.path
        if path.is_symlink():
            raise UsageError("it is a symbolic link, which is not written to", change.path)
        if change.was is None and os.path.lexists(path):
            raise UsageError("something of that name is there that cannot be read as a text", change.path)
        folder = path.parent
        while not os.path.lexists(folder):
            folder = folder.parent
        real = Path(os.path.realpath(folder))
        if not real.is_relative_to(top):
            raise UsageError("its folder leads out of the repository, so nothing is written", change.path)
        if not real.is_dir():
            raise UsageError(f"{folder.name!r} is no folder", change.path)
        if not os.access(real, os.W_OK | os.X_OK):
            raise UsageError("its folder cannot be written to: permission denied", change.path)
        if os.path.lexists(path) and not os.access(path, os.W_OK):
            raise UsageError("it cannot be written to: permission denied", change.path)


def write(root: Path, files: Sequence[FileChange]) -> None:
    """Write the files of a plan: all are prepared beside their places before the first takes its own.

    Raises:
        UsageError: one of them cannot be written, or changed since it was read.
    """
    check_targets(root, files)
    prepared: list[tuple[FileChange, str]] = []
    folders: list[Path] = []
    done: list[str] = []
    at = ""
    try:
        for change in files:
            at = change.path
            folders += _folders(root / change.path)
            prepared.append((change, _prepare(root / change.path, change.text or "")))
        for change, name in prepared:
            at = change.path
            if _content(root / at) != change.was:
                raise UsageError(f"it changed meanwhile; {_told(done)}", at)
            Path(name).replace(root / at)
            done.append(at)
    except OSError as error:
        raise UsageError(f"it cannot be written: {error.strerror or error}; {_told(done)}", at) from None
    finally:
        for _, name in prepared:
            with suppress(OSError):
                Path(name).unlink()
        if not done:
            for folder in reversed(folders):
                with suppress(OSError):
                    folder.rmdir()


def _told(done: list[str]) -> str:
    return f"written were {', '.join(done)}" if done else "nothing was written"


def _folders(path: Path) -> list[Path]:
    """Make the folders of a path; gives those that were not there, outermost first."""
    missing: list[Path] = []
    folder = path.parent
    while not folder.exists():
        missing.insert(0, folder)
        folder = folder.parent
    for folder in missing:
        folder.mkdir()
    return missing


def _prepare(path: Path, text: str) -> str:
    """A file beside its place with the text that it will have; gives its name."""
    handle, name = mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(_mode(path))
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    return name


def _mode(path: Path) -> int:
    with suppress(OSError):
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _content(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8", "replace") if os.path.lexists(path) else None
