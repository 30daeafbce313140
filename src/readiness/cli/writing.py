"""Writing: reports to standard output or, whole or not at all, to a file; complaints to standard error."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from readiness.errors import UsageError
from readiness.outputs.terminal import Painter, clean


def to_stdout(text: str) -> None:
    """Write text to standard output as UTF-8, or as the terminal wants it; a closed pipe is no error.

    Raises:
        UsageError: standard output cannot be written (a full disk).
    """
    stream = sys.stdout
    encoding = stream.encoding if stream.isatty() else "utf-8"
    try:
        stream.flush()
        stream.buffer.write(text.encode(encoding or "utf-8", "backslashreplace"))
        stream.buffer.flush()
    except BrokenPipeError:
        # Python flushes standard output once more at its end, and would complain then.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except OSError as error:
        raise UsageError(f"standard output cannot be written: {error.strerror or error}") from None


def to_file(target: str, text: str) -> None:
    """Write a whole file or nothing: a reader never sees half a report.

    Raises:
        UsageError: the file cannot be written.
    """
    raw = text.encode("utf-8", "backslashreplace")
    path = Path(target)
    try:
        if path.exists() and not path.is_file():
            # A pipe or device is written to, never replaced.
            with path.open("wb") as stream:
                stream.write(raw)
            return
        _replace(path.resolve(), raw)
    except OSError as error:
        raise UsageError(f"{target!r} cannot be written: {error.strerror or error}") from None


def _replace(path: Path, raw: bytes) -> None:
    from tempfile import mkstemp

    handle, name = mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(raw)
        Path(name).chmod(_mode(path))
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _mode(path: Path) -> int:
    """The permissions of a file, or those that a new one gets."""
    with suppress(OSError):
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def writable_target(target: str) -> None:
    """Refuse early what could only fail after a long run.

    Raises:
        UsageError: the folder of the file does not exist, or the file is a folder.
    """
    path = Path(target)
    if path.is_dir():
        raise UsageError(f"{target!r} is a folder: the report needs a file name")
    if not path.parent.is_dir():
        raise UsageError(
            f"the folder {str(path.parent)!r} does not exist: {target!r} cannot be written there"
        )


def wants_color(choice: str, to_terminal: bool) -> bool:
    """Whether to colour, from `--color`, else `NO_COLOR`, else `FORCE_COLOR`, else the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR")
    if forced:
        return forced not in ("0", "false")
    return to_terminal and os.environ.get("TERM") != "dumb"


def terminal_width(to_terminal: bool) -> int:
    """Cells of a line: those of the terminal, or 100 where the text goes elsewhere."""
    if not to_terminal:
        return 100
    from shutil import get_terminal_size

    return max(get_terminal_size((100, 24)).columns, 40)


def complain(message: str, label: str = "error") -> None:
    """Write one line to standard error."""
    stream = sys.stderr
    paint = Painter(wants_color("auto", stream.isatty()))
    # The label "help" goes with an error that has just been named.
    codes = "1;36" if label == "help" else "1;31"
    line = f"{paint(f'{label}:', codes)} {clean(message)}\n"
    with suppress(OSError):
        stream.write(
            line.encode(stream.encoding or "utf-8", "backslashreplace").decode(stream.encoding or "utf-8")
        )
        stream.flush()
