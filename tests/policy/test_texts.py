"""`json(x)`: what lies in a JSON text."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.policy.texts import json_document
from readiness.values import JsonText, Unknown

PARTS = [{"name": "web", "image": Unknown("a variable", ("var.image",))}]
WHOLE = Unknown("a variable", ("var.definitions",))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('[{"name": "web"}]', [{"name": "web"}]),
        (JsonText("[1]", [1]), [1]),
        ("not json", None),
        ("[" * 100_000, None),
        (None, None),
        ([1], [1]),
        (Unknown("in parts", document=PARTS), PARTS),
        (WHOLE, WHOLE),
    ],
)
def test_json_document(value: Any, expected: Any) -> None:
    found = json_document(value)
    assert found is expected or found == expected
