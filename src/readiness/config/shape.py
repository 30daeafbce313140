"""JSON Schemas of a few keywords, checked without a library: settings must not cost a slow import.

What a schema may use is `KEYWORDS`; a test holds every packaged schema of settings against that, and
against `jsonschema` itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from readiness.errors import near

KEYWORDS = frozenset(
    {
        *("$schema", "$id", "$ref", "$defs", "title", "description", "default", "examples"),
        *("type", "enum", "const", "properties", "additionalProperties", "patternProperties", "required"),
        *("minProperties", "items", "minItems", "uniqueItems", "minimum", "maximum", "pattern", "minLength"),
    }
)
_WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


class Violation(Struct, frozen=True):
    """What is wrong at a path; `at_key` says that the name is wrong, not its value."""

    path: tuple[str | int, ...]
    message: str
    at_key: bool = False


class _Root(Struct, frozen=True):
    """What holds for a schema as a whole: what `$ref` leads to, and what its names are called."""

    definitions: dict[str, Any]
    noun: str


def violations(value: Any, schema: dict[str, Any], noun: str = "setting") -> Iterator[Violation]:
    """What of a value breaks a schema, in the order of the value; `noun` is what its names are called."""
    yield from _check(value, schema, _Root(schema.get("$defs", {}), noun), ())


def written(value: Any) -> str:
    """A value as it stands in YAML, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"


def is_type(value: Any, name: str) -> bool:
    """Whether a value has a type of JSON Schema; 7.0 is no integer, true is no number."""
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    types: dict[str, type] = {"string": str, "boolean": bool, "array": list, "object": dict}
    return value is None if name == "null" else isinstance(value, types[name])


def _check(
    value: Any, schema: dict[str, Any], root: _Root, path: tuple[str | int, ...]
) -> Iterator[Violation]:
    if "$ref" in schema:
        schema = root.definitions[schema["$ref"].removeprefix("#/$defs/")]
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(is_type(value, name) for name in names):
            expected = " or ".join(_WORDS[name] for name in names)
            yield Violation(path, f"{expected} is expected, not {written(value)}")
            return
    if "const" in schema and value != schema["const"]:
        yield Violation(path, f"{written(schema['const'])} is expected, not {written(value)}")
    if "enum" in schema and not any(value == one and is_same(value, one) for one in schema["enum"]):
        hint = (
            near(value, [one for one in schema["enum"] if isinstance(one, str)])
            if isinstance(value, str)
            else ""
        )
        choices = ", ".join(str(one) for one in schema["enum"])
        yield Violation(path, f"{written(value)} is not one of {choices}{hint}")
        return
    yield from _scalar(value, schema, path)
    if isinstance(value, dict):
        yield from _mapping(value, schema, root, path)
    elif isinstance(value, list):
        yield from _sequence(value, schema, root, path)


def is_same(one: Any, other: Any) -> bool:
    """Whether two equal values are of one kind: true is not 1."""
    return isinstance(one, bool) == isinstance(other, bool)


def _scalar(value: Any, schema: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[Violation]:
    if isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            yield Violation(path, "an empty text is not enough" if not value else f"{value!r} is too short")
        elif "pattern" in schema and not re.search(schema["pattern"], value):
            why = schema.get("description") or f"it does not match {schema['pattern']}"
            yield Violation(path, f"{written(value)} is not right here: {why}")
    elif is_type(value, "number"):
        if "minimum" in schema and value < schema["minimum"]:
            yield Violation(path, f"{value} is too small: {schema['minimum']} or more is expected")
        elif "maximum" in schema and value > schema["maximum"]:
            yield Violation(path, f"{value} is too great: {schema['maximum']} or less is expected")


def _mapping(
    value: dict[str, Any], schema: dict[str, Any], root: _Root, path: tuple[str | int, ...]
) -> Iterator[Violation]:
    known = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    others = schema.get("additionalProperties", True)
    for name in schema.get("required", ()):
        if name not in value:
            yield Violation(path, f"{name!r} is missing here")
    if len(value) < schema.get("minProperties", 0):
        yield Violation(path, "an empty mapping says nothing")
    for key, item in value.items():
        inner = [known[key]] if key in known else []
        inner += [sub for pattern, sub in patterns.items() if re.search(pattern, key)]
        if not inner and others is False:
            expected = near(key, known) or _expected(known, patterns)
            yield Violation((*path, key), f"there is no {root.noun} {key!r} here{expected}", True)
        elif not inner and isinstance(others, dict):
            inner.append(others)
        for sub in inner:
            yield from _check(item, sub, root, (*path, key))


def _expected(known: dict[str, Any], patterns: dict[str, Any]) -> str:
    names = [*known, *patterns]
    return f"; there are {', '.join(names)}" if names else ""


def _sequence(
    value: list[Any], schema: dict[str, Any], root: _Root, path: tuple[str | int, ...]
) -> Iterator[Violation]:
    if len(value) < schema.get("minItems", 0):
        yield Violation(path, "an empty list says nothing")
    for index, item in enumerate(value):
        if schema.get("uniqueItems") and any(
            item == other and is_same(item, other) for other in value[:index]
        ):
            yield Violation((*path, index), f"{written(item)} stands here twice")
        if "items" in schema:
            yield from _check(item, schema["items"], root, (*path, index))
