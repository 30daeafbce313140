"""Steps on a resource as changes of the mappings that it is written in."""

from __future__ import annotations

from typing import Any

from readiness.estate.model import Resource
from readiness.estate.provenance import explain
from readiness.fixes.model import CannotFixError, Change, ElsewhereError
from readiness.fixes.steps import Step
from readiness.terraform.provider_schemas.store import Shape, shape_of
from readiness.values import List, Map, Span, Unknown


def changes(resource: Resource, item: Any, steps: list[Step]) -> list[Change]:
    """What is to be different for the steps of a fix; nothing where all is as they want it.

    Raises:
        CannotFixError: a value comes from elsewhere, or is not known.
    """
    found: list[Change] = []
    for step in steps:
        container = _head(resource, item, step)
        shape = None
        if step.head == "object" and resource.platform == "terraform" and resource.mode == "managed":
            shape = shape_of(resource.type)
        found += _below(resource, container, step.path, step, shape)
    return found


def _head(resource: Resource, item: Any, step: Step) -> Map:
    head: Any = resource.body
    if step.head == "item":
        head = item
    elif step.head == "pod":
        head = resource.workload.pod if resource.workload is not None else None
    if not isinstance(head, Map):
        raise CannotFixError("it is not known where it is written")
    return head


def _below(
    resource: Resource, container: Map, path: tuple[str, ...], step: Step, shape: Shape | None
) -> list[Change]:
    _at_home(resource, container)
    key, *rest = path
    inner = _known(resource, key, rest, shape)
    present = dict.__contains__(container, key)
    value = container.get(key) if present else None
    if not rest:
        return _leaf(container, key, present, value, step)
    if not present:
        if inner is not None and inner.kind == "object":
            raise CannotFixError(f"`{key}` is an object that is not written")
        return [] if step.op == "remove" else [Change("insert", container, key, _tree(tuple(rest), step))]
    if value is None:
        if _is_hcl(container):
            raise CannotFixError(f"`{key}` is null")
        return [] if step.op == "remove" else [Change("fill", container, key, _tree(tuple(rest), step))]
    if isinstance(value, Map):
        return _below(resource, value, tuple(rest), step, inner)
    if isinstance(value, List) and value and all(isinstance(one, Map) for one in value):
        found: dict[Span | None, list[Change]] = {}
        for one in value:  # the blocks that a `dynamic` block makes are written once
            if one.span not in found:
                found[one.span] = _below(resource, one, tuple(rest), step, inner)
        return [change for several in found.values() for change in several]
    raise _other(container, key, value)


def _known(resource: Resource, key: str, rest: list[str], shape: Shape | None) -> Shape | None:
    """The shape of an argument, as far as the schema of its provider is at hand.

    Raises:
        CannotFixError: there is no such argument.
    """
    if shape is None or shape.kind in ("any", "names") or (not shape.fields and rest):
        return None
    inner = shape.fields.get(key)
    if inner is None:
        raise CannotFixError(f"{resource.type} has no argument `{key}`")
    return inner


def _tree(path: tuple[str, ...], step: Step) -> Any:
    value = step.value if step.op == "set" else _items(step)
    for key in reversed(path):
        value = {key: value}
    return value


def _items(step: Step) -> list[Any]:
    return step.value if isinstance(step.value, list) else [step.value]


def _leaf(container: Map, key: str, present: bool, value: Any, step: Step) -> list[Change]:
    if step.op == "remove":
        if not present:
            return []
        _own_literal(container, key, value, anything=True)
        return [Change("remove", container, key)]
    if not present:
        wanted = step.value if step.op == "set" else _items(step)
        return [] if step.op == "append" and not wanted else [Change("insert", container, key, wanted)]
    if step.op == "append":
        if value is None and not _is_hcl(container):
            return [Change("fill", container, key, _items(step))]
        if not isinstance(value, List):
            raise _other(container, key, value)
        missing = [one for one in _items(step) if one not in value]
        _own_literal(container, key, value, anything=False)
        return [Change("append", container, key, missing)] if missing else []
    if value == step.value and type(value) is type(step.value):
        return []
    _own_literal(container, key, value, anything=False)
    return [Change("replace", container, key, step.value)]


def _own_literal(container: Map, key: str, value: Any, anything: bool) -> None:
    """Refuse to touch what is decided elsewhere; `anything` may be written where only its place matters.

    Raises:
        CannotFixError: the value comes from elsewhere.
    """
    if not _is_hcl(container):
        if isinstance(value, Unknown):
            raise CannotFixError(f"`{key}` {value.reason}")
        return
    from readiness.fixes.in_hcl import literal

    if not anything and not literal(container, key):
        raise ElsewhereError(_elsewhere(container, key) or f"`{key}` is worked out by an expression")


def _other(container: Map, key: str, value: Any) -> CannotFixError:
    """Why a value of another kind than is wanted is left alone."""
    told = _elsewhere(container, key)
    return CannotFixError(f"`{key}` is {_kind(value)}") if told is None else ElsewhereError(told)


def _elsewhere(container: Map, key: str) -> str | None:
    """What says where a value comes from, for one that is not written where it is used."""
    for what, span in explain(container, key):
        return f"`{key}` is decided by {what} at {span.path}:{span.line}, which a fix leaves alone"
    return None


def _is_hcl(container: Map) -> bool:
    return container.origin is not None


def _at_home(resource: Resource, container: Map) -> None:
    """A mapping has to be written in the resource.

    Raises:
        CannotFixError: it is written elsewhere, or nobody knows where.
    """
    span, outer = container.span, resource.span
    if span is None:
        raise CannotFixError("it is not known where it is written")
    inside = span.path == outer.path and outer.line <= span.line and span.end_line <= outer.end_line
    if not inside:
        raise ElsewhereError(f"it is written in {span.path}:{span.line}, which a fix leaves alone")


def _kind(value: Any) -> str:
    if isinstance(value, Unknown):
        return f"not known: {value.reason}"
    if isinstance(value, list):
        return "a list"
    return "a mapping" if isinstance(value, dict) else "a single value"
