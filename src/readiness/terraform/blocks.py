"""Blocks that are no resources of a provider, as resources for policies on code hygiene.

`terraform` (one for each folder), `provider`, `variable`, `local`, `output`, `module`, `check`, and
`moved`, `import` and `removed`, which name addresses.
"""

from __future__ import annotations

from typing import Any

from readiness.estate.model import Link, Resource
from readiness.sources.hcl import ast
from readiness.terraform.body import META, build_body, declared_body, opened, reference_text
from readiness.terraform.config import Declared, alias_of, find_attribute
from readiness.terraform.expand import expand, some
from readiness.terraform.module import ModuleInstance
from readiness.terraform.origins import LocalOrigin
from readiness.terraform.scope import Scope
from readiness.values import List, Map, Span

WRITTEN = frozenset({"terraform", "variable", "moved", "import", "removed"})
"""Types of resources that are as they are written, whatever a folder is evaluated for."""


def written_resources(module: ModuleInstance, called: bool) -> list[Resource]:
    """What a folder declares that no value can change; once for each folder, whoever calls it."""
    config = module.config
    declared_here = (config.settings, config.resources, config.calls, config.providers, config.variables)
    if not any((*declared_here, config.outputs, config.locals)):
        return []  # files without a block declare nothing
    result = [_settings(module, called)]
    for name, declared in config.variables.items():
        resource = _block(module, declared, "variable", f"var.{name}", frozenset({"type"}))
        _variable_type(resource.body, declared)
        result.append(resource)
    result += [
        _named_address(module, declared) for declared in config.others if declared.block.type in _NAMES
    ]
    return result


def evaluated_resources(module: ModuleInstance) -> list[Resource]:
    """Providers, locals, outputs and checks of a folder, with their values."""
    config = module.config
    result = []
    for declared in config.providers:
        alias = alias_of(declared)
        name = f"{declared.block.labels[0]}.{alias}" if alias else declared.block.labels[0]
        result.append(_block(module, declared, "provider", f"provider.{name}"))
    result += [_local(module, name) for name in config.locals]
    for name, declared in config.outputs.items():
        result.append(_block(module, declared, "output", f"output.{name}", frozenset({"depends_on"})))
    for declared in config.others:
        if declared.block.type == "check" and declared.block.labels:
            result.append(_block(module, declared, "check", f"check.{declared.block.labels[0]}"))
    return result


def _local(module: ModuleInstance, name: str) -> Resource:
    """A local as a resource whose body has its `value`."""
    attribute, place = module.config.locals[name][:2]
    scope = module.scope(place)
    at, span = place.span(attribute.at), place.span(attribute.value.at)
    value = opened(module.local(name, scope), scope)
    body = Map(
        {"value": value}, at.to(span), {"value": at}, {"value": span}, LocalOrigin(scope, attribute.value)
    )
    address = module.prefixed(f"local.{name}")
    # What it mentions is linked with those that use it, not with it.
    return _resource(module, address, "local", name, body, (at.to(span), at), [])


_NAMES = {"moved": ("from", "to"), "import": ("to", "provider"), "removed": ("from",)}
"""Blocks with arguments that name an address, and those arguments."""


def _named_address(module: ModuleInstance, declared: Declared) -> Resource:
    block, place = declared.block, declared.place
    names = _NAMES[block.type]
    body = build_body(block, module.scope(place), [], skip=META | frozenset(names))
    for name in names:
        attribute = find_attribute(block, name)
        if attribute is not None:
            body[name] = reference_text(attribute.value)
            body.key_spans[name] = place.span(attribute.at)
            body.value_spans[name] = place.span(attribute.value.at)
    subject = str(body.get("from") or body.get("to"))
    spans = (place.span(block.at), place.span(block.header))
    return _resource(module, module.prefixed(f"{block.type}.{subject}"), block.type, subject, body, spans, [])


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
    block, place = declared.block, declared.place
    body = declared_body(declared, scope or module.scope(place), references, skip)
    spans = (place.span(block.at), place.span(block.header))
    name = address.split(".", 1)[-1]
    return _resource(module, module.prefixed(address), type_, name, body, spans, references)


def _resource(
    module: ModuleInstance,
    address: str,
    type_: str,
    name: str,
    body: Map,
    spans: tuple[Span, Span],
    references: list[Link],
) -> Resource:
    """A block as a resource; `spans` are those of all of it and of its header."""
    return Resource(
        address=address,
        type=type_,
        name=name,
        platform="terraform",
        body=body,
        span=spans[0],
        header=spans[1],
        module=module.address,
        root=module.root,
        mode="block",
        references=list(dict.fromkeys(references)),
    )


def _variable_type(body: Map, declared: Declared) -> None:
    found = declared.find("type")
    if found is not None:
        node = found.value
        body["type"] = node.name if isinstance(node, ast.Call) else reference_text(node)
        body.key_spans["type"] = found.place.span(found.attribute.at)
        body.value_spans["type"] = found.place.span(node.at)


def module_resource(module: ModuleInstance, name: str) -> Resource:
    """A module call: its source, version and inputs."""
    declared = module.config.calls[name]
    scopes = expand(declared, module)
    if not scopes:
        counted = declared.find("count") is not None
        scopes = [some(module, declared.place, counted, f"module.{name} has no instance")]
    scope = scopes[0][1]
    return _block(module, declared, "module", f"module.{name}", META, scope)


def _settings(module: ModuleInstance, called: bool) -> Resource:
    """The `terraform` blocks of a folder as one, with what the folder declares.

    Beside the arguments of the block: `called` (some module call leads here), `providers`
    (configured here), `provider_types` (used by resources), `managed`, `variables`, `outputs`,
    `workspaces` (names that `terraform.workspace` is held against; it fills while the rest is evaluated).
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
        "workspaces": config.workspaces,
    }
    for name, value in facts.items():
        body.setdefault(name, value)
    return _resource(
        module, module.prefixed("terraform"), "terraform", config.folder, body, (span, header), []
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
