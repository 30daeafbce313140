"""Which files to read: by name for Terraform, by name and later by content for YAML and JSON."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct, field

from readiness.config.settings import FILE, TOML_FILE
from readiness.errors import SourceError, UsageError

HCL_ENDS = (".tf", ".tofu", ".tfvars")
HCL_JSON_ENDS = (".tf.json", ".tofu.json", ".tfvars.json")
DATA_ENDS = (".yaml", ".yml", ".json")
SKIPPED_FOLDERS = frozenset(
    {".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", "node_modules", "__pycache__", ".venv", ".tox"}
)
"""Folders that never hold what a team declares: version control, downloads, environments."""


IGNORE_FILE = ".gitignore"
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
    specs: list[tuple[str, Any]]
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
        specs = list(_parent_specs(repository, folder)) if repository is not None and self.ignoring else []
        if _ignored(str(folder), True, specs):
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
            spec = _read_spec(folder / ".gitignore")
            if spec is not None:
                specs = [*specs, (str(folder), spec)]
        if not names.isdisjoint(SETTINGS):
            self.result.settings.append(shown_path(folder, self.base))
        vendored = "charts" if "Chart.yaml" in names else None
        for entry in entries:
            if entry.name in SKIPPED_FOLDERS or entry.name == vendored:
                continue
            self._entry(current, entry, specs)

    def _entry(self, current: _Folder, entry: os.DirEntry[str], specs: list[tuple[str, Any]]) -> None:
        path = current.path / entry.name
        try:
            if entry.is_symlink():
                self._link(current, path, specs)
            elif entry.is_dir():
                if not _ignored(entry.path, True, specs):
                    self.waiting.append(_Folder(path, specs, current, f"{current.real}/{entry.name}"))
            elif entry.is_file():
                self._file(path, specs)
        except OSError as error:
            self._error(path, f"it cannot be looked at: {error.strerror}")

    def _file(self, path: Path, specs: list[tuple[str, Any]]) -> None:
        kind = kind_of(path.name)
        if kind is not None and not _ignored(str(path), False, specs):
            self.result.files.append(FoundFile(shown_path(path, self.base), path, kind))

    def _link(self, current: _Folder, path: Path, specs: list[tuple[str, Any]]) -> None:
        """A symbolic link: it is followed where it leads to a place inside the repository.

        A folder that lies inside the walked one is walked anyway, and any other is followed once.
        """
        if _ignored(str(path), path.is_dir(), specs):
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


def is_ignored(path: Path) -> bool:
    """True for a file that the ignore files of its repository name."""
    top = repository_root(path.parent)
    return top is not None and _ignored(str(path), False, list(_parent_specs(top, path)))


def is_ignored_among(texts: Mapping[str, str], place: str) -> bool:
    """The same for a repository whose files are texts by their paths from its root."""
    folders = ["", *(place[:at] for at, char in enumerate(place) if char == "/")]
    specs = [(folder, _spec(texts.get(f"{folder}/.gitignore".lstrip("/"), ""))) for folder in folders]
    return _ignored(place, False, [(folder, spec) for folder, spec in specs if spec is not None])


def ignored_of(places: Iterable[str], text_of: Callable[[str], str | None]) -> set[str]:
    """Those of some files that ignore files name, whose texts `text_of` gives; paths are from the root."""
    specs: dict[str, Any] = {}

    def spec_in(folder: str) -> Any:
        if folder not in specs:
            text = text_of(f"{folder}/{IGNORE_FILE}".lstrip("/"))
            specs[folder] = None if text is None else _spec(text)
        return specs[folder]

    found = set()
    for place in places:
        folders = ["", *(place[:at] for at, char in enumerate(place) if char == "/")]
        own = [(folder, spec) for folder in folders if (spec := spec_in(folder)) is not None]
        if _ignored(place, False, own):
            found.add(place)
    return found


def _parent_specs(top: Path, folder: Path) -> Iterator[tuple[str, Any]]:
    """The ignore files of the repository above a folder, outermost first."""
    exclude = top / ".git" / "info" / "exclude"
    if exclude.is_file():
        spec = _read_spec(exclude)
        if spec is not None:
            yield str(top), spec
    for parent in reversed(folder.parents):
        if parent.is_relative_to(top) and (parent / ".gitignore").is_file():
            spec = _read_spec(parent / ".gitignore")
            if spec is not None:
                yield str(parent), spec


_SPEC_LIMIT = 1_000_000  # bytes of an ignore file; a device or a pipe is none


def _read_spec(path: Path) -> Any:
    try:
        # As for git, a symbolic link is none either: https://git-scm.com/docs/gitignore#_notes
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _SPEC_LIMIT:
            return None
        return _spec(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None


def _spec(text: str) -> Any:
    """What an ignore file says; None where it says nothing."""
    lines = text.splitlines()
    kept = [line for line in lines if line.strip() and not line.startswith("#")]
    if not kept:
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(kept)
    except ValueError:
        # git passes over a line that is no pattern (`!` alone).
        return GitIgnoreSpec.from_lines([line for line in kept if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _ignored(path: str, folder: bool, specs: list[tuple[str, Any]]) -> bool:
    """True if the innermost ignore file that says anything about the path ignores it."""
    for base, spec in reversed(specs):
        if path == base:
            continue  # what a file says is about what lies below it
        relative = path[len(base) :].replace(os.sep, "/").lstrip("/") + ("/" if folder else "")
        verdict = spec.check_file(relative).include
        if verdict is not None:
            return bool(verdict)
    return False
