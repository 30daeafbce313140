"""Terraform files → resources of the estate."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping

from readiness.errors import SourceError
from readiness.estate.model import Link, Resource
from readiness.sources.hcl import ast
from readiness.sources.hcl.file import HclFile
from readiness.terraform.blocks import WRITTEN, evaluated_resources, module_resource, written_resources
from readiness.terraform.config import Declared, ModuleConfig, read_config
from readiness.terraform.files import Files, NoFiles
from readiness.terraform.inputs import VARIANT_LIMIT, Inputs, ValueFiles, variants
from readiness.terraform.instance import Instance
from readiness.terraform.module import INSTANCE_LIMIT, ModuleInstance
from readiness.terraform.scope import Scope
from readiness.terraform.sharing import Sharing
from readiness.terraform.tags import resource_tags
from readiness.values import Map, Unknown

ReadFolder = Callable[[str], list[HclFile] | None]
"""Reads the Terraform files of a folder that was not asked for; None if it is not to be had."""

Installed = Callable[[str], Mapping[str, str]]
"""The modules that `terraform init` put below a root: the path of the call (`vpc.subnets`) → folder."""


class Builder:
    """Builds the resources of every root found in the files of one run."""

    def __init__(
        self,
        files: Iterable[HclFile],
        read_folder: ReadFolder,
        inputs: Inputs | None = None,
        installed: Installed = lambda _root: {},
        files_read: Files | None = None,
    ) -> None:
        self.read_folder = read_folder
        self.inputs = inputs or Inputs()
        self.installed = installed
        self.files_read = files_read or NoFiles()
        self.configs: dict[str, ModuleConfig] = {}
        self.errors: list[SourceError] = []
        self.visited: set[str] = set()
        self.environments: set[str] = set()
        folders: dict[str, list[HclFile]] = {}
        for file in files:
            folders.setdefault(posixpath.dirname(file.path) or ".", []).append(file)
        for folder in sorted(folders):
            config = read_config(folder, folders[folder])
            if config.files:
                self.configs[folder] = config
                self.errors.extend(config.errors)
        self.asked = list(self.configs)
        self.value_files = ValueFiles((file for found in folders.values() for file in found), self.configs)

    def called(self, folder: str) -> list[str]:
        """The folders of the repository that a folder calls as modules."""
        config = self.configs.get(folder)
        return [] if config is None else list(_local_calls(config))

    def given(self, path: str, roots: Iterable[str]) -> set[str]:
        """Which of some roots take the values of an environment from a file."""
        return {
            root
            for root in roots
            for pattern in self.inputs.patterns
            if any(file.path == path for _, file in self.value_files.matching(root, pattern))
        }

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

    def _build_root(self, folder: str, called: set[str]) -> Iterator[Resource]:
        """The resources of a root in every one of its environments."""
        config = self.configs[folder]
        found = variants(config, self.value_files, self.inputs)
        self.environments.update(variant.name for variant in found)
        if self.inputs.chosen and found[0].name:
            found = [variant for variant in found if variant.name in self.inputs.chosen]
        if len(found) > VARIANT_LIMIT:
            message = f"the root has more than {VARIANT_LIMIT} environments; those after "
            message += f"{found[VARIANT_LIMIT - 1].name} are not checked"
            self._error(SourceError(config.files[0], 1, 1, message))
        for variant in found[:VARIANT_LIMIT]:
            root = ModuleInstance(
                config, config.folder, self._load, values=variant.values, files=self.files_read
            )
            root.workspace = variant.workspace
            built = list(self._build_variant(root, called))
            secrets = frozenset(root.secrets)
            for resource in built:
                resource.secrets = secrets
                resource.variant = "" if resource.type in WRITTEN else variant.name
                yield resource

    def _build_variant(self, root: ModuleInstance, called: set[str]) -> Iterator[Resource]:
        modules = list(root.open_all())
        sharing = Sharing()
        for module in reversed(modules):
            module.complete(sharing)  # called modules before those that call them
        for module in modules:
            folder = module.config.folder
            first = folder not in self.visited
            self.visited.add(folder)
            if not module.installed:
                if first:
                    yield from written_resources(module, folder in called)
                if first or module is root:
                    yield from evaluated_resources(module)
                for name in module.config.calls:
                    yield module_resource(module, name)
            for instance in module.instances():
                yield _resource(module, instance)
        for error in root.errors:
            self._error(error)
        if root.count > INSTANCE_LIMIT:
            message = f"the root declares more than {INSTANCE_LIMIT:,} instances; not all of them are checked"
            self._error(SourceError(root.config.files[0], 1, 1, message))

    def _load(self, module: ModuleInstance, name: str) -> ModuleConfig | Unknown:
        """The module that a call names, or an Unknown that says why it was not followed."""
        declared = module.config.calls[name]
        address = module.prefixed(f"module.{name}")
        source = declared.find("source")
        text = source.value.value if source is not None and isinstance(source.value, ast.Lit) else None
        if source is None or not isinstance(text, str):
            return Unknown(f"{address} has no literal source", (address,))
        span = source.place.span(source.value.at)
        if is_local(text):
            folder = posixpath.normpath(posixpath.join(module.config.folder, text))
        else:
            found = self.installed(module.root).get(module.path_of(name))
            if found is None:
                return Unknown(f"{address} comes from {text}, which is not in this repository", (address,))
            folder = posixpath.normpath(posixpath.join(module.root, found))
        if any(caller.config.folder == folder for caller in _callers(module)):
            message = f"{address} calls itself: its source {text!r} is the folder of a module that calls it"
            self._error(SourceError(span.path, span.line, span.column, message))
            return Unknown(message, (address,))
        config = self._config(folder)
        if config is not None:
            return config
        if not is_local(text):
            message = f"{address} was installed into {folder}, which is no longer there: run `terraform init`"
            return Unknown(message, (address,))
        message = f"the folder {text!r} of {address} is not there or lies outside the repository"
        self._error(SourceError(span.path, span.line, span.column, message))
        return Unknown(message, (address,))

    def _config(self, folder: str) -> ModuleConfig | None:
        """The declarations of a folder, read now where it was not among the files."""
        config = self.configs.get(folder)
        if config is None:
            files = self.read_folder(folder)
            if files is None:
                return None
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
        source = declared.find("source")
        text = source.value.value if source is not None and isinstance(source.value, ast.Lit) else None
        if isinstance(text, str) and is_local(text):
            target = posixpath.normpath(posixpath.join(config.folder, text))
            if target != config.folder:
                yield target


def _resource(module: ModuleInstance, instance: Instance) -> Resource:
    block, place = instance.declared.block, instance.declared.place
    call = _call_from_outside(module)
    span, header = place.span(block.at), place.span(block.header)
    tags = resource_tags(module, instance)
    return Resource(
        address=instance.address,
        type=f"data.{instance.type}" if instance.mode == "data" else instance.type,
        name=instance.name,
        platform="terraform",
        body=instance.body,
        span=span if call is None else call.place.span(call.block.at),
        header=header if call is None else call.place.span(call.block.header),
        inside=None if call is None else header,
        module=module.address,
        root=module.root,
        mode=instance.mode,
        tags=tags,
        labels=tags,
        annotations=Map(),
        references=_distinct(instance.references),
        maybe=_maybe(instance.scope),
    )


def _call_from_outside(module: ModuleInstance) -> Declared | None:
    """The call that brings an installed module in, in code that people can edit; None for other modules."""
    outer = module
    while outer.installed and outer.parent is not None and outer.call is not None:
        call, outer = outer.call[0], outer.parent
        if not outer.installed:
            return call
    return None


def _maybe(scope: Scope) -> bool:
    """True where `count` or `for_each` of the block, or of a module call above it, is not known."""
    each = scope.each
    if isinstance(scope.count, Unknown) or (each is not None and isinstance(each[0], Unknown)):
        return True
    return scope.module.call is not None and _maybe(scope.module.call[1])


def _distinct(references: list[Link]) -> list[Link]:
    return list(dict.fromkeys(references))
