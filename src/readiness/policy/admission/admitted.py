"""An object as the API server shows it to a policy: decoded, with its defaults, as it is created."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from readiness.kubernetes.kinds import group_of, is_built_in, is_cluster_scoped, type_name
from readiness.kubernetes.schemas.custom import Definition
from readiness.kubernetes.schemas.model import Node
from readiness.kubernetes.schemas.store import Release
from readiness.policy.admission.defaults import (
    CHOSEN,
    COVERED,
    DYNAMIC,
    EMPTY,
    IDENTITY,
    STATIC,
    chosen,
    own_kind,
)
from readiness.policy.cel.errors import CelError
from readiness.policy.cel.functions.quantity import Quantity, to_quantity
from readiness.policy.cel.types import NANOS
from readiness.values import List, Map, OpenMap, Unknown, like

Definitions = Mapping[tuple[str, str], list[Definition]]

_DROPPED = object()
_BINARY = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


class Admission:
    """Makes objects of one estate what a policy sees."""

    def __init__(self, release: Release, definitions: Definitions) -> None:
        self.release = release
        self.definitions = definitions
        self._names: dict[int, str] = {}
        self._known: dict[int, tuple[Map, Map]] = {}
        for name in {*STATIC, *CHOSEN, *EMPTY, *DYNAMIC, "meta.v1.ObjectMeta"}:
            try:
                self._names[id(release.definition(name))] = name
            except (KeyError, StopIteration):
                continue  # this release does not have it

    def admitted(self, body: Map) -> Map:
        """The object that a policy sees for a manifest; the places of what is written stay."""
        known = self._known.get(id(body))
        if known is None:
            known = self._known[id(body)] = (body, self._admitted(body))
        return known[1]

    def _admitted(self, body: Map) -> Map:
        api_version, kind = str(body.get("apiVersion")), str(body.get("kind"))
        group = group_of(api_version)
        node = self.release.kind(api_version, kind)
        if node is not None:
            result = self._map(body, node)
            if kind not in COVERED:
                result = _opened(result, f"the defaults of {kind} are not at hand")
        else:
            result = self._custom(body, group, kind, api_version)
        metadata = result.get("metadata")
        if isinstance(metadata, Map):
            result["metadata"] = self._metadata(metadata, type_name(group, kind))
        if node is not None:
            own_kind(result)
        return result

    def _custom(self, body: Map, group: str, kind: str, api_version: str) -> Map:
        found = self.definitions.get((group, kind), [])
        node = None
        if len(found) == 1 and found[0].readable and api_version.rpartition("/")[2] in found[0].versions:
            node = found[0].node(api_version.rpartition("/")[2], self.release)
        if node is not None:
            return self._map(body, node)
        result = like(body, {key: value for key, value in body.items() if value is not None})
        meta = body.get("metadata")
        if isinstance(meta, Map):
            result["metadata"] = self._map(meta, self.release.definition("meta.v1.ObjectMeta"))
        what = "are not those of the chosen release" if is_built_in(group) else "has no definition here"
        why = f"what {kind} of {api_version} leaves out may have a default: it {what}"
        return _opened(result, why)

    def _metadata(self, metadata: Map, type_: str) -> Map:
        result: Map = like(metadata, dict(metadata))
        if result.get("name") is None and result.get("generateName") is not None:
            result["name"] = Unknown("the cluster completes `generateName`", ("metadata.name",))
        for key in IDENTITY:
            result.setdefault(key, chosen(key))
        if "namespace" not in result and not is_cluster_scoped(type_):
            reason = "the namespace is not written: it is chosen when this is applied"
            result["namespace"] = Unknown(reason, ("metadata.namespace",), not_null=True)
        return result

    def _map(self, value: Map, node: Node) -> Map:
        name = self._names.get(id(node), "")
        items: dict[str, Any] = {}
        for key, item in value.items():
            inner = node.fields.get(key) or node.items
            made = self._value(item, inner, key in node.required)
            if made is not _DROPPED and not (key in EMPTY.get(name, ()) and made in (False, 0, "")):
                items[key] = made
        result: Map = like(value, items)
        for key, default in STATIC.get(name, {}).items():
            inner = node.fields.get(key)
            if inner is not None and (key not in result or (default and result[key] == "")):
                made = without_places(default)
                result[key] = self._map(made, inner) if isinstance(made, Map) else made
        for key, inner in node.fields.items():
            if key not in result and inner.default is not None and not name:
                result[key] = self._value(without_places(inner.default), inner, True)
        if name in DYNAMIC:
            DYNAMIC[name](result)
        for key in CHOSEN.get(name, ()):
            if key in node.fields and key not in result:
                result[key] = chosen(key)
        return result

    def _value(self, value: Any, node: Node | None, needed: bool) -> Any:
        """What a value becomes; `_DROPPED` where it is not written."""
        if value is None:
            return _DROPPED if node is not None else None
        if node is None or isinstance(value, Unknown):
            return value
        if isinstance(value, Map) and node.kind in ("map", "map-or-any"):
            if not value and not node.fields and not node.open and not needed:
                return _DROPPED
            return self._map(value, node)
        if isinstance(value, List) and node.kind == "list":
            if not value and not needed:
                return _DROPPED
            made = [self._value(item, node.items, True) for item in value]
            return like(value, [None if item is _DROPPED else item for item in made])
        if node.kind == "quantity":
            return _quantity(value)
        return value


def _quantity(value: Any) -> Any:
    """A quantity as the server writes it, however it is written: `0.5` is `500m`, `1024Mi` is `1Gi`.

    Source: `CanonicalizeBytes` in `api/resource/quantity.go` of https://github.com/kubernetes/apimachinery.
    """
    try:
        amount = to_quantity(value)
    except CelError:
        return value
    if isinstance(value, str) and re.search(r"[eE][+-]?[0-9]+$", value):
        return value  # the exponent stays as it is
    if not amount.text.endswith("i") or abs(amount.key) < 1024 * NANOS:
        return Quantity(amount.key).text
    whole, power = -(-amount.key // NANOS), 0
    while whole % 1024 == 0 and power < len(_BINARY):
        whole, power = whole // 1024, power + 1
    return f"{whole}{_BINARY[power - 1]}" if power else str(whole)


def without_places(value: Any) -> Any:
    """Plain data, or a value with places, as one of the estate without places."""
    if isinstance(value, OpenMap):
        return value  # what it has is not known
    if isinstance(value, dict):
        return Map({key: without_places(item) for key, item in value.items()})
    return List([without_places(item) for item in value]) if isinstance(value, list) else value


def _opened(body: Map, why: str) -> Map:
    """An object whose mappings may have more than is written, but for its metadata."""
    result: Map = _open(body, Unknown(why), frozenset({"metadata"}))
    return result


def _open(value: Any, rest: Unknown, but: frozenset[str] = frozenset()) -> Any:
    if isinstance(value, List):
        return like(value, [_open(item, rest) for item in value])
    if not isinstance(value, Map):
        return value
    items = {key: item if key in but else _open(item, rest) for key, item in value.items()}
    return OpenMap(items, value.span, value.key_spans, value.value_spans, value.origin, rest)
