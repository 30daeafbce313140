"""Names of other objects that a manifest writes down.

This module knows pods, the kinds of Kubernetes itself and storage; the kinds of projects are in the
modules `network`, `secrets` and `delivery`.

Sources: the API reference of Kubernetes 1.33 (https://kubernetes.io/docs/reference/kubernetes-api/),
KEDA (https://keda.sh/docs/latest/reference/scaledobject-spec/, …/concepts/authentication/), the
VerticalPodAutoscaler, Flagger and the external snapshotter.
"""

from __future__ import annotations

from collections.abc import Iterator

from readiness.estate.model import Resource
from readiness.kubernetes.linking import delivery, network, secrets
from readiness.kubernetes.linking.mentions import (
    DEFAULT_NAMESPACE,
    Finder,
    Found,
    Reference,
    first,
    inner,
    named,
    namespace_in,
    namespace_of,
    of_group,
    typed,
)
from readiness.values import Map, dig, maps


def references(resource: Resource) -> Iterator[Reference]:
    """Every object that a resource names, once per mention; a name or namespace may be unknown."""
    namespace = namespace_of(resource)
    if namespace:
        metadata = resource.body.get("metadata")
        holder = metadata if isinstance(metadata, Map) else None
        yield Reference("metadata.namespace", "Namespace", "", namespace, holder, "namespace")
    if resource.workload is not None:
        yield from _pod(resource.workload.pod, namespace)
    found = FINDERS.get(resource.type)
    if found is not None:
        spec = resource.body.get("spec")
        yield from found(resource.body, spec if isinstance(spec, Map) else Map(), namespace)


def _pod(pod: Map, namespace: str) -> Found:
    if first(pod.get("serviceAccountName"), pod.get("serviceAccount")) is None:
        yield Reference("serviceAccountName", "ServiceAccount", namespace, "default")
    else:
        key = "serviceAccount" if first(pod.get("serviceAccountName")) is None else "serviceAccountName"
        yield from named("serviceAccountName", "ServiceAccount", namespace, pod, key)
    yield from named("priorityClassName", "PriorityClass", "", pod, "priorityClassName")
    yield from named("runtimeClassName", "RuntimeClass", "", pod, "runtimeClassName")
    for secret in maps(pod.get("imagePullSecrets")):
        # A pod without it starts where the image needs no credentials.
        yield from named("imagePullSecrets", "Secret", namespace, secret, optional=True)
    for list_key in ("containers", "initContainers", "ephemeralContainers"):
        for container in maps(pod.get(list_key)):
            yield from _environment(container, namespace)
    for volume in maps(pod.get("volumes")):
        yield from _volume(volume, namespace)


_KEYED = (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret"))
_WHOLE = (("configMapRef", "ConfigMap"), ("secretRef", "Secret"))


def _environment(container: Map, namespace: str) -> Found:
    for entry in maps(container.get("env")):
        source = entry.get("valueFrom")
        if not isinstance(source, Map):
            continue
        for key, type_ in _KEYED:
            holder = source.get(key)
            if isinstance(holder, Map):
                optional, entries = holder.get("optional") is True, ((holder, "key"),)
                yield from named(f"env.valueFrom.{key}", type_, namespace, holder, "name", optional, entries)
    for entry in maps(container.get("envFrom")):
        for key, type_ in _WHOLE:
            holder = entry.get(key)
            if isinstance(holder, Map):
                optional = holder.get("optional") is True
                yield from named(f"envFrom.{key}", type_, namespace, holder, "name", optional)


def _volume(volume: Map, namespace: str) -> Found:
    yield from _files("volumes.configMap", "ConfigMap", namespace, volume.get("configMap"), "name")
    yield from _files("volumes.secret", "Secret", namespace, volume.get("secret"), "secretName")
    claim = volume.get("persistentVolumeClaim")
    yield from named("volumes.persistentVolumeClaim", "PersistentVolumeClaim", namespace, claim, "claimName")
    projected = volume.get("projected")
    if isinstance(projected, Map):
        for source in maps(projected.get("sources")):
            yield from _files(
                "volumes.projected.configMap", "ConfigMap", namespace, source.get("configMap"), "name"
            )
            yield from _files("volumes.projected.secret", "Secret", namespace, source.get("secret"), "name")
    csi = volume.get("csi")
    if isinstance(csi, Map):
        yield from named(
            "volumes.csi.nodePublishSecretRef", "Secret", namespace, csi.get("nodePublishSecretRef")
        )
        classes = csi.get("volumeAttributes")
        yield from named(
            "volumes.csi.volumeAttributes.secretProviderClass",
            "SecretProviderClass",
            namespace,
            classes,
            "secretProviderClass",
        )
    template = dig(volume, "ephemeral", "volumeClaimTemplate", "spec")
    via = "volumes.ephemeral.volumeClaimTemplate.spec.storageClassName"
    yield from named(via, "StorageClass", "", template, "storageClassName")
    yield from named("volumes.azureFile", "Secret", namespace, volume.get("azureFile"), "secretName")


def _files(via: str, type_: str, namespace: str, holder: object, key: str) -> Found:
    """A volume of a ConfigMap or Secret; without `items` it has every key, so none is asked for."""
    if isinstance(holder, Map):
        entries = tuple((item, "key") for item in maps(holder.get("items")))
        yield from named(via, type_, namespace, holder, key, holder.get("optional") is True, entries)


def _stateful_set(body: Map, spec: Map, namespace: str) -> Found:
    yield from named("spec.serviceName", "Service", namespace, spec, "serviceName")
    for template in maps(spec.get("volumeClaimTemplates")):
        yield from _claimed("spec.volumeClaimTemplates.spec", template.get("spec"), namespace)


def _claim(body: Map, spec: Map, namespace: str) -> Found:
    yield from _claimed("spec", spec, namespace)
    yield from named("spec.volumeName", "PersistentVolume", "", spec, "volumeName")


def _claimed(via: str, spec: object, namespace: str) -> Found:
    yield from named(f"{via}.storageClassName", "StorageClass", "", spec, "storageClassName")
    for key in ("dataSource", "dataSourceRef"):
        source = inner(spec, key)
        kind, group = source.get("kind"), first(source.get("apiGroup"), "")
        if isinstance(kind, str) and isinstance(group, str):
            yield from of_group(f"{via}.{key}", source, namespace, group, kind, elsewhere=True)


def _volume_object(body: Map, spec: Map, namespace: str) -> Found:
    yield from named("spec.storageClassName", "StorageClass", "", spec, "storageClassName")
    claim = spec.get("claimRef")
    place = namespace_in(claim, DEFAULT_NAMESPACE)
    yield from named("spec.claimRef", "PersistentVolumeClaim", place, claim)


def _snapshot(body: Map, spec: Map, namespace: str) -> Found:
    via = "spec.volumeSnapshotClassName"
    yield from named(via, "VolumeSnapshotClass", "", spec, "volumeSnapshotClassName")
    claim = "persistentVolumeClaimName"
    yield from named("spec.source", "PersistentVolumeClaim", namespace, spec.get("source"), claim)


def _target(key: str) -> Finder:
    """References of a kind whose spec names one object as `apiVersion`, `kind` and `name`."""

    def found(body: Map, spec: Map, namespace: str) -> Found:
        yield from typed(f"spec.{key}", spec.get(key), namespace, "apps/v1", "Deployment")

    return found


def _scaled(body: Map, spec: Map, namespace: str) -> Found:
    yield from typed("spec.scaleTargetRef", spec.get("scaleTargetRef"), namespace, "apps/v1", "Deployment")
    for trigger in maps(spec.get("triggers")):
        via = "spec.triggers.authenticationRef"
        reference = trigger.get("authenticationRef")
        yield from typed(via, reference, namespace, "keda.sh/v1alpha1", "TriggerAuthentication")


def _trigger_authentication(body: Map, spec: Map, namespace: str) -> Found:
    # Those of the whole cluster read from the namespace of KEDA, which no manifest names.
    if body.get("kind") == "TriggerAuthentication":
        for key, type_ in (("secretTargetRef", "Secret"), ("configMapTargetRef", "ConfigMap")):
            for entry in maps(spec.get(key)):
                yield from named(f"spec.{key}", type_, namespace, entry, entries=((entry, "key"),))


def _binding(body: Map, spec: Map, namespace: str) -> Found:
    role = inner(body, "roleRef")
    kind = role.get("kind")
    if isinstance(kind, str) and kind in ("Role", "ClusterRole"):
        yield from named("roleRef", kind, namespace if kind == "Role" else "", role)
    for subject in maps(body.get("subjects")):
        if subject.get("kind") == "ServiceAccount":
            place = namespace_in(subject, namespace or DEFAULT_NAMESPACE)
            yield from named("subjects", "ServiceAccount", place, subject)


def _service_account(body: Map, spec: Map, namespace: str) -> Found:
    for secret in maps(body.get("imagePullSecrets")):
        yield from named("imagePullSecrets", "Secret", namespace, secret, optional=True)
    for secret in maps(body.get("secrets")):
        yield from named("secrets", "Secret", namespace, secret, optional=True)


FINDERS: dict[str, Finder] = {
    "StatefulSet": _stateful_set,
    "PersistentVolumeClaim": _claim,
    "PersistentVolume": _volume_object,
    "VolumeSnapshot": _snapshot,
    "HorizontalPodAutoscaler": _target("scaleTargetRef"),
    "VerticalPodAutoscaler": _target("targetRef"),
    "flagger.app/Canary": _target("targetRef"),
    "ScaledObject": _scaled,
    "ScaledJob": _scaled,
    "TriggerAuthentication": _trigger_authentication,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
    "ServiceAccount": _service_account,
    **network.FINDERS,
    **secrets.FINDERS,
    **delivery.FINDERS,
}
