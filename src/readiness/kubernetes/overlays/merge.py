"""Strategic merge patches, as `kyaml/yaml/merge2` and `kyaml/yaml/walk` of Kustomize 5.5 apply them.

Mappings merge, null removes, lists of known kinds merge by their keys with the items of the patch first, and
every other list is replaced.  What comes from the patch has its place there.
"""

from __future__ import annotations

from operator import is_
from typing import Any

from readiness.kubernetes.overlays.edit import copied, item_spans, listed, place_of, put, without
from readiness.kubernetes.overlays.merge_keyed import Item, TooLongError, merge_keyed
from readiness.kubernetes.overlays.model import text_of
from readiness.kubernetes.overlays.schema import Merging, Schema
from readiness.values import List, Map, Span, Unknown

REMOVED: Any = ()
"""What a merge gives that leaves nothing."""

_DIRECTIVE = "$patch"
# What tells an object or an item apart is written again in a patch: it stays where it was.
_IDENTITY = frozenset(
    {
        "apiVersion",
        "containerPort",
        "devicePath",
        "ip",
        "kind",
        "mountPath",
        "name",
        "namespace",
        "port",
        "protocol",
    }
    | {"topologyKey", "uid", "whenUnsatisfiable"}
)


class MergeError(Exception):
    """A patch that does not fit; `span` is the place in the patch."""

    def __init__(self, message: str, span: Span | None) -> None:
        super().__init__(message)
        self.span = span


def merge(target: Map, patch: Map, schema: Schema) -> Map | None:
    """An object with a patch applied; None where the patch deletes it.

    Raises:
        MergeError: a value of the patch is of another kind than the one it is for.
    """
    result = _Merge(schema).maps(target, patch, "")
    return result if isinstance(result, Map) else None


class _Merge:
    def __init__(self, schema: Schema) -> None:
        self.schema = schema

    def maps(self, target: Map, patch: Map, type_: str) -> Any:
        directive = self._directive(patch)
        if directive == "delete":
            return REMOVED
        type_ = type_ or self.schema.of_object(target) or self.schema.of_object(patch)
        if directive == "replace":
            return self.added(without(patch, _DIRECTIVE), type_)
        fields = self.schema.fields(type_)
        result: Map | None = None
        for key, value in patch.items():
            if key == _DIRECTIVE and directive:
                continue
            old = target.get(key)
            type_of_field = fields.get(key, "")
            if old is None:
                new = REMOVED if value is None else self.added(value, type_of_field)
            else:
                new = self.values(old, value, type_of_field, patch, key)
            if new is REMOVED and key not in target:
                continue
            # A plain value that the patch writes again is one that has to be changed there.
            if new is old and (isinstance(old, (Map, List, Unknown)) or key in _IDENTITY):
                continue
            result = copied(target) if result is None else result
            if new is REMOVED:
                del result[key]
                result.key_spans.pop(key, None)
                result.value_spans.pop(key, None)
            else:
                self._put(result, key, new, patch, merged=isinstance(old, (Map, List)) and old is not None)
        result = target if result is None else result
        for key, inner in fields.items():
            if key not in patch and isinstance(result.get(key), (Map, List)):
                new = self.settled(result[key], inner)
                if new is not result[key]:
                    result = put(result, key, new, None)
        return result

    def _put(self, result: Map, key: str, value: Any, patch: Map, merged: bool) -> None:
        result[key] = value
        # A collection that merged stays where it was; its entries know where they come from.
        if (
            merged
            and isinstance(value, (Map, List))
            and value is not patch.get(key)
            and key in result.key_spans
        ):
            return
        place = place_of(patch, key)
        for spans, span in ((result.key_spans, place.key), (result.value_spans, place.value)):
            if span is not None:
                spans[key] = span

    def values(self, old: Any, new: Any, type_: str | Merging, patch: Map, key: str) -> Any:
        if new is None:
            return REMOVED
        if isinstance(old, Unknown) or isinstance(new, Unknown):
            return old if isinstance(old, Unknown) and isinstance(new, (Map, List)) else new
        if isinstance(old, Map) and isinstance(new, Map):
            return self.maps(old, new, type_ if isinstance(type_, str) else "")
        if isinstance(old, List) and isinstance(new, List):
            return self.lists(old, new, type_)
        if isinstance(old, (Map, List)) or isinstance(new, (Map, List)):
            message = (
                f"`{key}` is {_named(new)} in this patch and {_named(old)} in the object that it patches"
            )
            raise MergeError(message, patch.span_of(key) or patch.span)
        if key in _IDENTITY and type(old) is type(new) and old == new:
            return old
        return new

    def added(self, value: Any, type_: str | Merging) -> Any:
        """A value of a patch where nothing is yet: without nulls and directives."""
        if isinstance(value, Map):
            return self._added_map(value, type_ if isinstance(type_, str) else "")
        if isinstance(value, List) and isinstance(type_, Merging):
            return self._keyed(value, value, type_, alone=True) if type_.keys else _primitives(List(), value)
        return value

    def _added_map(self, value: Map, type_: str) -> Any:
        directive = self._directive(value)
        if directive == "delete":
            return REMOVED
        if directive:
            value = without(value, _DIRECTIVE)
        fields = self.schema.fields(type_ or self.schema.of_object(value))
        result = value
        for key, item in value.items():
            new = REMOVED if item is None else self.added(item, fields.get(key, ""))
            if new is REMOVED:
                result = without(result, key)
            elif new is not item:
                result = put(result, key, new, None)
        return result

    def lists(self, old: List, new: List, type_: str | Merging) -> Any:
        if not isinstance(type_, Merging):
            return new
        directive, rest = self._list_directive(new)
        if directive == "delete":
            return REMOVED
        if directive == "replace":
            return self.added(rest, type_)
        if not type_.keys:
            return _primitives(old, rest)
        return self._keyed(old, rest, type_)

    def _keyed(self, old: List, new: List, type_: Merging, alone: bool = False) -> List:
        """Two lists merged by keys; with `alone` the list of a patch where there was none."""

        def combined(first: Any, second: Any) -> tuple[Any, bool]:
            """The merge of two items, and whether it is the first one, changed."""
            if isinstance(second, Map) and (alone or not isinstance(first, Map)):
                return self._added_map(second, type_.item), alone
            if isinstance(first, Map) and isinstance(second, Map):
                replaced = self._directive(second) == "replace"
                return self.maps(first, second, type_.item), not replaced
            if second is None:
                return self.settled(first, type_.item), True
            return second, False

        after = [Item(*pair) for pair in zip(new, item_spans(new), strict=True)]
        before = after if alone else [Item(*pair) for pair in zip(old, item_spans(old), strict=True)]
        try:
            merged = merge_keyed(before, after, type_.keys, combined, REMOVED)
        except TooLongError:
            raise MergeError(
                "this list is too long to be merged: items repeat or lack a key", new.span
            ) from None
        if len(merged) == len(old) and all(
            item.value is value for item, value in zip(merged, old, strict=True)
        ):
            return old
        return listed([item.value for item in merged], [item.span for item in merged], old)

    def settled(self, value: Any, type_: str | Merging) -> Any:
        """A value that a patch does not mention: Kustomize goes through its lists nevertheless."""
        if isinstance(value, List) and isinstance(type_, Merging):
            return self._keyed(value, List(), type_) if type_.keys else _primitives(value, List())
        if not isinstance(value, Map) or not isinstance(type_, str):
            return value
        result = value
        for key, inner in self.schema.fields(type_).items():
            if isinstance(value.get(key), (Map, List)):
                new = self.settled(value[key], inner)
                if new is not value[key]:
                    result = put(result, key, new, None)
        return result

    def _directive(self, patch: Map) -> str:
        """What a patch says is to be done with the mapping; empty where it says nothing."""
        if patch.get(_DIRECTIVE) is None:
            return ""
        text = text_of(patch[_DIRECTIVE])
        if text not in ("delete", "merge", "replace"):
            message = f"`$patch` is `delete`, `merge` or `replace`, not `{text}`"
            raise MergeError(message, patch.span_of(_DIRECTIVE))
        return text

    def _list_directive(self, patch: List) -> tuple[str, List]:
        """What a patch says is to be done with a list, and the list without that."""
        for index, item in enumerate(patch):
            if isinstance(item, Map) and _DIRECTIVE in item:
                if len(item) > 1:
                    return "", patch
                spans = item_spans(patch)
                rest = listed(
                    [*patch[:index], *patch[index + 1 :]], [*spans[:index], *spans[index + 1 :]], patch
                )
                return self._directive(item), rest
        return "", patch


def _primitives(old: List, new: List) -> List:
    """The plain values of two lists, those of the patch first, each once."""
    seen: set[str] = set()
    values: list[Any] = []
    spans: list[Span | None] = []
    for items in (new, old):
        for item, span in zip(items, item_spans(items), strict=True):
            text = text_of(item)
            if text not in seen or isinstance(item, (Map, List, Unknown)):
                seen.add(text)
                values.append(item)
                spans.append(span)
    unchanged = len(values) == len(old) and all(map(is_, values, old))
    return old if unchanged else listed(values, spans, old)


def _named(value: Any) -> str:
    if isinstance(value, Map):
        return "a mapping"
    return "a list" if isinstance(value, List) else "a plain value"
