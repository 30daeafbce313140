"""The files of the repository, and texts in their place, for the functions of Terraform that read them."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from readiness.estate.reader import Reader
from readiness.repo.discover import shown_path
from readiness.sources.cache import key_of
from readiness.sources.hcl import ast
from readiness.terraform.convert import EvaluationError
from readiness.terraform.files import (
    BROKEN,
    FILE,
    FOLDER,
    MISSING,
    NAMES_LIMIT,
    OTHER,
    SIZE_LIMIT,
    FileBytes,
    RefusedError,
    inside,
    not_at_hand,
    refused,
    relative,
)
from readiness.values import Unknown

_CHUNK = msgspec.msgpack.Decoder(ast.Chunk)


class _Templates:
    """Templates by their text, each parsed once, through the cache of parsed sources."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._parsed: dict[str, ast.Chunk] = {}

    def template(self, text: str) -> ast.Chunk:
        """A text parsed as a template."""
        chunk = self._parsed.get(text)
        if chunk is None:
            chunk = self._parsed[text] = self._parse(text)
        return chunk

    def _parse(self, text: str) -> ast.Chunk:
        key = key_of("template", text)
        stored = self._reader.cache.get([key]).get(key)
        if stored is not None:
            return _CHUNK.decode(stored)
        from readiness.sources.hcl.bare import parse_template

        chunk = parse_template(text)
        self._reader.cache.put({key: msgspec.msgpack.encode(chunk)})
        return chunk


class RepositoryFiles(_Templates):
    """Files below the tops of the repositories of a run; nothing else is ever looked at."""

    def __init__(self, reader: Reader, base: Path, tops: Sequence[Path]) -> None:
        super().__init__(reader)
        self._base = base
        self._tops = tops
        self._read: dict[Path, bytes | EvaluationError] = {}
        self._names: dict[Path, Mapping[str, str]] = {}
        self._folders: dict[tuple[str, str], str] = {}  # the real paths of folders that were listed
        self._shown: dict[str, bytes] = {}
        self.readers: dict[str, set[str]] = {}  # the roots that read a file, by the path that users see

    @property
    def templates(self) -> dict[str, str]:
        """The templates that were read, by the path that users see."""
        texts = {name: data.decode("utf-8", "replace") for name, data in self._shown.items()}
        return {name: text for name, text in texts.items() if text in self._parsed}

    def kind(self, root: str, path: str) -> str:
        """What stands at a path of the repository."""
        real = self._resolved(root, path, inside(path))
        try:
            return _kind(real.stat().st_mode)
        except FileNotFoundError:
            return MISSING
        except OSError as error:
            raise EvaluationError(f"{path!r} cannot be looked at: {error.strerror}") from None

    def read(self, root: str, path: str) -> FileBytes:
        """The content of a file, read once."""
        local = inside(path)
        real = self._resolved(root, path, local)
        found = self._read.get(real)
        if found is None:
            found = self._read[real] = self._content(root, path, real)
        if isinstance(found, EvaluationError):
            raise type(found)(f"{path!r} {found}")
        name = shown_path(Path(os.path.normpath(self._base / root / local)), self._base)
        self._shown[name] = found
        self.readers.setdefault(name, set()).add(root)
        return FileBytes(name, found)

    def _content(self, root: str, path: str, real: Path) -> bytes | EvaluationError:
        edited = self._reader.edited.get(str(real))
        if edited is not None:
            return edited.encode()
        kind = self.kind(root, path)
        if kind == MISSING:
            return EvaluationError(
                "does not exist; these functions read files that are part of the code, not those that"
                " a resource makes"
            )
        if kind != FILE:
            return EvaluationError(f"is {kind}, not a file" if kind == FOLDER else f"is {kind}")
        try:
            with real.open("rb") as handle:
                data = handle.read(SIZE_LIMIT + 1)
        except OSError as error:
            return EvaluationError(f"cannot be read: {error.strerror}")
        if len(data) > SIZE_LIMIT:
            return RefusedError(f"has more than {SIZE_LIMIT / 1e6:.0f} MB, so it is not read")
        return data

    def names(self, root: str, path: str) -> Mapping[str, str]:
        """What stands in a folder of the repository, links followed; listed once."""
        local = relative(path)
        real = self._resolved(root, path, local)
        self._folders[root, local] = str(real)
        try:
            (self._base / root / local).stat()
        except OSError:
            return {}  # no such folder, or one behind more links than systems follow: a link to itself
        found = self._names.get(real)
        if found is None:
            found = self._names[real] = self._listed(real, path)
        return found

    def _listed(self, real: Path, path: str) -> Mapping[str, str]:
        found: dict[str, str] = {}
        try:
            with os.scandir(real) as entries:
                for entry in entries:
                    if len(found) >= NAMES_LIMIT:
                        raise RefusedError(f"there are too many files in {path!r}")
                    if not entry.name.isprintable() and _is_not_text(entry.name):
                        raise RefusedError(f"the name of a file in {path!r} is not UTF-8")
                    found[entry.name] = _entry_kind(entry)
        except OSError:
            return {}  # as in Terraform: what is no folder, or cannot be listed, holds nothing
        return found

    def _resolved(self, root: str, path: str, local: str) -> Path:
        """The real path, links resolved.

        Raises:
            RefusedError: it lies outside of the repository.
        """
        # What is below a folder is resolved from there, so that links upon links cost no more than others.
        folder, name = posixpath.split(local)
        known = self._folders.get((root, folder)) if folder and name != ".." else None
        if known is None:
            known, name = os.path.realpath(self._base / root), local
        try:
            real = Path(os.path.realpath(Path(known) / name))
        except (OSError, ValueError):
            raise EvaluationError(f"{path!r} is not a path") from None
        if not any(real.is_relative_to(top) for top in self._tops):
            raise refused(path)
        return real


def _kind(mode: int) -> str:
    if stat.S_ISREG(mode):
        return FILE
    return FOLDER if stat.S_ISDIR(mode) else OTHER


def _entry_kind(entry: os.DirEntry[str]) -> str:
    try:
        return _kind(entry.stat().st_mode)
    except OSError:
        return BROKEN if entry.is_symlink() else OTHER


def _is_not_text(name: str) -> bool:
    return any(0xD800 <= ord(char) < 0xE000 for char in name)


class TextFiles(_Templates):
    """Texts by name, in place of a disk: of all others it is not known whether they exist."""

    def __init__(self, reader: Reader, texts: Mapping[str, str]) -> None:
        super().__init__(reader)
        self._texts = texts

    def _name(self, root: str, path: str) -> str:
        name = posixpath.normpath(posixpath.join(root, inside(path)))
        if name.startswith("../") or name == "..":
            raise refused(path)
        return name

    def kind(self, root: str, path: str) -> str | Unknown:
        """A file where there is such a text, a folder where there is one below."""
        name = self._name(root, path)
        if name in self._texts:
            return FILE
        below = any(other.startswith(f"{name}/") for other in self._texts)
        return FOLDER if below or name == "." else not_at_hand(path)

    def read(self, root: str, path: str) -> FileBytes | Unknown:
        """The text of that name."""
        kind = self.kind(root, path)
        if isinstance(kind, Unknown):
            return kind
        if kind == FOLDER:
            raise EvaluationError(f"{path!r} is a folder, not a file")
        name = self._name(root, path)
        return FileBytes(name, self._texts[name].encode("utf-8", "replace"))

    def names(self, root: str, path: str) -> Unknown:
        """Not known: there may be more than the texts at hand."""
        return Unknown(f"the files in {path!r} are not at hand", not_null=True)
