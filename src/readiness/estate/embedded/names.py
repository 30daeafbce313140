"""How the provider `hashicorp/kubernetes` names what Kubernetes has: kinds, fields, lists and types.

A field is the camel case of its argument unless it stands here.  Derived by walking the schema of
every resource of provider 2.38 beside the field names and types of the API of Kubernetes 1.37, and
from the code of the provider where the two differ in shape.

Sources: https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs,
https://kubernetes.io/docs/reference/kubernetes-api/
"""

from __future__ import annotations

import re
from collections.abc import Iterable


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NAME = re.compile(r"kubernetes_(?P<base>[a-z_]+?)(?:_(?P<version>v[0-9]+(?:(?:alpha|beta)[0-9]+)?))?")

# Without the prefix `kubernetes_` and a version: the API group and the kind.
_KINDS: dict[str, tuple[str, str]] = {
    "api_service": ("apiregistration.k8s.io", "APIService"),
    "certificate_signing_request": ("certificates.k8s.io", "CertificateSigningRequest"),
    "cluster_role": ("rbac.authorization.k8s.io", "ClusterRole"),
    "cluster_role_binding": ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    "config_map": ("", "ConfigMap"),
    "cron_job": ("batch", "CronJob"),
    "csi_driver": ("storage.k8s.io", "CSIDriver"),
    "daemon_set": ("apps", "DaemonSet"),
    "daemonset": ("apps", "DaemonSet"),
    "default_service_account": ("", "ServiceAccount"),
    "deployment": ("apps", "Deployment"),
    "endpoint_slice": ("discovery.k8s.io", "EndpointSlice"),
    "endpoints": ("", "Endpoints"),
    "horizontal_pod_autoscaler": ("autoscaling", "HorizontalPodAutoscaler"),
    "ingress": ("networking.k8s.io", "Ingress"),
    "ingress_class": ("networking.k8s.io", "IngressClass"),
    "job": ("batch", "Job"),
    "limit_range": ("", "LimitRange"),
    "mutating_webhook_configuration": ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
    "namespace": ("", "Namespace"),
    "network_policy": ("networking.k8s.io", "NetworkPolicy"),
    "persistent_volume": ("", "PersistentVolume"),
    "persistent_volume_claim": ("", "PersistentVolumeClaim"),
    "pod": ("", "Pod"),
    "pod_disruption_budget": ("policy", "PodDisruptionBudget"),
    "pod_security_policy": ("policy", "PodSecurityPolicy"),
    "priority_class": ("scheduling.k8s.io", "PriorityClass"),
    "replication_controller": ("", "ReplicationController"),
    "resource_quota": ("", "ResourceQuota"),
    "role": ("rbac.authorization.k8s.io", "Role"),
    "role_binding": ("rbac.authorization.k8s.io", "RoleBinding"),
    "runtime_class": ("node.k8s.io", "RuntimeClass"),
    "secret": ("", "Secret"),
    "service": ("", "Service"),
    "service_account": ("", "ServiceAccount"),
    "stateful_set": ("apps", "StatefulSet"),
    "storage_class": ("storage.k8s.io", "StorageClass"),
    "validating_admission_policy": ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
    "validating_webhook_configuration": ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
}

# What a name without a version stands for, where that is not `v1` of the group.
_UNVERSIONED = {
    "certificate_signing_request": "certificates.k8s.io/v1beta1",
    "cron_job": "batch/v1beta1",
    "csi_driver": "storage.k8s.io/v1beta1",
    "ingress": "extensions/v1beta1",
    "pod_disruption_budget": "policy/v1beta1",
    "pod_security_policy": "policy/v1beta1",
}

ROOT = _words(
    """
    address_type aggregation_rule allow_volume_expansion allowed_topologies
    automount_service_account_token binary_data binary_data_wo data data_wo description endpoint
    global_default handler image_pull_secret immutable metadata mount_options parameters port
    preemption_policy reclaim_policy role_ref rule secret spec storage_provisioner subject subset type
    value volume_binding_mode webhook
    """
)
"""Arguments and blocks of a resource that are part of the object; the others are for the provider."""

METADATA = frozenset({"annotations", "generate_name", "labels", "name", "namespace"})
"""What of `metadata` is sent; the rest is what the cluster answers."""

_PLURALS = _words(
    """
    address container endpoint http_header image_pull_secret init_container limit match_expression
    metric node_selector_term not_ready_address on_pod_condition option path port range readiness_gate
    rule secret subject subset sysctl toleration topology_spread_constraint volume volume_claim_template
    volume_device volume_mount webhook
    """
)
_SAME = _words(
    """
    allowed_csi_drivers allowed_flex_volumes allowed_host_paths allowed_topologies audit_annotations
    cluster_role_selectors egress env env_from exclude_resource_rules from host_aliases host_ports
    image_pull_secrets ingress items match_conditions match_expressions match_fields
    match_label_expressions ports preferred_during_scheduling_ignored_during_execution
    required_during_scheduling_ignored_during_execution resource_rules sources tls to validations
    variables
    """
)
# Blocks of which Kubernetes has one where their parent is this.
_SINGLE = frozenset(
    {
        ("external", "metric"),
        ("object", "metric"),
        ("pods", "metric"),
        ("service", "port"),
        ("node_affinity", "required_during_scheduling_ignored_during_execution"),
        ("sources", "secret"),
        ("volume", "secret"),
        ("ephemeral", "volume_claim_template"),
    }
)

_FIELDS = {
    "allowed_csi_drivers": "allowedCSIDrivers",
    "ceph_fs": "cephfs",
    "ceph_monitors": "monitors",
    "client_ip": "clientIP",
    "cluster_ip": "clusterIP",
    "cluster_ips": "clusterIPs",
    "condition": "conditions",
    "data_disk_uri": "diskURI",
    "dataset_uuid": "datasetUUID",
    "downward_api": "downwardAPI",
    "endpoints_name": "endpoints",
    "external_ips": "externalIPs",
    "host_ip": "hostIP",
    "host_ipc": "hostIPC",
    "host_pid": "hostPID",
    "insecure_skip_tls_verify": "insecureSkipTLSVerify",
    "load_balancer_ip": "loadBalancerIP",
    "non_resource_urls": "nonResourceURLs",
    "pd_id": "pdID",
    "rados_user": "user",
    "rbd_image": "image",
    "rbd_pool": "pool",
    "run_as_username": "runAsUserName",
    "storage_provisioner": "provisioner",
    "target_cpu_utilization_percentage": "targetCPUUtilizationPercentage",
    "target_ww_ns": "targetWWNs",
    "timezone": "timeZone",
    "volume_id": "volumeID",
}
_IRREGULAR_PLURALS = {
    "address": "addresses",
    "not_ready_address": "notReadyAddresses",
}

LISTS: dict[str, str] = {"policy": "policies"}
"""Blocks that are lists in Kubernetes, and what the lists are called."""

MERGED = frozenset({("spec", "persistent_volume_source"), ("object_selector", "label_selector")})
"""Blocks (with their parents) that Kubernetes does not have: what is in them belongs to the parent."""

SINGLE_BLOCKS = frozenset({"label_selector", "match_constraints", "metadata", "namespace_selector"}) | {
    "object_selector",
    "param_kind",
    "spec",
}
"""Blocks that a plan shows as objects where the resource is built on the newer framework."""

MAPS = _words(
    """
    annotations binary_data binary_data_wo capacity data data_wo default default_request hard labels
    limits match_labels max max_limit_request_ratio min node_selector options requests
    volume_attributes
    """
)
"""Arguments that are maps: their keys stay as they are, also where JSON makes blocks of them."""

LISTS_OF_SCALARS = _words(
    """
    access_modes add addresses admission_review_versions allowed_capabilities allowed_proc_mount_types
    allowed_unsafe_sysctls api_groups api_versions args ceph_monitors cluster_ips command
    default_add_capabilities drop except external_ips forbidden_sysctls hostnames hosts ip_families
    load_balancer_source_ranges match_label_keys monitors mount_options nameservers namespaces
    non_resource_urls operations policy_types required_drop_capabilities resource_names scopes searches
    supplemental_groups target_ww_ns usages values verbs volume_lifecycle_modes volumes
    """
)
"""Arguments that are lists; any other list of unknowns is of blocks."""

ALSO_ARGUMENTS = frozenset({"path", "port", "rule"})
"""Names of blocks that are arguments elsewhere."""

INTEGERS = _words(
    """
    active_deadline_seconds average_utilization backoff_limit backoff_limit_per_index completions
    container_port end_port expiration_seconds failed_jobs_history_limit failure_threshold fs_group
    group_priority_minimum health_check_node_port host_port initial_delay_seconds lun max_failed_indexes
    max_replicas max_skew min_domains min_ready_seconds min_replicas node_port number parallelism
    partition period_seconds progress_deadline_seconds replicas revision_history_limit run_as_group
    run_as_user stabilization_window_seconds starting_deadline_seconds success_threshold
    successful_jobs_history_limit target_cpu_utilization_percentage termination_grace_period_seconds
    timeout_seconds toleration_seconds ttl_seconds_after_finished version_priority weight max_surge
    max_unavailable min_available port service_port target_port
    """
)
"""Arguments whose text is a number to Kubernetes if it looks like one; the last are numbers or names."""

OCTAL = frozenset({"default_mode", "mode"})
"""Permissions: the provider takes them as octal text."""

BOOLEANS = _words(
    """
    allocate_load_balancer_node_ports allow_privilege_escalation allow_volume_expansion attach_required
    automount_service_account_token enable_service_links global_default host_ipc host_network host_pid
    host_process immutable insecure_skip_tls_verify manual_selector optional paused pod_info_on_mount
    privileged publish_not_ready_addresses read_only read_only_root_filesystem ready run_as_non_root
    serving share_process_namespace stdin stdin_once suspend terminating tty
    """
)
"""Arguments that are true or false, also where Terraform was given the text."""

_TEXTS = frozenset({"args", "command", "key", "name", "namespace", "value", "values"})
_NUMBERS = frozenset({("", "value"), ("on_exit_codes", "values"), ("policy", "value")})

POSITIVE = frozenset({"active_deadline_seconds", "starting_deadline_seconds"})
"""Arguments that the provider does not send where they are 0, as they are when nothing is written."""


def object_of(type_: str) -> tuple[str, str] | None:
    """The `apiVersion` and kind of the object that a resource type declares; None where it is none.

    Types that change an object which something else declares (`kubernetes_labels`) are none.
    """
    match = _NAME.fullmatch(type_)
    found = _KINDS.get(match["base"]) if match else None
    if match is None or found is None:
        return None
    group, kind = found
    version = match["version"]
    if version is None and match["base"] in _UNVERSIONED:
        return _UNVERSIONED[match["base"]], kind
    version = version or "v1"
    return (f"{group}/{version}" if group else version), kind


def is_text(parent: str, name: str) -> bool:
    """Whether an argument is text, also where Terraform was given a number (`value` of `env`)."""
    return name in _TEXTS and (parent, name) not in _NUMBERS


def is_map(parent: str, name: str, keys: Iterable[str]) -> bool:
    """Whether what looks like a block with these keys is a map, as `selector` of a service is."""
    if name == "selector":
        return not {"match_expressions", "match_labels"}.issuperset(keys)
    return name in MAPS or (parent, name) == ("", "parameters")


def camel(name: str) -> str:
    """What Kubernetes calls an argument or a block that is one object: `host_ipc` is `hostIPC`."""
    return _FIELDS.get(name) or _camel(name)


def list_name(parent: str, name: str) -> str | None:
    """What Kubernetes calls the list of a block; None for a block of which it has one."""
    return None if (parent, name) in _SINGLE else LISTS.get(name)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)


LISTS.update({name: _IRREGULAR_PLURALS.get(name, f"{_camel(name)}s") for name in _PLURALS})
LISTS.update({name: camel(name) for name in _SAME})
