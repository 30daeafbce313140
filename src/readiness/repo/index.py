"""What the index of git remembers of files: those that nobody touched since need not be read again."""

from __future__ import annotations

import os
import re
import stat

from msgspec import Struct

from readiness.repo.git import Git, GitError

# Git calls this form one for manual inspection that may change: nothing is remembered then.
# https://git-scm.com/docs/git-ls-files#Documentation/git-ls-files.txt---debug
_ENTRY = re.compile(
    rb"\d+ ([0-9a-f]+) 0\t([^\0]*)\0  ctime: \d+:\d+\n  mtime: (\d+):(\d+)\n"
    rb"  dev: \d+\tino: \d+\n  uid: \d+\tgid: \d+\n  size: (\d+)\tflags: [0-9a-f]+\n"
)


class Index(Struct):
    """The blobs of files by their path from the root, with their time of change (ns) and size (bytes).

    `at` is when the index was written: a file that changed since may have the same time and size.
    """

    entries: dict[str, tuple[str, int, int]]
    at: int

    def blob_of(self, place: str, path: str) -> str:
        """The blob of a file that is as it was when git looked at it; "" where that is not certain.

        `place` is its path from the root, `path` the one on the disk.
        """
        entry = self.entries.get(place)
        if entry is None:
            return ""
        try:
            found = os.lstat(path)
        except OSError:
            return ""
        blob, time, size = entry
        same = stat.S_ISREG(found.st_mode) and (found.st_mtime_ns, found.st_size) == (time, size)
        # https://git-scm.com/docs/racy-git
        return blob if same and time < self.at else ""


def read_index(git: Git) -> Index:
    """The index of a repository; one without entries where git cannot list them."""
    try:
        listing = git.run("ls-files", "--stage", "--debug", "-z")
        file = os.path.join(git.root, git.text("rev-parse", "--git-path", "index"))  # noqa: PTH118
        at = os.stat(file).st_mtime_ns  # noqa: PTH116
    except (GitError, OSError):
        return Index({}, 0)
    return Index(
        {
            os.fsdecode(place): (blob.decode(), int(seconds) * 10**9 + int(rest), int(size))
            for blob, place, seconds, rest, size in _ENTRY.findall(listing)
        },
        at,
    )
