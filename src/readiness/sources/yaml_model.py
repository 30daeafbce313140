"""What the YAML and JSON readers return, and how large a document may be."""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec import Struct, field

from readiness.errors import SourceError
from readiness.sources.comments import Comment
from readiness.values import Span

DEPTH_LIMIT = 200
"""Mappings and sequences nested deeper than this are refused; manifests stay below 30."""

EXPANDED_LIMIT = 2_000_000
"""Values that a document may have once its aliases are written out."""

HASHED = "#[A-Z][A-Z0-9_]*#"
"""The pattern of a placeholder that a pipeline's `sed` fills in, as in `name: #SERVICE#-web`."""

ERROR_LIMIT = 100
"""Problems of one file that are listed; one more says that there are others."""


class Problem(NamedTuple):
    """What is wrong with a text and where: line and column count from 1."""

    line: int
    column: int
    message: str


class YamlDocument(Struct):
    """One document: its root (`Map`, `List`, scalar or `Unknown`) and the span of that root."""

    root: Any
    span: Span


class YamlFile(Struct):
    """Every document that could be read, what could not, and the comments with a marker for linters."""

    documents: list[YamlDocument] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)


def expanded(root: Any) -> str | None:
    """What is too much about a value whose parts may be shared, were each written out; None if nothing.

    A shared part is visited once, so this is linear in what is in memory.
    """
    measured: dict[int, tuple[int, int]] = {}  # by identity: number of values, levels
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        node, children_done = stack.pop()
        if not isinstance(node, (dict, list)) or id(node) in measured:
            continue
        children = node.values() if isinstance(node, dict) else node
        if not children_done:
            stack.append((node, True))
            stack.extend((child, False) for child in children if isinstance(child, (dict, list)))
            continue
        size, depth = 1, 1
        for child in children:
            child_size, child_depth = measured.get(id(child), (1, 0))
            size += child_size
            depth = max(depth, child_depth + 1)
        if size > EXPANDED_LIMIT:
            return f"its aliases stand for more than {EXPANDED_LIMIT:,} values"
        if depth > DEPTH_LIMIT:
            return f"its aliases nest values more than {DEPTH_LIMIT} levels deep"
        measured[id(node)] = size, depth
    return None
