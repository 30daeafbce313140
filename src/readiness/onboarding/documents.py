"""Configuration of other tools as plain data: read within limits, never executed, never expanded."""

from __future__ import annotations

import tomllib
from typing import Any

from readiness.config.document import decoded, place_of, read_document
from readiness.errors import UsageError
from readiness.onboarding.model import Note
from readiness.repo.tree import Tree
from readiness.values import Map

LIMIT = 1_000_000
"""Bytes of the largest file of configuration that is read."""


def text_of(tree: Tree, path: str, notes: list[Note]) -> str | None:
    """The text of a file; None, with a note, where it cannot be read or is too large."""
    raw = tree.read(path)
    if raw is None:
        notes.append(Note(path, 1, "it is no file that can be read, so nothing of it is taken over"))
        return None
    if len(raw) > LIMIT:
        notes.append(Note(path, 1, "it has more than a million bytes, so nothing of it is taken over"))
        return None
    try:
        return decoded(raw, path)
    except UsageError as error:
        notes.append(_note(path, error))
        return None


def mapping(tree: Tree, path: str, notes: list[Note]) -> Map | None:
    """The mapping of a file of YAML or JSON; None, with a note, where it is not one."""
    text = text_of(tree, path, notes)
    if text is None:
        return None
    try:
        return read_document(path, text, what="settings")
    except UsageError as error:
        notes.append(_note(path, error))
        return None


def toml(tree: Tree, path: str, notes: list[Note]) -> dict[str, Any] | None:
    """The table of a file of TOML; None, with a note, where it is not one."""
    text = text_of(tree, path, notes)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        notes.append(Note(path, 1, f"it is no TOML, so nothing of it is taken over: {error}"))
        return None


def texts(data: Any, *names: str) -> list[tuple[str, int]]:
    """The texts of a list (or one text, separated by commas) at a path of a document, with their lines."""
    value: Any = data
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, str):
        line = place_of(data, names)[0] if isinstance(data, Map) else 1
        return [(part.strip(), line) for part in value.split(",") if part.strip()]
    if not isinstance(value, list):
        return []
    return [
        (item.strip(), place_of(data, (*names, index))[0] if isinstance(data, Map) else 1)
        for index, item in enumerate(value)
        if isinstance(item, str) and item.strip()
    ]


def _note(path: str, error: UsageError) -> Note:
    return Note(path, error.line or 1, f"{error.message}; nothing of it is taken over")
