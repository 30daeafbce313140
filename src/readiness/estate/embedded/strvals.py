"""Helm's `--set` syntax: `a.b[0].c=value,d={1,2}` into values.

Source: https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set, and the parser
behind it (helm/helm, pkg/strvals).
"""

from __future__ import annotations

from typing import Any

from readiness.values import List, Map, Span, Unknown

INDEX_LIMIT = 65_536
"""The largest index of a list that Helm takes."""

DEPTH_LIMIT = 30
"""Names that Helm takes one below the other."""


class StrvalsError(ValueError):
    """A setting that Helm refuses; the message says why."""


def parse_into(name: str, value: Any, values: Map, *, typed: bool, span: Span | None = None) -> None:
    """Set `name=value` in values, as Helm does.

    A text is parsed (it may be a list in braces, or set further names after a comma), with
    numbers, booleans and null recognised if `typed`; any other value is put where `name` says.

    Raises:
        StrvalsError: Helm refuses it.
    """
    parser = _Parser(f"{name}={value}" if isinstance(value, str) else f"{name}=", typed, span)
    if not isinstance(value, str):
        parser.given = [value]
    while not parser.done():
        parser.key(values, 0)


class _Parser:
    """Reads a line of settings; the cursor moves on as names and values are taken."""

    def __init__(self, text: str, typed: bool, span: Span | None) -> None:
        self.text = text
        self.at = 0
        self.typed = typed
        self.span = span
        self.given: list[Any] = []  # the value at the end, where it is no text to be parsed

    def done(self) -> bool:
        """Whether everything was taken."""
        return self.at >= len(self.text)

    def until(self, stop: str) -> tuple[str, str]:
        """The text up to a character of `stop`, and that character; "" at the end.  `\\` escapes."""
        taken: list[str] = []
        while not self.done():
            char = self.text[self.at]
            self.at += 1
            if char in stop:
                return "".join(taken), char
            if char == "\\":
                if self.done():
                    break
                char = self.text[self.at]
                self.at += 1
            taken.append(char)
        return "".join(taken), ""

    def key(self, data: Map, depth: int) -> None:
        """Take one name and what belongs to it into a mapping."""
        if depth > DEPTH_LIMIT:
            raise StrvalsError(f"more than {DEPTH_LIMIT} names lie one below the other")
        name, last = self.until("=[,.")
        if last == "=":
            self.put(data, name, self.value())
        elif last == "[":
            items = data.get(name)
            if isinstance(items, Unknown):
                self.item(List(), self.index(), depth)  # it stays unknown, whatever else is in it
                return
            if name in data and not isinstance(items, list):
                raise StrvalsError(f"{name!r} is no list")
            self.put(data, name, self.item(List(items or []), self.index(), depth))
        elif last == ".":
            inner = data.get(name)
            if isinstance(inner, Unknown):
                self.key(Map(), depth + 1)
                return
            if name in data and not isinstance(inner, dict):
                raise StrvalsError(f"{name!r} is no mapping")
            target = inner if isinstance(inner, Map) else Map(inner or {}, self.span)
            self.key(target, depth + 1)
            self.put(data, name, target)
        elif name or last:
            raise StrvalsError(f"{name!r} has no value")

    def put(self, data: Map, name: str, value: Any) -> None:
        """Set an entry; Helm leaves out what has no name."""
        if name:
            data[name] = value
            if self.span is not None:
                data.key_spans[name] = data.value_spans[name] = self.span

    def index(self) -> int:
        """Take an index up to its bracket."""
        text, last = self.until("]")
        if last != "]" or not text.lstrip("+").isdecimal():
            raise StrvalsError(f"{text!r} is no index")
        index = int(text)
        if index > INDEX_LIMIT:
            raise StrvalsError(f"the index {index} is above {INDEX_LIMIT}")
        return index

    def item(self, items: List, index: int, depth: int) -> List:
        """Take what comes after an index into that item."""
        name, last = self.until("[.=")
        if name or not last:
            raise StrvalsError(f"there is {name or 'nothing'!r} after an index")
        before = items[index] if index < len(items) else None
        if last == "=":
            value = self.value()
        elif last == "[":
            if isinstance(before, Unknown):
                self.item(List(), self.index(), depth)
                return items
            if before is not None and not isinstance(before, list):
                raise StrvalsError(f"item {index} is no list")
            value = self.item(List(before or []), self.index(), depth)
        elif isinstance(before, Unknown):
            self.key(Map(), depth + 1)
            value = before
        else:
            value = before if isinstance(before, Map) else Map((), self.span)
            self.key(value, depth + 1)
        items.extend([None] * (index + 1 - len(items)))
        items[index] = value
        items.item_spans = []
        return items

    def value(self) -> Any:
        """Take a value: one text, or a list in braces."""
        if self.done():
            return self.given.pop() if self.given else ""
        if self.text[self.at] != "{":
            return self.scalar(self.until(",")[0])
        self.at += 1
        items = List([], self.span)
        while True:
            text, last = self.until(",}")
            if not last:
                raise StrvalsError("a list must end with '}'")
            items.append(self.scalar(text))
            if last == "}":
                if not self.done() and self.text[self.at] == ",":
                    self.at += 1
                return items

    def scalar(self, text: str) -> Any:
        """What a text means here."""
        return typed_value(text) if self.typed else text


def typed_value(text: str) -> Any:
    """What Helm takes a text for: true, false, null, whole numbers that do not begin with 0, or text."""
    low = text.lower()
    if low in ("true", "false"):
        return low == "true"
    if low == "null":
        return None
    if text == "0":
        return 0
    digits = text[1:] if text[:1] in ("+", "-") else text
    if text[:1] != "0" and len(digits) < 20 and digits.isascii() and digits.isdecimal():
        number = int(text)
        if -(2**63) <= number < 2**63:
            return number
    return text
