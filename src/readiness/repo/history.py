"""When files of a repository last changed, as its local history says.

One `git log` answers for all documents.  It runs without network, hooks, pager, signatures and external
programs, whatever the configuration of the repository asks for, and ends after a few seconds; what it has
not told by then is not known.
"""

from __future__ import annotations

import datetime
import os
import threading
from collections.abc import Iterable
from pathlib import Path

SECONDS = 5.0
"""How long history is read."""

_SUFFIXES = ("md", "markdown", "mdx", "mkd", "adoc", "asciidoc", "asc", "rst", "txt", "html", "htm")
_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.quotePath=false",
    "core.sshCommand=false",
    "diff.external=",
    "gc.auto=0",
    "log.showSignature=false",
    "protocol.allow=never",
)
_UNSET = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_EXTERNAL_DIFF",
    "GIT_TRACE",
)
_SET = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


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
        import shutil
        import subprocess

        git = shutil.which("git")
        if (
            git is None or not Path(git).is_absolute()
        ):  # never one that is looked for in the working directory
            self.why = "there is no git to read the history"
            return {}
        try:
            process = subprocess.Popen(
                self._command(git),
                cwd=self.root,
                env=self._environment(),
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

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
        # A `.git` that is none must not lead git to a repository above.
        return kept | _SET | {"GIT_CEILING_DIRECTORIES": str(self.root.parent)}

    def _command(self, git: str) -> list[str]:
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        options = ["--no-renames", "--no-ext-diff", "--no-textconv", "--name-only", "--format=%x01%ct"]
        documents = [f":(top,icase,glob)**/*.{suffix}" for suffix in _SUFFIXES]
        return [git, *settings, "--no-pager", "--no-optional-locks", "log", *options, "--", *documents]


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
