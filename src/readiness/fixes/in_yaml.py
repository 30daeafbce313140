"""Changes as edits of YAML: block style with the indentation of the neighbours, flow style where that is."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from readiness.fixes.model import CannotFixError, Change, Edit, ElsewhereError
from readiness.fixes.text import Text
from readiness.sources.yaml_scalars import resolve
from readiness.values import List, Map, Span

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@-]*")
_KEEPS_BREAKS = re.compile(
    r"^(?:.*[:-][ \t]+)?(?:[&!]\S+[ \t]+)*[|>](?:[1-9]?\+|\+[1-9])[ \t]*(?:#.*)?$", re.MULTILINE
)
_ITEM = re.compile(r"( *)-(?:[ \t]|$)")
_HOLDER = re.compile(r"([ -]*)[^\s#-].*:[ \t]*(?:&\S+[ \t]*)?(?:#.*)?$")
_ENTRY = re.compile(r"( *)[^\s#-].*:(?:[ \t]|$)")
_LOOKED_AT = 400
"""Lines above a place in which its style is looked for."""
_ANCHOR = re.compile(r"&[\w-]+")
_INDICATORS = ("&", "*", "!", "|", ">", "{", "[")


def scalar(value: Any, like: str = "") -> str:
    """A value as YAML, in the quotes of the text that it takes the place of."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return json.dumps(value)
    text = str(value)
    if like[:1] == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if like[:1] != '"' and _PLAIN.fullmatch(text) and resolve(text) == text:
        return text
    return json.dumps(text, ensure_ascii=False)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return scalar(value)


class _Style(NamedTuple):
    """How much deeper than their key the entries of a mapping stand, and the items of a list."""

    entries: str = "  "
    items: str = "  "


def _style(text: Text, line: int) -> _Style:
    """The style of the nearest mapping and list that begin above the end of a line."""
    entries = items = None
    below = ""
    for number in range(line, max(0, line - _LOOKED_AT), -1):
        here = text.lines[number - 1].removesuffix("\r")
        if not here.strip() or here.lstrip().startswith("#"):
            continue
        holder = _HOLDER.match(here)
        if holder is not None:
            deep = len(holder[1])
            item, entry = _ITEM.match(below), _ENTRY.match(below)
            if item is not None and items is None and deep <= len(item[1]) <= deep + 8:
                items = " " * (len(item[1]) - deep)
            elif entry is not None and entries is None and deep < len(entry[1]) <= deep + 8:
                entries = " " * (len(entry[1]) - deep)
        if entries is not None and items is not None:
            break
        below = here
    entries = "  " if entries is None else entries
    return _Style(entries, entries if items is None else items)


def _lines(tree: dict[str, Any], indent: str, style: _Style) -> list[str]:
    """The lines of entries in block style."""
    lines = []
    for key, value in tree.items():
        head = f"{indent}{scalar(key)}:"
        if isinstance(value, dict):
            lines += [head, *_lines(value, indent + style.entries, style)]
        elif isinstance(value, list) and value:
            lines += [head, *(f"{indent}{style.items}- {_flow(item)}" for item in value)]
        else:
            lines.append(f"{head} {_flow(value)}")
    return lines


def _own(text: Text, container: Map) -> list[tuple[str, Span, Span]]:
    """The entries that stand in a mapping itself, in order: not those that `<<` brings."""
    span = container.span
    if span is None or span.path != text.path:
        raise CannotFixError("it is not written as a mapping of its own")
    entries = [
        (key, at, container.value_spans[key])
        for key, at in container.key_spans.items()
        if key in container.value_spans and _inside(at, span)
    ]
    for key, at, _ in entries:
        if text.at(at).strip("\"'") != key:
            raise CannotFixError("it is a text inside another")
    return sorted(entries, key=lambda entry: entry[1])


def _inside(inner: Span, outer: Span) -> bool:
    return inner.path == outer.path and outer[1:3] <= inner[1:3] < outer[3:5]


def _is_flow(text: Text, container: Map) -> bool:
    span = container.span
    assert span is not None
    start = _ANCHOR.sub("", text.at(span), count=1).lstrip()
    return start.startswith("{")


def insert(text: Text, container: Map, tree: dict[str, Any]) -> list[Edit]:
    """New entries below those that a mapping has."""
    entries = _own(text, container)
    if _is_flow(text, container):
        return [_into_flow(text, container, entries, tree)]
    if not entries:
        raise CannotFixError("it is not written as a mapping of its own")
    if text.lines[entries[0][1].line - 1][: entries[0][1].column - 1].strip(" -"):
        raise CannotFixError("its mapping is written in a way that is left alone")
    last = max((value for _, _, value in entries), key=lambda one: (one.end_line, one.end_column))
    blank = last.end_line + 1 < len(text.lines) and not text.lines[last.end_line].strip()
    if blank and _KEEPS_BREAKS.search(text.at(last).replace("\r", "")):
        raise CannotFixError("the text above keeps the line breaks at its end")
    indent = " " * (entries[0][1].column - 1)
    lines = _lines(tree, indent, _style(text, last.end_line))
    return [text.after_line(_end(text, last, indent), "".join(f"\n{line}" for line in lines))]


def _end(text: Text, last: Span, indent: str) -> int:
    """The line that new entries stand below: comments that stand deeper belong to what is above."""
    line = last.end_line
    for number in range(line, len(text.lines)):
        below = text.lines[number].rstrip("\r ")
        if below and (not below.lstrip(" ").startswith("#") or below[: len(indent) + 1].strip(" ")):
            break
        line = number + 1 if below else line
    return line


def _into_flow(text: Text, container: Map, entries: list[Any], tree: dict[str, Any]) -> Edit:
    """`{a: b}` with more entries; where all keys are in double quotes, it stays JSON."""
    if entries and all(text.at(at).startswith('"') for _, at, _ in entries):
        written = json.dumps(tree, ensure_ascii=False)[1:-1]
    else:
        written = ", ".join(f"{scalar(key)}: {_flow(value)}" for key, value in tree.items())
    span = container.span
    assert span is not None
    if not entries:
        return Edit(span, f"{{{written}}}")
    last = entries[-1][2]
    return Edit(text.point(last.end_line, last.end_column), f", {written}")


def fill(text: Text, container: Map, key: str, value: Any) -> list[Edit]:
    """Entries for a key that has null."""
    if not isinstance(value, dict):
        return replace(text, container, key, value)
    entry = next((one for one in _own(text, container) if one[0] == key), None)
    if entry is None or _is_flow(text, container):
        raise CannotFixError(f"`{key}` is not written where it is used")
    _, name, span = entry
    if name.line != span.end_line:
        raise CannotFixError(f"`{key}` is written in a way that is left alone")
    style = _style(text, name.line)
    lines = _lines(value, " " * (name.column - 1) + style.entries, style)
    new = text.after_line(name.line, "".join(f"\n{line}" for line in lines))
    if (span.line, span.column) == (span.end_line, span.end_column):
        return [new]
    # `null` or `~` stands there.
    before = text.lines[span.line - 1][: span.column - 1].rstrip()
    return [Edit(text.region((span.line, len(before) + 1), (span.end_line, span.end_column)), ""), new]


def replace(text: Text, container: Map, key: str, value: Any) -> list[Edit]:
    """Another value of an entry."""
    entry = next((one for one in _own(text, container) if one[0] == key), None)
    if entry is None:
        raise ElsewhereError(f"`{key}` comes from an anchor, which a fix leaves alone")
    span = entry[2]
    old = text.at(span)
    if not old:
        gap = "" if text.lines[span.line - 1][: span.column - 1].endswith(" ") else " "
        return [Edit(span, f"{gap}{_flow(value)}")]
    if isinstance(container[key], (dict, list)):
        if not isinstance(value, list):
            raise CannotFixError(f"`{key}` holds a list or a mapping")
        return _whole_list(text, span, old, value)
    if old.startswith(_INDICATORS) or (old[0] not in "\"'" and "\n" in old):
        raise CannotFixError(f"`{key}` is written in a way that is left alone")
    if old[0] not in "\"'" and resolve(old) != container[key]:
        raise CannotFixError("it is a text inside another")
    return [Edit(span, _flow(value) if isinstance(value, list) else scalar(value, old))]


def _whole_list(text: Text, span: Span, old: str, value: list[Any]) -> list[Edit]:
    if old.startswith("["):
        return [Edit(span, _flow(value))]
    indent = " " * (span.column - 1)
    return [Edit(span, f"\n{indent}".join(f"- {_flow(item)}" for item in value))]


def append(text: Text, container: Map, key: str, values: list[Any]) -> list[Edit]:
    """More items at the end of a list."""
    present = container[key]
    entry = next((one for one in _own(text, container) if one[0] == key), None)
    if entry is None or not isinstance(present, List):
        raise CannotFixError(f"`{key}` is not written as a list")
    span = entry[2]
    old = text.at(span)
    if old.startswith("["):
        if not present:
            return [Edit(span, _flow(values))]
        last = present.item_spans[-1]
        new = "".join(f", {_flow(value)}" for value in values)
        return [Edit(text.point(last.end_line, last.end_column), new)]
    if not old.startswith("- ") or not present:
        raise CannotFixError(f"`{key}` is written in a way that is left alone")
    indent = " " * (span.column - 1)
    return [text.after_line(span.end_line, "".join(f"\n{indent}- {_flow(value)}" for value in values))]


def remove(text: Text, container: Map, key: str) -> list[Edit]:
    """No such entry."""
    entries = _own(text, container)
    index = next((index for index, one in enumerate(entries) if one[0] == key), None)
    if index is None:
        raise ElsewhereError(f"`{key}` comes from an anchor, which a fix leaves alone")
    _, name, value = entries[index]
    if len(entries) == 1:
        raise CannotFixError(f"`{key}` is all that its mapping holds")
    if _is_flow(text, container):
        if index:
            before = entries[index - 1][2]
            return [Edit(_between(text, before, value), "")]
        following = entries[index + 1][1]
        start, end = (name.line, name.column), (following.line, following.column)
        return [Edit(text.region(start, end), "")]
    if text.lines[name.line - 1][: name.column - 1].strip():
        # The first entry of an item: the next takes its place behind the dash.
        following = entries[1][1]
        start, end = (name.line, name.column), (following.line, following.column)
        return [Edit(text.region(start, end), "")]
    return [text.without_lines(name.line, value.end_line)]


def _between(text: Text, before: Span, value: Span) -> Span:
    return text.region((before.end_line, before.end_column), (value.end_line, value.end_column))


def shared(text: Text) -> list[Span]:
    """The regions that an anchor names and an alias uses: an edit there changes other places, too."""
    import yaml

    if "&" not in text.body or "*" not in text.body:
        return []
    parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text.body.replace("\r\n", "\n"))
    open_: list[tuple[str | None, Any]] = []
    named: list[tuple[str, Span]] = []
    used: set[str] = set()
    try:
        while (event := parser.get_event()) is not None:
            anchor = getattr(event, "anchor", None)
            if isinstance(event, yaml.AliasEvent):
                used.add(str(anchor))
            elif isinstance(event, yaml.CollectionStartEvent):
                open_.append((anchor, event.start_mark))
            elif isinstance(event, yaml.CollectionEndEvent):
                name, start = open_.pop()
                if name is not None:
                    named.append((name, _marked(text, start, event.end_mark)))
            elif isinstance(event, yaml.ScalarEvent) and anchor is not None:
                named.append((anchor, _marked(text, event.start_mark, event.end_mark)))
    except yaml.YAMLError:
        return [Span(text.path, 1, 1, len(text.lines) + 1, 1)]
    return [span for name, span in named if name in used]


def _marked(text: Text, start: Any, end: Any) -> Span:
    return Span(text.path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def edits(text: Text, change: Change) -> list[Edit]:
    """The edits of a change that is no insertion."""
    if change.op == "append":
        return append(text, change.container, change.key, change.value)
    if change.op == "remove":
        return remove(text, change.container, change.key)
    if change.op == "fill":
        return fill(text, change.container, change.key, change.value)
    return replace(text, change.container, change.key, change.value)
