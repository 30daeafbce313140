"""The kinds of values of expressions, as far as they are known before anything is evaluated.

Literals, operators, macros and parameters tell theirs; what a resource holds is known to nobody.  So a
parameter that the policy does not have, a sum of a number and a text, and a condition that can only be a
number are mistakes of a policy, and not findings about a resource.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from readiness.policy.cel import CelError, Program, Template, ast
from readiness.policy.cel.errors import did_you_mean, place_of

_LITERALS = {bool: "bool", int: "int", float: "double", str: "string", bytes: "bytes"}
_PARAMS = {"string": "string", "boolean": "bool", "array": "list", "object": "map"}
_NUMBERS = frozenset({"int", "double"})
_SAYS_BOOL = frozenset({"all", "exists", "exists_one"})
_SAYS_LIST = frozenset({"map", "filter"})
_PREDICATES = frozenset({"matches", "contains", "startsWith", "endsWith"})
_WORDS = {
    "bool": "true or false",
    "int": "a whole number",
    "double": "a number",
    "string": "a text",
    "bytes": "bytes",
    "list": "a list",
    "map": "a map",
}
# Every pair of other kinds that are known is refused where it is evaluated.
_ARITHMETIC: dict[str, frozenset[tuple[str, str]]] = {
    "+": frozenset({(k, k) for k in ("int", "double", "string", "bytes", "list")}),
    **dict.fromkeys(("-", "*", "/"), frozenset({("int", "int"), ("double", "double")})),
    "%": frozenset({("int", "int")}),
}


def check_condition(program: Program, params: dict[str, dict[str, Any]], wanted: tuple[str, ...]) -> None:
    """See that an expression of a policy can be evaluated, and give a value of one of some kinds.

    Raises:
        CelError: it cannot, whatever it looks at; with line and column.
    """
    _check(program, params)
    for node in _results(program.root):
        kind = _kind(node, params)
        if wanted and kind is not None and kind not in wanted:
            expected = " or ".join(_WORDS[name] for name in wanted)
            message = f"{expected} is expected here, and this is {_WORDS[kind]}"
            raise CelError(message, *place_of(program.text, node.start))


def check_template(template: Template, params: dict[str, dict[str, Any]]) -> None:
    """See that the expressions of a message can be evaluated.

    Raises:
        CelError: one cannot, whatever it looks at.
    """
    for program in template.programs:
        try:
            _check(program, params)
        except CelError as error:
            raise CelError(error.message, 1, 0) from None


def _check(program: Program, params: dict[str, dict[str, Any]]) -> None:
    for node in _nodes(program.root):
        if isinstance(node, ast.Select):
            name = _parameter(node)
            if name is not None and name not in params and not node.test and not node.optional:
                hint = did_you_mean(name, params)
                raise CelError(f"there is no parameter `{name}`{hint}", *place_of(program.text, node.start))
        elif isinstance(node, ast.Binary) and node.op in _ARITHMETIC:
            kinds = (_kind(node.left, params), _kind(node.right, params))
            if None not in kinds and kinds not in _ARITHMETIC[node.op]:
                message = f"`{node.op}` does not take ({kinds[0]}, {kinds[1]})"
                raise CelError(message, *place_of(program.text, node.at))


def _nodes(root: ast.Node) -> Iterator[ast.Node]:
    return (node for node, _ in ast.walk(root))


def _results(node: ast.Node) -> Iterator[ast.Node]:
    """The parts of an expression that have to be true or false where it has to: operands of `&&` and `||`."""
    if isinstance(node, ast.Logic):
        for operand in node.operands:
            yield from _results(operand)
    else:
        yield node


def _parameter(node: ast.Node) -> str | None:
    """The name of `params.name`."""
    if isinstance(node, ast.Select) and isinstance(node.operand, ast.Ident) and node.operand.name == "params":
        return None if node.operand.local else node.field
    return None


def _kind(node: ast.Node, params: dict[str, dict[str, Any]]) -> str | None:
    """The kind of the value of an expression; None where it is not known, or may be null."""
    match node:
        case ast.Literal():
            return _LITERALS.get(type(node.value))
        case ast.ListLit():
            return "list"
        case ast.MapLit():
            return "map"
        case ast.Select(test=True) | ast.Logic() | ast.Unary(op="!"):
            return "bool"
        case ast.Select():
            spec = params.get(_parameter(node) or "")
            return None if spec is None or node.optional else _of_parameter(spec)
        case ast.Binary(op=op):
            return _of_operator(op, _kind(node.left, params), _kind(node.right, params))
        case ast.Comprehension(kind=kind):
            return "bool" if kind in _SAYS_BOOL else "list" if kind in _SAYS_LIST else None
        case ast.Builtin(function=function):
            return "bool" if function.name in _PREDICATES else "int" if function.name == "size" else None
        case ast.Ternary():
            yes, no = _kind(node.yes, params), _kind(node.no, params)
            return yes if yes == no else None
        case _:
            return None


def _of_operator(op: str, left: str | None, right: str | None) -> str | None:
    if op not in _ARITHMETIC:
        return "bool"
    return left if left == right else None


def _of_parameter(spec: dict[str, Any]) -> str | None:
    # A `number` may be 7 or 7.5, and `integer` may be set to null nowhere.
    return "int" if spec["type"] == "integer" else _PARAMS.get(spec["type"])
