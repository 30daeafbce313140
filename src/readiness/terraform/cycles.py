"""What needs itself to be evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from readiness.errors import SourceError
from readiness.terraform.config import Declared
from readiness.values import Span, Unknown

if TYPE_CHECKING:
    from readiness.terraform.module import ModuleInstance

Key = tuple[str, ...]
"""What a module evaluates: `("local", name)`, `("var", name)`, …, `("managed", type, name)`."""


def cycle(module: ModuleInstance, key: Key, started: Sequence[Key]) -> tuple[SourceError | None, Unknown]:
    """The error and the value of something that is needed while it is evaluated; `started` is all that is."""
    names = [_named(part) for part in (*started[started.index(key) :], key)]
    message = f"{names[0]} refers to itself: {' → '.join(names)}"
    span = _declaration(module, key)
    error = None if span is None else SourceError(span.path, span.line, span.column, message)
    return error, Unknown(message, (module.prefixed(names[0]),), span)


def _named(key: Key) -> str:
    """What is evaluated, as people write it: `local.a`, `aws_s3_bucket.logs`."""
    return ".".join(key[1:] if key[0] == "managed" else key)


def _declaration(module: ModuleInstance, key: Key) -> Span | None:
    """Where something that can be referred to is declared."""
    config = module.config
    if key[0] == "local":
        value = config.locals.get(key[1])
        return None if value is None else value.place.span(value.attribute.at)
    tables: dict[str, dict[str, Declared]] = {
        "var": config.variables,
        "output": config.outputs,
        "module": config.calls,
    }
    declared = tables[key[0]].get(key[1]) if key[0] in tables else None
    if len(key) == 3:
        declared = config.resources.get((key[0], key[1], key[2]))
    return None if declared is None else declared.place.span(declared.block.header)
