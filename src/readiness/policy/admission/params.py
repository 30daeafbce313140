"""The objects that a binding gives to its policy as `params`.

Source: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/ .
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from readiness.estate.model import Estate
from readiness.kubernetes.kinds import group_of, is_built_in, is_cluster_scoped, type_name
from readiness.kubernetes.linking.selectors import Selector, from_label_selector
from readiness.policy.admission.matching import Request, selected
from readiness.policy.admission.model import ParamRef
from readiness.values import Map, Unknown, dig

Found = list[Any] | Unknown | str
"""Parameters; an unknown where it is not known which; a text that says what is wrong with the binding."""


class Params:
    """The objects of one kind that may be parameters: those of the estate and those of the pack."""

    def __init__(self, kind: tuple[str, str], estate: Estate, own: Iterable[Map]) -> None:
        self.api_version, self.kind = kind
        type_ = type_name(group_of(self.api_version), self.kind)
        bodies = [*own, *(resource.body for resource in estate.of_type(type_))]
        self.bodies = [body for body in bodies if body.get("apiVersion") == self.api_version]
        self.bodies = [body for body in self.bodies if body.get("kind") == self.kind]
        self.cluster_scoped = self._scope(type_, [*own, *(r.body for r in estate.of_type(_DEFINITION))])

    def _scope(self, type_: str, definitions: Iterable[Map]) -> bool | None:
        """Whether the kind has no namespaces; None where that is not known."""
        if is_built_in(group_of(self.api_version)):
            return is_cluster_scoped(type_)
        for body in definitions:
            if body.get("kind") == _DEFINITION and dig(body, "spec", "names", "kind") == self.kind:
                scope = dig(body, "spec", "scope")
                return scope == "Cluster" if isinstance(scope, str) else None
        return None

    def of(self, reference: ParamRef, request: Request) -> Found:
        """The parameters of a binding for a request."""
        space: Any = reference.namespace or None
        if self.cluster_scoped and space:
            return f"paramRef.namespace stands where {self.kind} has no namespaces"
        if not self.cluster_scoped and space is None:
            given = request.values["namespace"]
            space = None if given == "" else given
            if space is None and self.cluster_scoped is False:
                return f"paramRef has no namespace, {self.kind} has one and {request.address} has none"
        found: list[Any] = []
        pending: Unknown | None = None
        selector = from_label_selector(reference.selector) or Selector()
        for body in self.bodies:
            answer = self._is_meant(body, reference, selector, None if self.cluster_scoped else space)
            if answer is True:
                found.append(body)
            elif isinstance(answer, Unknown):
                pending = answer if pending is None else pending
        if pending is not None:
            return pending
        if not self.bodies:
            what = reference.name or "what the selector takes"
            return Unknown(f"the parameter {self.kind} {what} is not in these files", (reference.name,))
        if not found and reference.deny_missing:
            return f"there is no {self.kind} for it, and parameterNotFoundAction is Deny"
        return found

    def _is_meant(self, body: Map, reference: ParamRef, selector: Selector, space: Any) -> bool | Unknown:
        name, own = dig(body, "metadata", "name"), dig(body, "metadata", "namespace")
        if reference.name and name != reference.name:
            return False
        if isinstance(own, str) and isinstance(space, str) and own != space:
            return False
        if isinstance(own, str) and isinstance(space, Unknown):
            return space
        if reference.name:
            return True
        labels = dig(body, "metadata", "labels")
        known = labels if isinstance(labels, (Map, Unknown)) else Map()
        return selected(selector, known, f"{self.kind}/{name}")


_DEFINITION = "CustomResourceDefinition"
