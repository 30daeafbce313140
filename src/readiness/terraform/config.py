"""A folder of Terraform files as declared: its blocks by kind and name, nothing evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct, field

from readiness.sources.hcl import ast
from readiness.sources.hcl.file import HclFile
from readiness.terraform.scope import Place


class Declared(NamedTuple):
    """A block and where it stands."""

    block: ast.Block
    place: Place


class Value(NamedTuple):
    """An expression and where it stands; `source` names the kind of place for people."""

    attribute: ast.Attribute
    place: Place
    source: str


class ModuleConfig(Struct):
    """The declarations of one folder (a Terraform module)."""

    folder: str
    files: list[str] = field(default_factory=list)
    variables: dict[str, Declared] = field(default_factory=dict)
    locals: dict[str, Value] = field(default_factory=dict)
    outputs: dict[str, Declared] = field(default_factory=dict)
    resources: dict[tuple[str, str, str], Declared] = field(default_factory=dict)  # (mode, type, name)
    calls: dict[str, Declared] = field(default_factory=dict)
    providers: list[Declared] = field(default_factory=list)
    settings: list[Declared] = field(default_factory=list)  # `terraform` blocks
    values: list[Value] = field(default_factory=list)  # tfvars, in the order of precedence
    others: list[Declared] = field(default_factory=list)  # moved, import, check, …


def _value_rank(path: str) -> tuple[int, str]:
    """Precedence of variable files that Terraform loads by itself; later ones win."""
    name = path.rsplit("/", 1)[-1]
    return (0 if name.startswith("terraform.tfvars") else 1, name)


def is_auto_values(path: str) -> bool:
    """True for the variable files that Terraform loads without being told."""
    name = path.rsplit("/", 1)[-1]
    return name in ("terraform.tfvars", "terraform.tfvars.json") or name.endswith(
        (".auto.tfvars", ".auto.tfvars.json")
    )


def read_config(folder: str, files: Iterable[HclFile]) -> ModuleConfig:
    """Collect the declarations of the files of one folder."""
    config = ModuleConfig(folder)
    named = sorted(files, key=lambda file: file.path)
    # Override files replace what the others declare, so they come last.
    named.sort(key=lambda file: file.path.rsplit("/", 1)[-1].split(".")[0].endswith("override"))
    for file in named:
        if file.is_values:
            continue
        config.files.append(file.path)
        for base, chunk in file.chunks:
            place = Place(file.path, base)
            for block in chunk.blocks:
                _declare(config, Declared(block, place))
    for file in sorted((f for f in named if f.is_values and is_auto_values(f.path)), key=lambda f: _value_rank(f.path)):
        config.values.extend(file_values(file))
    return config


def file_values(file: HclFile) -> list[Value]:
    """The values that a tfvars file sets."""
    source = file.path.rsplit("/", 1)[-1]
    return [
        Value(attribute, Place(file.path, base), source)
        for base, chunk in file.chunks
        for attribute in chunk.attributes
    ]


def _declare(config: ModuleConfig, declared: Declared) -> None:
    block = declared.block
    labels = block.labels
    kind = block.type
    if kind == "locals":
        for attribute in block.attributes:
            config.locals[attribute.name] = Value(attribute, declared.place, "local")
    elif kind in ("resource", "data", "ephemeral") and len(labels) == 2:
        mode = {"resource": "managed"}.get(kind, kind)
        config.resources[mode, labels[0], labels[1]] = declared
    elif kind == "variable" and labels:
        config.variables[labels[0]] = declared
    elif kind == "output" and labels:
        config.outputs[labels[0]] = declared
    elif kind == "module" and labels:
        config.calls[labels[0]] = declared
    elif kind == "provider" and labels:
        config.providers.append(declared)
    elif kind == "terraform":
        config.settings.append(declared)
    else:
        config.others.append(declared)


def find_attribute(block: ast.Block, name: str) -> ast.Attribute | None:
    """The attribute of a block by name, or None."""
    for attribute in block.attributes:
        if attribute.name == name:
            return attribute
    return None
