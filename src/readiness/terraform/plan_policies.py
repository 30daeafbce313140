"""Whether two JSON documents say the same, however they are written."""

from __future__ import annotations

import json
from typing import Any

from readiness.values import Unknown


def same_document(text: str, value: Any) -> bool:
    """Whether JSON text has a value, apart from the freedoms that the IAM policy language gives.

    There one item stands for a list of one, the order of texts does not count and an empty `Sid` is none
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html).
    """
    try:
        return bool(_plain(json.loads(text)) == _plain(value))
    except (ValueError, RecursionError):
        return False


def _plain(value: Any) -> Any:
    if isinstance(value, Unknown):
        return value  # equal to nothing else
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if name != "Sid" or item}
    if isinstance(value, list):
        listed = [_plain(item) for item in value]
        if len(listed) == 1:
            return listed[0]
        return sorted(listed) if all(isinstance(item, str) for item in listed) else listed
    return value
