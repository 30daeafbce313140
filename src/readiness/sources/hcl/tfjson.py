"""Terraform's JSON syntax → the same nodes as HCL.

Source: https://developer.hashicorp.com/terraform/language/syntax/json.  The syntax does not tell
a nested block from an argument that is an object; without the provider's schema, objects are
taken for blocks except where the argument is known to be a mapping (tags, labels, …).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from readiness.errors import SourceError
from readiness.sources.hcl import ast, template
from readiness.sources.hcl.file import HclFile
from readiness.sources.hcl.parse import parse_expression
from readiness.sources.yaml_model import YamlFile
from readiness.values import Map, Span

# fmt: off
_MAPPINGS = frozenset({
        "tags", "tags_all", "labels", "user_labels", "resource_labels", "default_labels", "annotations",
        "variables", "triggers", "keepers", "parameters", "settings", "app_settings",
        "environment_variables", "match_labels", "node_labels", "data", "string_data",
        "request_parameters", "triggers_replace", "inputs",
})
# fmt: on
_LABELS = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "variable": 1,
    "output": 1,
    "module": 1,
    "provider": 1,
    "backend": 1,
    "dynamic": 1,
    "provisioner": 1,
}
_FLAT = frozenset({"module", "variable", "output", "locals", "required_providers"})
"""Blocks whose objects are all values, not blocks."""


def from_json(path: str, data: YamlFile) -> HclFile:
    """The blocks of a JSON configuration, or the values of a JSON variable file."""
    file = HclFile(path, errors=list(data.errors))
    for document in data.documents:
        roots = document.root if isinstance(document.root, list) else [document.root]
        for root in roots:
            if not isinstance(root, Map):
                file.errors.append(SourceError(path, 1, 1, "a Terraform file in JSON holds an object"))
            elif file.is_values:
                values = [
                    ast.Attribute(_key(root, k), k, _constant(v, _span(root, k))) for k, v in root.items()
                ]
                file.chunks.append((0, ast.Chunk([], values)))
            else:
                _add_blocks(file, root)
    return file


def _add_blocks(file: HclFile, root: Map) -> None:
    """Add the blocks of each kind; one that is broken costs the blocks of its kind and name alone."""
    for kind, content in root.items():
        if kind == "//":
            continue
        found: list[_Body] = []
        try:
            _descend(root, kind, content, kind, [], found)
        except template.TemplateError as error:
            file.errors.append(SourceError(file.path, error.line, error.column, error.message))
        for body in found:
            try:
                block = _block(body.owner, body.key, body.content, kind, body.labels)
            except template.TemplateError as error:
                file.errors.append(SourceError(file.path, error.line, error.column, error.message))
            else:
                file.chunks.append((0, ast.Chunk([block], [])))


def _at(span: Span | None) -> ast.At:
    return (span.line, span.column, span.end_line, span.end_column) if span else (1, 1, 1, 1)


def _key(owner: Map, key: str) -> ast.At:
    return _at(owner.key_spans.get(key) or owner.span)


def _span(owner: Map, key: str) -> ast.At:
    return _at(owner.value_spans.get(key) or owner.span)


class _Body(NamedTuple):
    """The body of a block, its labels, and the mapping and key it stands under."""

    owner: Map
    key: str
    content: Map
    labels: list[str]


def _descend(owner: Map, key: str, content: Any, kind: str, labels: list[str], found: list[_Body]) -> None:
    """Follow the label levels down to the bodies.

    Raises:
        TemplateError: there is something else than an object; what was found before stays in `found`.
    """
    if isinstance(content, list):
        for item in content:
            _descend(owner, key, item, kind, labels, found)
    elif not isinstance(content, Map):
        place = _span(owner, key)
        raise template.TemplateError(
            place[0], place[1], f"expected an object for `{'.'.join([kind, *labels])}`"
        )
    elif len(labels) < _LABELS.get(kind, 0):
        for name, inner in content.items():
            if name != "//":
                _descend(content, name, inner, kind, [*labels, name], found)
    else:
        found.append(_Body(owner, key, content, labels))


def _block(owner: Map, key: str, body: Map, kind: str, labels: list[str]) -> ast.Block:
    header = _key(owner, key)
    at = (*header[:2], *_at(body.span)[2:])
    attributes: list[ast.Attribute] = []
    blocks: list[ast.Block] = []
    for name, value in body.items():
        if name == "//":
            continue
        if kind not in _FLAT and _is_block(name, value):
            nested: list[_Body] = []
            _descend(body, name, value, name, [], nested)
            blocks += [_block(item.owner, item.key, item.content, name, item.labels) for item in nested]
        else:
            attributes.append(_attribute(body, name, value, kind))
    return ast.Block(at, header, kind, labels, attributes, blocks)


def _attribute(body: Map, name: str, value: Any, kind: str) -> ast.Attribute:
    at = _span(body, name)
    if isinstance(value, str) and (name == "provider" or (name == "type" and kind == "variable")):
        node = _reference(value, at)
    elif name == "depends_on" and isinstance(value, list):
        node = ast.Tup(
            at, [_reference(item, at) if isinstance(item, str) else _value(item, at) for item in value]
        )
    else:
        node = _value(value, at)
    return ast.Attribute(_key(body, name), name, node)


def _is_block(name: str, value: Any) -> bool:
    if name in _MAPPINGS or name == "for_each":
        return False
    if isinstance(value, Map):
        return True
    return isinstance(value, list) and bool(value) and all(isinstance(item, Map) for item in value)


def _reference(value: str, at: ast.At) -> Any:
    """Arguments that hold a reference or type as text, with or without `${}`."""
    marked = value.startswith("${") and value.endswith("}")
    text, start = (value[2:-1], 3) if marked else (value, 1)
    return parse_expression(text, at[0], at[1] + start)


def _constant(value: Any, at: ast.At) -> Any:
    """A value of a variable file, where text is text."""
    if isinstance(value, str):
        return ast.Lit(at, value)
    return _value(value, at, _constant)


def _value(value: Any, at: ast.At, inner: Callable[[Any, ast.At], Any] | None = None) -> Any:
    inner = inner or _value
    if isinstance(value, str):
        return _text(value, at)
    if isinstance(value, Map):
        return ast.Obj(
            at, [(ast.Lit(_key(value, k), k), inner(v, _span(value, k))) for k, v in value.items()]
        )
    if isinstance(value, list):
        spans = getattr(value, "item_spans", [])
        places = [_at(span) for span in spans] or [at] * len(value)
        return ast.Tup(at, [inner(item, place) for item, place in zip(value, places, strict=True)])
    if isinstance(value, int) and value.bit_length() > 63:
        return ast.Num(at, str(value))
    return ast.Lit(at, value if isinstance(value, (bool, int, float)) else None)


def _text(text: str, at: ast.At) -> Any:
    """A string, which is a template as in HCL."""
    if "${" not in text and "%{" not in text:
        return ast.Lit(at, text)
    return template.assemble(at, template.split(text, at[0], at[1] + 1, parse_expression))
