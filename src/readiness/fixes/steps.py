"""What the `fix` of a policy says: steps with their paths and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from readiness.errors import near
from readiness.estate.model import scalar_text
from readiness.fixes.model import CannotFixError

HEADS = ("item", "pod")
"""What a path may begin with instead of an argument or field of the object."""


class Step(Struct, frozen=True):
    """One thing that a fix does: `op` is `set`, `append` or `remove`.

    `head` is `item`, `pod` or `object`: where `path` begins.
    """

    op: str
    head: str
    path: tuple[str, ...]
    value: Any = None

    @property
    def title(self) -> str:
        """What it does, as one says it to people."""
        name = ".".join(self.path)
        if self.op == "remove":
            return f"remove `{name}`"
        shown = scalar_text(self.value)
        return f"set `{name}` to {shown}" if self.op == "set" else f"add {shown} to `{name}`"


def steps(fix: Mapping[str, Any], params: Mapping[str, Any]) -> list[Step]:
    """The steps of a fix, with parameters in their places.

    Raises:
        CannotFixError: it names a parameter that is not there.
    """
    return list(_steps(fix, params))


def title(fix: Mapping[str, Any], params: Mapping[str, Any]) -> str:
    """All that a fix does, in one sentence without a full stop."""
    text = ", ".join(step.title for step in steps(fix, params))
    return text[:1].upper() + text[1:]


def _steps(fix: Mapping[str, Any], params: Mapping[str, Any]) -> Iterator[Step]:
    for op in ("set", "append"):
        for path, value in fix.get(op, {}).items():
            yield Step(op, *_parted(path), _value(value, params))
    for path in fix.get("remove", ()):
        yield Step("remove", *_parted(path))


def _parted(path: str) -> tuple[str, tuple[str, ...]]:
    first, *rest = path.split(".")
    return (first, tuple(rest)) if first in HEADS and rest else ("object", (first, *rest))


def _value(value: Any, params: Mapping[str, Any]) -> Any:
    if not isinstance(value, dict):
        return value
    name = value["param"]
    if name not in params:
        raise CannotFixError(f"its policy has no parameter {name!r}{near(name, params)}")
    return params[name]
