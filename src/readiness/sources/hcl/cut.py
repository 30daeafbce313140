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

_TOKENS = r"""\#[^\n]*|//[^\n]*|/\*|<<-?([A-Za-z_][\w.-]*)\r?\n|["{}\[\]()]"""
_NESTED = re.compile(_TOKENS)
_TOP = re.compile(_TOKENS + r"|\n")
_STRING = re.compile(r"""\\.|\$\$\{|%%\{|\$\{|%\{|["\n]""")
_BLOCK_START = (
    r"(?:resource|data|module|variable|output|locals|provider|terraform|moved|import|removed"
    r'|check|ephemeral|action)(?:[ \t]+"[^"\n]*")*[ \t]*\{'
)
_AT_BLOCK_START = re.compile(_BLOCK_START)
_NEXT_BLOCK_START = re.compile("^" + _BLOCK_START, re.MULTILINE)
_CLOSERS = {"]": "[", ")": "("}
_NAMES = {'"': "string", "${": "interpolation"}
_LOST = "the block it stands in was not read"


class Piece(NamedTuple):
    """One top-level chunk: its text, the line it starts on (from 1), and a problem if it has one.

    A piece with a problem has no text: there is nothing to parse.
    """

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
        state.unclosed()
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
        self.fault: tuple[int, int, str] | None = None  # the first problem of the current chunk
        self.lasts: dict[str, int] | None = None  # known once a heredoc was found open

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column (from 1) of an offset in the current chunk."""
        line = self.start_line + self.text.count("\n", self.start, offset)
        return line, offset - self.text.rfind("\n", 0, offset)

    def blame(self, offset: int, message: str) -> None:
        """Note a problem of the current chunk; the first one is the one to report."""
        if self.fault is None:
            self.fault = (*self.place(offset), message)

    def emit(self, end: int) -> None:
        """Close the current chunk at `end` (after its newline) if it holds anything."""
        text = self.text[self.start : end]
        if self.fault is not None:
            self.pieces.append(Piece("", self.start_line, self.fault))
        elif self.content:
            self.pieces.append(Piece(text if text.endswith("\n") else text + "\n", self.start_line, None))
        self.start_line += text.count("\n")
        self.start, self.content, self.fault = end, False, None
        self.stack.clear()

    def comment(self, start: int, end: int) -> None:
        """Keep a comment if it has a marker."""
        if self.marked and MARKER.search(self.text, start, end):
            self.comments.append(Comment(*self.place(start), self.text[start:end]))

    def unclosed(self, level: int = -1) -> None:
        """Note that a bracket or quote (the innermost) is never closed."""
        what, offset = self.stack[level]
        self.blame(offset, f"this {_NAMES.get(what, f'`{what}`')} is never closed; {_LOST}")

    def restart(self) -> int:
        """Go back to the start of the chunk that never closed, now stopping at block starts."""
        self.resync = True
        self.comments = [comment for comment in self.comments if comment.line < self.start_line]
        self.stack.clear()
        self.content, self.fault = False, None
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
            self.broken_string(match.start())
            return match.start()
        return match.end()

    def broken_string(self, end: int) -> None:
        """A quoted string ends on its line: leave all strings and interpolations begun there."""
        line = self.text.rfind("\n", 0, end) + 1
        level = len(self.stack) - 1
        while level and self.stack[level - 1][1] >= line and self.stack[level - 1][0] in ('"', "${"):
            level -= 1
        inner = [index for index in range(level, len(self.stack)) if self.stack[index][0] == "${"]
        self.unclosed(inner[-1] if inner else level)
        del self.stack[level:]

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
        self.blame(start, f"brackets are nested deeper than {DEPTH_LIMIT} levels; {_LOST}")
        following = _NEXT_BLOCK_START.search(self.text, start)
        end = following.start() if following else len(self.text)
        self.emit(end)
        return end

    def closer(self, token: str, start: int) -> int:
        """A closing bracket: what it closes may be open further out, then what is inside is broken."""
        wanted = ("${", "{") if token == "}" else (_CLOSERS[token],)
        level = len(self.stack) - 1
        while level >= 0 and self.stack[level][0] not in wanted:
            # Nothing outside an interpolation can be closed from within.
            level = -1 if self.stack[level][0] == "${" else level - 1
        if level < 0:
            self.blame(start, f"this `{token}` closes nothing")
            if not self.stack:
                end = self.text.find("\n", start) + 1 or len(self.text)
                self.emit(end)
                return end
            return start + 1
        if level < len(self.stack) - 1:
            self.unclosed()
        del self.stack[level:]
        return start + 1

    def line_end(self, start: int) -> int:
        end = start + 1
        if not self.stack:
            self.emit(end)
        elif _AT_BLOCK_START.match(self.text, end):
            self.unclosed()
            self.emit(end)
        return end

    def heredoc(self, match: re.Match[str]) -> int:
        self.content = True
        found = None
        if self.lasts is None or self.lasts.get(match.group(1), -1) >= match.end():
            closing = re.compile(r"^[ \t]*" + re.escape(match.group(1)) + r"[ \t\r]*$", re.MULTILINE)
            found = closing.search(self.text, match.end())
        if found is None:
            if self.lasts is None:
                self.lasts = _last_lines(self.text)
            message = f"this heredoc is never closed: no line below holds `{match.group(1)}` alone; {_LOST}"
            self.blame(match.start(), message)
            return match.end()
        return found.end()

    def block_comment(self, start: int) -> int:
        close = self.text.find("*/", start + 2)
        end = len(self.text) if close < 0 else close + 2
        self.comment(start, end)
        if close < 0:
            self.blame(start, "this comment is never closed; what follows it was not read")
        return end


def _last_lines(text: str) -> dict[str, int]:
    """The offset of the last line that holds a text alone: a thousand open heredocs cost one pass."""
    lasts: dict[str, int] = {}
    offset = 0
    for line in text.split("\n"):
        lasts[line.strip(" \t\r")] = offset
        offset += len(line) + 1
    return lasts
