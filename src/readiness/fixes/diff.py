"""Texts before and after as a unified diff that `git apply` and `patch -p1` take."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

_PLAIN = frozenset(" !#$%&'()*+,-./:;<=>?@[]^_`{|}~")
_ESCAPES = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def unified(was: Mapping[str, str], texts: Mapping[str, str]) -> str:
    """The difference of files by path, in the order of their paths; empty where there is none."""
    return "".join(_file(path, was[path], texts[path]) for path in sorted(texts))


def _file(path: str, before: str, after: str) -> str:
    lines = difflib.unified_diff(
        _lines(before), _lines(after), _name("a", path), _name("b", path), lineterm="\n"
    )
    written = []
    for line in lines:
        written.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(written)


def _lines(text: str) -> list[str]:
    """The lines of a text with their ends; nothing but a line feed ends one."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _name(side: str, path: str) -> str:
    """A path as git writes it in the header of a diff: in quotes where a character asks for them.

    Source: https://git-scm.com/docs/git-diff#_generating_patch_text_with_p
    """
    name = f"{side}/{path}"
    if all(char.isalnum() or char in _PLAIN for char in name):
        return f"{name}\t" if " " in name else name
    return '"' + "".join(_ESCAPES.get(char) or _shown(char) for char in name) + '"'


def _shown(char: str) -> str:
    if char.isprintable():
        return char
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogateescape"))
