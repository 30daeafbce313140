"""Examples for a policy that begins: Terraform or a manifest with one argument, there, absent or unknown."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from msgspec import Struct

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_TYPES = {bool: "bool", int: "number", float: "number"}


class Step(Struct, frozen=True):
    """A name on the way to an argument: `kind` is `value`, `list`, `objects` (a list of
    mappings), `map` or `blocks` (Terraform's)."""

    name: str
    kind: str


class Written(Struct, frozen=True):
    """An example: its text, and the line of the argument where it is there."""

    text: str
    line: int | None = None


class Raw(str):
    """An expression of Terraform, not a text."""


ABSENT = object()


def expression(root: str, path: Sequence[Step]) -> str:
    """How a condition reads the argument."""
    out = root
    for step in path:
        out += f".{step.name}" if step.name.isidentifier() else f"[{json.dumps(step.name)}]"
        out += "[0]" if step.kind == "blocks" else ""
    return out


def terraform(type_: str, path: Sequence[Step], value: Any) -> Written:
    """A resource of a type with the argument."""
    lines = [f'resource "{type_}" "example" {{']
    line = None
    if value is not ABSENT:
        blocks = [step.name for step in path if step.kind == "blocks"]
        inner = list(path[len(blocks) :])
        for depth, name in enumerate(blocks, 1):
            lines.append(f"{'  ' * depth}{name} {{")
        line = len(lines)
        if inner:
            tree = value
            for step in reversed(inner[1:]):
                tree = {step.name: tree}
            indent = "  " * (len(blocks) + 1)
            lines.append(f"{indent}{inner[0].name} = {_hcl(tree, indent)}")
            line = len(lines)
        lines += ["  " * depth + "}" for depth in range(len(blocks), 0, -1)]
    return Written("\n".join([*lines, "}", ""]), line)


def variable(value: Any) -> str:
    """The variable that nothing gives a value."""
    return f'variable "value" {{\n  type = {_TYPES.get(type(value), "string")}\n}}\n\n'


def manifest(kind: str, api_version: str, body: dict[str, Any], mark: Any = None) -> Written:
    """An object in YAML; `mark` is the value whose line is told."""
    lines = [f"apiVersion: {api_version}", f"kind: {kind}"]
    line: list[int] = []
    _yaml(body, 0, lines, mark, line)
    return Written("\n".join([*lines, ""]), line[0] if line else None)


def in_terraform(kind: str, api_version: str, body: dict[str, Any]) -> str:
    """The same object as a `kubernetes_manifest`, in which a value may be an expression."""
    whole = {"apiVersion": api_version, "kind": kind, **body}
    return f'resource "kubernetes_manifest" "example" {{\n  manifest = {_hcl(whole, "  ")}\n}}\n'


class Marked:
    """A value whose place in a manifest matters."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _yaml(value: dict[str, Any], depth: int, lines: list[str], mark: Any, line: list[int]) -> None:
    indent = "  " * depth
    for key, item in value.items():
        name = key if _PLAIN_KEY.fullmatch(key) else json.dumps(key)
        if item is mark and mark is not None:
            line.append(len(lines) + 1)
        inner = item.value if isinstance(item, Marked) else item
        if isinstance(inner, dict) and inner:
            lines.append(f"{indent}{name}:")
            _yaml(inner, depth + 1, lines, mark, line)
        elif isinstance(inner, list):
            lines.append(f"{indent}{name}:")
            for entry in inner:
                begin = len(lines)
                if not isinstance(entry, dict) or not entry:
                    lines.append(f"{indent}  - {_scalar(entry)}")
                    continue
                _yaml(entry, depth + 2, lines, mark, line)
                lines[begin] = f"{indent}  - {lines[begin].lstrip()}"
        else:
            lines.append(f"{indent}{name}: {_scalar(inner)}")


def _scalar(value: Any) -> str:
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z][A-Za-z0-9./:_-]*", value):
        return (
            json.dumps(value)
            if value.lower() in ("true", "false", "null", "yes", "no", "on", "off")
            else value
        )
    return json.dumps(value, ensure_ascii=False)


def _hcl(value: Any, indent: str) -> str:
    if isinstance(value, Marked):
        return _hcl(value.value, indent)
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict) and value:
        inner = indent + "  "
        names = {key: key if _PLAIN_KEY.fullmatch(key) else json.dumps(key) for key in value}
        width = max((len(name) for name in names.values()), default=0)
        single = {key for key, item in value.items() if not isinstance(item, dict | list)}
        rows = [
            f"{inner}{names[key]:<{width if key in single else 0}} = {_hcl(item, inner)}"
            for key, item in value.items()
        ]
        return "\n".join(["{", *rows, f"{indent}}}"])
    if isinstance(value, list):
        return f"[{', '.join(_hcl(item, indent) for item in value)}]"
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("${", "$${").replace("%{", "%%{") if isinstance(value, str) else text
