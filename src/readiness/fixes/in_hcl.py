"""Changes as edits of HCL, laid out as `terraform fmt` does it."""

from __future__ import annotations

from typing import Any

from readiness.fixes.model import CannotFixError, Change, Edit, ElsewhereError
from readiness.fixes.text import Text
from readiness.sources.hcl import ast
from readiness.terraform.hcl_writer import expression
from readiness.terraform.origins import BlockOrigin
from readiness.terraform.scope import Place
from readiness.values import Map, Span

_TRAILING = frozenset({"tags", "tags_all", "labels", "user_labels", "depends_on"})
"""Arguments that people keep at the end of a block."""

_LAST = frozenset({"depends_on", "lifecycle", "provisioner", "connection"})
"""Meta-arguments, which stand at the end of a block: other blocks come before them.

Source: https://developer.hashicorp.com/terraform/language/style#resource-order
"""

_STEP = "  "


class _Row:
    """An argument of a block, with its absolute places."""

    __slots__ = ("name", "span", "value")

    def __init__(self, attribute: ast.Attribute, place: Place) -> None:
        self.name = attribute.name
        self.span = place.span(attribute.at)
        self.value = place.span(attribute.value.at)

    @property
    def alone(self) -> bool:
        """Whether it is one line, which is aligned with its neighbours."""
        return self.span.line == self.value.end_line


def _block(container: Map) -> tuple[ast.Block, Place]:
    origin = container.origin
    if not isinstance(origin, BlockOrigin):
        raise ElsewhereError("it is not written as a block of its own")
    return origin.block, origin.scope.place


def insert(text: Text, container: Map, tree: dict[str, Any]) -> list[Edit]:
    """New arguments, and blocks where the value is a `dict`, in the block of a mapping."""
    block, place = _block(container)
    span = place.span(block.at)
    if span.line == span.end_line:
        return [_unfolded(text, block, place, tree)]
    rows = sorted((_Row(a, place) for a in block.attributes), key=lambda row: row.span)
    inner = text.indent(rows[0].span.line if rows else span.line) + ("" if rows else _STEP)
    nested = [(one.type, place.span(one.at)) for one in block.blocks]
    leaves = {name: value for name, value in tree.items() if not isinstance(value, dict)}
    blocks = {name: value for name, value in tree.items() if isinstance(value, dict)}
    opening = place.span(block.header).end_line
    edits: list[Edit] = []
    new: dict[int, str] = {}  # by the line that it stands below
    apart: set[int] = set()  # what a blank line follows, unless there is one or the block ends
    if leaves:
        above = _anchor(rows, [at for _, at in nested])
        if above is None:
            lines, line = _arguments(leaves, inner), opening
            apart |= {opening} if nested else set()
        else:
            edits, lines = _aligned(text, rows, above, leaves, inner)
            line = above.value.end_line
        new[line] = "".join(f"\n{one}" for one in lines)
    for name, value in sorted(blocks.items(), key=lambda item: item[0] in _LAST):
        line = _below(rows, nested, name in _LAST) or opening
        gap = "\n" if line == opening and line not in new else "\n\n"
        new[line] = new.get(line, "") + gap + "\n".join(_nested(name, value, inner))
        apart.add(line)
    if any(line >= span.end_line for line in new):
        raise CannotFixError("its block is written in a way that is left alone")
    for line, written in new.items():
        follows = line in apart and line + 1 < span.end_line and text.lines[line].strip()
        edits.append(text.after_line(line, f"{written}\n" if follows else written))
    return edits


def _below(rows: list[_Row], nested: list[tuple[str, Span]], last: bool) -> int:
    """The line that a new block stands below: that of what is last, or of the last that is no meta-argument.

    It is 0 where there is none.
    """
    ends = [row.value.end_line for row in rows if last or row.name not in _LAST]
    ends += [at.end_line for type_, at in nested if last or type_ not in _LAST]
    return max(ends, default=0)


def _nested(name: str, tree: dict[str, Any], indent: str) -> list[str]:
    """The lines of a new block."""
    inner = indent + _STEP
    leaves = {key: value for key, value in tree.items() if not isinstance(value, dict)}
    lines = [f"{indent}{name} {{", *_arguments(leaves, inner)]
    for index, (key, value) in enumerate((k, v) for k, v in tree.items() if isinstance(v, dict)):
        lines += [""] if leaves or index else []
        lines += _nested(key, value, inner)
    return [*lines, f"{indent}}}"]


def _arguments(leaves: dict[str, Any], indent: str, width: int = 0) -> list[str]:
    width = max([width, *map(len, leaves)])
    return [f"{indent}{name:<{width}} = {expression(value)}" for name, value in leaves.items()]


def _anchor(rows: list[_Row], nested: list[Span]) -> _Row | None:
    """The argument that new ones stand below: the last before the blocks, labels and the like apart."""
    first = min((span.line for span in nested), default=None)
    above = [row for row in rows if first is None or row.span.line < first] or rows
    kept = [row for row in above if row.name not in _TRAILING] or above
    return kept[-1] if kept else None


def _aligned(
    text: Text, rows: list[_Row], above: _Row, leaves: dict[str, Any], indent: str
) -> tuple[list[Edit], list[str]]:
    """New arguments below one, and the spaces that its neighbours need to stay aligned with them."""
    group = _neighbours(rows, above)
    width = max((len(row.name) for row in group), default=0)
    wanted = [row.span.column + width + 1 for row in group]
    if [_equals(text, row) for row in group] != wanted:
        return [], _arguments(leaves, indent)
    wider = max([width, *map(len, leaves)])
    edits = [_gap(text, row, wider) for row in group] if wider > width else []
    return edits, _arguments(leaves, indent, wider)


def _neighbours(rows: list[_Row], above: _Row) -> list[_Row]:
    """The arguments on the lines around one without a gap, itself among them, each one line."""
    if not above.alone:
        return []
    lines = {row.span.line: row for row in rows if row.alone}
    first = last = above.span.line
    while first - 1 in lines:
        first -= 1
    while last + 1 in lines:
        last += 1
    return [lines[line] for line in range(first, last + 1)]


def _equals(text: Text, row: _Row) -> int:
    """The column of the `=` of an argument."""
    return text.lines[row.span.line - 1].find("=", row.span.end_column - 1) + 1


def _unfolded(text: Text, block: ast.Block, place: Place, tree: dict[str, Any]) -> Edit:
    """A block on one line, which may hold one argument at most, on several."""
    span, header = place.span(block.at), place.span(block.header)
    region = text.region((header.end_line, header.end_column), (span.end_line, span.end_column))
    inner = text.at(region).strip()
    if not (inner.startswith("{") and inner.endswith("}")) or block.blocks:
        raise CannotFixError("its block is written in a way that is left alone")
    base = text.indent(span.line)
    indent = base + _STEP
    leaves = {name: value for name, value in tree.items() if not isinstance(value, dict)}
    rows = [_Row(attribute, place) for attribute in block.attributes]
    width = max([len(row.name) for row in rows] + [len(name) for name in leaves], default=0)
    lines = [f"{indent}{row.name:<{width}} = {text.at(row.value)}" for row in rows]
    if "/*" in inner or "#" in inner.replace(text.at(rows[0].value) if rows else "", ""):
        raise CannotFixError("its block has a comment on the same line")
    lines += _arguments(leaves, indent, width)
    for name, value in tree.items():
        if isinstance(value, dict):
            lines += [""] if lines else []
            lines += _nested(name, value, indent)
    return Edit(region, " {\n" + "\n".join(lines) + f"\n{base}}}")


def _node(container: Map, key: str) -> tuple[ast.Expr, Span]:
    origin = container.origin
    node = origin.expression(key) if origin is not None else None
    span = container.value_spans.get(key)
    if node is None or span is None:
        raise ElsewhereError(f"`{key}` is not written where it is used")
    return node, span


def replace(text: Text, container: Map, key: str, value: Any) -> list[Edit]:
    """Another value of an argument."""
    _, span = _node(container, key)
    if text.at(span).startswith("<<"):
        raise CannotFixError(f"`{key}` is a text of several lines")
    return [Edit(span, expression(value))]


def append(text: Text, container: Map, key: str, values: list[Any]) -> list[Edit]:
    """More items at the end of a list."""
    node, span = _node(container, key)
    if not isinstance(node, ast.Tup):
        raise CannotFixError(f"`{key}` is not written as a list")
    written = [expression(value) for value in values]
    if not node.items:
        return [Edit(span, f"[{', '.join(written)}]")]
    origin = container.origin
    last = origin.scope.place.span(node.items[-1].at)
    if last.end_line in (span.line, span.end_line):
        return [Edit(text.point(last.end_line, last.end_column), "".join(f", {one}" for one in written))]
    indent = text.indent(last.line)
    comma = text.lines[last.end_line - 1][last.end_column - 1 :].lstrip().startswith(",")
    lines = ",".join(f"\n{indent}{one}" for one in written)
    if comma:
        return [text.after_line(last.end_line, f"{lines},")]
    if text.end(last.end_line) == last.end_column:
        return [text.after_line(last.end_line, f",{lines}")]
    # A comment follows, which stays with its item.
    return [Edit(text.point(last.end_line, last.end_column), ","), text.after_line(last.end_line, lines)]


def remove(text: Text, container: Map, key: str) -> list[Edit]:
    """No such argument."""
    block, place = _block(container)
    span = place.span(block.at)
    row = next((_Row(a, place) for a in block.attributes if a.name == key), None)
    if row is None:
        raise ElsewhereError(f"`{key}` is not written where it is used")
    if span.line == span.end_line:
        return [Edit(row.span.to(row.value), "")]
    rows = [_Row(attribute, place) for attribute in block.attributes]
    return [text.without_lines(row.span.line, row.value.end_line), *_narrowed(text, rows, row)]


def _narrowed(text: Text, rows: list[_Row], gone: _Row) -> list[Edit]:
    """The spaces of the neighbours of an argument that goes, where it was the longest of them."""
    group = [row for row in _neighbours(rows, gone) if row.name != gone.name]
    width = max((len(row.name) for row in group), default=0)
    old = gone.span.column + len(gone.name) + 1
    if width >= len(gone.name) or any(_equals(text, row) != old for row in group):
        return []
    return [_gap(text, row, width) for row in group]


def _gap(text: Text, row: _Row, width: int) -> Edit:
    """So many spaces before the `=` of an argument that it is aligned with names of a width."""
    region = text.region((row.span.line, row.span.end_column), (row.span.line, _equals(text, row)))
    return Edit(region, " " * (width - len(row.name) + 1))


def literal(container: Map, key: str) -> bool:
    """Whether the value of a key is written out, with nothing in it that comes from elsewhere."""
    origin = container.origin
    node = origin.expression(key) if origin is not None else None
    return node is not None and _plain(node)


def _plain(node: ast.Expr) -> bool:
    if isinstance(node, ast.Tup):
        return all(_plain(item) for item in node.items)
    return isinstance(node, (ast.Lit, ast.Num))


def edits(text: Text, change: Change) -> list[Edit]:
    """The edits of a change that is no insertion."""
    if change.op == "append":
        return append(text, change.container, change.key, change.value)
    if change.op == "remove":
        return remove(text, change.container, change.key)
    return replace(text, change.container, change.key, change.value)
