"""Facts of the repository that policies may ask for: files, their owners, their documents and history."""

from __future__ import annotations

import datetime
import functools
import os
import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readiness.repo.paths import kind_at, real_path
from readiness.values import List, Map

if TYPE_CHECKING:
    from readiness.repo.history import History
    from readiness.repo.ignored import Ignores
    from readiness.repo.markdown import Document
    from readiness.repo.owners import Owners, Rule
    from readiness.repo.remotes import GitConfig

TEXT_LIMIT = 2_000_000
"""Bytes of the largest document that is read."""


class RepositoryFacts:
    """Looks at the files of one repository, and never outside of it.

    Paths are relative to `base`, as findings show them; one that begins with `/` is relative to
    the root of the repository.  `texts` takes the place of a disk: for examples of policies.
    `today` is the day on which ages and lifecycles are judged.
    """

    def __init__(
        self,
        root: Path,
        base: Path | None = None,
        texts: Mapping[str, str] | None = None,
        today: datetime.date | None = None,
    ) -> None:
        self.root = root.resolve()
        self.base = base.resolve() if base is not None else self.root
        self.texts = None if texts is None else {posixpath.normpath(k): v for k, v in texts.items()}
        self.today = today or datetime.date.today()
        self._places: dict[str, str | None] = {}
        self._kinds: dict[str, str | None] = {}
        self._files: dict[str, dict[str, Any] | None] = {}
        self._documents: dict[str, Document | None] = {}

    def file(self, path: Any) -> dict[str, Any] | None:
        """`{"path", "size"}` (bytes) of a file in the repository, or None if it is not there.

        A path that leaves the repository is not there.
        """
        if not isinstance(path, str):
            return None
        # Every module asks for the same few files at the root of its repository.
        if path not in self._files:
            self._files[path] = self._file(path)
        return self._files[path]

    def _file(self, path: str) -> dict[str, Any] | None:
        place = self.place(path)
        if place is None or self.kind_at(place) != "file":
            return None
        if self.texts is not None:
            size = len(self.texts[place].encode())
        else:
            size = (self.root / place).stat().st_size
        return {"path": posixpath.normpath(path), "size": size}

    def ignored(self, path: Any) -> bool:
        """Whether git leaves a path alone, by the ignore files of the repository; false outside of it."""
        place = self.place(path)
        if not place:
            return False
        if self.texts is not None:
            from readiness.repo.ignored import ignored_of

            return place in ignored_of([place], self.texts.get)
        return self._ignores.name(self.root / place)

    @functools.cached_property
    def _ignores(self) -> Ignores:
        from readiness.repo.ignored import Ignores

        return Ignores()

    def near(self, path: Any, file: str) -> Map | None:
        """`{"path", "kind"}` of a file or folder beside another file; None where there is neither.

        `path` is relative to the folder of `file`; `kind` is `file` or `folder`.
        """
        place = self.place(f"{posixpath.dirname(file) or '.'}/{path}")
        kind = self.kind_at(place) if place is not None else None
        return None if place is None or kind is None else Map({"path": place, "kind": kind})

    def owner(self, path: Any) -> list[str]:
        """The owners that CODEOWNERS gives to a path; the last matching line decides.

        A folder is written with a `/` at its end.
        """
        return list(dict.fromkeys(owner for rule in self.owning(path) for owner in rule.owners))

    def owning(self, path: Any) -> list[Rule]:
        """The rules of CODEOWNERS that say who owns a path."""
        found = self._owners
        place = self.place(path)
        if found is None or place is None or not _is_below(place, found[0]):
            return []
        inner = posixpath.relpath(place or ".", found[0]) if found[0] else place or "."
        return found[2].deciding(inner + "/" if str(path).endswith("/") and inner != "." else inner)

    def codeowners(self) -> Map | None:
        """The CODEOWNERS file: `path`, `rules` (their number) and `problems`; None where there is none.

        A problem has `line`, `text` and `why`.
        """
        if self._owners is None:
            return None
        _, path, owners = self._owners
        problems = [Map({"line": p.line, "text": p.text, "why": p.why}) for p in owners.problems]
        return Map({"path": path, "rules": len(owners.rules), "problems": List(problems)})

    def place(self, path: Any) -> str | None:
        """A path as one from the root (`docs/x.md`, "" for the root itself); None outside of it."""
        if not isinstance(path, str):
            return None
        if path not in self._places:
            self._places[path] = self._place(path)
        return self._places[path]

    def _place(self, path: str) -> str | None:
        if "\0" in path:
            return None
        if self.texts is not None:
            inner = posixpath.normpath(path.lstrip("/") or ".")
            return None if inner == ".." or inner.startswith("../") else "" if inner == "." else inner
        root = str(self.root)
        start = root if path.startswith("/") else str(self.base)
        target = os.path.normpath(f"{start}/{path.lstrip('/')}")
        if target == root:
            return ""
        below = root if root.endswith(os.sep) else root + os.sep
        return target[len(below) :].replace(os.sep, "/") if target.startswith(below) else None

    def kind_at(self, place: str) -> str | None:
        """`file` or `folder` for a path from the root; None where there is neither inside the repository."""
        if self.texts is not None:
            if place in self.texts:
                return "file"
            below = place + "/" if place else ""
            return "folder" if any(name.startswith(below) for name in self.texts) else None
        if place not in self._kinds:
            # Most of what is asked for is not there: that is cheaper to see than whether one may look.
            there = os.path.exists(f"{self.root}/{place}")  # noqa: PTH110
            target = self._inside(place) if there else None
            self._kinds[place] = None if target is None else kind_at(target)
        return self._kinds[place]

    def document(self, place: str) -> Document | None:
        """The document at a path from the root; None where it is no text whose headings are understood."""
        if place not in self._documents:
            from readiness.repo.markdown import read_document

            text = self._text(place)
            self._documents[place] = None if text is None else read_document(text, place)
        return self._documents[place]

    @functools.cached_property
    def config(self) -> GitConfig:
        """The remotes of the repository; none where git keeps its data elsewhere (a work tree)."""
        from readiness.repo.remotes import GitConfig, read_config

        text = self._text(".git/config")
        return GitConfig() if text is None else read_config(text)

    @functools.cached_property
    def branches(self) -> frozenset[str]:
        """Names of the branches that the checked files may stand for: the current and the default one."""
        found = {"main", "master", "HEAD", ""}
        for name, prefix in ((".git/HEAD", "heads/"), (".git/refs/remotes/origin/HEAD", "remotes/origin/")):
            text = (self._text(name) or "").strip()
            if text.startswith(f"ref: refs/{prefix}"):
                found.add(text.removeprefix(f"ref: refs/{prefix}"))
        return frozenset(found)

    @functools.cached_property
    def history(self) -> History:
        """When documents last changed."""
        from readiness.repo.history import History

        return History(self.root if self.texts is None else Path(os.devnull))

    def _inside(self, place: str) -> Path | None:
        target = real_path(self.root / place)
        return target if target is not None and target.is_relative_to(self.root) else None

    def _text(self, place: str) -> str | None:
        if self.texts is not None:
            return self.texts.get(place)
        target = self._inside(place)
        try:
            if target is None or not target.is_file() or target.stat().st_size > TEXT_LIMIT:
                return None
            return target.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

    @functools.cached_property
    def _owners(self) -> tuple[str, str, Owners] | None:
        """The folder that the rules count from, the path of the file, and its rules.

        That is the root; where it has no such file, a folder between it and the working directory:
        one that is published as a repository of its own.
        """
        from readiness.repo.owners import PLACES, read_owners

        folders = [""]
        if self.base != self.root and self.base.is_relative_to(self.root):
            inner = self.base.relative_to(self.root)
            folders += ["" if part == Path() else part.as_posix() for part in (inner, *inner.parents)]
        for folder in dict.fromkeys(folders):
            for name in PLACES:
                text = self._text(posixpath.join(folder, name))
                if text is not None:
                    return folder, posixpath.join(folder, name), read_owners(text)
        return None


def _is_below(place: str, folder: str) -> bool:
    return not folder or place == folder or place.startswith(folder + "/")
