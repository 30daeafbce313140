"""JSON text that is the same bytes for the same document, readable and quick to write."""

from __future__ import annotations

import json
import re
from typing import Any

# What CI runners take for a command wherever it stands in a log; only strings can hold it.
_COMMAND = re.compile(r"(##\w*)\[")
_encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode


class OneLine(dict[str, Any]):
    """An object that is written on one line, however deep the layout goes."""


def _scrub(value: Any) -> Any:
    """The value with lone surrogates (undecodable bytes in file names) replaced: no JSON has them."""
    if isinstance(value, str):
        return (
            value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        )
    if isinstance(value, dict):
        return {_scrub(key): _scrub(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_scrub(item) for item in value]
    return value


def _compact(value: Any) -> str:
    text = _encode(value)
    # What a lone surrogate is written as, and what begins many a proper pair: few texts hold either.
    return _encode(_scrub(value)) if "\\ud" in text else text


def _key(key: str) -> str:
    return f'"{key}"' if key.isascii() and key.isidentifier() else _compact(key)


def _layout(value: Any, depth: int, indent: int) -> str:
    if depth == 0 or not isinstance(value, (dict, list, tuple)) or isinstance(value, OneLine) or not value:
        return _compact(value)
    pad = "\n" + " " * (indent + 1)
    if isinstance(value, dict):
        items = [f"{_key(key)}: {_layout(item, depth - 1, indent + 1)}" for key, item in value.items()]
        return "{" + pad + f",{pad}".join(items) + "\n" + " " * indent + "}"
    items = [_layout(item, depth - 1, indent + 1) for item in value]
    return "[" + pad + f",{pad}".join(items) + "\n" + " " * indent + "]"


def dumps(document: dict[str, Any] | list[Any], depth: int) -> str:
    """A document of plain values as ASCII JSON with a final newline.

    The outer `depth` levels have one item on each line, deeper ones are compact, so that a
    finding is a line: good for diffs and grep, and the C encoder does the bulk of the work.
    Raises `ValueError` for a float that JSON cannot hold.
    """
    text = _layout(document, depth, 0) + "\n"
    return _COMMAND.sub(r"\1\\u005b", text) if "##" in text else text
