"""Sensitive texts, and how they stay out of everything that is printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from readiness.estate.model import Resource
from readiness.values import Map, Span, Unknown, like

HIDDEN = "(sensitive)"
"""What is printed in place of a sensitive text."""

_SHORTEST = 4  # characters of a value that is looked for in messages: shorter ones stand everywhere


def mask(text: str, secrets: Iterable[str], keep: str = "") -> str:
    """A text without the secrets in it; `keep` (an address) stays as it is.

    A secret may be a word like any other, and an address may hold that word.
    """
    found = sorted((secret for secret in secrets if secret in text), key=len, reverse=True)
    if not found:
        return text
    parts = text.split(keep) if keep else [text]
    for secret in found:
        parts = [part.replace(secret, HIDDEN) for part in parts]
    return keep.join(parts)


def masked(value: Any, secrets: frozenset[str]) -> Any:
    """A copy of a value with no secret in its texts, keys and reasons; spans and origins are kept."""
    if isinstance(value, str):
        return mask(value, secrets)
    if isinstance(value, Unknown):
        return Unknown(mask(value.reason, secrets), value.refs, value.span, value.not_null)
    if isinstance(value, dict):
        return like(value, {mask(key, secrets): masked(item, secrets) for key, item in value.items()})
    if isinstance(value, list):
        return like(value, [masked(item, secrets) for item in value])
    return value


def secret_texts(resource: Resource) -> frozenset[str]:
    """The values in a Secret of Kubernetes: what is printed of it never shows them."""
    if resource.type != "Secret":
        return frozenset()
    values = (value for _, _, value in _entries(resource))
    return frozenset(value for value in values if isinstance(value, str) and len(value) >= _SHORTEST)


def hide_values(texts: dict[str, str], resources: Iterable[Resource]) -> None:
    """Write asterisks over the values of Secrets in texts of files by path; lines and columns stay."""
    places: dict[str, list[Span]] = {}
    for resource in resources:
        for holder, key, value in _entries(resource):
            span = holder.value_spans.get(key)
            if span is not None and span.path in texts and isinstance(value, str) and value:
                places.setdefault(span.path, []).append(span)
    for path, spans in places.items():
        lines = texts[path].split("\n")
        for span in spans:
            _hide(lines, span)
        texts[path] = "\n".join(lines)


def _entries(resource: Resource) -> Iterator[tuple[Map, str, Any]]:
    """The mapping, key and value of every entry of a Secret."""
    for name in ("data", "stringData"):
        holder = resource.body.get(name)
        if isinstance(holder, Map):
            yield from ((holder, key, value) for key, value in holder.items())


def _hide(lines: list[str], span: Span) -> None:
    for number in range(span.line - 1, min(span.end_line, len(lines))):
        line = lines[number]
        start = span.column - 1 if number == span.line - 1 else len(line) - len(line.lstrip())
        end = span.end_column - 1 if number == span.end_line - 1 else len(line)
        lines[number] = line[:start] + "*" * max(end - start, 0) + line[end:]


def shown(resource: Resource, secrets: frozenset[str]) -> Resource:
    """A resource as it may be printed."""
    secrets |= secret_texts(resource)
    if not secrets:
        return resource
    names = ("body", "tags", "labels", "annotations")
    copy = replace(resource, **{name: masked(getattr(resource, name), secrets) for name in names})
    change = resource.change
    if change is not None:
        before, after = masked(change.before, secrets), masked(change.after, secrets)
        copy.change = replace(change, before=before, after=after)
    return copy
