"""Compiled expressions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from readiness.policy.cel.ast import Logic, Node
from readiness.policy.cel.compiler import Code, Context, Env
from readiness.policy.cel.errors import CelError, CelSyntaxError
from readiness.policy.cel.parser import parse
from readiness.policy.cel.resolver import resolve
from readiness.policy.cel.types import HOST

if TYPE_CHECKING:
    from readiness.policy.cel.blame import Blame

Functions = Mapping[str, Callable[..., Any]]
_DEEP = "the expression, or a value it looks at, nests too deeply"
# `namespace` is a reserved word of CEL and a name that policies use.
_ALLOWED = frozenset({"namespace"})


class Program:
    """An expression ready to be evaluated, any number of times and on any number of threads.

    `source` is its text; `names` the free names it uses (variables, before any field), and
    `hosts` the host functions it calls.
    """

    __slots__ = ("_code", "_conjuncts", "_context", "_node", "_uses_hosts", "hosts", "names", "source")

    def __init__(
        self, node: Node, context: Context, source: str, names: frozenset[str], hosts: frozenset[str]
    ) -> None:
        self._node = node
        self._context = context
        self._code: Code = context.code(node)
        self._conjuncts: list[Program] | None = None
        self._uses_hosts = bool(hosts)
        self.source = source
        self.names = names
        self.hosts = hosts

    def __repr__(self) -> str:
        return f"Program({self.source!r})"

    def evaluate(self, bindings: Mapping[str, Any], functions: Functions | None = None) -> Any:
        """The value of the expression, or the `Unknown` it depends on.

        Bindings with the host functions under `HOST` are taken as they are, which saves a copy for
        each expression.  Raises CelError, with line and column, when it has none.
        """
        try:
            if type(bindings) is dict and (not self._uses_hosts or HOST in bindings):
                return self._code(bindings)
            return self._code(self._env(bindings, functions))
        except (RecursionError, OverflowError) as error:
            raise cel_error(error) from None

    def _env(self, bindings: Mapping[str, Any], functions: Functions | None) -> Env:
        env = dict(bindings)
        if self._uses_hosts and HOST not in env:
            env[HOST] = functions or {}
        return env

    @property
    def code(self) -> Code:
        """The closure itself, for those who evaluate by the thousand.

        It takes bindings as they are, with the host functions under `HOST`, and raises RecursionError and
        OverflowError beside CelError.
        """
        return self._code

    @property
    def root(self) -> Node:
        """The resolved expression, whose offsets count in `text`."""
        return self._node

    @property
    def text(self) -> str:
        """The whole text that the expression was compiled from; of a conjunct that of the whole."""
        return self._context.source

    @property
    def conjuncts(self) -> list[Program]:
        """The operands of the top-level `&&` (flattened), or the program itself without one."""
        if self._conjuncts is None:
            nodes = _operands(self._node)
            self._conjuncts = [self.part(node) for node in nodes]
            if len(nodes) == 1:
                self._conjuncts = [self]
        return self._conjuncts

    def part(self, node: Node) -> Program:
        """A node of the expression as a program of its own."""
        return Program(node, self._context, self.text[node.start : node.end].strip(), self.names, self.hosts)

    def blame(self, bindings: Mapping[str, Any], functions: Functions | None = None) -> list[Blame]:
        """Which values made the expression not true; empty when nothing can be said.

        Never raises.  See `readiness.policy.cel.blame` for the rules.
        """
        from readiness.policy.cel.blame import blame

        return blame(self._node, self._context, self._env(bindings, functions))


def cel_error(error: Exception) -> CelError:
    """What a closure raised, as an error of the expression."""
    if isinstance(error, CelError):
        return error
    return CelError(_DEEP if isinstance(error, RecursionError) else "a number is too large", 1, 1)


def _operands(node: Node) -> list[Node]:
    if not isinstance(node, Logic) or node.op != "&&":
        return [node]
    return [operand for child in node.operands for operand in _operands(child)]


def compile_program(
    source: str,
    strict: bool = False,
    functions: Collection[str] = (),
    variables: Collection[str] | None = None,
) -> Program:
    """Compile an expression.

    `functions` names the host functions (`linked`, `repo.file`) that `Program.evaluate` will be
    given.  With `variables`, any other free name is an error.  In policy mode (`strict` false)
    unknown functions and wrong argument counts are errors here; in strict mode, as the
    language has it, only when they are evaluated.

    Raises CelSyntaxError for what is not CEL, CelError for the rest, both with line and column.
    """
    known = None if variables is None else frozenset(variables)
    try:
        return _compiled(source, strict, frozenset(functions), known)
    except RecursionError:
        raise CelSyntaxError(_DEEP, 1, 1) from None


@lru_cache(maxsize=1024)
def _compiled(
    source: str, strict: bool, functions: frozenset[str], variables: frozenset[str] | None
) -> Program:
    """A program, the same one for the same text: policies about one thing share conditions."""
    allowed = frozenset() if strict else _ALLOWED | (variables or frozenset())
    root = parse(source, allowed)
    node, resolver = resolve(root, source, strict, functions, variables)
    context = Context(source, strict)
    return Program(node, context, source.strip(), frozenset(resolver.free), frozenset(resolver.hosts))


def evaluate(source: str, bindings: Mapping[str, Any], strict: bool = True) -> Any:
    """Compile and evaluate in one step.

    Python values in and out: int, float, str, bool, None, bytes, list, dict and the classes of
    this package.  Raises CelError.
    """
    return compile_program(source, strict).evaluate(bindings)
