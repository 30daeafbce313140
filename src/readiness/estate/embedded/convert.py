"""Blocks of the provider `hashicorp/kubernetes` → the object that it sends to the cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from readiness.estate.embedded import names
from readiness.estate.embedded.defaults import complete
from readiness.estate.embedded.origin import RenamedOrigin
from readiness.terraform.convert import EvaluationError, to_text
from readiness.terraform.origins import BlockOrigin
from readiness.values import List, Map, Span, Unknown, take_spans


def manifest_of(type_: str, body: Map) -> Map | None:
    """The object that a `kubernetes_…` resource declares, with the spans of its blocks.

    Blocks become objects or lists, names and types those of Kubernetes; what is null or empty is
    left out, as the provider does; its defaults that say something else than those of Kubernetes
    are there.  None for a type that declares no object.
    """
    found = names.object_of(type_)
    if found is None:
        return None
    api_version, kind = found
    root = _object(body, "", names.ROOT)
    result = Map({"apiVersion": api_version, "kind": kind}, root.span, origin=root.origin)
    result.update(root)
    result.key_spans.update(root.key_spans)
    result.value_spans.update(root.value_spans)
    complete(result, type_)
    return result


def _object(source: Map, parent: str, wanted: frozenset[str] | None = None) -> Map:
    result = Map((), source.span)
    arguments: dict[str, str] = {}
    if isinstance(source.origin, BlockOrigin):
        result.origin = RenamedOrigin(source.origin, arguments)
    for key, value in source.items():
        if wanted is not None and key not in wanted:
            continue
        if (parent, key) in names.MERGED:
            _merge(result, value)
            continue
        name, made = _field(parent, key, value, source.value_spans.get(key))
        if made is not None:
            _put(result, source, key, name, made)
            arguments[name] = key
    return result


def _put(result: Map, source: Map, key: str, name: str, value: Any) -> None:
    result[name] = value
    take_spans(result, name, source, key)


def _merge(result: Map, value: Any) -> None:
    """Add what stands in a block that Kubernetes does not have to the object around it."""
    for block in value if isinstance(value, list) else [value]:
        if isinstance(block, Map):
            inner = _object(block, "")
            result.update(inner)
            result.key_spans.update(inner.key_spans)
            result.value_spans.update(inner.value_spans)


def _field(parent: str, key: str, value: Any, span: Span | None) -> tuple[str, Any]:
    """The name and value of a field; None as the value of one that is not sent."""
    listed = names.list_name(parent, key)
    if isinstance(value, list):
        if not value:
            return key, None
        if _is_blocks(parent, key, value):
            if listed is None:
                return names.camel(key), _single(value, parent, key)
            return listed, _blocks(value, key)
        return names.camel(key), _scalars(parent, key, value)
    if isinstance(value, Map):
        if key in names.SINGLE_BLOCKS:
            return names.camel(key), _object(value, key, names.METADATA if key == "metadata" else None)
        return names.camel(key), texts(value) or None
    if isinstance(value, Unknown):
        whole = None if key in names.ALSO_ARGUMENTS else listed
        return whole or names.camel(key), value
    return names.camel(key), _scalar(parent, key, value)


def _is_blocks(parent: str, key: str, value: list[Any]) -> bool:
    if any(isinstance(item, Map) for item in value):
        return True
    scalars = key in names.LISTS_OF_SCALARS or (parent, key) == ("rule", "resources")
    return not scalars and all(isinstance(item, Unknown) for item in value)


def _single(blocks: list[Any], parent: str, key: str) -> Any:
    """The object of a block of which there is one; unknown where it may be another."""
    unknown = next((item for item in blocks if isinstance(item, Unknown)), None)
    if unknown is not None:
        return unknown
    block = blocks[0]
    if isinstance(block, Map) and block and names.is_map(parent, key, block):
        return texts(block)
    return _object(block, key, names.METADATA if key == "metadata" else None) if block is not None else Map()


def _blocks(blocks: list[Any], key: str) -> List:
    spans = blocks.item_spans if isinstance(blocks, List) else []
    result = List([], blocks.span if isinstance(blocks, List) else None)
    for index, block in enumerate(blocks):
        for made in _sources(block) if key == "sources" else [_block(block, key)]:
            result.append(made)
            if spans:
                result.item_spans.append(spans[index])
    return result


def _block(block: Any, key: str) -> Any:
    if isinstance(block, Map):
        return _object(block, key)
    return block if isinstance(block, Unknown) else Map()


def _sources(block: Any) -> Iterator[Any]:
    """One source of a projected volume for each block in a `sources` block."""
    if not isinstance(block, Map):
        yield _block(block, "sources")
        return
    for key, value in block.items():
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            if item is None:
                continue
            inner = _block(item, key)
            source = Map((), span=inner.span if isinstance(inner, Map) else block.span)
            _put(source, block, key, names.camel(key), inner)
            if isinstance(value, List) and value.span_of(index) is not None:
                source.value_spans[names.camel(key)] = value.item_spans[index]
            yield source


def _scalars(parent: str, key: str, value: list[Any]) -> List:
    """A list of scalars; `resources` of a rule and the like hold text, exit codes do not."""
    if names.is_text(parent, key):
        items: list[Any] = [_text(item) for item in value]
    else:
        items = list(value)
    return List(items, getattr(value, "span", None), list(getattr(value, "item_spans", ())))


def _scalar(parent: str, key: str, value: Any) -> Any:
    if value is None or value == "" or (key in names.POSITIVE and value == 0 and value is not False):
        return None
    if key in names.OCTAL and not isinstance(value, bool):
        return _number(_text(value), 8)
    if key in names.INTEGERS and isinstance(value, str):
        return _number(value, 10)
    if key in names.BOOLEANS and value in ("true", "false"):
        return value == "true"
    if names.is_text(parent, key):
        return _text(value)
    return value


def _number(text: Any, base: int) -> Any:
    try:
        return int(text, base)
    except (TypeError, ValueError):
        return text


def _text(value: Any) -> Any:
    try:
        return to_text(value)
    except EvaluationError:
        return value


def texts(value: Map) -> Map:
    """A map of texts, with its spans: Terraform converts what is no text, and leaves out what is null."""
    if all(isinstance(item, (str, Unknown)) for item in value.values()):
        return value
    items = {key: _text(item) for key, item in value.items() if item is not None}
    return Map(items, value.span, value.key_spans, value.value_spans, value.origin)
