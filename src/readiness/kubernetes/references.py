"""Names of other objects that a manifest writes down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from readiness.estate.model import Resource
from readiness.kubernetes.kinds import group_of, is_cluster_scoped, type_name
from readiness.values import List, Map

DEFAULT_NAMESPACE = "default"


class Reference(NamedTuple):
    """A mention of another object; `namespace` is empty for one that has none."""

    via: str
    type: str
    namespace: str
    name: str


def namespace_of(resource: Resource) -> str:
    """The namespace an object lands in when nobody says otherwise; empty if its kind has none."""
    if is_cluster_scoped(resource.type):
        return ""
    return resource.namespace or DEFAULT_NAMESPACE


def references(resource: Resource) -> Iterator[Reference]:
    """Every object that a resource names, once per mention."""
    namespace = namespace_of(resource)
    if namespace:
        yield Reference("metadata.namespace", "Namespace", "", namespace)
    spec = resource.body.get("spec")
    if resource.workload is not None:
        yield from _pod(resource.workload.pod, namespace)
    found = _BY_TYPE.get(resource.type)
    if found is not None:
        yield from found(resource.body, spec if isinstance(spec, Map) else Map(), namespace)


def dig(value: Any, *keys: str) -> Any:
    """The value below a chain of keys, or None where the chain breaks."""
    for key in keys:
        if not isinstance(value, Map):
            return None
        value = value.get(key)
    return value


def maps(value: Any) -> Iterator[Map]:
    """The mappings in a list; nothing for what is no list."""
    if isinstance(value, List):
        for item in value:
            if isinstance(item, Map):
                yield item


def _first(*values: Any) -> Any:
    """The first value that is there; an unknown may be, and what comes after it is never taken."""
    return next((value for value in values if value is not None and value != ""), None)


def _named(via: str, type_: str, namespace: str, name: Any) -> Iterator[Reference]:
    if isinstance(name, str) and name:
        yield Reference(via, type_, namespace, name)


def _pod(pod: Map, namespace: str) -> Iterator[Reference]:
    account = _first(pod.get("serviceAccountName"), pod.get("serviceAccount"), "default")
    yield from _named("serviceAccountName", "ServiceAccount", namespace, account)
    yield from _named("priorityClassName", "PriorityClass", "", pod.get("priorityClassName"))
    for secret in maps(pod.get("imagePullSecrets")):
        yield from _named("imagePullSecrets", "Secret", namespace, secret.get("name"))
    for key in ("containers", "initContainers", "ephemeralContainers"):
        for container in maps(pod.get(key)):
            yield from _environment(container, namespace)
    for volume in maps(pod.get("volumes")):
        yield from _volume(volume, namespace)


def _environment(container: Map, namespace: str) -> Iterator[Reference]:
    for entry in maps(container.get("env")):
        source = entry.get("valueFrom")
        name = dig(source, "configMapKeyRef", "name")
        yield from _named("env.valueFrom.configMapKeyRef", "ConfigMap", namespace, name)
        name = dig(source, "secretKeyRef", "name")
        yield from _named("env.valueFrom.secretKeyRef", "Secret", namespace, name)
    for entry in maps(container.get("envFrom")):
        name = dig(entry, "configMapRef", "name")
        yield from _named("envFrom.configMapRef", "ConfigMap", namespace, name)
        yield from _named("envFrom.secretRef", "Secret", namespace, dig(entry, "secretRef", "name"))


def _volume(volume: Map, namespace: str) -> Iterator[Reference]:
    yield from _named("volumes.configMap", "ConfigMap", namespace, dig(volume, "configMap", "name"))
    yield from _named("volumes.secret", "Secret", namespace, dig(volume, "secret", "secretName"))
    claim = dig(volume, "persistentVolumeClaim", "claimName")
    yield from _named("volumes.persistentVolumeClaim", "PersistentVolumeClaim", namespace, claim)
    for source in maps(dig(volume, "projected", "sources")):
        name = dig(source, "configMap", "name")
        yield from _named("volumes.projected.configMap", "ConfigMap", namespace, name)
        name = dig(source, "secret", "name")
        yield from _named("volumes.projected.secret", "Secret", namespace, name)


def _stateful_set(body: Map, spec: Map, namespace: str) -> Iterator[Reference]:
    yield from _named("spec.serviceName", "Service", namespace, spec.get("serviceName"))
    for template in maps(spec.get("volumeClaimTemplates")):
        name = dig(template, "spec", "storageClassName")
        yield from _named("spec.volumeClaimTemplates.spec.storageClassName", "StorageClass", "", name)


def _claim(body: Map, spec: Map, namespace: str) -> Iterator[Reference]:
    yield from _named("spec.storageClassName", "StorageClass", "", spec.get("storageClassName"))


def _target(key: str) -> Callable[[Map, Map, str], Iterator[Reference]]:
    """References of a kind whose spec names one object as `apiVersion`, `kind` and `name`."""

    def found(body: Map, spec: Map, namespace: str) -> Iterator[Reference]:
        target = spec.get(key)
        kind = _first(dig(target, "kind"), "Deployment")
        version = _first(dig(target, "apiVersion"), "apps/v1")
        if isinstance(kind, str) and isinstance(version, str):
            type_ = type_name(group_of(version), kind)
            yield from _named(f"spec.{key}", type_, namespace, dig(target, "name"))

    return found


def _ingress(body: Map, spec: Map, namespace: str) -> Iterator[Reference]:
    backends = [("spec.defaultBackend", spec.get("defaultBackend")), ("spec.backend", spec.get("backend"))]
    for rule in maps(spec.get("rules")):
        for path in maps(dig(rule, "http", "paths")):
            backends.append(("spec.rules.http.paths.backend", path.get("backend")))
    for via, backend in backends:
        yield from _named(f"{via}.service.name", "Service", namespace, dig(backend, "service", "name"))
        yield from _named(f"{via}.serviceName", "Service", namespace, dig(backend, "serviceName"))
    for tls in maps(spec.get("tls")):
        yield from _named("spec.tls.secretName", "Secret", namespace, tls.get("secretName"))


def _route(body: Map, spec: Map, namespace: str) -> Iterator[Reference]:
    for rule in maps(spec.get("rules")):
        for backend in maps(rule.get("backendRefs")):
            if backend.get("kind", "Service") == "Service" and backend.get("group") in (None, ""):
                place = _namespace_in(backend, namespace)
                yield from _named("spec.rules.backendRefs", "Service", place, backend.get("name"))
    for parent in maps(spec.get("parentRefs")):
        if parent.get("kind", "Gateway") == "Gateway":
            place = _namespace_in(parent, namespace)
            gateway = "gateway.networking.k8s.io/Gateway"
            yield from _named("spec.parentRefs", gateway, place, parent.get("name"))


def _namespace_in(reference: Map, default: str) -> str:
    namespace = reference.get("namespace")
    return namespace if isinstance(namespace, str) and namespace else default


def _binding(body: Map, spec: Map, namespace: str) -> Iterator[Reference]:
    role = body.get("roleRef")
    kind = dig(role, "kind")
    if kind in ("Role", "ClusterRole"):
        place = namespace if kind == "Role" else ""
        yield from _named("roleRef", kind, place, dig(role, "name"))
    for subject in maps(body.get("subjects")):
        if subject.get("kind") == "ServiceAccount":
            place = _namespace_in(subject, namespace or DEFAULT_NAMESPACE)
            yield from _named("subjects", "ServiceAccount", place, subject.get("name"))


_BY_TYPE: dict[str, Callable[[Map, Map, str], Iterator[Reference]]] = {
    "StatefulSet": _stateful_set,
    "PersistentVolumeClaim": _claim,
    "HorizontalPodAutoscaler": _target("scaleTargetRef"),
    "ScaledObject": _target("scaleTargetRef"),
    "VerticalPodAutoscaler": _target("targetRef"),
    "flagger.app/Canary": _target("targetRef"),
    "argoproj.io/Rollout": _target("workloadRef"),
    "Ingress": _ingress,
    "HTTPRoute": _route,
    "GRPCRoute": _route,
    "TLSRoute": _route,
    "TCPRoute": _route,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
}
