"""YAML as `yamlencode` writes it: block style, strings in double quotes or as literal blocks.

Source: https://github.com/zclconf/go-cty-yaml/tree/v1.1.0 (encode.go, emitterc.go), a port of libyaml.
"""

from __future__ import annotations

from typing import Any

from readiness.terraform.convert import TEXT_LIMIT, EvaluationError, to_text
from readiness.terraform.functions_common import Unevaluated

_WIDTH = 80
_KEY_LIMIT = 128
_BREAKS = "\r\n\x85\u2028\u2029"
_ESCAPES = {
    "\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e",
    '"': '"', "\\": "\\", "\x85": "N", "\u2028": "L", "\u2029": "P",
}  # fmt: skip


def write(value: Any) -> str:
    """A known value as a YAML document.

    Raises:
        EvaluationError: it is too long.
        Unevaluated: it has a key that is long, or of several lines.
    """
    writer = _Writer()
    writer.node(value, -1, in_map=False)
    text = "".join(writer.parts)
    plain = not isinstance(value, (str, list, dict))
    return text + ("\n...\n" if plain else "" if text.endswith("\n") else "\n")


class _Writer:
    """The text so far, and the column where it ends."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.column = 0
        self.size = 0

    def put(self, text: str) -> None:
        """Add text."""
        self.parts.append(text)
        self.size += len(text)
        if self.size > TEXT_LIMIT:
            raise EvaluationError(f"the text would have more than {TEXT_LIMIT:,} characters")
        end = text.rfind("\n")
        self.column = self.column + len(text) if end < 0 else len(text) - end - 1

    def line(self, indent: int) -> None:
        """Go to a column of this line if nothing but indentation is before it, else of a new one."""
        if self.column > indent or (self.column and self.parts[-1] not in ("- ", "? ")):
            self.put("\n")
        self.put(" " * (indent - self.column))

    def node(self, value: Any, indent: int, in_map: bool) -> None:
        """A value inside of a collection with an indent."""
        if isinstance(value, dict) and value:
            self.mapping(value, indent)
        elif isinstance(value, list) and value:
            self.sequence(value, indent, in_map)
        elif isinstance(value, str):
            self.text(value, max(0, indent) + 2 if indent >= 0 else 2)
        else:
            empty = "{}" if isinstance(value, dict) else "[]" if isinstance(value, list) else None
            self.put(empty or ("null" if value is None else to_text(value)))

    def mapping(self, value: dict[str, Any], indent: int) -> None:
        """The entries of a mapping, in the order of their keys."""
        inner = 0 if indent < 0 else indent + 2
        for key in sorted(value):
            self.line(inner)
            if "\n" in key or len(key.encode()) > _KEY_LIMIT or any(char in key for char in _BREAKS):
                raise Unevaluated("a key is long, or of several lines")
            self.put(_simple(key) + ":")
            item = value[key]
            nested = isinstance(item, (dict, list)) and bool(item)
            if not nested:
                self.put(" ")
            self.node(item, inner, in_map=True)

    def sequence(self, value: list[Any], indent: int, in_map: bool) -> None:
        """The items of a sequence, which is not indented in a mapping."""
        inner = 0 if indent < 0 else indent if in_map else indent + 2
        for item in value:
            self.line(inner)
            self.put("- ")
            self.node(item, inner, in_map=False)

    def text(self, value: str, indent: int) -> None:
        """A string: as a literal block where it has lines and nothing that such a block cannot hold."""
        if "\n" in value and _literal_allowed(value):
            self.literal(value, indent)
        else:
            self.quoted(value, indent)

    def quoted(self, value: str, indent: int) -> None:
        """A string in double quotes, folded at spaces behind the 80th column."""
        self.put('"')
        spaces = False
        last = len(value) - 1
        for index, char in enumerate(value):
            if char == " ":
                if not spaces and self.column > _WIDTH and 0 < index < last:
                    self.put("\n" + " " * indent)
                    if value[index + 1] == " ":
                        self.put("\\")
                else:
                    self.put(" ")
                spaces = True
            else:
                self.put(_escaped(char))
                spaces = False
        self.put('"')

    def literal(self, value: str, indent: int) -> None:
        """A string as it is, behind a `|`."""
        hint = "2" if value[0] == " " or value[0] in _BREAKS else ""
        several = len(value) == 1 or value[-2] in _BREAKS
        chomp = "-" if value[-1] not in _BREAKS else "+" if several else ""
        self.put(f"|{hint}{chomp}\n")
        fresh = True
        for char in value:
            if char in _BREAKS:
                self.put(char)
                fresh = True
            else:
                if fresh:
                    self.put(" " * indent)
                self.put(char)
                fresh = False


def _printable(char: str) -> bool:
    code = ord(char)
    return (
        code == 0x0A
        or 0x20 <= code <= 0x7E
        or 0xA0 <= code <= 0xD7FF
        or (0xE000 <= code <= 0xFFFD and code != 0xFEFF)
    )


def _literal_allowed(value: str) -> bool:
    """False with spaces before a line break or at the end, and with characters to be escaped."""
    if value.endswith(" ") or not all(map(_printable, value)):
        return False
    return not any(char == " " and value[i + 1 : i + 2] in _BREAKS for i, char in enumerate(value[:-1]))


def _simple(key: str) -> str:
    return '"' + "".join(map(_escaped, key)) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return "\\" + _ESCAPES[char]
    if _printable(char):
        return char
    code = ord(char)
    return f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
