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

_CODE = re.compile(
    r"""\#[^\n]*|//[^\n]*|/\*|<<-?([A-Za-z_][\w.-]*)[ \t\r]*\n|["{}\[\]()]|\n""",
)
_STRING = re.compile(r"""\\.|\$\$\{|%%\{|\$\{|%\{|["\n]""")
_BLOCK_START = re.compile(
    r"""(?:resource|data|module|variable|output|locals|provider|terraform|moved|import|removed"""
    r"""|check|ephemeral|action)(?:[ \t]+"[^"\n]*")*[ \t]*\{""",
)
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


class _Cutter:
    """State of one pass over a text: a stack of open brackets and quotes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line = 1
        self.line_start = 0
        self.start = 0
        self.start_line = 1
        self.stack: list[tuple[str, int, int]] = []
        self.pieces: list[Piece] = []
        self.comments: list[Comment] = []
        self.resync = False
        self.content = False

    def column(self, position: int) -> int:
        return position - self.line_start + 1

    def emit(self, end: int, problem: tuple[int, int, str] | None = None) -> None:
        """Close the current chunk at `end` (after its newline) if it holds anything."""
        if self.content or problem:
            text = self.text[self.start : end]
            self.pieces.append(Piece(text if text.endswith("\n") else text + "\n", self.start_line, problem))
        self.start, self.start_line, self.content = end, self.line, False
        self.stack.clear()

    def newline(self, position: int) -> None:
        self.line += 1
        self.line_start = position + 1

    def comment(self, position: int, end: int) -> None:
        text = self.text[position:end]
        if MARKER.search(text):
            self.comments.append(Comment(self.line, self.column(position), text))


def cut(text: str) -> Cut:
    """Cut `text` into top-level chunks.

    A chunk that never closes is scanned again with a stop at the next line that starts a
    block in the first column, so that what follows a missing brace is still read.
    """
    state = _Cutter(text)
    position, size = 0, len(text)
    while position < size:
        if state.stack and state.stack[-1][0] == '"':
            position = _in_string(state, position)
        else:
            position = _in_code(state, position)
        if position >= size and state.stack and not state.resync:
            position = _restart(state)
    if state.stack:
        state.emit(size, _unclosed(state))
    state.emit(size)
    return Cut(state.pieces, state.comments)


def _unclosed(state: _Cutter) -> tuple[int, int, str]:
    what, line, column = state.stack[-1]
    name = "string" if what == '"' else f"`{what}`"
    return line, column, f"this {name} is never closed; the block it stands in was not read"


def _restart(state: _Cutter) -> int:
    """Go back to the start of the chunk that never closed, now stopping at block starts."""
    state.resync = True
    state.line, state.line_start = state.start_line, state.start
    state.comments = [comment for comment in state.comments if comment.line < state.start_line]
    state.stack.clear()
    state.content = False
    return state.start


def _in_string(state: _Cutter, position: int) -> int:
    match = _STRING.search(state.text, position)
    if match is None:
        return len(state.text)
    token = match.group()
    if token == '"':
        state.stack.pop()
    elif token in ("${", "%{"):
        state.stack.append(("${", state.line, state.column(match.start())))
    elif token == "\n":
        # A quoted string ends on its line; the parser says so with the exact place.
        state.stack.pop()
        return match.start()
    return match.end()


def _in_code(state: _Cutter, position: int) -> int:
    match = _CODE.search(state.text, position)
    if match is None:
        if state.text[position:].strip():
            state.content = True
        return len(state.text)
    start, token = match.start(), match.group()
    if not state.content and state.text[position:start].strip():
        state.content = True
    if token == "\n":
        return _line_end(state, start)
    if token == '"' or token in "{[(":
        state.content = True
        state.stack.append((token, state.line, state.column(start)))
        if len(state.stack) > DEPTH_LIMIT:
            return _too_deep(state, start)
        return match.end()
    if token in "}])":
        return _closer(state, token, start)
    if token[0] == "<":
        return _heredoc(state, match)
    if token == "/*":
        return _block_comment(state, start)
    state.comment(start, match.end())
    return match.end()


def _line_end(state: _Cutter, start: int) -> int:
    state.newline(start)
    if not state.stack:
        state.emit(start + 1)
    elif state.resync and _BLOCK_START.match(state.text, start + 1):
        state.emit(start + 1, _unclosed(state))
    return start + 1


def _closer(state: _Cutter, token: str, start: int) -> int:
    top = state.stack[-1][0] if state.stack else None
    if top == "${" and token == "}":
        state.stack.pop()
    elif top == _CLOSERS[token]:
        state.stack.pop()
    else:
        place = (state.line, state.column(start))
        opened = f"; `{top}` from line {state.stack[-1][1]} is open" if top else ""
        end = state.text.find("\n", start) + 1 or len(state.text)
        if top is None:
            state.newline(end - 1)
            state.emit(end, (*place, f"unexpected `{token}`{opened}"))
            return end
        state.stack.pop()
    return start + 1


def _too_deep(state: _Cutter, start: int) -> int:
    """Refuse the chunk and go on at the next line that starts a block in the first column."""
    place = (state.line, state.column(start))
    following = re.compile(r"^" + _BLOCK_START.pattern, re.MULTILINE).search(state.text, start)
    end = following.start() if following else len(state.text)
    state.line += state.text.count("\n", start, end)
    state.line_start = end
    state.emit(end, (*place, f"brackets are nested deeper than {DEPTH_LIMIT} levels"))
    return end


def _heredoc(state: _Cutter, match: re.Match[str]) -> int:
    state.content = True
    closing = re.compile(r"^[ \t]*" + re.escape(match.group(1)) + r"[ \t\r]*$", re.MULTILINE)
    found = closing.search(state.text, match.end())
    if found is None:
        # Never closed: go on behind the marker; the parser names the place.
        state.newline(match.end() - 1)
        return match.end()
    end = found.end()
    state.line += state.text.count("\n", match.start(), end)
    state.line_start = found.start()
    return end


def _block_comment(state: _Cutter, start: int) -> int:
    close = state.text.find("*/", start + 2)
    end = len(state.text) if close < 0 else close + 2
    state.comment(start, end)
    if close < 0:
        state.content = True
    count = state.text.count("\n", start, end)
    if count:
        state.line += count
        state.line_start = state.text.rfind("\n", start, end) + 1
    return end
