"""What of a sensitive value must not be printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

SHORTEST = 4
"""Characters of the shortest sensitive text that stays in a body: a shorter one cannot be masked."""


def sensitive_texts(value: Any) -> Iterator[str]:
    """The secrets in any value."""
    for text in _texts(value):
        yield from secret_texts(text)


def secret_texts(value: str) -> Iterator[str]:
    """A secret and the secrets in it: the texts of a JSON document, the lines of a key."""
    text = value.strip()
    if len(text) < SHORTEST:
        return
    yield value
    yield text
    if text[0] in "{[":
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            return
        yield from _texts(document)
    elif "\n" in text:
        yield from (line.strip() for line in text.split("\n") if len(line.strip()) >= 2 * SHORTEST)


def _texts(value: Any) -> Iterator[str]:
    left = [value]
    while left:
        found = left.pop()
        if isinstance(found, str) and len(found) >= SHORTEST:
            yield found
        elif isinstance(found, (dict, list)):
            left.extend(found.values() if isinstance(found, dict) else found)
