"""YAML text to documents with spans.

Values mean what they mean to Kubernetes (see `readiness.sources.yaml_scalars`).  Anchors are
shared, never copied; `<<` merges as go-yaml v2 does, where an entry written above `<<` gives way
to the merged one.  A value with a tag of an application (`!Ref`, `!vault`) is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from readiness.sources.comments import MARKER, Comment
from readiness.sources.yaml_comments import collect
from readiness.sources.yaml_compose import Composer
from readiness.sources.yaml_model import DEPTH_LIMIT, EXPANDED_LIMIT, YamlDocument, YamlFile
from readiness.sources.yaml_wire import from_wire, to_wire

__all__ = [
    "DEPTH_LIMIT",
    "EXPANDED_LIMIT",
    "Comment",
    "YamlDocument",
    "YamlFile",
    "from_wire",
    "read",
    "to_wire",
]

_SEPARATOR = re.compile(r"^---(?=[ \t\n]|\Z)", re.MULTILINE)
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_LINE_BREAKS = re.compile("\r\n?")
# Line breaks to YAML 1.1 but not to an editor; as spaces they keep the line numbers right.
_UNUSUAL_BREAKS = str.maketrans("\x85\u2028\u2029", "   ")


def read(path: str, text: str, markers: re.Pattern[str] = MARKER) -> YamlFile:
    """Read every document of a YAML text.

    Each document stands for itself: one that does not parse gives an error with its place, and
    those before and after it are read.  Empty documents are left out.  Comments are kept when
    `markers` matches in them.
    """
    file = YamlFile()
    text = normalise(text)
    composer = Composer(path, file)
    with_comments = markers.search(text) is not None
    for piece, first_line in _pieces(text):
        composer.compose(piece, first_line)
        if with_comments:
            file.comments.extend(collect(piece, first_line, markers))
    return file


def normalise(text: str) -> str:
    """Drop byte order marks at the start and write every line break as a line feed."""
    text = text.lstrip("\ufeff")
    if "\r" in text:
        text = _LINE_BREAKS.sub("\n", text)
    if not text.isascii():
        text = text.translate(_UNUSUAL_BREAKS)
    return text


def _pieces(text: str) -> Iterator[tuple[str, int]]:
    """Cut a stream before each `---`; directives go with the document that follows them."""
    starts = [match.start() for match in _SEPARATOR.finditer(text)]
    if _DIRECTIVE.search(text):
        starts = _before_directives(text, starts)
    line = 1
    for start, end in zip([0, *starts], [*starts, len(text)], strict=True):
        piece = text[start:end]
        if piece.removeprefix("---").strip():
            yield piece, line
        line += piece.count("\n")


def _before_directives(text: str, starts: list[int]) -> list[int]:
    """Move each cut up over the blank, comment and directive lines above it, if one is a directive."""
    moved: list[int] = []
    floor = 0
    for start in starts:
        place = cut = start
        while place > floor:
            previous = text.rfind("\n", floor, place - 1) + 1 or floor
            line = text[previous:place].strip()
            if line.startswith("%"):
                cut = previous
            elif line and not line.startswith("#"):
                break
            place = previous
        moved.append(cut)
        floor = start + 3
    return moved
