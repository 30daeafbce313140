"""A module as it is called: inputs, locals, resources and outputs, each evaluated once on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from readiness.errors import SourceError
from readiness.sources.hcl import ast
from readiness.terraform.config import Declared, ModuleConfig, Value
from readiness.terraform.convert import EvaluationError, first_unknown
from readiness.terraform.cycles import Key, cycle
from readiness.terraform.evaluate import evaluate
from readiness.terraform.expand import ANY, expand, some, suffix
from readiness.terraform.files import Files, NoFiles, module_path
from readiness.terraform.instance import Instance, evaluated
from readiness.terraform.kinds import OBJECT, TUPLE
from readiness.terraform.mentions import mentions
from readiness.terraform.references import ModuleObject, ResourceObject, SomeInstances
from readiness.terraform.scope import Place, Scope
from readiness.terraform.secrets import sensitive_texts
from readiness.terraform.sharing import Sharing, copied
from readiness.terraform.types import apply_type
from readiness.values import List, Map, Unknown, supplied

INSTANCE_LIMIT = 20_000
"""Instances of all blocks below one root."""


DEPTH = 16
"""Locals that may wait for one another before the rest of a chain is evaluated from its end."""


LoadModule = Callable[["ModuleInstance", str], "ModuleConfig | Unknown"]


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
        files: Files | None = None,
    ) -> None:
        self.config = config
        self.root = root
        self.load = load
        self.address = address
        self.parent = parent
        self.call = call
        self.top: ModuleInstance = parent.top if parent else self
        self.world: ModuleInstance | None = call[1].world if call else self
        self.files: Files = parent.top.files if parent else files or NoFiles()
        self.path: str | Unknown = "."
        if parent is not None and call is not None:
            self.path = module_path(parent.path, call, root, config.folder)
        # Of a root: how many instances there are below it, the workspace (None where it is not known),
        # what Terraform would refuse, how many locals wait for one another right now, and sensitive texts.
        self.count = 0
        self.workspace: str | None = None
        self.errors: list[SourceError] = []
        self.waiting = 0
        self.secrets: set[str] = set()
        self.mentioned: dict[int, list[tuple[str, str]]] = {}
        self.values = {value.attribute.name: value for value in (values or [])}
        self._variables: dict[str, Any] = {}
        self._locals: dict[str, tuple[Any, dict[str, None]]] = {}
        self._resources: dict[tuple[str, str, str], dict[Any, Instance]] = {}
        self._calls: dict[str, Any] = {}
        self._outputs: dict[str, tuple[Any, dict[str, None]]] = {}
        self._objects: dict[tuple[str, str, str], Any] = {}
        self._busy: dict[Key, None] = {}
        self.children: dict[str, list[ModuleInstance]] = {}
        self.input_seen: dict[str, dict[str, None]] = {}

    def mentioned_by(self, node: ast.Expr) -> list[tuple[str, str]]:
        """The variables and locals in an expression, looked for once."""
        memo = self.top.mentioned
        found = memo.get(id(node))
        if found is None:
            found = memo[id(node)] = list(mentions(node))
        return found

    def scope(self, place: Place) -> Scope:
        """A fresh scope for a block of this module."""
        return Scope(self, place)

    @property
    def installed(self) -> bool:
        """True where `terraform init` wrote the module: nobody edits it."""
        return self.config.installed

    def path_of(self, call: str) -> str:
        """A call as the list of installed modules names it: `vpc.subnets`, without instance keys."""
        names: list[str] = [call]
        current = self
        while current.parent is not None and current.call is not None:
            names.append(current.call[0].block.labels[0])
            current = current.parent
        return ".".join(reversed(names))

    def prefixed(self, address: str) -> str:
        """An address inside this module as seen from the root."""
        return f"{self.address}.{address}" if self.address else address

    # -- variables ------------------------------------------------------------------

    def source_of(self, name: str) -> tuple[ast.Expr, Scope, str] | None:
        """What sets a variable: its expression, scope and the kind of place; None if nothing does."""
        if self.call is not None:
            declared, scope = self.call
            argument = declared.find(name)
            if argument is not None:
                return argument.value, scope.at(argument.place), f"argument of {self.address}"
        elif name in self.values:
            value = self.values[name]
            return self._given(name, value), self.scope(value.place), value.source
        variable = self.config.variables.get(name)
        default = variable.find("default") if variable else None
        if default is not None:
            return default.value, self.scope(default.place), f"default of variable {name}"
        return None

    def _given(self, name: str, value: Value) -> ast.Expr:
        """The expression of a value; one given as text is literal for a variable of a primitive type."""
        if value.structured is None or name not in self.config.variables:
            return value.attribute.value
        type_ = self.config.variables[name].find("type")
        primitive = type_ is None or isinstance(type_.value, (ast.Name, ast.Lit))
        return value.attribute.value if primitive else value.structured

    def variable(self, name: str) -> Any:
        """The value of an input variable, converted to its type."""
        if name in self._variables:
            return self._variables[name]
        key = ("var", name)
        if key in self._busy:
            return self._cycle(key)
        self._busy[key] = None
        try:
            value = self._evaluate_variable(name)
        finally:
            del self._busy[key]
        self._variables[name] = value
        return value

    def _evaluate_variable(self, name: str) -> Any:
        declared = self.config.variables.get(name)
        if declared is None:
            return Unknown(f"the variable {name} is not declared in {self.config.folder}", (f"var.{name}",))
        source = self.source_of(name)
        if source is None:
            # Only a root waits for a person: Terraform refuses a call without the argument.
            identity = (self, "", f"var.{name}") if self.parent is None else None
            reason = f"var.{name} has no default and no value here"
            return Unknown(reason, (f"var.{name}",), identity=identity)
        node, scope, _kind = source
        inner = scope.collecting()
        value = bounded(evaluate(node, inner))
        self.input_seen[name] = inner.seen
        if value is None:
            value = self._null_argument(declared)
        type_ = declared.find("type")
        if type_ is not None:
            value = apply_type(value, type_.value, self.scope(type_.place))
        if self.call is None and name in self.values and self.values[name].supplied:
            value = supplied(value)
        sensitive = declared.find("sensitive")
        if sensitive is not None and getattr(sensitive.value, "value", False) is True:
            self.top.secrets.update(sensitive_texts(value))
        return value

    def _null_argument(self, declared: Declared) -> Any:
        """With `nullable = false` a null argument means the default."""
        nullable, default = declared.find("nullable"), declared.find("default")
        if nullable is None or default is None or getattr(nullable.value, "value", True) is not False:
            return None
        return evaluate(default.value, self.scope(default.place))

    # -- locals, outputs ---------------------------------------------------------------

    def local(self, name: str, scope: Scope) -> Any:
        """The value of a local; the addresses it touches are seen by `scope` too."""
        if name not in self._locals and self.top.waiting >= DEPTH:
            self._prepare(name)
        self.top.waiting += 1
        try:
            value, seen = self._memo(self._locals, ("local", name), self._evaluate_local)
        finally:
            self.top.waiting -= 1
        scope.seen.update(seen)
        return value

    def _prepare(self, name: str) -> None:
        """Evaluate the locals that one is made of, innermost first: a long chain is no deep recursion."""
        started: set[str] = set()
        stack = [(name, False)]
        while stack:
            current, ready = stack.pop()
            if ready:
                if current != name:
                    self._memo(self._locals, ("local", current), self._evaluate_local)
                continue
            declared = self.config.locals.get(current)
            if declared is None or current in started or ("local", current) in self._busy:
                continue
            started.add(current)
            stack.append((current, True))
            used = (inner for kind, inner in self.mentioned_by(declared.attribute.value) if kind == "local")
            stack.extend((inner, False) for inner in used if inner not in self._locals)

    def _evaluate_local(self, name: str) -> tuple[Any, dict[str, None]]:
        declared = self.config.locals.get(name)
        if declared is None:
            return Unknown(f"local.{name} is not declared in {self.config.folder}", (f"local.{name}",)), {}
        inner = self.scope(declared.place)
        value = bounded(evaluate(declared.attribute.value, inner))
        return self._as_one(value, f"local.{name}"), inner.seen

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
        argument = declared.find("value")
        if argument is None:
            return Unknown(f"{address} has no value"), {}
        inner = self.scope(argument.place)
        return self._as_one(bounded(evaluate(argument.value, inner)), f"output.{name}"), inner.seen

    def _as_one(self, value: Any, name: str) -> Any:
        """A value that has a name: wherever that is used, it is the same one."""
        if type(value) is not Unknown or self.world is None:
            return value
        return value.known_as((self.world, self.address, name))

    def _cycle(self, key: Key) -> Unknown:
        """What comes of something that needs itself; Terraform refuses it, so it is an error as well."""
        error, unknown = cycle(self, key, list(self._busy))
        if error is not None and error not in self.top.errors:
            self.top.errors.append(error)
        return unknown

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
            return self._cycle(key), {}
        self._busy[key] = None
        try:
            memo[name] = result = compute(name)
        finally:
            del self._busy[key]
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
        if key in self._objects:
            return self._objects[key]
        if key in self._busy:
            return self._cycle(key)
        found = self._expand(key, declared)
        objects = {k: ResourceObject(i.body, i.address, mode, i.scope.world) for k, i in found.items()}
        self._objects[key] = _as_value(objects, self.prefixed(local), declared)
        return self._objects[key]

    def complete(self, sharing: Sharing) -> None:
        """Evaluate all resources, or take those of a module that is given the same values."""
        twin = sharing.twin_of(self)
        for key, declared in self.config.resources.items():
            if twin is None or key in self._resources:
                self._expand(key, declared)
            else:
                self._resources[key] = copied(twin._expand(key, declared), twin, self)
                self.top.count += len(self._resources[key])

    def instances(self) -> Iterator[Instance]:
        """Every instance of every resource and data source of this module (children apart)."""
        for key, declared in self.config.resources.items():
            yield from self._expand(key, declared).values()

    def _expand(self, key: tuple[str, str, str], declared: Declared) -> dict[Any, Instance]:
        """The instances of a resource by key: None alone, or indexes, or strings."""
        found = self._resources.get(key)
        if found is not None:
            return found
        self._busy[key] = None
        try:
            result: dict[Any, Instance] = {}
            mode, type_, name = key
            base = self.prefixed(f"data.{type_}.{name}" if mode == "data" else f"{type_}.{name}")
            for index, scope in self.top.admitted(expand(declared, self), declared, self):
                result[index] = evaluated(base + suffix(index), declared, key, scope)
        finally:
            del self._busy[key]
        self._resources[key] = result
        return result

    # -- module calls ----------------------------------------------------------------------

    def call_value(self, name: str) -> Any:
        """A module call as expressions see it."""
        key = ("module", name)
        if name not in self._calls:
            if key in self._busy:
                return self._cycle(key)
            self._busy[key] = None
            try:
                self._calls[name] = self._open(name)
            finally:
                del self._busy[key]
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
            return [some(module, declared.place, declared.find("count") is not None, reason)]
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
    result: Map | List = List(objects.values()) if declared.find("count") else Map(objects)
    result.kind = TUPLE if isinstance(result, List) else OBJECT
    return result
