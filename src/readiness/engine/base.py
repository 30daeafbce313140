"""What a base revision gave: its findings and resources, worked out beside the run or kept by a cache."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct, field

from readiness.engine.forked import POSSIBLE, Forked
from readiness.engine.model import Finding
from readiness.errors import SourceError, UsageError
from readiness.estate.kept import Kept
from readiness.repo.discover import shown_path
from readiness.repo.git import Git, GitError
from readiness.repo.revision import Revision, renamed
from readiness.repo.snapshot import files_of
from readiness.sources.cache import Cache, key_of
from readiness.sources.store import cache_folder


class BaseOutcome(Struct):
    """What a run on a base revision found; `refused` is why there was none."""

    findings: list[Finding] = field(default_factory=list)
    resources: list[Kept] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    refused: str = ""


Look = Callable[[Path, list[str]], BaseOutcome]
"""Checks paths below a folder, in which the shown paths begin."""


class Base:
    """A run on a base revision: begun when made, waited for when asked for its outcome.

    `paths` are those of the run, which begins at `folder`; `key` says what the outcome depends on beside the
    files of the revision.
    """

    def __init__(
        self, revision: Revision, folder: Path, paths: Sequence[str], look: Look, key: str, cached: bool
    ) -> None:
        self.revision = revision
        self._folder = Path(os.path.realpath(folder))
        self._paths = [_relative(path, self._folder) for path in paths]
        self._look = look
        self._store = Cache(cache_folder() if cached else None)
        self._key = key_of("base", "\0".join((revision.commit, self._installed(), *self._paths, key)))
        self._known = self._store.get([self._key]).get(self._key)
        self._forked: Forked | None = None
        if self._known is None and POSSIBLE and (os.cpu_count() or 1) > 1:
            try:
                self._forked = Forked(self._work)
            except OSError:
                self._forked = None

    def outcome(self) -> BaseOutcome:
        """What was found in the base.

        Raises:
            UsageError: it could not be looked at.
        """
        data = self._known
        if data is None and self._forked is not None:
            data = self._forked.result()
        if data is None:
            data = self._work()
        outcome = msgspec.msgpack.decode(zlib.decompress(data), type=BaseOutcome)
        if outcome.refused:
            raise UsageError(f"the base revision {self.revision.name!r} cannot be checked: {outcome.refused}")
        if self._known is None:
            self._store.put({self._key: data})
            self._known = data
        self._store.close()
        return outcome

    def text(self, path: str) -> str | None:
        """The text that a file had in the base, by its path as it is shown; None where it had none."""
        place = Path(os.path.normpath(self._folder / path))
        if not place.is_relative_to(self.revision.root):
            return None
        inner = place.relative_to(self.revision.root).as_posix()
        try:
            content = Git(self.revision.root).run("cat-file", "blob", f"{self.revision.commit}:{inner}")
        except GitError:
            return None
        return content.decode("utf-8", "replace")

    def renames(self) -> dict[str, str]:
        """The shown paths of files by the one that they had in the base."""
        root, folder = self.revision.root, self._folder
        return {
            shown_path(root / old, folder): shown_path(root / new, folder)
            for old, new in renamed(self.revision).items()
        }

    def _work(self) -> bytes:
        try:
            with files_of(self.revision) as top:
                folder = top / self._folder.relative_to(self.revision.root)
                folder.mkdir(parents=True, exist_ok=True)
                paths = [path for path in self._paths if os.path.lexists(folder / path)]
                outcome = self._look(folder, paths) if paths else BaseOutcome()
        except UsageError as error:
            outcome = BaseOutcome(refused=str(error))
        return zlib.compress(msgspec.msgpack.encode(outcome), 1)

    def _installed(self) -> str:
        """What tells installed modules apart, which are no part of the revision."""
        found = []
        for current, folders, _ in os.walk(self.revision.root):
            if ".terraform" in folders:
                listing = Path(current, ".terraform", "modules", "modules.json")
                if listing.is_file():
                    state = listing.stat()
                    found.append(f"{listing}:{state.st_size}:{state.st_mtime_ns}")
            folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
        return "\n".join(sorted(found))


def _relative(path: str, folder: Path) -> str:
    return os.path.relpath(path, folder) if Path(path).is_absolute() else path
