"""The values of a plan → bodies as policies see them.

The shape is that of a body from HCL: what the configuration does not set is absent, unless the plan
knows its value; what only apply knows is an unknown; nested blocks are lists of objects.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from readiness.terraform.plan_references import is_attribute
from readiness.terraform.references import NEVER_NULL
from readiness.terraform.secrets import SHORTEST, secret_texts
from readiness.values import List, Map, Supplied, Unknown, listed

DEPTH_LIMIT = 100
"""Levels of nesting in one value; what providers take stays below 40."""

_ABSENT: tuple[Any, ...] = ("", [])
_SINGLE_BLOCKS = frozenset({"timeouts"})

MakeUnknown = Callable[[str, Any], Unknown]
"""(path of the attribute, its expression) → why it is not known."""


class Unset(Unknown):
    """What only apply knows and the configuration seems not to set.

    It may be an attribute that the provider fills in, or a `dynamic` block whose items are not known:
    only the source tells them apart.
    """

    __slots__ = ()


class Values:
    """Builds the bodies of one resource; `secrets` collects its sensitive texts.

    `dynamic` is true where `dynamic` blocks may wait for what only apply knows.
    """

    def __init__(self, unknown: MakeUnknown, dynamic: bool) -> None:
        self._unknown = unknown
        self._dynamic = dynamic
        self._depth = 0
        self.secrets: set[str] = set()

    def body(self, values: Any, unknown: Any, sensitive: Any, expressions: dict[str, Any] | None) -> Map:
        """The body of a resource; `expressions` is None where there is no configuration."""
        return self._block(values, unknown, sensitive, expressions, "")

    def _block(
        self, values: Any, unknown: Any, sensitive: Any, expressions: dict[str, Any] | None, prefix: str
    ) -> Map:
        given = values if isinstance(values, dict) else {}
        waits = unknown if isinstance(unknown, dict) else {}
        names = [*given, *(name for name in waits if name not in given)]
        result = Map()
        for name in names:
            expression = expressions.get(name) if expressions is not None else None
            is_set = expressions is not None and name in expressions
            path = prefix + name
            value, wait, hide = given.get(name), _part(unknown, name), _part(sensitive, name)
            if wait is True:
                made = self._waiting(path, expression, is_set, expressions is not None, hide)
                if made is not None:
                    result[name] = made
            elif value is None or (not is_set and value in _ABSENT):
                if is_set:
                    result[name] = None
            elif isinstance(value, dict) and _is_single_block(name, expression):
                inner = _block_expressions(expression)
                result[name] = List([self._deeper(self._block, value, wait, hide, inner, f"{path}.")])
            else:
                if isinstance(value, str) and _is_supplied(expression):
                    value = Supplied(value)
                result[name] = self._value(value, wait, hide, expression, path)
        return result

    def _waiting(
        self, path: str, expression: Any, is_set: bool, configured: bool, hide: Any
    ) -> Unknown | None:
        """An attribute that only apply knows; None for one that is as absent as in HCL."""
        if is_set or path in NEVER_NULL or not configured:
            return self._unknown(path, expression)
        # Terraform marks the sensitive items of collections, so it shows what is one.
        if self._dynamic and isinstance(hide, (list, dict)):
            unknown = self._unknown(path, expression)
            return Unset(unknown.reason, unknown.refs)
        return None

    def _value(self, value: Any, unknown: Any, sensitive: Any, expression: Any, path: str) -> Any:
        return self._deeper(self._whole_value, value, unknown, sensitive, expression, path)

    def _deeper(self, build: Callable[..., Any], *parts: Any) -> Any:
        """What `build` makes one level further in."""
        if self._depth >= DEPTH_LIMIT:
            return Unknown(f"the value is nested more than {DEPTH_LIMIT} levels deep", not_null=True)
        self._depth += 1
        try:
            return build(*parts)
        finally:
            self._depth -= 1

    def _whole_value(self, value: Any, unknown: Any, sensitive: Any, expression: Any, path: str) -> Any:
        if unknown is True:
            return self._unknown(path, expression)
        if sensitive is True:
            return self._sensitive(value)
        if isinstance(value, dict):
            names = [*value, *(k for k in (unknown if isinstance(unknown, dict) else ()) if k not in value)]
            result = Map()
            for name in names:
                wait, hide = _part(unknown, name), _part(sensitive, name)
                result[name] = self._value(value.get(name), wait, hide, expression, path)
            return result
        if isinstance(value, list):
            return self._items(value, unknown, sensitive, expression, path)
        return value

    def _items(self, value: list[Any], unknown: Any, sensitive: Any, expression: Any, path: str) -> List:
        inner = _block_expressions(expression)
        result = List()
        for index, item in enumerate(value):
            wait, hide = _part(unknown, index), _part(sensitive, index)
            if isinstance(item, dict) and wait is not True and hide is not True:
                result.append(self._deeper(self._block, item, wait, hide, inner, f"{path}."))
            else:
                result.append(self._value(item, wait, hide, expression, path))
        return result

    def _sensitive(self, value: Any) -> Any:
        """A sensitive value: texts, also in lists, stay and are noted, anything else is not told."""
        if isinstance(value, str) and (not value.strip() or len(value.strip()) >= SHORTEST):
            self.secrets.update(secret_texts(value))
            return value
        if isinstance(value, list) and not any(isinstance(item, list) for item in value):
            return List([self._sensitive(item) for item in value])
        return None if value is None else Unknown("the value is sensitive", not_null=True)


def _part(marks: Any, key: str | int) -> Any:
    """What `after_unknown` or `after_sensitive` says of a part of a value."""
    if marks is True:
        return True
    if isinstance(marks, dict):
        return marks.get(str(key))
    if isinstance(marks, list) and isinstance(key, int) and key < len(marks):
        return marks[key]
    return None


def _is_supplied(expression: Any) -> bool:
    """True for an expression that mentions something: its text is not written there."""
    return isinstance(expression, dict) and bool(expression.get("references"))


def _is_single_block(name: str, expression: Any) -> bool:
    """True for a nested block that a plan shows as an object; as everywhere it becomes a list of one."""
    if isinstance(expression, dict) and expression and not is_attribute(expression):
        return True
    return name in _SINGLE_BLOCKS


def _block_expressions(expression: Any) -> dict[str, Any] | None:
    """The expressions of nested blocks, merged: an item of a plan does not say which block made it.

    None where the configuration does not tell which arguments are set.
    """
    if isinstance(expression, dict):
        if "references" in expression:
            return None
        if "constant_value" not in expression:
            return expression or None
        blocks = [
            {name: {"constant_value": value} for name, value in item.items() if value is not None}
            for item in listed(expression["constant_value"])
            if isinstance(item, dict)
        ]
    else:
        blocks = [item for item in listed(expression) if isinstance(item, dict)]
    merged: dict[str, Any] = {}
    for block in blocks:
        for name, inner in block.items():
            merged[name] = _merged(merged[name], inner) if name in merged else inner
    return merged if blocks else None


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, list) or isinstance(other, list):
        return [*listed(one), *listed(other)]
    if is_attribute(one) and is_attribute(other):
        references = [*one.get("references", ()), *other.get("references", ())]
        return {"references": references} if references else one
    return one


def has_unknown(marks: Any, name: str) -> bool:
    """Whether `after_unknown` marks (a part of) an attribute."""
    left = [_part(marks, name)]
    while left:
        found = left.pop()
        if found is True:
            return True
        if isinstance(found, (dict, list)):
            left.extend(found.values() if isinstance(found, dict) else found)
    return False
