"""Message templates: text with CEL expressions in braces."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from readiness.estate.model import scalar_text
from readiness.policy.cel.errors import CelError, CelSyntaxError, place_of
from readiness.policy.cel.program import Functions, Program, compile_program
from readiness.policy.cel.types import OptionalValue
from readiness.values import Unknown

_STRING = re.compile(
    r"[rR](?:\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?'''|\"[^\"\n]*\"|'[^'\n]*')"
    r"|\"\"\"(?:\\[\s\S]|[^\\])*?\"\"\"|'''(?:\\[\s\S]|[^\\])*?'''"
    r"|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
)


class Template:
    """Text to be filled in; `source` is how it was written."""

    __slots__ = ("_parts", "source")

    def __init__(self, source: str, parts: list[str | Program]) -> None:
        self.source = source
        self._parts = parts

    @property
    def names(self) -> frozenset[str]:
        """The free names that the expressions use."""
        return frozenset(name for part in self._parts if isinstance(part, Program) for name in part.names)

    @property
    def programs(self) -> list[Program]:
        """The expressions, in their order."""
        return [part for part in self._parts if isinstance(part, Program)]

    def render(self, bindings: Mapping[str, Any], functions: Functions | None = None) -> str:
        """The text; an unknown value shows as `(unknown)`, one that cannot be had as `?`."""
        return "".join(
            part if isinstance(part, str) else _show(part, bindings, functions) for part in self._parts
        )


def _show(program: Program, bindings: Mapping[str, Any], functions: Functions | None) -> str:
    try:
        value = program.evaluate(bindings, functions)
    except CelError:
        return "?"
    if isinstance(value, OptionalValue):
        value = value.value
    return "(unknown)" if isinstance(value, Unknown) else scalar_text(value)


def compile_template(
    text: str, variables: Collection[str] | None = None, functions: Collection[str] = ()
) -> Template:
    """Compile a template: `{expression}` holds CEL (policy mode), `{{` and `}}` are braces.

    Raises CelError, with line and column in the template, for a brace that does not match and
    for a mistake in an expression.
    """
    parts: list[str | Program] = []
    plain = ""
    at = 0
    while at < len(text):
        char = text[at]
        if char not in "{}":
            plain += char
            at += 1
        elif text.startswith(char * 2, at):
            plain += char
            at += 2
        elif char == "}":
            raise CelSyntaxError("`}` without `{`; write `}}` for a brace", *place_of(text, at))
        else:
            end = _closing(text, at)
            parts.extend([plain, _compile_part(text, at + 1, end, variables, functions)])
            plain = ""
            at = end + 1
    parts.append(plain)
    return Template(text, [part for part in parts if part != ""])


def _closing(text: str, opening: int) -> int:
    """The offset of the brace that closes the one at `opening`."""
    depth = 0
    at = opening
    while at < len(text):
        string = _STRING.match(text, at)
        if string is not None and not (at and (text[at - 1].isalnum() and text[at] in "rR")):
            at = string.end()
            continue
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    raise CelSyntaxError("`{` is not closed; write `{{` for a brace", *place_of(text, opening))


def _compile_part(
    text: str,
    start: int,
    end: int,
    variables: Collection[str] | None,
    functions: Collection[str],
) -> Program:
    source = text[start:end]
    if not source.strip():
        raise CelSyntaxError("an empty `{}` in the text; write `{{}}` for braces", *place_of(text, start))
    try:
        return compile_program(source, False, functions, variables)
    except CelError as error:
        line, column = place_of(text, start)
        raise type(error)(
            error.message, line + error.line - 1, error.column + (column - 1 if error.line == 1 else 0)
        ) from None
