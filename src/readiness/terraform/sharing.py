"""Modules that are called more than once with the same inputs: their resources are evaluated once."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from readiness.estate.model import Link
from readiness.terraform.body import META
from readiness.terraform.convert import identity
from readiness.terraform.origins import BlockOrigin, ExpressionOrigin
from readiness.terraform.references import ModuleObject, ResourceObject
from readiness.values import JsonText, List, Map, Unknown, like

if TYPE_CHECKING:
    from readiness.terraform.instance import Instance
    from readiness.terraform.module import ModuleInstance


class Sharing:
    """The instances of modules below one root, by what goes into them."""

    def __init__(self) -> None:
        self._first: dict[Hashable, ModuleInstance] = {}

    def twin_of(self, module: ModuleInstance) -> ModuleInstance | None:
        """An earlier instance of the same module that is given the same values, or None.

        Only asked while nothing is being evaluated: that takes all inputs, also those that a single
        resource does not wait for.  Installed modules have none: findings in them point to the call.
        """
        if module.call is None or module.installed:
            return None
        twin = self._first.setdefault(_inputs(module), module)
        return None if twin is module else twin


def _inputs(module: ModuleInstance) -> Hashable:
    """What decides the values of a module: its folder and arguments."""
    if module.call is None:
        return module.address
    declared = module.call[0]
    names = {
        attribute.name for layer in (declared, *declared.overrides) for attribute in layer.block.attributes
    }
    given = sorted(names - META - {"source", "version"})
    return (
        module.config.folder,
        str(module.path),
        *((name, _identity(module.variable(name))) for name in given),
    )


def _identity(value: Any) -> Hashable:
    """Equal for values that evaluate alike, unknown ones among them."""
    if isinstance(value, Unknown):
        known = None if value.document is None else _identity(value.document)
        certain = (value.prefix, value.suffix, value.not_null, known, value.identity)
        return ("unknown", value.reason, value.refs, *certain)
    if isinstance(value, (ResourceObject, ModuleObject)):
        return ("object", value.address)
    if isinstance(value, dict):
        return ("map", *((key, _identity(item)) for key, item in sorted(value.items())))
    if isinstance(value, list):
        return ("list", *map(_identity, value))
    return identity(value)


def copied(found: dict[Any, Instance], old: ModuleInstance, new: ModuleInstance) -> dict[Any, Instance]:
    """The instances of a resource as they are in another instance of their module."""
    copy = _Copy(old, new)
    return {key: copy.instance(instance) for key, instance in found.items()}


class _Copy:
    """Rewrites addresses inside one instance of a module to those of another."""

    def __init__(self, old: ModuleInstance, new: ModuleInstance) -> None:
        self.old = old
        self.new = new
        self._from = old.address + "."
        self._to = new.address + "."

    def instance(self, instance: Instance) -> Instance:
        """The same instance elsewhere."""
        references = [Link(self._address(link.address), link.via) for link in instance.references]
        key = (instance.mode, instance.type, instance.name)
        scope = instance.scope.moved_to(self.new)
        address = self._address(instance.address)
        return type(instance)(address, instance.declared, key, scope, self._value(instance.body), references)

    def _address(self, text: str) -> str:
        return self._to + text.removeprefix(self._from) if text.startswith(self._from) else text

    def _origin(self, origin: Any) -> Any:
        if isinstance(origin, (BlockOrigin, ExpressionOrigin)) and origin.scope.module is self.old:
            scope = origin.scope.moved_to(self.new)
            if isinstance(origin, BlockOrigin):
                return BlockOrigin(scope, origin.block)
            return ExpressionOrigin(scope, origin.node)
        return origin

    def _value(self, value: Any) -> Any:
        if isinstance(value, Unknown):
            return self._unknown(value)
        if isinstance(value, Map):
            copy = like(value, {key: self._value(item) for key, item in value.items()})
            copy.origin = self._origin(value.origin)
            if isinstance(value, ResourceObject):
                world = None if value.world is None else self.new.world
                return ResourceObject(copy, self._address(value.address), value.mode, world)
            return copy
        if isinstance(value, List):
            return like(value, [self._value(item) for item in value])
        if isinstance(value, JsonText):
            return JsonText(str(value), self._value(value.value))
        return value

    def _unknown(self, value: Unknown) -> Unknown:
        identity = self._identity(value.identity)
        elsewhere = not any(ref.startswith(self._from) for ref in value.refs)
        if self._from not in value.reason and elsewhere and identity is value.identity:
            return value
        return Unknown(
            value.reason.replace(self._from, self._to),
            tuple(map(self._address, value.refs)),
            value.span,
            value.not_null,
            value.prefix,
            value.suffix,
            self._value(value.document),
            identity,
        )

    def _identity(self, identity: Any) -> Any:
        """What tells the value of an attribute, local or output of this instance of the module."""
        if not isinstance(identity, tuple) or not f"{identity[1]}.".startswith(self._from):
            return identity
        if self.new.world is None:
            return None
        return (self.new.world, self._address(f"{identity[1]}.")[:-1], identity[2])
