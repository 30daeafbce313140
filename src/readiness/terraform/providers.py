"""Which provider configuration a resource uses, through aliases, module calls and `for_each`.

Sources: https://developer.hashicorp.com/terraform/language/meta-arguments/resource-provider and
`module-providers` beside it; `for_each` of a provider:
https://opentofu.org/docs/language/providers/configuration/
"""

from __future__ import annotations

from typing import Any, NamedTuple

from readiness.sources.hcl import ast
from readiness.terraform.body import reference_text
from readiness.terraform.config import Declared
from readiness.terraform.evaluate import evaluate
from readiness.terraform.instance import Instance
from readiness.terraform.module import ModuleInstance
from readiness.terraform.scope import Scope
from readiness.values import Unknown

_OWN = frozenset({"alias", "version"})
"""Arguments of Terraform itself: a block with no others configures nothing."""


class _Wanted(NamedTuple):
    """A reference to a configuration: its name (`aws`, `aws.west`), and the key where it has instances."""

    name: str
    key: Any = None


def configuration_of(module: ModuleInstance, instance: Instance) -> tuple[Declared, Scope] | None:
    """The provider configuration of a resource with the scope of its arguments; None if none is written."""
    meta = instance.declared.find("provider")
    family = instance.type.split("_", 1)[0]
    return _find(module, _Wanted(family) if meta is None else _wanted(meta.value, instance.scope))


def _wanted(node: ast.Expr, scope: Scope) -> _Wanted:
    if isinstance(node, ast.Index):
        return _Wanted(reference_text(node.of), evaluate(node.key, scope))
    return _Wanted(reference_text(node))


def _find(module: ModuleInstance, wanted: _Wanted) -> tuple[Declared, Scope] | None:
    passed = _passed(module, wanted)
    declared = _declared(module, wanted.name)
    if declared is not None and not (passed is not None and _configures_nothing(declared)):
        return declared, _scope(module, declared, wanted.key)
    if module.parent is None:
        return None
    if passed is not None:
        return _find(module.parent, passed)
    # Terraform goes on upwards for a default configuration, also past a call with `providers`.
    return None if "." in wanted.name else _find(module.parent, wanted)


def _declared(module: ModuleInstance, name: str) -> Declared | None:
    base, _, alias = name.partition(".")
    for declared in module.config.providers:
        attribute = declared.find("alias")
        value = attribute.value.value if attribute and isinstance(attribute.value, ast.Lit) else ""
        if declared.block.labels[0] == base and value == alias:
            return declared
    return None


def _passed(module: ModuleInstance, wanted: _Wanted) -> _Wanted | None:
    """What the call of a module passes for a name."""
    if module.call is None:
        return None
    call, scope = module.call
    providers = call.find("providers")
    if providers is None or not isinstance(providers.value, ast.Obj):
        return None
    for key, node in providers.value.items:
        text = key.value if isinstance(key, ast.Lit) else reference_text(key)
        if text == wanted.name:
            found = _wanted(node, scope)
            return found if found.key is not None else found._replace(key=wanted.key)
    return None


def _configures_nothing(declared: Declared) -> bool:
    """True for a block that stands in for a configuration that the caller passes."""
    blocks = [declared.block, *(layer.block for layer in declared.overrides)]
    return not any(block.blocks or {a.name for a in block.attributes} - _OWN for block in blocks)


def _scope(module: ModuleInstance, declared: Declared, key: Any) -> Scope:
    """The scope of a configuration, for the instance of that key where it has `for_each`."""
    scope = module.scope(declared.place)
    each = declared.find("for_each")
    if each is None:
        return scope
    items = evaluate(each.value, module.scope(each.place))
    if isinstance(key, str) and isinstance(items, dict) and key in items:
        return Scope(module, declared.place, each=(key, items[key]))
    if isinstance(key, str) and isinstance(items, list) and key in items:
        return Scope(module, declared.place, each=(key, key))
    first = next((value for value in (key, items) if isinstance(value, Unknown)), None)
    reason = first.reason if first is not None else "which instance of the provider is used is not known"
    unknown = Unknown(reason, first.refs if first is not None else (), not_null=True)
    return Scope(module, declared.place, each=(unknown, unknown))
