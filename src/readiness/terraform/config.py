"""A folder of Terraform files as declared: its blocks by kind and name, nothing evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from msgspec import Struct, field

from readiness.errors import SourceError
from readiness.sources.hcl import ast
from readiness.sources.hcl.file import HclFile
from readiness.terraform.scope import Place
from readiness.values import List, Span


class Argument(NamedTuple):
    """An argument of a block: its attribute and where that stands."""

    attribute: ast.Attribute
    place: Place

    @property
    def value(self) -> ast.Expr:
        """The expression of the argument."""
        return self.attribute.value


class Declared(NamedTuple):
    """A block and where it stands, with the blocks of override files that change it, in their order.

    Source: https://developer.hashicorp.com/terraform/language/files/override
    """

    block: ast.Block
    place: Place
    overrides: tuple[Declared, ...] = ()

    def find(self, name: str) -> Argument | None:
        """An argument by name; that of the last override wins."""
        for layer in reversed(self.overrides):
            attribute = find_attribute(layer.block, name)
            if attribute is not None:
                return Argument(attribute, layer.place)
        attribute = find_attribute(self.block, name)
        return None if attribute is None else Argument(attribute, self.place)

    def nested(self, *types: str) -> list[Declared]:
        """The nested blocks of these types (`dynamic` ones by their label); those of the last override."""
        for layer in (*reversed(self.overrides), self):
            found = [
                Declared(block, layer.place)
                for block in layer.block.blocks
                if (block.labels[0] if block.type == "dynamic" and block.labels else block.type) in types
            ]
            if found:
                return found
        return []


class Value(NamedTuple):
    """An expression and where it stands; `source` names the kind of place for people.

    `structured` is what a value given as text (`--var`, `TF_VAR_`) means for a variable whose type
    is not primitive; None where that text is no expression.  `supplied` is true for what the user gives
    to a run: it need not be in the repository.
    """

    attribute: ast.Attribute
    place: Place
    source: str
    structured: ast.Expr | None = None
    supplied: bool = False


_K = TypeVar("_K", str, tuple[str, str, str])
_V = TypeVar("_V", Declared, Value)


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
    errors: list[SourceError] = field(default_factory=list)  # what is declared twice
    # Names that `terraform.workspace` is held against, each once; found while expressions are evaluated.
    workspaces: List = field(default_factory=List)

    @property
    def installed(self) -> bool:
        """True for a folder that `terraform init` wrote: nobody edits it."""
        return "/.terraform/" in f"/{self.folder}/"


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
    named = _preferred(files)
    # Override files change what the others declare, so they come last.
    named.sort(key=lambda file: (is_override(file.path), file.path))
    for file in named:
        if file.is_values:
            continue
        config.files.append(file.path)
        for base, chunk in file.chunks:
            place = Place(file.path, base)
            for block in chunk.blocks:
                _declare(config, Declared(block, place), is_override(file.path))
    for file in sorted(
        (f for f in named if f.is_values and is_auto_values(f.path)), key=lambda f: _value_rank(f.path)
    ):
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


def is_override(path: str) -> bool:
    """True for a file whose blocks change those of other files."""
    stem = path.rsplit("/", 1)[-1].split(".")[0]
    return stem == "override" or stem.endswith("_override")


def _preferred(files: Iterable[HclFile]) -> list[HclFile]:
    """All files but those of Terraform that OpenTofu passes over for one of its own."""
    listed = list(files)
    paths = {file.path for file in listed}
    return [
        file
        for file in listed
        if not (file.path.endswith(".tf") and file.path.removesuffix(".tf") + ".tofu" in paths)
        and not (
            file.path.endswith(".tf.json") and file.path.removesuffix(".tf.json") + ".tofu.json" in paths
        )
    ]


def _declare(config: ModuleConfig, declared: Declared, override: bool) -> None:
    block = declared.block
    labels = block.labels
    kind = block.type
    if kind == "locals":
        for attribute in block.attributes:
            value = Value(attribute, declared.place, "local")
            _set(config, config.locals, attribute.name, value, f"local.{attribute.name}", override)
    elif kind in ("resource", "data", "ephemeral") and len(labels) == 2:
        mode = {"resource": "managed"}.get(kind, kind)
        prefix = "" if mode == "managed" else f"{mode}."
        key = (mode, labels[0], labels[1])
        _set(config, config.resources, key, declared, f"{prefix}{labels[0]}.{labels[1]}", override)
    elif kind == "variable" and labels:
        _set(config, config.variables, labels[0], declared, f"var.{labels[0]}", override)
    elif kind == "output" and labels:
        _set(config, config.outputs, labels[0], declared, f"output.{labels[0]}", override)
    elif kind == "module" and labels:
        _set(config, config.calls, labels[0], declared, f"module.{labels[0]}", override)
    elif kind == "provider" and labels:
        _declare_provider(config, declared, override)
    elif kind == "terraform":
        config.settings.append(declared)
    else:
        config.others.append(declared)


def _declare_provider(config: ModuleConfig, declared: Declared, override: bool) -> None:
    """Add a provider configuration, or let it change the one of its name and alias."""
    if override:
        for index, other in enumerate(config.providers):
            if other.block.labels == declared.block.labels and alias_of(other) == alias_of(declared):
                config.providers[index] = other._replace(overrides=(*other.overrides, declared))
                return
    config.providers.append(declared)


def alias_of(provider: Declared) -> str:
    """The alias of a provider configuration, "" for the default one."""
    alias = provider.find("alias")
    return str(alias.value.value) if alias is not None and isinstance(alias.value, ast.Lit) else ""


def _set(
    config: ModuleConfig,
    table: dict[_K, _V],
    key: _K,
    value: _V,
    address: str,
    override: bool,
) -> None:
    """Add a declaration; of two the first is kept, and the second is an error."""
    first = table.get(key)
    if first is None or override:
        table[key] = value if first is None else _changed(first, value)
        return
    span, before = _span(value), _span(first)
    message = f"{address} is declared twice, which Terraform rejects; the first is in {before.path} on line"
    config.errors.append(SourceError(span.path, span.line, span.column, f"{message} {before.line}"))


def _changed(first: _V, override: _V) -> _V:
    """A declaration as an override leaves it: that of a local is the override itself."""
    if isinstance(override, Declared):
        return first._replace(overrides=(*first.overrides, override))
    return override


def _span(value: Declared | Value) -> Span:
    at = value.attribute.at if isinstance(value, Value) else value.block.at
    return value.place.span(at)


def find_attribute(block: ast.Block, name: str) -> ast.Attribute | None:
    """The attribute of a block by name, or None."""
    for attribute in block.attributes:
        if attribute.name == name:
            return attribute
    return None
