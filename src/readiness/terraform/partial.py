"""Text of which parts are unknown: how it begins and ends, and the JSON that it holds."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Sequence
from typing import Any

from readiness.terraform.convert import check_text
from readiness.values import List, Map, Span, Unknown

_OPEN, _CLOSE = "\ue000", "\ue001"  # of the private use area: in no document that people write
_MARK = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_BARE = re.compile(f"(?<=[:\\[,])(\\s*)({_OPEN}\\d+{_CLOSE})(?=\\s*[,\\]}}])")


def partial_text(parts: Sequence[str | Unknown], span: Span | None) -> Unknown:
    """The unknown text that its parts make; JSON keeps the structure that is known.

    Raises:
        EvaluationError: the text is too long.
    """
    first = next(part for part in parts if isinstance(part, Unknown))
    prefix, suffix = "", ""
    for part in parts:
        prefix += part.prefix if isinstance(part, Unknown) else part
        if isinstance(part, Unknown):
            break
    for part in reversed(parts):
        suffix = (part.suffix if isinstance(part, Unknown) else part) + suffix
        if isinstance(part, Unknown):
            break
    check_text(sum(len(part) for part in parts if isinstance(part, str)) + len(prefix) + len(suffix))
    document = _document(parts) if prefix.lstrip().startswith(("{", "[")) else None
    return Unknown(
        first.reason, first.refs, span, not_null=True, prefix=prefix, suffix=suffix, document=document
    )


def joined(result: Unknown, values: Sequence[Any]) -> Unknown:
    """An unknown that turns out to be one of some values, with what is certain of all of them."""
    result.not_null = all(v.not_null if isinstance(v, Unknown) else v is not None for v in values)
    if all(isinstance(value, (str, Unknown)) for value in values):
        starts = [value.prefix if isinstance(value, Unknown) else str(value) for value in values]
        ends = [value.suffix if isinstance(value, Unknown) else str(value) for value in values]
        result.prefix = posixpath.commonprefix(starts)
        result.suffix = posixpath.commonprefix([end[::-1] for end in ends])[::-1]
    return result


def _document(parts: Sequence[str | Unknown]) -> Any:
    """The JSON of a text with its unknown parts in place, or None if it is no JSON."""
    marked = (f"{_OPEN}{i}{_CLOSE}" if isinstance(p, Unknown) else p for i, p in enumerate(parts))
    text = "".join(marked)
    for attempt in (text, _BARE.sub(r'\1"\2"', text)):
        try:
            return _restore(json.loads(attempt), parts)
        except (ValueError, RecursionError):
            continue
    return None


def _restore(value: Any, parts: Sequence[str | Unknown]) -> Any:
    if isinstance(value, dict):
        return Map({_MARK.sub("?", key): _restore(item, parts) for key, item in value.items()})
    if isinstance(value, list):
        return List([_restore(item, parts) for item in value])
    if not isinstance(value, str) or _OPEN not in value:
        return value
    pieces: list[str | Unknown] = []
    position = 0
    for match in _MARK.finditer(value):
        pieces += [value[position : match.start()], parts[int(match.group(1))]]
        position = match.end()
    pieces = [piece for piece in (*pieces, value[position:]) if not isinstance(piece, str) or piece]
    return pieces[0] if len(pieces) == 1 else partial_text(pieces, None)
