"""The files of a folder as the overlays want them, and builds as plain values to compare."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from readiness.errors import SourceError
from readiness.kubernetes.kustomize import is_kustomization
from readiness.kubernetes.overlays import Built, Overlays, build_overlays
from readiness.sources.yaml_model import YamlFile
from readiness.sources.yaml_source import read


class Folder:
    """Files below a folder; nothing outside of it is there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.reads: list[str] = []

    def _path(self, path: str) -> Path | None:
        found = Path(os.path.normpath(self.root / path))
        return found if found.is_relative_to(self.root) else None

    def yaml(self, path: str) -> YamlFile | None:
        raw = self.raw(path)
        if raw is None:
            return None
        try:
            return read(path, raw.decode("utf-8"))
        except UnicodeDecodeError:
            return None

    def raw(self, path: str) -> bytes | None:
        self.reads.append(path)
        found = self._path(path)
        return found.read_bytes() if found is not None and found.is_file() else None

    def is_folder(self, path: str) -> bool:
        found = self._path(path)
        return found is not None and found.is_dir()

    def is_ignored(self, path: str) -> bool:
        return False


def kustomizations(root: Path) -> list[str]:
    """The paths of all kustomizations below a folder, in order."""
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if is_kustomization(path.name))


def build(root: Path, **options: Any) -> Overlays:
    """Everything below a folder."""
    return build_overlays(kustomizations(root), Folder(root), **options)


def only(overlays: Overlays, entry: str) -> Built:
    """The build of an entry."""
    return next(built for built in overlays.built if built.entry == entry)


def plain(value: Any) -> Any:
    """A value without spans."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


class Texts:
    """Files that are given as texts."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def yaml(self, path: str) -> YamlFile | None:
        return read(path, self.texts[path]) if path in self.texts else None

    def raw(self, path: str) -> bytes | None:
        return self.texts[path].encode() if path in self.texts else None

    def is_folder(self, path: str) -> bool:
        return path == "." or any(name.startswith(f"{path}/") for name in self.texts)

    def is_ignored(self, path: str) -> bool:
        return False


def build_texts(texts: dict[str, str], **options: Any) -> Overlays:
    """The build of texts by path."""
    return build_overlays([path for path in texts if is_kustomization(path)], Texts(texts), **options)


def told(problems: list[SourceError]) -> list[str]:
    """Errors or notices with their places, as text."""
    return [f"{one.path}:{one.line}:{one.column} {one.message}" for one in problems]
