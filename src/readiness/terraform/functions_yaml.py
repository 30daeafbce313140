"""`yamldecode` and `yamlencode`, as go-cty-yaml has them.

Source: https://developer.hashicorp.com/terraform/language/functions/yamldecode and
https://github.com/zclconf/go-cty-yaml/tree/v1.1.0 (resolve.go, decode.go).  What plain scalars mean is
a mix of YAML 1.1 (`yes` is true) and 1.2 (`0o17` is a number, `1_000` is not).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from readiness.sources.yaml_model import DEPTH_LIMIT
from readiness.terraform.convert import EvaluationError, first_unknown, to_text
from readiness.terraform.functions_common import Unevaluated
from readiness.terraform.functions_time import Moment, parse, written
from readiness.terraform.numbers import parse as parse_number
from readiness.values import JsonText, List, Map, Unknown, partial_json

_PREFIX = "tag:yaml.org,2002:"
_BOOLS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)")
_HINT = re.compile(r"[-+0-9yYnNtTfFoO~.]|\Z")
"""How every text begins that means something else than itself."""

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FRACTION = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_DATE = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(Z|[-+]\d\d:\d\d))"
    r"|(?: (\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?))?",
    re.ASCII,
)


def yamldecode(text: str) -> Any:
    """The value of a YAML text of one document.

    Raises:
        EvaluationError: the text is not YAML, or holds what has no value in Terraform.
    """
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Reader(yaml.parse(text, Loader=loader)).read()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise EvaluationError(f"the text is not YAML: {problem}{where}") from None


class _Reader:
    """Events of one document to values."""

    def __init__(self, events: Any) -> None:
        self.events = events
        self.anchors: dict[str, Any] = {}
        self.pending: list[str] = []

    def next(self) -> tuple[Any, str]:
        """The next event, and its kind as the name of its class."""
        event = next(self.events)
        return event, type(event).__name__

    def read(self) -> Any:
        """The value of the one document."""
        self.next()  # the start of the stream
        if self.next()[1] != "DocumentStartEvent":
            raise EvaluationError("the text holds no document")
        value = self.value(self.next(), 0)
        self.next()
        if self.next()[1] != "StreamEndEvent":
            raise EvaluationError("the text holds more than one document")
        return value

    def value(self, first: tuple[Any, str], depth: int) -> Any:
        """The value that begins with an event."""
        event, kind = first
        if depth > DEPTH_LIMIT:
            raise EvaluationError("the text is nested too deeply")
        if kind == "AliasEvent":
            if event.anchor in self.pending:
                raise EvaluationError(f"the anchor {event.anchor!r} is used inside of itself")
            if event.anchor not in self.anchors:
                raise EvaluationError(f"there is no anchor {event.anchor!r}")
            return self.anchors[event.anchor]
        if event.anchor:
            self.pending.append(event.anchor)
        if kind == "ScalarEvent":
            value = _scalar(event)
        elif kind == "MappingStartEvent":
            value = self.mapping(event, depth)
        else:
            value = self.sequence(event, depth)
        if event.anchor:
            self.pending.remove(event.anchor)
            self.anchors[event.anchor] = value
        return value

    def sequence(self, event: Any, depth: int) -> List:
        """The items of a sequence."""
        _check_tag(event, "seq")
        items: list[Any] = []
        while True:
            first = self.next()
            if first[1] == "SequenceEndEvent":
                return List(items)
            items.append(self.value(first, depth + 1))

    def mapping(self, event: Any, depth: int) -> Map:
        """The entries of a mapping; an entry below `<<` wins over the merged ones, one above does not."""
        _check_tag(event, "map")
        result = Map()
        while True:
            key, kind = self.next()
            if kind == "MappingEndEvent":
                return result
            merges = kind == "ScalarEvent" and _is_merge(key)
            name = None if merges else _key(key, kind)
            if name is None:
                for part in _merged(self.value(self.next(), depth + 1)):
                    result.update(part)
            else:
                result[name] = self.value(self.next(), depth + 1)


def _check_tag(event: Any, name: str) -> None:
    if event.tag not in (None, "!", _PREFIX + name):
        raise EvaluationError(f"the tag {event.tag!r} is not supported")


def _is_merge(event: Any) -> bool:
    return (event.value == "<<" and not event.tag) or event.tag == _PREFIX + "merge"


def _merged(value: Any) -> list[Any]:
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, dict) for part in parts):
        raise EvaluationError("only mappings can be merged")
    return list(parts)


def _key(event: Any, kind: str) -> str:
    value = _scalar(event) if kind == "ScalarEvent" else None
    if value is None:
        raise EvaluationError("the keys of a mapping are strings")
    return str(to_text(value))


def _scalar(event: Any) -> Any:
    tag = event.tag or ""
    source: str = event.value
    name = tag.removeprefix(_PREFIX)
    if tag in ("", "!"):
        name = ""
    elif name == tag or name not in ("str", "bool", "int", "float", "null", "timestamp", "binary"):
        raise EvaluationError(f"the tag {tag!r} is not supported")
    if _HINT.match(source) and name not in ("str", "binary"):
        if event.style in ("'", '"'):
            return source
        found = _plain(source, name)
        if found is not _TEXT:
            return found
    return _tagged(name, source)


_TEXT: Any = object()


def _plain(source: str, name: str) -> Any:
    """What a scalar without quotes means, or `_TEXT`."""
    if source in _BOOLS:
        return _BOOLS[source]
    if source in _NULLS:
        return None
    if _INFINITE.fullmatch(source):
        raise EvaluationError(f"{source} is not a number that can be used")
    if name in ("", "timestamp"):
        moment = _timestamp(source)
        if moment is not None:
            return moment
    return _number(source) if _INTEGER.fullmatch(source) or _FRACTION.fullmatch(source) else _TEXT


def _number(source: str) -> int | float:
    number = parse_number(source)
    if number is not None:
        return number
    whole = int(source, 8 if source.startswith("0o") else 16)
    if whole >= 1 << 64:
        raise EvaluationError(f"{source} is too large")
    return whole


def _tagged(name: str, source: str) -> Any:
    """The value of a text that a tag gives a type, or that is a string."""
    if name == "null":
        return None
    if name in ("bool", "int", "float", "timestamp"):
        raise EvaluationError(f"{source!r} is no {name}")
    if name == "binary":
        from readiness.terraform.functions_encoding import from_base64

        from_base64(source)
    return source if source.isascii() else unicodedata.normalize("NFC", source)


def _timestamp(source: str) -> str | None:
    """A date or time in RFC 3339, or None if the text is none."""
    match = _DATE.fullmatch(source)
    if match is None:
        return None
    year, month, day, *rest = match.groups()
    clock = rest[:3] if rest[0] else rest[4:]
    hour, minute, second = (int(part or 0) for part in clock)
    zone = rest[3] or "Z"
    text = f"{year}-{int(month):02d}-{int(day):02d}T{hour:02d}:{minute:02d}:{second:02d}{zone}"
    try:
        moment = parse(text)
    except EvaluationError:
        return None
    return written(Moment(moment.nanoseconds, moment.offset))


def yamlencode(value: Any) -> Any:
    """A value as YAML; where parts of it are unknown, the structure that is known."""
    first = first_unknown(value)
    if first is not None:
        return partial_json(value, first)
    from readiness.terraform.yaml_writer import write

    try:
        return JsonText(write(value), value)
    except Unevaluated as error:
        return Unknown(f"the function yamlencode() is not evaluated: {error}", not_null=True, document=value)
