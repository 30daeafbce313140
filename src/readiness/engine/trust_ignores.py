"""Requests to ignore findings in place, held against those of a revision that is trusted.

A request counts where the same text stands at the same place: before the same line of code in the same block
(or document) of the same file, an annotation on the same object.  Where there are more of them than the
revision has, none of these counts: which one is new cannot be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator

from msgspec import Struct, field

from readiness.engine.ignores import next_code_line
from readiness.estate.build import Loaded, from_texts
from readiness.estate.exceptions import place_of_comment
from readiness.estate.model import Estate, Resource
from readiness.estate.reader import Reader, Sources
from readiness.repo.discover import kind_of
from readiness.sources.cache import Cache
from readiness.sources.comments import Comment
from readiness.sources.exceptions import parse_annotations, parse_comment
from readiness.sources.hcl.ast import Block
from readiness.values import Map, Span

Lookup = Callable[[str], str | None]
"""The text of a source in the revision, by the path that users see."""

_Key = tuple[Hashable, ...]


class _Written(Struct):
    """Requests with the key that tells where each stands."""

    spans: list[Span] = field(default_factory=list)
    keys: list[_Key] = field(default_factory=list)

    def add(self, span: Span, key: _Key) -> None:
        """One more request."""
        self.spans.append(span)
        self.keys.append(key)

    def beyond(self, known: Iterable[_Key]) -> Iterator[Span]:
        """The requests of which there are more than are known."""
        there, here = Counter(known), Counter(self.keys)
        for span, key in zip(self.spans, self.keys, strict=True):
            if here[key] > there[key]:
                yield span


def refused_requests(loaded: Loaded, was: Lookup, base: Callable[[], Estate]) -> frozenset[Span]:
    """Where requests stand that a revision has not; `base` gives its estate, if there is need of it.

    Raises:
        UsageError: the revision cannot be read.
    """
    texts = loaded.sources.texts
    found: set[Span] = set()
    for path, comments in loaded.sources.comments.items():
        asking = [comment for comment in comments if parse_comment(comment.text) is not None]
        before = was(path) if asking else None
        if not asking or _is_same(before, texts[path]):
            continue
        now = _Written()
        parsed = _parsed(path, texts[path])
        for comment in asking:
            now.add(place_of_comment(path, comment), _place(path, comment, texts[path], parsed))
        found.update(now.beyond(() if before is None else _places(path, before)))
    return frozenset(found | _annotations(loaded, was, base))


def _is_same(before: str | None, now: str) -> bool:
    return before is not None and before == now.removeprefix("\ufeff").replace("\r\n", "\n")


# -- comments -------------------------------------------------------------------------


def _parsed(path: str, text: str) -> Sources:
    """One text as a source, with the comments that count in it; those of charts are found without parsing."""
    parsed = Reader(Cache(None), 1).read_texts({path: text})
    if path not in parsed.comments:
        from readiness.kubernetes.charts.comments import template_comments

        parsed.comments[path] = template_comments(text)
    return parsed


def _places(path: str, text: str) -> list[_Key]:
    """The keys of the requests in a text."""
    parsed = _parsed(path, text)
    asking = (one for one in parsed.comments[path] if parse_comment(one.text) is not None)
    return [_place(path, comment, text, parsed) for comment in asking]


def _place(path: str, comment: Comment, text: str, parsed: Sources) -> _Key:
    """A request with the code that it is about, and what that stands in."""
    lines = text.split("\n")
    before = lines[comment.line - 1][: comment.column - 1].strip()
    code, line = before, comment.line
    if not before:
        line = next_code_line(lines, comment.line)
        code = lines[line - 1].strip()
    written = " ".join(comment.text.split())
    if kind_of(path) == "hcl":
        return written, bool(before), code, *_blocks(parsed, comment.line)
    return written, bool(before), code, *_document(parsed, line), *_above(lines, line)


def _blocks(parsed: Sources, line: int) -> Iterator[tuple[str, ...]]:
    """The blocks of a Terraform file round a line, the outermost first."""
    for file in parsed.hcl:
        for base, chunk in file.chunks:
            blocks: list[Block] | None = chunk.blocks
            while blocks:
                inner = next((b for b in blocks if b.at[0] <= line - base <= b.at[2]), None)
                if inner is not None:
                    yield inner.type, *inner.labels
                blocks = inner.blocks if inner is not None else None


def _document(parsed: Sources, line: int) -> Iterator[str]:
    """The object of a YAML file that a line belongs to."""
    for _, file in (*parsed.data, *parsed.operations):
        for document in file.documents:
            if document.span.line <= line <= document.span.end_line and isinstance(document.root, Map):
                about = document.root.get("metadata")
                names = about if isinstance(about, Map) else {}
                yield str(document.root.get("kind"))
                yield from (str(names.get(name)) for name in ("namespace", "name"))


def _above(lines: list[str], line: int) -> Iterator[str]:
    """The lines that a line of YAML stands below, each less indented than the one before."""
    left = _indent(lines[line - 1])
    for text in reversed(lines[: line - 1]):
        code = text.strip()
        if code.startswith("---"):
            return
        if code and not code.startswith("#") and _indent(text) < left:
            left = _indent(text)
            yield code


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


# -- annotations ----------------------------------------------------------------------


def _annotations(loaded: Loaded, was: Lookup, base: Callable[[], Estate]) -> set[Span]:
    """Where annotations stand that the revision has not got on these objects."""
    files: dict[str, _Written] = {}
    others = _Written()
    for resource, key, span in _requests(loaded.estate.resources):
        if _is_written_there(resource, span):
            files.setdefault(resource.header.path, _Written()).add(span, _of_object(resource, key))
        else:
            others.add(span, (*resource.home, resource.environment, *_of_object(resource, key)))
    found: set[Span] = set()
    for path, now in files.items():
        before = was(path)
        if not _is_same(before, loaded.sources.texts.get(path, "")):
            estate = from_texts({path: before or ""}).estate
            found.update(now.beyond(_of_object(one, key) for one, key, _ in _requests(estate.resources)))
    if others.keys:
        # What is rendered, built or evaluated may differ although the file of the annotation does not.
        every = _requests(base().resources)
        known = [(*one.home, one.environment, *_of_object(one, key)) for one, key, _ in every]
        found.update(others.beyond(known))
    return found


def _requests(resources: Iterable[Resource]) -> Iterator[tuple[Resource, str, Span]]:
    for resource in resources:
        annotations = resource.annotations
        if isinstance(annotations, Map):
            for key, _ in parse_annotations(annotations):
                yield resource, key, annotations.span_of(key) or resource.header


def _is_written_there(resource: Resource, span: Span) -> bool:
    """Whether an object is written as it is in one file of manifests, with its annotations."""
    path = resource.header.path
    return not resource.scattered and kind_of(path) == "data" and span.path == path


def _of_object(resource: Resource, key: str) -> _Key:
    annotations = resource.annotations
    value = annotations.get(key) if isinstance(annotations, Map) else None
    return resource.address, key, value if isinstance(value, str) else repr(type(value))
