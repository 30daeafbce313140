"""`yes`, `on` and the like: booleans to Kubernetes, texts to Kustomize, which writes them in quotes.

Kustomize reads objects and merge patches as YAML 1.2 says, so that in what it builds such a word is a text.
What is written is looked up in the file, since a value does not remember it.
"""

from __future__ import annotations

import re
from operator import is_
from typing import Any

from readiness.kubernetes.overlays.edit import item_spans, listed
from readiness.values import List, Map, Span

_WORDS = r"(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)"
_MAY_HOLD = re.compile(rf"(?:^|[:\-,\[{{?]|\s){_WORDS}\s*(?:[,\]}}:#]|$)", re.MULTILINE)
_WORD = re.compile(rf"{_WORDS}(?![^\s,\]}}:])")


def lines_with_words(raw: bytes | None) -> list[str] | None:
    """The lines of a file in which such words may be values; None where there are none."""
    if raw is None:
        return None
    text = raw.decode("utf-8", "replace")
    return text.splitlines() if _MAY_HOLD.search(text) else None


def as_written(value: Any, lines: list[str]) -> Any:
    """A value with such words as texts; the value itself where there are none."""
    if isinstance(value, Map):
        return _map(value, lines)
    if isinstance(value, List):
        spans = item_spans(value)
        items = [_value(item, span, lines) for item, span in zip(value, spans, strict=True)]
        return value if all(map(is_, items, value)) else listed(items, spans, value)
    return value


def _map(value: Map, lines: list[str]) -> Map:
    entries = []
    changed = False
    for key, item in value.items():
        name = key
        if key in ("true", "false"):
            name = _word(value.key_spans.get(key), lines) or key
        new = _value(item, value.value_spans.get(key), lines)
        changed = changed or name != key or new is not item
        entries.append((name, key, new))
    if not changed:
        return value
    keys, values = value.key_spans, value.value_spans
    return Map(
        {name: new for name, _, new in entries},
        value.span,
        {name: keys[key] for name, key, _ in entries if key in keys},
        {name: values[key] for name, key, _ in entries if key in values},
        value.origin,
    )


def _value(item: Any, span: Span | None, lines: list[str]) -> Any:
    if isinstance(item, bool):
        return _word(span, lines) or item
    return as_written(item, lines) if isinstance(item, (Map, List)) else item


def _word(span: Span | None, lines: list[str]) -> str | None:
    """The word at a place, None where it is another."""
    if span is None or span.line > len(lines):
        return None
    found = _WORD.match(lines[span.line - 1], span.column - 1)
    return None if found is None else found[0]
