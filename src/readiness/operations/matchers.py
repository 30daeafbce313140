"""Matchers of Alertmanager: what is written, and whether labels match.

Written as Alertmanager reads them by default: the classic syntax wins where a text is valid in it, else the
one for UTF-8 counts.  Source: https://prometheus.io/docs/alerting/latest/configuration/#matcher
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from readiness.estate.model import scalar_text
from readiness.values import List, Map, Unknown

Matches = Callable[[str, str], bool]
"""Whether a pattern in RE2's syntax matches a whole text; False for one that does not compile."""

_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
        (?P<op>!=|=~|!~|=)
        | "(?P<quoted>(?:\\.|[^"\\])*)"
        | (?P<punct>[{},])
        | (?P<plain>[^\s{}!=~,\\"'`]+)
    )""",
    re.VERBOSE,
)
_CLASSIC = re.compile(r"\A\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*(.*?)\s*\Z", re.DOTALL)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)", re.DOTALL)
_SIMPLE = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    '"': '"',
}
_TEMPLATE = "{{"


class Matcher(Struct, frozen=True):
    """One condition on a label: `op` is `=`, `!=`, `=~` or `!~`."""

    label: str
    op: str
    value: str | Unknown


def matchers_of(route: Map) -> list[Matcher | Unknown]:
    """The matchers of a route, whatever their form; an unknown for one that is not known."""
    found: list[Matcher | Unknown] = []
    for key, op in (("match", "="), ("match_re", "=~")):
        pairs = route.get(key)
        if isinstance(pairs, Unknown):
            found.append(pairs)
        elif isinstance(pairs, Map):
            for label, value in pairs.items():
                found.append(Matcher(label, op, _written(value)))
    written = route.get("matchers")
    if isinstance(written, Unknown):
        return [*found, written]
    for item in written if isinstance(written, List) else ():
        if isinstance(item, Unknown):
            found.append(item)
        else:
            read = parse(scalar_text(item))
            found.extend([Unknown(f"`{item}` is no matcher")] if read is None else read)
    return found


def _written(value: Any) -> str | Unknown:
    """The text of a value: Alertmanager reads `yes` without quotes as the word that it is."""
    if isinstance(value, (bool, float)):
        return Unknown("how the value is spelled is not known: it has no quotes")
    return value if isinstance(value, Unknown) else scalar_text(value)


def parse(text: str) -> list[Matcher] | None:
    """The matchers of one text, or None for a text that Alertmanager refuses."""
    classic = _classic_list(text)
    return classic if classic is not None else _utf8(text)


def _utf8(text: str) -> list[Matcher] | None:
    """`{label="value", other=~"pattern"}`: names and values in double quotes, or plain."""
    tokens = list(_tokens(text))
    if any(token is None for token in tokens):
        return None
    left = [token for token in tokens if token is not None]
    braced = bool(left) and left[0] == ("punct", "{")
    if braced:
        if left[-1] != ("punct", "}") or len(left) < 2:
            return None
        left = left[1:-1]
    found = []
    while left:
        if len(left) < 3 or left[1][0] != "op" or {left[0][0], left[2][0]} & {"op", "punct"}:
            return None
        found.append(Matcher(left[0][1], left[1][1], left[2][1]))
        if len(left) > 3 and left[3] != ("punct", ","):
            return None
        left = left[4:]
    return found


def _tokens(text: str) -> Iterator[tuple[str, str] | None]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            yield None
            return
        kind = str(match.lastgroup)
        yield (kind, _unquoted(match[kind]) if kind == "quoted" else match[kind])
        position = match.end()


def _unquoted(text: str) -> str:
    """The content of a string literal of Go."""

    def replaced(match: re.Match[str]) -> str:
        body = match[1]
        if body in _SIMPLE:
            return _SIMPLE[body]
        if body[0] in "xuU" and len(body) > 1:
            return chr(int(body[1:], 16)) if int(body[1:], 16) <= 0x10FFFF else match[0]
        return chr(int(body, 8)) if len(body) == 3 and body.isdigit() else match[0]

    return _ESCAPE.sub(replaced, text)


def _classic_list(text: str) -> list[Matcher] | None:
    found = []
    for part in _split(text.removeprefix("{").removesuffix("}")):
        matcher = _classic(part)
        if matcher is None:
            return None
        found.append(matcher)
    return found


def _split(text: str) -> Iterator[str]:
    """The parts between commas that stand outside of quotes; an empty last one is left out."""
    part, quoted, escaped = "", False, False
    for character in text:
        if character == "," and not quoted:
            yield part
            part = ""
            continue
        if character == '"' and not escaped:
            quoted = not quoted
        escaped = character == "\\" and not escaped
        part += character
    if part.strip():
        yield part


def _classic(text: str) -> Matcher | None:
    match = _CLASSIC.match(text)
    if match is None:
        return None
    label, op, raw = match[1], match[2], match[3]
    if raw.startswith('"'):
        if len(raw) < 2 or not raw.endswith('"') or _open_quote(raw[1:-1]):
            return None
        raw = raw[1:-1]
    elif _open_quote(raw):
        return None
    value = re.sub(r'\\([n"\\])', lambda found: "\n" if found[1] == "n" else found[1], raw)
    return Matcher(label, op, value)


def _open_quote(text: str) -> bool:
    """Whether a double quote stands in a text without a backslash that takes its meaning."""
    return re.search(r'(?<!\\)(?:\\\\)*"', text) is not None


def matches(
    matcher: Matcher | Unknown, labels: Mapping[str, Any], complete: bool, test: Matches
) -> bool | None:
    """Whether an alert with these labels matches; None where that is not known.

    A label that is missing is empty where the labels are `complete`, else it is not known.  A text with
    `{{` is a template of Prometheus and not known.
    """
    if isinstance(matcher, Unknown) or isinstance(matcher.value, Unknown):
        return None
    value = labels.get(matcher.label)
    if value is None and not complete:
        return None
    if isinstance(value, Unknown):
        return None
    text = "" if value is None else scalar_text(value)
    if _TEMPLATE in text:
        return None
    if matcher.op in ("=", "!="):
        return (text == matcher.value) is (matcher.op == "=")
    return test(matcher.value, text) is (matcher.op == "=~")
