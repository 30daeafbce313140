"""Grants of Azure: role definitions and role assignments.

Sources: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles,
https://learn.microsoft.com/azure/role-based-access-control/scope-overview and
https://learn.microsoft.com/azure/role-based-access-control/role-definitions
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from readiness.estate.model import Resource
from readiness.policy.iam.catalogue import matcher
from readiness.policy.iam.refs import parse
from readiness.values import List, Map, Unknown, take_spans

SCOPES = ("resource", "resource_group", "subscription", "management_group", "tenant")
"""From the narrowest to the widest."""

BUILT_IN = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}
"""Built-in roles by the id at the end of their resource id."""

ADMINISTERING = frozenset({"Owner", "User Access Administrator", "Role Based Access Control Administrator"})
"""Built-in roles whose holder can assign roles."""

_WRITES = (
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleDefinitions/write",
    "Microsoft.Authorization/elevateAccess/Action",
)
_SUBSCRIPTION = frozenset({"azurerm_subscription", "azurerm_client_config"})


def grants(resource: Resource) -> Iterator[Any]:
    """The grants of a resource, or unknowns; none for types that are not about permissions."""
    if resource.type == "azurerm_role_assignment":
        yield _assignment(resource)
    elif resource.type == "azurerm_role_definition":
        permissions = resource.body.get("permissions")
        for block in permissions if isinstance(permissions, list) else []:
            yield _definition(resource.body, block) if isinstance(block, Map) else block


def _assignment(resource: Resource) -> Map:
    body = resource.body
    role = _role(resource)
    principal = body.get("principal_id")
    result = _base(
        "assignment", role, List([] if principal is None else [principal]), scope_of(body.get("scope"))
    )
    if isinstance(role, Unknown):
        result["administers"] = role
    else:
        result["administers"] = isinstance(role, str) and role in ADMINISTERING
    result["privileged"] = result["administers"]
    if body.get("condition") is not None:
        result["conditions"] = Map({"condition": body["condition"]})
    written = "role_definition_name" if "role_definition_name" in body else "role_definition_id"
    _place(result, body, {"role": written, "scope": "scope", "principals": "principal_id"})
    return result


def _role(resource: Resource) -> Any:
    """The name of the role: as written, of a built-in id, or of the definition that is linked."""
    name = resource.body.get("role_definition_name")
    if name is not None:
        return name
    written = resource.body.get("role_definition_id")
    ending = written.suffix if isinstance(written, Unknown) else written
    if isinstance(ending, str):
        built_in = BUILT_IN.get(ending.rsplit("/", 1)[-1].lower())
        if built_in is not None:
            return built_in
    if not isinstance(written, Unknown):
        return written
    linked = [
        link.target
        for link in resource.links
        if link.via == "role_definition_id" and link.target is not None
        if link.target.type in ("azurerm_role_definition", "data.azurerm_role_definition")
    ]
    if len(linked) != 1:
        return written
    if linked[0].mode == "data":
        named = linked[0].body.get("name")
        if named is None and isinstance(linked[0].body.get("role_definition_id"), str):
            named = BUILT_IN.get(linked[0].body["role_definition_id"].lower())
        return written if named is None else named
    # A definition of this estate is no built-in role, whatever it is called.
    return f"custom role {linked[0].address}"


def _definition(body: Map, block: Map) -> Map:
    """One `permissions` block of a custom role."""
    assignable = body.get("assignable_scopes")
    scopes = assignable if isinstance(assignable, list) and assignable else [body.get("scope")]
    scope = assignable if isinstance(assignable, Unknown) else _widest([scope_of(item) for item in scopes])
    result = _base("role", body.get("name"), List(), scope)
    for name in ("actions", "not_actions", "data_actions", "not_data_actions"):
        value = block.get(name)
        result[name] = List() if value is None else value
    result["administers"] = result["privileged"] = _administers(result["actions"], result["not_actions"])
    _place(result, block, {n: n for n in ("actions", "not_actions", "data_actions", "not_data_actions")})
    _place(result, body, {"scope": "assignable_scopes" if isinstance(assignable, list) else "scope"})
    result.span = block.span
    return result


def _base(kind: str, role: Any, principals: List, scope: Any) -> Map:
    return Map(
        {
            "provider": "azure",
            "kind": kind,
            "effect": "Allow",
            "role": role,
            "actions": List(),
            "not_actions": List(),
            "data_actions": List(),
            "not_data_actions": List(),
            "principals": principals,
            "public": False,
            "conditions": Map(),
            "scope": scope,
            "administers": False,
            "privileged": False,
        }
    )


def _place(result: Map, source: Map, names: dict[str, str]) -> None:
    for key, written in names.items():
        take_spans(result, key, source, written)
    result.span = result.span or source.span


def _administers(actions: Any, excepted: Any) -> Any:
    """Whether a custom role may write role assignments or definitions, or elevate its holder."""
    if isinstance(actions, Unknown):
        return actions
    maybe: Unknown | None = None
    for needed in _WRITES:
        allowed = _covers(actions, needed)
        taken = _covers(excepted, needed) if allowed is not False else False
        if allowed is True and taken is False:
            return True
        if taken is not True and maybe is None:
            maybe = next((answer for answer in (allowed, taken) if isinstance(answer, Unknown)), None)
    return False if maybe is None else maybe


def _covers(patterns: Any, action: str) -> Any:
    if isinstance(patterns, Unknown):
        return patterns
    if any(isinstance(item, str) and matcher(item).fullmatch(action) for item in patterns):
        return True
    return next((item for item in patterns if isinstance(item, Unknown)), False)


def scope_of(value: Any) -> str | Unknown | None:
    """The level of a scope: one of `SCOPES`, None where there is none, or an unknown."""
    if value is None:
        return None
    if isinstance(value, Unknown):
        return _scope_of_unknown(value)
    text = str(value).rstrip("/").lower()
    if not text:
        return "tenant"
    if re.fullmatch("/providers/microsoft[.]management/managementgroups/[^/]+", text):
        return "management_group"
    if re.fullmatch("/subscriptions/[^/]+", text):
        return "subscription"
    return "resource_group" if re.fullmatch("/subscriptions/[^/]+/resourcegroups/[^/]+", text) else "resource"


def _scope_of_unknown(value: Unknown) -> str | Unknown:
    """By what the id is of, and by what is written after it."""
    kinds = {_kind(ref) for ref in value.refs}
    if value.suffix and "subscription" in kinds | {_written(value.prefix)}:
        found = scope_of("/subscriptions/x/" + value.suffix.lstrip("/"))
        return value if found is None else found
    if not value.suffix and _written(value.prefix) != "?":
        return _written(value.prefix)
    if value.suffix or value.prefix or len(kinds) != 1:
        return value
    kind = kinds.pop()
    return value if kind == "?" else kind


def _written(prefix: str) -> str:
    """The level of an id of which only the last name is not known."""
    found = scope_of(prefix + "x") if prefix.endswith("/") and prefix.count("/") > 1 else "?"
    return found if isinstance(found, str) else "?"


def _kind(ref: str) -> str:
    """The level of what a reference is to: `azurerm_resource_group.main.id`."""
    _, type_, attribute = parse(ref)
    if not type_.startswith("azurerm_"):
        return "?"
    if type_ in _SUBSCRIPTION:
        return "subscription"
    if type_ == "azurerm_management_group":
        return "management_group"
    if type_ == "azurerm_resource_group":
        return "resource_group"
    return "resource" if attribute == "id" else "?"


def _widest(scopes: list[Any]) -> Any:
    known = [SCOPES.index(scope) for scope in scopes if isinstance(scope, str)]
    if known and max(known) == len(SCOPES) - 1:
        return "tenant"
    unknown = next((scope for scope in scopes if isinstance(scope, Unknown)), None)
    if unknown is not None:
        return unknown
    return SCOPES[max(known)] if known else None
