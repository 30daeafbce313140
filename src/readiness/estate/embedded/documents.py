"""YAML that Terraform holds as text → values, with spans in the `.tf` file and unknowns in place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field

from readiness.errors import SourceError
from readiness.sources.hcl import ast
from readiness.terraform.convert import EvaluationError, to_text
from readiness.terraform.evaluate import evaluate
from readiness.terraform.scope import Scope
from readiness.values import JsonText, List, Map, Span, Unknown

_OPEN, _CLOSE = "\ue100", "\ue101"  # of the private use area: in no document that people write
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")

_FOLLOWED = 8
"""Locals and variables that are followed to where a text is written."""


class Written(Struct):
    """Where a text is written: its expression and the scope of it; `here` is false behind a local."""

    node: ast.Expr
    scope: Scope
    here: bool = True


class _Text(Struct):
    """A text whose unknown parts are marked; `lines` are the lines of the file that its lines stand on."""

    text: str
    unknowns: list[Unknown] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def written(node: ast.Expr | None, scope: Scope) -> Written | None:
    """Where the text of an expression is written, through locals and variables."""
    here = True
    for _ in range(_FOLLOWED):
        if not (isinstance(node, ast.Attr) and isinstance(node.of, ast.Name)):
            break
        found: tuple[ast.Expr, Scope] | None = None
        if node.of.name == "local":
            declared = scope.module.config.locals.get(node.name)
            if declared is not None:
                found = declared.attribute.value, scope.module.scope(declared.place)
        elif node.of.name == "var":
            source = scope.module.source_of(node.name)
            if source is not None:
                found = source[0], source[1]
        if found is None:
            return None
        node, scope = found
        here = False
    return None if node is None else Written(node, scope, here)


def documents(
    value: Any, at: Written | None, span: Span, sources: Mapping[str, str]
) -> tuple[list[Any] | Unknown, list[SourceError]]:
    """The documents of a YAML text, and what is wrong with it.

    `value` is the text as evaluated, `span` what to point to where a part has no place of its own
    in the file, `sources` the texts of files, for columns.  A text of which nothing is known is an
    Unknown.
    """
    structure = _structure(value)
    if structure is not None:
        return [placed(structure, span, span)], []
    found = _text(value, at)
    if found is None:
        return (value if isinstance(value, Unknown) else Unknown("it is not a text")), []
    from readiness.sources.yaml_source import read

    file = read(span.path, found.text)
    move = _mover(found, at, span, sources)
    errors = []
    for error in file.errors:
        place = move(Span(span.path, error.line, error.column, error.line, error.column))
        message = _MARK.sub("…", error.message)
        errors.append(SourceError(place.path, place.line, place.column, message))
    if errors and found.unknowns:
        first = found.unknowns[0]
        return Unknown(first.reason, first.refs, span, not_null=True), []
    return [_restored(document.root, found.unknowns, move) for document in file.documents], errors


def _structure(value: Any) -> Any:
    """What a text is known to hold: of `yamlencode` and `jsonencode`, also where parts are unknown."""
    if isinstance(value, JsonText):
        return value.value
    return value.document if isinstance(value, Unknown) else None


def _text(value: Any, at: Written | None) -> _Text | None:
    if isinstance(value, Unknown) and (at is None or not isinstance(at.node, ast.Tpl)):
        return None
    if not isinstance(value, (str, Unknown)):
        return None
    if at is None or not at.here or not _is_heredoc(at.node):
        if isinstance(value, str):
            return _Text(value)
        if at is None:
            return None
    assert at is not None
    return _template(value, at.node, at.scope)


def _is_heredoc(node: ast.Expr) -> bool:
    return isinstance(node, (ast.Lit, ast.Tpl)) and node.at[2] > node.at[0]


def _template(value: Any, node: ast.Expr, scope: Scope) -> _Text | None:
    """The text of a template with a mark for each part that is unknown."""
    parts = node.parts if isinstance(node, ast.Tpl) else [node]
    result = _Text("")
    line = node.at[0] + 1
    result.lines.append(line)
    for part in parts:
        literal = part.at == node.at  # a literal inside `${…}` has a place of its own
        if not literal and part.at[0] > line:
            line = part.at[0]
        try:
            text = to_text(part.value if isinstance(part, ast.Lit) else evaluate(part, scope))
        except EvaluationError:
            return None
        if isinstance(text, Unknown):
            text = _marked(result, text)
        for _ in range(text.count("\n")):
            line += 1 if literal else 0
            result.lines.append(line)
        result.text += text
        if not literal:
            line = max(line, part.at[2])
    if isinstance(value, str) and value != result.text:
        # Something in it is not what it was when the body was evaluated: the text that counts is that.
        return _Text(value)
    base = scope.place.base
    result.lines = [base + number for number in result.lines]
    return result


def _marked(result: _Text, unknown: Unknown) -> str:
    result.unknowns.append(unknown)
    return f"{_OPEN}{len(result.unknowns) - 1}{_CLOSE}"


def _mover(
    found: _Text, at: Written | None, span: Span, sources: Mapping[str, str]
) -> Callable[[Span], Span]:
    """Takes spans of the text to spans of the file; to `span` where the lines do not correspond."""
    if not found.lines or at is None or not at.here:
        return lambda _: span
    lines = found.lines
    path = at.scope.place.path
    indent = _indent(found, sources.get(path))

    def move(old: Span) -> Span:
        line = lines[min(old.line, len(lines)) - 1]
        end = lines[min(old.end_line, len(lines)) - 1]
        return Span(path, line, old.column + indent, end, old.end_column + indent)

    return move


def _indent(found: _Text, source: str | None) -> int:
    """What `<<-` has taken from the beginning of each line."""
    if source is None:
        return 0
    rows = source.split("\n")
    for text, line in zip(found.text.split("\n"), found.lines, strict=False):
        if text.strip() and line <= len(rows):
            row = rows[line - 1]
            return max(0, len(row) - len(row.lstrip()) - len(text) + len(text.lstrip()))
    return 0


def _restored(value: Any, unknowns: list[Unknown], move: Callable[[Span], Span]) -> Any:
    """A parsed value with its unknowns in place of the marks, and spans in the file."""
    if isinstance(value, Map):
        for key in value:
            mark = _MARK.search(key)
            if mark is not None:
                # It may be any key: what the mapping holds under a name is not certain.
                first = unknowns[int(mark[1])]
                return Unknown(first.reason, first.refs, move(value.span) if value.span else None, True)
        return Map(
            {key: _restored(item, unknowns, move) for key, item in value.items()},
            move(value.span) if value.span else None,
            {key: move(span) for key, span in value.key_spans.items()},
            {key: move(span) for key, span in value.value_spans.items()},
        )
    if isinstance(value, List):
        items = [_restored(item, unknowns, move) for item in value]
        return List(items, move(value.span) if value.span else None, [move(s) for s in value.item_spans])
    if isinstance(value, str) and _OPEN in value:
        return _partial(value, unknowns)
    return value


def _partial(text: str, unknowns: list[Unknown]) -> Unknown:
    """A scalar of which parts are unknown: how it begins and ends where that is certain."""
    marks = list(_MARK.finditer(text))
    first = unknowns[int(marks[0][1])]
    if text == marks[0][0]:
        return first  # the same unknown: what else has it is equal
    prefix, suffix = text[: marks[0].start()], text[marks[-1].end() :]
    if any(char.isspace() for char in prefix + suffix):
        prefix = suffix = ""
    return Unknown(first.reason, first.refs, first.span, not_null=True, prefix=prefix, suffix=suffix)


def placed(value: Any, inside: Span, span: Span) -> Any:
    """A value as mappings and sequences whose spans all lie in `inside`; the others become `span`."""

    def fits(found: Span | None) -> Span:
        if found is None or found.path != inside.path:
            return span
        return found if inside.line <= found.line and found.end_line <= inside.end_line else span

    if isinstance(value, dict):
        source = value if isinstance(value, Map) else Map(value)
        return Map(
            {str(key): placed(item, inside, span) for key, item in value.items()},
            fits(source.span),
            {key: fits(source.key_spans.get(key)) for key in source},
            {key: fits(source.value_spans.get(key)) for key in source},
            source.origin,
        )
    if isinstance(value, list):
        spans = value.item_spans if isinstance(value, List) else []
        found = [fits(spans[index] if index < len(spans) else None) for index in range(len(value))]
        items = [placed(item, inside, span) for item in value]
        return List(items, fits(value.span if isinstance(value, List) else None), found)
    return value
