"""A policy whose expressions are compiled, and the values that they see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from readiness.policy.admission.expressions import NAMES, compile_text
from readiness.policy.admission.model import Admission, Validation
from readiness.policy.cel import Program
from readiness.policy.cel.ast import Unary
from readiness.policy.cel.compiler import Context
from readiness.values import Map, Span


class Validated(Struct, eq=False):
    """A validation with its expressions."""

    validation: Validation
    test: Program
    said: Program | None


class Compiled(Struct, eq=False):
    """A policy ready to be held against objects."""

    admission: Admission
    conditions: list[tuple[str, Program]]
    variables: dict[str, Program]
    validations: list[Validated]


def compile_admission(data: Mapping[str, Any], path: str) -> Compiled:
    """Compile a policy that a pack keeps as plain data.

    Raises:
        UsageError: an expression is wrong; with its place in the file.
    """
    admission = msgspec.convert(data, Admission)
    names = NAMES | {"params"} if admission.param_kind else NAMES
    asking = names | {"authorizer"}
    conditions = [
        (one.name, compile_text(one.expression, f"matchConditions[{index}]", path, asking))
        for index, one in enumerate(admission.conditions)
    ]
    variables: dict[str, Program] = {}
    for index, one in enumerate(admission.variables):
        where = f"variables[{index}]"
        allowed = asking | {"variables"}
        variables[one.name] = compile_text(one.expression, where, path, allowed, list(variables))
    validations = []
    for index, validation in enumerate(admission.validations):
        where, known = f"validations[{index}]", list(variables)
        test = compile_text(validation.expression, where, path, asking | {"variables"}, known)
        said = validation.message_expression
        message = None
        if said is not None:
            where = f"{where}.messageExpression"
            message = compile_text(said, where, path, names | {"variables"}, known)
        validations.append(Validated(validation, test, message))
    return Compiled(admission, conditions, variables, validations)


class Variables(Map):
    """`variables`: each is evaluated when it is first asked for."""

    __slots__ = ("_env", "_programs")

    def __init__(self, programs: Mapping[str, Program], env: dict[str, Any]) -> None:
        super().__init__()
        self._programs = programs
        self._env = env

    def __contains__(self, key: object) -> bool:
        return key in self._programs

    def __missing__(self, key: str) -> Any:
        value = self[key] = self._programs[key].evaluate(self._env)
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a variable."""
        known = key in self
        return self[key] if known else default

    def span_of(self, key: str) -> Span | None:
        """The place of the value that a variable looks at."""
        program = self._programs.get(key)
        if program is None:
            return None
        if self.get(key) is True:  # what made it so is what would be at fault were it negated
            root = program.root
            node = Unary(root.at, root.start, root.end, "!", root)
            context = Context(program.text, True)
            program = Program(node, context, program.source, program.names, program.hosts)
        return next((blame.span for blame in program.blame(self._env) if blame.span), None)
