"""Fixed texts to disk: each file whole or not at all, and none that changed since it was read."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp

from readiness.errors import SourceError
from readiness.fixes.model import Fixed


def write(fixed: Fixed, base: Path | None = None) -> list[SourceError]:
    """Write what fixes changed; gives what could not be written, in the order of paths.

    Paths are relative to `base` (default: the working directory).  A link is followed: what it leads to is
    written.  Owner, group and permissions stay where the system lets them.
    """
    errors = []
    for path in sorted(fixed.texts):
        try:
            _replace((base or Path.cwd()) / path, fixed.was[path], fixed.texts[path])
        except _ChangedError:
            message = "the file changed while it was being fixed, so it is left as it is: run it again"
            errors.append(SourceError(path, 1, 1, message))
        except OSError as error:
            message = f"the fixed file cannot be written, so it is left as it is: {error.strerror or error}"
            errors.append(SourceError(path, 1, 1, message))
    return errors


class _ChangedError(Exception):
    """A file is not what was read."""


def _replace(path: Path, was: str, text: str) -> None:
    real = Path(os.path.realpath(path))
    if not os.access(real, os.W_OK) and real.exists():
        raise PermissionError(13, "Permission denied")
    old = real.stat()
    handle, name = mkstemp(dir=real.parent, prefix=f".{real.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(OSError, AttributeError):
            os.chown(name, old.st_uid, old.st_gid)
        Path(name).chmod(stat.S_IMODE(old.st_mode))
        if real.read_bytes() != was.encode("utf-8"):
            raise _ChangedError
        Path(name).replace(real)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
