"""String and heredoc templates: literal text, interpolations and directives → nodes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from readiness.errors import ReadinessError
from readiness.sources.hcl import ast
from readiness.sources.hcl.ast import At

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


def assemble(at: At, parts: list[Any]) -> Any:
    """Make one node of the parts of a template: text (`str`), nodes and directives.

    A template that is one interpolation alone is that expression itself, as in Terraform.
    """
    _strip(parts)
    parts = [part.node if isinstance(part, Trimmed) else part for part in parts]
    if not parts:
        return ast.Lit(at, "")
    if len(parts) == 1:
        return ast.Lit(at, str(parts[0])) if isinstance(parts[0], str) else _alone(at, parts[0])
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
        return ast.Lit(at, "".join(node.value for node in nodes))
    return ast.Tpl(at, nodes)


def _strip(parts: list[Any]) -> None:
    """Apply the trim markers `~` to the text beside their interpolations and directives."""
    for index, part in enumerate(parts):
        if not isinstance(part, (Directive, Trimmed)):
            continue
        if part.left and index and isinstance(parts[index - 1], str):
            parts[index - 1] = parts[index - 1].rstrip()
        if part.right and index + 1 < len(parts) and isinstance(parts[index + 1], str):
            parts[index + 1] = parts[index + 1].lstrip()


def _sequence(at: At, queue: list[Any]) -> tuple[list[Any], Directive | None]:
    """Nodes up to the directive that ends this level, which is returned."""
    nodes: list[Any] = []
    while queue:
        part = queue.pop()
        if isinstance(part, str):
            nodes.append(ast.Lit(at, str(part)))
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
    body_lines = [line.removesuffix("\r") for line in lines[:-1]]
    indent = _indent(body_lines) if trim else 0
    text = "".join(line[indent:] + "\n" for line in body_lines)
    at = (token.line, token.column, token.line + len(lines), len(lines[-1]) + 1)
    return assemble(at, split(text, token.line + 1, 1 + indent, parse, indent))


def _indent(lines: list[str]) -> int:
    """The smallest indentation of the lines that are not blank."""
    widths = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    return min(widths, default=0)


def split(text: str, line: int, column: int, parse: ParseExpression, indent: int = 0) -> list[Any]:
    """Split template text at a place into text, nodes and directives.

    `column` is that of the first character, `indent` what was cut off every line.

    Raises:
        TemplateError: a part is broken, or there are too many.
    """

    def place(offset: int) -> tuple[int, int]:
        before = text.count("\n", 0, offset)
        start = text.rfind("\n", 0, offset) + 1
        return line + before, offset - start + (1 + indent if before else column)

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
