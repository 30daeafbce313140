"""Changes of one file as edits of its text."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import Any

from readiness.fixes.model import CannotFixError, Change, Edit
from readiness.fixes.text import Text, overlap
from readiness.values import Map, Span


def syntax(path: str) -> ModuleType:
    """The module that writes a file."""
    if path.endswith(".json"):
        from readiness.fixes import in_json

        return in_json
    if path.endswith((".yaml", ".yml")):
        from readiness.fixes import in_yaml

        return in_yaml
    from readiness.fixes import in_hcl

    return in_hcl


def joined(changes: Iterable[Change]) -> list[Change]:
    """Changes with those of one place as one.

    Raises:
        CannotFixError: two of them want different things of one place.
    """
    found: dict[tuple[Span | None, str], Change] = {}
    for change in changes:
        present = found.get(change.place)
        if present is None:
            found[change.place] = change
        elif present.op != change.op:
            raise CannotFixError(f"another fix is about `{change.key}`")
        else:
            value = _merged(present.value, change.value, change)
            found[change.place] = Change(change.op, present.container, change.key, value)
    return list(found.values())


def _merged(one: Any, other: Any, change: Change) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        both = dict(one)
        for key, value in other.items():
            both[key] = _merged(both[key], value, change) if key in both else value
        return both
    if change.op == "append":
        return [*one, *(value for value in other if value not in one)]
    if one != other or type(one) is not type(other):
        raise CannotFixError(f"another fix wants something else of `{change.key}`")
    return one


def edits_of(text: Text, changes: Iterable[Change]) -> list[Edit]:
    """The edits that make changes in one text; they do not overlap.

    Raises:
        CannotFixError: one of the changes cannot be written down, or some are about the same text.
    """
    module = syntax(text.path)
    inserted: dict[Span | None, tuple[Map, dict[str, Any]]] = {}
    edits: list[Edit] = []
    for change in joined(changes):
        if change.op == "insert":
            _, tree = inserted.setdefault(change.container.span, (change.container, {}))
            tree[change.key] = change.value
        else:
            edits += module.edits(text, change)
    for container, tree in inserted.values():
        edits += module.insert(text, container, tree)
    if overlap(edits):
        raise CannotFixError("another fix is about the same text")
    return edits
