"""Pieces of Markdown that GitHub and Python-Markdown read alike, whatever text is in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from readiness.outputs.terminal import clean, escape_char

_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_SPECIAL = re.compile(r"[\\*\[\]]|(?<!\w)_|_(?!\w)")
_ENTITIES = {
    "|": "&#124;",
    "`": "&#96;",
    "*": "&#42;",
    "_": "&#95;",
    "[": "&#91;",
    "]": "&#93;",
    "\\": "&#92;",
}
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_ADDRESS = re.compile(r"<(?=https?://[^\s<>]+>)")


def code(text: str) -> str:
    """Text as code on one line, safe in tables as well."""
    line = clean(text)
    if not line or any(char in line for char in "|`"):
        # What a pipe behind backticks means in a table differs between readers of Markdown.
        marked = "".join(_ENTITIES.get(char, char) for char in escape(line, quote=False))
        return f"<code>{marked}</code>"
    return f"`{line}`"


def inline(text: str) -> str:
    """Text on one line with its `code` kept, and everything else shown as it is."""
    out = []
    last = 0
    line = clean(text)
    for match in _CODE.finditer(line):
        out += [_plain(line[last : match.start()]), code(match[1])]
        last = match.end()
    return "".join([*out, _plain(line[last:])])


def _plain(text: str) -> str:
    text = _SPECIAL.sub(lambda match: f"\\{match[0]}", escape(text, quote=False))
    return text.replace("|", "&#124;").replace("`", "&#96;").replace("~", "&#126;")


def link(text: str, target: str) -> str:
    """A link; the text is Markdown already."""
    return f"[{text}]({target})"


def fenced(text: str, language: str = "") -> list[str]:
    """Lines of code behind a fence that none of them closes."""
    lines = [_safe(line).rstrip() for line in text.strip("\n").split("\n")]
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence + language, *lines, fence]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; its cells are Markdown already."""
    out = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return out + ["| " + " | ".join(cell or " " for cell in row) + " |" for row in rows]


def prose(text: str) -> list[str]:
    """Markdown of an author as lines, without HTML and without headings of its own.

    Outside code, `<` is a sign like others, except before an address: `<https://…>`.
    """
    out: list[str] = []
    fence = ""
    for line in text.strip().split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark is not None and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            out.append(_safe(line))
            continue
        if mark is not None:
            fence = mark[1]
            out.append(_safe(line))
            continue
        out.append(_without_html(_safe(line)))
    if fence:
        out.append(fence)
    return [line.rstrip() for line in out]


def _safe(line: str) -> str:
    """A line with everything that could hide or reorder text made visible; tabs stay."""
    if line.isprintable():
        return line
    return "".join(char if char == "\t" or char.isprintable() else escape_char(char) for char in line)


def _without_html(line: str) -> str:
    parts = []
    last = 0
    for match in _CODE.finditer(line):
        parts += [_unmarked(line[last : match.start()]), match[0]]
        last = match.end()
    text = "".join([*parts, _unmarked(line[last:])])
    return re.sub(r"^(\s{0,3})(#{1,6}\s)", r"\1\\\2", text)


def _unmarked(text: str) -> str:
    kept = _ADDRESS.sub("\0", text).replace("<", "&lt;")
    return kept.replace("\0", "<")


def document(blocks: Iterable[Sequence[str]]) -> str:
    """Blocks of lines as a text, with an empty line between two of them."""
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"
