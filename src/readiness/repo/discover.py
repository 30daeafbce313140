"""Which files to read: by name for Terraform, by name and later by content for YAML and JSON."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct, field

from readiness.config.settings import FILE, TOML_FILE
from readiness.errors import SourceError, UsageError
from readiness.repo.ignored import IGNORE_FILE, Ignores, Specs, is_named, read_spec

HCL_ENDS = (".tf", ".tofu", ".tfvars")
HCL_JSON_ENDS = (".tf.json", ".tofu.json", ".tfvars.json")
DATA_ENDS = (".yaml", ".yml", ".json")
SKIPPED_FOLDERS = frozenset(
    {".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", "node_modules", "__pycache__", ".venv", ".tox"}
)
"""Folders that never hold what a team declares: version control, downloads, environments."""

SETTINGS = (FILE, TOML_FILE)
"""Files that may hold settings for the folder that they lie in."""


class FoundFile(Struct, frozen=True):
    """A file to read: the path that users see, the real one, and its kind by name.

    `kind` is `hcl`, `hcl-json` or `data` (YAML or JSON, told by content).  `context` marks a
    file that is read for its values only: nothing is reported on it.
    """

    shown: str
    path: Path
    kind: str
    context: bool = False


class Discovery(Struct):
    """The files of a run, and what could not be looked at.

    `settings` are the folders that may hold settings, as users see them: those with a file of that name.
    """

    files: list[FoundFile] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)


def kind_of(name: str) -> str | None:
    """The kind of a file by its name, or None if it is not ours to read.

    Terraform passes over the hidden files and backups of its folders, and so do we.
    """
    if name.startswith(".") and name.endswith((*HCL_ENDS, *HCL_JSON_ENDS)):
        return None
    if name.endswith(HCL_JSON_ENDS):
        return "hcl-json"
    if name.endswith(HCL_ENDS):
        return "hcl"
    return "data" if name.endswith(DATA_ENDS) else None


def discover(paths: Iterable[str], base: Path, ignoring: bool = True) -> Discovery:
    """Find the files below `paths`; shown paths are relative to `base` where they lie below it.

    Without `ignoring` the ignore files of the repository hide nothing.

    Raises:
        UsageError: a path does not exist.
    """
    result = Discovery()
    walker = _Walker(base, result, ignoring)
    for text in paths:
        path = Path(os.path.normpath(base / text))
        walker.above(path)
        if path.is_dir():
            walker.walk(path)
        elif path.is_file() or path.is_symlink():
            walker.single(path)
        elif path.exists():
            raise UsageError(f"the path {text!r} is neither a file nor a folder")
        else:
            raise UsageError(f"the path {text!r} does not exist")
    seen: dict[str, FoundFile] = {}
    for file in result.files:
        present = seen.get(file.shown)
        if present is None or (present.context and not file.context):
            seen[file.shown] = file
    result.files = sorted(seen.values(), key=lambda file: file.shown)
    result.settings = list(dict.fromkeys(result.settings))
    return result


def shown_path(path: Path, base: Path) -> str:
    """A path as users see it: relative to `base` where that is shorter, with `/`."""
    text, above = str(path), f"{base}{os.sep}"
    if text.startswith(above) and os.sep == "/":
        return text[len(above) :]
    try:
        return path.relative_to(base).as_posix() or "."
    except ValueError:
        return os.path.relpath(path, base).replace(os.sep, "/")


class _Folder(NamedTuple):
    """A folder to look at: its path, what is ignored in it, the one it was found in, its real path."""

    path: Path
    specs: Specs
    parent: _Folder | None
    real: str


def _upwards(folder: _Folder) -> Iterator[_Folder]:
    """A folder and those it was found in."""
    current: _Folder | None = folder
    while current is not None:
        yield current
        current = current.parent


def _is_below(path: str, folder: str) -> bool:
    """True for a folder itself and what is in it; both are real paths."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


class _Walker:
    """Walks folders, honouring .gitignore files and refusing symbolic link loops."""

    def __init__(self, base: Path, result: Discovery, ignoring: bool) -> None:
        self.base = base
        self.result = result
        self.ignoring = ignoring
        self.linked: set[str] = set()  # real folders that a link led to
        self.inside: list[str] = []  # real folders that a link may lead into
        self.top = ""  # the real folder that is walked
        self.waiting: list[_Folder] = []
        self.climbed: set[Path] = set()  # folders above those that were named

    def above(self, path: Path) -> None:
        """See whether folders above a path, up to the base or the root of the repository, hold settings."""
        for folder in path.parents:
            if folder in self.climbed or folder == self.base or self.base.is_relative_to(folder):
                return
            self.climbed.add(folder)
            if any((folder / name).is_file() for name in SETTINGS):
                self.result.settings.append(shown_path(folder, self.base))
            if (folder / ".git").exists():
                return

    def single(self, path: Path) -> None:
        """A file that was named: it is read whatever ignores it; its folder gives it context."""
        kind = kind_of(path.name) or "data"
        self.result.files.append(FoundFile(shown_path(path, self.base), path, kind))
        if kind == "data":
            return
        try:
            siblings = sorted(entry.name for entry in os.scandir(path.parent))
        except OSError:
            return
        for name in siblings:
            other = kind_of(name)
            sibling = path.parent / name
            if other in ("hcl", "hcl-json") and name != path.name and sibling.is_file():
                self.result.files.append(FoundFile(shown_path(sibling, self.base), sibling, other, True))

    def walk(self, folder: Path) -> None:
        """Everything below a folder."""
        repository = repository_root(folder)
        specs = Ignores().above(folder) if self.ignoring else []
        if is_named(str(folder), True, specs):
            specs = []  # the user asks for what the repository ignores
        self.top = os.path.realpath(folder)
        self.inside = [self.top, os.path.realpath(repository or self.base), os.path.realpath(self.base)]
        self.waiting = [_Folder(folder, specs, None, self.top)]
        while self.waiting:
            self._folder(self.waiting.pop())

    def _folder(self, current: _Folder) -> None:
        folder, specs = current.path, current.specs
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self._error(folder, f"the folder cannot be read: {error.strerror}")
            return
        names = {entry.name for entry in entries}
        if IGNORE_FILE in names and self.ignoring:
            spec = read_spec(folder / IGNORE_FILE)
            if spec is not None:
                specs = [*specs, (str(folder), spec)]
        if not names.isdisjoint(SETTINGS):
            self.result.settings.append(shown_path(folder, self.base))
        vendored = "charts" if "Chart.yaml" in names else None
        for entry in entries:
            if entry.name in SKIPPED_FOLDERS or entry.name == vendored:
                continue
            self._entry(current, entry, specs)

    def _entry(self, current: _Folder, entry: os.DirEntry[str], specs: Specs) -> None:
        path = current.path / entry.name
        try:
            if entry.is_symlink():
                self._link(current, path, specs)
            elif entry.is_dir():
                if not is_named(entry.path, True, specs):
                    self.waiting.append(_Folder(path, specs, current, f"{current.real}/{entry.name}"))
            elif entry.is_file():
                self._file(path, specs)
        except OSError as error:
            self._error(path, f"it cannot be looked at: {error.strerror}")

    def _file(self, path: Path, specs: Specs) -> None:
        kind = kind_of(path.name)
        if kind is not None and not is_named(str(path), False, specs):
            self.result.files.append(FoundFile(shown_path(path, self.base), path, kind))

    def _link(self, current: _Folder, path: Path, specs: Specs) -> None:
        """A symbolic link: it is followed where it leads to a place inside the repository.

        A folder that lies inside the walked one is walked anyway, and any other is followed once.
        """
        if is_named(str(path), path.is_dir(), specs):
            return
        ours = kind_of(path.name) in ("hcl", "hcl-json")
        try:
            target = os.path.realpath(path, strict=True)
            mode = Path(target).stat().st_mode
        except OSError as error:
            if error.errno == errno.ELOOP:
                self._error(path, "this symbolic link leads to itself")
            elif ours:
                self._error(path, "this symbolic link leads nowhere")
            return
        inside = any(_is_below(target, folder) for folder in self.inside)
        if stat.S_ISREG(mode):
            if inside:
                self._file(path, specs)
            elif ours:
                self._error(path, "this symbolic link leads out of the repository, so it is not followed")
        elif stat.S_ISDIR(mode):
            if any(folder.real == target for folder in _upwards(current)):
                self._error(path, "this symbolic link leads back to a folder above it")
            elif inside and not _is_below(target, self.top) and target not in self.linked:
                self.linked.add(target)
                self.waiting.append(_Folder(path, specs, current, target))

    def _error(self, path: Path, message: str) -> None:
        self.result.errors.append(SourceError(shown_path(path, self.base), 1, 1, message))


def repository_root(folder: Path) -> Path | None:
    """The nearest folder at or above that holds `.git`, or None."""
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    return None
