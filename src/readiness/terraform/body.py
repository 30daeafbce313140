"""Blocks → bodies in the shape of `terraform show -json`: nested blocks are lists of objects."""

from __future__ import annotations

from typing import Any

from readiness.estate.model import Link
from readiness.sources.hcl import ast
from readiness.terraform.evaluate import evaluate
from readiness.terraform.scope import Scope
from readiness.values import List, Map, Unknown

META = frozenset({"count", "for_each", "provider", "depends_on", "providers"})
"""Arguments of Terraform itself, which are not part of a resource's values."""


class BlockOrigin:
    """Origin of a body or nested block: explains its attributes through their expressions."""

    __slots__ = ("block", "scope")

    def __init__(self, scope: Scope, block: ast.Block) -> None:
        self.scope = scope
        self.block = block

    def expression(self, key: str) -> ast.Expr | None:
        """The expression of an attribute."""
        for attribute in self.block.attributes:
            if attribute.name == key:
                return attribute.value
        return None


def build_body(
    block: ast.Block, scope: Scope, references: list[Link], prefix: str = "", skip: frozenset[str] = META
) -> Map:
    """Evaluate the attributes and nested blocks of a block.

    `references` receives the addresses that each attribute mentions, with its path.
    """
    place = scope.place
    body = Map((), place.span(block.at), origin=BlockOrigin(scope, block))
    for attribute in block.attributes:
        name = attribute.name
        if name in skip:
            if name == "depends_on":
                _touch(attribute.value, scope, name, references)
            continue
        inner = scope.collecting()
        body[name] = evaluate(attribute.value, inner)
        body.key_spans[name] = place.span(attribute.at)
        body.value_spans[name] = place.span(attribute.value.at)
        references.extend(Link(address, prefix + name) for address in inner.seen)
    for nested in block.blocks:
        _add_block(body, nested, scope, references, prefix)
    return body


def _touch(node: ast.Expr, scope: Scope, via: str, references: list[Link]) -> None:
    inner = scope.collecting()
    evaluate(node, inner)
    references.extend(Link(address, via) for address in inner.seen)


def _add_block(body: Map, block: ast.Block, scope: Scope, references: list[Link], prefix: str) -> None:
    if block.type == "dynamic" and block.labels:
        name = block.labels[0]
        items = _dynamic(block, scope, references, f"{prefix}{name}.")
    else:
        name = block.type
        if name == "lifecycle":
            items = [lifecycle_body(block, scope)]
        else:
            items = [build_body(block, scope, references, f"{prefix}{name}.", frozenset())]
            if name in ("provisioner", "backend") and block.labels:
                items[0]["type"] = block.labels[0]
    _append(body, name, items, scope.place.span(block.header), scope.place.span(block.at))


def _append(body: Map, name: str, items: list[Any], header: Any, span: Any) -> None:
    present = body.get(name)
    if not isinstance(present, List):
        present = body[name] = List([], span)
        body.key_spans[name] = header
        body.value_spans[name] = span
    present.extend(items)
    present.item_spans.extend([span] * len(items))


def _dynamic(block: ast.Block, scope: Scope, references: list[Link], prefix: str) -> list[Any]:
    """The blocks that a `dynamic` block generates, or one Unknown where its items are not known."""
    source = next((a.value for a in block.attributes if a.name == "for_each"), None)
    iterator = next((a.value for a in block.attributes if a.name == "iterator"), None)
    name = iterator.name if isinstance(iterator, ast.Name) else block.labels[0]
    content = next((b for b in block.blocks if b.type == "content"), None)
    if source is None or content is None:
        return []
    inner = scope.collecting()
    items = evaluate(source, inner)
    references.extend(Link(address, prefix + "for_each") for address in inner.seen)
    span = scope.place.span(block.at)
    if isinstance(items, Unknown):
        reason = f"the blocks of `dynamic \"{block.labels[0]}\"` depend on {_subject(items)}"
        return [Unknown(reason, items.refs, span)]
    if not isinstance(items, (dict, list)):
        return [Unknown("the `for_each` of a dynamic block is not a collection", (), span)]
    pairs = items.items() if isinstance(items, dict) else ((item, item) for item in items)
    result = []
    for key, value in pairs:
        bound = scope.bind({name: Map({"key": key, "value": value})})
        result.append(build_body(content, bound, references, prefix, frozenset()))
    return result


def _subject(unknown: Unknown) -> str:
    return unknown.refs[0] if unknown.refs else "a value that is not known"


def lifecycle_body(block: ast.Block, scope: Scope) -> Map:
    """A `lifecycle` block: its attributes are names, not values (`ignore_changes = [tags]`)."""
    place = scope.place
    body = Map((), place.span(block.at), origin=BlockOrigin(scope, block))
    for attribute in block.attributes:
        node = attribute.value
        if attribute.name in ("ignore_changes", "replace_triggered_by"):
            names = [reference_text(item) for item in node.items] if isinstance(node, ast.Tup) else None
            spans = [place.span(item.at) for item in node.items] if isinstance(node, ast.Tup) else []
            value: Any = reference_text(node) if names is None else List(names, place.span(node.at), spans)
        else:
            value = evaluate(node, scope)
        body[attribute.name] = value
        body.key_spans[attribute.name] = place.span(attribute.at)
        body.value_spans[attribute.name] = place.span(node.at)
    for nested in block.blocks:
        _add_block(body, nested, scope, [], "")
    return body


def reference_text(node: ast.Expr) -> str:
    """A reference as it is written: `tags["Name"]`, `aws_instance.a`, `all`."""
    if isinstance(node, ast.Attr):
        return f"{reference_text(node.of)}.{node.name}"
    if isinstance(node, ast.Index):
        key = node.key.value if isinstance(node.key, ast.Lit) else "?"
        return f"{reference_text(node.of)}[{key!r}]".replace("'", '"')
    if isinstance(node, ast.Name):
        return node.name
    if isinstance(node, ast.Lit):
        return str(node.value)
    return "?"
