"""YAML events to values with spans, without recursion.

The parser (libyaml's, through PyYAML) gives events; this module builds `Map` and `List` from
them with a stack of its own, so that no depth of nesting can exhaust the interpreter's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from readiness.errors import SourceError
from readiness.sources.yaml_model import (
    DEPTH_LIMIT,
    ERROR_LIMIT,
    EXPANDED_LIMIT,
    HASHED,
    Problem,
    YamlDocument,
    YamlFile,
    expanded,
)
from readiness.sources.yaml_scalars import TAG_PREFIX, BadScalarError, key_text, resolve, resolve_tagged
from readiness.values import List, Map, Span, Unknown

_MISSING: Any = object()
# What stands for a key while its entry is read: none yet, `<<`, or one that cannot be used.
_NO_KEY: Any = None
_MERGE: Any = ("<<",)
_UNUSABLE: Any = ()

# To YAML a comment, to whoever wrote it the value.
_HASHED = re.compile(rf"[ \t]+({HASHED}\S*)[ \t]*(?=\r?$|[ \t]#)", re.MULTILINE)

_make_span: Callable[[tuple[str, int, int, int, int]], Span] = partial(tuple.__new__, Span)


class _RefusedError(Exception):
    """The rest of the text cannot be read; carries a Problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Frame:
    """A collection that is being read: `keys` is None for a sequence."""

    __slots__ = ("anchor", "column", "key", "key_span", "keys", "line", "merged", "node", "tag", "values")

    def __init__(self, node: Map | List, line: int, column: int, anchor: str | None, tag: str | None) -> None:
        self.node: Any = node
        self.line = line
        self.column = column
        self.anchor = anchor
        self.tag = tag
        self.keys: dict[str, Span] | None
        self.values: Any
        if isinstance(node, Map):
            self.keys, self.values = node.key_spans, node.value_spans
        else:
            self.keys, self.values = None, node.item_spans
        self.key: Any = _NO_KEY
        self.key_span: Any = None
        self.merged: set[str] = set()


class Composer:
    """Builds the documents of one file; remembers what its plain scalars mean."""

    def __init__(self, path: str, file: YamlFile) -> None:
        import yaml

        self.path = path
        self.file = file
        self.parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.yaml: Any = yaml
        self.plain: dict[str, Any] = {}
        self.plain_keys: dict[str, Any] = {}
        self.text = ""
        self.first_line = 1
        self.lines: list[str] | None = None
        self._start_document()

    def compose(self, text: str, first_line: int) -> None:
        """Read one text (usually one document) whose first line has the number `first_line`."""
        self.text, self.first_line, self.lines = text, first_line, None
        try:
            self._read_events(self.parser(text).get_event)
        except _RefusedError as refused:
            self._error(*refused.problem)
        except (self.yaml.YAMLError, UnicodeEncodeError) as error:
            self._error(*(self._unclosed(error) or self._describe(error)))

    def _error(self, line: int, column: int, message: str) -> None:
        count = len(self.file.errors)
        if count == ERROR_LIMIT:
            message = f"more than {ERROR_LIMIT} problems in this file; the others are not listed"
        if count <= ERROR_LIMIT:
            self.file.errors.append(SourceError(self.path, line, column, message))

    def _describe(self, error: Exception) -> Problem:
        from readiness.sources.yaml_errors import describe

        return describe(error, self.text, self.first_line)

    def _unclosed(self, error: Exception) -> Problem | None:
        """The bracket that is still open where the text ends, if that is what is wrong."""
        mark = getattr(error, "problem_mark", None)
        if mark is None or self.text[mark.index :].strip() or not self.stack:
            return None
        frame = self.frame
        bracket = self.text.split("\n")[frame.line - self.first_line][frame.column - 1 : frame.column]
        if bracket not in ("[", "{"):
            return None
        return Problem(frame.line, frame.column, f"the `{bracket}` opened here is never closed")

    def _start_document(self) -> None:
        self.root = List()
        self.frame = _Frame(self.root, 1, 1, None, None)
        self.stack: list[_Frame] = []
        self.anchors: dict[str, Any] = {}
        self.open_anchors: set[str] = set()
        self.merge_budget = EXPANDED_LIMIT
        self.aliased = False
        self.end_line = self.first_line
        self.end_column = 1

    def _read_events(self, get_event: Callable[[], Any]) -> None:
        scalar = self.yaml.ScalarEvent
        path, base, plain, plain_keys, make = (
            self.path,
            self.first_line,
            self.plain,
            self.plain_keys,
            _make_span,
        )
        while (event := get_event()) is not None:
            if type(event) is scalar:
                frame = self.frame
                start, end, text, style = event.start_mark, event.end_mark, event.value, event.style
                line, column = start.line + base, start.column + 1
                if style == "|" or style == ">":
                    self._end_block_text(start, end)
                elif not text and not style and (hashed := self._hashed(start.index)) is not None:
                    text = hashed[1]
                    column += hashed.start(1) - start.index
                    self.end_line, self.end_column = line, column + len(text)
                elif text or style or self._after_indicator(start.index):
                    self.end_line, self.end_column = end.line + base, end.column + 1
                else:
                    line, column = self.end_line, self.end_column
                span = make((path, line, column, self.end_line, self.end_column))
                if event.tag is not None or event.anchor is not None:
                    value = self._special(event, span)
                elif style:
                    value = text
                elif frame.keys is not None and frame.key is _NO_KEY:
                    value = plain_keys.get(text, _MISSING)
                    if value is _MISSING:
                        value = plain_keys[text] = _MERGE if text == "<<" else key_text(resolve(text))
                else:
                    value = plain.get(text, _MISSING)
                    if value is _MISSING:
                        value = plain[text] = resolve(text)
            else:
                completed = self._structure(event)
                if completed is None:
                    continue
                span, value = completed
                frame = self.frame
            keys = frame.keys
            if keys is None:
                frame.node.append(value)
                frame.values.append(span)
            elif frame.key is _NO_KEY:
                frame.key = value if type(value) is str or value is _MERGE else self._odd_key(value, span)
                frame.key_span = span
            else:
                key, frame.key = frame.key, _NO_KEY
                if key in keys or type(key) is not str:
                    self._odd_entry(frame, key, value, span)
                else:
                    frame.node[key] = value
                    keys[key] = frame.key_span
                    frame.values[key] = span

    def _structure(self, event: Any) -> tuple[Span, Any] | None:
        """Handle an event that is no scalar; gives the value that it completes, with its span."""
        yaml = self.yaml
        kind = type(event)
        base = self.first_line
        if kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            self._open(event, Map() if kind is yaml.MappingStartEvent else List())
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            end = event.end_mark
            # A block ends where its last value does; its event stands at the next token.
            if end.index != event.start_mark.index:
                self.end_line, self.end_column = end.line + base, end.column + 1
            return self._close()
        elif kind is yaml.AliasEvent:
            start, end = event.start_mark, event.end_mark
            self.end_line, self.end_column = end.line + base, end.column + 1
            span = Span(self.path, start.line + base, start.column + 1, self.end_line, self.end_column)
            return span, self._alias(event.anchor, span)
        elif kind is yaml.DocumentStartEvent:
            self._start_document()
            self.end_line, self.end_column = event.end_mark.line + base, event.end_mark.column + 1
        elif kind is yaml.DocumentEndEvent:
            self._end_document()
        return None

    def _open(self, event: Any, node: Map | List) -> None:
        start, end = event.start_mark, event.end_mark
        line, column = start.line + self.first_line, start.column + 1
        self.stack.append(self.frame)
        if len(self.stack) > DEPTH_LIMIT:
            message = f"values are nested more than {DEPTH_LIMIT} levels deep here; the document is not read"
            raise _RefusedError(Problem(line, column, message))
        self.frame = _Frame(node, line, column, event.anchor, event.tag)
        if event.anchor is not None:
            self.open_anchors.add(event.anchor)
        self.end_line, self.end_column = end.line + self.first_line, end.column + 1

    def _close(self) -> tuple[Span, Any]:
        frame = self.frame
        self.frame = self.stack.pop()
        span = _make_span((self.path, frame.line, frame.column, self.end_line, self.end_column))
        value = frame.node
        value.span = span
        if frame.tag is not None and _is_custom(frame.tag):
            value = _custom(frame.tag, span)
        if frame.anchor is not None:
            self.open_anchors.discard(frame.anchor)
            self.anchors[frame.anchor] = value
        return span, value

    def _end_document(self) -> None:
        if not self.root:
            return
        root, span = self.root[0], self.root.item_spans[0]
        if root is None and span[1:3] == span[3:5]:
            return
        if self.aliased:
            problem = expanded(root)
            if problem is not None:
                self._error(span.line, span.column, f"{problem}; the document is not read")
                return
        self.file.documents.append(YamlDocument(root, span))

    def _special(self, event: Any, span: Span) -> Any:
        """The value of a scalar that has a tag or an anchor."""
        tag, text = event.tag, event.value
        value: Any
        if tag is None or tag == "!":
            value = text if event.style or tag else resolve(text)
        elif _is_custom(tag):
            value = _custom(tag, span)
        else:
            try:
                value = resolve_tagged(tag, text, bool(event.style))
            except BadScalarError as error:
                self._error(span.line, span.column, str(error))
                value = Unknown(f"does not fit its tag: {error}", span=span)
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        return value

    def _alias(self, name: str, span: Span) -> Any:
        self.aliased = True
        if name in self.open_anchors:
            self._error(span.line, span.column, f"the value of anchor `&{name}` contains itself")
            return Unknown(f"contains itself through the alias *{name}", span=span)
        if name not in self.anchors:
            message = f"the alias `*{name}` names an anchor that is not defined above it in this document"
            self._error(span.line, span.column, message)
            return Unknown(f"is the undefined alias *{name}", span=span)
        return self.anchors[name]

    def _odd_key(self, value: Any, span: Span) -> Any:
        """The key that a value other than a plain string gives; reports one that cannot be a key."""
        key = key_text(value)
        if key is not None:
            return key
        found = "null" if value is None else "a mapping" if isinstance(value, dict) else "a list"
        if isinstance(value, Unknown):
            found = f"a value that {value.reason}"
        self._error(span.line, span.column, f"a key must be text, not {found}; put it in quotes")
        return _UNUSABLE

    def _odd_entry(self, frame: _Frame, key: Any, value: Any, span: Span) -> None:
        """An entry that merges a mapping, has no usable key, or repeats a key."""
        if key is _MERGE:
            self._merge(frame, value, span)
        elif key is not _UNUSABLE:
            spans: Any = frame.keys
            if key in frame.merged:
                frame.merged.discard(key)
            else:
                here, first = frame.key_span, spans[key]
                message = (
                    f"the key `{key}` is written twice in this mapping: here and at line {first.line}, "
                    f"column {first.column}; Kubernetes rejects that, and only the last one would count"
                )
                self._error(here.line, here.column, message)
            frame.node[key] = value
            spans[key] = frame.key_span
            frame.values[key] = span

    def _merge(self, frame: _Frame, value: Any, span: Span) -> None:
        """Copy what `<<` names into the mapping, over entries above it as go-yaml v2 does."""
        sources = value if isinstance(value, List) else [value]
        spans: Any = frame.keys
        # Earlier mappings of a list win over later ones.
        for source in reversed(sources):
            if isinstance(source, Unknown):
                continue
            if not isinstance(source, Map):
                message = "`<<` can only merge a mapping or a list of mappings"
                self._error(span.line, span.column, message)
                continue
            self.merge_budget -= len(source) + 1
            if self.merge_budget < 0:
                message = f"`<<` copies more than {EXPANDED_LIMIT:,} entries; the document is not read"
                raise _RefusedError(Problem(span.line, span.column, message))
            frame.node.update(source)
            spans.update(source.key_spans)
            frame.values.update(source.value_spans)
            frame.merged.update(source)

    def _hashed(self, index: int) -> re.Match[str] | None:
        """The placeholder `#NAME#` behind the indicator of an empty value."""
        return _HASHED.match(self.text, index) if self.text[index - 1 : index] in (":", "-") else None

    def _after_indicator(self, index: int) -> bool:
        """Whether an empty value stands right after its `:`, `-` or `?`, and not at a later token."""
        return self.text[index - 1 : index] in (":", "-", "?")

    def _end_block_text(self, start: Any, end: Any) -> None:
        """Set the end of a `|` or `>` text; its event ends after the blank lines that follow it."""
        self.end_line, self.end_column = end.line + self.first_line, end.column + 1
        if end.column:
            return
        if self.lines is None:
            self.lines = self.text.split("\n")
        row = end.line - 1
        while row > start.line and not self.lines[row].strip(" "):
            row -= 1
        self.end_line, self.end_column = row + self.first_line, len(self.lines[row].rstrip("\r")) + 1


def _is_custom(tag: str) -> bool:
    return tag != "!" and not tag.startswith(TAG_PREFIX)


def _custom(tag: str, span: Span) -> Unknown:
    return Unknown(f"has the custom tag {tag}", span=span)
