"""The actions of a Go template: where they begin and end, and which values of a chart they look at.

Source: https://pkg.go.dev/text/template
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct, field

ValuesPath = tuple[str, ...]
"""Keys from the top of a chart's values; `*` stands for any item."""

_ACTION = re.compile(
    r"""\{\{(?P<left>-(?=\s))?\s*
        (?:/\*.*?\*/
         |(?P<body>(?:"(?:\\.|[^"\\])*"|`[^`]*`|'(?:\\.|[^'\\])*'|[^"'`}]|\}(?!\}))*?))
        \s*(?P<right>(?<=\s)-)?\}\}""",
    re.VERBOSE | re.DOTALL,
)
_KEYWORD = re.compile(r"(if|with|range|else|end|define|block|template|break|continue)\b\s*(.*)", re.DOTALL)
_ASSIGNED = re.compile(r"((?:\$\w+\s*,\s*)?\$\w*)\s*(:?=)\s*(.*)", re.DOTALL)
_TEXTS = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`')
_REFERENCE = re.compile(r"(?<![\w)\]\"`.$])(\$\w*)?((?:\.\w+)+|\.(?!\w))|(?<![\w.])(\$\w+)(?![\w.])")
_INDEX = re.compile(r"\bindex\s+(\$?\.Values(?:\.\w+)*)((?:\s+\"[^\"]*\")+)")
_QUOTED = re.compile(r'"([^"]*)"')


class Piece(Struct):
    """Text between actions (`body` is None), or an action.

    `output` is true for an action that prints; `paths` are the values it looks at.  `define` counts the
    named template that it stands in, from 1; 0 is outside of any.
    """

    start: int
    end: int
    body: str | None = None
    output: bool = False
    paths: tuple[ValuesPath, ...] = ()
    define: int = 0


class _Frame(Struct):
    """A block that is open: what `.` means in it, as a path of values, None where that is not known."""

    dot: ValuesPath | None
    define: int
    variables: dict[str, ValuesPath | None] = field(default_factory=dict)


_TOP: ValuesPath = ("",)  # what `.` is outside of any block: the object that holds `.Values`


def pieces(text: str) -> list[Piece] | None:
    """Cut a template into text and actions; None where the braces do not match."""
    found: list[Piece] = []
    walker = _Walker()
    position = 0
    while True:
        start = text.find("{{", position)
        if start < 0:
            break
        match = _ACTION.match(text, start)
        if match is None:
            return None
        if start > position:
            found.append(Piece(position, start, define=walker.define))
        body = match["body"]
        found.append(walker.action(start, match.end(), body or ""))
        position = match.end()
    if position < len(text):
        found.append(Piece(position, len(text), define=walker.define))
    return found


class _Walker:
    """Follows the blocks of a template."""

    def __init__(self) -> None:
        self._frames = [_Frame(_TOP, 0, {"$": _TOP})]
        self._defines = 0

    @property
    def define(self) -> int:
        return self._frames[-1].define

    def action(self, start: int, end: int, body: str) -> Piece:
        keyword = _KEYWORD.match(body)
        if keyword is not None and keyword[1] == "template":
            return Piece(start, end, body, True, tuple(dict.fromkeys(self._paths(keyword[2]))), self.define)
        if keyword is not None:
            return Piece(start, end, body, False, (), self._block(keyword[1], keyword[2]))
        assigned = _ASSIGNED.match(body)
        if assigned is not None:
            path = self._single(assigned[3]) if assigned[2] == ":=" else None
            self._frames[-1].variables[assigned[1]] = path
            return Piece(start, end, body, False, (), self.define)
        return Piece(start, end, body, bool(body), tuple(dict.fromkeys(self._paths(body))), self.define)

    def _block(self, keyword: str, rest: str) -> int:
        """Open or close blocks; the result is the named template that the action belongs to."""
        frame = self._frames[-1]
        if keyword == "end":
            if len(self._frames) > 1:
                self._frames.pop()
            return frame.define
        if keyword == "else":
            if rest.startswith("with") and len(self._frames) > 1:
                frame.dot = self._single(rest.removeprefix("with"))
            elif len(self._frames) > 1:
                frame.dot = self._frames[-2].dot
            return frame.define
        if keyword in ("define", "block"):
            self._defines += 1
            self._frames.append(_Frame(None, self._defines, {}))
        elif keyword in ("if", "with", "range"):
            self._open(keyword, rest)
        return frame.define

    def _open(self, keyword: str, rest: str) -> None:
        frame = self._frames[-1]
        assigned = _ASSIGNED.match(rest)
        path = self._single(assigned[3] if assigned else rest)
        if keyword == "range" and path is not None:
            path = (*path, "*")
        opened = _Frame(frame.dot if keyword == "if" else path, frame.define, {})
        if assigned:
            names = [name.strip() for name in assigned[1].split(",")]
            opened.variables.update(dict.fromkeys(names[:-1]))
            opened.variables[names[-1]] = path
        self._frames.append(opened)

    def _single(self, expression: str) -> ValuesPath | None:
        """The path of values that an expression is, or None where it is anything else."""
        found = list(dict.fromkeys(self._paths(expression)))
        return found[0] if len(found) == 1 else None

    def _paths(self, expression: str) -> Iterator[ValuesPath]:
        """Every path of values that an expression mentions."""
        for match in _INDEX.finditer(expression):
            keys = tuple(_QUOTED.findall(match[2]))
            yield (
                (*match[1].partition(".Values")[2].strip(".").split("."), *keys)
                if match[1].strip("$.") != "Values"
                else keys
            )
        expression = _TEXTS.sub('""', _INDEX.sub("", expression))
        for match in _REFERENCE.finditer(expression):
            variable, chain = match[1] or match[3], match[2] or ""
            start = self._variable(variable) if variable else self._frames[-1].dot
            keys = tuple(key for key in chain.split(".") if key)
            if start is None:
                # Inside a named template `.Values` is still what everybody means by it.
                start = _TOP if keys[:1] == ("Values",) else None
            if start is None:
                continue
            path = (*start, *keys)
            if path[:2] == ("", "Values"):
                path = path[2:]
            if path and path[0] != "":
                yield path

    def _variable(self, name: str) -> ValuesPath | None:
        for frame in reversed(self._frames):
            if name in frame.variables:
                return frame.variables[name]
        return _TOP if name == "$" else None
