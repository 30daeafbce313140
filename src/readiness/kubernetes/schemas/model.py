"""What a schema says of one value, and a problem with one.  Plain data."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from readiness.values import Span

LIMIT = 50
"""Problems of one object that are listed."""


class Rules(Struct):
    """What a custom kind demands of a value beside its type, as its definition writes it.

    `lowest` and `highest` are a number and whether the value may equal it.  `branches` are the lists of
    fields of `oneOf` (`exactly`) or `anyOf`, where that is all that these say.
    """

    enum: tuple[Any, ...] | None = None
    pattern: str | None = None
    lowest: tuple[float, bool] | None = None
    highest: tuple[float, bool] | None = None
    shortest: int | None = None
    longest: int | None = None
    branches: tuple[tuple[str, ...], ...] = ()
    exactly: bool = False


class Node(Struct, eq=False):
    """A schema: what a value may be.

    `kind` is a word of `KINDS`.  A mapping has `fields` by name, and for keys beside them `items` (their
    schema) or `open` (anything goes); a list has `items`, and `keys` where two items must differ in these
    fields.  `required` are fields that must be there and not null, unless they have a
    `default`.  `simple` holds the Python types that are right whatever their value.
    """

    kind: str
    fields: dict[str, Node] = field(default_factory=dict)
    items: Node | None = None
    required: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    open: bool = False
    nullable: bool = True
    default: Any = None
    rules: Rules | None = None
    simple: frozenset[type] = frozenset()


KINDS = {
    "any": "anything",
    "text": "a text",
    "int32": "a whole number",
    "int64": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "int-or-text": "a number or a text",
    "quantity": "a quantity such as 500m or 1Gi",
    "time": 'a time such as "2026-01-31T00:00:00Z"',
    "base64": "a text in base64",
    "list": "a list",
    "map": "a mapping",
    "map-or-any": "anything",
}
"""What a value may be, in the words of messages."""


class Problem(Struct, frozen=True):
    """Something in an object that its schema does not allow.

    `kind` is `kind` (no such kind or version), `unknown-field`, `type`, `value`, `required` or
    `duplicate`; `path` is what people write (`spec.template.spec.containers[0].image`), `name` its last
    field; `span` the place, None where that is the object itself.
    """

    kind: str
    path: str
    name: str
    message: str
    span: Span | None
