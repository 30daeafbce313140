"""A small YAML document as plain values that know their places: for settings, never for sources."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from readiness.config.shape import violations
from readiness.errors import UsageError
from readiness.values import List, Map, Span

_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?([0-9]+[.][0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+")
_BOOLEANS = {"true": True, "false": False}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_DEPTH = 32  # with the stream and the document


def read_document(path: str, text: str, as_text: frozenset[str] = frozenset(), what: str = "settings") -> Map:
    """The mapping of a YAML text; `path` is the one that messages show, `what` it holds.

    Scalars are those of YAML 1.2's core schema: `on` and `yes` are texts, and so is a day.  What stands
    below a key of `as_text` is a text whatever it looks like (`kubernetes-version: 1.30`).

    Raises:
        UsageError: the text is no YAML mapping, has an alias, a tag or a key twice; with its place.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _shallow(path, yaml.parse(text, Loader=loader))
        nodes: list[Any] = list(yaml.compose_all(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise UsageError(f"it is no YAML: {_problem(error)}", path, line, column) from None
    except yaml.YAMLError as error:
        raise UsageError(f"it is no YAML: {str(error).splitlines()[0]}", path, 1, 1) from None
    if not nodes or (len(nodes) == 1 and nodes[0].id == "scalar" and not nodes[0].value):
        return Map({}, Span(path, 1, 1, 1, 1))
    if len(nodes) > 1:
        line = nodes[1].start_mark.line + 1
        raise UsageError("one document is expected, and a second begins here", path, line, 1)
    reader = _Reader(path, as_text, what)
    value = reader.value(nodes[0], "", 0)
    if not isinstance(value, Map):
        raise reader.error(nodes[0], f"a mapping of {what} is expected")
    return value


def hold(data: Map, schema: dict[str, Any], path: str, noun: str = "setting") -> None:
    """Hold a document against a schema; `noun` is what its names are called.

    Raises:
        UsageError: something in it is wrong; with its place.
    """
    for violation in violations(data, schema, noun):
        where = ".".join(map(str, violation.path[:-1] if violation.at_key else violation.path))
        message = f"{where}: {violation.message}" if where else violation.message
        raise UsageError(message, path, *place_of(data, violation.path, violation.at_key))


def decoded(raw: bytes, path: str) -> str:
    """The text of a file that a person writes, without a byte order mark.

    Raises:
        UsageError: it is not UTF-8; with its place.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"the file is not UTF-8: the byte 0x{raw[error.start]:02x} does not belong here"
        raise UsageError(message, path, line, column) from None


def _shallow(path: str, events: Iterable[Any]) -> None:
    """Refuse what nests so deeply that composing it, which recurses, could end the process."""
    depth = 0
    for event in events:
        # Those that open a document, a sequence or a mapping end in "Start" before "Event".
        name = type(event).__name__
        depth += name.endswith("StartEvent") - name.endswith("EndEvent")
        if depth > _DEPTH:
            mark = event.start_mark
            message = f"values nest deeper than {_DEPTH - 2} levels"
            raise UsageError(message, path, mark.line + 1, mark.column + 1)


def place_of(data: Any, parts: tuple[str | int, ...], at_key: bool = False) -> tuple[int, int]:
    """Line and column of the value at a path of a document, or of its name; of the nearest that is known."""
    span = data.span
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if isinstance(data, Map) and str(part) in data:
            spans = data.key_spans if last and at_key else data.value_spans
            span, data = spans.get(str(part), span), data[str(part)]
        elif isinstance(data, List) and isinstance(part, int):
            span, data = data.span_of(part) or span, data[part]
    return (span.line, span.column) if span else (1, 1)


def _problem(error: Any) -> str:
    problem = str(error.problem or error.context or "it does not parse")
    if "alias" in str(error.context) or "alias" in problem:
        return "a name that begins with `*` needs quotes"
    return problem


class _Reader:
    """Nodes → values; remembers which nodes it is inside of."""

    def __init__(self, path: str, as_text: frozenset[str], what: str) -> None:
        self.path = path
        self.what = what
        self.as_text = as_text
        self.seen: set[int] = set()

    def error(self, node: Any, message: str) -> UsageError:
        """An error at the place of a node."""
        return UsageError(message, self.path, node.start_mark.line + 1, node.start_mark.column + 1)

    def span(self, node: Any) -> Span:
        """The place of a node."""
        start, end = node.start_mark, node.end_mark
        return Span(self.path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def value(self, node: Any, key: str, depth: int) -> Any:
        """The value of a node that stands below a key."""
        if id(node) in self.seen:
            raise self.error(node, f"YAML aliases are not used in {self.what}: write the value out")
        self.seen.add(id(node))
        if not node.tag.startswith("tag:yaml.org,2002:"):
            raise self.error(node, f"the tag {node.tag!r} is not used in {self.what}; quote a text with `!`")
        if node.id == "scalar":
            return node.value if key in self.as_text else _scalar(node)
        if node.id == "sequence":
            items = [self.value(item, key, depth + 1) for item in node.value]
            return List(items, self.span(node), [self.span(item) for item in node.value])
        return self._mapping(node, depth)

    def _mapping(self, node: Any, depth: int) -> Map:
        result = Map({}, self.span(node))
        for key_node, value_node in node.value:
            if key_node.id != "scalar":
                raise self.error(key_node, "a name is expected here")
            name: str = key_node.value
            if name in result:
                first = result.key_spans[name].line
                raise self.error(key_node, f"{name!r} stands here twice; first in line {first}")
            result[name] = self.value(value_node, name, depth + 1)
            result.key_spans[name] = self.span(key_node)
            result.value_spans[name] = self.span(value_node)
        return result


def _scalar(node: Any) -> Any:
    text: str = node.value
    if node.style:  # quoted, or a block
        return text
    if text in _NULLS:
        return None
    if text.lower() in _BOOLEANS and text in (text.lower(), text.title(), text.upper()):
        return _BOOLEANS[text.lower()]
    if _INT.fullmatch(text):
        return int(text) if len(text) < 400 else text
    return float(text) if _FLOAT.fullmatch(text) else text
