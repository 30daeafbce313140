"""The fields that Kustomize changes without being told.

Source: `api/internal/konfig/builtinpluginconsts/*.go` of Kustomize 5.5.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from readiness.kubernetes.overlays.fields import Configuration, Field, Reference

_TEMPLATE = "spec/template/spec"
_CRON_TEMPLATE = "spec/jobTemplate/spec/template/spec"
_PODS = {
    "Pod": "spec",
    "PodTemplate": "template/spec",
    "Deployment": _TEMPLATE,
    "ReplicaSet": _TEMPLATE,
    "DaemonSet": _TEMPLATE,
    "StatefulSet": _TEMPLATE,
    "Job": _TEMPLATE,
    "CronJob": _CRON_TEMPLATE,
}
_SINGLE = {
    "Pod": "spec",
    **dict.fromkeys(("StatefulSet", "Deployment", "ReplicationController"), _TEMPLATE),
    "CronJob": _CRON_TEMPLATE,
    **dict.fromkeys(("Job", "DaemonSet"), _TEMPLATE),
}
"""The kinds whose service account, claims and priority class are followed."""

_CONTAINERS = ("containers", "initContainers")
_RBAC = "rbac.authorization.k8s.io"
_INGRESS = "metadata/annotations/nginx.ingress.kubernetes.io\\/"


def _template_labels() -> Iterator[Field]:
    yield Field("metadata/labels", True)
    yield Field("spec/template/metadata/labels", True, "", "v1", "ReplicationController")
    for kind in ("Deployment", "ReplicaSet", "DaemonSet"):
        yield Field("spec/template/metadata/labels", True, kind=kind)
    yield Field("spec/template/metadata/labels", True, "apps", "", "StatefulSet")
    yield Field("spec/template/metadata/labels", True, "batch", "", "Job")
    for path in ("spec/jobTemplate/metadata/labels", "spec/jobTemplate/spec/template/metadata/labels"):
        yield Field(path, True, "batch", "", "CronJob")
    yield Field("spec/volumeClaimTemplates[]/metadata/labels", True, "apps", "", "StatefulSet")


def _common_labels() -> Iterator[Field]:
    for kind in ("Service", "ReplicationController"):
        yield Field("spec/selector", True, "", "v1", kind)
    for kind in ("Deployment", "ReplicaSet", "DaemonSet"):
        yield Field("spec/selector/matchLabels", True, kind=kind)
    yield Field("spec/selector/matchLabels", True, "apps", "", "StatefulSet")
    for kind in ("Deployment", "StatefulSet"):
        for affinity in ("podAffinity", "podAntiAffinity"):
            for terms in ("preferred", "required"):
                term = "/podAffinityTerm" if terms == "preferred" else ""
                path = f"{affinity}/{terms}DuringSchedulingIgnoredDuringExecution{term}"
                path = f"{_TEMPLATE}/affinity/{path}/labelSelector/matchLabels"
                yield Field(path, False, "apps", "", kind)
        path = f"{_TEMPLATE}/topologySpreadConstraints/labelSelector/matchLabels"
        yield Field(path, False, "apps", "", kind)
    yield Field("spec/selector/matchLabels", False, "batch", "", "Job")
    yield Field("spec/jobTemplate/spec/selector/matchLabels", False, "batch", "", "CronJob")
    yield Field("spec/selector/matchLabels", False, "policy", "", "PodDisruptionBudget")
    for path in ("spec", "spec/ingress/from", "spec/egress/to"):
        yield Field(f"{path}/podSelector/matchLabels", False, "networking.k8s.io", "", "NetworkPolicy")
    yield from _template_labels()


def _annotations() -> Iterator[Field]:
    yield Field("metadata/annotations", True)
    yield Field("spec/template/metadata/annotations", True, "", "v1", "ReplicationController")
    for kind in ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"):
        yield Field("spec/template/metadata/annotations", True, kind=kind)
    yield Field("spec/template/metadata/annotations", True, "batch", "", "Job")
    for path in (
        "spec/jobTemplate/metadata/annotations",
        "spec/jobTemplate/spec/template/metadata/annotations",
    ):
        yield Field(path, True, "batch", "", "CronJob")


def _namespace() -> Iterator[Field]:
    yield Field("metadata/name", True, kind="Namespace")
    yield Field("spec/service/namespace", True, "apiregistration.k8s.io", "", "APIService")
    path = "spec/conversion/webhook/clientConfig/service/namespace"
    yield Field(path, False, "apiextensions.k8s.io", "", "CustomResourceDefinition")


def _variables() -> Iterator[Field]:
    for kind in ("CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"):
        pod = _PODS[kind]
        for containers in _CONTAINERS:
            for path in ("args", "command", "env/value", "volumeMounts/mountPath"):
                yield Field(f"{pod}/{containers}/{path}", kind=kind)
        if kind not in ("CronJob", "StatefulSet"):
            yield Field(f"{pod}/volumes/nfs/server", kind=kind)
    yield Field("spec/jobTemplate/spec/template/volumes/nfs/server", kind="CronJob")
    yield Field("spec/volumeClaimTemplates/spec/nfs/server", kind="StatefulSet")
    yield Field("spec/template/metadata/annotations", kind="Deployment")
    for path in ("spec/rules/host", "spec/tls/hosts", "spec/tls/secretName"):
        yield Field(path, kind="Ingress")
    for path in ("spec/ports/port", "spec/ports/targetPort"):
        yield Field(path, kind="Service")
    yield Field("spec/nfs/server", kind="PersistentVolume")
    yield Field("metadata/labels")
    yield Field("metadata/annotations")


def _in_pods(key: str, from_env: str, volume: str, projected: str) -> Iterator[Field]:
    for kind, pod in _PODS.items():
        version = "v1" if kind == "Pod" else ""
        paths = [volume]
        for containers in _CONTAINERS:
            paths += [f"{containers}/env/valueFrom/{key}/name", f"{containers}/envFrom/{from_env}/name"]
        for path in (*paths, f"volumes/projected/sources/{projected}/name"):
            yield Field(f"{pod}/{path}", False, "", version, kind)


def _config_map() -> Iterator[Field]:
    yield from _in_pods("configMapKeyRef", "configMapRef", "volumes/configMap/name", "configMap")
    yield Field("spec/configSource/configMap", kind="Node")
    yield from _resource_names()
    yield Field(f"{_INGRESS}fastcgi-params-configmap", kind="Ingress")


def _secret() -> Iterator[Field]:
    yield from _in_pods("secretKeyRef", "secretRef", "volumes/secret/secretName", "secret")
    for kind, pod in _PODS.items():
        yield Field(f"{pod}/imagePullSecrets/name", False, "", "v1" if kind == "Pod" else "", kind)
    yield Field("spec/tls/secretName", kind="Ingress")
    yield Field("metadata/annotations/ingress.kubernetes.io\\/auth-secret", kind="Ingress")
    for name in ("auth-secret", "auth-tls-secret"):
        yield Field(f"{_INGRESS}{name}", kind="Ingress")
    yield Field("imagePullSecrets/name", kind="ServiceAccount")
    for name in ("secretName", "adminSecretName", "userSecretName", "secretRef"):
        yield Field(f"parameters/{name}", kind="StorageClass")
    yield from _resource_names()
    knative = f"{_TEMPLATE}/containers/env/valueFrom/secretKeyRef/name"
    yield Field(knative, False, "serving.knative.dev", "v1", "Service")
    yield Field("spec/azureFile/secretName", kind="PersistentVolume")


def _resource_names() -> Iterator[Field]:
    for kind in ("Role", "ClusterRole"):
        yield Field("rules/resourceNames", kind=kind)


def _service() -> Iterator[Field]:
    yield Field("spec/serviceName", False, "apps", "", "StatefulSet")
    for path in ("rules/http/paths/backend/serviceName", "backend/serviceName"):
        yield Field(f"spec/{path}", kind="Ingress")
    for path in ("rules/http/paths/backend/service/name", "defaultBackend/service/name"):
        yield Field(f"spec/{path}", kind="Ingress")
    yield Field("spec/service/name", False, "apiregistration.k8s.io", "", "APIService")
    for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
        yield Field("webhooks/clientConfig/service", False, "admissionregistration.k8s.io", "", kind)


def _references() -> Iterator[Reference]:
    scaled = (Field("spec/scaleTargetRef/name", kind="HorizontalPodAutoscaler"),)
    for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"):
        yield Reference("", "", kind, scaled)
    yield Reference("", "v1", "ConfigMap", tuple(_config_map()))
    yield Reference("", "v1", "Secret", tuple(_secret()))
    yield Reference("", "v1", "Service", tuple(_service()))
    binding, cluster_binding = (
        Field("roleRef/name", False, _RBAC, "", kind) for kind in ("RoleBinding", "ClusterRoleBinding")
    )
    yield Reference(_RBAC, "", "Role", (binding,))
    yield Reference(_RBAC, "", "ClusterRole", (binding, cluster_binding))
    subjects = tuple(field._replace(path="subjects") for field in (binding, cluster_binding))
    yield Reference("", "v1", "ServiceAccount", (*subjects, *_in_single("serviceAccountName")))
    claims = tuple(_in_single("volumes/persistentVolumeClaim/claimName"))
    yield Reference("", "v1", "PersistentVolumeClaim", claims)
    volume = Field("spec/volumeName", kind="PersistentVolumeClaim")
    yield Reference("", "v1", "PersistentVolume", (volume, Field("rules/resourceNames", kind="ClusterRole")))
    classes = [Field("spec/storageClassName", kind=f"PersistentVolume{end}") for end in ("", "Claim")]
    classes.append(Field("spec/volumeClaimTemplates/spec/storageClassName", kind="StatefulSet"))
    yield Reference("storage.k8s.io", "v1", "StorageClass", tuple(classes))
    yield Reference("scheduling.k8s.io", "v1", "PriorityClass", tuple(_in_single("priorityClassName")))
    # The group is written like this in Kustomize, so that it never matches.
    ingress = (Field("spec/ingressClassName", kind="Ingress"),)
    yield Reference("networking.k8s.io/v1", "v1", "IngressClass", ingress)
    group, kind = "admissionregistration.k8s.io", "ValidatingAdmissionPolicy"
    yield Reference(group, "", kind, (Field("spec/policyName", False, group, "", f"{kind}Binding"),))


def _in_single(path: str) -> Iterator[Field]:
    for kind, pod in _SINGLE.items():
        yield Field(f"{pod}/{path}", kind=kind)


@lru_cache(1)
def default() -> Configuration:
    """The built-in fields."""
    name = (Field("metadata/name"),)
    template = tuple(_template_labels())
    images = [f"{pod}/{containers}[]/image" for pod in ("spec", _TEMPLATE) for containers in _CONTAINERS]
    replicated = ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
    lists = {
        "namePrefix": name,
        "nameSuffix": name,
        "namespace": tuple(_namespace()),
        "commonLabels": tuple(_common_labels()),
        "labels": (),
        "templateLabels": template,
        "commonAnnotations": tuple(_annotations()),
        "varReference": tuple(_variables()),
        "images": tuple(Field(path, True) for path in images),
        "replicas": tuple(Field("spec/replicas", True, kind=kind) for kind in replicated),
    }
    return Configuration(lists, tuple(_references()))
