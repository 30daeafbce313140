"""When files of a repository last changed, as its local history says.

One `git log` answers for all documents.  It ends after a few seconds; what it has not told by then is not
known.
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterable
from pathlib import Path

from readiness.repo.git import Git, GitError

SECONDS = 5.0
"""How long history is read."""

_OPTIONS = ("log", "--no-renames", "--no-ext-diff", "--no-textconv", "--name-only", "--format=%x01%ct")
_SUFFIXES = ("md", "markdown", "mdx", "mkd", "adoc", "asciidoc", "asc", "rst", "txt", "html", "htm")


class History:
    """The last commits of the documents of a repository; read when it is first asked for one."""

    def __init__(self, root: Path, seconds: float = SECONDS) -> None:
        self.root = root
        self.seconds = seconds
        self.why = ""  # why nothing is known
        self._changed: dict[str, datetime.date] | None = None

    def changed(self, path: str) -> datetime.date | None:
        """The day (UTC) of the last commit that changed a file, by its path from the root, if it is known."""
        if self._changed is None:
            self._changed = self._read()
        return self._changed.get(path)

    def _read(self) -> dict[str, datetime.date]:
        if not (self.root / ".git").is_dir():
            self.why = "there is no history of git here"
            return {}
        if (self.root / ".git" / "shallow").exists():
            self.why = "the history of git is shallow"
            return {}
        import subprocess

        git = Git(self.root)
        try:
            command = git.command(*_OPTIONS, "--", *(f":(top,icase,glob)**/*.{end}" for end in _SUFFIXES))
        except GitError:
            self.why = "there is no git to read the history"
            return {}
        try:
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env=git.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                errors="replace",
            )
        except OSError:
            self.why = "git cannot be run"
            return {}
        timer = threading.Timer(self.seconds, process.kill)
        timer.start()
        try:
            with process:
                found = _parse(process.stdout or ())
        finally:
            timer.cancel()
        self.why = "git knows no commit of it"
        return found


def _parse(lines: Iterable[str]) -> dict[str, datetime.date]:
    """Names below the times of their commits, newest first, to the last day of each name."""
    found: dict[str, datetime.date] = {}
    day: datetime.date | None = None
    for line in lines:
        text = line.rstrip("\n")
        if text.startswith("\x01"):
            day = _day(text[1:])
        elif text and day is not None:
            found.setdefault(text, day)
    return found


def _day(seconds: str) -> datetime.date | None:
    try:
        return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC).date()
    except (ValueError, OverflowError, OSError):
        return None
