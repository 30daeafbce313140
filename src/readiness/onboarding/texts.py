"""Texts of a repository inside the files that are written: quoted exactly, or on one line for people."""

from __future__ import annotations

from readiness.fixes.in_yaml import scalar

_LONGEST = 300


def one_line(text: str) -> str:
    """A text for people: on one line, without what cannot be seen, shortened."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def written(text: str) -> str:
    """A text as a scalar of YAML: exactly itself, in quotes and with escapes where it needs them."""
    if text.isprintable():
        return scalar(text)
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return char if char.isprintable() else f"\\U{ord(char):08x}"


def flow(items: tuple[str, ...] | list[str]) -> str:
    """A list of texts of YAML on one line."""
    return f"[{', '.join(written(item) for item in items)}]"


def comment(text: str, indent: str = "") -> str:
    """A line of comment."""
    return f"{indent}# {one_line(text)}"
