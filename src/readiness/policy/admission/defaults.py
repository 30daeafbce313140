"""What the API server fills in before policies see an object.

Facts: `pkg/apis/*/*/defaults.go` of Kubernetes (defaults); `types.go` of https://github.com/kubernetes/api
(which fields are written although they are empty, and which are not although they say false);
https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/ (what the controllers that are
on by default add to Pods, claims and Ingresses).  What the cluster chooses (an address, a port, a class) is
unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from readiness.kubernetes.defaults import pull_policy
from readiness.values import List, Map, Unknown, like

COVERED = frozenset(
    {
        *(
            "ConfigMap",
            "Namespace",
            "PersistentVolumeClaim",
            "Pod",
            "ReplicationController",
            "Secret",
            "Service",
        ),
        *("ServiceAccount", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet", "CronJob", "Job"),
        *("HorizontalPodAutoscaler", "Ingress", "NetworkPolicy", "PodDisruptionBudget", "StorageClass"),
        *("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "ResourceQuota"),
    }
)
"""Built-in kinds whose defaults are all here; what others leave out is not known to be absent."""

_TEMPLATE: dict[str, Any] = {"metadata": {}, "spec": {}}
_CONTAINER = {
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
}
_ROLE_GROUP = "rbac.authorization.k8s.io"

STATIC: dict[str, dict[str, Any]] = {
    "apps.v1.DaemonSetSpec": {"revisionHistoryLimit": 10, "updateStrategy": {}},
    "apps.v1.DaemonSetUpdateStrategy": {"type": "RollingUpdate"},
    "apps.v1.DeploymentSpec": {
        "progressDeadlineSeconds": 600,
        "replicas": 1,
        "revisionHistoryLimit": 10,
        "strategy": {},
    },
    "apps.v1.DeploymentStrategy": {"type": "RollingUpdate"},
    "apps.v1.ReplicaSetSpec": {"replicas": 1},
    "apps.v1.StatefulSetSpec": {
        "podManagementPolicy": "OrderedReady",
        "replicas": 1,
        "revisionHistoryLimit": 10,
        "persistentVolumeClaimRetentionPolicy": {},
    },
    "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy": {
        "whenDeleted": "Retain",
        "whenScaled": "Retain",
    },
    "autoscaling.v1.HorizontalPodAutoscalerSpec": {"minReplicas": 1},
    "autoscaling.v2.HorizontalPodAutoscalerSpec": {"minReplicas": 1},
    "batch.v1.CronJobSpec": {
        "concurrencyPolicy": "Allow",
        "failedJobsHistoryLimit": 1,
        "successfulJobsHistoryLimit": 3,
        "suspend": False,
    },
    "batch.v1.JobTemplateSpec": _TEMPLATE,
    "core.v1.ConfigMapVolumeSource": {"defaultMode": 0o644},
    "core.v1.Container": _CONTAINER,
    "core.v1.ContainerPort": {"protocol": "TCP"},
    "core.v1.DownwardAPIVolumeSource": {"defaultMode": 0o644},
    "core.v1.EphemeralContainer": _CONTAINER,
    "core.v1.GRPCAction": {"service": ""},
    "core.v1.HTTPGetAction": {"path": "/", "scheme": "HTTP"},
    "core.v1.HostPathVolumeSource": {"type": ""},
    "core.v1.ObjectFieldSelector": {"apiVersion": "v1"},
    "core.v1.PersistentVolumeClaimSpec": {"resources": {}, "volumeMode": "Filesystem"},
    "core.v1.PodSpec": {
        "dnsPolicy": "ClusterFirst",
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": 30,
    },
    "core.v1.PodTemplateSpec": _TEMPLATE,
    "core.v1.Probe": {"failureThreshold": 3, "periodSeconds": 10, "successThreshold": 1, "timeoutSeconds": 1},
    "core.v1.ProjectedVolumeSource": {"defaultMode": 0o644},
    "core.v1.ReplicationControllerSpec": {"replicas": 1},
    "core.v1.Secret": {"type": "Opaque"},
    "core.v1.SecretVolumeSource": {"defaultMode": 0o644},
    "core.v1.ServiceAccountTokenProjection": {"expirationSeconds": 3600},
    "core.v1.ServicePort": {"protocol": "TCP"},
    "core.v1.ServiceSpec": {"sessionAffinity": "None", "type": "ClusterIP"},
    "networking.v1.NetworkPolicyPort": {"protocol": "TCP"},
    "rbac.v1.RoleRef": {"apiGroup": _ROLE_GROUP},
    "storage.v1.StorageClass": {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"},
}
"""Defaults by definition and field; a mapping is completed by the definition of its field."""

CHOSEN: dict[str, tuple[str, ...]] = {
    "autoscaling.v2.HorizontalPodAutoscalerSpec": ("metrics", "selectionStrategy"),
    "core.v1.Namespace": ("spec", "status"),
    "core.v1.PersistentVolumeClaimSpec": ("storageClassName",),
    "networking.v1.IngressSpec": ("ingressClassName",),
}
"""Fields by definition that the server sets, nobody knows to what from here."""

IDENTITY = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "uid")
"""Fields of the metadata of an object, not of a template, that the server sets."""

EMPTY: dict[str, tuple[str, ...]] = {
    "apps.v1.DeploymentSpec": ("minReadySeconds", "paused"),
    "core.v1.Container": ("stdin", "stdinOnce", "tty", "workingDir"),
    "core.v1.EnvVar": ("value",),
    "core.v1.PodSpec": ("hostIPC", "hostNetwork", "hostPID", "nodeName", "priorityClassName"),
    "core.v1.VolumeMount": ("readOnly", "subPath"),
}
"""Fields by definition that are not there where they are written as false, 0 or an empty text."""


def chosen(name: str) -> Unknown:
    """The value of a field that the cluster fills in."""
    return Unknown(f"the cluster sets `{name}` where it is not written", (name,))


def _strategy(target: Map, surge: Any, unavailable: Any) -> None:
    if target.get("type") != "RollingUpdate":
        return
    rolling = target.get("rollingUpdate")
    if isinstance(rolling, Unknown):
        return
    result = target["rollingUpdate"] = _copy(rolling) if isinstance(rolling, Map) else Map()
    result.setdefault("maxSurge", surge)
    result.setdefault("maxUnavailable", unavailable)


def _stateful(spec: Map) -> None:
    strategy = spec.get("updateStrategy")
    if isinstance(strategy, Unknown):
        return
    result = spec["updateStrategy"] = _copy(strategy) if isinstance(strategy, Map) else Map()
    if "type" not in result:
        result["type"] = "RollingUpdate"
        result.setdefault("rollingUpdate", Map())
    rolling = result.get("rollingUpdate")
    if result["type"] == "RollingUpdate" and isinstance(rolling, Map):
        result["rollingUpdate"] = _copy(rolling)
        result["rollingUpdate"].setdefault("partition", 0)


def _container(container: Map) -> None:
    if "imagePullPolicy" not in container:
        image = container.get("image")
        container["imagePullPolicy"] = image if isinstance(image, Unknown) else pull_policy(image)


def _pod(spec: Map) -> None:
    names = ("serviceAccountName", "serviceAccount")
    for one, other in (names, names[::-1]):
        if one in spec:
            spec.setdefault(other, spec[one])


def _volume(volume: Map) -> None:
    if set(volume) <= {"name"}:
        volume["emptyDir"] = Map()


def _service(spec: Map) -> None:
    kind = spec["type"]
    for name in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "healthCheckNodePort"):
        if kind != "ExternalName":
            spec.setdefault(name, chosen(name))
    if isinstance(kind, Unknown):
        for name in ("externalTrafficPolicy", "internalTrafficPolicy", "allocateLoadBalancerNodePorts"):
            spec.setdefault(name, kind)
        return
    outside = kind in ("NodePort", "LoadBalancer")
    addresses = spec.get("externalIPs")
    if kind == "ClusterIP" and isinstance(addresses, Unknown):
        spec.setdefault("externalTrafficPolicy", addresses)
    elif outside or (kind == "ClusterIP" and addresses):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    ports = spec.get("ports")
    for port in ports if isinstance(ports, List) else ():
        if isinstance(port, Map):
            port.setdefault("targetPort", port.get("port"))
            if outside:
                port.setdefault("nodePort", chosen("nodePort"))


def _job(spec: Map) -> None:
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    parallelism = spec.get("completions") if isinstance(spec.get("completions"), Unknown) else 1
    defaults = {
        "backoffLimit": 6,
        "completionMode": "NonIndexed",
        "suspend": False,
        "parallelism": parallelism,
    }
    for name, value in defaults.items():
        spec.setdefault(name, value)
    for name in ("podReplacementPolicy", "selector"):
        spec.setdefault(name, chosen(name))


def _network_policy(spec: Map) -> None:
    if "policyTypes" not in spec:
        egress = spec.get("egress")
        if isinstance(egress, Unknown):
            spec["policyTypes"] = egress
        else:
            spec["policyTypes"] = List(["Ingress", "Egress"] if egress else ["Ingress"])


def _subject(subject: Map) -> None:
    if subject.get("kind") in ("User", "Group"):
        subject.setdefault("apiGroup", _ROLE_GROUP)


def _secret(secret: Map) -> None:
    """`stringData` becomes a part of `data`."""
    texts = secret.pop("stringData", None)
    if isinstance(texts, Unknown):
        secret["data"] = texts
    elif isinstance(texts, Map):
        import base64

        data = secret.get("data")
        if isinstance(data, Unknown):
            return
        result = secret["data"] = _copy(data) if isinstance(data, Map) else Map()
        for key, text in texts.items():
            result[key] = base64.b64encode(text.encode()).decode() if isinstance(text, str) else text


DYNAMIC: dict[str, Callable[[Map], None]] = {
    "apps.v1.DaemonSetUpdateStrategy": lambda target: _strategy(target, 0, 1),
    "apps.v1.DeploymentStrategy": lambda target: _strategy(target, "25%", "25%"),
    "apps.v1.StatefulSetSpec": _stateful,
    "core.v1.Container": _container,
    "core.v1.EphemeralContainer": _container,
    "core.v1.PodSpec": _pod,
    "core.v1.Secret": _secret,
    "core.v1.ServiceSpec": _service,
    "core.v1.Volume": _volume,
    "networking.v1.NetworkPolicySpec": _network_policy,
    "rbac.v1.Subject": _subject,
}
"""What depends on other fields, by definition; each changes a copy."""


def own_kind(body: Map) -> None:
    """What only the object of a kind has, and nothing that holds the same definition."""
    kind = body.get("kind")
    metadata, spec = body.get("metadata"), body.get("spec")
    if kind == "Pod" and isinstance(spec, Map):
        spec.setdefault("enableServiceLinks", True)
        for name in ("serviceAccountName", "serviceAccount"):
            spec.setdefault(name, "default")
        for name in ("priority", "preemptionPolicy", "tolerations", "volumes"):
            spec.setdefault(name, chosen(name))
        for key in ("containers", "initContainers"):
            items = spec.get(key)
            for item in items if isinstance(items, List) else ():
                if isinstance(item, Map):
                    _requests(item)
                    item.setdefault("volumeMounts", chosen("volumeMounts"))
    elif kind == "Namespace" and isinstance(metadata, Map) and metadata.get("name") is not None:
        labels = metadata.get("labels")
        if not isinstance(labels, Unknown):
            metadata["labels"] = _copy(labels) if isinstance(labels, Map) else Map()
            metadata["labels"]["kubernetes.io/metadata.name"] = metadata["name"]
    if kind == "Job" and isinstance(spec, Map):
        _job(spec)
    if kind in ("Job", "ReplicationController") and isinstance(metadata, Map) and "labels" not in metadata:
        template = spec.get("template") if isinstance(spec, Map) else None
        inner = template.get("metadata") if isinstance(template, Map) else None
        labels = inner.get("labels") if isinstance(inner, Map) else None
        if labels is not None:
            metadata["labels"] = labels


def _requests(container: Map) -> None:
    resources = container.get("resources")
    limits = resources.get("limits") if isinstance(resources, Map) else None
    if not isinstance(resources, Map) or not isinstance(limits, Map):
        return
    requests = resources.get("requests")
    if not isinstance(requests, Unknown):
        own = requests if isinstance(requests, Map) else Map()
        resources["requests"] = like(own, {**limits, **own})


def _copy(value: Map) -> Map:
    return Map(value, value.span, value.key_spans, value.value_spans, value.origin)
