"""PromQL text → the tree of the parser, or what is wrong with the text and where.

The parser is the library `promql_parser`, a translation of Prometheus' own to Rust.  It has no places in
its errors, so the place is found by asking which beginnings of the expression can be continued.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

from msgspec import Struct

from readiness.operations.promql_text import (
    COMPLEXITY_LIMIT,
    Token,
    complexity,
    normal,
    placeholder,
    similar_function,
    tokens,
    too_great,
    with_durations,
    written_for,
)
from readiness.values import Unknown

_SYNTAX = (
    "invalid promql query",
    "unexpected ",
    "unclosed ",
    "unterminated ",
    "unknown escape",
    "bad number",
    "not a valid duration",
    "no expression found",
)
"""How the parser's errors about the form begin; all others are about what was understood."""

_PLACES = 300
"""Tokens beyond which the place of an error is not looked for."""


class Fault(Struct, frozen=True):
    """What is wrong with an expression; line and column count from 1 within its text."""

    message: str
    line: int
    column: int


def parse(text: str) -> Any | Fault | Unknown:
    """The tree of an expression; what is wrong with it; or why that cannot be said.

    Unknown are templates, other languages (LogQL, MetricsQL), functions that a newer Prometheus may
    have, and expressions too deep for the parser.
    """
    text = with_durations(text)
    left = placeholder(text)
    if left is not None:
        return Unknown(f"the expression holds the placeholder `{left}`")
    found = tokens(text)
    if complexity(found) > COMPLEXITY_LIMIT:
        return Unknown("the expression is too long to be parsed")
    if too_great(found):
        return Unknown("a duration of the expression is too great to be parsed")
    whole = _normal_text(text, found)
    tree, message = _attempt(whole)
    if message is None:
        return tree
    return _judge(text, found, message)


def _attempt(text: str) -> tuple[Any, str | None]:
    """The tree, or the message of the parser."""
    import promql_parser

    try:
        return promql_parser.parse(text), None
    except (OverflowError, UnicodeError):
        # Durations above what it counts, and halves of characters.
        return None, "the parser failed"
    except ValueError as error:
        return None, str(error)
    except BaseException as error:
        # A panic of the library is no `Exception`; anything else is not ours to catch.
        if type(error).__name__ != "PanicException":
            raise
        return None, "the parser failed"


def _normal_text(text: str, found: list[Token]) -> str:
    parts, at = [], 0
    for token in found:
        parts += [text[at : token.start], normal(token)]
        at = token.end
    return "".join((*parts, text[at:]))


def _judge(text: str, found: list[Token], message: str) -> Fault | Unknown:
    """What an error of the parser means."""
    if message == "the parser failed":
        return Unknown("the expression cannot be parsed")
    if "{{" in text or "${" in text:
        return Unknown(f"{message}; the expression is a template")
    why = written_for(text, found)
    if why is not None:
        return Unknown(f"{message}; {why}")
    if message.startswith("illegal regex"):
        pattern = message.removeprefix("illegal regex for ")
        if _is_regex(pattern):
            return Unknown(f"whether `{pattern}` is a regular expression of Prometheus is not known")
        return _fault(text, _containing(found, pattern), f"`{pattern}` is no regular expression")
    named = re.fullmatch(r"unknown function with name '([^']*)'", message)
    if named is not None:
        return _unknown_function(text, found, named[1])
    called = re.search(r"in call to (?:function|aggregation) '(\w+)'", message)
    if called is not None:
        at = next((token.start for token in found if token.text.lower() == called[1].lower()), 0)
        return _fault(text, at, message)
    if message.startswith(_SYNTAX):
        return _fault(text, _first_wrong(text, found, message), _told(message))
    return _fault(text, found[0].start if found else 0, message)


def _is_regex(pattern: str) -> bool:
    """Whether a pattern that the library refuses may be one of RE2, which Prometheus uses, all the same."""
    if re.search(r"\\[QC]", pattern):
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError):
            return False
    return True


def _unknown_function(text: str, found: list[Token], name: str) -> Fault | Unknown:
    near = similar_function(name)
    if near is None:
        return Unknown(f"the function `{name}` is none that Prometheus 3 is known to have")
    at = next((token.start for token in found if token.text == name), 0)
    return _fault(text, at, f"there is no function `{name}`; did you mean `{near}`?")


def _told(message: str) -> str:
    return {
        "invalid promql query": "this cannot stand here",
        "no expression found in input": "the expression is empty",
    }.get(message, message)


def _fault(text: str, offset: int, message: str) -> Fault:
    before = text[:offset]
    return Fault(message, before.count("\n") + 1, offset - before.rfind("\n"))


def _containing(found: list[Token], value: str) -> int:
    """Where the string with a value stands."""
    return next((t.start for t in found if t.kind == "string" and value in t.text), 0)


def _first_wrong(text: str, found: list[Token], message: str) -> int:
    """The offset of the first token after which nothing can make the expression right."""
    unclosed = _open(found)
    if message.startswith(("unclosed", "unexpected end")) and unclosed:
        return unclosed[-1].start
    if not found or len(found) > _PLACES:
        return found[0].start if found else 0
    low, high = 0, len(found)  # a beginning of `low` tokens can be continued, one of `high` cannot
    while high - low > 1:
        middle = (low + high) // 2
        if _can_continue(text, found[:middle]):
            low = middle
        else:
            high = middle
    if low == len(found) - 1 and _can_continue(text, found):
        return found[-1].end
    return found[low].start


def _open(found: list[Token]) -> list[Token]:
    """The brackets that are open at the end."""
    stack: list[Token] = []
    for token in found:
        if token.kind == "operator" and token.text in "([{":
            stack.append(token)
        elif token.kind == "operator" and token.text in ")]}" and stack:
            stack.pop()
    return stack


_IN_BRACES = ("", 'a="b"', '="b"', '"b"')
_IN_SQUARE = ("", "5m", "5m:")
_ELSEWHERE = ("", "x", "(x)", " by (a) (x)", "x[5m]", "5m", "1", '"x"', ")", "0")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def _can_continue(text: str, beginning: list[Token]) -> bool:
    """Whether some continuation gives an expression that has the right form."""
    start = _normal_text(text[: beginning[-1].end], beginning) + " "
    stack = [token.text for token in _open(beginning)]
    inside = stack[-1] if stack else ""
    candidates = {"{": _IN_BRACES, "[": _IN_SQUARE}.get(inside, _ELSEWHERE)
    closing = "".join(_CLOSING[bracket] for bracket in reversed(stack))
    return any(_well_formed(start + more + end) for more in candidates for end in _ends(closing))


def _ends(closing: str) -> tuple[str, ...]:
    """What may follow: a list of labels wants its operand, a comparison of scalars `bool`."""
    return (closing, closing + " (x)", closing + " x")


def _well_formed(text: str) -> bool:
    _, message = _attempt(text)
    return message is None or not message.startswith(_SYNTAX)
