"""Conditions with their results and the values in them, as explanations show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from readiness.engine.explained import Condition, Fact, Input
from readiness.engine.model import Origin
from readiness.engine.telling import NAMING
from readiness.estate.model import Resource
from readiness.estate.provenance import explain
from readiness.estate.secrets import mask, masked
from readiness.policy.cel import Blame, CelError
from readiness.policy.cel.anatomy import Looked, Piece, anatomy, looked_at, one_line
from readiness.values import List, Map, Span, Unknown

DEPTH = 2
"""Levels of parts below a condition; what lies deeper is told as values alone."""


class Conditions:
    """Tells conditions on one resource; nothing sensitive is in what it gives.

    `owners` has the resource of every body, by the id of the body; `facts` say where names such as `tier`
    and `params.days` come from.
    """

    def __init__(
        self,
        resource: Resource,
        owners: Mapping[int, Resource],
        facts: Iterable[Fact],
        secrets: frozenset[str],
    ) -> None:
        self._resource = resource
        self._owners = owners
        self._facts = {fact.name: fact for fact in facts}
        self._secrets = secrets

    def every(self, pieces: Iterable[Piece]) -> tuple[Condition, ...]:
        """Several conditions, in their order."""
        return tuple(self.one(piece) for piece in pieces)

    def one(self, piece: Piece, depth: int = 0) -> Condition:
        """A condition with its parts, or with the values that it looked at."""
        value = piece.value
        told = Condition(
            one_line(piece.program.source),
            result_of(value),
            self._reason(value),
            None if piece.element is None else self._element(*piece.element),
        )
        parts = anatomy(piece) if depth < DEPTH else None
        if parts is None or not parts.pieces:
            return replace(told, inputs=self.inputs(looked_at(piece)))
        inner = tuple(self.one(part, depth + 1) for part in parts.pieces)
        if parts.decisive is not None:
            decided = any(part.result == str(parts.decisive).lower() for part in inner)
            inner = tuple(_unused(part) if decided and part.result == "error" else part for part in inner)
        return replace(told, inputs=self.inputs(parts.looked), parts=inner, left=parts.left)

    def inputs(self, looked: Iterable[Looked]) -> tuple[Input, ...]:
        """The values that a condition looked at."""
        return tuple(self._input(one) for one in looked)

    def blamed(self, blames: Iterable[Blame]) -> tuple[Input, ...]:
        """The same where only the values are known, not how the condition names them."""
        named = [blame for blame in blames if blame.key is not None]
        return tuple(
            self._input(Looked(str(blame.key), blame.value, blame.span, blame.container, blame.key))
            for blame in named
        )

    def _input(self, looked: Looked) -> Input:
        value, span = looked.value, looked.span
        origins = tuple(Origin(what, where) for what, where in explain(looked.container, looked.key))
        fact = self._facts.get(looked.text)
        if fact is not None and not origins:
            where = None
            if fact.place is not None:
                place = fact.place
                where = Span(place.path, place.line, place.column, place.line, place.column)
            origins = (Origin(fact.origin, where or Span("", 0, 0, 0, 0)),)
        if isinstance(value, CelError):
            return Input(
                looked.text, None, span, origins, self._owner(looked.way), self._masked(value.message)
            )
        known = masked(self._named(value), self._secrets)
        return Input(looked.text, known, span, origins, self._owner(looked.way))

    def _owner(self, way: Iterable[Any]) -> str | None:
        """The address of the last resource on the way to a value, where it is another one."""
        owner: Resource | None = None
        for value in way:
            owner = self._owners.get(id(value), owner)
        return None if owner is None or owner is self._resource else owner.address

    def _named(self, value: Any) -> Any:
        """A value with the addresses of resources in place of their bodies."""
        if isinstance(value, list):
            return List(self._address(item) for item in value)
        return self._address(value)

    def _address(self, value: Any) -> Any:
        owner = self._owners.get(id(value)) if isinstance(value, Map) else None
        return value if owner is None else owner.address

    def _element(self, key: str | int, value: Any) -> str:
        """What tells an element of a list from the others: an address, a name, its key or its number."""
        if isinstance(key, str):
            return self._masked(key)
        named = self._address(value)
        text = named if isinstance(named, str) else name_of(value)
        return self._masked(text) if text else f"[{key}]"

    def _reason(self, value: Any) -> str | None:
        if isinstance(value, Unknown):
            return self._masked(value.reason)
        return self._masked(value.message) if isinstance(value, CelError) else None

    def _masked(self, text: str) -> str:
        return mask(text, self._secrets, self._resource.address)


def name_of(item: Any) -> str:
    """What tells an item from the others, "" where nothing does that is known."""
    if isinstance(item, Map):
        named = (item.get(key) for key in NAMING)
        return next((str(name) for name in named if isinstance(name, str | int)), "")
    return item if isinstance(item, str) else ""


def result_of(value: Any) -> str:
    """What the value of a condition means: whatever is not true and not unknown is false."""
    if isinstance(value, Unknown):
        return "unknown"
    if isinstance(value, CelError):
        return "error"
    return "true" if value is True else "false"


def _unused(condition: Condition) -> Condition:
    """A part without a value that nothing depends on."""
    return replace(condition, result="unused", reason=None)
