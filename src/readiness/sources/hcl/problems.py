"""Syntax errors of HCL in words: what was found, and what would have been right there."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from readiness.sources.hcl import ast
from readiness.sources.hcl.template import TemplateError

_NAMES = {
    "$END": "the end of the block",
    "NL_OR_COMMENT": "a new line",
    "RBRACE": "`}`",
    "LBRACE": "`{`",
    "RPAR": "`)`",
    "RSQB": "`]`",
    "DBLQUOTE": "a string",
    "EQ": "`=`",
    "COMMA": "`,`",
    "COLON": "`:`",
}
_EXPRESSION_START = {"LPAR", "INT_LITERAL", "LSQB", "NOT", "MINUS", "HEREDOC_TEMPLATE"}
_WORD = re.compile(r"\s*(\w+|\S)")


def problem_of(error: Any) -> ast.Problem:
    """A lark error as a problem with its line and column in the chunk."""
    line = max(1, getattr(error, "line", 1) or 1)
    column = max(1, getattr(error, "column", 1) or 1)
    expected = set(getattr(error, "expected", None) or getattr(error, "accepts", None) or ())
    expected |= set(getattr(error, "allowed", None) or ())
    token = getattr(error, "token", None)
    if token is None:
        found = f"the character `{getattr(error, 'char', '?')}`"
    else:
        found = _found(token)
        line, column = (token.line or line), (token.column or column)
    return ast.Problem(line, column, _sentence(_wanted(expected), found) + _hint(expected, found))


def _found(token: Any) -> str:
    if token.type == "NL_OR_COMMENT":
        return "the end of the line" if token.startswith("\n") else "a comment"
    if token.type == "$END":
        # The brackets of a chunk are closed, so what it lacks is missing on its last line.
        return "the end of the line"
    known = _NAMES.get(token.type)
    if known is not None:
        return known
    word = _WORD.match(str(token))
    # Text is one long token: its first word is what stands in the way.
    text = word.group(1) if word and token.type == "STRING_CHARS" else token.strip()
    return f"`{text[:30]}`"


def _sentence(wanted: str, found: str) -> str:
    return f"expected {wanted}, found {found}" if wanted else f"unexpected {found}"


def _wanted(expected: set[str]) -> str:
    if expected >= _EXPRESSION_START:
        return "a value"
    if expected >= {"EQ", "LBRACE"}:
        return "`=` or `{`"
    if len(expected) > 1:
        expected = expected - {"$END"}
    if expected & {"COMMA", "RSQB", "RPAR", "COLON"}:
        # Inside brackets a line end is accepted and means nothing.
        expected = expected - {"NL_OR_COMMENT"}
    if "NAME" in expected and not expected & {"RBRACE", "$END"}:
        return "a name"
    names = sorted(_NAMES[name] for name in expected if name in _NAMES)
    # A line end alone is no advice: it is accepted everywhere.
    if not names or len(names) > 4 or names == [_NAMES["NL_OR_COMMENT"]]:
        return ""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]


def _hint(expected: set[str], found: str) -> str:
    if found == "`'`" and expected >= _EXPRESSION_START:
        return "; strings stand in double quotes"
    if "EQ" in expected and found in ("`:`", "`==`"):
        return "; an argument is set with one `=`"
    return ""


def duplicates(attributes: list[ast.Attribute], blocks: list[ast.Block]) -> list[ast.Problem]:
    """Arguments that a body sets again, here and in all nested blocks."""
    found: list[ast.Problem] = []
    bodies = [(attributes, blocks)]
    while bodies:
        attributes, blocks = bodies.pop()
        lines: dict[str, int] = {}
        for attribute in attributes:
            if attribute.name in lines:
                found.append(repeated(attribute, lines[attribute.name]))
            else:
                lines[attribute.name] = attribute.at[0]
        bodies.extend((block.attributes, block.blocks) for block in blocks)
    return found


def without_repeats(
    attributes: list[ast.Attribute], blocks: list[ast.Block]
) -> tuple[list[ast.Attribute], list[ast.Block]]:
    """A body, and all nested ones, in which of each argument the first alone is left."""
    first = {attribute.name: attribute for attribute in reversed(attributes)}
    kept = [attribute for attribute in attributes if first[attribute.name] is attribute]
    inner = []
    for block in blocks:
        body = without_repeats(block.attributes, block.blocks)
        inner.append(ast.Block(block.at, block.header, block.type, block.labels, *body))
    return kept, inner


def repeated(attribute: ast.Attribute, first: int) -> ast.Problem:
    """The problem of an argument that is already set on the line `first`."""
    message = f"the argument `{attribute.name}` is set twice, which Terraform rejects; the first is on line"
    return ast.Problem(attribute.at[0], attribute.at[1], message, first)


def check_lines(items: list[Any]) -> None:
    """Arguments and blocks stand on lines of their own; the grammar lets them share one.

    Raises:
        TemplateError: two of them share a line.
    """
    for before, item in pairwise(items):
        end = before.at[2] if isinstance(before, ast.Block) else before.value.at[2]
        if item.at[0] == end:
            kind = "block" if isinstance(item, ast.Block) else "argument"
            name = item.type if isinstance(item, ast.Block) else item.name
            message = f"expected a new line before the {kind} `{name}`"
            raise TemplateError(item.at[0], item.at[1], message)


def check_items(items: list[tuple[Any, Any]]) -> None:
    """The entries of an object stand on lines of their own, or have commas between them.

    Raises:
        TemplateError: two of them share a line without a comma.
    """
    for (_, before), (key, _) in pairwise(items):
        if key.at[0] == before.at[2]:
            message = "expected a comma or a new line between the entries of this object"
            raise TemplateError(key.at[0], key.at[1], message)
