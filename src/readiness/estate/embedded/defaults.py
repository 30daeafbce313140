"""What the provider `hashicorp/kubernetes` sends where nothing is written, and the API would differ.

Only defaults that change what an object means: those that repeat what the cluster does anyway
(probe periods, `restart_policy` of a deployment) are left out.  Each is named with where it is from;
`schema` is the source code of the provider, 2.38 and 3.x, below `kubernetes/`.
"""

from __future__ import annotations

from typing import Any

from readiness.estate.embedded.origin import RenamedOrigin
from readiness.kubernetes.kinds import group_of, is_cluster_scoped, type_name
from readiness.values import List, Map, dig

# Arguments at the top of a resource that Kubernetes has under another name.  The provider encodes
# `data` of a secret itself, which is what the cluster does with `stringData`.
_RENAMED: dict[str, dict[str, str]] = {
    "Secret": {
        "binaryData": "data",
        "binaryDataWo": "data",
        "data": "stringData",
        "dataWo": "stringData",
    },
}

_JOB_SPECS: dict[str, tuple[str, ...]] = {"Job": ("spec",), "CronJob": ("spec", "jobTemplate", "spec")}
_POD_SPECS: dict[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
_TEMPLATED = frozenset({"DaemonSet", "Deployment", "Job", "ReplicationController", "StatefulSet"})


def complete(manifest: Map, type_: str) -> None:
    """Give an object the names at its top and the defaults of the provider that say something."""
    kind: str = manifest["kind"]
    _rename(manifest, _RENAMED.get(kind, {}))
    _identity(manifest, type_)
    spec = manifest.get("spec")
    if kind == "DaemonSet" and isinstance(spec, Map):
        _rename(spec, {"strategy": "updateStrategy"})
    elif kind == "StorageClass":
        # resource_kubernetes_storage_class_v1.go; Kubernetes itself does not allow it.
        manifest.setdefault("allowVolumeExpansion", True)
    elif kind == "Ingress" and manifest["apiVersion"] == "networking.k8s.io/v1":
        _paths(spec)
    elif kind in ("ClusterRoleBinding", "RoleBinding"):
        _subjects(manifest.get("subjects"))
    elif kind == "HorizontalPodAutoscaler" and isinstance(spec, Map) and type_.endswith("_autoscaler"):
        # The unversioned resource chooses by what is written (`useV2Beta2`).
        manifest["apiVersion"] = "autoscaling/v2beta2" if "metrics" in spec else "autoscaling/v1"
    _pods(manifest, kind)


def _identity(manifest: Map, type_: str) -> None:
    """Where nothing is written, the namespace is `default` (schema_metadata.go)."""
    metadata = manifest.get("metadata")
    if not isinstance(metadata, Map):
        return
    if type_.startswith("kubernetes_default_service_account"):
        metadata["name"] = "default"
    kind = type_name(group_of(manifest["apiVersion"]), manifest["kind"])
    if not is_cluster_scoped(kind):
        metadata.setdefault("namespace", "default")


def _pods(manifest: Map, kind: str) -> None:
    jobs = _JOB_SPECS.get(kind)
    job = dig(manifest, *jobs) if jobs else None
    if isinstance(job, Map):
        job.setdefault("backoffLimit", 6)  # docs/resources/job_v1.md
    path = _POD_SPECS.get(kind) or (("spec", "template", "spec") if kind in _TEMPLATED else None)
    pod = dig(manifest, *path) if path else None
    if not isinstance(pod, Map):
        return
    # docs/guides/v2-upgrade-guide.md: it wins over what the service account says.
    pod.setdefault("automountServiceAccountToken", True)
    if jobs:
        pod.setdefault("restartPolicy", "Never")  # schema_job_spec.go
    _seccomp(pod)
    for key in ("containers", "initContainers"):
        containers = pod.get(key)
        for container in containers if isinstance(containers, List) else ():
            if isinstance(container, Map):
                _seccomp(container)


def _seccomp(holder: Map) -> None:
    """A profile without a type is `Unconfined` (schema_container.go)."""
    profile = dig(holder, "securityContext", "seccompProfile")
    if isinstance(profile, Map):
        profile.setdefault("type", "Unconfined")


def _paths(spec: Any) -> None:
    """A path without a type is `ImplementationSpecific` (resource_kubernetes_ingress_v1.go)."""
    rules = spec.get("rules") if isinstance(spec, Map) else None
    for rule in rules if isinstance(rules, List) else ():
        paths = dig(rule, "http", "paths")
        for path in paths if isinstance(paths, List) else ():
            if isinstance(path, Map):
                path.setdefault("pathType", "ImplementationSpecific")


def _subjects(subjects: Any) -> None:
    """A service account without a namespace is one of `default` (schema_rbac.go)."""
    for subject in subjects if isinstance(subjects, List) else ():
        if isinstance(subject, Map) and subject.get("kind") == "ServiceAccount":
            subject.setdefault("namespace", "default")


def _rename(holder: Map, renamed: dict[str, str]) -> None:
    """Give entries their other names, in one step: one may be called what another was."""
    moved = {key: holder.pop(key) for key in renamed if key in holder}
    for spans in (holder.key_spans, holder.value_spans):
        found = {key: spans.pop(key) for key in moved if key in spans}
        spans.update({renamed[key]: span for key, span in found.items()})
    if isinstance(holder.origin, RenamedOrigin):
        arguments = holder.origin.arguments
        before = {key: arguments.pop(key, key) for key in moved}
        arguments.update({renamed[key]: argument for key, argument in before.items()})
    holder.update({renamed[key]: value for key, value in moved.items()})
