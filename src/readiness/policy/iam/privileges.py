"""Why the holder of an identity of a cloud is as good as an administrator.

The managed policies: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html
and https://docs.aws.amazon.com/aws-managed-policy/latest/reference/IAMFullAccess.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from readiness.estate.model import Resource
from readiness.policy.iam.grants import Grants
from readiness.values import List, Unknown

_MANAGED = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/(AdministratorAccess|IAMFullAccess)")
_ATTACHMENTS = ("aws_iam_role_policy_attachment", "aws_iam_policy_attachment")
_IDENTITIES = (
    "google_service_account",
    "azurerm_user_assigned_identity",
    "azuread_application",
    "azuread_application_registration",
)


def privileges(body: Any, grants: Grants) -> List:
    """The reasons, as texts, by which the resource with this body administers its cloud.

    Those are for a role of AWS the managed administrator policies and the ways to more permissions that
    its policies open together; for identities of Google and Azure the roles above one resource that can
    change who may do what.  An unknown in the list may be one.
    """
    resource = grants.resource(body)
    if resource is None:
        return List()
    found = _of_role(resource, grants) if resource.type == "aws_iam_role" else _of_member(resource, grants)
    return List(dict.fromkeys(found))


def _of_role(role: Resource, grants: Grants) -> Iterator[Any]:
    blocks = _listed(role.body.get("inline_policy"))
    documents = [block.get("policy") if isinstance(block, dict) else block for block in blocks]
    attached = list(_listed(role.body.get("managed_policy_arns")))
    for other in _targets(role):
        if other.type == "aws_iam_role_policy":
            documents.append(other.body.get("policy"))
        elif other.type in _ATTACHMENTS:
            policies = [policy for policy in _targets(other) if policy.type == "aws_iam_policy"]
            documents += [policy.body.get("policy") for policy in policies]
            if not policies:
                attached.append(other.body.get("policy_arn"))
    for arn in attached:
        if isinstance(arn, Unknown):
            yield arn
        match = _MANAGED.fullmatch(arn) if isinstance(arn, str) else None
        if match is not None:
            yield match.group(1)
    ways = grants.escalations(List(documents))
    for way in [ways] if isinstance(ways, Unknown) else ways:
        if isinstance(way, Unknown):
            yield way
        elif way["kind"] != "code":
            yield way["name"] if way["granted"] is True else way["granted"]


def _of_member(identity: Resource, grants: Grants) -> Iterator[Any]:
    """The roles that are granted to an identity; who may act as the identity is no power of its own."""
    if identity.type not in _IDENTITIES:
        return
    for other in _targets(identity):
        if "service_account_iam" in other.type:
            continue
        for grant in grants.of(other.body):
            if isinstance(grant, Unknown):
                yield grant
            elif grant["kind"] == "assignment":
                power = grant["privileged"]
                if isinstance(power, Unknown):
                    yield power
                elif power is True:
                    yield f"{_text(grant['role'])} of a {grant['scope']}"


def _targets(resource: Resource) -> list[Resource]:
    found = {id(link.target): link.target for link in resource.links if link.target is not None}
    return list(found.values())


def _listed(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        yield from value
    elif value is not None:
        yield value


def _text(role: Any) -> str:
    return role if isinstance(role, str) else "a role"
