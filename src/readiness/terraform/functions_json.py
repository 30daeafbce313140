"""JSON as Go's package encoding/json and go-cty read and write it."""

from __future__ import annotations

import json
import re
from typing import Any

from readiness.terraform.convert import EvaluationError, check_text, to_text
from readiness.terraform.numbers import parse
from readiness.values import JsonText, List, Map

_ESCAPES = str.maketrans(
    {
        **{chr(code): f"\\u{code:04x}" for code in (*range(0x20), *b"<>&", 0x2028, 0x2029)},
        '"': '\\"',
        "\\": "\\\\",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\b": "\\b",
        "\f": "\\f",
    }
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER_LIMIT = 5_000


def json_text(value: Any) -> str:
    """A known value as JSON: no spaces, sorted keys, and escapes that keep it out of HTML.

    Raises:
        EvaluationError: the text is too long.
    """
    parts: list[str] = []
    _write(value, parts)
    check_text(sum(map(len, parts)))
    return "".join(parts)


def _write(value: Any, parts: list[str]) -> None:
    if isinstance(value, str):
        parts.append(_quoted(value))
    elif value is None:
        parts.append("null")
    elif isinstance(value, dict):
        for index, key in enumerate(sorted(value)):
            parts.append("," if index else "{")
            parts.append(_quoted(key) + ":")
            _write(value[key], parts)
        parts.append("}" if value else "{}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            parts.append("," if index else "[")
            _write(item, parts)
        parts.append("]" if value else "[]")
    else:
        parts.append(to_text(value))


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def decode(text: str) -> Any:
    """The value of a JSON text.

    Raises:
        EvaluationError: it is no JSON.
    """
    if isinstance(text, JsonText) and text.startswith(("{", "[")):
        return text.value  # with its spans; other texts may be those of `yamlencode`
    try:
        found = json.loads(text, parse_constant=_no_constant, parse_float=_number, parse_int=_number)
    except json.JSONDecodeError as error:
        raise EvaluationError(f"the text is not JSON: {error.msg}, line {error.lineno}") from None
    return _wrapped(found)


def _number(text: str) -> int | float:
    if len(text) > _NUMBER_LIMIT:
        raise EvaluationError("a number has too many digits")
    number = parse(text)
    if number is None:
        raise EvaluationError(f"{text!r} is not a number")
    return number


def _no_constant(name: str) -> Any:
    raise EvaluationError(f"{name} is not JSON")


def _wrapped(value: Any) -> Any:
    """Parsed JSON as values without spans."""
    if isinstance(value, dict):
        return Map({_clean(key): _wrapped(item) for key, item in value.items()})
    if isinstance(value, list):
        return List([_wrapped(item) for item in value])
    return _clean(value) if isinstance(value, str) else value


def _clean(text: str) -> str:
    """Text in its normal form; half a surrogate pair is no character."""
    import unicodedata

    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _SURROGATE.sub("\ufffd", text))
