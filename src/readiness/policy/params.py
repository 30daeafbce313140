"""Parameters of policies: what they may be, and whether a value is that.

Patterns are RE2's, as in conditions, in time that no value can blow up: a pattern comes from a pack, and a
value from the settings of whoever is checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from readiness.config.shape import Violation, violations, written
from readiness.policy.cel import CelError
from readiness.policy.cel.regex import compile_pattern

_TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
_SPEC: dict[str, Any] = {"$ref": "#/$defs/value"}
_VALUE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "type": {"enum": list(_TYPES)},
        "default": {},
        "description": {"type": "string"},
        "minimum": {"type": "number"},
        "maximum": {"type": "number"},
        "minLength": {"type": "integer"},
        "minItems": {"type": "integer"},
        "uniqueItems": {"type": "boolean"},
        "enum": {"type": "array", "minItems": 1},
        "pattern": {"type": "string"},
        "items": {"$ref": "#/$defs/value"},
        "required": {"type": "array", "items": {"type": "string"}},
        "properties": {"type": "object", "additionalProperties": {"$ref": "#/$defs/value"}},
        "additionalProperties": {"type": ["boolean", "object"]},
    },
}


def wrong_values(value: Any, spec: dict[str, Any]) -> Iterator[Violation]:
    """What of a value is not what the declaration of a parameter allows."""
    yield from violations(value, _without_patterns(spec))
    yield from _unmatched(value, spec, ())


def wrong_spec(spec: dict[str, Any]) -> Violation | None:
    """What is wrong with the declaration of a parameter: its keywords, its patterns, or its default."""
    for violation in violations(spec, {**_SPEC, "$defs": {"value": _VALUE}}, "field"):
        return violation
    for path, pattern in _patterns(spec, ()):
        try:
            compile_pattern(pattern)
        except CelError as error:
            return Violation(path, error.message)
    for violation in wrong_values(spec["default"], spec):
        return Violation(("default", *violation.path), violation.message)
    return None


def _without_patterns(spec: dict[str, Any]) -> dict[str, Any]:
    """A declaration as a schema without what this module looks at itself."""
    plain = {k: v for k, v in spec.items() if k not in ("pattern", "default", "description")}
    if isinstance(spec.get("items"), dict):
        plain["items"] = _without_patterns(spec["items"])
    if isinstance(spec.get("properties"), dict):
        plain["properties"] = {name: _without_patterns(one) for name, one in spec["properties"].items()}
    if isinstance(spec.get("additionalProperties"), dict):
        plain["additionalProperties"] = _without_patterns(spec["additionalProperties"])
    return plain


def _patterns(
    spec: dict[str, Any], path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if "pattern" in spec:
        yield (*path, "pattern"), spec["pattern"]
    if "items" in spec:
        yield from _patterns(spec["items"], (*path, "items"))
    for name, one in spec.get("properties", {}).items():
        yield from _patterns(one, (*path, "properties", name))
    if isinstance(spec.get("additionalProperties"), dict):
        yield from _patterns(spec["additionalProperties"], (*path, "additionalProperties"))


def _unmatched(value: Any, spec: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[Violation]:
    if isinstance(value, str) and "pattern" in spec:
        if not compile_pattern(spec["pattern"]).test(value):
            why = spec.get("description") or f"it does not match {spec['pattern']}"
            yield Violation(path, f"{written(value)} is not right here: {why}")
    elif isinstance(value, list) and isinstance(spec.get("items"), dict):
        for index, item in enumerate(value):
            yield from _unmatched(item, spec["items"], (*path, index))
    elif isinstance(value, dict):
        others = spec.get("additionalProperties")
        for name, item in value.items():
            inner = spec.get("properties", {}).get(name, others)
            if isinstance(inner, dict):
                yield from _unmatched(item, inner, (*path, name))
