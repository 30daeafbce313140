"""Values as expressions of the language, laid out as `terraform fmt` does it.

Source: https://github.com/hashicorp/hcl/tree/v2.23.0/hclwrite (generate.go, format.go).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from readiness.terraform.convert import check_text, to_text
from readiness.terraform.graphemes import count

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


class _Line:
    """A line: what is before its `=` (None without), the rest, and how many brackets it opens."""

    __slots__ = ("depth", "name", "parts")

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        self.parts: list[str] = []
        self.depth = 0

    def put(self, text: str, depth: int = 0) -> None:
        """Add text that opens or closes so many brackets."""
        self.parts.append(text)
        self.depth += depth


def is_identifier(name: str) -> bool:
    """Whether an argument can have this name."""
    return name.replace("-", "_").isidentifier() and not name.startswith("-")


def expression(value: Any) -> str:
    """A known value as an expression."""
    lines = [_Line()]
    _write(value, lines)
    return _laid_out(lines)


def arguments(values: Mapping[str, Any]) -> str:
    """Known values by name as arguments, in the order of their names."""
    lines: list[_Line] = []
    for name in sorted(values):
        lines.append(_Line(name))
        _write(values[name], lines)
    return _laid_out(lines) + "\n" if lines else ""


def _write(value: Any, lines: list[_Line]) -> None:
    if isinstance(value, dict) and value:
        lines[-1].put("{", 1)
        for key in sorted(value):
            lines.append(_Line(key if is_identifier(key) else _quoted(key)))
            _write(value[key], lines)
        lines.append(_Line())
        lines[-1].put("}", -1)
    elif isinstance(value, list):
        lines[-1].put("[", 1)
        for index, item in enumerate(value):
            if index:
                lines[-1].put(", ")
            _write(item, lines)
        lines[-1].put("]", -1)
    else:
        text = "{}" if isinstance(value, dict) else "null" if value is None else None
        lines[-1].put(text or (_quoted(value) if isinstance(value, str) else to_text(value)))


def _quoted(text: str) -> str:
    escaped = "".join(map(_escaped, text)).replace("${", "$${").replace("%{", "%%{")
    return f'"{escaped}"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _laid_out(lines: list[_Line]) -> str:
    check_text(sum(len(part) for line in lines for part in line.parts))
    widths = _widths(lines)
    opened: list[int] = []
    result = []
    for line, width in zip(lines, widths, strict=True):
        _close(opened, -line.depth)
        indent = "  " * len(opened)
        if line.depth > 0:
            opened.append(line.depth)
        text = "".join(line.parts)
        if line.name is not None:
            text = f"{line.name}{' ' * (width - count(line.name))} = {text}"
        result.append(indent + text)
    return "\n".join(result)


def _close(opened: list[int], closed: int) -> None:
    """Take closed brackets off those that lines have opened."""
    while closed > 0 and opened:
        taken = min(closed, opened[-1])
        closed -= taken
        opened[-1] -= taken
        if not opened[-1]:
            opened.pop()


def _widths(lines: list[_Line]) -> list[int]:
    """Where the `=` of each line goes: arguments of one line that follow one another are aligned."""
    widths = [count(line.name or "") for line in lines]
    start = 0
    for index in range(len(lines) + 1):
        if index == len(lines) or lines[index].name is None or lines[index].depth:
            widths[start:index] = [max(widths[start:index], default=0)] * (index - start)
            start = index + 1
    return widths
