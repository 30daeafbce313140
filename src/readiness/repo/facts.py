"""Facts of the repository that policies may ask for: files and their owners."""

from __future__ import annotations

import functools
import os
import posixpath
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_CODEOWNERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")


class RepositoryFacts:
    """Looks at the files of one repository, and never outside of it.

    Paths are relative to `base`, as findings show them; one that begins with `/` is relative to
    the root of the repository.  `texts` takes the place of a disk: for examples of policies.
    """

    def __init__(self, root: Path, base: Path | None = None, texts: Mapping[str, str] | None = None) -> None:
        self.root = root.resolve()
        self.base = base.resolve() if base is not None else self.root
        self.texts = texts

    def file(self, path: Any) -> dict[str, Any] | None:
        """`{"path", "size"}` (bytes) of a file in the repository, or None if it is not there.

        A path that leaves the repository is not there.
        """
        if self.texts is not None:
            text = self.texts.get(posixpath.normpath(str(path)).lstrip("/"))
            return (
                None if text is None else {"path": posixpath.normpath(str(path)), "size": len(text.encode())}
            )
        target = self._inside(path)
        if target is None or not target.is_file():
            return None
        return {"path": posixpath.normpath(str(path)), "size": target.stat().st_size}

    def owner(self, path: Any) -> list[str]:
        """The owners that CODEOWNERS gives to a path; the last matching line decides."""
        found: list[str] = []
        for spec, owners in self._rules():
            if spec.match_file(str(path)):
                found = owners
        return found

    def _inside(self, path: Any) -> Path | None:
        if not isinstance(path, str) or "\0" in path:
            return None
        start = self.root if path.startswith("/") else self.base
        target = Path(os.path.realpath(start / path.lstrip("/")))
        return target if target.is_relative_to(self.root) else None

    @functools.cached_property
    def _owner_lines(self) -> list[str]:
        for name in () if self.texts is not None else _CODEOWNERS:
            target = self._inside("/" + name)
            if target is not None and target.is_file():
                return target.read_text(encoding="utf-8", errors="replace").splitlines()
        return []

    def _rules(self) -> list[tuple[Any, list[str]]]:
        if not self._owner_lines:
            return []
        from pathspec import GitIgnoreSpec

        rules = []
        for line in self._owner_lines:
            parts = line.split("#", 1)[0].split()
            if parts and not parts[0].startswith("["):
                rules.append((GitIgnoreSpec.from_lines([parts[0]]), parts[1:]))
        return rules
