"""References: `var.x`, `local.y`, `module.z.out`, `aws_s3_bucket.logs[0].id`, `each.value`, …"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from readiness.sources.hcl import ast
from readiness.terraform.convert import EvaluationError, to_number, to_text
from readiness.terraform.kinds import family, loosened
from readiness.terraform.origins import BlockOrigin
from readiness.terraform.scope import Scope
from readiness.values import Map, Unknown

NEVER_NULL = frozenset({"id", "arn"})
"""Computed attributes that every provider resource sets on apply."""

Evaluate = Callable[[ast.Expr, Scope], Any]


class ResourceObject(Map):
    """A resource as an expression sees it: what is not written is known only after apply."""

    __slots__ = ("address", "mode", "world")

    def __init__(self, body: Map, address: str, mode: str, world: Hashable = None) -> None:
        super().__init__(body, body.span, body.key_spans, body.value_spans, body.origin)
        self.address = address
        self.mode = mode
        self.world = world  # see `Scope.world`

    def attribute(self, name: str) -> Any:
        """A written attribute, else an Unknown that names what it waits for."""
        value = self.get("json" if name == "minified_json" else name)
        if value is not None:
            return value
        when = "when the plan reads it" if self.mode == "data" else "after apply"
        address = f"{self.address}.{name}"
        prefix = "arn:" if name.endswith("arn") and ".aws_" in f".{address}" else ""
        return Unknown(
            f"{address} is known only {when}",
            (address,),
            not_null=name in NEVER_NULL,
            prefix=prefix,
            identity=None if self.world is None else (self.world, self.address, name),
        )


class ModuleObject:
    """A module call as an expression sees it: its outputs, evaluated on demand."""

    __slots__ = ("address", "names", "output")

    def __init__(self, address: str, names: Iterable[str], output: Callable[[str, Scope], Any]) -> None:
        self.address = address
        self.names = names
        self.output = output

    def whole(self, scope: Scope) -> Map:
        """All outputs as one object."""
        return Map({name: self.output(name, scope) for name in self.names})


class SomeInstances(Unknown):
    """The instances of a block of which it is not known how many there are; `one` stands for any."""

    __slots__ = ("one",)

    def __init__(self, address: str, one: ResourceObject | ModuleObject) -> None:
        super().__init__(f"the number of instances of {address} is not known", (address,), not_null=True)
        self.one = one


def resolve(node: ast.Expr, scope: Scope, strict: Evaluate) -> Any:
    """The value of a chain of attributes and indexes, from its root name outwards.

    Raises:
        EvaluationError: a step that fails in Terraform as well.
    """
    steps: list[ast.Attr | ast.Index] = []
    root = node
    while isinstance(root, (ast.Attr, ast.Index)):
        steps.append(root)
        root = root.of
    steps.reverse()
    used = 0
    # Where only a part of a local, input or output is used, only what that part mentions is seen.
    partly = len(steps) > 1 and isinstance(root, ast.Name) and root.name in ("local", "var", "module")
    whole = scope.collecting() if partly else scope
    if isinstance(root, ast.Name):
        value, used = _root(root.name, steps, whole)
    else:
        value = strict(root, scope)
    typed = True
    for step in steps[used:]:
        if isinstance(value, SomeInstances):
            value = value.one
            if isinstance(step, ast.Index):
                _note(value, scope)
                continue
        _note(value, scope)
        if isinstance(value, ResourceObject):
            typed = False
        if isinstance(step, ast.Attr):
            value = attribute(value, step.name, whole)
        else:
            key = strict(step.key, scope)
            if isinstance(value, dict):
                scope.chooses_by(key, value, step.at)
            value = index(value, key, whole)
    _note(value, scope)
    if partly:
        scope.seen.update(_of_part(value, whole.seen))
    # Its provider, not what is written, says what type an attribute has.
    return value if typed else loosened(value)


def _of_part(value: Any, seen: dict[str, None]) -> dict[str, None]:
    """The addresses that a part of a value comes from, of those that the whole has seen."""
    if isinstance(value, ResourceObject):
        return {}
    if isinstance(value, Unknown):
        return {ref: None for ref in seen if any(r.startswith(f"{ref}.") for r in value.refs)} or seen
    return seen


def _note(value: Any, scope: Scope) -> None:
    """Note the resource that an expression mentions."""
    if isinstance(value, SomeInstances):
        value = value.one
    if isinstance(value, ResourceObject):
        scope.seen[value.address] = None


def attribute(value: Any, name: str, scope: Scope) -> Any:
    """`value.name`.

    Raises:
        EvaluationError: the value has no attributes, or not this one.
    """
    if isinstance(value, Unknown):
        return Unknown(value.reason, value.refs, value.span)
    if isinstance(value, ResourceObject):
        return value.attribute(name)
    if isinstance(value, ModuleObject):
        return value.output(name, scope)
    if isinstance(value, dict):
        if name in value:
            return value[name]
        if isinstance(value, Map) and isinstance(value.origin, BlockOrigin):
            # A nested block of a resource: its provider knows arguments that are not written.
            return Unknown(
                f"the argument {name!r} of a block is not written, so the provider says what it is"
            )
        raise EvaluationError(f"there is no attribute {name!r}")
    raise EvaluationError(f"the attribute {name!r} is read from something that has none")


def index(value: Any, key: Any, scope: Scope) -> Any:
    """`value[key]`.

    Raises:
        EvaluationError: no such item.
    """
    if isinstance(value, Unknown):
        return Unknown(value.reason, value.refs, value.span)
    if isinstance(key, Unknown):
        return Unknown(key.reason, key.refs, key.span)
    if isinstance(value, (ResourceObject, ModuleObject)):
        return attribute(value, str(key), scope)
    if isinstance(value, dict):
        text = to_text(key)
        if text in value:
            return value[text]
        raise EvaluationError(f"there is no key {text!r}")
    if isinstance(value, list):
        if family(value) == "set":
            raise EvaluationError("an index is applied to a set, whose items have none")
        return _item(value, key)
    raise EvaluationError("an index is applied to something that has no items")


def _item(value: list[Any], key: Any) -> Any:
    position = to_number(key)
    if not isinstance(position, int):
        raise EvaluationError(f"{key!r} is not an index of a list")
    if not 0 <= position < len(value):
        raise EvaluationError(f"the index {position} is outside a list of {len(value)} items")
    return value[position]


def _root(name: str, steps: list[Any], scope: Scope) -> tuple[Any, int]:
    """The value at the root of a chain, and how many steps it took."""
    if name in scope.names:
        return scope.names[name], 0
    first = steps[0].name if steps and isinstance(steps[0], ast.Attr) else None
    if first is None:
        raise EvaluationError(f"{name!r} is not a value that can be used here")
    special = _SPECIAL.get(name)
    if special is not None:
        return special(first, scope), 1
    module = scope.module
    if name == "data":
        second = steps[1].name if len(steps) > 1 and isinstance(steps[1], ast.Attr) else ""
        return module.resource_value("data", first, second), 2
    return module.resource_value("managed", name, first), 1


def _each(name: str, scope: Scope) -> Any:
    if scope.each is None:
        raise EvaluationError("`each` is used outside a block with `for_each`")
    return scope.each[0] if name == "key" else scope.each[1]


def _count(name: str, scope: Scope) -> Any:
    if scope.count is None:
        raise EvaluationError("`count` is used outside a block with `count`")
    return scope.count


def _path(name: str, scope: Scope) -> Any:
    if name == "module":
        return scope.module.path
    if name == "root":
        return "."
    if name == "cwd":
        return Unknown("path.cwd depends on where Terraform runs", not_null=True)
    raise EvaluationError(f"there is no path.{name}")


def _terraform(name: str, scope: Scope) -> Any:
    if name == "workspace" and scope.module.top.workspace is not None:
        return scope.module.top.workspace
    return Unknown(f"terraform.{name} is chosen when Terraform runs", (f"terraform.{name}",), not_null=True)


def _variable(name: str, scope: Scope) -> Any:
    """An input; what the caller's argument touches is touched by whoever uses it."""
    value = scope.module.variable(name)
    scope.seen.update(scope.module.input_seen.get(name, {}))
    return value


def _self(name: str, scope: Scope) -> Any:
    return Unknown(f"self.{name} is known only after apply", (f"self.{name}",))


_SPECIAL: dict[str, Callable[[str, Scope], Any]] = {
    "var": _variable,
    "local": lambda name, scope: scope.module.local(name, scope),
    "module": lambda name, scope: scope.module.call_value(name),
    "each": _each,
    "count": _count,
    "path": _path,
    "terraform": _terraform,
    "self": _self,
}
