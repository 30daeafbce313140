"""A policy file held against its schema, with words for what is wrong."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, cast

from readiness.config.document import place_of
from readiness.config.shape import written
from readiness.errors import UsageError, near
from readiness.values import Map, Unknown

SCHEMA_FILE = Path(__file__).with_name("policy.schema.json")
_WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}


def validate(data: Map, name: str) -> None:
    """Hold the mapping of a policy file against the schema; `name` is the path that messages show.

    Raises:
        UsageError: something is wrong; with its place.
    """
    errors = sorted(_validator().iter_errors(data), key=lambda e: [str(part) for part in e.absolute_path])
    if not errors:
        return
    error = errors[0]
    path = tuple(error.absolute_path)
    where = f"{joined(path)}: " if path else ""
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {})
        extra = next(key for key in error.instance if key not in known and not _matches(key, error.schema))
        message = f"{where}there is no field {extra!r} here{near(str(extra), known)}"
        raise UsageError(message, name, *place_of(data, (*path, extra), True))
    raise UsageError(where + _message(error), name, *place_of(data, path))


def joined(path: Iterable[Any]) -> str:
    """A path of names and indices as messages show it."""
    return ".".join(map(str, path))


def _matches(key: str, schema: dict[str, Any]) -> bool:
    return any(re.search(pattern, key) for pattern in schema.get("patternProperties", {}))


def _message(error: Any) -> str:
    """What is wrong, in the words that messages about settings have."""
    value, wanted = error.instance, error.validator_value
    if isinstance(value, Unknown):
        return "a text that begins with `!` is a tag to YAML; write it behind `|` or in quotes"
    match error.validator:
        case "required":
            return f"{next(name for name in wanted if name not in value)!r} is missing here"
        case "type":
            return f"{_WORDS.get(str(wanted), str(wanted))} is expected, not {written(value)}"
        case "enum":
            choices = [str(one) for one in wanted]
            hint = near(value, choices) if isinstance(value, str) else ""
            return f"{written(value)} is not one of {', '.join(choices)}{hint}"
        case "pattern":
            why = error.schema.get("description") or f"it does not match {wanted}"
            return f"{written(value)} is not right here: {why[:1].lower()}{why[1:].rstrip('.')}"
        case "minItems" | "minProperties":
            return f"{'an empty list' if isinstance(value, list) else 'an empty mapping'} says nothing"
        case "minLength" | "maxLength":
            bound = "at least" if error.validator == "minLength" else "at most"
            return f"it has {len(value)} characters; {bound} {wanted} are expected"
        case "uniqueItems":
            twice = next(one for index, one in enumerate(value) if one in value[:index])
            return f"{written(twice)} stands here twice"
        case "oneOf":
            return "an example is a text, or a mapping with `code`, `files` or `changes`"
        case _:
            return str(error.message)


@functools.cache
def _validator() -> Any:
    import json

    import jsonschema

    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    types = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine(
        "array", lambda _checker, value: isinstance(value, list)
    ).redefine("object", lambda _checker, value: isinstance(value, dict))
    extend = cast("Callable[..., Any]", jsonschema.validators.extend)
    return extend(jsonschema.Draft202012Validator, type_checker=types)(schema)
