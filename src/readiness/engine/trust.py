"""A revision that a gate trusts: settings, packs and exceptions are its own, whatever a change makes of them.

What is checked is the working directory, as always.  Where a change brings its own settings, waivers,
baseline, lock file or packs, those of the revision hold (its tip: a stranger chooses where a branch begins),
requests in place count where the revision has them too, and ignore files hide nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from readiness.config.packages import PREFIX
from readiness.errors import UsageError
from readiness.repo.git import GitError
from readiness.repo.revision import Revision, began, find_tip, renamed
from readiness.repo.snapshot import add_files, files_of, some_files_of
from readiness.repo.tree_of import LINK, Entry, Tree

if TYPE_CHECKING:
    from readiness.engine.settings import Settings

OPTION = "--trust-base"
ENDS = (".yaml", ".yml", ".json", ".toml", ".lock")
"""How files are called that settings may extend; those that are named otherwise may have any name."""

_LARGEST = 10_000_000  # bytes of a file that is brought unasked
_TEXT_LIMIT = 200_000_000  # bytes of a file of the working directory that is compared
T = TypeVar("T")


class Trust:
    """A revision that is trusted, with its files; `folder` stands for the working directory.

    Paths are as users see them, relative to the working directory; places are from the root of the
    repository, and `inside` is one in the working directory.  With `silent` nothing is told of what the
    change alters, as for the other side of a comparison.  `config` is the file in place of settings, if any.
    """

    def __init__(self, revision: Revision, tree: Tree, top: Path, silent: bool = False) -> None:
        self.revision = revision
        self.silent = silent
        self.config: str | None = None
        self._tree = tree
        self._top = top
        self._here = Path(os.path.realpath(Path.cwd()))
        here = self._here.relative_to(revision.root)
        self.folder = top / here
        self.inside = (here / "-").as_posix()

    def __str__(self) -> str:
        """What makes two of them the same, whatever folder the files are in."""
        return f"trust {self.revision.commit}"

    @property
    def name(self) -> str:
        """The revision as the user calls it."""
        return self.revision.name

    def silenced(self) -> Trust:
        """The same, which tells nothing of what is altered."""
        return Trust(self.revision, self._tree, self._top, silent=True)

    def named(self, path: str) -> str:
        """A path of the command line or of settings, relative where it lies in the repository.

        One that leads out of it is absolute: it is read where it is.  What decides is where the path enters
        the repository; links inside belong to the change.
        """
        if path.startswith(PREFIX):
            return path
        full = os.path.normpath(self._here / path)
        way = [Path(full), *Path(full).parents][::-1]
        for place in way:
            real = Path(os.path.realpath(place))
            if real.is_relative_to(self.revision.root):
                inside = real / os.path.relpath(full, place)
                return os.path.relpath(os.path.normpath(inside), self._here).replace(os.sep, "/")
        return full

    def asked(self, config: str | None, given: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
        """What options name, by the names of `Settings`, as files of the revision; `config` are settings.

        Raises:
            UsageError: the revision has not got one of them.
        """
        given = dict(given)
        if given.get("baseline"):
            given["baseline"] = self._brought(given["baseline"], "--baseline")
        if "waivers" in given:
            given["waivers"] = tuple(self._brought(path, "--waivers") for path in given["waivers"])
        if "policies" in given:
            given["policies"] = tuple(map(self.named, given["policies"]))
        self.config = None if config is None else self._brought(config, "--config")
        return self.config, given

    def _brought(self, path: str, option: str) -> str:
        """Have a file that `option` of the command line names, and give its path as it is read.

        Raises:
            UsageError: it is a file of the repository, and the revision has none there.
        """
        name = self.named(path) if path else path
        if not path or os.path.isabs(name):  # noqa: PTH117 - a path as users see it
            return name
        entry = self._asked(lambda: self._tree.find(self.place(name) or ""))
        if entry is None:
            raise UsageError(f"{option}: {path!r} is not in {self.name!r}, whose files count with {OPTION}")
        self._add(name)
        return name

    def _add_all(self, paths: Iterable[str]) -> None:
        for path in paths:
            if path and not os.path.isabs(path):  # noqa: PTH117
                self._add(path)

    def _add(self, path: str) -> None:
        place = self.place(path)
        entry = None if place is None else self._asked(lambda: self._tree.find(place))
        if entry is not None and not os.path.lexists(self._top / entry.path):
            add_files(self.revision, [entry], self._top)

    def take(self, settings: Settings) -> None:
        """Make settings those of this revision; they were read below its folder.

        Raises:
            UsageError: they extend a file of the working directory, by an absolute path.
        """
        cascade = settings.cascade
        for group in () if cascade is None else cascade.groups:
            for path in group.extended:
                if os.path.isabs(path) and self.named(path) != path:  # noqa: PTH117
                    message = f"extends: {path!r} is a file of the change: {OPTION} needs a relative path"
                    raise UsageError(message, group.file.path)
        settings.trust = self

        def own(path: str) -> str:
            return self.named(path) if os.path.isabs(path) else path  # noqa: PTH117

        settings.policies = tuple(map(own, settings.policies))
        settings.waivers = tuple(map(own, settings.waivers))
        settings.baseline = own(settings.baseline)
        self._add_all([*settings.waivers, settings.baseline])

    def place(self, path: str) -> str | None:
        """A path from the root of the repository; None where it leads out of it."""
        full = Path(os.path.normpath(self._here / path))
        root = self.revision.root
        return full.relative_to(root).as_posix() if full.is_relative_to(root) else None

    def shown(self, place: str) -> str:
        """A path from the root as users see it."""
        return os.path.relpath(self.revision.root / place, self._here).replace(os.sep, "/")

    def places(self) -> list[str]:
        """Every file of the revision, from the root."""
        return list(self._asked(lambda: self._tree.entries))

    @contextmanager
    def everything(self) -> Iterator[Path]:
        """A folder with all files of the revision, as one stands for the working directory; gone afterwards.

        Raises:
            UsageError: git cannot give them, or there is no room for them.
        """
        with files_of(self.revision) as top:
            folder = top / self.folder.relative_to(self._top)
            folder.mkdir(parents=True, exist_ok=True)
            yield folder

    def was(self, path: str) -> str | None:
        """The text that the revision has at a path; None where it has none."""
        return self._text(self._tree, path)

    def source(self, path: str) -> str | None:
        """The same for a source, which may have had another name."""
        place = self.place(path)
        text = self.was(path)
        if text is None and place is not None and place in self._names:
            text = self.was(self.shown(self._names[place]))
        return text

    def now(self, path: str) -> str | None:
        """The text that the change has at a path; None where it has none, "" where it cannot be read."""
        full = self._here / path
        if not os.path.lexists(full):
            return None
        real = Path(os.path.realpath(full))
        try:
            if not real.is_relative_to(self.revision.root) or not real.is_file():
                return ""
            return plain_text(real.read_bytes()) if real.stat().st_size <= _TEXT_LIMIT else ""
        except OSError:
            return ""

    def touched(self, path: str) -> bool:
        """Whether the change makes something else of a file: it has neither what the revision has, nor what
        was there where the change began."""
        now = self.now(path)
        if now == self.was(path):
            return False
        return self._start is None or now != self._text(self._start, path)

    def _text(self, tree: Tree, path: str) -> str | None:
        place = self.place(path)
        if place is None:
            return None
        entry = self._asked(lambda: tree.find(place))
        return None if entry is None else plain_text(self._asked(lambda: tree.content(entry)))

    @cached_property
    def _start(self) -> Tree | None:
        start = began(self.revision)
        return None if start is None else Tree(start.root, start.commit)

    @cached_property
    def _names(self) -> dict[str, str]:
        """What files of the change were called in the revision, from the root."""
        return {new: old for old, new in renamed(self.revision).items()}

    def _asked(self, question: Callable[[], T]) -> T:
        try:
            return question()
        except GitError as error:
            raise UsageError(f"{OPTION}: {self.name!r} cannot be read: {error}") from None


def plain_text(raw: bytes) -> str:
    """A text as it is compared: line breaks and a byte order mark make no difference."""
    return raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")


@contextmanager
def trusted(name: str) -> Iterator[Trust]:
    """The tip of a revision that a branch, tag or commit names, for as long as it is used.

    Raises:
        UsageError: there is no repository or no such revision, or git cannot give its files.
    """
    revision = find_tip(Path.cwd(), name, OPTION)
    tree = Tree(revision.root, revision.commit)
    try:
        wanted = [entry for entry in tree.entries.values() if _is_wanted(entry)]
    except GitError as error:
        raise UsageError(f"{OPTION}: {name!r} cannot be read: {error}") from None
    with some_files_of(revision, wanted) as top:
        trust = Trust(revision, tree, top)
        try:
            trust.folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            raise UsageError(f"{OPTION}: the current folder is no folder in {name!r}") from None
        if not Path(os.path.realpath(trust.folder)).is_relative_to(top):
            raise UsageError(f"{OPTION}: the current folder is a link in {name!r}")
        yield trust


def _is_wanted(entry: Entry) -> bool:
    return entry.mode == LINK or (entry.path.endswith(ENDS) and entry.size <= _LARGEST)
