"""What the tables of references have in common: the mention of another object, and ways to read one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from readiness.estate.model import Resource
from readiness.kubernetes.kinds import group_of, is_cluster_scoped, type_name
from readiness.values import Map, Unknown, dig, take_spans

DEFAULT_NAMESPACE = "default"


class Reference(NamedTuple):
    """A mention of another object; `namespace` is empty for one that has none.

    `holder[key]` is where the name is written.  `optional` is true where the object may be absent.
    `entries` are the keys of a ConfigMap or Secret that are asked for, each as the mapping and key that
    hold its name.
    """

    via: str
    type: str
    namespace: Any  # str | Unknown
    name: Any  # str | Unknown
    holder: Map | None = None
    key: str = "name"
    optional: bool = False
    entries: tuple[tuple[Map, str], ...] = ()


Found = Iterator[Reference]
Finder = Callable[[Map, Map, str], Found]
"""Body, spec and namespace of an object → what it mentions."""


def namespace_of(resource: Resource) -> str:
    """The namespace an object lands in when nobody says otherwise; empty if its kind has none."""
    if is_cluster_scoped(resource.type):
        return ""
    return resource.namespace or DEFAULT_NAMESPACE


def inner(value: Any, *keys: str) -> Map:
    """The mapping below a chain of keys; an empty one where there is none."""
    found = dig(value, *keys)
    return found if isinstance(found, Map) else Map()


def first(*values: Any) -> Any:
    """The first value that is there; an unknown may be, and what comes after it is never taken."""
    return next((value for value in values if value is not None and value != ""), None)


def named(
    via: str,
    type_: str,
    namespace: Any,
    holder: Any,
    key: str = "name",
    optional: bool = False,
    entries: tuple[tuple[Map, str], ...] = (),
) -> Found:
    """The mention of an object whose name is `holder[key]`; nothing where no name is written."""
    if isinstance(holder, Map):
        name = holder.get(key)
        if (isinstance(name, str) and name) or isinstance(name, Unknown):
            yield Reference(via, type_, namespace, name, holder, key, optional, entries)


def namespace_in(reference: Any, default: Any) -> Any:
    """The namespace that a reference names, else its own."""
    namespace = reference.get("namespace") if isinstance(reference, Map) else None
    return (
        namespace if isinstance(namespace, Unknown) or (isinstance(namespace, str) and namespace) else default
    )


def typed(
    via: str, reference: Any, namespace: Any, version: str, kind: str | None, elsewhere: bool = False
) -> Found:
    """A reference with `apiVersion`, `kind` and `name`, and the defaults of the first two.

    `elsewhere`: it may name a namespace.
    """
    if not isinstance(reference, Map):
        return
    wanted = first(reference.get("kind"), kind)
    written = first(reference.get("apiVersion"), version)
    if isinstance(wanted, str) and isinstance(written, str):
        yield from of_group(via, reference, namespace, group_of(written), wanted, elsewhere)


def grouped(
    via: str, reference: Any, namespace: Any, group: str, kind: str | None, elsewhere: bool = False
) -> Found:
    """A reference with `group`, `kind` and `name`, and the defaults of the first two."""
    if not isinstance(reference, Map):
        return
    wanted = first(reference.get("kind"), kind)
    # An empty group is written for the core group.
    written = reference.get("group", group)
    if isinstance(wanted, str) and isinstance(written, str):
        yield from of_group(via, reference, namespace, written, wanted, elsewhere)


def of_group(via: str, reference: Map, namespace: Any, group: str, kind: str, elsewhere: bool) -> Found:
    """A reference whose group and kind are known."""
    type_ = type_name(group, kind)
    place = namespace_in(reference, namespace) if elsewhere else namespace
    yield from named(via, type_, "" if is_cluster_scoped(type_) else place, reference)


def copy_span(target: Map, key: str, source: Map, source_key: str) -> None:
    """Let an entry of `target` point to where an entry of `source` is written."""
    target.span = source.value_spans.get(source_key) or source.span
    take_spans(target, key, source, source_key)
