"""API groups and kinds: what a kind is called here, and which kinds have no namespace.

Sources: the API reference of Kubernetes 1.33 (built-in groups and kinds), the upstream resource
definitions of each project named here (custom groups).
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Built-in groups without a dot; every other group must have one.
_PLAIN_GROUPS = frozenset({"", "apps", "autoscaling", "batch", "extensions", "policy"})

# Groups of Kubernetes itself; `*.k8s.io` also names projects of the community, so they are listed.
_BUILT_IN_GROUPS = _PLAIN_GROUPS | {
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
}

# OpenSLO writes `openslo/v1` in files and `openslo.com/v1` in a cluster.
_GROUP_ALIASES = {"openslo": "openslo.com"}

_BUILT_IN_KINDS = _words(
    """
    APIService Binding CertificateSigningRequest ClusterRole ClusterRoleBinding ConfigMap
    ControllerRevision CronJob CSIDriver CSINode CSIStorageCapacity CustomResourceDefinition DaemonSet
    Deployment DeviceClass Endpoints EndpointSlice Event FlowSchema HorizontalPodAutoscaler Ingress
    IngressClass IPAddress Job Lease LimitRange MutatingWebhookConfiguration Namespace NetworkPolicy
    Node PersistentVolume PersistentVolumeClaim Pod PodDisruptionBudget PodSecurityPolicy PodTemplate
    PriorityClass PriorityLevelConfiguration ReplicaSet ReplicationController ResourceClaim
    ResourceClaimTemplate ResourceQuota ResourceSlice Role RoleBinding RuntimeClass Scale Secret Service
    ServiceAccount ServiceCIDR StatefulSet StorageClass ValidatingAdmissionPolicy
    ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration VolumeAttachment
    """
)

# Kinds that several projects define and none owns: always `group/Kind`.
_SHARED_KINDS = _words(
    """
    AlertPolicy API App Application Backup Bucket Build Canary Certificate Cluster ClusterPolicy
    Component Configuration Connection Database Domain Environment Function Gateway Group Instance
    Kustomization Location Network Pipeline Policy Project Provider Queue Repository Resource Restore
    Rollout Schedule ServiceLevelObjective SLO Subscription System Task Template Topic Trigger User
    Workflow
    """
)

# Kinds with one well-known owner, whose bare name belongs to that owner.
_OWNERS = {
    "Alertmanager": "monitoring.coreos.com",
    "AuthorizationPolicy": "security.istio.io",
    "ClusterIssuer": "cert-manager.io",
    "DestinationRule": "networking.istio.io",
    "Issuer": "cert-manager.io",
    "PeerAuthentication": "security.istio.io",
    "PodMonitor": "monitoring.coreos.com",
    "Probe": "monitoring.coreos.com",
    "Prometheus": "monitoring.coreos.com",
    "PrometheusAgent": "monitoring.coreos.com",
    "PrometheusRule": "monitoring.coreos.com",
    "ServiceMonitor": "monitoring.coreos.com",
    "VirtualService": "networking.istio.io",
}

_CLUSTER_SCOPED = _words(
    """
    APIService CertificateSigningRequest ClusterAnalysisTemplate
    ClusterExternalSecret ClusterImagePolicy ClusterIssuer ClusterRole ClusterRoleBinding
    ClusterSecretStore ClusterTriggerAuthentication CSIDriver CSINode CustomResourceDefinition
    DeviceClass FlowSchema GatewayClass IngressClass MutatingAdmissionPolicy
    MutatingAdmissionPolicyBinding MutatingWebhookConfiguration Namespace Node PersistentVolume
    PodSecurityPolicy PriorityClass PriorityLevelConfiguration RuntimeClass
    SecurityContextConstraints ServiceCIDR StorageClass ValidatingAdmissionPolicy
    ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration VolumeAttachment
    VolumeSnapshotClass kyverno.io/ClusterPolicy
    """
)


def group_of(api_version: str) -> str:
    """The API group of an `apiVersion`: `apps` for `apps/v1`, empty for `v1`."""
    group, slash, _ = api_version.rpartition("/")
    return _GROUP_ALIASES.get(group, group) if slash else ""


def known_plain_group(group: str) -> bool:
    """Whether a group without a dot exists; custom groups are domain names."""
    return group in _PLAIN_GROUPS or group in _GROUP_ALIASES


def is_built_in(group: str) -> bool:
    """Whether a group belongs to Kubernetes itself."""
    return group in _BUILT_IN_GROUPS


def type_name(group: str, kind: str) -> str:
    """What policies call a kind: `Deployment`, and `group/Kind` where the bare kind is ambiguous."""
    if group in _BUILT_IN_GROUPS:
        return kind
    owner = _OWNERS.get(kind)
    if kind in _BUILT_IN_KINDS or kind in _SHARED_KINDS or (owner is not None and owner != group):
        return f"{group}/{kind}"
    return kind


def is_cluster_scoped(type_: str) -> bool:
    """Whether objects of a type (as `type_name` spells it) have no namespace."""
    return type_ in _CLUSTER_SCOPED
