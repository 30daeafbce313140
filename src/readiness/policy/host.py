"""The functions that a policy sees beside CEL's own: links, the estate, IAM statements, the repository."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from readiness.estate.environments import Counterparts
from readiness.estate.model import SERVICE, Estate, Resource, why_open
from readiness.policy.statements import statements
from readiness.policy.texts import json_document
from readiness.policy.workloads import Containers, count, scaled
from readiness.repo.facts import RepositoryFacts
from readiness.values import Doubted, List, Map, Supplied, Unknown

if TYPE_CHECKING:
    from readiness.estate.identity import Identities
    from readiness.kubernetes.rbac.access import Access
    from readiness.policy.admission.review import Reviewer
    from readiness.policy.command_lines import CommandLines
    from readiness.policy.iam.grants import Grants
    from readiness.policy.lifecycles import Table
    from readiness.policy.manifests import Manifests
    from readiness.policy.neighbours import Neighbours
    from readiness.policy.objects import Objects
    from readiness.policy.observability import Observability
    from readiness.policy.routing import Routing
    from readiness.policy.runbooks import RunbookLinks
    from readiness.repo.documents import Documents

FUNCTIONS = frozenset(
    {"access", "bindings", "identities", "permits", "privileges"}
    | {"environments", "escalations", "gone", "grants", "instances", "known", "linked", "resources"}
    | {"statements"}
    | {"json", "supplied", "repo.file", "repo.owner"}
    | {"lifecycle", "runbook", "runbooks", "repo.codeowners", "repo.documents", "repo.ignored", "repo.near"}
    | {"label_values", "receivers", "routes"}
    | {"count", "effective", "scaled"}
    | {"flags", "nodes", "running"}
    | {"alerts", "dashboard", "objectives", "promql"}
    | {"api_lifecycle", "schema_problems"}
    | {"deliveries", "duplicates", "references", "selections"}
)
"""Names of the host functions."""

VARIABLES = frozenset(
    {"object", "item", "address", "type", "name", "namespace", "module", "environment", "tier", "service"}
    | {"tags", "labels", "annotations", "params"}
    | {"pod", "containers", "init_containers", "template_labels", "template_annotations"}
    | {"sidecar_containers", "ephemeral_containers", "all_containers"}
    | {"action", "before", "after", "replace_paths", "reason"}
)
"""Names that every condition may use."""

_NOTHING = List()


class Host:
    """Host functions bound to an estate; `current` is the resource under check."""

    def __init__(self, estate: Estate, facts: RepositoryFacts, kubernetes_version: str = "") -> None:
        self.estate = estate
        self.facts = facts
        self.kubernetes_version = kubernetes_version
        self.current: Resource | None = None
        self._by_type: dict[tuple[str, bool], List] = {}
        self._linked_to: Resource | None = None
        self._linked: dict[str, List] = {}  # with that resource, by type
        self._counterparts: Counterparts | None = None
        self.functions: dict[str, Callable[..., Any]] = {
            "access": self.access,
            "bindings": self.bound,
            "permits": self.permits,
            "identities": self.identities,
            "privileges": self.privileges,
            "environments": self.environments,
            "instances": self.instances,
            "known": lambda value: not isinstance(value, Unknown),
            "json": json_document,
            "supplied": lambda value: isinstance(value, Supplied),
            "gone": self.gone,
            "linked": self.linked,
            "resources": self.resources,
            "statements": statements,
            "alerts": lambda: self._observed.watching(self.current),
            "dashboard": lambda body: self._observed.dashboard(body),
            "objectives": lambda body: self._observed.objectives(body),
            "promql": lambda text: self._observed.promql(text),
            "grants": lambda body: self.grants.of(body),
            "escalations": lambda document: self.grants.escalations(document),
            "repo.file": facts.file,
            "repo.owner": facts.owner,
            "repo.codeowners": facts.codeowners,
            "repo.documents": lambda folders: self._documents.find(folders, self._file),
            "repo.ignored": facts.ignored,
            "repo.near": self.near,
            "lifecycle": self.lifecycle,
            "runbook": lambda link: self.runbook_links.one(link, self.current),
            "runbooks": lambda: self.runbook_links.all(self.current),
            "label_values": lambda body, label: self._routing.label_values(body, label),
            "receivers": lambda body, labels: self._routing.receivers(body, labels),
            "routes": lambda body: self._routing.routes(body),
            "effective": lambda container: self.workloads.effective(self.current, container),
            "scaled": scaled,
            "count": count,
            "flags": lambda container, program: self._command_lines.flags(container, program),
            "nodes": lambda: self._nodes,
            "running": lambda program: self._command_lines.running(self.current, program),
            "api_lifecycle": lambda: self.manifests.lifecycle(self.current),
            "schema_problems": lambda: self.manifests.problems(self.current),
            "deliveries": lambda: self._objects.deliveries(self.current),
            "duplicates": lambda: self._objects.duplicates(self.current),
            "references": lambda types: self._objects.references(self.current, types),
            "selections": lambda ignored: self._objects.selections(self.current, ignored),
        }

    @functools.cached_property
    def grants(self) -> Grants:
        """The grants of the estate; made when a condition first asks for one."""
        from readiness.policy.iam.grants import Grants

        return Grants(self.estate)

    @functools.cached_property
    def manifests(self) -> Manifests:
        """The schemas of the objects; read when a condition first asks for them."""
        from readiness.policy.manifests import Manifests

        return Manifests(self.estate, self.kubernetes_version)

    @functools.cached_property
    def reviewer(self) -> Reviewer:
        """What holds the admission policies of Kubernetes against objects."""
        from readiness.policy.admission.review import Reviewer

        return Reviewer(self.estate, self.manifests.release, self.manifests.definitions)

    @functools.cached_property
    def _nodes(self) -> List:
        from readiness.policy.nodes import nodes

        return nodes(self.estate)

    @functools.cached_property
    def _objects(self) -> Objects:
        from readiness.policy.objects import Objects

        return Objects(self.estate, self.facts)

    @functools.cached_property
    def _observed(self) -> Observability:
        from readiness.policy.observability import Observability

        return Observability(self.estate)

    @functools.cached_property
    def _rbac(self) -> Access:
        from readiness.kubernetes.rbac.access import Access

        return Access(self.estate)

    def access(self) -> List:
        """The rules of RBAC that the current workload, account, binding or role has."""
        return List() if self.current is None else self._rbac.rules(self.current)

    def bound(self) -> List:
        """The bindings of the account of the current workload, or of the current ServiceAccount."""
        return List() if self.current is None else self._rbac.bindings(self.current)

    @staticmethod
    def permits(rule: Any, verbs: Any, resources: Any) -> Any:
        """Whether a rule of RBAC permits one of some verbs on one of some resources."""
        from readiness.kubernetes.rbac.rules import permits

        return permits(rule, verbs, resources)

    @functools.cached_property
    def _identities(self) -> Identities:
        from readiness.estate.identity import Identities

        return Identities(self.estate)

    def identities(self) -> List:
        """The identities in a cloud of the current ServiceAccount, or of the account of a workload."""
        return List() if self.current is None else self._identities.of(self.current)

    def privileges(self, body: Any) -> List:
        """Why the holder of a cloud identity is as good as an administrator."""
        from readiness.policy.iam.privileges import privileges

        return privileges(body, self.grants)

    @functools.cached_property
    def workloads(self) -> Containers:
        """The containers of the estate as they will run."""
        return Containers(self.estate)

    @functools.cached_property
    def _command_lines(self) -> CommandLines:
        from readiness.policy.command_lines import CommandLines

        return CommandLines()

    @functools.cached_property
    def _routing(self) -> Routing:
        from readiness.policy.routing import Routing

        return Routing(self.estate)

    @functools.cached_property
    def runbook_links(self) -> RunbookLinks:
        """The reader of links to runbooks; made when a condition first asks for one."""
        from readiness.policy.runbooks import RunbookLinks

        return RunbookLinks(self.facts)

    @functools.cached_property
    def _documents(self) -> Documents:
        from readiness.repo.documents import Documents

        return Documents(self.facts)

    @property
    def _file(self) -> str:
        """The file that declares the current resource; empty where there is none."""
        return (self.current.inside or self.current.header).path if self.current is not None else ""

    @functools.cached_property
    def _lifecycles(self) -> Table:
        from readiness.policy.bundle import load_lifecycles

        return load_lifecycles()

    def lifecycle(self, product: Any, version: Any) -> Map | None:
        """What the table of lifecycles says of a version, on the day of the run."""
        from readiness.policy.lifecycles import lifecycle

        return lifecycle(self._lifecycles, self.facts.today, product, version)

    def near(self, path: Any) -> Map | None:
        """A file or folder by its path from the folder of the file that declares the current resource."""
        if self.current is None:
            return None
        return self.facts.near(path, (self.current.inside or self.current.header).path)

    @functools.cached_property
    def _neighbours(self) -> Neighbours:
        from readiness.policy.neighbours import Neighbours

        return Neighbours(self.estate)

    def linked(self, type_: str, *other: Any) -> List:
        """The bodies of every resource of a type linked with the current one.

        With a body (and the path of an argument) it is about that resource: see `Neighbours`.

        A resource of that type whose own references are unknown might be linked as well, and one
        whose `count` is unknown might not exist; it stands in the list as an unknown, so that
        nothing is concluded from it.
        """
        if other:
            return self._neighbours.linked(type_, *other)
        current = self.current
        if current is None:
            return List()
        if current is not self._linked_to:
            self._linked_to, self._linked = current, {}
        found = self._linked.get(type_)
        if found is None:
            # Policies ask for the same few types.
            found = self._linked[type_] = self._linked_with(current, type_)
        return found

    def _linked_with(self, current: Resource, type_: str) -> List:
        others = self.estate.linked(current, type_)
        if not others and current.type == SERVICE:
            return _NOTHING  # what belongs to a service is known, and policies ask for many types
        found: list[Any] = [
            Unknown(why_open(other), (other.address,)) if other.maybe and not current.maybe else other.body
            for other in others
            if not other.is_gone
        ]
        return List(found + self.estate.unresolved(current, type_))

    def gone(self, type_: str) -> List:
        """The bodies of every resource of a type that was linked with the current one, and goes as well."""
        if self.current is None:
            return List()
        return List(o.body for o in self.estate.linked(self.current, type_) if o.is_gone)

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

    def instances(self) -> List:
        """The bodies of all that the block of the current resource makes; unknown if their number is."""
        current = self.current
        if current is None:
            return List()
        block = (current.home, current.module, current.name)
        return List(
            Unknown(why_open(other), (other.address,)) if other.maybe else other.body
            for other in self.estate.by_type.get(current.type, ())
            if (other.home, other.module, other.name) == block
        )

    def resources(self, type_: str) -> List:
        """The bodies of every resource of a type in the estate.

        One whose `count` is unknown may not exist, so that what holds of it alone decides nothing; but for a
        resource that is as uncertain itself it counts (a module often makes both or neither).
        """
        certain = self.current is not None and self.current.maybe
        if (type_, certain) not in self._by_type:
            every = self.estate.of_type(type_)
            open_ = () if certain else [other for other in every if other.maybe]
            doubts = {id(other.body): Unknown(why_open(other), (other.address,)) for other in open_}
            bodies = [other.body for other in every]
            self._by_type[type_, certain] = Doubted(bodies, doubts) if doubts else List(bodies)
        return self._by_type[type_, certain]


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
        "sidecar_containers": workload.sidecar_containers if workload else None,
        "ephemeral_containers": workload.ephemeral_containers if workload else None,
        "all_containers": workload.all_containers if workload else None,
        "template_labels": workload.template_labels if workload else None,
        "template_annotations": workload.template_annotations if workload else None,
        "action": change.action if change else None,
        "before": change.before if change else None,
        "after": change.after if change else None,
        "replace_paths": List(change.replace_paths) if change else None,
        "reason": change.reason if change else None,
    }
