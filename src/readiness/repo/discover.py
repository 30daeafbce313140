"""Which files to read: by name for Terraform, by name and later by content for YAML and JSON."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from readiness.errors import SourceError, UsageError

HCL_ENDS = (".tf", ".tofu", ".tfvars")
HCL_JSON_ENDS = (".tf.json", ".tofu.json", ".tfvars.json")
DATA_ENDS = (".yaml", ".yml", ".json")
SKIPPED_FOLDERS = frozenset(
    {".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", "node_modules", "__pycache__", ".venv", ".tox"}
)
"""Folders that never hold what a team declares: version control, downloads, environments."""


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
    """The files of a run, and what could not be looked at."""

    files: list[FoundFile] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)


def kind_of(name: str) -> str | None:
    """The kind of a file by its name, or None if it is not ours to read."""
    if name.endswith(HCL_JSON_ENDS):
        return "hcl-json"
    if name.endswith(HCL_ENDS):
        return "hcl"
    return "data" if name.endswith(DATA_ENDS) else None


def discover(paths: Iterable[str], base: Path) -> Discovery:
    """Find the files below `paths`; shown paths are relative to `base` where they lie below it.

    Raises:
        UsageError: a path does not exist.
    """
    result = Discovery()
    walker = _Walker(base, result)
    for text in paths:
        path = Path(os.path.normpath(text if os.path.isabs(text) else base / text))
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
    return result


def shown_path(path: Path, base: Path) -> str:
    """A path as users see it: relative to `base` where that is shorter, with `/`."""
    try:
        return path.relative_to(base).as_posix() or "."
    except ValueError:
        return os.path.relpath(path, base).replace(os.sep, "/")


class _Walker:
    """Walks folders, honouring .gitignore files and refusing symbolic link loops."""

    def __init__(self, base: Path, result: Discovery) -> None:
        self.base = base
        self.result = result

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
            if other in ("hcl", "hcl-json") and name != path.name:
                sibling = path.parent / name
                self.result.files.append(FoundFile(shown_path(sibling, self.base), sibling, other, True))

    def walk(self, folder: Path) -> None:
        """Everything below a folder."""
        top = repository_root(folder)
        specs = list(_parent_specs(top, folder)) if top is not None else []
        self._folder(folder, specs, {os.path.realpath(folder)})

    def _folder(self, folder: Path, specs: list[tuple[str, Any]], above: set[str]) -> None:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self._error(folder, f"the folder cannot be read: {error.strerror}")
            return
        names = {entry.name for entry in entries}
        if ".gitignore" in names:
            spec = _read_spec(folder / ".gitignore")
            if spec is not None:
                specs = [*specs, (str(folder), spec)]
        vendored = "charts" if "Chart.yaml" in names else None
        for entry in entries:
            if entry.name in SKIPPED_FOLDERS or entry.name == vendored:
                continue
            self._entry(folder, entry, specs, above)

    def _entry(
        self, folder: Path, entry: os.DirEntry[str], specs: list[tuple[str, Any]], above: set[str]
    ) -> None:
        path = folder / entry.name
        try:
            if entry.is_symlink():
                self._link(path, specs, above)
            elif entry.is_dir():
                if not _ignored(entry.path, True, specs):
                    self._folder(path, specs, above | {os.path.realpath(path)})
            elif entry.is_file():
                self._file(path, specs)
        except OSError as error:
            self._error(path, f"it cannot be looked at: {error.strerror}")

    def _file(self, path: Path, specs: list[tuple[str, Any]]) -> None:
        kind = kind_of(path.name)
        if kind is not None and not _ignored(str(path), False, specs):
            self.result.files.append(FoundFile(shown_path(path, self.base), path, kind))

    def _link(self, path: Path, specs: list[tuple[str, Any]], above: set[str]) -> None:
        """A symbolic link: files and folders inside the checked tree are followed, once."""
        if _ignored(str(path), path.is_dir(), specs):
            return
        try:
            target = os.path.realpath(path, strict=True)
            mode = os.stat(target).st_mode
        except OSError as error:
            if error.errno == 40 or "loop" in str(error).lower() or "Too many levels" in str(error):
                self._error(path, "this symbolic link leads to itself")
            elif kind_of(path.name) in ("hcl", "hcl-json"):
                self._error(path, "this symbolic link leads nowhere")
            return
        if stat.S_ISDIR(mode):
            if target in above:
                self._error(path, "this symbolic link leads back to a folder above it")
            elif Path(target).is_relative_to(os.path.realpath(self.base)):
                self._folder(path, specs, above | {target})
        elif stat.S_ISREG(mode):
            self._file(path, specs)

    def _error(self, path: Path, message: str) -> None:
        self.result.errors.append(SourceError(shown_path(path, self.base), 1, 1, message))


def repository_root(folder: Path) -> Path | None:
    """The nearest folder at or above that holds `.git`, or None."""
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    return None


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
    from pathspec import GitIgnoreSpec

    try:
        if not path.is_file() or path.stat().st_size > _SPEC_LIMIT:
            return None
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    kept = [line for line in lines if line.strip() and not line.startswith("#")]
    return GitIgnoreSpec.from_lines(kept) if kept else None


def _ignored(path: str, folder: bool, specs: list[tuple[str, Any]]) -> bool:
    """True if the innermost ignore file that says anything about the path ignores it."""
    for base, spec in reversed(specs):
        relative = os.path.relpath(path, base).replace(os.sep, "/") + ("/" if folder else "")
        verdict = spec.check_file(relative).include
        if verdict is not None:
            return bool(verdict)
    return False
