"""Documents as bytes, for the cache and between processes: MessagePack, without the path.

Layout: `[documents, places, errors, comments]`.  A document is its plain value, with extension
`1` (an unknown: reason and references) and `2` (a value shared through an alias: the index of the
collection among those completed so far).  `places` holds every span in the order of a walk, as
four parallel lists: line, column, lines to the end, end column.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import repeat
from operator import add
from typing import Any

from readiness.errors import SourceError
from readiness.sources.comments import Comment
from readiness.sources.yaml_model import YamlDocument, YamlFile
from readiness.values import List, Map, Span, Unknown

_UNKNOWN = 1
_SHARED = 2

_make_span: Callable[[tuple[str, int, int, int, int]], Span] = partial(tuple.__new__, Span)


def to_wire(file: YamlFile) -> bytes:
    """The bytes of what a reader returned (every mapping and list with all its spans)."""
    import msgspec

    writer = _Writer()
    documents = [writer.document(document) for document in file.documents]
    spans = writer.spans
    places = (
        [span[1] for span in spans],
        [span[2] for span in spans],
        [span[3] - span[1] for span in spans],
        [span[4] for span in spans],
    )
    errors = [(error.line, error.column, error.message, error.kind) for error in file.errors]
    return msgspec.msgpack.encode((documents, places, errors, file.comments))


def from_wire(path: str, data: bytes) -> YamlFile:
    """The file that `to_wire` wrote, with its spans in `path`.

    Raises ValueError when the bytes are not what `to_wire` writes.
    """
    import msgspec

    try:
        documents, places, errors, comments = msgspec.msgpack.decode(data)
        lines, columns, heights, end_columns = places
        ends = map(add, lines, heights)
        spans = list(map(_make_span, zip(repeat(path), lines, columns, ends, end_columns)))
        reader = _Reader(spans, msgspec.msgpack.Ext)
        return YamlFile(
            [reader.document(document) for document in documents],
            [SourceError(path, *error) for error in errors],
            [Comment(*comment) for comment in comments],
        )
    except (TypeError, ValueError, IndexError, AttributeError, msgspec.MsgspecError) as error:
        raise ValueError(f"damaged bytes: {error}") from None


class _Writer:
    """Turns values into plain ones, and collects their spans."""

    def __init__(self) -> None:
        import msgspec

        self.encode = msgspec.msgpack.encode
        self.ext = msgspec.msgpack.Ext
        self.spans: list[Any] = []
        self.indexes: dict[int, int] = {}

    def document(self, document: YamlDocument) -> Any:
        self.spans.append(document.span)
        return self.plain(document.root)

    def plain(self, value: Any) -> Any:
        if isinstance(value, Unknown):
            self.spans.append(value.span)
            return self.ext(_UNKNOWN, self.encode((value.reason, value.refs)))
        if not isinstance(value, (Map, List)):
            return value
        index = self.indexes.get(id(value))
        if index is not None:
            return self.ext(_SHARED, self.encode(index))
        self.spans.append(value.span)
        result: Any
        if isinstance(value, Map):
            self.spans += [value.key_spans[key] for key in value]
            self.spans += [value.value_spans[key] for key in value]
            result = {key: self.plain(item) for key, item in value.items()}
        else:
            self.spans += value.item_spans
            result = [self.plain(item) for item in value]
        self.indexes[id(value)] = len(self.indexes)
        return result


class _Reader:
    """The way back: gives plain values their spans, in the order in which they were collected."""

    def __init__(self, spans: list[Span], ext: type) -> None:
        import msgspec

        self.decode = msgspec.msgpack.decode
        self.ext = ext
        self.spans = spans
        self.position = 0
        self.completed: list[Any] = []
        self.special = frozenset((dict, list, ext))

    def document(self, plain: Any) -> YamlDocument:
        span = self.spans[self.position]
        self.position += 1
        return YamlDocument(self.value(plain) if type(plain) in self.special else plain, span)

    def value(self, plain: Any) -> Any:
        kind = type(plain)
        special = self.special
        start = self.position + 1
        if kind is dict:
            span = self.spans[start - 1]
            middle = start + len(plain)
            self.position = end = middle + len(plain)
            key_spans = dict(zip(plain, self.spans[start:middle], strict=True))
            value_spans = dict(zip(plain, self.spans[middle:end], strict=True))
            for key, item in plain.items():
                if type(item) in special:
                    plain[key] = self.value(item)
            result: Any = Map(plain, span, key_spans, value_spans)
        elif kind is list:
            span = self.spans[start - 1]
            self.position = end = start + len(plain)
            item_spans = self.spans[start:end]
            result = List(
                [self.value(item) if type(item) in special else item for item in plain], span, item_spans
            )
        else:
            return self.extension(plain)
        self.completed.append(result)
        return result

    def extension(self, plain: Any) -> Any:
        content = self.decode(plain.data)
        if plain.code == _SHARED:
            return self.completed[content]
        span = self.spans[self.position]
        self.position += 1
        reason, refs = content
        return Unknown(reason, tuple(refs), span)
