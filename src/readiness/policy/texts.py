"""What lies in a JSON text."""

from __future__ import annotations

import json
from typing import Any

from readiness.values import JsonText, Unknown


def json_document(value: Any) -> Any:
    """The value of a JSON text, with places where it was made by `jsonencode` or a policy document.

    A text of which only parts are unknown keeps its structure; any other unknown is itself.  Text that is
    no JSON gives null; what is no text is taken as it is.
    """
    if isinstance(value, JsonText):
        return value.value
    if isinstance(value, Unknown):
        return value if value.document is None else value.document
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
