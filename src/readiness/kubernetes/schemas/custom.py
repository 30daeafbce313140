"""The schemas of custom kinds, from the CustomResourceDefinitions that are among the manifests.

Facts: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/ .
A structural schema drops fields that it does not name, and `kubectl` and server-side validation refuse them.
What cannot be understood for certain (a part that is unknown, `not`, expressions) allows anything.
"""

from __future__ import annotations

from typing import Any

from readiness.kubernetes.schemas.model import Node, Rules
from readiness.kubernetes.schemas.store import Release, leaf
from readiness.values import Unknown

_TYPES = {"string": "text", "boolean": "boolean", "number": "number", "integer": "int64"}
_FORMATS = {"int32": "int32", "date-time": "time", "byte": "base64"}
_SIMPLE: dict[str, frozenset[type]] = {
    "text": frozenset({str}),
    "boolean": frozenset({bool}),
    "number": frozenset({int, float}),
    "int64": frozenset({int}),
    "any": frozenset({str, int, float, bool, dict, list}),
}


class Definition:
    """One CustomResourceDefinition; schemas of its versions are made when they are first needed."""

    def __init__(self, body: dict[str, Any]) -> None:
        spec = _mapping(body.get("spec"))
        names = _mapping(spec.get("names"))
        self.group = spec.get("group")
        self.kind = names.get("kind")
        self.plural = names.get("plural")
        self._open = spec.get("preserveUnknownFields") is True
        versions = spec.get("versions")
        listed = versions if isinstance(versions, list) else []
        # `apiextensions.k8s.io/v1beta1` keeps unknown fields and has its schema elsewhere.
        self.readable = body.get("apiVersion") == "apiextensions.k8s.io/v1" and all(
            isinstance(version, dict) and isinstance(version.get("name"), str) for version in listed
        )
        self.versions: dict[str, dict[str, Any]] = (
            {version["name"]: version for version in listed} if self.readable else {}
        )
        self._nodes: dict[str, Node | None] = {}

    def served(self) -> list[str]:
        """The versions that are served, or may be."""
        return [name for name, version in self.versions.items() if version.get("served") is not False]

    def node(self, version: str, release: Release) -> Node | None:
        """The schema of a version, None where the definition has none that can be understood."""
        if version not in self._nodes:
            schema = _mapping(self.versions[version].get("schema")).get("openAPIV3Schema")
            self._nodes[version] = (
                _root(schema, release, self._open) if isinstance(schema, dict) and schema else None
            )
        return self._nodes[version]


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _root(schema: dict[str, Any], release: Release, open_: bool) -> Node | None:
    node = _node(schema, open_)
    if node.kind != "map":
        return None
    _embed(node, release)
    # The status is not read from what is applied.
    node.fields["status"] = leaf("*")
    node.required = tuple(name for name in node.required if name not in ("status", "metadata"))
    _complete(node, release, set())
    return node


def _embed(node: Node, release: Release) -> None:
    """What every object has beside the fields of its schema."""
    node.fields.update(
        apiVersion=leaf("s"), kind=leaf("s"), metadata=release.definition("meta.v1.ObjectMeta")
    )


def _complete(node: Node, release: Release, seen: set[int]) -> None:
    """Give embedded objects their metadata; `_node` marks them with an empty node."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if node.fields.get("metadata") is _EMBEDDED:
        _embed(node, release)
    for child in (*node.fields.values(), *([] if node.items is None else [node.items])):
        _complete(child, release, seen)


_EMBEDDED = Node("any")


def _node(schema: Any, open_: bool, depth: int = 0) -> Node:
    """The schema of a value; `open_` keeps unknown fields everywhere below."""
    if not isinstance(schema, dict) or depth > 100 or any(isinstance(v, Unknown) for v in schema.values()):
        return leaf("*")
    type_ = schema.get("type")
    if schema.get("x-kubernetes-int-or-string") is True:
        node = Node("int-or-text")
    elif type_ == "object":
        node = _object(schema, open_, depth)
    elif type_ == "array":
        node = Node("list", items=_node(schema.get("items"), open_, depth + 1), keys=_keys(schema))
    else:
        kind = _TYPES.get(type_, "any") if isinstance(type_, str) else "any"
        form = _FORMATS.get(str(schema.get("format")), "")
        if (kind == "int64" and form == "int32") or (kind == "text" and form in ("time", "base64")):
            kind = form
        node = Node(kind, simple=_SIMPLE.get(kind, frozenset()))
    node.nullable = schema.get("nullable") is True
    node.default = schema.get("default")
    node.rules = _rules(schema)
    return node


def _object(schema: dict[str, Any], open_: bool, depth: int) -> Node:
    properties = schema.get("properties")
    node = Node("map", open=open_ or schema.get("x-kubernetes-preserve-unknown-fields") is True)
    if properties is not None and not isinstance(properties, dict):
        node.open = True  # it is wrong itself, so it refuses nothing
    node.fields = {name: _node(inner, open_, depth + 1) for name, inner in _mapping(properties).items()}
    additional = schema.get("additionalProperties")
    if isinstance(additional, dict) and additional:
        node.items = _node(additional, open_, depth + 1)
    elif additional is not None and additional is not False:
        node.open = True
    required = schema.get("required")
    if isinstance(required, list):
        # A field that is required and not described cannot be judged.
        node.required = tuple(name for name in required if isinstance(name, str) and name in node.fields)
    if schema.get("x-kubernetes-embedded-resource") is True:
        node.fields["metadata"] = _EMBEDDED
    return node


def _keys(schema: dict[str, Any]) -> tuple[str, ...]:
    keys = schema.get("x-kubernetes-list-map-keys")
    if schema.get("x-kubernetes-list-type") != "map" or not isinstance(keys, list):
        return ()
    return tuple(key for key in keys if isinstance(key, str))


def _rules(schema: dict[str, Any]) -> Rules | None:
    enum, pattern = schema.get("enum"), schema.get("pattern")
    branches, exactly = _branches(schema)
    rules = Rules(
        enum=tuple(enum) if isinstance(enum, list) else None,
        pattern=pattern if isinstance(pattern, str) else None,
        lowest=_bound(schema, "minimum", "exclusiveMinimum"),
        highest=_bound(schema, "maximum", "exclusiveMaximum"),
        shortest=_size(schema, "minLength", "minItems", "minProperties"),
        longest=_size(schema, "maxLength", "maxItems", "maxProperties"),
        branches=branches,
        exactly=exactly,
    )
    return None if rules == Rules() else rules


def _bound(schema: dict[str, Any], name: str, exclusive: str) -> tuple[float, bool] | None:
    value = schema.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    return float(value), schema.get(exclusive) is not True


def _size(schema: dict[str, Any], *names: str) -> int | None:
    return next((schema[name] for name in names if isinstance(schema.get(name), int)), None)


def _branches(schema: dict[str, Any]) -> tuple[tuple[tuple[str, ...], ...], bool]:
    """The lists of fields of which one must be there, where `oneOf` or `anyOf` say that and no more."""
    properties = _mapping(schema.get("properties"))
    for word in ("oneOf", "anyOf"):
        listed = schema.get(word)
        if not isinstance(listed, list):
            continue
        found = [branch.get("required") for branch in listed if isinstance(branch, dict) and len(branch) == 1]
        names = [tuple(names) for names in found if isinstance(names, list)]
        if len(names) != len(listed):
            continue
        fields = {name for branch in names for name in branch}
        # What has a default is there always.
        if all(_mapping(properties.get(name)).get("default") is None for name in fields):
            return tuple(names), word == "oneOf"
    return (), False
