"""The functions that a policy sees beside CEL's own: links, the estate, IAM statements, the repository."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from readiness.estate.environments import Counterparts
from readiness.estate.model import Estate, Resource
from readiness.policy.statements import statements
from readiness.repo.facts import RepositoryFacts
from readiness.values import List, Map, Supplied, Unknown

if TYPE_CHECKING:
    from readiness.policy.iam.grants import Grants

FUNCTIONS = frozenset(
    {"environments", "escalations", "grants", "known", "linked", "resources", "statements"}
    | {"supplied", "repo.file", "repo.owner"}
)
"""Names of the host functions."""

VARIABLES = frozenset(
    {"object", "item", "address", "type", "name", "namespace", "module", "environment", "tier", "service"}
    | {"tags", "labels", "annotations", "params"}
    | {"pod", "containers", "init_containers", "template_labels", "template_annotations"}
    | {"action", "before", "after", "replace_paths", "reason"}
)
"""Names that every condition may use."""


class Host:
    """Host functions bound to an estate; `current` is the resource under check."""

    def __init__(self, estate: Estate, facts: RepositoryFacts) -> None:
        self.estate = estate
        self.facts = facts
        self.current: Resource | None = None
        self._by_type: dict[str, List] = {}
        self._counterparts: Counterparts | None = None
        self.functions: dict[str, Callable[..., Any]] = {
            "environments": self.environments,
            "known": lambda value: not isinstance(value, Unknown),
            "supplied": lambda value: isinstance(value, Supplied),
            "linked": self.linked,
            "resources": self.resources,
            "statements": statements,
            "grants": lambda body: self.grants.of(body),
            "escalations": lambda document: self.grants.escalations(document),
            "repo.file": facts.file,
            "repo.owner": facts.owner,
        }

    @functools.cached_property
    def grants(self) -> Grants:
        """The grants of the estate; made when a condition first asks for one."""
        from readiness.policy.iam.grants import Grants

        return Grants(self.estate)

    def linked(self, type_: str) -> List:
        """The bodies of every resource of a type linked with the current one.

        A resource of that type whose own references are unknown might be linked as well, and one
        whose `count` is unknown might not exist; it stands in the list as an unknown, so that
        nothing is concluded from it.
        """
        current = self.current
        if current is None:
            return List()
        found: list[Any] = [
            Unknown(f"the number of {other.address} is not known", (other.address,))
            if other.maybe and not current.maybe
            else other.body
            for other in self.estate.linked(current, type_)
        ]
        return List(found + self.estate.unresolved(current, type_))

    def environments(self) -> Map:
        """The bodies of the current resource by environment, its own among them.

        Environments are those that its root is evaluated for, or the roots beside its own
        (`environments/prod`, `environments/stage`); empty where there are none.
        """
        if self.current is None:
            return Map()
        if self._counterparts is None:
            self._counterparts = Counterparts(self.estate)
        found = self._counterparts.of(self.current)
        return Map(
            {
                name: Unknown(f"the number of {other.address} in {name} is not known", (other.address,))
                if other.maybe
                else other.body
                for name, other in found.items()
            }
        )

    def resources(self, type_: str) -> List:
        """The bodies of every resource of a type in the estate."""
        if type_ not in self._by_type:
            self._by_type[type_] = List([resource.body for resource in self.estate.of_type(type_)])
        return self._by_type[type_]


def bindings(resource: Resource, default_tier: int) -> dict[str, Any]:
    """The variables that conditions see for one resource."""
    workload = resource.workload
    change = resource.change
    return {
        "object": resource.body,
        "item": None,
        "address": resource.address,
        "type": resource.type,
        "name": resource.name,
        "namespace": resource.namespace,
        "module": resource.module,
        "environment": resource.environment,
        "tier": default_tier if resource.tier is None else resource.tier,
        "service": resource.service,
        "tags": resource.tags,
        "labels": resource.labels,
        "annotations": resource.annotations,
        "pod": workload.pod if workload else None,
        "containers": workload.containers if workload else None,
        "init_containers": workload.init_containers if workload else None,
        "template_labels": workload.template_labels if workload else None,
        "template_annotations": workload.template_annotations if workload else None,
        "action": change.action if change else None,
        "before": change.before if change else None,
        "after": change.after if change else None,
        "replace_paths": List(change.replace_paths) if change else None,
        "reason": change.reason if change else None,
    }
