"""Expressions of admission policies: strict CEL with the names that Kubernetes gives them.

Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ .
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from readiness.errors import UsageError
from readiness.policy.admission.model import Text
from readiness.policy.cel import CelError, Program
from readiness.policy.cel.ast import Call, Failing, Ident, Node, Select, walk
from readiness.policy.cel.compiler import Context
from readiness.policy.cel.errors import did_you_mean, place_of
from readiness.policy.cel.lexer import RESERVED
from readiness.policy.cel.parser import parse
from readiness.policy.cel.resolver import resolve

NAMES = frozenset({"object", "oldObject", "request", "namespaceObject"})
"""Names that every expression may use."""

_ESCAPED = re.compile(r"__(underscores|dot|dash|slash)__")
_SPELLED = {"underscores": "__", "dot": ".", "dash": "-", "slash": "/"}
_WORDS = frozenset({"true", "false", "null", "in"}) | RESERVED - {"var", "void", "while"}


def compile_text(
    text: Text, where: str, path: str, names: Collection[str], variables: Collection[str] = ()
) -> Program:
    """Compile an expression that may use some names, and `variables.NAME` for those declared before it.

    Raises:
        UsageError: it is wrong, uses another name or a function that there is not; with its place.
    """
    try:
        root = _rewritten(parse(text.source, frozenset()), text.source, variables)
        node, resolver = resolve(root, text.source, True, (), frozenset(names))
        for inner, _ in walk(node):
            if isinstance(inner, Failing):
                raise CelError(inner.message, *place_of(text.source, inner.at))
    except CelError as error:
        raise UsageError(f"{where}: {error.message}", path, *text.place(error.line, error.column)) from None
    except RecursionError:
        raise UsageError(f"{where}: it nests too deeply", path, *text.place(1, 1)) from None
    context = Context(text.source, True)
    return Program(node, context, text.source.strip(), frozenset(resolver.free), frozenset())


def _rewritten(node: Node, source: str, variables: Collection[str]) -> Node:
    """An expression whose fields have their own names, and whose questions to `authorizer` are unknown."""
    if _asks(node):
        return Ident(node.at, node.start, node.end, "authorizer")
    if isinstance(node, Select):
        if isinstance(node.operand, Ident) and node.operand.name == "variables" and not node.operand.root:
            if node.field not in variables:
                known = f"; it has {', '.join(variables)}" if variables else "; none stands before this"
                hint = did_you_mean(node.field, variables) or known
                place = place_of(source, node.at)
                raise CelError(f"the policy has no variable `{node.field}` here{hint}", *place)
        else:
            node.field = _unescaped(node.field)
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, (Node, list)):
            setattr(node, name, _inner(value, source, variables))
    return node


def _inner(value: Any, source: str, variables: Collection[str]) -> Any:
    if isinstance(value, Node):
        return _rewritten(value, source, variables)
    if isinstance(value, (list, tuple)):
        return type(value)(_inner(item, source, variables) for item in value)
    return value


def _asks(node: Node) -> bool:
    """Whether an expression is `authorizer` with what is selected from it and called on it."""
    chain: Node | None = node
    if isinstance(node, Ident):
        return False
    while isinstance(chain, (Call, Select)):
        chain = chain.target if isinstance(chain, Call) else chain.operand
    return isinstance(chain, Ident) and chain.name == "authorizer"


def _unescaped(field: str) -> str:
    if field.startswith("__") and field.endswith("__") and field[2:-2] in _WORDS:
        return field[2:-2]
    return _ESCAPED.sub(lambda match: _SPELLED[match[1]], field)
