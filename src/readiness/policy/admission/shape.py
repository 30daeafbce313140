"""Reading fields of a document with their places: what is missing or wrong is told at its line and column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from readiness.errors import UsageError, near
from readiness.policy.admission.model import Text
from readiness.values import List, Map, Span, Unknown

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Document:
    """One document of a file; `rows` are the lines of the file."""

    def __init__(self, root: Map, path: str, rows: Sequence[str]) -> None:
        self.root = root
        self.path = path
        self.rows = rows

    def error(
        self, message: str, holder: Map | List | None = None, key: str | int | None = None
    ) -> UsageError:
        """An error at an entry, else at its holder."""
        span: Span | None = None
        if isinstance(holder, Map):
            span = (holder.span_of(key) if isinstance(key, str) else None) or holder.span
        elif isinstance(holder, List):
            span = (holder.span_of(key) if isinstance(key, int) else None) or holder.span
        span = span or self.root.span
        return UsageError(message, self.path, span.line if span else 1, span.column if span else 1)

    def known(self, holder: Map, where: str, names: Iterable[str]) -> None:
        """See that a mapping has no other fields.

        Raises:
            UsageError: it has one.
        """
        names = list(names)
        for key in holder:
            if key not in names:
                hint = near(key, names) or f"; there is {', '.join(names)}"
                raise self.error(f"{where} has no field {key!r}{hint}", holder, key)

    def mapping(self, holder: Map, key: str, where: str, required: bool = False) -> Map | None:
        """A mapping, or None where there is none."""
        value = holder.get(key)
        if isinstance(value, Map):
            return value
        if value is None and not required:
            return None
        what = "is missing" if value is None else "must be a mapping"
        raise self.error(f"{where}.{key} {what}", holder, key)

    def items(self, holder: Map, key: str, where: str) -> list[tuple[str, Map]]:
        """The mappings of a list, each with its path."""
        value = holder.get(key)
        if value is None:
            return []
        if not isinstance(value, List):
            raise self.error(f"{where}.{key} must be a list", holder, key)
        for index, item in enumerate(value):
            if not isinstance(item, Map):
                raise self.error(f"{where}.{key}[{index}] must be a mapping", value, index)
        return [(f"{where}.{key}[{index}]", item) for index, item in enumerate(value)]

    def text(self, holder: Map, key: str, where: str, choices: Iterable[str] = (), default: str = "") -> str:
        """A text, one of some choices where there are any."""
        value = holder.get(key)
        if value is None:
            return default
        choices = list(choices)
        if isinstance(value, str) and (not choices or value in choices):
            return value
        hint = near(str(value), choices)
        wanted = f"one of {', '.join(choices)}" if choices else "a text"
        raise self.error(f"{where}.{key} must be {wanted}, not {_shown(value)}{hint}", holder, key)

    def needed(self, holder: Map, key: str, where: str, choices: Iterable[str] = ()) -> str:
        """A text that has to be there."""
        if holder.get(key) in (None, ""):
            raise self.error(f"{where}.{key} is missing", holder)
        return self.text(holder, key, where, choices)

    def texts(self, holder: Map, key: str, where: str, choices: Iterable[str] = ()) -> list[str]:
        """The texts of a list."""
        value = holder.get(key)
        if value is None:
            return []
        choices = list(choices)
        if not isinstance(value, List):
            raise self.error(f"{where}.{key} must be a list", holder, key)
        for index, item in enumerate(value):
            if not isinstance(item, str) or (choices and item not in choices):
                wanted = f"one of {', '.join(choices)}" if choices else "a text"
                message = f"{where}.{key}[{index}] must be {wanted}, not {_shown(item)}"
                raise self.error(message, value, index)
        return list(value)

    def name(self, holder: Map, key: str, where: str) -> str:
        """A name that CEL takes for one."""
        name = self.needed(holder, key, where)
        if not _NAME.fullmatch(name):
            raise self.error(f"{where}.{key} must be a name such as `replicas`, not {name!r}", holder, key)
        return name

    def expression(self, holder: Map, key: str, where: str) -> Text:
        """An expression with the places of its lines."""
        source = self.needed(holder, key, where)
        return Text(source, self._places(source, holder.value_spans.get(key) or holder.span))

    def _places(self, source: str, span: Span | None) -> list[tuple[int, int]]:
        """Where the lines of a text begin: those of a block text, else the place of the value."""
        if span is None or not 0 < span.line <= len(self.rows):
            return [(1, 1)]
        first = self.rows[span.line - 1][span.column - 1 :]
        if first[:1] in ("'", '"'):
            return [(span.line, span.column + 1)]
        if first[:1] not in ("|", ">"):
            return [(span.line, span.column)]
        found: list[tuple[int, int]] = []
        below = span.line
        for line in source.split("\n"):
            text = line.rstrip()
            if not text and found:
                found.append((below + 1, 1))
                below += 1
                continue
            while below < len(self.rows) and not self.rows[below].strip():
                below += 1
            if below >= len(self.rows) or not self.rows[below].endswith(text):
                break  # folded lines: the column is that of the first
            row = self.rows[below]
            below += 1
            found.append((below, len(row) - len(text) + 1))
        if found:
            return found
        row = self.rows[below] if below < len(self.rows) else ""
        return [(below + 1, len(row) - len(row.lstrip()) + 1)]


def _shown(value: Any) -> str:
    if isinstance(value, (dict, list, Unknown)):
        return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a tag"
    return repr(value) if isinstance(value, str) else str(value).lower()
