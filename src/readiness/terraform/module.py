"""A module as it is called: inputs, locals, resources and outputs, each evaluated once on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from readiness.estate.model import Link
from readiness.sources.hcl import ast
from readiness.terraform.body import build_body
from readiness.terraform.config import Declared, ModuleConfig, Value, find_attribute
from readiness.terraform.convert import EvaluationError, first_unknown, to_number, unique
from readiness.terraform.documents import policy_document
from readiness.terraform.evaluate import evaluate
from readiness.terraform.references import ModuleObject, ResourceObject, SomeInstances
from readiness.terraform.scope import Place, Scope
from readiness.terraform.types import apply_type
from readiness.values import List, Map, Unknown

COUNT_LIMIT = 1_000
"""Instances of one block; where there are more, one stands for all of them."""

INSTANCE_LIMIT = 20_000
"""Instances of all blocks below one root."""


class _Any:
    """The key of an instance that stands for all of them."""


ANY = _Any()

LoadModule = Callable[["ModuleInstance", str], "ModuleConfig | Unknown"]


class Instance:
    """One instance of a resource: its address, body and the references in it."""

    __slots__ = ("address", "body", "declared", "mode", "name", "references", "scope", "type")

    def __init__(self, address: str, declared: Declared, key: tuple[str, str, str], scope: Scope) -> None:
        self.address = address
        self.declared = declared
        self.mode, self.type, self.name = key
        self.scope = scope
        self.references: list[Link] = []
        self.body = build_body(declared.block, scope, self.references)
        if self.mode == "data" and self.type == "aws_iam_policy_document":
            self.body["json"] = policy_document(self.body)


class ModuleInstance:
    """A module with its inputs.  `address` is "" for a root, else `module.a.module.b`."""

    def __init__(
        self,
        config: ModuleConfig,
        root: str,
        load: LoadModule,
        address: str = "",
        parent: ModuleInstance | None = None,
        call: tuple[Declared, Scope] | None = None,
        values: list[Value] | None = None,
    ) -> None:
        self.config = config
        self.root = root
        self.load = load
        self.address = address
        self.parent = parent
        self.call = call
        self.top: ModuleInstance = parent.top if parent else self
        self.count = 0  # of a root: the instances below it
        self.values = {value.attribute.name: value for value in (values or [])}
        self._variables: dict[str, Any] = {}
        self._locals: dict[str, tuple[Any, dict[str, None]]] = {}
        self._resources: dict[tuple[str, str, str], Any] = {}
        self._calls: dict[str, Any] = {}
        self._outputs: dict[str, tuple[Any, dict[str, None]]] = {}
        self._busy: set[tuple[str, ...]] = set()
        self.children: dict[str, list[ModuleInstance]] = {}
        self.input_seen: dict[str, dict[str, None]] = {}

    def scope(self, place: Place) -> Scope:
        """A fresh scope for a block of this module."""
        return Scope(self, place)

    def prefixed(self, address: str) -> str:
        """An address inside this module as seen from the root."""
        return f"{self.address}.{address}" if self.address else address

    # -- variables ------------------------------------------------------------------

    def source_of(self, name: str) -> tuple[ast.Expr, Scope, str] | None:
        """What sets a variable: its expression, scope and the kind of place; None if nothing does."""
        if self.call is not None:
            declared, scope = self.call
            attribute = find_attribute(declared.block, name)
            if attribute is not None:
                return attribute.value, scope, f"argument of {self.address}"
        elif name in self.values:
            value = self.values[name]
            return value.attribute.value, self.scope(value.place), value.source
        variable = self.config.variables.get(name)
        default = find_attribute(variable.block, "default") if variable else None
        if variable is not None and default is not None:
            return default.value, self.scope(variable.place), f"default of variable {name}"
        return None

    def variable(self, name: str) -> Any:
        """The value of an input variable, converted to its type."""
        if name in self._variables:
            return self._variables[name]
        key = ("var", name)
        if key in self._busy:
            return Unknown(f"var.{name} refers to itself", (f"var.{name}",))
        self._busy.add(key)
        try:
            value = self._evaluate_variable(name)
        finally:
            self._busy.discard(key)
        self._variables[name] = value
        return value

    def _evaluate_variable(self, name: str) -> Any:
        declared = self.config.variables.get(name)
        if declared is None:
            return Unknown(f"the variable {name} is not declared in {self.config.folder}", (f"var.{name}",))
        source = self.source_of(name)
        if source is None:
            return Unknown(f"var.{name} has no default and no value here", (f"var.{name}",))
        node, scope, _kind = source
        inner = scope.collecting()
        value = bounded(evaluate(node, inner))
        self.input_seen[name] = inner.seen
        if value is None:
            value = self._null_argument(declared)
        type_node = find_attribute(declared.block, "type")
        return value if type_node is None else apply_type(value, type_node.value, self.scope(declared.place))

    def _null_argument(self, declared: Declared) -> Any:
        """With `nullable = false` a null argument means the default."""
        nullable = find_attribute(declared.block, "nullable")
        default = find_attribute(declared.block, "default")
        if nullable is None or default is None or getattr(nullable.value, "value", True) is not False:
            return None
        return evaluate(default.value, self.scope(declared.place))

    # -- locals, outputs ---------------------------------------------------------------

    def local(self, name: str, scope: Scope) -> Any:
        """The value of a local; the addresses it touches are seen by `scope` too."""
        value, seen = self._memo(self._locals, ("local", name), self._evaluate_local)
        scope.seen.update(seen)
        return value

    def _evaluate_local(self, name: str) -> tuple[Any, dict[str, None]]:
        declared = self.config.locals.get(name)
        if declared is None:
            return Unknown(f"local.{name} is not declared in {self.config.folder}", (f"local.{name}",)), {}
        inner = self.scope(declared.place)
        return bounded(evaluate(declared.attribute.value, inner)), inner.seen

    def output(self, name: str, scope: Scope) -> Any:
        """The value of an output; the addresses it touches are seen by `scope` too."""
        value, seen = self._memo(self._outputs, ("output", name), self._evaluate_output)
        scope.seen.update(seen)
        return value

    def _evaluate_output(self, name: str) -> tuple[Any, dict[str, None]]:
        declared = self.config.outputs.get(name)
        address = self.prefixed(f"output.{name}")
        if declared is None:
            return Unknown(f"{self.address} has no output {name}", (f"{self.address}.{name}",)), {}
        attribute = find_attribute(declared.block, "value")
        if attribute is None:
            return Unknown(f"{address} has no value"), {}
        inner = self.scope(declared.place)
        return bounded(evaluate(attribute.value, inner)), inner.seen

    def _memo(
        self,
        memo: dict[str, tuple[Any, dict[str, None]]],
        key: tuple[str, str],
        compute: Callable[[str], tuple[Any, dict[str, None]]],
    ) -> tuple[Any, dict[str, None]]:
        name = key[1]
        found = memo.get(name)
        if found is not None:
            return found
        if key in self._busy:
            text = ".".join(key)
            return Unknown(f"{text} refers to itself", (text,)), {}
        self._busy.add(key)
        try:
            memo[name] = result = compute(name)
        finally:
            self._busy.discard(key)
        return result

    # -- resources -----------------------------------------------------------------------

    def resource_value(self, mode: str, type_: str, name: str) -> Any:
        """A resource as expressions see it: an object, or a list or map of them."""
        key = (mode, type_, name)
        declared = self.config.resources.get(key)
        local = f"data.{type_}.{name}" if mode == "data" else f"{type_}.{name}"
        if declared is None:
            ephemeral = ("ephemeral", type_, name)
            if ephemeral in self.config.resources:
                return Unknown(f"{local} is ephemeral", (local,))
            return Unknown(f"{local} is not declared in {self.config.folder}", (local,))
        if key in self._busy:
            return Unknown(f"{local} refers to itself", (local,))
        found = self._expand(key, declared)
        if isinstance(found, Unknown):
            return found
        objects = {k: ResourceObject(i.body, i.address, mode) for k, i in found.items()}
        return _as_value(objects, self.prefixed(local), declared)

    def instances(self) -> Iterator[Instance]:
        """Every instance of every resource and data source of this module (children apart)."""
        for key, declared in self.config.resources.items():
            found = self._expand(key, declared)
            if not isinstance(found, Unknown):
                yield from found.values()

    def _expand(self, key: tuple[str, str, str], declared: Declared) -> Any:
        """The instances of a resource by key: None alone, or indexes, or strings."""
        if key in self._resources:
            return self._resources[key]
        self._busy.add(key)
        try:
            result = {}
            mode, type_, name = key
            base = self.prefixed(f"data.{type_}.{name}" if mode == "data" else f"{type_}.{name}")
            for index, scope in self.top.admitted(expand(declared, self), declared, self):
                result[index] = Instance(base + suffix(index), declared, key, scope)
        finally:
            self._busy.discard(key)
        self._resources[key] = result
        return result

    # -- module calls ----------------------------------------------------------------------

    def call_value(self, name: str) -> Any:
        """A module call as expressions see it."""
        key = ("module", name)
        if name not in self._calls:
            if key in self._busy:
                address = self.prefixed(f"module.{name}")
                return Unknown(f"{address} refers to itself", (address,))
            self._busy.add(key)
            try:
                self._calls[name] = self._open(name)
            finally:
                self._busy.discard(key)
        return self._calls[name]

    def _open(self, name: str) -> Any:
        declared = self.config.calls.get(name)
        address = self.prefixed(f"module.{name}")
        if declared is None:
            return Unknown(f"{address} is not declared", (address,))
        if self.top.count > INSTANCE_LIMIT:
            return Unknown(
                f"{address} is not followed: there are more than {INSTANCE_LIMIT:,} instances", (address,)
            )
        config = self.load(self, name)
        if isinstance(config, Unknown):
            return config
        objects: dict[Any, Any] = {}
        for index, scope in self.top.admitted(expand(declared, self), declared, self):
            child = ModuleInstance(
                config, self.root, self.load, address + suffix(index), self, (declared, scope)
            )
            self.children.setdefault(name, []).append(child)
            objects[index] = ModuleObject(child.address, config.outputs, child.output)
        return _as_value(objects, address, declared)

    def admitted(
        self, found: list[tuple[Any, Scope]], declared: Declared, module: ModuleInstance
    ) -> list[tuple[Any, Scope]]:
        """The instances of a block, as long as a root (which this is) has not too many of them."""
        self.count += len(found)
        if self.count > INSTANCE_LIMIT and len(found) > 1:
            reason = f"there are more than {INSTANCE_LIMIT:,} instances in all"
            return [
                _some(module, declared.place, find_attribute(declared.block, "count") is not None, reason)
            ]
        return found

    def open_all(self) -> Iterator[ModuleInstance]:
        """This instance and all below it."""
        yield self
        for name in self.config.calls:
            self.call_value(name)
            for child in self.children.get(name, []):
                yield from child.open_all()


def bounded(value: Any) -> Any:
    """A value, or an Unknown in place of one that is too large to be walked."""
    try:
        first_unknown(value)
    except EvaluationError as error:
        return Unknown(f"it cannot be evaluated: {error}", not_null=True)
    return value


def _as_value(objects: dict[Any, Any], address: str, declared: Declared) -> Any:
    """What expressions see of the instances of a block: one, a list or a map."""
    if None in objects:
        return objects[None]
    if ANY in objects:
        return SomeInstances(address, objects[ANY])
    return List(objects.values()) if find_attribute(declared.block, "count") else Map(objects)


def suffix(index: Any) -> str:
    """The instance key of an address: `[0]`, `["a"]`, or nothing."""
    if index is None or index is ANY:
        return ""
    return f"[{index}]" if isinstance(index, int) else '["' + str(index).replace('"', '\\"') + '"]'


def expand(declared: Declared, module: ModuleInstance) -> list[tuple[Any, Scope]]:
    """The instance keys of a block with their scopes.

    Where `count` or `for_each` is not known, one instance, of the key `ANY`, stands for all of
    them, with unknown keys and values.
    """
    block, place = declared
    scope = module.scope(place)
    count = find_attribute(block, "count")
    if count is not None:
        return _expand_count(evaluate(count.value, scope), module, place)
    each = find_attribute(block, "for_each")
    if each is not None:
        return _expand_each(evaluate(each.value, scope), module, place)
    return [(None, scope)]


def _some(
    module: ModuleInstance, place: Place, counted: bool, reason: str, refs: tuple[str, ...] = ()
) -> tuple[Any, Scope]:
    """One instance that stands for all."""
    if counted:
        return ANY, Scope(module, place, count=Unknown(reason, refs, not_null=True))
    return ANY, Scope(module, place, each=(Unknown(reason, refs, not_null=True), Unknown(reason, refs)))


def _expand_count(value: Any, module: ModuleInstance, place: Place) -> list[tuple[Any, Scope]]:
    try:
        number = to_number(value)
    except EvaluationError:
        number = None
    if not isinstance(number, int) or number < 0:
        refs = value.refs if isinstance(value, Unknown) else ()
        return [_some(module, place, True, "the number of instances (`count`) is not known", refs)]
    if number > COUNT_LIMIT:
        return [_some(module, place, True, f"there are more than {COUNT_LIMIT:,} instances")]
    return [(index, Scope(module, place, count=index)) for index in range(number)]


def _expand_each(value: Any, module: ModuleInstance, place: Place) -> list[tuple[Any, Scope]]:
    pairs: list[tuple[Any, Any]] | None = None
    if isinstance(value, dict):
        pairs = [(key, value[key]) for key in sorted(value)]
    elif isinstance(value, list) and all(isinstance(item, str) for item in value):
        pairs = [(str(item), item) for item in unique(value)]
    if pairs is None:
        refs = value.refs if isinstance(value, Unknown) else ()
        return [_some(module, place, False, "the instances (`for_each`) are not known", refs)]
    if len(pairs) > COUNT_LIMIT:
        return [_some(module, place, False, f"there are more than {COUNT_LIMIT:,} instances")]
    return [(key, Scope(module, place, each=(key, item))) for key, item in pairs]
