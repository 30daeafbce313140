"""String and heredoc templates: literal text, interpolations and directives → nodes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from readiness.errors import ReadinessError
from readiness.sources.hcl import ast
from readiness.sources.hcl.ast import At

_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)


class TemplateError(ReadinessError):
    """An expression or template that cannot be read: line and column (from 1) in the chunk."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message


class Directive(Struct):
    """A template directive as written: `if`, `else`, `endif`, `for`, `endfor`."""

    kind: str
    test: Any
    names: list[str]
    left: bool
    right: bool


class Trimmed(Struct):
    """An interpolation with trim markers."""

    node: Any
    left: bool
    right: bool


def unescape(text: str, token: Any = None) -> str:
    """Resolve the escapes of a quoted string; `token` has its place, for errors.

    Raises:
        TemplateError: something that is no escape, where there is a token.
    """

    def one(match: re.Match[str]) -> str:
        code = match.group(1) or match.group(2)
        if code:
            number = int(code, 16)
            return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
        known = _ESCAPES.get(match.group(3))
        if known is None and token is not None:
            message = f"`{match.group()}` is no escape of a string; a backslash itself is `\\\\`"
            raise TemplateError(token.line, token.column + match.start(), message)
        return known or match.group()

    return _ESCAPE.sub(one, text) if "\\" in text else text


def normal(text: str) -> str:
    """Text in the normal form (NFC) that all strings of HCL have."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def assemble(at: At, parts: list[Any]) -> Any:
    """Make one node of the parts of a template: text (`str`), nodes and directives.

    A template that is one interpolation alone is that expression itself, as in Terraform.
    """
    _strip(parts)
    return _assembled(at, parts)


def _assembled(at: At, parts: list[Any]) -> Any:
    parts = [part.node if isinstance(part, Trimmed) else part for part in parts]
    if not parts:
        return ast.Lit(at, "")
    if len(parts) == 1:
        return ast.Lit(at, normal(str(parts[0]))) if isinstance(parts[0], str) else _alone(at, parts[0])
    queue = list(reversed(parts))
    nodes, stop = _sequence(at, queue)
    if stop is not None:
        raise TemplateError(at[0], at[1], f"the template directive `{stop.kind}` has no beginning")
    return _joined(at, nodes)


def _alone(at: At, part: Any) -> Any:
    if isinstance(part, Directive):
        raise TemplateError(at[0], at[1], f"the template directive `{part.kind}` is never closed")
    return part


def _joined(at: At, nodes: list[Any]) -> Any:
    if all(isinstance(node, ast.Lit) and isinstance(node.value, str) for node in nodes):
        return ast.Lit(at, normal("".join(node.value for node in nodes)))
    return ast.Tpl(at, nodes)


def _strip(parts: list[Any]) -> None:
    """Apply the trim markers `~` to the text beside their interpolations and directives."""
    for index, part in enumerate(parts):
        if not isinstance(part, (Directive, Trimmed)):
            continue
        if part.left and index and isinstance(parts[index - 1], str):
            parts[index - 1] = parts[index - 1].rstrip(_SPACE)
        if part.right and index + 1 < len(parts) and isinstance(parts[index + 1], str):
            parts[index + 1] = parts[index + 1].lstrip(_SPACE)


def _sequence(at: At, queue: list[Any]) -> tuple[list[Any], Directive | None]:
    """Nodes up to the directive that ends this level, which is returned."""
    nodes: list[Any] = []
    while queue:
        part = queue.pop()
        if isinstance(part, str):
            nodes.append(ast.Lit(at, normal(str(part))))
        elif not isinstance(part, Directive):
            nodes.append(part)
        elif part.kind == "if":
            nodes.append(_if(at, part, queue))
        elif part.kind == "for":
            nodes.append(_for(at, part, queue))
        else:
            return nodes, part
    return nodes, None


def _if(at: At, start: Directive, queue: list[Any]) -> Any:
    then, stop = _sequence(at, queue)
    other: list[Any] = []
    if stop is not None and stop.kind == "else":
        other, stop = _sequence(at, queue)
    if stop is None or stop.kind != "endif":
        raise TemplateError(at[0], at[1], "the template directive `if` has no `endif`")
    empty = ast.Lit(at, "")
    return ast.TplIf(at, start.test, _joined(at, then) or empty, _joined(at, other) if other else empty)


def _for(at: At, start: Directive, queue: list[Any]) -> Any:
    body, stop = _sequence(at, queue)
    if stop is None or stop.kind != "endfor":
        raise TemplateError(at[0], at[1], "the template directive `for` has no `endfor`")
    key, value = start.names if len(start.names) == 2 else ("", start.names[0])
    return ast.TplFor(at, key, value, start.test, _joined(at, body))


# -- heredocs ---------------------------------------------------------------------

_MARK = re.compile(r"\$\$\{|%%\{|\$\{|%\{")
_DIRECTIVE = re.compile(
    r"\s*(?:(?P<if>if)\b(?P<test>.*)|(?P<end>else|endif|endfor)"
    r"|for\s+(?P<first>[\w-]+)\s*(?:,\s*(?P<second>[\w-]+)\s*)?in\s+(?P<items>.*))\s*\Z",
    re.DOTALL,
)
PART_LIMIT = 5_000
"""Interpolations and directives in one heredoc; each costs as much as the lines above it."""

ParseExpression = Callable[[str, int, int], Any]


def heredoc(token: Any, trim: bool, parse: ParseExpression) -> Any:
    """The node of a heredoc token; `<<-` removes the common indentation (`trim`)."""
    lines = str(token).rstrip().split("\n")[1:]
    text = "".join(line.removesuffix("\r") + "\n" for line in lines[:-1])
    at = (token.line, token.column, token.line + len(lines), len(lines[-1]) + 1)
    parts: list[Any] = []
    for part in split(text, token.line + 1, 1, parse):
        # A trim marker reaches to the end of its line.
        parts.extend(_LINE.findall(part) if isinstance(part, str) else [part])
    _strip(parts)
    if trim:
        _flush(parts)
    return _assembled(at, [part for part in parts if part != ""])


def _flush(parts: list[Any]) -> None:
    """Cut the smallest indentation off the lines, as trim markers have left them; blank ones stay."""
    starts: list[int] = []
    least: int | None = None
    line_begins = True
    for index, part in enumerate(parts):
        text = part if isinstance(part, str) else ""
        if line_begins:
            blank = text.endswith("\n") and not text.strip(_SPACE)
            if not blank:
                width = len(text) - len(text.lstrip(_SPACE))
                least = width if least is None else min(least, width)
                starts.append(index)
        line_begins = text.endswith("\n")
    for index in starts if least else ():
        if isinstance(parts[index], str):
            parts[index] = parts[index][least:]


def split(text: str, line: int, column: int, parse: ParseExpression) -> list[Any]:
    """Split template text at a place into text, nodes and directives.

    `column` is that of the first character.

    Raises:
        TemplateError: a part is broken, or there are too many.
    """

    def place(offset: int) -> tuple[int, int]:
        before = text.count("\n", 0, offset)
        start = text.rfind("\n", 0, offset) + 1
        return line + before, offset - start + (1 if before else column)

    parts: list[Any] = []
    position = 0
    while (match := _MARK.search(text, position)) is not None:
        if match.start() > position:
            parts.append(text[position : match.start()])
        mark = match.group()
        if len(mark) == 3:
            parts.append(mark[1:])
            position = match.end()
            continue
        if len(parts) > 2 * PART_LIMIT:
            raise TemplateError(*place(match.start()), f"the template has more than {PART_LIMIT} parts")
        end = _closing(text, match.end())
        if end < 0:
            raise TemplateError(*place(match.start()), f"this `{mark}` is never closed")
        left, right = text[match.end()] == "~", text[end - 1] == "~" and end - 1 > match.end()
        start, stop = match.end() + left, end - right
        inner = text[start:stop]
        if mark == "${":
            node = parse(inner, *place(start))
            parts.append(Trimmed(node, left, right) if left or right else node)
        else:
            directive, group, at = _directive(inner, left, right, place(start))
            if group is not None:
                directive.test = parse(group, *place(start + at))
            parts.append(directive)
        position = end + 1
    if position < len(text):
        parts.append(text[position:])
    return parts


def _directive(inner: str, left: bool, right: bool, at: tuple[int, int]) -> tuple[Directive, str | None, int]:
    """A directive without its expression, the text of that expression and its offset."""
    match = _DIRECTIVE.match(inner)
    if match is None:
        raise TemplateError(*at, f"`%{{{inner.strip()[:30]}}}` is not a template directive")
    kind = match["if"] or match["end"] or "for"
    names = [name for name in (match["first"], match["second"]) if name]
    group = {"if": "test", "for": "items"}.get(kind)
    directive = Directive(kind, None, names, left, right)
    return (directive, match[group], match.start(group)) if group else (directive, None, 0)


_INNER = re.compile(r"""["{}]""")
_QUOTED = re.compile(r'\\.|"|\$\$\{|%%\{|\$\{|%\{', re.DOTALL)


def _closing(text: str, position: int) -> int:
    """The index of the brace that closes an interpolation, minding nested braces and strings."""
    stack = ["{"]
    while stack:
        if stack[-1] == '"':
            match = _QUOTED.search(text, position)
            if match is None:
                return -1
            if match.group() == '"':
                stack.pop()
            elif match.group() in ("${", "%{"):
                stack.append("{")
        else:
            match = _INNER.search(text, position)
            if match is None:
                return -1
            if match.group() == "}":
                stack.pop()
            else:
                stack.append(match.group())
        position = match.end()
    return position - 1
