"""Facts of the repository that policies may ask for: files and their owners."""

from __future__ import annotations

import functools
import posixpath
from pathlib import Path
from typing import Any

_CODEOWNERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")


class RepositoryFacts:
    """Looks at the files below one folder, and never outside of it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def file(self, path: Any) -> dict[str, Any] | None:
        """`{"path", "size"}` (bytes) of a file in the repository, or None if it is not there.

        A path that leaves the repository is not there.
        """
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
        target = (self.root / path.lstrip("/")).resolve()
        return target if target.is_relative_to(self.root) else None

    @functools.cached_property
    def _owner_lines(self) -> list[str]:
        for name in _CODEOWNERS:
            target = self._inside(name)
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
