"""Alerts and objectives of an estate, and the resources that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from readiness.estate.model import Estate, Resource, connect
from readiness.estate.watched import Index, Watch, excludes, in_namespace
from readiness.kubernetes.linking.names import copies_of
from readiness.operations.alerts import RULES, Recordings, Rule, rules
from readiness.operations.promql import analyse
from readiness.operations.promql_model import Selector
from readiness.operations.slo import OPENSLO, TYPES, objectives
from readiness.values import List, Map

ALERT = "spec.groups.rules.expr"
"""What links a rule object with what its alerts watch."""

_WATCHED = frozenset({"Service", "HorizontalPodAutoscaler", "PersistentVolumeClaim", "Ingress"})
_DIALECT = "readiness.dev/dialect"
_SERVICE_LABELS = ("app.kubernetes.io/name", "app.kubernetes.io/part-of", "app", "service")


class Alert(Struct, frozen=True, eq=False):
    """One alert with what its expression reads, recordings followed."""

    rule: Rule
    watches: tuple[Watch, ...]


class Alerts:
    """The alerts of an estate by what they watch."""

    def __init__(self, estate: Estate) -> None:
        self.index = Index(estate)
        self.alerts: list[Alert] = []
        self._named: dict[int, list[Alert]] = {}
        self._general: dict[str, list[tuple[Alert, Watch]]] = {}
        found = [rule for resource in estate.by_type.get(RULES, ()) for rule in rules(resource)]
        self.recordings = Recordings(found)
        for rule in found:
            if rule.alert is not None:
                self._add(rule)

    def _add(self, rule: Rule) -> None:
        expression = rule.expression
        selectors: Iterable[Selector] = ()
        if expression is not None and not _other_dialect(rule.resource):
            selectors = self.recordings.selectors(expression)
        alert = Alert(rule, tuple(self.index.watch(selector) for selector in selectors))
        self.alerts.append(alert)
        named: dict[int, None] = {}
        for watch in alert.watches:
            for resource in nearest(watch.found, rule.resource):
                named[id(resource)] = None
            # An application's own metric in a namespace may be that of any workload there.
            kind = watch.kind or ("*" if watch.namespaces is not None else None)
            if not watch.named and kind is not None:
                self._general.setdefault(kind, []).append((alert, watch))
        for key in named:
            self._named.setdefault(key, []).append(alert)

    def of(self, resource: Resource) -> List:
        """The alerts on a resource: `alert`, `severity`, `expr`, `rule` (the body), `named`.

        `named` is true where label matchers name the resource, and false for an alert on all workloads
        of its kind, or all in its namespace.
        """
        found = [_as_map(alert, True) for alert in self._named.get(id(resource), ())]
        if resource.workload is None:
            return List(found)
        for alert, watch in (*self._general.get("*", ()), *self._general.get(resource.type, ())):
            if in_namespace(resource, watch.namespaces) and not excludes(watch.excluded, resource):
                found.append(_as_map(alert, False))
        return List(found)

    def named(self) -> Iterator[tuple[Resource, Resource]]:
        """Each rule object with each resource that one of its alerts names, once."""
        done: set[tuple[int, int]] = set()
        for alert in self.alerts:
            holder = alert.rule.resource
            for watch in alert.watches:
                for resource in nearest(watch.found, holder):
                    mark = (id(holder), id(resource))
                    if mark not in done:
                        done.add(mark)
                        yield holder, resource


def _as_map(alert: Alert, named: bool) -> Map:
    body = alert.rule.body
    labels = body.get("labels")
    severity = labels.get("severity") if isinstance(labels, Map) else None
    return Map(
        {
            "alert": alert.rule.alert,
            "severity": severity,
            "expr": body.get("expr"),
            "rule": body,
            "named": named,
        },
        body.span,
    )


def _other_dialect(resource: Resource) -> bool:
    """Whether the rules of an object are known to be written for something else than Prometheus."""
    metadata = resource.body.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Map) else None
    return isinstance(annotations, Map) and annotations.get(_DIALECT) == "logql"


def nearest(found: Iterable[Resource], resource: Resource) -> list[Resource]:
    """Those that are meant of what was found, where several have one address: as names are looked up."""
    return copies_of(other for other in found if other is not resource).nearest(resource)


def link_alerts(estate: Estate) -> None:
    """Link rule objects with what their alerts name, and objectives with their services.

    An alert over everything, or over a namespace, is linked with nothing.  Selectors and names must have
    been linked before: Services lead to their workloads, monitors to their Services.
    """
    if RULES in estate.by_type and any(
        r.workload is not None or r.type in _WATCHED for r in estate.resources
    ):
        for holder, resource in Alerts(estate).named():
            connect(holder, resource, ALERT)
    if any(type_ in estate.by_type for type_ in TYPES):
        _link_objectives(estate)


class _Services:
    """What a service may be called by: Services, workloads and their labels, entries of catalogs."""

    def __init__(self, estate: Estate) -> None:
        self.index = Index(estate)
        self.others: dict[tuple[str, str], list[Resource]] = {}
        for type_ in ("openslo.com/Service", "backstage.io/Component", "openslo.com/SLI", "SLI"):
            for resource in estate.by_type.get(type_, ()):
                self.others.setdefault((type_, resource.name), []).append(resource)

    def named(self, name: str) -> list[Resource]:
        """Services and workloads of a name, else the workloads that carry it as a label."""
        found = [*self.index.objects.get(("Service", name), ()), *self.index.names.get(name, ())]
        if not found:
            labelled = (self.index.labelled.get((key, name), []) for key in _SERVICE_LABELS)
            found = next((workloads for workloads in labelled if workloads), [])
        with_pods = self.index.expanded(found)
        described = [
            *self.others.get(("openslo.com/Service", name), ()),
            *self.others.get(("backstage.io/Component", name), ()),
        ]
        return [*with_pods, *described]


def _link_objectives(estate: Estate) -> None:
    services = _Services(estate)
    for type_ in TYPES:
        for resource in estate.by_type.get(type_, ()):
            _link_objective(resource, services)


def _link_objective(resource: Resource, services: _Services) -> None:
    found: dict[int, tuple[Resource, str]] = {}
    for objective in objectives(resource.body):
        service = objective["service"]
        if isinstance(service, str) and service:
            for other in nearest(services.named(service), resource):
                found.setdefault(id(other), (other, "service"))
        if not any(other.platform == "kubernetes" and other.workload for other, _ in found.values()):
            for query in objective["queries"]:
                for other in nearest(_read_by(query["text"], services.index), resource):
                    found.setdefault(id(other), (other, "indicator"))
    if resource.type == OPENSLO:
        for name, via in _references(resource.body):
            for key in ("openslo.com/SLI", "SLI"):
                for other in nearest(services.others.get((key, name), ()), resource):
                    found.setdefault(id(other), (other, via))
    for other, via in found.values():
        connect(resource, other, via)


def _read_by(query: Any, index: Index) -> list[Resource]:
    """What the selectors of a query name."""
    if not isinstance(query, str):
        return []
    return [r for selector in analyse(query).selectors for r in index.watch(selector).found]


def _references(body: Map) -> Iterator[tuple[str, str]]:
    """The indicators that an OpenSLO object names."""
    spec = body.get("spec")
    if not isinstance(spec, Map):
        return
    items = spec.get("objectives")
    for holder in (spec, *(items if isinstance(items, List) else ())):
        name = holder.get("indicatorRef") if isinstance(holder, Map) else None
        if isinstance(name, str):
            yield name, "indicatorRef"
