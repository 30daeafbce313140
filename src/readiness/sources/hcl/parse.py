"""One chunk of HCL → expression nodes, by callbacks on the reductions of python-hcl2's grammar."""

from __future__ import annotations

import functools
from typing import Any

from readiness.sources.hcl import ast, template
from readiness.sources.hcl.problems import check_items, check_lines, duplicates, problem_of, without_repeats
from readiness.sources.hcl.terms import Accessor, at_of, number, splat

Children = list[Any]
_DEPTH_LIMIT = 200
_TOO_DEEP = f"the expression is nested deeper than {_DEPTH_LIMIT} levels"
_CHAINED = "+-*/%<>=!&|?.[({"
_NEWLINE = "\n"  # what a `new_line_or_comment` reduces to; never a node or a Token of interest


def _nodes(children: Children) -> list[Any]:
    return [child for child in children if isinstance(child, ast.Node)]


def _solid(children: Children) -> Children:
    return [child for child in children if child is not _NEWLINE]


def _name(token: Any) -> str:
    """An identifier as text, also where the grammar saw a keyword or literal in its place."""
    if isinstance(token, ast.Lit):
        return {True: "true", False: "false", None: "null"}[token.value]  # type: ignore[index]
    return str(token)


class Builder:
    """Callbacks by rule name of the grammar; each returns what stands for the reduction."""

    def new_line_or_comment(self, _children: Children) -> Any:
        return _NEWLINE

    # -- structure ---------------------------------------------------------

    def start(self, children: Children) -> Any:
        return children[0]

    def body(self, children: Children) -> tuple[list[ast.Attribute], list[ast.Block]]:
        check_lines([child for child in children if isinstance(child, (ast.Attribute, ast.Block))])
        return (
            [child for child in children if isinstance(child, ast.Attribute)],
            [child for child in children if isinstance(child, ast.Block)],
        )

    def attribute(self, children: Children) -> ast.Attribute:
        return ast.Attribute(at_of(children[0], children[0]), _name(children[0]), children[2])

    def block(self, children: Children) -> ast.Block:
        parts = _solid(children)
        attributes, blocks = parts[-2]
        head = parts[:-3]
        labels = [part.value if isinstance(part, ast.Lit) else _name(part) for part in head[1:]]
        return ast.Block(
            at_of(head[0], parts[-1]),
            at_of(head[0], head[-1]),
            _name(head[0]),
            [label if isinstance(label, str) else "" for label in labels],
            attributes,
            blocks,
        )

    # -- terminals -----------------------------------------------------------

    def identifier(self, children: Children) -> Any:
        return children[0]

    keyword = identifier

    def literal_value(self, children: Children) -> ast.Lit:
        token = children[0]
        return ast.Lit(at_of(token, token), {"true": True, "false": False, "null": None}[str(token)])

    def int_lit(self, children: Children) -> ast.Lit | ast.Num:
        return number(children[0])

    float_lit = int_lit

    def template_string(self, children: Children) -> ast.Lit:
        token = children[0]
        return ast.Lit(at_of(token, token), template.normal(template.unescape(str(token)[2:-2])))

    # -- templates -------------------------------------------------------------

    def string(self, children: Children) -> Any:
        return template.assemble(at_of(children[0], children[-1]), children[1:-1])

    def string_part(self, children: Children) -> Any:
        part = children[0]
        kind = getattr(part, "type", None)
        if kind in ("ESCAPED_INTERPOLATION", "ESCAPED_DIRECTIVE"):
            return str(part)[1:]
        return template.unescape(str(part), part) if kind == "STRING_CHARS" else part

    def interpolation(self, children: Children) -> Any:
        node = next(child for child in children if isinstance(child, ast.Node))
        left, right = _is_type(children[1], "STRIP_MARKER"), _is_type(children[-2], "STRIP_MARKER")
        return template.Trimmed(node, left, right) if left or right else node

    def _directive(self, children: Children) -> template.Directive:
        words = [str(child) for child in children if hasattr(child, "type")]
        names = [w for c, w in zip(children, map(str, children), strict=True) if _is_type(c, "NAME")]
        tests = _nodes(children)
        kind = next(word for word in words if word in ("if", "else", "endif", "for", "endfor"))
        strip_left = _is_type(children[1], "STRIP_MARKER")
        strip_right = _is_type(children[-2], "STRIP_MARKER")
        return template.Directive(kind, tests[0] if tests else None, names, strip_left, strip_right)

    template_if_start = template_else = template_endif = _directive
    template_for_start = template_endfor = _directive

    def heredoc_template(self, children: Children) -> Any:
        return template.heredoc(children[0], False, parse_expression)

    def heredoc_template_trim(self, children: Children) -> Any:
        return template.heredoc(children[0], True, parse_expression)

    # -- operations --------------------------------------------------------------

    def conditional(self, children: Children) -> ast.Cond:
        parts = _nodes(children)
        return ast.Cond(at_of(parts[0], parts[2]), *parts)

    def binary_operator(self, children: Children) -> str:
        return str(children[0]).strip().rsplit("\n", 1)[-1].strip()

    def binary_term(self, children: Children) -> tuple[str, Any]:
        parts = _solid(children)
        return parts[0], parts[1]

    def binary_op(self, children: Children) -> ast.Binary:
        left, (op, right) = children[0], children[1]
        return ast.Binary(at_of(left, right), op, left, right)

    def unary_op(self, children: Children) -> Any:
        op, of = children
        if op == "-" and isinstance(of, ast.Num) and not of.text.startswith("-"):
            return ast.Num(at_of(op, of), f"-{of.text}")
        if op == "-" and isinstance(of, ast.Lit) and type(of.value) in (int, float):
            return ast.Lit(at_of(op, of), -of.value)  # type: ignore[operator]
        return ast.Unary(at_of(op, of), str(op), of)

    def expr_term(self, children: Children) -> Any:
        if len(children) > 1:
            inner = _solid(children)[1]
            at = at_of(children[0], children[-1])
            kept = isinstance(inner, (ast.Name, ast.Splat)) or _is_keyword(inner)
            return ast.Paren(at, inner) if kept else inner
        only = children[0]
        return only if isinstance(only, ast.Node) else ast.Name(at_of(only, only), str(only))

    # -- access --------------------------------------------------------------

    def get_attr(self, children: Children) -> Accessor:
        return Accessor(_name(children[1]), children[1])

    def short_index(self, children: Children) -> Accessor:
        token = children[1]
        return Accessor(ast.Lit(at_of(token, token), int(token)), token)

    def braces_index(self, children: Children) -> Accessor:
        return Accessor(_solid(children)[1], children[-1])

    def index_expr_term(self, children: Children) -> Any:
        return children[1].apply(children[0])

    get_attr_expr_term = index_expr_term

    def attr_splat(self, children: Children) -> tuple[Any, list[Accessor], list[Accessor]]:
        """The legacy `.*`: an index behind it applies to the result, not to each element."""
        accessors = children[1:]
        names = 0
        while names < len(accessors) and isinstance(accessors[names].key, str):
            names += 1
        return children[0], accessors[:names], accessors[names:]

    def full_splat(self, children: Children) -> tuple[Any, list[Accessor], list[Accessor]]:
        return children[0], children[1:], []

    def attr_splat_expr_term(self, children: Children) -> Any:
        of, (token, each, rest) = children
        return splat(of, token, each, rest)

    full_splat_expr_term = attr_splat_expr_term

    # -- collections and calls ---------------------------------------------------

    def tuple(self, children: Children) -> ast.Tup:
        items = _nodes(children)
        return ast.Tup(at_of(children[0], children[-1]), items)

    def object(self, children: Children) -> ast.Obj:
        items = [child for child in children if type(child) is tuple]
        if not any(_is_type(child, "COMMA") for child in children):
            check_items(items)
        return ast.Obj(at_of(children[0], children[-1]), items)

    def object_elem_key(self, children: Children) -> Any:
        key = children[0]
        if isinstance(key, ast.Name):
            return ast.Lit(key.at, key.name)
        if isinstance(key, ast.Paren):
            return key.of
        if _is_keyword(key):
            return ast.Lit(key.at, _name(key))
        return key if isinstance(key, ast.Node) else ast.Lit(at_of(key, key), str(key))

    def object_elem(self, children: Children) -> Any:
        return (children[0], children[2])

    def arguments(self, children: Children) -> Any:
        args = _nodes(children)
        return (args, any(_is_type(child, "ELLIPSIS") for child in children))

    def function_call(self, children: Children) -> ast.Call:
        names = [str(child) for child in children if _is_type(child, "NAME")]
        args, expand = next((child for child in children if type(child) is tuple), ([], False))
        return ast.Call(at_of(children[0], children[-1]), "::".join(names), args, expand)

    def for_intro(self, children: Children) -> Any:
        parts = _solid(children)
        names = [str(part) for part in parts if _is_type(part, "NAME")]
        items = next(part for part in parts if isinstance(part, ast.Node))
        return names, items

    def for_cond(self, children: Children) -> Any:
        return {"test": next(child for child in children if isinstance(child, ast.Node))}

    def for_tuple_expr(self, children: Children) -> ast.For:
        return self._for(children, None)

    def for_object_expr(self, children: Children) -> ast.For:
        nodes = _nodes(children)
        return self._for(children, nodes[0])

    def _for(self, children: Children, name: Any) -> ast.For:
        nodes = _nodes(children)
        names, items = next(child for child in children if type(child) is tuple)
        test = next((child["test"] for child in children if isinstance(child, dict)), None)
        group = any(_is_type(child, "ELLIPSIS") for child in children)
        key, value = names if len(names) == 2 else ("", names[0])
        at = at_of(children[0], children[-1])
        return ast.For(at, key, value, items, name, nodes[-1], test, group)


def _is_keyword(node: Any) -> bool:
    """True for `true`, `false` and `null`."""
    return isinstance(node, ast.Lit) and (node.value is None or isinstance(node.value, bool))


def _is_type(child: Any, kind: str) -> bool:
    return getattr(child, "type", None) == kind


@functools.cache
def _parser() -> Any:
    from readiness.sources.hcl.tables import load_parser

    return load_parser(Builder())


def parse_chunk(text: str) -> ast.Chunk:
    """Parse one top-level chunk; a syntax error becomes the chunk's problem, never an exception."""
    if not text:
        return ast.Chunk([], [])
    try:
        attributes, blocks = _parse(text)
    except template.TemplateError as error:
        return ast.Chunk([], [], ast.Problem(error.line, error.column, error.message))
    deep = _too_deep(text, attributes, blocks)
    if deep is not None:
        return ast.Chunk([], [], ast.Problem(deep.at[0], deep.at[1], _TOO_DEEP))
    notes = duplicates(attributes, blocks)
    if notes:
        attributes, blocks = without_repeats(attributes, blocks)
    return ast.Chunk(blocks, attributes, None, notes)


def _parse(text: str) -> tuple[list[ast.Attribute], list[ast.Block]]:
    from lark.exceptions import LarkError

    try:
        attributes, blocks = _parser().parse(text)
    except LarkError as error:
        problem = problem_of(error)
        line = text.split("\n", problem.line)[problem.line - 1]
        # A CR that belongs to the end of the line is no column of its own.
        column = min(problem.column, max(1, len(line.removesuffix("\r")) + 1))
        raise template.TemplateError(problem.line, column, problem.message) from None
    return attributes, blocks


def _too_deep(text: str, attributes: list[ast.Attribute], blocks: list[ast.Block]) -> ast.Node | None:
    """An expression nested so deeply that what walks it would run out of stack."""
    if not _long(text):
        return None
    bodies = [(attributes, blocks)]
    while bodies:
        attributes, blocks = bodies.pop()
        for attribute in attributes:
            if _depth_exceeded(attribute.value):
                return attribute.value
        bodies.extend((block.attributes, block.blocks) for block in blocks)
    return None


def _long(text: str) -> bool:
    """True for a text that has what it takes to nest too deeply."""
    return sum(text.count(char) for char in _CHAINED) > _DEPTH_LIMIT


def _depth_exceeded(node: ast.Node) -> bool:
    stack: list[tuple[Any, int]] = [(node, 1)]
    while stack:
        item, depth = stack.pop()
        if isinstance(item, (list, tuple)):
            stack.extend((inner, depth) for inner in item)
        elif isinstance(item, ast.Node):
            if depth > _DEPTH_LIMIT:
                return True
            fields = (field for field in item.__struct_fields__ if field != "at")
            stack.extend((getattr(item, field), depth + 1) for field in fields)
    return False


def parse_expression(text: str, line: int, column: int) -> Any:
    """Parse an expression found inside a template at a place of the chunk.

    Raises:
        TemplateError: the text is no expression; with the place in the chunk.
    """
    # Padding keeps lines and columns right: the parser counts them from the start of its text.
    if line > 1:
        padding = "\n" * (line - 2) + "_=(\n" + " " * (column - 1)
    else:
        padding = " " * max(0, column - 4) + "_=("
    try:
        attributes, _ = _parse(padding + text + ")\n")
    except template.TemplateError as error:
        lines = text.count("\n")
        end = len(text) - text.rfind("\n") if lines else column + len(text)
        if (error.line, error.column) >= (line + lines, end):
            # What ends the expression is the brace of the interpolation.
            error.message = error.message.replace("found `)`", "found `}`")
        error.message = error.message.replace("expected `)`", "expected `}`")
        raise
    value = attributes[0].value
    if _long(text) and _depth_exceeded(value):
        raise template.TemplateError(line, column, _TOO_DEEP)
    return value.of if isinstance(value, ast.Paren) else value
