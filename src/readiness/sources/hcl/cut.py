"""Cut HCL text into its top-level chunks, so that one bad block costs one block.

Only brackets, quotes, heredocs and comments are looked at; the grammar does the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from readiness.sources.comments import MARKER, Comment

DEPTH_LIMIT = 200
"""Brackets nested deeper than this are refused; Terraform code stays below 20."""

_TOKENS = r"""\#[^\n]*|//[^\n]*|/\*|<<-?([A-Za-z_][\w.-]*)[ \t\r]*\n|["{}\[\]()]"""
_NESTED = re.compile(_TOKENS)
_TOP = re.compile(_TOKENS + r"|\n")
_STRING = re.compile(r"""\\.|\$\$\{|%%\{|\$\{|%\{|["\n]""")
_BLOCK_START = (
    r"(?:resource|data|module|variable|output|locals|provider|terraform|moved|import|removed"
    r'|check|ephemeral|action)(?:[ \t]+"[^"\n]*")*[ \t]*\{'
)
_AT_BLOCK_START = re.compile(_BLOCK_START)
_NEXT_BLOCK_START = re.compile("^" + _BLOCK_START, re.MULTILINE)
_CLOSERS = {"}": "{", "]": "[", ")": "("}


class Piece(NamedTuple):
    """One top-level chunk: its text, the line it starts on (from 1), and a problem if it has one."""

    text: str
    line: int
    problem: tuple[int, int, str] | None  # absolute line, column, message


class Cut(NamedTuple):
    """The pieces of a file, and its comments that carry a marker for us."""

    pieces: Sequence[Piece]
    comments: Sequence[Comment]


def cut(text: str) -> Cut:
    """Cut `text` into top-level chunks.

    A chunk that never closes is scanned again with a stop at the next line that starts a
    block in the first column, so that what follows a missing brace is still read.
    """
    state = _Cutter(text)
    position, size = 0, len(text)
    while position < size:
        if state.stack and state.stack[-1][0] == '"':
            position = state.in_string(position)
        else:
            position = state.in_code(position)
        if position >= size and state.stack and not state.resync:
            position = state.restart()
    if state.stack:
        state.emit(size, state.unclosed())
    state.emit(size)
    return Cut(state.pieces, state.comments)


class _Cutter:
    """State of one pass over a text: a stack of open brackets and quotes with their offsets."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.start = 0  # offset and line of the current chunk
        self.start_line = 1
        self.stack: list[tuple[str, int]] = []
        self.pieces: list[Piece] = []
        self.comments: list[Comment] = []
        self.marked = MARKER.search(text) is not None
        self.resync = False
        self.content = False

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column (from 1) of an offset in the current chunk."""
        line = self.start_line + self.text.count("\n", self.start, offset)
        return line, offset - self.text.rfind("\n", 0, offset)

    def emit(self, end: int, problem: tuple[int, int, str] | None = None) -> None:
        """Close the current chunk at `end` (after its newline) if it holds anything."""
        text = self.text[self.start : end]
        if self.content or problem:
            self.pieces.append(Piece(text if text.endswith("\n") else text + "\n", self.start_line, problem))
        self.start_line += text.count("\n")
        self.start, self.content = end, False
        self.stack.clear()

    def comment(self, start: int, end: int) -> None:
        """Keep a comment if it has a marker."""
        if self.marked and MARKER.search(self.text, start, end):
            self.comments.append(Comment(*self.place(start), self.text[start:end]))

    def unclosed(self) -> tuple[int, int, str]:
        """The problem of a chunk whose innermost bracket or quote is still open."""
        what, offset = self.stack[-1]
        name = "string" if what == '"' else f"`{what}`"
        return *self.place(offset), f"this {name} is never closed; the block it stands in was not read"

    def restart(self) -> int:
        """Go back to the start of the chunk that never closed, now stopping at block starts."""
        self.resync = True
        self.comments = [comment for comment in self.comments if comment.line < self.start_line]
        self.stack.clear()
        self.content = False
        return self.start

    def in_string(self, position: int) -> int:
        """One step inside a quoted string; the offset to go on from."""
        match = _STRING.search(self.text, position)
        if match is None:
            return len(self.text)
        token = match.group()
        if token == '"':
            self.stack.pop()
        elif token in ("${", "%{"):
            self.stack.append(("${", match.start()))
        elif token == "\n":
            # A quoted string ends on its line; the parser says so with the exact place.
            self.stack.pop()
            return match.start()
        return match.end()

    def in_code(self, position: int) -> int:
        """One step outside strings; the offset to go on from."""
        lines = self.resync or not self.stack
        match = (_TOP if lines else _NESTED).search(self.text, position)
        if match is None:
            self.content = self.content or bool(self.text[position:].strip())
            return len(self.text)
        start, token = match.start(), match.group()
        if not self.content and self.text[position:start].strip():
            self.content = True
        if token in '"{[(':
            return self.opener(token, start)
        if token in "}])":
            return self.closer(token, start)
        if token == "\n":
            return self.line_end(start)
        if token[0] == "<":
            return self.heredoc(match)
        if token == "/*":
            return self.block_comment(start)
        self.comment(start, match.end())
        return match.end()

    def opener(self, token: str, start: int) -> int:
        self.content = True
        self.stack.append((token, start))
        if len(self.stack) <= DEPTH_LIMIT:
            return start + 1
        following = _NEXT_BLOCK_START.search(self.text, start)
        end = following.start() if following else len(self.text)
        message = f"brackets are nested deeper than {DEPTH_LIMIT} levels"
        self.emit(end, (*self.place(start), message))
        return end

    def closer(self, token: str, start: int) -> int:
        top = self.stack[-1][0] if self.stack else None
        if top == _CLOSERS[token] or (top == "${" and token == "}"):
            self.stack.pop()
        elif top is None:
            end = self.text.find("\n", start) + 1 or len(self.text)
            self.emit(end, (*self.place(start), f"unexpected `{token}`"))
            return end
        else:
            self.stack.pop()  # the parser names the place
        return start + 1

    def line_end(self, start: int) -> int:
        end = start + 1
        if not self.stack:
            self.emit(end)
        elif _AT_BLOCK_START.match(self.text, end):
            self.emit(end, self.unclosed())
        return end

    def heredoc(self, match: re.Match[str]) -> int:
        self.content = True
        closing = re.compile(r"^[ \t]*" + re.escape(match.group(1)) + r"[ \t\r]*$", re.MULTILINE)
        found = closing.search(self.text, match.end())
        # Never closed: go on behind the marker; the parser names the place.
        return match.end() if found is None else found.end()

    def block_comment(self, start: int) -> int:
        close = self.text.find("*/", start + 2)
        end = len(self.text) if close < 0 else close + 2
        self.comment(start, end)
        self.content = self.content or close < 0
        return end
