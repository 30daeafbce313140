"""The text of a file, or of a string, that is a template as a whole."""

from __future__ import annotations

import re

from readiness.sources.hcl import ast
from readiness.sources.hcl.parse import parse_expression
from readiness.sources.hcl.template import TemplateError, assemble, split

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
        node = assemble(at, parts)
    except TemplateError as error:
        return ast.Chunk([], [], ast.Problem(error.line, error.column, error.message))
    except RecursionError:
        return ast.Chunk([], [], ast.Problem(1, 1, "the directives of the template are nested too deeply"))
    return ast.Chunk([], [ast.Attribute(at, "template", node)])
