"""Documents that are written as a text inside a YAML file, with spans into that file.

A literal block (`|`) keeps its lines, so each value has its own place; in any other style all of them have
the place of the text.
"""

from __future__ import annotations

from typing import Any

from readiness.errors import SourceError
from readiness.sources.yaml_model import YamlDocument
from readiness.values import List, Map, Span, Unknown


def documents_in(text: str, span: Span, raw: bytes | None) -> tuple[list[YamlDocument], list[SourceError]]:
    """The documents of a text that stands at a span, and what is wrong; `raw` is the file around it."""
    from readiness.sources.yaml_source import read

    file = read(span.path, text)
    offset = _offset(text, span, raw)
    place = _Moved(span, offset)
    documents = [
        YamlDocument(place.value(document.root), place.span(document.span)) for document in file.documents
    ]
    errors = []
    for error in file.errors:
        line, column = place.position(error.line, error.column)
        errors.append(SourceError(span.path, line, column, error.message))
    return documents, errors


def _offset(text: str, span: Span, raw: bytes | None) -> tuple[int, int] | None:
    """By how many lines and columns places in a literal block and its file differ; None for other styles."""
    if raw is None:
        return None
    lines = raw.decode("utf-8", "replace").splitlines()
    header = lines[span.line - 1][span.column - 1 :] if span.line <= len(lines) else ""
    if not header.startswith("|"):
        return None
    for index, line in enumerate(text.splitlines()):
        if line.strip():
            row = span.line + index
            written = lines[row] if row < len(lines) else ""
            if not written.rstrip().endswith(line.rstrip()):
                return None
            return span.line, len(written.rstrip()) - len(line.rstrip())
    return None


class _Moved:
    """Moves the spans of values, once for each value that is shared."""

    def __init__(self, whole: Span, offset: tuple[int, int] | None) -> None:
        self.whole = whole
        self.offset = offset
        self._seen: set[int] = set()

    def position(self, line: int, column: int) -> tuple[int, int]:
        if self.offset is None:
            return self.whole.line, self.whole.column
        return line + self.offset[0], column + self.offset[1]

    def span(self, span: Span) -> Span:
        if self.offset is None:
            return self.whole
        start, end = self.position(span.line, span.column), self.position(span.end_line, span.end_column)
        return Span(span.path, *start, *end)

    def value(self, value: Any) -> Any:
        stack = [value]
        while stack:
            item = stack.pop()
            if not isinstance(item, (Map, List, Unknown)) or id(item) in self._seen:
                continue
            self._seen.add(id(item))
            if item.span is not None:
                item.span = self.span(item.span)
            if isinstance(item, Map):
                item.key_spans = {key: self.span(span) for key, span in item.key_spans.items()}
                item.value_spans = {key: self.span(span) for key, span in item.value_spans.items()}
                stack.extend(item.values())
            elif isinstance(item, List):
                item.item_spans = [self.span(span) for span in item.item_spans]
                stack.extend(item)
        return value
