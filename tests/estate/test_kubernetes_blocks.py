"""Blocks of the provider `hashicorp/kubernetes` become the object that it sends.

Sources: the documentation of each resource at
https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs, and the API reference of
Kubernetes at https://kubernetes.io/docs/reference/kubernetes-api/.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from readiness.estate.embedded.names import object_of

Declare = Callable[..., Any]


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("kubernetes_deployment", ("apps/v1", "Deployment")),
        ("kubernetes_deployment_v1", ("apps/v1", "Deployment")),
        ("kubernetes_daemonset", ("apps/v1", "DaemonSet")),
        ("kubernetes_daemon_set_v1", ("apps/v1", "DaemonSet")),
        ("kubernetes_stateful_set_v1", ("apps/v1", "StatefulSet")),
        ("kubernetes_pod", ("v1", "Pod")),
        ("kubernetes_replication_controller_v1", ("v1", "ReplicationController")),
        ("kubernetes_job_v1", ("batch/v1", "Job")),
        ("kubernetes_cron_job", ("batch/v1beta1", "CronJob")),
        ("kubernetes_cron_job_v1", ("batch/v1", "CronJob")),
        ("kubernetes_service_v1", ("v1", "Service")),
        ("kubernetes_ingress", ("extensions/v1beta1", "Ingress")),
        ("kubernetes_ingress_v1", ("networking.k8s.io/v1", "Ingress")),
        ("kubernetes_ingress_class_v1", ("networking.k8s.io/v1", "IngressClass")),
        ("kubernetes_network_policy", ("networking.k8s.io/v1", "NetworkPolicy")),
        ("kubernetes_pod_disruption_budget", ("policy/v1beta1", "PodDisruptionBudget")),
        ("kubernetes_pod_disruption_budget_v1", ("policy/v1", "PodDisruptionBudget")),
        ("kubernetes_horizontal_pod_autoscaler_v1", ("autoscaling/v1", "HorizontalPodAutoscaler")),
        ("kubernetes_horizontal_pod_autoscaler_v2", ("autoscaling/v2", "HorizontalPodAutoscaler")),
        ("kubernetes_horizontal_pod_autoscaler_v2beta2", ("autoscaling/v2beta2", "HorizontalPodAutoscaler")),
        ("kubernetes_config_map", ("v1", "ConfigMap")),
        ("kubernetes_secret_v1", ("v1", "Secret")),
        ("kubernetes_namespace_v1", ("v1", "Namespace")),
        ("kubernetes_service_account", ("v1", "ServiceAccount")),
        ("kubernetes_default_service_account_v1", ("v1", "ServiceAccount")),
        ("kubernetes_role", ("rbac.authorization.k8s.io/v1", "Role")),
        ("kubernetes_role_binding_v1", ("rbac.authorization.k8s.io/v1", "RoleBinding")),
        ("kubernetes_cluster_role", ("rbac.authorization.k8s.io/v1", "ClusterRole")),
        ("kubernetes_cluster_role_binding", ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding")),
        ("kubernetes_persistent_volume", ("v1", "PersistentVolume")),
        ("kubernetes_persistent_volume_claim_v1", ("v1", "PersistentVolumeClaim")),
        ("kubernetes_storage_class_v1", ("storage.k8s.io/v1", "StorageClass")),
        ("kubernetes_limit_range", ("v1", "LimitRange")),
        ("kubernetes_resource_quota_v1", ("v1", "ResourceQuota")),
        ("kubernetes_priority_class", ("scheduling.k8s.io/v1", "PriorityClass")),
        ("kubernetes_runtime_class_v1", ("node.k8s.io/v1", "RuntimeClass")),
        ("kubernetes_endpoint_slice_v1", ("discovery.k8s.io/v1", "EndpointSlice")),
        ("kubernetes_pod_security_policy_v1beta1", ("policy/v1beta1", "PodSecurityPolicy")),
        # What changes an object that something else declares is none.
        ("kubernetes_labels", None),
        ("kubernetes_annotations", None),
        ("kubernetes_env", None),
        ("kubernetes_node_taint", None),
        ("kubernetes_config_map_v1_data", None),
        ("kubernetes_secret_v1_data", None),
        ("kubernetes_token_request_v1", None),
        ("kubernetes_manifest", None),
    ],
)
def test_kind_of_a_type(type_: str, expected: tuple[str, str] | None) -> None:
    assert object_of(type_) == expected


POD = """\
resource "kubernetes_pod_v1" "p" {
  metadata {
    name      = "p"
    namespace = "n"
  }
  spec {
    %s
  }
}
"""

PODS: list[tuple[str, str, dict[str, Any]]] = [
    ("arguments", "host_ipc = true\nhost_pid = false", {"hostIPC": True, "hostPID": False}),
    ("text as a boolean", 'host_network = "true"', {"hostNetwork": True}),
    ("zero is not sent", "active_deadline_seconds = 0", {}),
    ("null is not sent", 'hostname = null\nnode_name = ""', {}),
    ("a single block", 'os {\n name = "linux"\n}', {"os": {"name": "linux"}}),
    (
        "pod security context",
        'security_context {\n fs_group = "2000"\n run_as_non_root = true\n supplemental_groups = [1, 2]\n'
        ' windows_options {\n run_as_username = "u"\n }\n sysctl {\n name = "a"\n value = 1\n }\n}',
        {
            "securityContext": {
                "fsGroup": 2000,
                "runAsNonRoot": True,
                "supplementalGroups": [1, 2],
                "windowsOptions": {"runAsUserName": "u"},
                "sysctls": [{"name": "a", "value": "1"}],
            }
        },
    ),
    (
        "a profile without a type is unconfined",
        "security_context {\n seccomp_profile {}\n}",
        {"securityContext": {"seccompProfile": {"type": "Unconfined"}}},
    ),
    (
        "tolerations",
        'toleration {\n key = "a"\n toleration_seconds = "60"\n}\ntoleration {\n operator = "Exists"\n}',
        {"tolerations": [{"key": "a", "tolerationSeconds": 60}, {"operator": "Exists"}]},
    ),
    (
        "host aliases and pull secrets",
        'host_aliases {\n ip = "192.0.2.1"\n hostnames = ["a"]\n}\nimage_pull_secrets {\n name = "r"\n}',
        {"hostAliases": [{"ip": "192.0.2.1", "hostnames": ["a"]}], "imagePullSecrets": [{"name": "r"}]},
    ),
    (
        "affinity",
        "affinity {\n node_affinity {\n required_during_scheduling_ignored_during_execution {\n"
        ' node_selector_term {\n match_expressions {\n key = "k"\n operator = "In"\n values = [1]\n }\n }\n }\n }\n'
        " pod_anti_affinity {\n required_during_scheduling_ignored_during_execution {\n"
        ' topology_key = "zone"\n label_selector {\n match_labels = { app = "a" }\n }\n }\n }\n}',
        {
            "affinity": {
                "nodeAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": {
                        "nodeSelectorTerms": [
                            {"matchExpressions": [{"key": "k", "operator": "In", "values": ["1"]}]}
                        ]
                    }
                },
                "podAntiAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": [
                        {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "a"}}}
                    ]
                },
            }
        },
    ),
    (
        "spread",
        'topology_spread_constraint {\n max_skew = 1\n topology_key = "z"\n}',
        {"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "z"}]},
    ),
    (
        "dns",
        'dns_config {\n nameservers = ["192.0.2.1"]\n option {\n name = "ndots"\n value = 2\n }\n}',
        {"dnsConfig": {"nameservers": ["192.0.2.1"], "options": [{"name": "ndots", "value": "2"}]}},
    ),
    (
        "readiness gates",
        'readiness_gate {\n condition_type = "a"\n}',
        {"readinessGates": [{"conditionType": "a"}]},
    ),
    (
        "volumes",
        'volume {\n name = "a"\n empty_dir {}\n}\nvolume {\n name = "b"\n secret {\n secret_name = "s"\n'
        ' default_mode = "0400"\n items {\n key = "k"\n path = "p"\n mode = "0644"\n }\n }\n}\n'
        'volume {\n name = "c"\n ceph_fs {\n monitors = ["m"]\n }\n}\n'
        'volume {\n name = "d"\n downward_api {\n items {\n path = "p"\n }\n }\n}\n'
        'volume {\n name = "e"\n persistent_volume_claim {\n claim_name = "x"\n }\n}',
        {
            "volumes": [
                {"name": "a", "emptyDir": {}},
                {
                    "name": "b",
                    "secret": {
                        "secretName": "s",
                        "defaultMode": 256,
                        "items": [{"key": "k", "path": "p", "mode": 420}],
                    },
                },
                {"name": "c", "cephfs": {"monitors": ["m"]}},
                {"name": "d", "downwardAPI": {"items": [{"path": "p"}]}},
                {"name": "e", "persistentVolumeClaim": {"claimName": "x"}},
            ]
        },
    ),
    (
        "each block of a projected source is a source",
        'volume {\n name = "a"\n projected {\n sources {\n secret {\n name = "s"\n }\n secret {\n name = "t"\n }\n'
        ' config_map {\n name = "c"\n }\n }\n }\n}',
        {
            "volumes": [
                {
                    "name": "a",
                    "projected": {
                        "sources": [
                            {"secret": {"name": "s"}},
                            {"secret": {"name": "t"}},
                            {"configMap": {"name": "c"}},
                        ]
                    },
                }
            ]
        },
    ),
    (
        "an ephemeral volume has one template",
        'volume {\n name = "a"\n ephemeral {\n volume_claim_template {\n spec {\n access_modes = ["x"]\n'
        " }\n }\n }\n}",
        {"volumes": [{"name": "a", "ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes": ["x"]}}}}]},
    ),
]


@pytest.mark.parametrize(("blocks", "spec"), [row[1:] for row in PODS], ids=[row[0] for row in PODS])
def test_pod(blocks: str, spec: dict[str, Any], declare: Declare) -> None:
    found = declare(POD % blocks)
    assert found.errors == []
    assert found.body("Pod/n/p") == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "n"},
        "spec": {**spec, "automountServiceAccountToken": True},
    }


CONTAINERS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "ports",
        'port {\n container_port = "80"\n host_ip = "192.0.2.1"\n host_port = 8080\n}\nport {\n name = "b"\n}',
        {"ports": [{"containerPort": 80, "hostIP": "192.0.2.1", "hostPort": 8080}, {"name": "b"}]},
    ),
    (
        "environment",
        'env {\n name = "A"\n value = 8080\n}\nenv {\n name = "B"\n value = true\n}\nenv {\n name = "C"\n'
        ' value_from {\n secret_key_ref {\n name = "s"\n key = "k"\n optional = "false"\n }\n }\n}\n'
        'env_from {\n prefix = "P_"\n config_map_ref {\n name = "c"\n }\n}',
        {
            "env": [
                {"name": "A", "value": "8080"},
                {"name": "B", "value": "true"},
                {
                    "name": "C",
                    "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": False}},
                },
            ],
            "envFrom": [{"prefix": "P_", "configMapRef": {"name": "c"}}],
        },
    ),
    (
        "resources as maps",
        'resources {\n limits = {\n cpu = 1\n memory = "1Gi"\n "nvidia.com/gpu" = 1\n }\n}',
        {"resources": {"limits": {"cpu": "1", "memory": "1Gi", "nvidia.com/gpu": "1"}}},
    ),
    (
        "resources as blocks, as provider 1 had them",
        'resources {\n limits {\n cpu = "1"\n }\n requests {\n memory = "1Gi"\n }\n}',
        {"resources": {"limits": {"cpu": "1"}, "requests": {"memory": "1Gi"}}},
    ),
    (
        "security context",
        'security_context {\n run_as_user = "1000"\n read_only_root_filesystem = true\n'
        ' capabilities {\n add = ["NET_ADMIN"]\n drop = ["ALL"]\n }\n se_linux_options {\n level = "s0"\n }\n}',
        {
            "securityContext": {
                "runAsUser": 1000,
                "readOnlyRootFilesystem": True,
                "capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]},
                "seLinuxOptions": {"level": "s0"},
            }
        },
    ),
    (
        "probes",
        'liveness_probe {\n http_get {\n path = "/"\n port = "8080"\n http_header {\n name = "X"\n value = 1\n }\n'
        ' }\n}\nreadiness_probe {\n tcp_socket {\n port = "web"\n }\n}\nstartup_probe {\n grpc {\n port = 9\n }\n}',
        {
            "livenessProbe": {
                "httpGet": {"path": "/", "port": 8080, "httpHeaders": [{"name": "X", "value": "1"}]}
            },
            "readinessProbe": {"tcpSocket": {"port": "web"}},
            "startupProbe": {"grpc": {"port": 9}},
        },
    ),
    (
        "hooks",
        'lifecycle {\n pre_stop {\n exec {\n command = ["sleep", 5]\n }\n }\n}',
        {"lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}}},
    ),
    (
        "mounts",
        'volume_mount {\n name = "a"\n mount_path = "/a"\n read_only = true\n}\n'
        'volume_device {\n name = "b"\n device_path = "/b"\n}',
        {
            "volumeMounts": [{"name": "a", "mountPath": "/a", "readOnly": True}],
            "volumeDevices": [{"name": "b", "devicePath": "/b"}],
        },
    ),
]


@pytest.mark.parametrize(
    ("blocks", "expected"), [row[1:] for row in CONTAINERS], ids=[row[0] for row in CONTAINERS]
)
@pytest.mark.parametrize(
    ("block", "field"), [("container", "containers"), ("init_container", "initContainers")]
)
def test_container(block: str, field: str, blocks: str, expected: dict[str, Any], declare: Declare) -> None:
    found = declare(POD % f'{block} {{\n name = "c"\n {blocks}\n}}')
    assert found.errors == []
    assert found.body("Pod/n/p")["spec"][field] == [{"name": "c", **expected}]


OBJECTS: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        "kubernetes_service_v1",
        "Service/n/x",
        'spec {\n selector = { app = "a" }\n port {\n port = 80\n target_port = "web"\n node_port = 30000\n }\n'
        ' cluster_ip = "None"\n external_ips = ["192.0.2.1"]\n load_balancer_ip = "192.0.2.2"\n'
        " session_affinity_config {\n client_ip {\n timeout_seconds = 5\n }\n }\n}\nwait_for_load_balancer = false",
        {
            "spec": {
                "selector": {"app": "a"},
                "ports": [{"port": 80, "targetPort": "web", "nodePort": 30000}],
                "clusterIP": "None",
                "externalIPs": ["192.0.2.1"],
                "loadBalancerIP": "192.0.2.2",
                "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 5}},
            }
        },
    ),
    (
        "kubernetes_ingress_v1",
        "Ingress/n/x",
        'spec {\n rule {\n host = "a"\n http {\n path {\n path = "/"\n backend {\n service {\n name = "s"\n'
        ' port {\n number = 80\n }\n }\n }\n }\n }\n }\n tls {\n hosts = ["a"]\n secret_name = "t"\n }\n}',
        {
            "spec": {
                "rules": [
                    {
                        "host": "a",
                        "http": {
                            "paths": [
                                {
                                    "path": "/",
                                    "pathType": "ImplementationSpecific",
                                    "backend": {"service": {"name": "s", "port": {"number": 80}}},
                                }
                            ]
                        },
                    }
                ],
                "tls": [{"hosts": ["a"], "secretName": "t"}],
            }
        },
    ),
    (
        "kubernetes_network_policy_v1",
        "NetworkPolicy/n/x",
        'spec {\n pod_selector {}\n policy_types = ["Ingress", "Egress"]\n egress {}\n ingress {\n'
        ' from {\n ip_block {\n cidr = "10.0.0.0/8"\n except = ["10.1.0.0/16"]\n }\n }\n'
        ' from {\n namespace_selector {\n match_labels = { a = "b" }\n }\n }\n ports {\n port = "8080"\n }\n }\n}',
        {
            "spec": {
                "podSelector": {},
                "policyTypes": ["Ingress", "Egress"],
                "egress": [{}],
                "ingress": [
                    {
                        "from": [
                            {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
                            {"namespaceSelector": {"matchLabels": {"a": "b"}}},
                        ],
                        "ports": [{"port": 8080}],
                    }
                ],
            }
        },
    ),
    (
        "kubernetes_pod_disruption_budget_v1",
        "PodDisruptionBudget/n/x",
        'spec {\n max_unavailable = "1"\n min_available = "50%"\n selector {\n match_labels = { a = "b" }\n }\n}',
        {
            "spec": {
                "maxUnavailable": 1,
                "minAvailable": "50%",
                "selector": {"matchLabels": {"a": "b"}},
            }
        },
    ),
    (
        "kubernetes_horizontal_pod_autoscaler_v2",
        "HorizontalPodAutoscaler/n/x",
        'spec {\n max_replicas = 5\n scale_target_ref {\n kind = "Deployment"\n name = "d"\n }\n metric {\n'
        ' type = "Pods"\n pods {\n metric {\n name = "m"\n }\n target {\n type = "AverageValue"\n'
        ' average_value = "5"\n }\n }\n }\n behavior {\n scale_down {\n policy {\n type = "Pods"\n value = 1\n'
        " period_seconds = 60\n }\n }\n }\n}",
        {
            "spec": {
                "maxReplicas": 5,
                "scaleTargetRef": {"kind": "Deployment", "name": "d"},
                "metrics": [
                    {
                        "type": "Pods",
                        "pods": {
                            "metric": {"name": "m"},
                            "target": {"type": "AverageValue", "averageValue": "5"},
                        },
                    }
                ],
                "behavior": {"scaleDown": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}},
            }
        },
    ),
    (
        "kubernetes_horizontal_pod_autoscaler",
        "HorizontalPodAutoscaler/n/x",
        "spec {\n target_cpu_utilization_percentage = 80\n}",
        {"apiVersion": "autoscaling/v1", "spec": {"targetCPUUtilizationPercentage": 80}},
    ),
    (
        "kubernetes_horizontal_pod_autoscaler",
        "HorizontalPodAutoscaler/n/x",
        'spec {\n metric {\n type = "Resource"\n }\n}',
        {"apiVersion": "autoscaling/v2beta2", "spec": {"metrics": [{"type": "Resource"}]}},
    ),
    (
        "kubernetes_role_v1",
        "Role/n/x",
        'rule {\n api_groups = [""]\n resources = ["pods"]\n resource_names = ["a"]\n verbs = ["get"]\n}',
        {"rules": [{"apiGroups": [""], "resources": ["pods"], "resourceNames": ["a"], "verbs": ["get"]}]},
    ),
    (
        "kubernetes_role_binding_v1",
        "RoleBinding/n/x",
        'role_ref {\n api_group = "rbac.authorization.k8s.io"\n kind = "Role"\n name = "r"\n}\n'
        'subject {\n kind = "ServiceAccount"\n name = "a"\n}\nsubject {\n kind = "User"\n name = "b"\n api_group = ""\n}',
        {
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
            "subjects": [
                {"kind": "ServiceAccount", "name": "a", "namespace": "default"},
                {"kind": "User", "name": "b"},
            ],
        },
    ),
    (
        "kubernetes_service_account_v1",
        "ServiceAccount/n/x",
        'image_pull_secret {\n name = "a"\n}\nsecret {\n name = "b"\n}\nautomount_service_account_token = false',
        {
            "imagePullSecrets": [{"name": "a"}],
            "secrets": [{"name": "b"}],
            "automountServiceAccountToken": False,
        },
    ),
    (
        "kubernetes_secret_v1",
        "Secret/n/x",
        'type = "Opaque"\ndata = {\n a = "b"\n n = 1\n}\nbinary_data = {\n c = "ZA=="\n}\nimmutable = true',
        {
            "type": "Opaque",
            "stringData": {"a": "b", "n": "1"},
            "data": {"c": "ZA=="},
            "immutable": True,
        },
    ),
    (
        "kubernetes_config_map_v1",
        "ConfigMap/n/x",
        'data = {\n "a_b.conf" = "c"\n}',
        {"data": {"a_b.conf": "c"}},
    ),
    (
        "kubernetes_limit_range_v1",
        "LimitRange/n/x",
        'spec {\n limit {\n type = "Container"\n default = { cpu = "1" }\n default_request = { cpu = "1" }\n }\n}',
        {
            "spec": {
                "limits": [{"type": "Container", "default": {"cpu": "1"}, "defaultRequest": {"cpu": "1"}}]
            }
        },
    ),
    (
        "kubernetes_resource_quota_v1",
        "ResourceQuota/n/x",
        'spec {\n hard = { pods = 10 }\n scopes = ["BestEffort"]\n}',
        {"spec": {"hard": {"pods": "10"}, "scopes": ["BestEffort"]}},
    ),
    (
        "kubernetes_daemonset",
        "DaemonSet/n/x",
        'spec {\n strategy {\n type = "RollingUpdate"\n rolling_update {\n max_unavailable = 1\n }\n }\n}',
        {
            "apiVersion": "apps/v1",
            "spec": {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}}},
        },
    ),
    (
        "kubernetes_stateful_set_v1",
        "StatefulSet/n/x",
        'spec {\n service_name = "s"\n update_strategy {\n rolling_update {\n partition = 1\n }\n }\n'
        ' volume_claim_template {\n metadata {\n name = "d"\n }\n spec {\n resources {\n'
        ' requests = { storage = "1Gi" }\n }\n }\n }\n}',
        {
            "spec": {
                "serviceName": "s",
                "updateStrategy": {"rollingUpdate": {"partition": 1}},
                "volumeClaimTemplates": [
                    {"metadata": {"name": "d"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}
                ],
            }
        },
    ),
    (
        "kubernetes_cron_job_v1",
        "CronJob/n/x",
        'spec {\n schedule = "@daily"\n timezone = "UTC"\n starting_deadline_seconds = 0\n job_template {\n spec {\n'
        ' ttl_seconds_after_finished = "60"\n template {\n spec {\n container {\n name = "c"\n }\n }\n }\n }\n }\n}',
        {
            "spec": {
                "schedule": "@daily",
                "timeZone": "UTC",
                "jobTemplate": {
                    "spec": {
                        "ttlSecondsAfterFinished": 60,
                        "backoffLimit": 6,
                        "template": {
                            "spec": {
                                "containers": [{"name": "c"}],
                                "automountServiceAccountToken": True,
                                "restartPolicy": "Never",
                            }
                        },
                    }
                },
            }
        },
    ),
    (
        "kubernetes_job_v1",
        "Job/n/x",
        'spec {\n backoff_limit = 2\n pod_failure_policy {\n rule {\n action = "FailJob"\n on_exit_codes {\n'
        ' values = [1, 2]\n }\n on_pod_condition {\n type = "x"\n }\n }\n }\n}\nwait_for_completion = true',
        {
            "spec": {
                "backoffLimit": 2,
                "podFailurePolicy": {
                    "rules": [
                        {
                            "action": "FailJob",
                            "onExitCodes": {"values": [1, 2]},
                            "onPodConditions": [{"type": "x"}],
                        }
                    ]
                },
            }
        },
    ),
]


@pytest.mark.parametrize(
    ("type_", "address", "blocks", "expected"),
    OBJECTS,
    ids=[f"{row[0]}-{i}" for i, row in enumerate(OBJECTS)],
)
def test_namespaced_object(
    type_: str, address: str, blocks: str, expected: dict[str, Any], declare: Declare
) -> None:
    found = declare(
        f'resource "{type_}" "x" {{\n metadata {{\n name = "x"\n namespace = "n"\n }}\n {blocks}\n'
        ' lifecycle {\n prevent_destroy = true\n }\n timeouts {\n create = "5m"\n }\n}\n'
    )
    assert found.errors == []
    kind = address.partition("/")[0]
    api_version = object_of(type_)[0] if object_of(type_) else None  # type: ignore[index]
    assert found.body(address) == {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": "x", "namespace": "n"},
        **expected,
    }


CLUSTER: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        "kubernetes_cluster_role_v1",
        "ClusterRole/x",
        'rule {\n non_resource_urls = ["/metrics"]\n verbs = ["get"]\n}\naggregation_rule {\n'
        ' cluster_role_selectors {\n match_labels = { a = "b" }\n }\n}',
        {
            "rules": [{"nonResourceURLs": ["/metrics"], "verbs": ["get"]}],
            "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"a": "b"}}]},
        },
    ),
    (
        "kubernetes_persistent_volume_v1",
        "PersistentVolume/x",
        'spec {\n capacity = { storage = "1Gi" }\n persistent_volume_source {\n nfs {\n server = "s"\n path = "/"\n'
        " }\n }\n}",
        {"spec": {"capacity": {"storage": "1Gi"}, "nfs": {"server": "s", "path": "/"}}},
    ),
    (
        "kubernetes_storage_class_v1",
        "StorageClass/x",
        'storage_provisioner = "p"\nreclaim_policy = "Retain"\nparameters = { type = "gp3" }\nallowed_topologies {\n'
        ' match_label_expressions {\n key = "z"\n values = ["a"]\n }\n}',
        {
            "provisioner": "p",
            "reclaimPolicy": "Retain",
            "parameters": {"type": "gp3"},
            "allowedTopologies": [{"matchLabelExpressions": [{"key": "z", "values": ["a"]}]}],
            "allowVolumeExpansion": True,
        },
    ),
    ("kubernetes_priority_class_v1", "PriorityClass/x", "value = 100", {"value": 100}),
    (
        "kubernetes_mutating_webhook_configuration_v1",
        "MutatingWebhookConfiguration/x",
        'webhook {\n name = "w"\n rule {\n operations = ["CREATE"]\n resources = ["pods"]\n }\n client_config {\n'
        ' service {\n name = "s"\n port = 443\n }\n }\n}',
        {
            "webhooks": [
                {
                    "name": "w",
                    "rules": [{"operations": ["CREATE"], "resources": ["pods"]}],
                    "clientConfig": {"service": {"name": "s", "port": 443}},
                }
            ]
        },
    ),
]


@pytest.mark.parametrize(("type_", "address", "blocks", "expected"), CLUSTER, ids=[row[0] for row in CLUSTER])
def test_object_without_a_namespace(
    type_: str, address: str, blocks: str, expected: dict[str, Any], declare: Declare
) -> None:
    found = declare(f'resource "{type_}" "x" {{\n metadata {{\n name = "x"\n }}\n {blocks}\n}}\n')
    body = found.body(address)
    assert {key: body[key] for key in body if key not in ("apiVersion", "kind", "metadata")} == expected
    assert body["metadata"] == {"name": "x"}


def test_namespace_is_default_where_none_is_written(declare: Declare) -> None:
    found = declare('resource "kubernetes_config_map_v1" "x" {\n metadata {\n name = "x"\n }\n}\n')
    assert found.addresses == ["ConfigMap/default/x"]


def test_default_service_account_is_called_default(declare: Declare) -> None:
    found = declare(
        'resource "kubernetes_default_service_account_v1" "x" {\n metadata {\n namespace = "n"\n }\n}\n'
    )
    assert found.addresses == ["ServiceAccount/n/default"]


def test_spans_are_those_of_the_arguments(declare: Declare) -> None:
    found = declare(POD % 'host_ipc = true\n    container {\n      image = "a"\n    }')
    pod = found["Pod/n/p"]
    assert (pod.span.line, pod.span.end_line, pod.header.line) == (1, 12, 1)
    spec = pod.body["spec"]
    assert spec.span_of("hostIPC") == ("main.tf", 7, 5, 7, 20)
    assert spec.span_of("containers").line == 8
    assert spec["containers"].span_of(0).line == 8
    assert spec["containers"][0].span_of("image") == ("main.tf", 9, 7, 9, 18)


def test_resource_and_object_are_linked(declare: Declare) -> None:
    found = declare(POD % "")
    assert [(link.address, link.via) for link in found["Pod/n/p"].links] == [
        ("kubernetes_pod_v1.p", "declares")
    ]
    assert [(link.address, link.via) for link in found["kubernetes_pod_v1.p"].links] == [
        ("Pod/n/p", "declares")
    ]


def test_data_sources_declare_nothing(declare: Declare) -> None:
    found = declare('data "kubernetes_service_v1" "x" {\n metadata {\n name = "x"\n }\n}\n')
    assert found.addresses == []
