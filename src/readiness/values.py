"""The value model: plain Python values that remember where they were written.

Every value a policy sees is a `str`, `int`, `float`, `bool`, `None`, `Map` (a `dict`),
`List` (a `list`) or `Unknown`, so checks run at the speed of plain Python.  Spans are
kept beside the values, never inside them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, NoReturn


class Span(NamedTuple):
    """A region of a source file: lines and columns count from 1, the end is exclusive."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    def to(self, other: Span) -> Span:
        """The region from the start of this span to the end of `other`."""
        return Span(self.path, self.line, self.column, other.end_line, other.end_column)


class Map(dict[str, Any]):
    """A mapping that knows its own span and, per key, those of the key and the value.

    `origin` is an opaque handle that the builder of the mapping may set; the estate uses it
    to explain where a value came from (see `readiness.estate.provenance`).  `kind` is the type
    that Terraform gives it (see `readiness.terraform.kinds`), or None where that is not known.
    """

    __slots__ = ("key_spans", "kind", "origin", "span", "value_spans")

    def __init__(
        self,
        items: Mapping[str, Any] | Iterable[tuple[str, Any]] = (),
        span: Span | None = None,
        key_spans: dict[str, Span] | None = None,
        value_spans: dict[str, Span] | None = None,
        origin: Any = None,
    ) -> None:
        super().__init__(items)
        self.span = span
        self.key_spans: dict[str, Span] = {} if key_spans is None else key_spans
        self.value_spans: dict[str, Span] = {} if value_spans is None else value_spans
        self.origin = origin
        self.kind: Any = None

    def span_of(self, key: str) -> Span | None:
        """The span of an entry, from its key to the end of its value, or None if unknown."""
        value = self.value_spans.get(key)
        name = self.key_spans.get(key)
        if name is None:
            return value
        if value is None or value.path != name.path:
            return name
        return name.to(value)


class List(list[Any]):
    """A sequence that knows its own span and those of its items (in order, or none at all).

    `kind` is the type that Terraform gives it, or None where that is not known.  `more` is the item
    that stands for any number of items, none among them (a `dynamic` block whose `for_each` is not
    known), else None.
    """

    __slots__ = ("item_spans", "kind", "more", "span")

    def __init__(
        self,
        items: Iterable[Any] = (),
        span: Span | None = None,
        item_spans: list[Span] | None = None,
    ) -> None:
        super().__init__(items)
        self.span = span
        self.item_spans: list[Span] = [] if item_spans is None else item_spans
        self.kind: Any = None
        self.more: Unknown | None = None

    def span_of(self, index: int) -> Span | None:
        """The span of one item, or None if unknown."""
        return self.item_spans[index] if -1 < index < len(self.item_spans) else None


class Doubted(List):
    """A sequence some of whose items may not be there: the reason by the `id` of each of these.

    A macro takes what is true or false of such an item, and lets it decide nothing by itself.
    """

    __slots__ = ("doubts",)

    def __init__(self, items: Iterable[Any], doubts: Mapping[int, Unknown]) -> None:
        super().__init__(items)
        self.doubts = doubts


class Unknown:
    """A value that cannot be known before apply, or that was not evaluated.

    It is never guessed: using it as a truth value is a bug and raises `TypeError`.
    `reason` completes the sentence "unknown because …"; `refs` holds the addresses and
    names (`var.region`, `aws_kms_key.main.arn`) it waits for.  `not_null` is true where the
    value, whatever it will be, cannot be null: the ARN of a resource, a string template.
    `prefix` and `suffix` are what the text is known to begin and end with (`arn:`), so that it
    can be told from another.
    `document` is the structure of a JSON text that is unknown only in parts, else None.
    `identity` is what two unknowns have in common that are one and the same value (one attribute of
    one resource, in one root and environment), and None where nothing tells.
    """

    __slots__ = ("document", "identity", "not_null", "prefix", "reason", "refs", "span", "suffix")

    def __init__(
        self,
        reason: str,
        refs: tuple[str, ...] = (),
        span: Span | None = None,
        not_null: bool = False,
        prefix: str = "",
        suffix: str = "",
        document: Any = None,
        identity: Hashable = None,
    ) -> None:
        self.document = document
        self.identity = identity
        self.prefix = prefix
        self.suffix = suffix
        self.reason = reason
        self.refs = refs
        self.span = span
        self.not_null = not_null

    def differs(self, value: Any) -> bool:
        """True where this cannot become `value`, whatever the rest of it turns out to be."""
        if value is None:
            return self.not_null
        if isinstance(value, Unknown):
            return not (_agree(self.prefix, value.prefix) and _agree(self.suffix[::-1], value.suffix[::-1]))
        if not self.prefix and not self.suffix:
            return False
        text = value if isinstance(value, str) else ""
        return not (text.startswith(self.prefix) and text.endswith(self.suffix))

    def known_as(self, identity: Hashable) -> Unknown:
        """The same unknown with an identity, where it has none."""
        if self.identity is not None or identity is None:
            return self
        known = (self.not_null, self.prefix, self.suffix, self.document)
        return Unknown(self.reason, self.refs, self.span, *known, identity)

    def is_same(self, other: Any) -> bool:
        """True where this and another unknown are certainly one value, whatever it turns out to be."""
        return self.identity is not None and isinstance(other, Unknown) and self.identity == other.identity

    def made(self) -> Unknown:
        """What is made of this by a function or operator: nothing is known of it but why."""
        certain = self.not_null or self.prefix or self.suffix
        if not certain and self.document is None and self.identity is None:
            return self
        return Unknown(self.reason, self.refs, self.span)

    def begins(self, text: str) -> bool | Unknown:
        """Whether this begins with `text`: this itself where that is not known."""
        if self.prefix.startswith(text):
            return True
        return self if text.startswith(self.prefix) else False

    def ends(self, text: str) -> bool | Unknown:
        """Whether this ends with `text`: this itself where that is not known."""
        if self.suffix.endswith(text):
            return True
        return self if text.endswith(self.suffix) else False

    def __bool__(self) -> NoReturn:
        raise TypeError(f"an unknown value has no truth value: {self.reason}")

    def __repr__(self) -> str:
        return f"Unknown({self.reason!r}, refs={self.refs!r})"


class OpenMap(Map):
    """A mapping that may have more than is written: what is not written is `rest`, where there is one.

    A `rest` that waits for nothing by name waits for the field that is asked for.
    """

    __slots__ = ("rest",)

    def __init__(
        self,
        items: Mapping[str, Any] | Iterable[tuple[str, Any]] = (),
        span: Span | None = None,
        key_spans: dict[str, Span] | None = None,
        value_spans: dict[str, Span] | None = None,
        origin: Any = None,
        rest: Unknown | None = None,
    ) -> None:
        super().__init__(items, span, key_spans, value_spans, origin)
        self.rest = rest

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or (self.rest is not None and isinstance(key, str))

    def __missing__(self, key: str) -> Unknown:
        if self.rest is None:
            raise KeyError(key)
        return self.rest if self.rest.refs else Unknown(self.rest.reason, (key,), self.rest.span)

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key; the unknown for one that is not written."""
        return super().get(key, default) if self.rest is None or self.written(key) else self[key]

    def written(self, key: str) -> bool:
        """Whether a key stands in the mapping itself."""
        return super().__contains__(key)


def _agree(one: str, other: str) -> bool:
    """Whether one text may be the beginning of the other."""
    return one.startswith(other) or other.startswith(one)


class JsonText(str):
    """JSON text whose value is at hand, with spans: what `jsonencode` and policy documents give."""

    __slots__ = ("value",)
    value: Any

    def __new__(cls, text: str, value: Any) -> JsonText:
        self = super().__new__(cls, text)
        self.value = value
        return self


class Supplied(str):
    """Text that is known and that the code does not say: given on the command line, or told by a plan."""

    __slots__ = ()


def supplied(value: Any) -> Any:
    """A value with all its texts as `Supplied`."""
    if isinstance(value, str):
        return Supplied(value)
    if isinstance(value, Map):
        return like(value, {key: supplied(item) for key, item in value.items()})
    if isinstance(value, List):
        return like(value, [supplied(item) for item in value])
    return value


def like(value: Any, items: dict[str, Any] | list[Any]) -> Any:
    """Other items in the place of a collection: with its spans, origin and kind where it has any."""
    result: Map | List
    if isinstance(items, dict):
        spans = (
            (value.span, value.key_spans, value.value_spans, value.origin) if isinstance(value, Map) else ()
        )
        result = Map(items, *spans)
    else:
        result = List(items, *((value.span, value.item_spans) if isinstance(value, List) else ()))
        more = getattr(value, "more", None)
        if more is not None and len(value) == len(items):
            result.more = next((new for old, new in zip(value, items, strict=True) if old is more), None)
    result.kind = getattr(value, "kind", None)
    return result


def partial_json(value: Any, first: Unknown) -> Unknown:
    """JSON text of which parts are unknown; its `document` is the structure that is known."""
    return Unknown(first.reason, first.refs, first.span, not_null=True, document=value)


def plain(value: Any) -> Any:
    """A value as plain data, without places; what is unknown is None."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return None if isinstance(value, Unknown) else value


def dig(value: Any, *keys: str) -> Any:
    """The value below a chain of keys, or None where the chain breaks."""
    for key in keys:
        if not isinstance(value, Map):
            return None
        value = value.get(key)
    return value


def dig_known(value: Any, *keys: str) -> Any:
    """As `dig`, but where the chain meets an unknown, that unknown."""
    for key in keys:
        if not isinstance(value, Map):
            return value if isinstance(value, Unknown) else None
        value = value.get(key)
    return value


def maps(value: Any) -> Iterator[Map]:
    """The mappings in a list; nothing for what is no list."""
    if isinstance(value, List):
        for item in value:
            if isinstance(item, Map):
                yield item


def listed(value: Any) -> list[Any]:
    """What may be written as one or as several, as several; None is none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def take_spans(target: Map, name: str, source: Map, key: str) -> None:
    """Let `target[name]` stand where `source[key]` is written, as far as that is known."""
    if key in source.key_spans:
        target.key_spans[name] = source.key_spans[key]
    if key in source.value_spans:
        target.value_spans[name] = source.value_spans[key]


def span_at(container: Any, key: Any) -> Span | None:
    """The span of `container[key]` where the container carries spans, else None."""
    if isinstance(container, Map):
        return container.span_of(key) if isinstance(key, str) else None
    if isinstance(container, List):
        return container.span_of(key) if isinstance(key, int) else None
    return None


def span_of(value: Any) -> Span | None:
    """The span a value carries for itself: mappings, sequences and unknowns do, scalars do not."""
    return value.span if isinstance(value, (Map, List, Unknown)) else None


def unknowns(value: Any) -> Iterator[Unknown]:
    """Every unknown in a value, depth first."""
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from unknowns(item)
    elif isinstance(value, list):
        for item in value:
            yield from unknowns(item)
