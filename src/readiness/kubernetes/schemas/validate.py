"""Holds an object against its schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from readiness.kubernetes.schemas import scalars, words
from readiness.kubernetes.schemas.model import LIMIT, Node, Problem, Rules
from readiness.values import Map, Span, Unknown, span_at

Matcher = Callable[[str, str], bool]
"""Whether a pattern (in RE2's syntax) is found in a text; true for a pattern that it does not know."""


class _Place(NamedTuple):
    """Where the walk is: a value, its schema, its key in the place around it."""

    around: _Place | None
    key: str | int
    value: Any
    node: Node


def validate(
    body: Map, node: Node, matches: Matcher, secret: bool = False, release: str = ""
) -> list[Problem]:
    """What is wrong with an object, in its order; at most 50 problems.

    Null counts as absent, as in the API, and nothing is said of what is unknown, or of a text that another
    tool fills in (`${REPLICAS}`).  `secret` keeps texts out of the messages; `release` is that of a built-in
    schema, whose fields come and go.
    """
    walk = _Walk(matches, secret, release)
    walk.mapping(body, node, _Place(None, str(body.get("kind", "")), body, node))
    return walk.problems[:LIMIT]


class _Walk:
    def __init__(self, matches: Matcher, secret: bool, release: str) -> None:
        self.matches = matches
        self.secret = secret
        self.of = f" of Kubernetes {release}" if release else ""
        self.problems: list[Problem] = []

    def mapping(self, value: dict[str, Any], node: Node, place: _Place) -> None:
        """A mapping whose schema says which fields it has."""
        fields = node.fields
        for key, item in value.items():
            child = fields.get(key)
            if child is None:
                child = node.items
                if child is None:
                    if not node.open:
                        self.unknown_field(key, value, place)
                    continue
            if type(item) in child.simple and child.rules is None:
                continue
            if item is not None:
                self.value(item, child, place, key)
        for name in node.required:
            if value.get(name) is None and fields[name].default is None:
                self.missing(name, value, place)
        if node.rules is not None:
            self.rules(value, node.rules, place)

    def value(self, value: Any, node: Node, around: _Place, key: str | int) -> None:
        """A value that is not null, at a key of the place around it."""
        if isinstance(value, Unknown) or len(self.problems) >= LIMIT:
            return
        kind = node.kind
        if kind in ("map", "map-or-any"):
            if isinstance(value, dict):
                inner = node.items if kind == "map-or-any" and node.items is not None else node
                self.mapping(value, inner, _Place(around, key, value, inner))
            elif kind == "map":
                self.wrong_type(value, node, around, key)
        elif kind == "list":
            if isinstance(value, list):
                self.sequence(value, node, _Place(around, key, value, node))
            else:
                self.wrong_type(value, node, around, key)
        elif kind != "any":
            fits = scalars.fits(value, kind)
            if isinstance(value, str) and words.filled_in(value):
                return
            if fits is None:
                self.wrong_type(value, node, around, key)
            elif not fits:
                self.report("value", f"{self.said(value, key, around)} {scalars.WRONG[kind]}", around, key)
            elif node.rules is not None:
                self.rules(value, node.rules, _Place(around, key, value, node))
        elif node.rules is not None:
            self.rules(value, node.rules, _Place(around, key, value, node))

    def sequence(self, value: list[Any], node: Node, place: _Place) -> None:
        """A list, item by item."""
        items = node.items
        if items is not None:
            for index, item in enumerate(value):
                if item is None:
                    if not items.nullable:
                        self.wrong_type(None, items, place, index)
                elif type(item) not in items.simple or items.rules is not None:
                    self.value(item, items, place, index)
            if node.keys:
                self.duplicates(value, node.keys, items, place)
        if node.rules is not None:
            self.rules(value, node.rules, place)

    # -- what can be wrong ------------------------------------------------------------

    def unknown_field(self, key: str, value: dict[str, Any], place: _Place) -> None:
        # SOPS keeps what it encrypted, and with which keys, beside `kind`, and takes it out again.
        if len(self.problems) >= LIMIT or words.filled_in(key) or (key == "sops" and place.around is None):
            return
        present = [name for name in place.node.fields if name not in value]
        near = words.meant(key, present)
        hint = "" if near is None else f"; did you mean `{near}`?"
        if near is None or near.lower() != key.lower():
            elsewhere = _neighbour(key, place)
            hint = hint if elsewhere is None else f": it belongs {elsewhere}"
        where = _path(place)
        message = f"there is no field `{key}` in {f'`{where}`' if where else f'a {place.key}'}{self.of}{hint}"
        span = value.key_spans.get(key) if isinstance(value, Map) else None
        self.report("unknown-field", message, place, key, span)

    def missing(self, name: str, value: dict[str, Any], place: _Place) -> None:
        where = _path(place)
        span: Span | None = None
        if name in value:
            span = span_at(value, name)
        elif place.around is not None:
            around = place.around.value
            span = around.key_spans.get(str(place.key)) if isinstance(around, Map) else None
            span = span or span_at(around, place.key)
        message = f"`{name}` is missing in `{where}`" if where else f"`{name}` is missing"
        self.report("required", message, place, name, span)

    def wrong_type(self, value: Any, node: Node, around: _Place, key: str | int) -> None:
        if isinstance(value, str) and words.filled_in(value):
            return
        self.report("type", words.wrong_type(_name(around, key), value, node, self.secret), around, key)

    def duplicates(self, value: list[Any], keys: tuple[str, ...], items: Node, place: _Place) -> None:
        """Items that are the same in all keys; an item in which one is absent or unknown is passed over."""
        seen: set[tuple[Any, ...]] = set()
        for index, item in enumerate(value):
            if not isinstance(item, dict):
                continue
            found = tuple(_key(item, name, items) for name in keys)
            if not all(isinstance(part, (str, int)) for part in found):
                continue
            if found in seen:
                what = " and ".join(
                    f"`{key}` {words.written(part, self.secret).removeprefix('the text ')}"
                    for key, part in zip(keys, found, strict=True)
                )
                self.report("duplicate", f"two items of `{_name(place, index)}` have {what}", place, index)
            seen.add(found)

    def rules(self, value: Any, rules: Rules, place: _Place) -> None:
        """What a custom kind demands beside the type."""
        around = place.around
        found = scalars.broken(value, rules, self.matches)
        if found is None:
            return
        if around is None:
            self.report("value", f"this object {found}", place, "", None)
        else:
            self.report("value", f"{self.said(value, place.key, around)} {found}", around, place.key)

    def said(self, value: Any, key: str | int, around: _Place) -> str:
        """A value with its name, as the beginning of a sentence."""
        name = _name(around, key)
        if isinstance(value, (dict, list)):
            return f"`{name}`"
        return f"`{name}`, {words.written(value, self.secret)},"

    def report(
        self, kind: str, message: str, around: _Place, key: str | int, span: Span | None = None
    ) -> None:
        """Note a problem with the value at a key; where nothing else is said, that is its place."""
        if kind not in ("unknown-field", "required") and span is None:
            span = span_at(around.value, key)
        path = _path(around, key)
        self.problems.append(Problem(kind, path, _name(around, key), message, span))


def _key(item: dict[str, Any], name: str, items: Node) -> Any:
    value = item.get(name)
    known = items.fields.get(name)
    return known.default if value is None and known is not None else value


def _name(around: _Place, key: str | int) -> str:
    """The name of a field; for an item of a list that of the list."""
    place: _Place | None = around
    while isinstance(key, int) and place is not None:
        key, place = place.key, place.around
    return str(key)


def _path(place: _Place, key: str | int = "") -> str:
    """The path to a place, and on to a key of it: `spec.containers[0].image`."""
    keys: list[str | int] = [] if key == "" else [key]
    current: _Place | None = place
    while current is not None and current.around is not None:
        keys.append(current.key)
        current = current.around
    path = ""
    for part in reversed(keys):
        if isinstance(part, int):
            path += f"[{part}]"
        elif "." in part or "/" in part or not part:
            path += f'["{part}"]'
        else:
            path += f".{part}" if path else part
    return path


def _neighbour(key: str, place: _Place) -> str | None:
    """Where a field belongs that stands one level too high or too low, when that is certain."""
    found: list[tuple[str, bool]] = []
    for name, node in place.node.fields.items():
        inner = node.items if node.kind == "list" and node.items is not None else node
        if name not in ("metadata", "status") and key in inner.fields:
            listed = "the items of " if node.kind == "list" else ""
            found.append((f"in {listed}`{_path(place, name)}`", name in place.value))
    above = place.around
    while above is not None and above.node.kind == "list":
        above = above.around
    if above is not None and key in above.node.fields:
        where = _path(above)
        found.append((f"one level up, in `{where}`" if where else "one level up, beside `kind`", True))
    if len(found) > 1:
        found = [entry for entry in found if entry[1]]
    return found[0][0] if len(found) == 1 else None
