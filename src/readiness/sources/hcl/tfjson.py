"""Terraform's JSON syntax → the same nodes as HCL.

Source: https://developer.hashicorp.com/terraform/language/syntax/json.  The syntax does not tell
a nested block from an argument that is an object; without the provider's schema, objects are
taken for blocks except where the argument is known to be a mapping (tags, labels, …).
"""

from __future__ import annotations

from typing import Any

from readiness.sources.hcl import ast, template
from readiness.sources.hcl.file import HclFile
from readiness.sources.hcl.parse import parse_expression
from readiness.sources.yaml_model import YamlFile
from readiness.values import Map, Span

_MAPPINGS = frozenset(
    "tags tags_all labels user_labels resource_labels default_labels annotations variables triggers "
    "keepers parameters settings app_settings environment_variables match_labels node_labels data "
    "string_data request_parameters triggers_replace inputs".split()
)
_LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "variable": 1, "output": 1, "module": 1, "provider": 1}
_FLAT = frozenset({"module", "variable", "output", "locals", "required_providers"})
"""Blocks whose objects are all values, not blocks."""


def from_json(path: str, data: YamlFile) -> HclFile:
    """The blocks of a JSON configuration, or the values of a JSON variable file."""
    file = HclFile(path, errors=list(data.errors))
    for document in data.documents:
        root = document.root
        if not isinstance(root, Map):
            continue
        if file.is_values:
            attributes = [ast.Attribute(_key(root, k), k, _value(v, _span(root, k))) for k, v in root.items()]
            file.chunks.append((0, ast.Chunk([], attributes)))
            continue
        for kind, content in root.items():
            if kind != "//":
                file.chunks.append((0, ast.Chunk(_blocks(root, kind, content), [])))
    return file


def _at(span: Span | None) -> ast.At:
    return (span.line, span.column, span.end_line, span.end_column) if span else (1, 1, 1, 1)


def _key(owner: Map, key: str) -> ast.At:
    return _at(owner.key_spans.get(key) or owner.span)


def _span(owner: Map, key: str) -> ast.At:
    return _at(owner.value_spans.get(key) or owner.span)


def _blocks(root: Map, kind: str, content: Any) -> list[ast.Block]:
    found: list[ast.Block] = []
    _descend(root, kind, content, kind, [], _LABELS.get(kind, 0), found)
    return found


def _descend(
    owner: Map, key: str, content: Any, kind: str, labels: list[str], depth: int, found: list[ast.Block]
) -> None:
    """Follow the label levels down to the bodies."""
    if isinstance(content, list):
        for item in content:
            _descend(owner, key, item, kind, labels, depth, found)
    elif not isinstance(content, Map):
        return
    elif depth:
        for name, inner in content.items():
            _descend(content, name, inner, kind, [*labels, name], depth - 1, found)
    else:
        found.append(_block(owner, key, content, kind, labels))


def _block(owner: Map, key: str, body: Map, kind: str, labels: list[str]) -> ast.Block:
    header = _key(owner, key)
    at = (*header[:2], *_at(body.span)[2:])
    attributes: list[ast.Attribute] = []
    blocks: list[ast.Block] = []
    for name, value in body.items():
        if name == "//":
            continue
        if kind not in _FLAT and _is_block(name, value):
            items = value if isinstance(value, list) else [value]
            if name == "dynamic":
                blocks += [_block(i, n, b, "dynamic", [n]) for i in items for n, b in i.items() if isinstance(b, Map)]
            else:
                blocks += [_block(body, name, item, name, []) for item in items]
        else:
            typed = name == "provider" or (name == "type" and kind == "variable")
            node = _reference(value, _span(body, name)) if typed else None
            attributes.append(ast.Attribute(_key(body, name), name, node or _value(value, _span(body, name))))
    return ast.Block(at, header, kind, labels, attributes, blocks)


def _is_block(name: str, value: Any) -> bool:
    if name in _MAPPINGS or name == "for_each":
        return False
    if isinstance(value, Map):
        return True
    return isinstance(value, list) and bool(value) and all(isinstance(item, Map) for item in value)


def _reference(value: Any, at: ast.At) -> Any:
    """Arguments that hold a reference or type as text."""
    if not isinstance(value, str):
        return None
    try:
        return parse_expression(value.removeprefix("${").removesuffix("}"), 1, 1)
    except template.TemplateError:
        return ast.Lit(at, value)


def _value(value: Any, at: ast.At) -> Any:
    if isinstance(value, str):
        return _text(value, at)
    if isinstance(value, Map):
        return ast.Obj(at, [(ast.Lit(_key(value, k), k), _value(v, _span(value, k))) for k, v in value.items()])
    if isinstance(value, list):
        spans = getattr(value, "item_spans", [])
        places = [_at(span) for span in spans] or [at] * len(value)
        return ast.Tup(at, [_value(item, place) for item, place in zip(value, places, strict=True)])
    return ast.Lit(at, value if isinstance(value, (bool, int, float)) else None)


def _text(text: str, at: ast.At) -> Any:
    """A string, which is a template as in HCL."""
    if "${" not in text and "%{" not in text:
        return ast.Lit(at, text)
    try:
        return template.assemble(at, template.split(text, at[0], at[1] + 1, parse_expression))
    except template.TemplateError:
        return ast.Lit(at, text)
