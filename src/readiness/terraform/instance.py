"""One instance of a resource, evaluated."""

from __future__ import annotations

from readiness.estate.model import Link
from readiness.terraform.body import declared_body
from readiness.terraform.config import Declared
from readiness.terraform.documents import policy_document
from readiness.terraform.scope import Scope
from readiness.values import Map, Unknown


class Instance:
    """One instance of a resource: its address, body and the references in it."""

    __slots__ = ("address", "body", "declared", "mode", "name", "references", "scope", "type")

    def __init__(
        self,
        address: str,
        declared: Declared,
        key: tuple[str, str, str],
        scope: Scope,
        body: Map,
        references: list[Link],
    ) -> None:
        self.address = address
        self.declared = declared
        self.mode, self.type, self.name = key
        self.scope = scope
        self.body = body
        self.references = references


def evaluated(address: str, declared: Declared, key: tuple[str, str, str], scope: Scope) -> Instance:
    """An instance with its body evaluated."""
    references: list[Link] = []
    body = declared_body(declared, scope, references)
    if key[:2] == ("data", "aws_iam_policy_document"):
        body["json"] = policy_document(body)
    world = scope.world
    if world is not None:
        for name, value in body.items():
            if type(value) is Unknown:
                # Whoever refers to the attribute means this value, whatever it turns out to be.
                body[name] = value.known_as((world, address, name))
    return Instance(address, declared, key, scope, body, references)
