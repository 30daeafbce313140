"""The text of a file, or of a string, that is a template as a whole."""

from __future__ import annotations

import re

from readiness.sources.hcl import ast
from readiness.sources.hcl.parse import parse_expression
from readiness.sources.hcl.template import Directive, TemplateError, Trimmed, assemble, split

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def parse_template(text: str) -> ast.Chunk:
    """The node of a template, as the one attribute of a chunk, or the chunk's problem.

    Nothing but interpolations, directives and their escapes means anything in it: quotes, backslashes,
    comments and line ends are text.
    Source: https://github.com/hashicorp/hcl/blob/v2.23.0/hclsyntax/public.go (`ParseTemplate`)
    """
    text = text.removeprefix("\ufeff")
    last = text.rfind("\n") + 1
    at = (1, 1, text.count("\n") + 1, len(text) - last + 1)
    parts: list[object] = []
    try:
        for part in split(text, 1, 1, parse_expression):
            # A trim marker reaches to the end of its line.
            parts.extend(_LINE.findall(part) if isinstance(part, str) else [part])
        _check_directives(parts)
        node = assemble(at, parts)
    except TemplateError as error:
        return ast.Chunk([], [], ast.Problem(error.line, error.column, error.message))
    except RecursionError:
        return ast.Chunk([], [], ast.Problem(1, 1, "the directives of the template are nested too deeply"))
    return ast.Chunk([], [ast.Attribute(at, "template", node)])


def _check_directives(parts: list[object]) -> None:
    """Find the directive that is not closed, or that closes nothing.

    Raises:
        TemplateError: there is one; with its line.
    """
    line = 1
    opened: list[tuple[str, int]] = []
    for part in parts:
        if isinstance(part, str):
            line += part.count("\n")
            continue
        node = part.node if isinstance(part, Trimmed) else part.test if isinstance(part, Directive) else part
        if isinstance(node, ast.Node):
            line = max(line, node.at[2])
        if not isinstance(part, Directive):
            continue
        if part.kind in ("if", "for"):
            opened.append((part.kind, part.test.at[0]))
        elif part.kind != "else" and opened and part.kind == f"end{opened[-1][0]}":
            opened.pop()
        elif part.kind != "else" or not opened or opened[-1][0] != "if":
            raise TemplateError(line, 1, f"the template directive `{part.kind}` has no beginning")
    if opened:
        kind, start = opened[-1]
        raise TemplateError(start, 1, f"the template directive `{kind}` has no `end{kind}`")
