"""Sensitive texts, and how they stay out of everything that is printed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from readiness.estate.model import Resource
from readiness.values import Unknown, like

HIDDEN = "(sensitive)"
"""What is printed in place of a sensitive text."""


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


def shown(resource: Resource, secrets: frozenset[str]) -> Resource:
    """A resource as it may be printed."""
    if not secrets:
        return resource
    names = ("body", "tags", "labels", "annotations")
    copy = replace(resource, **{name: masked(getattr(resource, name), secrets) for name in names})
    change = resource.change
    if change is not None:
        before, after = masked(change.before, secrets), masked(change.after, secrets)
        copy.change = replace(change, before=before, after=after)
    return copy
