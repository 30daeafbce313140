"""Terraform files → resources of the estate."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator

from readiness.errors import SourceError
from readiness.estate.model import Link, Resource
from readiness.sources.hcl import ast
from readiness.sources.hcl.file import HclFile
from readiness.terraform.blocks import folder_resources, module_resource
from readiness.terraform.config import ModuleConfig, Value, file_values, find_attribute, read_config
from readiness.terraform.module import INSTANCE_LIMIT, Instance, ModuleInstance
from readiness.terraform.scope import Scope
from readiness.terraform.tags import resource_tags
from readiness.values import Map, Unknown

ReadFolder = Callable[[str], list[HclFile] | None]
"""Reads the Terraform files of a folder that was not asked for; None if it is not to be had."""


class Builder:
    """Builds the resources of every root found in the files of one run."""

    def __init__(
        self, files: Iterable[HclFile], read_folder: ReadFolder, var_files: Iterable[HclFile]
    ) -> None:
        self.read_folder = read_folder
        self.var_values: list[Value] = [value for file in var_files for value in file_values(file)]
        self.configs: dict[str, ModuleConfig] = {}
        self.errors: list[SourceError] = []
        self.visited: set[str] = set()
        folders: dict[str, list[HclFile]] = {}
        for file in files:
            folders.setdefault(posixpath.dirname(file.path) or ".", []).append(file)
        for folder in sorted(folders):
            config = read_config(folder, folders[folder])
            if config.files:
                self.configs[folder] = config
                self.errors.extend(config.errors)
        self.asked = list(self.configs)

    def build(self) -> list[Resource]:
        """The resources of all roots; folders that nothing calls are roots."""
        called = {target for config in self.configs.values() for target in _local_calls(config)}
        resources: list[Resource] = []
        for folder in self.asked:
            if folder not in called:
                resources.extend(self._build_root(folder, called))
        for folder in self.asked:
            # Modules that only call each other, or that a call could not be followed to.
            if folder not in self.visited:
                resources.extend(self._build_root(folder, called))
        return resources

    def _build_root(self, folder: str, called: set[str]) -> list[Resource]:
        config = self.configs[folder]
        root = ModuleInstance(config, folder, self._load, values=config.values + self.var_values)
        resources: list[Resource] = []
        for module in root.open_all():
            if module.config.folder not in self.visited:
                self.visited.add(module.config.folder)
                resources.extend(folder_resources(module, module.config.folder in called))
            for name in module.config.calls:
                resources.append(module_resource(module, name))
            resources.extend(_resource(module, instance) for instance in module.instances())
        if root.count > INSTANCE_LIMIT:
            message = f"the root declares more than {INSTANCE_LIMIT:,} instances; not all of them are checked"
            self._error(SourceError(config.files[0], 1, 1, message))
        return resources

    def _load(self, module: ModuleInstance, name: str) -> ModuleConfig | Unknown:
        """The module that a call names, or an Unknown that says why it was not followed."""
        declared = module.config.calls[name]
        address = module.prefixed(f"module.{name}")
        source = find_attribute(declared.block, "source")
        text = source.value.value if source is not None and isinstance(source.value, ast.Lit) else None
        if source is None or not isinstance(text, str):
            return Unknown(f"{address} has no literal source", (address,))
        if not is_local(text):
            return Unknown(f"{address} comes from {text}, which is not in this repository", (address,))
        folder = posixpath.normpath(posixpath.join(module.config.folder, text))
        span = declared.place.span(source.value.at)
        if any(caller.config.folder == folder for caller in _callers(module)):
            message = f"{address} calls itself: its source {text!r} is the folder of a module that calls it"
            self._error(SourceError(span.path, span.line, span.column, message))
            return Unknown(message, (address,))
        config = self.configs.get(folder)
        if config is None:
            files = self.read_folder(folder)
            if files is None:
                message = f"the folder {text!r} of {address} is not there or lies outside the repository"
                self._error(SourceError(span.path, span.line, span.column, message))
                return Unknown(message, (address,))
            config = self.configs[folder] = read_config(folder, files)
            self.errors.extend(config.errors)
            for file in files:
                self.errors.extend(file.errors)
        return config

    def _error(self, error: SourceError) -> None:
        if error not in self.errors:
            self.errors.append(error)


def _callers(module: ModuleInstance) -> Iterator[ModuleInstance]:
    """A module and those that lead to it, up to the root."""
    current: ModuleInstance | None = module
    while current is not None:
        yield current
        current = current.parent


def is_local(source: str) -> bool:
    """True for a module source that is a path, as Terraform tells them apart."""
    return source.startswith(("./", "../")) or source in (".", "..")


def _local_calls(config: ModuleConfig) -> Iterable[str]:
    for declared in config.calls.values():
        source = find_attribute(declared.block, "source")
        text = source.value.value if source is not None and isinstance(source.value, ast.Lit) else None
        if isinstance(text, str) and is_local(text):
            target = posixpath.normpath(posixpath.join(config.folder, text))
            if target != config.folder:
                yield target


def _resource(module: ModuleInstance, instance: Instance) -> Resource:
    block, place = instance.declared
    tags = resource_tags(module, instance)
    return Resource(
        address=instance.address,
        type=f"data.{instance.type}" if instance.mode == "data" else instance.type,
        name=instance.name,
        platform="terraform",
        body=instance.body,
        span=place.span(block.at),
        header=place.span(block.header),
        module=module.address,
        root=module.root,
        mode=instance.mode,
        tags=tags,
        labels=tags,
        annotations=Map(),
        references=_distinct(instance.references),
        maybe=_maybe(instance.scope),
    )


def _maybe(scope: Scope) -> bool:
    """True where `count` or `for_each` of the block, or of a module call above it, is not known."""
    each = scope.each
    if isinstance(scope.count, Unknown) or (each is not None and isinstance(each[0], Unknown)):
        return True
    return scope.module.call is not None and _maybe(scope.module.call[1])


def _distinct(references: list[Link]) -> list[Link]:
    return list(dict.fromkeys(references))
