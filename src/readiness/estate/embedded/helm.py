"""The values that a `helm_release` gives its chart, merged as the provider `hashicorp/helm` does.

Source: https://registry.terraform.io/providers/hashicorp/helm/latest/docs/resources/release; the
order is that of the provider's code (`getValues`): `values`, `set`, `set_list`, `set_sensitive`,
then `set_wo`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readiness.errors import SourceError
from readiness.estate.embedded.documents import Written, documents, written
from readiness.estate.embedded.strvals import StrvalsError, parse_into, typed_value
from readiness.estate.model import Resource
from readiness.sources.hcl import ast
from readiness.terraform.convert import EvaluationError, to_text
from readiness.terraform.origins import BlockOrigin
from readiness.values import List, Map, Span, Unknown, take_spans

KEY = "merged_values"
"""The entry of the body that holds them."""

_HIDDEN = {
    "set_sensitive": "it is set by `set_sensitive`, whose values are not shown",
    "set_wo": "it is set by `set_wo`, whose values are not shown",
}


def merged_values(resource: Resource, sources: Mapping[str, str]) -> list[SourceError]:
    """Add `merged_values` to the body of a release: a mapping, or the Unknown that it is.

    What `set_sensitive` and `set_wo` set is an Unknown there, and in their own values too.  The
    errors are those of YAML that cannot be read and of settings that Helm refuses.
    """
    body = resource.body
    errors: list[SourceError] = []
    span = body.value_spans.get("values") or resource.header
    result = _files(resource, span, sources, errors)
    for name in ("set", "set_list", "set_sensitive", "set_wo"):
        for entry, place in _entries(body, name, resource.header):
            if isinstance(entry, Unknown):
                # It may set any name, so nothing is certain any more.
                result = Unknown(f"it is merged with {name}: {entry.reason}", entry.refs, place, True)
            elif isinstance(result, Map) and isinstance(entry, Map):
                found = _apply(result, name, entry, place)
                if isinstance(found, Unknown):
                    result = found
                elif found is not None:
                    message = f"{resource.address}: Helm refuses this `{name}`: {found}"
                    errors.append(SourceError(place.path, place.line, place.column, message))
    for name in _HIDDEN:
        _hide(body, name)
    body[KEY] = result
    body.value_spans[KEY] = span
    return errors


def _files(
    resource: Resource, span: Span, sources: Mapping[str, str], errors: list[SourceError]
) -> Map | Unknown:
    """What the items of `values` hold, merged; of later ones what is not known hides all before."""
    body = resource.body
    items = body.get("values")
    result = Map((), span)
    if isinstance(items, Unknown):
        return Unknown(items.reason, items.refs, span, True)
    spans = items.item_spans if isinstance(items, List) else []
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if item is None or item == "":
            continue
        place = spans[index] if index < len(spans) else span
        place = place if place.path == span.path else span
        found, wrong = documents(item, _item(body, index), place, sources)
        errors.extend(wrong)
        if isinstance(found, Unknown) or wrong:
            first = found if isinstance(found, Unknown) else Unknown("its YAML cannot be read")
            return Unknown(
                f"item {index + 1} of `values` is not known: {first.reason}", first.refs, place, True
            )
        root = found[0] if found else None
        if isinstance(root, Unknown):
            return Unknown(root.reason, root.refs, place, True)
        if isinstance(root, Map):
            merged = _merge(result, root)
            merged.span = result.span
            result = merged
    return result


def _item(body: Map, index: int) -> Written | None:
    """Where an item of `values` is written."""
    origin = body.origin
    if not isinstance(origin, BlockOrigin):
        return None
    whole = written(origin.expression("values"), origin.scope)
    if whole is None or not isinstance(whole.node, ast.Tup) or index >= len(whole.node.items):
        return None
    found = written(whole.node.items[index], whole.scope)
    if found is not None:
        found.here = found.here and whole.here
    return found


def _merge(low: Map, high: Map) -> Map:
    """Two mappings as one, deeply; where both have something, it is that of `high`."""
    result = Map(low, high.span or low.span, {**low.key_spans}, {**low.value_spans}, low.origin)
    for key, value in high.items():
        before = result.get(key)
        if isinstance(before, Map) and isinstance(value, Map):
            value = _merge(before, value)
        elif isinstance(before, Unknown) and isinstance(value, Map):
            value = before  # it may be a mapping that has more than this one
        result[key] = value
        take_spans(result, key, high, key)
    return result


def _entries(body: Map, name: str, header: Span) -> Iterator[tuple[Any, Span]]:
    """The blocks `name`, or the objects of the attribute of that name (provider 3), with their places."""
    value = body.get(name)
    whole = body.value_spans.get(name) or header
    if isinstance(value, Unknown):
        yield value, whole
        return
    for index, entry in enumerate(value if isinstance(value, list) else ()):
        span = value.span_of(index) if isinstance(value, List) else None
        yield entry, span if span is not None and span.path == header.path else whole


def _apply(result: Map, name: str, entry: Map, span: Span) -> Unknown | str | None:
    """Set what an entry says; the Unknown that all becomes, or why Helm refuses it."""
    path, value, kind = entry.get("name"), entry.get("value"), entry.get("type")
    for part in (path, kind):
        if isinstance(part, Unknown):
            return Unknown(f"it is merged with {name}: {part.reason}", part.refs, span, True)
    if not isinstance(path, str) or (value is None and name not in _HIDDEN):
        return None
    span = entry.value_spans.get("value", span)
    try:
        if name in _HIDDEN:
            value = Unknown(_HIDDEN[name], (), span)
        else:
            value = _braces(value) if name == "set_list" else to_text(value)
        if kind == "literal":
            return _literal(result, path, value, span)
        parse_into(path, value, result, typed=kind != "string", span=span)
    except (EvaluationError, StrvalsError) as error:
        return str(error)
    return None


def _literal(result: Map, path: str, value: Any, span: Span) -> str | None:
    """`type = "literal"`: YAML under one key at the top, which is not a path."""
    if isinstance(value, str):
        found, errors = documents(f"{path}: {value}", None, span, {})
        if errors:
            return errors[0].message
        root = found[0] if isinstance(found, list) and found else None
        value = root.get(path) if isinstance(root, Map) else root
    result[path] = value
    result.key_spans[path] = result.value_spans[path] = span
    return None


def _braces(value: Any) -> Any:
    """The items of a `set_list` as one text, which is how the provider hands them to Helm."""
    if not isinstance(value, list):
        return value
    items = [item if isinstance(item, Unknown) else str(to_text(item)) for item in value if item is not None]
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) < len(items):
        return List([typed_value(item) if isinstance(item, str) else item for item in items])
    return "{" + ",".join(texts) + "}"


def _hide(body: Map, name: str) -> None:
    """Take the values of settings out of the body: they are secrets."""
    entries = body.get(name)
    if not isinstance(entries, list):
        return
    hidden = []
    for entry in entries:
        if isinstance(entry, Map) and "value" in entry:
            span = entry.value_spans.get("value")
            copy = Map(entry, entry.span, entry.key_spans, entry.value_spans, entry.origin)
            copy["value"] = Unknown(_HIDDEN[name], (), span)
            hidden.append(copy)
        else:
            hidden.append(entry)
    body[name] = List(hidden, getattr(entries, "span", None), list(getattr(entries, "item_spans", ())))
