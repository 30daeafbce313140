"""Which resources a selector of PromQL reads series of.

Names stand in labels: those that kube-state-metrics and cAdvisor give their series
(https://github.com/kubernetes/kube-state-metrics/tree/main/docs), and those of the scrape.  The operator
of Prometheus says what `job` is: of a ServiceMonitor the value of the label `jobLabel` of the Service, else
the Service's name; of a PodMonitor the label of the pod, else `<namespace>/<name>` of the monitor
(https://prometheus-operator.dev/docs/api-reference/api/).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct, field

from readiness.estate.model import Estate, Resource
from readiness.operations.promql_model import Matcher, Selector
from readiness.operations.promql_names import Pattern, pattern_of
from readiness.values import Map

LIMIT = 200
"""Resources that a matcher names at most; one that takes more says nothing of any of them."""

_CANDIDATES = 1000
"""Names that may be held against one pattern."""

_OBJECTS: dict[str, tuple[str, ...]] = {
    "deployment": ("Deployment",),
    "statefulset": ("StatefulSet",),
    "daemonset": ("DaemonSet",),
    "cronjob": ("CronJob",),
    "job_name": ("Job", "CronJob"),
    "rollout": ("argoproj.io/Rollout",),
    "horizontalpodautoscaler": ("HorizontalPodAutoscaler",),
    "persistentvolumeclaim": ("PersistentVolumeClaim",),
    "ingress": ("Ingress",),
    "workload": ("Deployment", "StatefulSet", "DaemonSet", "argoproj.io/Rollout"),
}
"""Labels that name an object, and the types it may be of."""

_LABELS = {
    "app": "app",
    "k8s_app": "k8s-app",
    "label_app": "app",
    "app_kubernetes_io_name": "app.kubernetes.io/name",
    "label_app_kubernetes_io_name": "app.kubernetes.io/name",
    "app_kubernetes_io_instance": "app.kubernetes.io/instance",
    "label_app_kubernetes_io_instance": "app.kubernetes.io/instance",
    "app_kubernetes_io_component": "app.kubernetes.io/component",
}
"""Labels of series that are labels of pods."""

_NAMESPACES = frozenset({"namespace", "exported_namespace", "kubernetes_namespace"})
_PODS = frozenset({"pod", "pod_name", "kubernetes_pod_name", "exported_pod"})
_CONTAINERS = frozenset({"container", "container_name", "exported_container"})
_ABOUT_OTHERS = re.compile(r"kube_|container_|kubelet_|node_|machine_|probe_|storage_|volume_manager_")
"""Metrics of exporters: their `job` is the exporter, not what the series is about."""

_KINDS = {
    "kube_deployment_": "Deployment",
    "kube_statefulset_": "StatefulSet",
    "kube_daemonset_": "DaemonSet",
    "kube_job_": "Job",
    "kube_cronjob_": "CronJob",
    "kube_pod_": "*",
    "container_": "*",
}
"""How metrics begin that every workload of a type has."""

_SAMPLES: dict[str, str] = {
    "Deployment": "-7c5d9f6b8d-x7k2p",
    "argoproj.io/Rollout": "-7c5d9f6b8d-x7k2p",
    "StatefulSet": "-0",
    "Pod": "",
}
_SAMPLE = "-x7k2p"
"""What the names of a workload's pods end with."""


class Watch(Struct, frozen=True, eq=False):
    """What a selector reads: `found` are the resources that it names.

    `named` says whether it names any thing at all; without that it reads the series of everything of
    `kind` (`*` for every workload, None where the metric tells nothing) in the namespaces.
    """

    found: tuple[Resource, ...] = ()
    named: bool = False
    kind: str | None = None
    namespaces: Pattern | None = None
    excluded: tuple[tuple[str, Pattern], ...] = ()


class Index(Struct, eq=False):
    """The resources of an estate by what labels of series say of them."""

    estate: Estate
    objects: dict[tuple[str, str], list[Resource]] = field(default_factory=dict)
    names: dict[str, list[Resource]] = field(default_factory=dict)  # workloads by name
    ordered: list[str] = field(default_factory=list)
    labelled: dict[tuple[str, str], list[Resource]] = field(default_factory=dict)
    containers: dict[str, list[Resource]] = field(default_factory=dict)
    jobs: dict[str, list[Resource]] = field(default_factory=dict)
    monitored: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        types = {type_ for found in _OBJECTS.values() for type_ in found} | {"Service", "Pod", "Job"}
        for resource in self.estate.resources:
            if resource.workload is not None:
                self._workload(resource)
            if resource.type in types:
                self.objects.setdefault((resource.type, resource.name), []).append(resource)
        self.ordered = sorted(self.names)
        self._jobs()

    def _workload(self, resource: Resource) -> None:
        workload = resource.workload
        assert workload is not None
        self.names.setdefault(resource.name, []).append(resource)
        for key, value in workload.template_labels.items():
            if isinstance(value, str):
                self.labelled.setdefault((key, value), []).append(resource)
        for container in workload.containers:
            name = container.get("name") if isinstance(container, Map) else None
            if isinstance(name, str):
                self.containers.setdefault(name, []).append(resource)

    def _jobs(self) -> None:
        for monitor in self.estate.by_type.get("ServiceMonitor", ()):
            key = _job_label(monitor)
            for service in self.estate.linked(monitor, "Service"):
                job = service.labels.get(key) if key and isinstance(service.labels, Map) else None
                self._job(job if isinstance(job, str) else service.name, service)
        for monitor in self.estate.by_type.get("PodMonitor", ()):
            key = _job_label(monitor)
            for pod in self.estate.linked(monitor, "pod"):
                job = pod.workload.template_labels.get(key) if key and pod.workload is not None else None
                own = f"{monitor.namespace or 'default'}/{monitor.name}"
                self._job(job if isinstance(job, str) else own, pod)

    def _job(self, job: str, resource: Resource) -> None:
        self.jobs.setdefault(job, []).append(resource)
        self.monitored.add(id(resource))

    def watch(self, selector: Selector) -> Watch:
        """What a selector reads the series of."""
        metric = selector.metric or ""
        namespaces: Pattern | None = None
        excluded: list[tuple[str, Pattern]] = []
        sets: list[list[Resource]] = []
        named = False
        for matcher in selector.matchers:
            if matcher.label in _NAMESPACES and matcher.op in ("=", "=~"):
                namespaces = pattern_of(matcher) or namespaces
                continue
            if matcher.op in ("!=", "!~"):
                pattern = pattern_of(matcher)
                if pattern is not None:
                    excluded.append((matcher.label, pattern))
                continue
            found = self._named(matcher, metric)
            if found is None:
                continue
            strict = matcher.label in _OBJECTS or matcher.label in _PODS
            named = named or strict or bool(found) or matcher.label in ("job", "service")
            if found or strict:
                sets.append(found)
        if named:
            return Watch(tuple(self._common(sets, namespaces, excluded)), True, None, namespaces)
        kind = next((kind for start, kind in _KINDS.items() if metric.startswith(start)), None)
        return Watch((), False, kind, namespaces, tuple(excluded))

    def _named(self, matcher: Matcher, metric: str) -> list[Resource] | None:
        """The resources that one matcher names; None for a label (or a pattern) that names none."""
        label = matcher.label
        lookup = self._lookup(label, metric)
        if lookup is None:
            return None
        pattern = pattern_of(matcher)
        if pattern is None:
            return None
        found = lookup(pattern)
        return None if found is None or len(found) > LIMIT else found

    def _lookup(self, label: str, metric: str) -> Callable[[Pattern], list[Resource] | None] | None:
        if label in _OBJECTS:
            return lambda pattern: self._objects(_OBJECTS[label], pattern)
        if label in _PODS:
            return self._pods
        if label in _LABELS:
            key = _LABELS[label]
            return lambda pattern: _of_texts(pattern, lambda text: self.labelled.get((key, text), []))
        if label in _CONTAINERS:
            return lambda pattern: _of_texts(pattern, self._container)
        if label == "service" and (not _ABOUT_OTHERS.match(metric) or metric.startswith("kube_service_")):
            return lambda pattern: self.expanded(_of_texts(pattern, self._service))
        if label == "job" and not _ABOUT_OTHERS.match(metric):
            return lambda pattern: self.expanded(_of_texts(pattern, self._of_job))
        return None

    def _objects(self, types: Iterable[str], pattern: Pattern) -> list[Resource] | None:
        names = sorted(pattern.texts)
        if pattern.whole is not None:
            candidates = self._beginning(pattern.prefix)
            if candidates is None:
                return None
            names = [name for name in candidates if pattern.matches(name)]
        return [r for type_ in types for name in names for r in self.objects.get((type_, name), [])]

    def _beginning(self, prefix: str) -> list[str] | None:
        """The names of workloads that begin with a text; None where they are too many."""
        at = bisect_left(self.ordered, prefix)
        end = bisect_right(self.ordered, prefix + "\U0010ffff")
        return None if end - at > _CANDIDATES else self.ordered[at:end]

    def _pods(self, pattern: Pattern) -> list[Resource] | None:
        """The workloads whose pods have such names."""
        if pattern.whole is None:
            found = []
            for text in pattern.texts:
                found += self.objects.get(("Pod", text), [])
                found += self.objects.get(("StatefulSet", re.sub(r"-[0-9]+$", "", text)), [])
            return found
        candidates = self._beginning(pattern.prefix.rstrip("-"))
        if candidates is None:
            return None
        return [
            resource
            for name in candidates
            for resource in self.names[name]
            if pattern.matches(name + _SAMPLES.get(resource.type, _SAMPLE))
        ]

    def _container(self, name: str) -> list[Resource]:
        """The workloads with a container of a name, where that name tells them from others."""
        found = self.containers.get(name, [])
        return found if len({resource.address for resource in found}) == 1 else []

    def _service(self, name: str) -> list[Resource]:
        return self.objects.get(("Service", name)) or self.names.get(name, [])

    def _of_job(self, job: str) -> list[Resource]:
        found = self.jobs.get(job)
        if found:
            return found
        namespace, slash, name = job.rpartition("/")
        services = [r for r in self.objects.get(("Service", name), []) if id(r) not in self.monitored]
        found = services or [r for r in self.names.get(name, []) if not self._scraped(r)]
        return [r for r in found if r.namespace in (None, namespace)] if slash else found

    def _scraped(self, resource: Resource) -> bool:
        """Whether a monitor says what the job of a workload is: then its name is not."""
        services = self.estate.linked(resource, "Service")
        return id(resource) in self.monitored or any(id(service) in self.monitored for service in services)

    def expanded(self, found: list[Resource]) -> list[Resource]:
        """Resources with the workloads behind the Services among them, and the Services of workloads."""
        result = {id(resource): resource for resource in found}
        for resource in found:
            for other in self.estate.linked(resource, "pod" if resource.type == "Service" else "Service"):
                if resource.type == "Service" or other.type == "Service":
                    result[id(other)] = other
        return list(result.values())

    def _common(
        self,
        sets: list[list[Resource]],
        namespaces: Pattern | None,
        excluded: list[tuple[str, Pattern]],
    ) -> list[Resource]:
        if not sets:
            return []
        kept = {id(resource): resource for resource in sets[0]}
        for others in sets[1:]:
            ids = {id(resource) for resource in self.expanded(others)}
            kept = {key: resource for key, resource in kept.items() if key in ids}
        return [r for r in kept.values() if in_namespace(r, namespaces) and not excludes(excluded, r)]


def in_namespace(resource: Resource, namespaces: Pattern | None) -> bool:
    """Whether a resource may lie in some namespaces; one without a written namespace may lie in any."""
    return namespaces is None or resource.namespace is None or namespaces.matches(resource.namespace)


def excludes(excluded: Iterable[tuple[str, Pattern]], resource: Resource) -> bool:
    """Whether matchers of `!=` and `!~` leave a resource out."""
    for label, pattern in excluded:
        if label in _NAMESPACES and resource.namespace is not None and pattern.matches(resource.namespace):
            return True
        if label in _OBJECTS and resource.type in _OBJECTS[label] and pattern.matches(resource.name):
            return True
    return False


def _of_texts(pattern: Pattern, look: Callable[[str], list[Resource]]) -> list[Resource]:
    """What each text of a pattern finds; a pattern that is no list of texts finds nothing."""
    return [resource for text in sorted(pattern.texts) for resource in look(text)]


def _job_label(monitor: Resource) -> str | None:
    spec: Any = monitor.body.get("spec")
    label = spec.get("jobLabel") if isinstance(spec, Map) else None
    return label if isinstance(label, str) and label else None
