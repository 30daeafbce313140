"""What a base revision gave: its findings and resources, worked out beside the run or kept by a cache."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
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

_FORMAT = 2  # of what is kept


class BaseOutcome(Struct):
    """What a run on a base revision found; `refused` is why there was none.

    `homes` are the roots that there were, each with the environments that it was evaluated for.
    """

    findings: list[Finding] = field(default_factory=list)
    resources: list[Kept] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    refused: str = ""
    homes: list[tuple[str, str]] = field(default_factory=list)


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
        found = (_relative(path, self._folder, revision.root) for path in paths)
        self._paths = [path for path in found if path is not None]
        self._look = look
        self._store = Cache(cache_folder() if cached else None)
        inside = self._folder.relative_to(revision.root).as_posix()
        parts = (revision.commit, inside, self._installed(), *self._paths, key)
        self._key = key_of("base", f"{_FORMAT}\0" + "\0".join(parts))
        self._known = self._store.get([self._key]).get(self._key)
        self._forked: Forked | None = None
        if self._known is None and POSSIBLE and (os.cpu_count() or 1) > 1:
            try:
                self._forked = Forked(lambda: _encoded(self._work()))
            except OSError:
                self._forked = None

    def outcome(self) -> BaseOutcome:
        """What was found in the base.

        Raises:
            UsageError: it could not be looked at.
        """
        found = _decoded(self._known)
        if found is None:
            data = None if self._forked is None else self._forked.result()
            self._forked = None
            found = _decoded(data)
            if found is None:
                data, found = None, self._work()
            if not found.refused:
                self._keep(found, data)
        if found.refused:
            raise UsageError(f"the base revision {self.revision.name!r} cannot be checked: {found.refused}")
        self._store.close()
        return found

    def _keep(self, outcome: BaseOutcome, data: bytes | None) -> None:
        """Put an outcome into the cache; one that no text can be made of (names of files) is not kept."""
        with suppress(UnicodeEncodeError):
            self._known = _encoded(outcome) if data is None else data
            self._store.put({self._key: self._known})

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

    def _work(self) -> BaseOutcome:
        try:
            with files_of(self.revision) as top:
                folder = top / self._folder.relative_to(self.revision.root)
                folder.mkdir(parents=True, exist_ok=True)
                paths = [path for path in self._paths if os.path.lexists(folder / path)]
                return self._look(folder, paths) if paths else BaseOutcome()
        except UsageError as error:
            return BaseOutcome(refused=str(error))

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


def _encoded(outcome: BaseOutcome) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(outcome), 1)


def _decoded(data: bytes | None) -> BaseOutcome | None:
    """An outcome as it was encoded; None for what is none."""
    if data is None:
        return None
    try:
        return msgspec.msgpack.decode(zlib.decompress(data), type=BaseOutcome)
    except (zlib.error, msgspec.MsgspecError):
        return None


def _relative(path: str, folder: Path, root: Path) -> str | None:
    """A path from a folder; None for one that leads out of the repository, of which none has a revision."""
    for full in (os.path.normpath(folder / path), os.path.realpath(folder / path)):
        if Path(full).is_relative_to(root):
            return os.path.relpath(full, folder) if Path(path).is_absolute() else path
    return None
