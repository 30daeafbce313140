"""Blocks that are no resources of a provider, as resources for policies on code hygiene.

`terraform` (one for each folder), `provider`, `variable`, `output` and `module`.
"""

from __future__ import annotations

from typing import Any

from readiness.estate.model import Link, Resource
from readiness.sources.hcl import ast
from readiness.terraform.body import META, build_body, reference_text
from readiness.terraform.config import Declared, find_attribute
from readiness.terraform.module import ModuleInstance, expand
from readiness.terraform.scope import Scope
from readiness.values import List, Map, Span


def folder_resources(module: ModuleInstance, called: bool) -> list[Resource]:
    """What a folder declares beside its resources; once for each folder, whoever calls it."""
    config = module.config
    declared_here = (config.settings, config.resources, config.calls, config.providers, config.variables)
    if not any((*declared_here, config.outputs, config.locals)):
        return []  # files without a block declare nothing
    result = [_settings(module, called)]
    for declared in config.providers:
        alias = find_attribute(declared.block, "alias")
        text = alias.value.value if alias is not None and isinstance(alias.value, ast.Lit) else None
        name = f"{declared.block.labels[0]}.{text}" if text else declared.block.labels[0]
        result.append(_block(module, declared, "provider", f"provider.{name}"))
    for name, declared in config.variables.items():
        resource = _block(module, declared, "variable", f"var.{name}", frozenset({"type"}))
        _variable_type(resource.body, declared)
        result.append(resource)
    for name, declared in config.outputs.items():
        result.append(_block(module, declared, "output", f"output.{name}", frozenset({"depends_on"})))
    return result


def _block(
    module: ModuleInstance,
    declared: Declared,
    type_: str,
    address: str,
    skip: frozenset[str] = frozenset(),
    scope: Scope | None = None,
) -> Resource:
    """A block as a resource; `scope` is what it is evaluated in, by default a fresh one of the module."""
    references: list[Link] = []
    block, place = declared
    body = build_body(block, scope or module.scope(place), references, skip=skip)
    return Resource(
        address=module.prefixed(address),
        type=type_,
        name=address.split(".", 1)[-1],
        platform="terraform",
        body=body,
        span=place.span(block.at),
        header=place.span(block.header),
        module=module.address,
        root=module.root,
        mode="block",
        references=list(dict.fromkeys(references)),
    )


def _variable_type(body: Map, declared: Declared) -> None:
    for attribute in declared.block.attributes:
        if attribute.name == "type":
            node = attribute.value
            body["type"] = node.name if isinstance(node, ast.Call) else reference_text(node)
            body.key_spans["type"] = declared.place.span(attribute.at)
            body.value_spans["type"] = declared.place.span(node.at)


def module_resource(module: ModuleInstance, name: str) -> Resource:
    """A module call: its source, version and inputs."""
    declared = module.config.calls[name]
    scopes = expand(declared, module)
    scope = scopes[0][1] if scopes else None
    return _block(module, declared, "module", f"module.{name}", META, scope)


def _settings(module: ModuleInstance, called: bool) -> Resource:
    """The `terraform` blocks of a folder as one, with what the folder declares.

    Beside the arguments of the block: `called` (some module call leads here), `providers`
    (configured here), `provider_types` (used by resources), `managed`, `variables`, `outputs`.
    """
    config = module.config
    body = Map()
    span = header = Span(_main_file(config.files), 1, 1, 1, 1)
    for index, declared in enumerate(config.settings):
        part = build_body(declared.block, module.scope(declared.place), [])
        if index == 0:
            span, header = declared.place.span(declared.block.at), declared.place.span(declared.block.header)
        _merge_settings(body, part)
    body.span = span
    facts: dict[str, Any] = {
        "folder": config.folder,
        "called": called,
        "providers": List([declared.block.labels[0] for declared in config.providers]),
        "provider_types": List(sorted({key[1].split("_", 1)[0] for key in config.resources})),
        "managed": List(sorted({key[1] for key in config.resources if key[0] == "managed"})),
        "variables": List(config.variables),
        "outputs": List(config.outputs),
        "modules": List(config.calls),
    }
    for name, value in facts.items():
        body.setdefault(name, value)
    return Resource(
        address=module.prefixed("terraform"),
        type="terraform",
        name=config.folder,
        platform="terraform",
        body=body,
        span=span,
        header=header,
        module=module.address,
        root=module.root,
        mode="block",
    )


def _merge_settings(body: Map, part: Map) -> None:
    for name, value in part.items():
        if name == "required_providers":
            merged = body.setdefault(name, Map((), part.span_of(name)))
            for block in value if isinstance(value, list) else [value]:
                if isinstance(block, Map):
                    merged.update(block)
                    merged.key_spans.update(block.key_spans)
                    merged.value_spans.update(block.value_spans)
        else:
            body[name] = value
        body.key_spans[name] = part.key_spans[name]
        body.value_spans[name] = part.value_spans[name]
    body.origin = body.origin or part.origin


def _main_file(files: list[str]) -> str:
    """The file that a missing `terraform` block belongs in, as people lay modules out."""
    for name in ("versions.tf", "terraform.tf", "providers.tf", "main.tf"):
        for path in files:
            if path.rsplit("/", 1)[-1] == name:
                return path
    return files[0]
