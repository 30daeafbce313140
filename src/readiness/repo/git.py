"""Running git on a repository that nobody trusts.

Whatever the configuration of the repository asks for, there is no network, hook, pager, signature, filter or
external program, and every call ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from readiness.errors import ReadinessError

SECONDS = 120.0
"""How long one call may take."""

_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.quotePath=false",
    "core.sshCommand=false",
    "core.untrackedCache=false",
    "diff.external=",
    "gc.auto=0",
    "log.showSignature=false",
    "protocol.allow=never",
)
# What git sets for hooks (`git rev-parse --local-env-vars`), but for its configuration: it may say which
# folders are safe.
_UNSET = (
    *("GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE"),
    *("GIT_PREFIX", "GIT_NAMESPACE", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE", "GIT_REPLACE_REF_BASE"),
    *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_EXTERNAL_DIFF", "GIT_TRACE"),
)
_SET = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


class GitError(ReadinessError):
    """git is not there, cannot be run, or says no; the text is the last line of what it said."""


class Git:
    """git in the repository at `root` (the folder that holds `.git`)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, *arguments: str, given: bytes | None = None) -> bytes:
        """What git prints.

        Raises:
            GitError: it fails, or takes too long.
        """
        try:
            done = subprocess.run(
                self.command(*arguments),
                cwd=self.root,
                env=self.environment(),
                input=given if given is not None else b"",
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except OSError as error:
            raise GitError(f"git cannot be run: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise GitError(f"git took more than {SECONDS:.0f} seconds") from None
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            if any("dubious ownership" in line for line in said):
                raise GitError(
                    f"git trusts no repository of another user: `git config --global --add safe.directory "
                    f"{self.root.as_posix()}` says that this one is safe"
                )
            raise GitError(said[-1] if said else f"git ended with status {done.returncode}")
        return done.stdout

    def text(self, *arguments: str) -> str:
        """What git prints, as text without the line break at its end."""
        return self.run(*arguments).decode("utf-8", "surrogateescape").rstrip("\n")

    def command(self, *arguments: str) -> list[str]:
        """The command line of a call.

        Raises:
            GitError: there is no git.
        """
        git = shutil.which("git")
        # Never one that is looked for in the working directory.
        if git is None or not Path(git).is_absolute():
            raise GitError("there is no git")
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        return [git, *settings, "--no-pager", "--no-optional-locks", *arguments]

    def environment(self) -> dict[str, str]:
        """The environment of a call."""
        kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
        # A `.git` that is none must not lead git to a repository above.
        return kept | _SET | {"GIT_CEILING_DIRECTORIES": str(self.root.parent)}
