"""What a run is asked to check: the folders and files that were named."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from readiness.repo.discover import shown_path


class Scope:
    """Paths by which users named what to check; what lies elsewhere is read for context alone."""

    def __init__(self, paths: Sequence[str], base: Path) -> None:
        self.files: list[str] = []
        self.folders: list[str] = []
        for name in paths:
            if name == "-":
                continue
            path = Path(os.path.normpath(base / name))
            (self.folders if path.is_dir() else self.files).append(shown_path(path, base))

    def holds(self, path: str) -> bool:
        """Whether a path (as users see it) was asked for."""
        return path in self.files or any(_below(path, folder) for folder in self.folders)


def _below(path: str, folder: str) -> bool:
    if folder == ".":
        return not path.startswith("../")
    if set(folder.split("/")) == {".."}:
        # Everything above as far up: only a path that climbs higher is outside.
        return not path.startswith(f"{folder}/../")
    return path.startswith(f"{folder}/")
