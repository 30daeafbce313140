"""Terms of expressions: places, numbers, attributes, indexes and splats."""

from __future__ import annotations

from typing import Any

from readiness.sources.hcl import ast
from readiness.sources.hcl.ast import At


def _first(item: Any) -> tuple[int, int]:
    if isinstance(item, (ast.Node, ast.Attribute, ast.Block)):
        return item.at[0], item.at[1]
    return item.line, item.column


def _last(item: Any) -> tuple[int, int]:
    if isinstance(item, (ast.Node, ast.Attribute, ast.Block)):
        return item.at[2], item.at[3]
    return item.end_line, item.end_column


def at_of(start: Any, end: Any) -> At:
    """The place from the beginning of a token or node to the end of another."""
    return (*_first(start), *_last(end))


class Accessor:
    """A pending `.name` or `[key]`, applied to a term by the rule around it."""

    __slots__ = ("end", "key")

    def __init__(self, key: Any, end: Any) -> None:
        self.key = key  # str for an attribute, a node for an index
        self.end = end

    def apply(self, of: Any) -> Any:
        at = (*of.at[:2], *_last(self.end))
        if isinstance(self.key, str):
            return ast.Attr(at, of, self.key)
        return ast.Index(at, of, self.key)


def splat(of: Any, token: Any, each: list[Accessor], rest: list[Accessor]) -> Any:
    """A splat; behind `[*]` it belongs to each element of that, as all that follows does."""
    if isinstance(of, ast.Splat) and _is_full(of):
        inner = splat(of.each, token, each, rest)
        return ast.Splat((*of.at[:2], *inner.at[2:]), of.of, inner)
    element: Any = ast.Name(at_of(token, token), "*")
    for accessor in each:
        element = accessor.apply(element)
    result: Any = ast.Splat((*of.at[:2], *element.at[2:]), of, element)
    for accessor in rest:
        result = accessor.apply(result)
    return result


def _is_full(splat: ast.Splat) -> bool:
    """True for `[*]`, false for `.*`: the place of its element is that of the mark."""
    element: Any = splat.each
    while isinstance(element, (ast.Attr, ast.Index, ast.Splat)):
        element = element.of
    return bool(element.at[3] - element.at[1] == len("[*]"))


def number(token: Any) -> ast.Lit | ast.Num:
    """A literal number: as an int or a float where that is exactly what is written."""
    text = str(token)
    if text.isdecimal() and len(text) < 20 and int(text) < 2**63:
        return ast.Lit(at_of(token, token), int(text))
    digits = text.lower().partition("e")[0]
    if len(digits) <= 15 + ("." in digits):
        value = float(text)
        if value.is_integer() and abs(value) < 2**53 and (value or not digits.strip("0.")):
            return ast.Lit(at_of(token, token), int(value))
        if not value.is_integer() and 1e-300 < abs(value) < 2**53:
            return ast.Lit(at_of(token, token), value)
    return ast.Num(at_of(token, token), text)
