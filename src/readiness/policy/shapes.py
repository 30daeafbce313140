"""What a value may be by the packaged schemas: of the kinds of Kubernetes and of Terraform's providers."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from readiness.kubernetes.schemas import store as kubernetes
from readiness.kubernetes.schemas.model import Node
from readiness.terraform.provider_schemas import store as terraform
from readiness.terraform.provider_schemas.store import Shape

Schema = Node | Shape

_TERRAFORM_TYPE = re.compile(r"[a-z][a-z0-9]*_[a-z0-9_*]+")
_JOBS = ("Job", "CronJob")
_LONG_RUNNING = ("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController")
_VIEWS = {"workload": _LONG_RUNNING, "pod": (*_LONG_RUNNING, *_JOBS)}
_POD_LISTS = {
    "containers": ("core.v1.Container",),
    "init_containers": ("core.v1.Container",),
    "sidecar_containers": ("core.v1.Container",),
    "ephemeral_containers": ("core.v1.EphemeralContainer",),
    "all_containers": ("core.v1.Container", "core.v1.EphemeralContainer"),
}
_ADDED = {
    # Fields of releases that are older than the packaged schemas:
    # https://kubernetes.io/docs/reference/using-api/deprecation-guide/#horizontalpodautoscaler-v125
    "HorizontalPodAutoscaler": ("spec.metrics.resource.targetAverageUtilization",),
    # What SOPS writes into a manifest that it encrypts: https://getsops.io/docs/
    "Secret": ("sops",),
}


class Value(Struct, frozen=True):
    """What an expression may give.

    `schemas` are those of the types that it may come from; `open` says that it may be something else, of
    which no schema is known; `elements` is what the items of a list are that the expression makes itself.
    """

    schemas: tuple[Schema, ...] = ()
    open: bool = False
    elements: Value | None = None


ANYTHING = Value(open=True)


def either(*values: Value) -> Value:
    """What may be any of several values."""
    elements = [value.elements for value in values if value.elements is not None]
    schemas = {id(schema): schema for value in values for schema in value.schemas}
    return Value(
        tuple(schemas.values()),
        any(value.open for value in values),
        either(*elements) if elements else None,
    )


def list_of(value: Value) -> Value:
    """A list with such items."""
    return Value(elements=value)


def of_types(patterns: Iterable[str]) -> Value:
    """The bodies of resources of some types, globs or views."""
    return either(*(of_type(pattern) for pattern in patterns))


@functools.cache
def of_type(pattern: str) -> Value:
    """The bodies of resources of a type, glob or view; anything where no schema of it is at hand."""
    if pattern in _VIEWS:
        # A view takes custom kinds as well.
        return either(ANYTHING, *(of_type(kind) for kind in _VIEWS[pattern]))
    if _TERRAFORM_TYPE.fullmatch(pattern):
        types = terraform.types_like(pattern) if "*" in pattern else [pattern]
        shapes = [shape for shape in map(terraform.shape_of, types) if shape is not None]
        # A glob takes types of which no schema is at hand.
        return Value(tuple(shapes), open=not shapes or "*" in pattern)
    group, _, kind = pattern.rpartition("/")
    nodes = [
        node
        for version, name in sorted(_kinds())
        if name == kind
        and (not group or version.rpartition("/")[0] == group)
        and (node := _kind(version, name)) is not None
    ]
    return Value(tuple(nodes), open=not nodes)


@functools.cache
def _kinds() -> frozenset[tuple[str, str]]:
    """The API versions and kinds of every release that is at hand."""
    return frozenset(key for release in kubernetes.releases() for key in _release(release).kinds)


def _release(name: str) -> kubernetes.Release:
    return kubernetes.load(kubernetes.minor(name))


def _kind(version: str, kind: str) -> Node | None:
    """The newest schema of a kind, with what objects have beside it."""
    span = kubernetes.served(version, kind)
    node = None if span is None else kubernetes.load(span[1]).kind(version, kind)
    for path in _ADDED.get(kind, ()):
        node = None if node is None else _with(node, path.split("."))
    return node


def _with(node: Node, path: list[str]) -> Node:
    """A schema with a field more; what it leads through is copied, as others use it as well."""
    if node.kind == "list" and node.items is not None:
        return replace(node, items=_with(node.items, path))
    name, *rest = path
    if rest and name not in node.fields:
        return node
    inner = _with(node.fields[name], rest) if rest else kubernetes.leaf("*")
    return replace(node, fields={**node.fields, name: inner})


def pod_spec() -> Value:
    """The variable `pod`."""
    return Value((_release(kubernetes.releases()[-1]).definition("core.v1.PodSpec"),))


def pod_list(name: str) -> Value | None:
    """The variables that are lists of containers, None for every other."""
    definitions = _POD_LISTS.get(name)
    if definitions is None:
        return None
    newest = _release(kubernetes.releases()[-1])
    return list_of(Value(tuple(newest.definition(definition) for definition in definitions)))


def child(schema: Schema, name: str) -> Value | None:
    """What stands under a name in a mapping; None where the schema has nothing there."""
    if isinstance(schema, Shape):
        if schema.kind == "any":
            return ANYTHING
        if schema.kind not in ("object", "either", "names"):
            return None
        inner = schema.fields.get(name)
        return None if inner is None else _value(inner)
    if schema.kind in ("any", "map-or-any") or schema.open:
        return ANYTHING
    if name in schema.fields:
        return _value(schema.fields[name])
    return _value(schema.items) if schema.kind == "map" and schema.items is not None else None


def elements(schema: Schema, keyed: bool = False) -> Value:
    """What the items of a list are, or with `keyed` the values of a mapping."""
    if isinstance(schema, Shape):
        if schema.kind in ("blocks", "either"):
            return Value((Shape("object", schema.fields),))
        return Value((schema,)) if schema.kind == "names" else ANYTHING
    if schema.kind == "list" or keyed:
        return ANYTHING if schema.items is None else _value(schema.items)
    return ANYTHING


def names(schema: Schema) -> list[str]:
    """The names that stand in a mapping, or in the items of a list."""
    if isinstance(schema, Node) and schema.kind == "list" and schema.items is not None:
        return list(schema.items.fields)
    return list(schema.fields)


def is_list(schema: Schema) -> bool:
    """Whether the value is a list of mappings, which have to be taken out of it."""
    if isinstance(schema, Shape):
        return schema.kind == "blocks"
    return schema.kind == "list" and schema.items is not None and bool(schema.items.fields)


def _value(schema: Schema) -> Value:
    anything = schema.kind == "any" if isinstance(schema, Shape) else schema.kind in ("any", "map-or-any")
    return ANYTHING if anything else Value((schema,))
