"""`[tool.readiness]` of a `pyproject.toml` as values that know their places."""

from __future__ import annotations

import datetime
import re
from typing import Any

from readiness.errors import UsageError
from readiness.values import List, Map, Span

_OURS = re.compile(r"""tool\s*["']?\s*\.\s*["']?readiness|^\s*\[\s*["']?tool["']?\s*\]""", re.MULTILINE)
_AT = re.compile(r"\(at line (\d+), column (\d+)\)")


def read_table(path: str, text: str) -> Map | None:
    """The table of a TOML text, None where there is none; `path` is the one that messages show.

    `tomllib` tells no places, so they are those at which the names and values stand in the text, looked
    for in the order of the table.

    Raises:
        UsageError: the text is no TOML; with its place.
    """
    if not _OURS.search(text):
        return None
    import tomllib

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _AT.search(str(error))
        line, column = (int(at[1]), int(at[2])) if at else (1, 1)
        why = _AT.sub("", str(error)).strip()
        raise UsageError(f"it is no TOML: {why[:1].lower()}{why[1:]}", path, line, column) from None
    tool = document.get("tool")
    table = tool.get("readiness") if isinstance(tool, dict) else None
    if table is None:
        return None
    finder = _Finder(path, text)
    header = finder.header(("tool", "readiness"))
    if not isinstance(table, dict):
        span = finder.span(header)
        raise UsageError("tool.readiness: a table of settings is expected", path, span.line, span.column)
    return finder.mapping(table, ("tool", "readiness"), header)


class _Finder:
    """Looks for names and values in the text of a document."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    def span(self, at: int) -> Span:
        """The place of an offset."""
        line = self.text.count("\n", 0, at) + 1
        column = at - self.text.rfind("\n", 0, at)
        return Span(self.path, line, column, line, column)

    def header(self, names: tuple[str, ...], after: int = 0) -> int:
        """Where a table begins (`[a.b]`), or one below it (`[a.b.c]`, `[[a.b.c]]`)."""
        dotted = r"\s*\.\s*".join(_name(name) for name in names)
        found = re.compile(rf"^\s*(\[\[?\s*{dotted}\s*[\].])", re.MULTILINE).search(self.text, after)
        return found.start(1) if found else after

    def mapping(self, table: dict[str, Any], names: tuple[str, ...], after: int) -> Map:
        """A table with the places of its names and values, which are looked for behind `after`."""
        result = Map({}, self.span(after))
        for key, value in table.items():
            at = self._key(key, names, after)
            start = self._value(at)
            result.key_spans[key] = self.span(at)
            result.value_spans[key] = self.span(start)
            result[key] = self._placed(value, (*names, key), start)
        return result

    def _key(self, key: str, names: tuple[str, ...], after: int) -> int:
        """Where a name stands: as `name = …` or `name.other = …`, or as the last of a header."""
        dotted = r"\s*\.\s*".join(_name(name) for name in names)
        header = rf"^\s*\[\[?\s*{dotted}\s*\.\s*(?P<header>{_name(key)})\s*[\].]"
        assigned = rf"(?<![\w-])(?P<plain>{_name(key)})\s*(?==|\.\s*[\w\"'-])"
        found = re.compile(f"{header}|{assigned}", re.MULTILINE).search(self.text, after)
        if found is None:
            return after
        return found.start("header") if found["header"] is not None else found.start("plain")

    def _value(self, at: int) -> int:
        """Where the value of the name at an offset begins; the name itself for a table of its own."""
        found = re.compile(r"""(?:"[^"\n]*"|'[^'\n]*'|[\w-]+)\s*=\s*""").match(self.text, at)
        return found.end() if found else at

    def _placed(self, value: Any, names: tuple[str, ...], start: int) -> Any:
        if isinstance(value, dict):
            return self.mapping(value, names, start)
        if isinstance(value, list):
            return self._list(value, names, start)
        if isinstance(value, datetime.date | datetime.time):
            return value.isoformat()
        return value

    def _list(self, items: list[Any], names: tuple[str, ...], start: int) -> List:
        spans, values = [], []
        line = self.text.rfind("\n", 0, start) + 1
        if self.text[line:start].lstrip().startswith("[["):
            start = line  # the name was found inside the header of the first table
        for item in items:
            start = self._item(item, names, start)
            spans.append(self.span(start))
            values.append(self._placed(item, names, start))
            start += 1
        return List(values, self.span(start), spans)

    def _item(self, item: Any, names: tuple[str, ...], after: int) -> int:
        """Where the next item of a list begins: `[[a.b]]` or `{` of a table, or the value itself."""
        if not isinstance(item, dict):
            found = re.compile(rf"""["']?{re.escape(str(item))}["']?""").search(self.text, after)
            return found.start() if found else after
        dotted = r"\s*\.\s*".join(_name(name) for name in names)
        found = re.compile(rf"^\s*?(\[\[\s*{dotted}\s*\]\])", re.MULTILINE).search(self.text, after)
        brace = self.text.find("{", after)
        return found.start(1) if found else max(brace, after)


def _name(name: str) -> str:
    """A name of TOML, bare or quoted, as a pattern."""
    escaped = re.escape(name)
    return rf"""(?:"{escaped}"|'{escaped}'|{escaped})"""
