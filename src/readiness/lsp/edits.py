"""Edits of a text for editors: what tells one text from another, and comments that ignore a finding."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from lsprotocol import types

from readiness.lsp.positions import Positions
from readiness.sources.comments import MARKER, Comment

_NO_CODE = ("#", "//", "---")
"""How lines begin that a comment above does not speak for."""


def changed(before: Positions, after: str) -> list[types.TextEdit]:
    """The edits that make one text another, by whole lines; they do not overlap."""
    old, lines = _lines(before.text), _lines(after.removeprefix("\ufeff"))
    first = 0
    while first < min(len(old), len(lines)) and old[first] == lines[first]:
        first += 1
    last = 0
    while last < min(len(old), len(lines)) - first and old[-1 - last] == lines[-1 - last]:
        last += 1
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(None, old[first : len(old) - last], lines[first : len(lines) - last], False)
    return [
        types.TextEdit(
            types.Range(before.at(starts[first + low]), before.at(starts[first + high])),
            "".join(lines[first + new_low : first + new_high]),
        )
        for kind, low, high, new_low, new_high in matcher.get_opcodes()
        if kind != "equal"
    ]


def _lines(text: str) -> list[str]:
    """The lines of a text with their ends; nothing but a line feed ends one."""
    parts = text.split("\n")
    return [*(f"{part}\n" for part in parts[:-1]), *([parts[-1]] if parts[-1] else [])]


def ignore(path: str, positions: Positions, lines: Iterable[int], policy: str) -> types.TextEdit | None:
    """The comment that ignores a policy above the first of some lines (from 1) where a comment may stand.

    Its reason is left to the person.  None where no comment may stand: in JSON, inside a text of several
    lines.
    """
    if path.endswith(".json"):
        return None
    body = positions.text.split("\n")
    for number in lines:
        if not 0 < number <= len(body):
            continue
        line = body[number - 1]
        code = line.strip()
        if not code or code.startswith(_NO_CODE):
            continue
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        comment = f"{indent}# readiness:ignore {policy} reason: "
        new = [*body[: number - 1], comment, *body[number - 1 :]]
        if any(found[:2] == (number, len(indent) + 1) for found in _comments(path, "\n".join(new))):
            at = positions.at(positions.offset(number, 1))
            return types.TextEdit(types.Range(at, at), comment + ("\r\n" if line.endswith("\r") else "\n"))
    return None


def _comments(path: str, text: str) -> Iterable[Comment]:
    """The comments of a text that carry a marker, told from what stands inside its values."""
    if path.endswith((".yaml", ".yml")):
        from readiness.sources.yaml_comments import collect

        return collect(text, 1, MARKER)
    from readiness.sources.hcl.cut import cut

    return cut(text).comments
