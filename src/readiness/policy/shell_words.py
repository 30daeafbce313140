"""The simple commands of a shell script: enough of POSIX's grammar to see which words are one command.

Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

_TOKEN = re.compile(
    r"""
    (?P<skip>(?:[ \t\r]|\\\r?\n)+)
  | (?P<comment>(?<![^\s;&|()])\#[^\n]*)
  | (?P<redirect>\d*(?:&>>?|>>|<<<|<<-?|>\||<>|[<>]&?)(?P<to>\d+|-)?)
  | (?P<end>&&|\|\||;;?|[&|()\n])
  | (?P<word>(?:
        \$\([^()]*\) | \$\{[^{}]*\} | \{\{[^{}]*\}\} | `[^`]*`
      | "(?:[^"\\]|\\.)*" | '[^']*' | \\. | [^\s;&|()<>"'`\\]
    )+)
  | (?P<stray>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PIECE = re.compile(r""""((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^"'\\]+|.)""", re.DOTALL)
_FILLED_IN = re.compile(r"[$`\0]|\{\{")
_BY_KUBERNETES = re.compile(r"\$\([A-Za-z_][A-Za-z0-9_.-]*\)|\0|\{\{")
_ASSIGNED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_OPENING = frozenset(
    {"!", "{", "do", "elif", "else", "if", "then", "time", "until", "while"} | {"}", "done", "esac", "fi"}
)


class Word(Struct, frozen=True):
    """A word without its quotes; `known` is as many of its characters as are known, or None for all."""

    text: str
    known: int | None = None


def simple_commands(script: str) -> Iterator[list[Word]]:
    """The commands of a script, each as its words, without assignments, redirections and keywords.

    A NUL in the script stands for text that is not known.
    """
    command: list[Word] = []
    target = False
    for match in _TOKEN.finditer(script):
        kind = match.lastgroup
        if match["redirect"] is not None:
            target = match["to"] is None
        elif kind == "word" and target:
            target = False
        elif kind == "word":
            raw = match["word"]
            opening = raw in _OPENING or raw.endswith("()") or _ASSIGNED.match(raw) is not None
            if command or not opening:
                command.append(_word(raw))
        elif kind == "end":
            target = False
            if command:
                yield command
            command = []
    if command:
        yield command


def _word(raw: str) -> Word:
    """A word as the program gets it: quotes removed, what the shell puts in left as it is written."""
    text, known = "", None
    for match in _PIECE.finditer(raw):
        double, single, escaped, plain = match.groups()
        piece = next(part for part in (double, single, escaped, plain) if part is not None)
        if double is not None:
            piece = re.sub(r'\\([$`"\\])', r"\1", piece)
        # Kubernetes fills $(NAME) in before there is a shell, so quotes do not matter to it.
        pattern = _FILLED_IN if escaped is None and single is None else _BY_KUBERNETES
        filled = pattern.search(piece)
        if filled is not None and known is None:
            known = len(text) + filled.start()
        text += piece
    return Word(text, known)
