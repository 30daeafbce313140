"""What messages say: a value as it is written, what is wanted, and what was perhaps meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from readiness.kubernetes.schemas.model import KINDS, Node
from readiness.sources.yaml_model import HASHED

_LONGEST = 40
# Texts that another tool fills in before the object is sent: Flux, envsubst, templates, Argo CD's Vault
# plugin, SOPS.
_MARKERS = ("${", "$(", "{{", "<", "ENC[", "%{", "@@", "__")
_HASHED = re.compile(HASHED)


def filled_in(text: str) -> bool:
    """Whether a text looks like the place of a value that another tool fills in."""
    return text.startswith("$") or any(marker in text for marker in _MARKERS) or bool(_HASHED.search(text))


def written(value: Any, secret: bool) -> str:
    """A value in words; `secret` keeps the text itself out of messages."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return "a number" if secret else f"the number {value}"
    if isinstance(value, str):
        if secret:
            return "a text"
        return f'the text "{value if len(value) <= _LONGEST else value[:_LONGEST] + "…"}"'
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else "null"


def wrong_type(name: str, value: Any, node: Node, secret: bool) -> str:
    """What to say of a value whose type is not what `node` wants."""
    return f"`{name}` is {written(value, secret)}, {KINDS[node.kind]} is wanted{_advice(value, node)}"


def _advice(value: Any, node: Node) -> str:
    if node.kind in ("text", "base64", "time") and isinstance(value, bool):
        return ": put it in quotes (YAML reads `yes`, `no`, `on`, `off`, `y` and `n` as true and false)"
    if node.kind in ("text", "base64", "time") and isinstance(value, (int, float)):
        return ": put it in quotes"
    if isinstance(value, str) and node.kind in ("int32", "int64", "number") and _is_number(value):
        return ": write it without quotes"
    if isinstance(value, str) and node.kind == "boolean" and value.lower() in ("true", "false"):
        return ": write it without quotes"
    if node.kind == "list" and isinstance(value, dict):
        return ": begin each item with `- `"
    return ""


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit()


def meant(name: str, known: Iterable[str], likeness: float = 0.75) -> str | None:
    """The name that was perhaps meant: the same but for case, `_` and `-`, else a similar one."""
    names = list(known)
    folded = _folded(name)
    same = [other for other in names if _folded(other) == folded]
    if same:
        return same[0]
    near = get_close_matches(name, names, 1, likeness)
    return near[0] if near else None


def _folded(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
