"""Text for terminals: escaping what is hostile, measuring cells, colours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from readiness.errors import SourceError
    from readiness.values import Span

# Controls, soft hyphen, zero-width and bidirectional marks, separators, surrogates and tags:
# all that can move the cursor, reorder or hide text.  Joiners (U+200C, U+200D) stay: scripts
# and emoji need them.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
# `##[…]` and `##vso[…]` are commands to the runners of GitHub and Azure wherever they stand in a line
# of a log, `##teamcity[…]` is one to TeamCity's.
_COMMAND = re.compile(r"(##\w*)\[")
_BREAKS = re.compile(r"[ \t]*[\r\n]+[ \t]*|\t")

TAB = 4
"""Cells between two tab stops in code excerpts."""


def escape_char(char: str) -> str:
    r"""A character as visible ASCII: `\x1b`, `\u202e`, `\U000e0001`."""
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def defused(text: str) -> str:
    r"""A text in which nothing is a command to a CI runner any more: `##[error]` is `##\x5berror]`."""
    return _COMMAND.sub(r"\1\\x5b", text) if "##" in text else text


def command_brackets(line: str) -> set[int]:
    """The places of every `[` that would make a line a command to a CI runner."""
    return {match.end() - 1 for match in _COMMAND.finditer(line)} if "##" in line else set()


def clean(text: str) -> str:
    """Text from a repository on one line, with everything that could drive a terminal or a runner escaped."""
    if not text.isprintable():
        text = _UNSAFE.sub(lambda match: escape_char(match[0]), _BREAKS.sub(" ", text.strip()))
    return defused(text)


def clean_path(path: str) -> str:
    """A path for people, with anything that could drive a terminal or a CI runner escaped."""
    # A line that starts with two colons is a command to the runners of GitHub Actions.
    path = f"./{path}" if path.startswith("::") else path
    if not path.isprintable():
        path = _UNSAFE.sub(lambda match: escape_char(match[0]), path)
    return defused(path)


def cells(char: str) -> int:
    """How many terminal cells one printable character takes: 0, 1 or 2."""
    if char < "\u0300":
        return 1
    from unicodedata import category, east_asian_width

    if category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(char) in "WF" else 1


def shown(char: str) -> tuple[str, int]:
    """A character of a source file (no tab) as it may be shown, and the cells that takes."""
    if char.isprintable():
        return char, cells(char)
    if char.isspace() and not _UNSAFE.match(char):
        return " " * cells(char), cells(char)
    text = _UNSAFE.sub(lambda match: escape_char(match[0]), char)
    return text, len(text) if text != char else cells(char)


def text_width(text: str) -> int:
    """How many terminal cells a cleaned text takes."""
    return len(text) if text.isascii() else sum(map(cells, text))


def place(where: Span | SourceError) -> str:
    """`path:line:column`, without the parts that are not known (0)."""
    path = clean_path(where.path)
    if where.line < 1:
        return path
    return f"{path}:{where.line}:{where.column}" if where.column > 0 else f"{path}:{where.line}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 finding`, `1,200 findings`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


class Painter(Struct, frozen=True):
    """Adds ANSI colours when `enabled`, else returns text as it is."""

    enabled: bool

    def __call__(self, text: str, codes: str) -> str:
        """The text in a style given by SGR codes (`1;31`)."""
        return f"\x1b[{codes}m{text}\x1b[0m" if self.enabled and text and codes else text

    def bold(self, text: str) -> str:
        """Bold text."""
        return self(text, "1")

    def dim(self, text: str) -> str:
        """Faint text."""
        return self(text, "2")

    def rule(self, text: str) -> str:
        """Gutters and arrows."""
        return self(text, "1;34")


SEVERITY_CODES = {"critical": "1;97;41", "high": "1;31", "medium": "1;33", "low": "1;36", "info": "1;37"}
"""SGR codes by severity, for labels."""

CARET_CODES = SEVERITY_CODES | {"critical": "1;31"}
"""SGR codes by severity, for carets: no background there."""

STATUS_CODES = {"unknown": "36", "suppressed": "2", "waived": "2", "baselined": "2"}
"""SGR codes by status, for those that are not failures."""
