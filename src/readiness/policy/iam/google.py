"""Grants of Google Cloud: members, bindings, whole policies and custom roles.

Sources: https://cloud.google.com/iam/docs/roles-overview (basic roles),
https://cloud.google.com/iam/docs/principal-identifiers (members),
https://cloud.google.com/iam/docs/roles-permissions/iam and …/resourcemanager (predefined roles).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from readiness.estate.model import Resource
from readiness.policy.iam.refs import parse
from readiness.policy.texts import json_document
from readiness.values import List, Map, Unknown, take_spans

BASIC = frozenset(f"roles/{name}" for name in ("owner", "editor", "viewer", "admin", "writer", "reader"))
"""Basic roles, under their old and their new names."""

IMPERSONATING = frozenset(
    f"roles/iam.{name}"
    for name in (
        "serviceAccountUser",
        "serviceAccountTokenCreator",
        "serviceAccountOpenIdTokenCreator",
        "serviceAccountKeyAdmin",
        "workloadIdentityUser",
    )
)
"""Roles whose holder can act as the service accounts below the scope."""

ADMINISTERING = frozenset(
    {
        "roles/owner",
        "roles/admin",
        "roles/iam.organizationRoleAdmin",
        "roles/iam.roleAdmin",
        "roles/iam.securityAdmin",
        "roles/iam.serviceAccountAdmin",
        "roles/resourcemanager.folderAdmin",
        "roles/resourcemanager.folderIamAdmin",
        "roles/resourcemanager.organizationAdmin",
        "roles/resourcemanager.projectIamAdmin",
    }
)
"""Roles whose holder can hand out roles, or change what they hold."""

PUBLIC = ("allUsers", "allAuthenticatedUsers")
"""Members that stand for everybody, and for everybody with a Google account."""

_TYPE = re.compile("google_(.+)_iam_(member|binding|policy|custom_role)")
_SCOPES = {
    "project": "project",
    "folder": "folder",
    "organization": "organization",
    "billing_account": "billing_account",
}
_WRITTEN = {("member", ""), ("email", "serviceAccount:")}
_MODIFYING = frozenset({"roles/owner", "roles/editor", "roles/admin", "roles/writer"})


def grants(resource: Resource) -> Iterator[Any]:
    """The grants of a resource, or unknowns; none for types that are not about permissions."""
    match = _TYPE.fullmatch(resource.type)
    if match is None or resource.mode == "data":
        return
    scope, form = _SCOPES.get(match.group(1), "resource"), match.group(2)
    if form == "custom_role":
        yield _custom_role(resource.body, scope)
    elif form == "policy":
        yield from _whole_policy(resource, scope)
    else:
        name = "member" if form == "member" else "members"
        members = resource.body.get(name)
        if form == "member":
            members = [members]
        conditions = resource.body.get("condition")
        yield _grant(
            resource.body,
            resource.body.get("role"),
            members,
            conditions,
            scope,
            (("role", "role"), (name, "principals")),
        )


def _whole_policy(resource: Resource, scope: str) -> Iterator[Any]:
    """The bindings of `policy_data`: JSON text, or a `google_iam_policy` that is linked."""
    data = json_document(resource.body.get("policy_data"))
    where = (("policy_data", "role"), ("policy_data", "principals"))
    if isinstance(data, Unknown):
        sources = [
            link.target.body
            for link in resource.links
            if link.target is not None and link.target.type == "data.google_iam_policy"
        ]
        if len(sources) != 1:
            yield data
            return
        bindings = sources[0].get("binding")
    else:
        bindings = data.get("bindings") if isinstance(data, dict) else None
    for binding in bindings if isinstance(bindings, list) else [bindings] if bindings is not None else []:
        if isinstance(binding, dict):
            condition = binding.get("condition")
            yield _grant(resource.body, binding.get("role"), binding.get("members"), condition, scope, where)
        elif isinstance(binding, Unknown):
            yield binding


def _grant(
    body: Map, role: Any, members: Any, condition: Any, scope: str, spans: tuple[tuple[str, str], ...]
) -> Map:
    """One binding; `spans` says which argument of the body each key of the grant is written in."""
    if isinstance(members, Unknown) and not (members.prefix or members.suffix):
        principals: Any = members
    else:
        listed = members if isinstance(members, list) else [members]
        principals = List(_member(member) for member in listed if member is not None)
    result = _base(role, principals, scope)
    result["public"] = _public(principals)
    if condition is not None:
        found = condition[0] if isinstance(condition, list) and condition else condition
        result["conditions"] = Map() if isinstance(found, list) else found
    for argument, key in spans:
        take_spans(result, key, body, argument)
    span = result.value_spans.get("principals")
    if isinstance(principals, List) and span is not None:
        principals.span, principals.item_spans = span, [span] * len(principals)
    result.span = body.span
    return result


def _member(member: Any) -> Any:
    """A member, with what is certain of one that only apply knows: a service account is nobody else.

    `member` of whatever has one is `serviceAccount:` and the address; accounts that are made have
    one of their project's own, the default ones are known by theirs.
    """
    if not isinstance(member, Unknown) or member.suffix or len(member.refs) != 1:
        return member
    mode, type_, attribute = parse(member.refs[0])
    if not type_.startswith("google_") or (attribute, member.prefix) not in _WRITTEN:
        return member
    ending = {
        ("managed", "google_service_account"): ".iam.gserviceaccount.com",
        ("data", "google_compute_default_service_account"): "-compute@developer.gserviceaccount.com",
        ("data", "google_app_engine_default_service_account"): "@appspot.gserviceaccount.com",
    }.get((mode, type_), "")
    known = {"prefix": "serviceAccount:", "suffix": ending}
    return Unknown(member.reason, member.refs, member.span, not_null=True, **known)


def _base(role: Any, principals: Any, scope: str) -> Map:
    impersonates, administers = _is_in(role, IMPERSONATING), _is_in(role, ADMINISTERING)
    high = scope != "resource"
    privileged = _any(_is_in(role, _MODIFYING), administers, impersonates) if high else administers
    return Map(
        {
            "provider": "google",
            "kind": "assignment",
            "effect": "Allow",
            "role": role,
            "actions": List(),
            "not_actions": List(),
            "principals": principals,
            "public": False,
            "conditions": Map(),
            "scope": scope,
            "basic": _is_in(role, BASIC),
            "impersonates": impersonates,
            "administers": administers,
            "privileged": privileged,
        }
    )


def _custom_role(body: Map, scope: str) -> Map:
    """A custom role: its permissions, and nobody who has it yet."""
    result = _base(body.get("role_id"), List(), scope)
    permissions = body.get("permissions")
    actions = List() if permissions is None else permissions
    result.update(kind="role", role=body.get("role_id"), actions=actions)
    result.update(basic=False, impersonates=False, administers=False, privileged=_opens(actions))
    if "permissions" in body.value_spans:
        result.key_spans["actions"] = body.key_spans["permissions"]
        result.value_spans["actions"] = body.value_spans["permissions"]
    result.span = body.span
    return result


def _opens(permissions: Any) -> Any:
    """Whether permissions let their holder change who may do what, or act as service accounts."""
    if isinstance(permissions, Unknown):
        return permissions
    opening = re.compile(
        r"(resourcemanager\.(projects|folders|organizations)|iam\.serviceAccounts)\.setIamPolicy"
        r"|iam\.roles\.update|iam\.serviceAccountKeys\.create"
        r"|iam\.serviceAccounts\.(actAs|getAccessToken|implicitDelegation|signBlob|signJwt)"
    )
    if any(isinstance(item, str) and opening.fullmatch(item) for item in permissions):
        return True
    return next((item for item in permissions if isinstance(item, Unknown)), False)


def _is_in(role: Any, roles: frozenset[str]) -> Any:
    """Whether a role is one of some; a custom role of the estate is none of them."""
    if not isinstance(role, Unknown):
        return isinstance(role, str) and role in roles
    custom = bool(role.refs) and all("_iam_custom_role." in ref for ref in role.refs)
    return False if custom or all(role.differs(name) for name in roles) else role


def _any(*answers: Any) -> Any:
    if any(answer is True for answer in answers):
        return True
    return next((answer for answer in answers if isinstance(answer, Unknown)), False)


def _public(principals: Any) -> Any:
    if isinstance(principals, Unknown):
        return principals
    if any(isinstance(item, str) and item in PUBLIC for item in principals):
        return True
    unknown = (item for item in principals if isinstance(item, Unknown))
    return next((item for item in unknown if not all(item.differs(name) for name in PUBLIC)), False)
