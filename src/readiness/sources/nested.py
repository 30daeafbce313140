"""Text inside another file: YAML or JSON that a value of a document holds, with its place in that file.

A literal block text (`|`) keeps its lines, so every value in it has its own line and column in the outer
file.  Any other text (quoted, folded, decoded) has no lines of its own there: its values have the place of
the entry that holds it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from readiness.errors import SourceError
from readiness.sources.yaml_model import YamlDocument, YamlFile
from readiness.values import List, Map, Span, Unknown

# A value that somebody fills in before the text is read: unknown, as what has a tag is.
_FILLED = re.compile(r"^((?:[ \t]*-)*[ \t]*(?:[\w./-]+:)?[ \t]+)\{\{[^{}\n]*\}\}[ \t]*$", re.MULTILINE)
_SEPARATOR = re.compile(r"---(?=[ \t]|\Z)")

Parse = Callable[[str, str, str], YamlFile]
"""A parser: the path for places, `yaml` or `json`, and the text."""


def parse_here(path: str, kind: str, text: str) -> YamlFile:
    """Parse a text anew."""
    if kind == "json":
        from readiness.sources import json_source

        return json_source.read(path, text)
    from readiness.sources import yaml_source

    return yaml_source.read(path, text)


def read(text: str, span: Span, lines: Sequence[str] | None, parse: Parse = parse_here) -> YamlFile:
    """Read YAML or JSON text that stands at `span` of a file whose lines are `lines`, where they are known.

    Errors have their place in the outer file as well.  Where the text is a template whose placeholders
    (`{{NAME}}`) are values of their own, these are unknown.  `parse` is what parses, where it is to be kept.
    """
    found = _read_at(text, span, _block(text, span, lines), parse)
    if found.errors and "{{" in text and text.lstrip()[:1] != "{":
        filled = _FILLED.sub(_unknown, text)
        rows = _block(text, span, lines)
        known = None if rows is None else [_FILLED.sub(_unknown, row) for row in rows]
        second = _read_at(filled, span, known, parse)
        return found if second.errors else second
    return found


def json_errors(text: str, span: Span, lines: Sequence[str] | None) -> list[SourceError]:
    """What is wrong with a text that must be JSON, which `read` takes for YAML where it can."""
    try:
        json.loads(text)
    except ValueError:
        from readiness.sources import json_source

        rows = _block(text, span, lines)
        if rows is None:
            return _at(json_source.read(span.path, text), span).errors
        return json_source.read(span.path, "\n" * span.line + "\n".join(rows)).errors
    except RecursionError:
        return []
    return []


def _unknown(match: re.Match[str]) -> str:
    return f"{match[1]}!template ''"


def _read_at(text: str, span: Span, rows: Sequence[str] | None, parse: Parse) -> YamlFile:
    is_json = text.lstrip()[:1] == "{"
    if rows is None:
        return _at(_read(span.path, text, is_json, parse), span)
    if is_json:
        return _read(span.path, "\n" * span.line + "\n".join(rows), True, parse)
    found = YamlFile()
    for piece, first in _pieces(text.split("\n"), rows):
        file = _read(span.path, "\n" * (span.line + first) + piece, False, parse)
        found.documents.extend(file.documents)
        found.errors.extend(file.errors)
    return found


def lines_of(text: str) -> list[str]:
    """The lines of a file, as the reader of YAML counts them."""
    from readiness.sources.yaml_source import normalise

    return normalise(text).split("\n")


def _read(path: str, text: str, is_json: bool, parse: Parse) -> YamlFile:
    if is_json:
        file = parse(path, "json", text)
        if file.documents:
            return file
    return parse(path, "yaml", text)


def _block(text: str, span: Span, lines: Sequence[str] | None) -> Sequence[str] | None:
    """The lines of the outer file that a literal block text stands on, or None for any other text."""
    if lines is None or not 0 < span.line <= len(lines):
        return None
    if lines[span.line - 1][span.column - 1 : span.column] != "|":
        return None
    written = text.rstrip("\n").split("\n")
    rows = lines[span.line : span.line + len(written)]
    indent = next((len(row) - len(inner) for row, inner in zip(rows, written, strict=False) if inner), 0)
    same = len(rows) == len(written) and all(
        row[indent:] == inner for row, inner in zip(rows, written, strict=True)
    )
    return rows if same else None


def _pieces(written: list[str], rows: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The documents of a stream with the number of lines before each; separators become spaces.

    Indented, as the lines are in the outer file, a `---` would be no separator.
    """
    starts = [index for index in range(len(rows)) if _SEPARATOR.match(written[index])]
    cuts = starts if starts[:1] == [0] else [0, *starts]
    for start, end in zip(cuts, [*cuts[1:], len(rows)], strict=True):
        piece = list(rows[start:end])
        if start in starts:
            piece[0] = piece[0].replace("---", "   ", 1)
        if any(row.strip() for row in piece):
            yield "\n".join(piece), start


def _at(file: YamlFile, span: Span) -> YamlFile:
    """A file all of whose values and errors have one place."""
    for document in file.documents:
        _strip(document.root, span)
    return YamlFile(
        [YamlDocument(document.root, span) for document in file.documents],
        [SourceError(span.path, span.line, span.column, error.message) for error in file.errors],
    )


def _strip(root: Any, span: Span) -> None:
    """Take the places within the text from a value that was just read."""
    seen: set[int] = set()
    left = [root]
    while left:
        value = left.pop()
        if not isinstance(value, (Map, List, Unknown)) or id(value) in seen:
            continue
        seen.add(id(value))
        value.span = span
        if isinstance(value, Map):
            value.key_spans, value.value_spans = {}, {}
            left.extend(value.values())
        elif isinstance(value, List):
            value.item_spans = []
            left.extend(value)
