"""Adding to YAML files that people wrote: whole lines at a place that is certain, the rest as it was."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

_DEPTH = 60


class Outline(Struct, frozen=True):
    """A document whose top is a mapping in block style: its nodes by key, and its text."""

    text: str
    nodes: dict[str, Any]

    @property
    def ending(self) -> str:
        """What ends its lines."""
        return "\r\n" if "\r\n" in self.text else "\n"


def outline(text: str) -> Outline | None:
    """The outline of a text; None where it is no single mapping in block style, or nests too deeply."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            name = type(event).__name__
            depth += name.endswith("StartEvent") - name.endswith("EndEvent")
            if depth > _DEPTH:
                return None
        documents: list[Any] = list(yaml.compose_all(text, Loader=loader))
    except yaml.YAMLError:
        return None
    top = documents[0] if len(documents) == 1 else None
    if top is None or top.id != "mapping" or top.flow_style:
        return None
    nodes = {key.value: value for key, value in top.value if key.id == "scalar"}
    return Outline(text, nodes) if len(nodes) == len(top.value) else None


def with_item(before: Outline, key: str, item: str) -> str | None:
    """The text with one more item at the end of the list at a key; None where it is no list in block style.

    `item` has lines without indentation, the first of which begins with a dash.
    """
    return _grown(before, key, item, "sequence", 1)


def with_entries(before: Outline, key: str, entries: str) -> str | None:
    """The same for entries of the mapping at a key; None where one of them is there already."""
    added = outline(entries)
    node = before.nodes.get(key)
    if added is None or any(child(node, name) is not None for name in added.nodes):
        return None
    return _grown(before, key, entries, "mapping", len(added.nodes))


def _grown(before: Outline, key: str, added: str, kind: str, number: int) -> str | None:
    node = before.nodes.get(key)
    if node is None or node.id != kind or node.flow_style or not node.value:
        return None
    lines = before.text.split("\n")
    indent = " " * node.start_mark.column
    if lines[node.start_mark.line][: node.start_mark.column].strip():
        return None
    last = _last_line(node)
    new = [f"{indent}{line}".rstrip() for line in added.rstrip("\n").split("\n")]
    made = _inserted(before, last, new)
    after = outline(made)
    if after is None or list(after.nodes) != list(before.nodes):
        return None
    return made if len(after.nodes[key].value) == len(node.value) + number else None


def with_entry(before: Outline, entry: str) -> str | None:
    """The text with one more key at its end; None where the key is there, or it does not become one."""
    text = before.text.rstrip()
    ending = before.ending
    made = text + ending * 2 + entry.rstrip("\n").replace("\n", ending) + ending
    after, added = outline(made), outline(entry)
    if after is None or added is None or not before.nodes.keys().isdisjoint(added.nodes):
        return None
    return made if list(after.nodes) == [*before.nodes, *added.nodes] else None


def texts_in(node: Any, key: str) -> list[str]:
    """The scalars at a key of each mapping in a list of nodes."""
    found = []
    for item in node.value if node is not None and node.id == "sequence" else ():
        for name, value in item.value if item.id == "mapping" else ():
            if name.value == key and value.id == "scalar":
                found.append(value.value)
    return found


def child(node: Any, key: str) -> Any:
    """The node at a key of a mapping, else None."""
    for name, value in node.value if node is not None and node.id == "mapping" else ():
        if name.id == "scalar" and name.value == key:
            return value
    return None


def _last_line(node: Any) -> int:
    """The last line (from 0) that something of a node stands on; marks of blocks lie behind comments."""
    if node.id == "scalar" or node.flow_style or not node.value:
        mark = node.end_mark
        # A block scalar ends at the start of the next line.
        return int(mark.line - (mark.column == 0 and mark.line > node.start_mark.line))
    last = node.value[-1]
    return max(map(_last_line, last)) if isinstance(last, tuple) else _last_line(last)


def _inserted(before: Outline, line: int, added: list[str]) -> str:
    """The text with lines below a line (from 0)."""
    lines = before.text.split("\n")
    carriage = "\r" if before.ending == "\r\n" else ""
    new = [text + carriage for text in added]
    if line >= len(lines) - 1:
        # The last line has no end yet.
        lines[-1] += carriage
        new[-1] = new[-1].removesuffix("\r")
    return "\n".join([*lines[: line + 1], *new, *lines[line + 1 :]])
