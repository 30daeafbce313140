"""How lists of an object merge: which have a key by which their items are told apart.

Source: `x-kubernetes-patch-strategy`, `x-kubernetes-patch-merge-key` and `x-kubernetes-list-map-keys` in the
OpenAPI document of Kubernetes 1.21, which Kustomize 5 carries.  Kinds that it does not know have no such
lists: a list of a patch takes the place of the one that is there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from readiness.kubernetes.overlays.model import text_of
from readiness.values import Map


class Merging(NamedTuple):
    """A list whose items merge: by keys, or as plain values where there are none."""

    keys: tuple[str, ...]
    item: str = ""  # the type of its items


Fields = dict[str, "str | Merging"]
"""For each field the type of its value, or how its list merges."""

Kinds = dict[tuple[str, str], str]
"""The type of a kind, by its `apiVersion` and `kind`."""


class Schema(NamedTuple):
    """The types that one build knows."""

    types: dict[str, Fields]
    kinds: Kinds

    def of_object(self, value: Map) -> str:
        """The type of an object by its `apiVersion` and `kind`, empty where it is not known."""
        key = text_of(value.get("apiVersion")), text_of(value.get("kind"))
        return self.kinds.get(key, "")

    def fields(self, name: str) -> Fields:
        """The fields of a type that matter."""
        return self.types.get(name, {})


_BY_NAME = Merging(("name",))
_BY_TYPE = Merging(("type",))
_CONTAINER: Fields = {
    "env": _BY_NAME,
    "ports": Merging(("containerPort", "protocol")),
    "volumeDevices": Merging(("devicePath",)),
    "volumeMounts": Merging(("mountPath",)),
}

_TYPES: dict[str, Fields] = {
    "ObjectMeta": {"finalizers": Merging(()), "ownerReferences": Merging(("uid",))},
    "Object": {"metadata": "ObjectMeta"},
    "Container": _CONTAINER,
    "EphemeralContainer": {key: value for key, value in _CONTAINER.items() if key != "ports"},
    "Volume": {"ephemeral": "EphemeralVolume"},
    "EphemeralVolume": {"volumeClaimTemplate": "Object"},
    "PodSpec": {
        "containers": Merging(("name",), "Container"),
        "ephemeralContainers": Merging(("name",), "EphemeralContainer"),
        "hostAliases": Merging(("ip",)),
        "imagePullSecrets": _BY_NAME,
        "initContainers": Merging(("name",), "Container"),
        "topologySpreadConstraints": Merging(("topologyKey", "whenUnsatisfiable")),
        "volumes": Merging(("name",), "Volume"),
    },
    "PodStatus": {"conditions": _BY_TYPE, "podIPs": Merging(("ip",))},
    "PodTemplateSpec": {"metadata": "ObjectMeta", "spec": "PodSpec"},
    "Templated": {"template": "PodTemplateSpec"},
    "Conditions": {"conditions": _BY_TYPE},
    "Workload": {"metadata": "ObjectMeta", "spec": "Templated", "status": "Conditions"},
    "JobTemplateSpec": {"metadata": "ObjectMeta", "spec": "Templated"},
    "CronJobSpec": {"jobTemplate": "JobTemplateSpec"},
    "CronJob": {"metadata": "ObjectMeta", "spec": "CronJobSpec"},
    "Pod": {"metadata": "ObjectMeta", "spec": "PodSpec", "status": "PodStatus"},
    "PodTemplate": {"metadata": "ObjectMeta", "template": "PodTemplateSpec"},
    "ServiceSpec": {"ports": Merging(("port", "protocol"))},
    "Service": {"metadata": "ObjectMeta", "spec": "ServiceSpec", "status": "Conditions"},
    "ServiceAccount": {"metadata": "ObjectMeta", "secrets": _BY_NAME},
    "Webhooks": {"metadata": "ObjectMeta", "webhooks": _BY_NAME},
    "WithStatus": {"metadata": "ObjectMeta", "status": "Conditions"},
    "ComponentStatus": {"metadata": "ObjectMeta", "conditions": _BY_TYPE},
    "NodeSpec": {"podCIDRs": Merging(())},
    "NodeStatus": {"addresses": _BY_TYPE, "conditions": _BY_TYPE},
    "Node": {"metadata": "ObjectMeta", "spec": "NodeSpec", "status": "NodeStatus"},
    "CSINodeSpec": {"drivers": _BY_NAME},
    "CSINode": {"metadata": "ObjectMeta", "spec": "CSINodeSpec"},
}

_HOOKS = "MutatingWebhookConfiguration ValidatingWebhookConfiguration"
_TYPED = {
    "Workload": "apps/v1 DaemonSet Deployment ReplicaSet StatefulSet; batch/v1 Job; v1 ReplicationController",
    "CronJob": "batch/v1 CronJob; batch/v1beta1 CronJob",
    "Pod": "v1 Pod",
    "PodTemplate": "v1 PodTemplate",
    "Service": "v1 Service",
    "ServiceAccount": "v1 ServiceAccount",
    "Webhooks": f"admissionregistration.k8s.io/v1 {_HOOKS}; admissionregistration.k8s.io/v1beta1 {_HOOKS}",
    "WithStatus": "v1 Namespace PersistentVolumeClaim; policy/v1 PodDisruptionBudget; "
    "policy/v1beta1 PodDisruptionBudget; apiregistration.k8s.io/v1 APIService; "
    "apiregistration.k8s.io/v1beta1 APIService",
    "ComponentStatus": "v1 ComponentStatus",
    "Node": "v1 Node",
    "CSINode": "storage.k8s.io/v1 CSINode; storage.k8s.io/v1beta1 CSINode",
}

# Kinds that are known and have no list that merges below `metadata`.
_PLAIN = """
    apiextensions.k8s.io/v1 CustomResourceDefinition; apiextensions.k8s.io/v1beta1 CustomResourceDefinition;
    apps/v1 ControllerRevision; authentication.k8s.io/v1 TokenRequest TokenReview;
    authentication.k8s.io/v1beta1 TokenReview;
    authorization.k8s.io/v1 LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview
    SubjectAccessReview; authorization.k8s.io/v1beta1 LocalSubjectAccessReview SelfSubjectAccessReview
    SelfSubjectRulesReview SubjectAccessReview; autoscaling/v1 HorizontalPodAutoscaler Scale;
    autoscaling/v2beta1 HorizontalPodAutoscaler; autoscaling/v2beta2 HorizontalPodAutoscaler;
    certificates.k8s.io/v1 CertificateSigningRequest; certificates.k8s.io/v1beta1 CertificateSigningRequest;
    coordination.k8s.io/v1 Lease; coordination.k8s.io/v1beta1 Lease;
    v1 Binding ConfigMap Endpoints Event LimitRange PersistentVolume ResourceQuota Secret;
    discovery.k8s.io/v1 EndpointSlice; discovery.k8s.io/v1beta1 EndpointSlice; events.k8s.io/v1 Event;
    events.k8s.io/v1beta1 Event; extensions/v1beta1 Ingress;
    flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema PriorityLevelConfiguration;
    networking.k8s.io/v1 Ingress IngressClass NetworkPolicy; networking.k8s.io/v1beta1 Ingress IngressClass;
    node.k8s.io/v1 RuntimeClass; node.k8s.io/v1beta1 RuntimeClass; policy/v1beta1 Eviction PodSecurityPolicy;
    rbac.authorization.k8s.io/v1 ClusterRole ClusterRoleBinding Role RoleBinding;
    rbac.authorization.k8s.io/v1beta1 ClusterRole ClusterRoleBinding Role RoleBinding;
    scheduling.k8s.io/v1 PriorityClass; scheduling.k8s.io/v1beta1 PriorityClass;
    storage.k8s.io/v1 CSIDriver StorageClass VolumeAttachment;
    storage.k8s.io/v1beta1 CSIDriver CSIStorageCapacity StorageClass VolumeAttachment
"""


def _kinds(text: str) -> list[tuple[str, str]]:
    parts = [part.split() for part in text.split(";")]
    return [(version, kind) for version, *kinds in parts for kind in kinds]


BUILT_IN = Schema(
    _TYPES,
    {key: name for name, text in {**_TYPED, "Object": _PLAIN}.items() for key in _kinds(text)},
)
"""What is known without an `openapi` file."""


def with_openapi(document: Map) -> Schema:
    """The schema of an `openapi.path` file, which takes the place of the built-in one."""
    definitions = document.get("definitions")
    types: dict[str, Fields] = {}
    kinds: Kinds = {}
    if isinstance(definitions, Map):
        for name, definition in definitions.items():
            if isinstance(definition, Map):
                _define(f"#{name}", definition, types)
                kinds.update(dict.fromkeys(_declared(definition), f"#{name}"))
    return Schema(types, kinds)


def _declared(definition: Map) -> list[tuple[str, str]]:
    found = []
    written = definition.get("x-kubernetes-group-version-kind")
    for entry in written if isinstance(written, list) else ():
        if isinstance(entry, Map):
            group, version, kind = (text_of(entry.get(key)) for key in ("group", "version", "kind"))
            found.append((f"{group}/{version}" if group else version, kind))
    return found


def _define(name: str, definition: Map, types: dict[str, Fields]) -> str:
    """Add the type of a definition, and types for what it nests; gives its name."""
    fields: Fields = {}
    properties = definition.get("properties")
    for key, value in properties.items() if isinstance(properties, Map) else ():
        if not isinstance(value, Map):
            continue
        items = value.get("items")
        keys = _merge_keys(value)
        if keys is not None:
            item = _type(f"{name}.{key}[]", items, types) if isinstance(items, Map) else ""
            fields[key] = Merging(keys, item)
        elif value.get("type") != "array":
            fields[key] = _type(f"{name}.{key}", value, types)
    types[name] = fields
    return name


def _type(name: str, value: Map, types: dict[str, Fields]) -> str:
    reference = value.get("$ref")
    if isinstance(reference, str):
        return "#" + reference.rpartition("/")[2]
    return _define(name, value, types)


def _merge_keys(value: Map) -> tuple[str, ...] | None:
    """The keys of a list whose items merge; None for every other value."""
    strategy: Any = value.get("x-kubernetes-patch-strategy")
    if not isinstance(strategy, str) or "merge" not in strategy.split(","):
        return None
    listed = value.get("x-kubernetes-list-map-keys")
    if isinstance(listed, list):
        return tuple(text_of(key) for key in listed)
    key = text_of(value.get("x-kubernetes-patch-merge-key"))
    return (key,) if key else ()
