"""JSON text to a document with spans: manifests, `.tf.json` files and plans.

A reader of our own (RFC 8259), because the standard library keeps no positions: it uses a stack
instead of recursion, and every error has its line and column.  Integers that do not fit 64 bits
become floats, as they do in the Kubernetes API machinery and in Terraform's JSON.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from readiness.errors import SourceError
from readiness.sources.yaml_model import DEPTH_LIMIT, YamlDocument, YamlFile
from readiness.values import List, Map, Span

_SPACE = re.compile(r"[ \t\r\n]*")
_KEY = re.compile(r'"([^"\\\x00-\x1f]*+)"[ \t]*+:[ \t]*+')
_SCALAR = re.compile(
    r'"(?P<string>[^"\\\x00-\x1f]*+)"|(?P<number>-?(?:0|[1-9][0-9]*+)(?P<float>(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?))'
    r"(?![0-9.a-zA-Z_+-])|(?P<word>true|false|null)(?![0-9a-zA-Z_])"
)
_WORD = re.compile(r"[^\s,:{}\[\]\"]+")
# Half of a pair, written as an escape, is no character; Go and Terraform read it as U+FFFD.
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS = {"true": True, "false": False, "null": None}
_INT64 = range(-(2**63), 2**63)
# Python refuses to convert very long decimal texts, and no 64-bit number is longer.
_LONGEST_INTEGER = 40

_make_span: Callable[[tuple[str, int, int, int, int]], Span] = partial(tuple.__new__, Span)


def read(path: str, text: str) -> YamlFile:
    """Read one JSON document; a text of nothing but white space has none.

    A text that is no valid JSON gives one error with its place and no document.  A repeated key is
    an error too, but the document is kept with the last of its values.
    """
    reader = _Reader(path, text.removeprefix("\ufeff"))
    file = YamlFile(errors=reader.errors)
    try:
        document = reader.document()
    except _InvalidError as invalid:
        reader.report(invalid.position, invalid.message)
    else:
        if document is not None:
            file.documents.append(document)
    return file


class _InvalidError(Exception):
    """The text stops being JSON at `position` (an index)."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__(message)
        self.position = position
        self.message = message


class _Frame:
    """An object or array being read."""

    __slots__ = ("column", "key", "key_span", "keys", "line", "node", "position", "values")

    def __init__(self, node: Map | List, position: int, line: int, column: int) -> None:
        self.node: Any = node
        self.position = position
        self.line = line
        self.column = column
        self.keys: dict[str, Span] | None
        self.values: Any
        if isinstance(node, Map):
            self.keys, self.values = node.key_spans, node.value_spans
        else:
            self.keys, self.values = None, node.item_spans
        self.key = ""
        self.key_span: Any = None


class _Reader:
    """State of one pass: the position (an index), its line (from 1) and where that line starts."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.errors: list[SourceError] = []
        self.position = 0
        self.line = 1
        self.line_start = 0
        self.stack: list[_Frame] = []

    def report(self, position: int, message: str) -> None:
        line = self.text.count("\n", 0, position) + 1
        column = position - (self.text.rfind("\n", 0, position) + 1) + 1
        self.errors.append(SourceError(self.path, line, column, message))

    def document(self) -> YamlDocument | None:
        """The root value, or None for an empty text.  Raises _InvalidError."""
        self.space()
        if self.position == len(self.text):
            return None
        value, span = self.root()
        self.space()
        if self.position < len(self.text):
            raise _InvalidError(self.position, "unexpected text after the end of the JSON value")
        return YamlDocument(value, span)

    def space(self) -> str:
        """Skip white space; gives the next character, or an empty text at the end."""
        text, start = self.text, self.position
        character = text[start : start + 1]
        if character > " ":
            return character
        end = _SPACE.match(text, start).end()  # type: ignore[union-attr]
        newline = text.rfind("\n", start, end)
        if newline >= 0:
            self.line += text.count("\n", start, newline) + 1
            self.line_start = newline + 1
        self.position = end
        return text[end : end + 1]

    def root(self) -> tuple[Any, Span]:
        """Read one whole value, with a stack of open objects and arrays."""
        while True:
            character = self.space()
            if character == "{" or character == "[":
                frame = self.open(character)
                if self.space() != ("}" if character == "{" else "]"):
                    if frame.keys is not None:
                        self.read_key(frame)
                    continue
                value, span = self.close()
            else:
                value, span = self.scalar()
            # Hand the value to what is open, and close what it ends.
            while True:
                if not self.stack:
                    return value, span
                frame = self.stack[-1]
                if frame.keys is None:
                    frame.node.append(value)
                    frame.values.append(span)
                else:
                    frame.node[frame.key] = value
                    frame.keys[frame.key] = frame.key_span
                    frame.values[frame.key] = span
                if not self.ends(frame):
                    break
                value, span = self.close()

    def open(self, character: str) -> _Frame:
        node: Map | List = Map() if character == "{" else List()
        frame = _Frame(node, self.position, self.line, self.position - self.line_start + 1)
        self.stack.append(frame)
        if len(self.stack) > DEPTH_LIMIT:
            raise _InvalidError(self.position, f"values are nested more than {DEPTH_LIMIT} levels deep here")
        self.position += 1
        return frame

    def close(self) -> tuple[Any, Span]:
        frame = self.stack.pop()
        self.position += 1
        end_column = self.position - self.line_start + 1
        span = _make_span((self.path, frame.line, frame.column, self.line, end_column))
        frame.node.span = span
        return frame.node, span

    def ends(self, frame: _Frame) -> bool:
        """After a value: True at the closing bracket, else moves to the next item or past the next key."""
        closer = "]" if frame.keys is None else "}"
        character = self.space()
        if character == closer:
            return True
        if character != ",":
            raise self.unexpected(f"expected `,` or `{closer}`", frame)
        comma = self.position
        self.position += 1
        if self.space() == closer:
            raise _InvalidError(
                comma, f"a comma before `{closer}`; JSON does not allow one after the last value"
            )
        if frame.keys is not None:
            self.read_key(frame)
        return False

    def read_key(self, frame: _Frame) -> None:
        start, line, line_start = self.position, self.line, self.line_start
        match = _KEY.match(self.text, start)
        if match is not None:
            key, end = match[1], start + len(match[1]) + 2
            self.position = match.end()
        else:
            if self.space() != '"':
                raise self.unexpected("expected a key in double quotes", frame)
            key, end = self.string(start)
            self.position = end
            if self.space() != ":":
                raise self.unexpected(f"expected `:` after the key `{key}`", frame)
            self.position += 1
        span = _make_span((self.path, line, start - line_start + 1, line, end - line_start + 1))
        if frame.keys and key in frame.keys:
            first = frame.keys[key]
            self.report(
                start,
                f"the key `{key}` is written twice in this object: here and at line {first.line}, "
                f"column {first.column}; only the last one would count",
            )
        frame.key, frame.key_span = key, span

    def scalar(self) -> tuple[Any, Span]:
        start = self.position
        match = _SCALAR.match(self.text, start)
        value: Any
        if match is None:
            if self.text[start : start + 1] != '"':
                raise self.unexpected("expected a value", self.stack[-1] if self.stack else None)
            value, self.position = self.string(start)
        else:
            self.position = match.end()
            kind = match.lastgroup
            if kind == "string":
                value = match["string"]
            elif kind == "word":
                value = _WORDS[match["word"]]
            else:
                value = _number(match["number"], bool(match["float"]))
                if value in (math.inf, -math.inf):
                    raise _InvalidError(start, "the number is too large")
        column = start - self.line_start + 1
        end_column = self.position - self.line_start + 1
        return value, _make_span((self.path, self.line, column, self.line, end_column))

    def string(self, start: int) -> tuple[str, int]:
        """A string with escapes, from its opening quote: its value and the index after it."""
        import json

        try:
            value, end = json.JSONDecoder().raw_decode(self.text, start)
        except json.JSONDecodeError as error:
            if error.msg.startswith("Unterminated"):
                raise _InvalidError(start, "the quote opened here is never closed") from None
            message = "a line break or control character inside a string; write it as an escape (`\\n`)"
            if "escape" in error.msg:
                message = "an invalid escape sequence inside a string"
            raise _InvalidError(error.pos, message) from None
        if _SURROGATE.search(value):
            value = _SURROGATE.sub("\ufffd", value)
        return value, end

    def unexpected(self, expectation: str, frame: _Frame | None) -> _InvalidError:
        character = self.text[self.position : self.position + 1]
        if not character:
            if frame is None:
                return _InvalidError(self.position, f"{expectation}, found the end of the text")
            bracket = "[" if frame.keys is None else "{"
            return _InvalidError(frame.position, f"the `{bracket}` opened here is never closed")
        if character == "/" and self.text[self.position + 1 : self.position + 2] in ("/", "*"):
            return _InvalidError(self.position, "a comment; JSON has none")
        if character == "'":
            return _InvalidError(
                self.position, f"{expectation}, found a single quote; JSON strings use double quotes"
            )
        word = _WORD.match(self.text, self.position)
        found = word.group()[:40] if word else character
        return _InvalidError(self.position, f"{expectation}, found `{found}`")


def _number(text: str, fraction: bool) -> int | float:
    if fraction or len(text) > _LONGEST_INTEGER:
        return float(text)
    value = int(text)
    return value if value in _INT64 else float(value)
