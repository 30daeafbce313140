"""String and heredoc templates: literal text, interpolations and directives → nodes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from readiness.errors import ReadinessError
from readiness.sources.hcl import ast
from readiness.sources.hcl.ast import At

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)


class TemplateError(ReadinessError):
    """A template that cannot be read: line and column (from 1) in the chunk."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.message = message


@dataclass(slots=True)
class Directive:
    """A template directive as written: `if`, `else`, `endif`, `for`, `endfor`."""

    kind: str
    test: Any
    names: list[str]
    strip_left: bool
    strip_right: bool


def _unescape_one(match: re.Match[str]) -> str:
    code = match.group(1) or match.group(2)
    if code:
        number = int(code, 16)
        return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
    return _ESCAPES.get(match.group(3), match.group(0))


def unescape(text: str) -> str:
    """Resolve the escapes of a quoted string."""
    return _ESCAPE.sub(_unescape_one, text) if "\\" in text else text


def assemble(at: At, parts: list[Any]) -> Any:
    """Make one node of the parts of a template: text (`str`), nodes and directives.

    A template that is one interpolation alone is that expression itself, as in Terraform.
    """
    if not parts:
        return ast.Lit(at, "")
    if len(parts) == 1:
        return ast.Lit(at, str(parts[0])) if isinstance(parts[0], str) else _alone(at, parts[0])
    _strip(parts)
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
    """Apply the trim markers `~` to the text beside their directives."""
    for index, part in enumerate(parts):
        if not isinstance(part, Directive):
            continue
        if part.strip_left and index and isinstance(parts[index - 1], str):
            parts[index - 1] = parts[index - 1].rstrip()
        if part.strip_right and index + 1 < len(parts) and isinstance(parts[index + 1], str):
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
    r"\s*(?:(if)\s+(.*)|(else)|(endif)|(endfor)|for\s+([\w-]+)\s*(?:,\s*([\w-]+)\s*)?in\s+(.*))\s*\Z", re.DOTALL
)
ParseExpression = Callable[[str, int, int], Any]


def heredoc(token: Any, trim: bool, parse: ParseExpression) -> Any:
    """The node of a heredoc token; `<<-` removes the common indentation (`trim`)."""
    first, _, rest = str(token).partition("\n")
    marker = first.strip().removeprefix("<<").removeprefix("-").strip()
    lines = rest.split("\n")
    while lines and lines[-1].strip() != marker:
        lines.pop()
    body_lines = [line.removesuffix("\r") for line in lines[:-1]]
    indent = _indent(body_lines) if trim else 0
    text = "".join(line[indent:] + "\n" for line in body_lines)
    at = (token.line, token.column, token.line, token.column + len(first.rstrip()))
    return assemble(at, split(text, token.line + 1, 1 + indent, parse, indent))


def _indent(lines: list[str]) -> int:
    """The smallest indentation of the lines that are not blank."""
    widths = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    return min(widths, default=0)


def split(text: str, line: int, column: int, parse: ParseExpression, indent: int = 0) -> list[Any]:
    """Split template text at a place into text, nodes and directives."""
    parts: list[Any] = []
    position = 0
    while True:
        match = _MARK.search(text, position)
        if match is None:
            break
        if match.start() > position:
            parts.append(text[position : match.start()])
        if len(match.group()) == 3:
            parts.append(match.group()[1:])
            position = match.end()
            continue
        end = _closing(text, match.end())
        before = text.count("\n", 0, match.end())
        start = text.rfind("\n", 0, match.end()) + 1
        place = (line + before, match.end() - start + 1 + (indent if before else column - 1))
        if end < 0:
            raise TemplateError(*place, f"`{match.group()}` is never closed")
        inner = text[match.end() : end]
        parts.append(_part(match.group(), inner, place, parse))
        position = end + 1
    if position < len(text):
        parts.append(text[position:])
    _strip_interpolations(parts)
    return [part.node if isinstance(part, _Trimmed) else part for part in parts]


@dataclass(slots=True)
class _Trimmed:
    """An interpolation with trim markers."""

    node: Any
    left: bool
    right: bool


def _strip_interpolations(parts: list[Any]) -> None:
    for index, part in enumerate(parts):
        if isinstance(part, _Trimmed):
            if part.left and index and isinstance(parts[index - 1], str):
                parts[index - 1] = parts[index - 1].rstrip()
            if part.right and index + 1 < len(parts) and isinstance(parts[index + 1], str):
                parts[index + 1] = parts[index + 1].lstrip()


def _part(mark: str, inner: str, place: tuple[int, int], parse: ParseExpression) -> Any:
    left, right = inner.startswith("~"), inner.endswith("~")
    inner = inner.removeprefix("~").removesuffix("~")
    if mark == "${":
        node = parse(inner, *place)
        return _Trimmed(node, left, right) if left or right else node
    match = _DIRECTIVE.match(inner)
    if match is None:
        raise TemplateError(*place, f"`%{{{inner.strip()[:30]}}}` is not a template directive")
    test, names = match.group(2) or match.group(8), [n for n in (match.group(6), match.group(7)) if n]
    kind = match.group(1) or match.group(3) or match.group(4) or match.group(5) or "for"
    node = parse(test.strip(), *place) if test else None
    return Directive(kind, node, names, left, right)


_INNER = re.compile(r"""["{}]""")


def _closing(text: str, position: int) -> int:
    """The index of the brace that closes an interpolation, minding nested braces and strings."""
    stack = ["{"]
    while stack:
        if stack[-1] == '"':
            match = re.compile(r'\\.|"|\$\{|%\{', re.DOTALL).search(text, position)
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
