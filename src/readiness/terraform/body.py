"""Blocks → bodies in the shape of `terraform show -json`: nested blocks are lists of objects."""

from __future__ import annotations

from typing import Any

from readiness.estate.model import Link
from readiness.sources.hcl import ast
from readiness.terraform.config import Declared
from readiness.terraform.convert import EvaluationError, first_unknown
from readiness.terraform.evaluate import evaluate
from readiness.terraform.kinds import family
from readiness.terraform.origins import BlockOrigin
from readiness.terraform.references import ModuleObject, ResourceObject
from readiness.terraform.scope import Scope
from readiness.values import List, Map, Unknown, unknowns

META = frozenset({"count", "for_each", "provider", "depends_on", "providers"})
"""Arguments of Terraform itself, which are not part of a resource's values."""


BLOCK_LIMIT = 10_000
"""Blocks that nested `dynamic` blocks may make."""


def declared_body(
    declared: Declared, scope: Scope, references: list[Link], skip: frozenset[str] = META
) -> Map:
    """The body of a block as override files leave it.

    An argument of an override replaces the one before; its nested blocks replace all of their
    type, except that `lifecycle` is merged argument by argument.
    """
    body = build_body(declared.block, scope, references, skip=skip)
    for layer in declared.overrides:
        part = build_body(layer.block, scope.at(layer.place), references, skip=skip)
        for name, value in part.items():
            if name == "lifecycle" and name in body:
                _overlay(body[name][0], value[0])
                continue
            body[name] = value
            body.key_spans[name] = part.key_spans[name]
            body.value_spans[name] = part.value_spans[name]
    return body


def _overlay(body: Map, part: Map) -> None:
    body.update(part)
    body.key_spans.update(part.key_spans)
    body.value_spans.update(part.value_spans)


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
        body.key_spans[name] = place.span(attribute.at)
        body.value_spans[name] = place.span(attribute.value.at)
        if isinstance(attribute.value, ast.Lit):  # most of them: it mentions nothing
            body[name] = attribute.value.value
            continue
        inner = scope.collecting()
        body[name] = settled(evaluate(attribute.value, inner), inner)
        if inner.seen:
            references.extend(Link(address, prefix + name) for address in inner.seen)
    for nested in block.blocks:
        _add_block(body, nested, scope, references, prefix)
    return body


def settled(value: Any, scope: Scope) -> Any:
    """A value as policies see it: of bounded size, with module calls as objects of their outputs.

    The resources that an unknown in it waits for are noted as seen: they came through `each.value`
    or an argument whose own expression mentions more than this one.
    """
    if isinstance(value, ModuleObject):
        value = value.whole(scope)
    if not isinstance(value, (list, dict)):
        if isinstance(value, Unknown):
            _note_refs(value, scope)
        return value
    try:
        first_unknown(value)
    except EvaluationError as error:
        return Unknown(f"it cannot be evaluated: {error}", not_null=True)
    for unknown in unknowns(value):
        _note_refs(unknown, scope)
    return opened(value, scope)


def _note_refs(unknown: Unknown, scope: Scope) -> None:
    for ref in unknown.refs:
        address, _, attribute = ref.rpartition(".")
        if "." in address and attribute:
            scope.seen.setdefault(address)


def opened(value: Any, scope: Scope) -> Any:
    """The same value, or a copy of it where there are module calls in it."""
    if isinstance(value, ModuleObject):
        return value.whole(scope)
    if isinstance(value, list):
        items = [opened(item, scope) for item in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        return List(items, getattr(value, "span", None), getattr(value, "item_spans", None))
    if isinstance(value, dict):
        entries = {key: opened(item, scope) for key, item in value.items()}
        if all(entries[key] is item for key, item in value.items()):
            return value
        spans = (value.span, value.key_spans, value.value_spans) if isinstance(value, Map) else ()
        return Map(entries, *spans)
    return value


def _touch(node: ast.Expr, scope: Scope, via: str, references: list[Link]) -> None:
    """Note what `depends_on` mentions; of a block with several instances that is all of them."""
    for item in node.items if isinstance(node, ast.Tup) else [node]:
        inner = scope.collecting()
        value = evaluate(item, inner)
        for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            if isinstance(one, ResourceObject):
                inner.seen[one.address] = None
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
            # `provisioner "local-exec"`, `backend "s3"`, `data "http" "self"` of a check.
            items[0].update(zip(("type", "name"), block.labels, strict=False))
            if name == "provisioner":
                items[0].update(_keywords(block))
    _append(body, name, items, scope.place.span(block.header), scope.place.span(block.at))


def _keywords(block: ast.Block) -> dict[str, str]:
    """Arguments of a provisioner that are words, not values: `on_failure = continue`, `when = destroy`."""
    return {
        attribute.name: attribute.value.name
        for attribute in block.attributes
        if attribute.name in ("when", "on_failure") and isinstance(attribute.value, ast.Name)
    }


def _append(body: Map, name: str, items: list[Any], header: Any, span: Any) -> None:
    present = body.get(name)
    if not isinstance(present, List):
        present = body[name] = List([], span)
        body.key_spans[name] = header
        body.value_spans[name] = span
    present.extend(items)
    if present.more is None:  # nothing but a `dynamic` block makes an unknown one
        present.more = next((item for item in items if isinstance(item, Unknown)), None)
    present.item_spans.extend([span] * len(items))


def _dynamic(block: ast.Block, scope: Scope, references: list[Link], prefix: str) -> list[Any]:
    """The blocks that a `dynamic` block generates, or one Unknown for all of them (`List.more`)."""
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
        reason = f'the blocks of `dynamic "{block.labels[0]}"` depend on {_subject(items)}'
        return [Unknown(reason, items.refs, span)]
    if not isinstance(items, (dict, list)):
        return [Unknown("the `for_each` of a dynamic block is not a collection", (), span)]
    if scope.rounds * len(items) > BLOCK_LIMIT:
        return [Unknown(f"a dynamic block would make more than {BLOCK_LIMIT:,} blocks", (), span)]
    result = []
    for key, value in _entries(items):
        bound = scope.bind({name: Map({"key": key, "value": value})}, len(items))
        result.append(build_body(content, bound, references, prefix, frozenset()))
    return result


def _entries(items: dict[str, Any] | list[Any]) -> list[tuple[Any, Any]]:
    """Keys and values of what a `dynamic` block walks: an item of a set is its own key."""
    if isinstance(items, dict):
        return [(key, items[key]) for key in sorted(items)]
    kind = family(items)
    if kind is None:
        # An attribute of another resource: its provider says whether it is a list or a set.
        unsure = Unknown("it is not known whether `for_each` is a list or a set", not_null=True)
        return [(unsure, item) for item in items]
    return [(item if kind == "set" else index, item) for index, item in enumerate(items)]


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
