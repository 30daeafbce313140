"""Links between objects: each kind of edge, its namespace rules, duplicates and cost."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.estate.model import Estate, Link, Resource
from readiness.kubernetes.build import build
from readiness.kubernetes.linking.links import link
from readiness.sources import yaml_source
from readiness.sources.yaml_model import YamlDocument, YamlFile
from readiness.values import List, Map, Span, Unknown

NAMES = {
    "apps/v1": ("Deployment", "StatefulSet", "DaemonSet"),
    "batch/v1": ("Job", "CronJob"),
    "policy/v1": ("PodDisruptionBudget",),
    "networking.k8s.io/v1": ("NetworkPolicy", "Ingress"),
    "autoscaling/v2": ("HorizontalPodAutoscaler",),
    "keda.sh/v1alpha1": ("ScaledObject",),
    "monitoring.coreos.com/v1": ("ServiceMonitor", "PodMonitor"),
    "gateway.networking.k8s.io/v1": ("HTTPRoute", "Gateway"),
    "rbac.authorization.k8s.io/v1": ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"),
    "storage.k8s.io/v1": ("StorageClass",),
    "velero.io/v1": ("Schedule",),
    "argoproj.io/v1alpha1": ("Rollout",),
    "scheduling.k8s.io/v1": ("PriorityClass",),
    "flagger.app/v1beta1": ("Canary",),
}
VERSIONS = {kind: version for version, kinds in NAMES.items() for kind in kinds}


def manifest(address: str, rest: str = "", version: str | None = None, labels: str = "{}") -> str:
    kind, _, place = address.partition("/")
    namespace, _, name = place.rpartition("/")
    lines = [
        f"apiVersion: {version or VERSIONS.get(kind, 'v1')}",
        f"kind: {kind}",
        "metadata:",
        f"  name: {name}",
    ]
    if namespace:
        lines.append(f"  namespace: {namespace}")
    lines.append(f"  labels: {labels}")
    return "\n".join(lines) + "\n" + (rest + "\n" if rest else "")


def deployment(address: str = "Deployment/shop/web", labels: str = "{app: web}", pod: str = "{}") -> str:
    return manifest(address, f"spec: {{template: {{metadata: {{labels: {labels}}}, spec: {pod}}}}}")


def linked(*texts: str, paths: tuple[str, ...] = ()) -> list[Resource]:
    files = []
    for index, text in enumerate(texts):
        path = paths[index] if paths else f"k8s/{index}.yaml"
        files.append((path, yaml_source.read(path, text)))
    resources, errors = build(files)
    assert errors == []
    link(resources)
    return resources


EDGES: dict[str, tuple[str, str, str]] = {
    "service": (
        manifest("Service/shop/web", "spec: {selector: {app: web}}"),
        deployment(),
        "spec.selector",
    ),
    "service to a rollout": (
        manifest("Service/shop/web", "spec: {selector: {app: web}}"),
        manifest("Rollout/shop/r", "spec: {template: {metadata: {labels: {app: web, x: y}}, spec: {}}}"),
        "spec.selector",
    ),
    "service to a pod": (
        manifest("Service/web", "spec: {selector: {app: web}}"),
        manifest("Pod/default/p", "spec: {}", labels="{app: web}"),
        "spec.selector",
    ),
    "budget": (
        manifest("PodDisruptionBudget/shop/b", "spec: {selector: {matchLabels: {app: web}}}"),
        deployment(),
        "spec.selector",
    ),
    "budget with expressions": (
        manifest(
            "PodDisruptionBudget/shop/b",
            "spec: {selector: {matchExpressions: [{key: app, operator: In, values: [x, web]}]}}",
        ),
        deployment(),
        "spec.selector",
    ),
    "budget of everything": (
        manifest("PodDisruptionBudget/shop/b", "spec: {selector: {}}"),
        deployment(),
        "spec.selector",
    ),
    "network policy": (
        manifest("NetworkPolicy/shop/n", "spec: {podSelector: {matchLabels: {app: web}}}"),
        deployment(),
        "spec.podSelector",
    ),
    "network policy of everything": (
        manifest("NetworkPolicy/shop/n", "spec: {podSelector: {}}"),
        deployment(),
        "spec.podSelector",
    ),
    "autoscaler": (
        manifest(
            "HorizontalPodAutoscaler/shop/h",
            "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}",
        ),
        deployment(),
        "spec.scaleTargetRef",
    ),
    "autoscaler of a rollout": (
        manifest(
            "HorizontalPodAutoscaler/shop/h",
            "spec: {scaleTargetRef: {apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: r}}",
        ),
        manifest("Rollout/shop/r", "spec: {}"),
        "spec.scaleTargetRef",
    ),
    "keda": (
        manifest("ScaledObject/shop/k", "spec: {scaleTargetRef: {name: web}}"),
        deployment(),
        "spec.scaleTargetRef",
    ),
    "canary": (
        manifest("Canary/shop/c", "spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}"),
        deployment(),
        "spec.targetRef",
    ),
    "rollout of a deployment": (
        manifest("Rollout/shop/r", "spec: {workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}}"),
        deployment(),
        "spec.workloadRef",
    ),
    "ingress": (
        manifest("Ingress/shop/i", "spec: {rules: [{http: {paths: [{backend: {service: {name: web}}}]}}]}"),
        manifest("Service/shop/web"),
        "spec.rules.http.paths.backend.service.name",
    ),
    "old ingress": (
        manifest(
            "Ingress/shop/i",
            "spec: {rules: [{http: {paths: [{backend: {serviceName: web}}]}}]}",
            version="extensions/v1beta1",
        ),
        manifest("Service/shop/web"),
        "spec.rules.http.paths.backend.serviceName",
    ),
    "ingress default": (
        manifest("Ingress/shop/i", "spec: {defaultBackend: {service: {name: web}}}"),
        manifest("Service/shop/web"),
        "spec.defaultBackend.service.name",
    ),
    "ingress tls": (
        manifest("Ingress/shop/i", "spec: {tls: [{secretName: cert}]}"),
        manifest("Secret/shop/cert"),
        "spec.tls.secretName",
    ),
    "route": (
        manifest("HTTPRoute/shop/r", "spec: {rules: [{backendRefs: [{name: web, port: 80}]}]}"),
        manifest("Service/shop/web"),
        "spec.rules.backendRefs",
    ),
    "route to another namespace": (
        manifest("HTTPRoute/shop/r", "spec: {rules: [{backendRefs: [{name: web, namespace: other}]}]}"),
        manifest("Service/other/web"),
        "spec.rules.backendRefs",
    ),
    "route to its gateway": (
        manifest("HTTPRoute/shop/r", "spec: {parentRefs: [{name: g, namespace: edge}]}"),
        manifest("Gateway/edge/g"),
        "spec.parentRefs",
    ),
    "service monitor": (
        manifest("ServiceMonitor/shop/m", "spec: {selector: {matchLabels: {app: web}}}"),
        manifest("Service/shop/web", labels="{app: web}"),
        "spec.selector",
    ),
    "service monitor of other namespaces": (
        manifest(
            "ServiceMonitor/monitoring/m",
            "spec: {selector: {matchLabels: {app: web}}, namespaceSelector: {matchNames: [shop]}}",
        ),
        manifest("Service/shop/web", labels="{app: web}"),
        "spec.selector",
    ),
    "service monitor of any namespace": (
        manifest(
            "ServiceMonitor/monitoring/m",
            "spec: {selector: {matchLabels: {app: web}}, namespaceSelector: {any: true}}",
        ),
        manifest("Service/shop/web", labels="{app: web}"),
        "spec.selector",
    ),
    "pod monitor": (
        manifest("PodMonitor/shop/m", "spec: {selector: {matchLabels: {app: web}}}"),
        deployment(),
        "spec.selector",
    ),
    "service account": (
        deployment(pod="{serviceAccountName: sa}"),
        manifest("ServiceAccount/shop/sa"),
        "serviceAccountName",
    ),
    "default service account": (deployment(), manifest("ServiceAccount/shop/default"), "serviceAccountName"),
    "role binding": (
        manifest("RoleBinding/shop/b", "roleRef: {kind: Role, name: r}"),
        manifest("Role/shop/r"),
        "roleRef",
    ),
    "role binding to a cluster role": (
        manifest("RoleBinding/shop/b", "roleRef: {kind: ClusterRole, name: r}"),
        manifest("ClusterRole/r"),
        "roleRef",
    ),
    "cluster role binding": (
        manifest("ClusterRoleBinding/b", "roleRef: {kind: ClusterRole, name: r}"),
        manifest("ClusterRole/r"),
        "roleRef",
    ),
    "subject": (
        manifest("RoleBinding/shop/b", "subjects: [{kind: ServiceAccount, name: sa}]"),
        manifest("ServiceAccount/shop/sa"),
        "subjects",
    ),
    "cluster subject": (
        manifest("ClusterRoleBinding/b", "subjects: [{kind: ServiceAccount, name: sa, namespace: ops}]"),
        manifest("ServiceAccount/ops/sa"),
        "subjects",
    ),
    "env config map": (
        deployment(pod="{containers: [{env: [{name: A, valueFrom: {configMapKeyRef: {name: c, key: k}}}]}]}"),
        manifest("ConfigMap/shop/c"),
        "env.valueFrom.configMapKeyRef",
    ),
    "env secret of an init container": (
        deployment(
            pod="{initContainers: [{env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]}]}"
        ),
        manifest("Secret/shop/s"),
        "env.valueFrom.secretKeyRef",
    ),
    "env from config map": (
        deployment(pod="{containers: [{envFrom: [{configMapRef: {name: c}}]}]}"),
        manifest("ConfigMap/shop/c"),
        "envFrom.configMapRef",
    ),
    "env from secret": (
        deployment(pod="{containers: [{envFrom: [{secretRef: {name: s}}]}]}"),
        manifest("Secret/shop/s"),
        "envFrom.secretRef",
    ),
    "config map volume": (
        deployment(pod="{volumes: [{name: v, configMap: {name: c}}]}"),
        manifest("ConfigMap/shop/c"),
        "volumes.configMap",
    ),
    "secret volume": (
        deployment(pod="{volumes: [{name: v, secret: {secretName: s}}]}"),
        manifest("Secret/shop/s"),
        "volumes.secret",
    ),
    "projected config map": (
        deployment(pod="{volumes: [{name: v, projected: {sources: [{configMap: {name: c}}]}}]}"),
        manifest("ConfigMap/shop/c"),
        "volumes.projected.configMap",
    ),
    "projected secret": (
        deployment(pod="{volumes: [{name: v, projected: {sources: [{secret: {name: s}}]}}]}"),
        manifest("Secret/shop/s"),
        "volumes.projected.secret",
    ),
    "pull secret": (
        deployment(pod="{imagePullSecrets: [{name: s}]}"),
        manifest("Secret/shop/s"),
        "imagePullSecrets",
    ),
    "claim": (
        deployment(pod="{volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]}"),
        manifest("PersistentVolumeClaim/shop/data"),
        "volumes.persistentVolumeClaim",
    ),
    "priority class": (
        deployment(pod="{priorityClassName: high}"),
        manifest("PriorityClass/high"),
        "priorityClassName",
    ),
    "storage class": (
        manifest("PersistentVolumeClaim/shop/data", "spec: {storageClassName: fast}"),
        manifest("StorageClass/fast"),
        "spec.storageClassName",
    ),
    "storage class of a claim template": (
        manifest("StatefulSet/shop/db", "spec: {volumeClaimTemplates: [{spec: {storageClassName: fast}}]}"),
        manifest("StorageClass/fast"),
        "spec.volumeClaimTemplates.spec.storageClassName",
    ),
    "governing service": (
        manifest("StatefulSet/shop/db", "spec: {serviceName: db}"),
        manifest("Service/shop/db"),
        "spec.serviceName",
    ),
    "namespace": (deployment(), manifest("Namespace/shop"), "metadata.namespace"),
    "default namespace": (deployment("Deployment/web"), manifest("Namespace/default"), "metadata.namespace"),
    "backup": (
        manifest("Schedule/velero/s", "spec: {template: {includedNamespaces: [shop]}}"),
        manifest("Namespace/shop"),
        "spec.template.includedNamespaces",
    ),
    "backup of all": (
        manifest("Schedule/velero/s", "spec: {template: {includedNamespaces: ['*']}}"),
        manifest("Namespace/shop"),
        "spec.template.includedNamespaces",
    ),
}


@pytest.mark.parametrize(("source", "target", "via"), EDGES.values(), ids=EDGES.keys())
def test_every_kind_of_edge_runs_both_ways(source: str, target: str, via: str) -> None:
    for texts in ((source, target), (target, source)):
        resources = linked(*texts)
        first, second = resources if texts[0] is source else resources[::-1]
        assert first.links == [Link(second.address, via)]
        assert second.links == [Link(first.address, via)]


NO_EDGES = {
    "service of another namespace": (
        manifest("Service/other/web", "spec: {selector: {app: web}}"),
        deployment(),
    ),
    "service of the default namespace": (
        manifest("Service/web", "spec: {selector: {app: web}}"),
        deployment(),
    ),
    "service without a selector": (manifest("Service/shop/web", "spec: {}"), deployment()),
    "service with an empty selector": (manifest("Service/shop/web", "spec: {selector: {}}"), deployment()),
    "service with more labels": (
        manifest("Service/shop/web", "spec: {selector: {app: web, tier: x}}"),
        deployment(),
    ),
    "service that selects the labels of the object only": (
        manifest("Service/shop/web", "spec: {selector: {own: x}}"),
        manifest("Deployment/shop/web", "spec: {template: {spec: {}}}", labels="{own: x}"),
    ),
    "old budget of everything": (
        manifest("PodDisruptionBudget/shop/b", "spec: {selector: {}}", version="policy/v1beta1"),
        deployment(),
    ),
    "budget without a selector": (manifest("PodDisruptionBudget/shop/b", "spec: {}"), deployment()),
    "autoscaler of another kind": (
        manifest(
            "HorizontalPodAutoscaler/shop/h",
            "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: web}}",
        ),
        deployment(),
    ),
    "autoscaler of a group of another": (
        manifest(
            "HorizontalPodAutoscaler/shop/h",
            "spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Rollout, name: r}}",
        ),
        manifest("Rollout/shop/r", "spec: {}"),
    ),
    "secret of another namespace": (
        deployment(pod="{imagePullSecrets: [{name: s}]}"),
        manifest("Secret/other/s"),
    ),
    "route to something else": (
        manifest("HTTPRoute/shop/r", "spec: {rules: [{backendRefs: [{kind: Bucket, name: web}]}]}"),
        manifest("Service/shop/web"),
    ),
    "subject that is a user": (
        manifest("RoleBinding/shop/b", "subjects: [{kind: User, name: sa}]"),
        manifest("ServiceAccount/shop/sa"),
    ),
    "monitor of its own namespace only": (
        manifest("ServiceMonitor/monitoring/m", "spec: {selector: {matchLabels: {app: web}}}"),
        manifest("Service/shop/web", labels="{app: web}"),
    ),
    "backup of another namespace": (
        manifest("Schedule/velero/s", "spec: {template: {includedNamespaces: [other]}}"),
        manifest("Namespace/shop"),
    ),
    "unknown selector": (manifest("Service/shop/web", "spec: {selector: !Ref x}"), deployment()),
    "unknown label": (
        manifest("Service/shop/web", "spec: {selector: {app: web}}"),
        deployment(labels="{app: !Ref x}"),
    ),
    "broken shapes": (
        manifest("Ingress/shop/i", "spec: {rules: 5, tls: [x, {secretName: [y]}]}"),
        manifest("Secret/shop/y"),
    ),
    "itself": (manifest("Namespace/default"), manifest("Namespace/shop")),
}


@pytest.mark.parametrize("texts", NO_EDGES.values(), ids=NO_EDGES.keys())
def test_what_is_not_linked(texts: tuple[str, str]) -> None:
    assert [resource.links for resource in linked(*texts)] == [[], []]


def test_the_same_mention_twice_is_one_link() -> None:
    pod = "{containers: [{envFrom: [{secretRef: {name: s}}, {secretRef: {name: s}}]}], imagePullSecrets: [{name: s}]}"
    web, secret = linked(deployment(pod=pod), manifest("Secret/shop/s"))
    assert web.links == [
        Link("Secret/shop/s", "imagePullSecrets"),
        Link("Secret/shop/s", "envFrom.secretRef"),
    ]
    assert [item.address for item in secret.links] == ["Deployment/shop/web", "Deployment/shop/web"]


def test_overlays_are_linked_within_their_folder() -> None:
    service = (
        manifest("Service/shop/web", "spec: {selector: {app: web}}") + "---\n" + manifest("Secret/shop/s")
    )
    web = deployment(pod="{imagePullSecrets: [{name: s}]}")
    paths = ("dev/a.yaml", "prod/a.yaml", "dev/b.yaml", "prod/b.yaml")
    resources = linked(service, service, web, web, paths=paths)
    by_path = {(resource.span.path, resource.type): resource for resource in resources}
    for folder in ("dev", "prod"):
        own = by_path[f"{folder}/b.yaml", "Deployment"]
        assert own.links == [
            Link("Service/shop/web", "spec.selector"),
            Link("Secret/shop/s", "imagePullSecrets"),
        ]
        assert len(by_path[f"{folder}/a.yaml", "Secret"].links) == 1


def test_without_one_in_the_folder_all_are_meant() -> None:
    secret = manifest("Secret/shop/s")
    web = deployment(pod="{imagePullSecrets: [{name: s}]}")
    first, second, _ = linked(secret, secret, web, paths=("a/s.yaml", "b/s.yaml", "c/w.yaml"))
    assert [len(first.links), len(second.links)] == [1, 1]


def test_the_estate_finds_linked_resources() -> None:
    resources = linked(deployment(), manifest("Service/shop/web", "spec: {selector: {app: web}}"))
    estate = Estate()
    estate.add(resources)
    assert estate.linked(resources[0], "Service") == [resources[1]]
    assert estate.linked(resources[1], "Deployment") == [resources[0]]


def shop(size: int) -> list[Resource]:
    """Many workloads, each with a Service, a budget and an account, and a Secret that all of them use."""
    texts = []
    for number in range(size):
        labels = f"{{app: a{number}, part-of: shop}}"
        texts.append(deployment(f"Deployment/shop/a{number}", labels, "{imagePullSecrets: [{name: pull}]}"))
        texts.append(manifest(f"Service/shop/a{number}", f"spec: {{selector: {labels}}}"))
        texts.append(
            manifest(f"PodDisruptionBudget/shop/a{number}", f"spec: {{selector: {{matchLabels: {labels}}}}}")
        )
        texts.append(manifest(f"ServiceAccount/shop/a{number}"))
    texts.append(manifest("Secret/shop/pull"))
    path = "all.yaml"
    resources, _ = build([(path, yaml_source.read(path, "---\n".join(texts)))])
    return resources


def calls(resources: list[Resource]) -> int:
    """How many functions of Python linking calls: unlike time, the same on a busy machine."""
    found = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal found
        found += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        link(resources)
    finally:
        sys.setprofile(before)
    return found


def test_the_cost_of_links_grows_with_the_number_of_objects() -> None:
    small, large = shop(100), shop(400)
    assert calls(large) < 4.5 * calls(small)
    assert len(large[0].links) == 3
    assert len(large[-1].links) == 400


WORDS = """
    annotations any backend backendRefs claimName configMapRef containers env envFrom http
    imagePullSecrets includedNamespaces initContainers items jobTemplate key kind labels
    matchExpressions matchLabels matchNames metadata name namespace namespaceSelector operator
    parentRefs paths persistentVolumeClaim podSelector projected roleRef rules scaleTargetRef
    secret secretKeyRef secretName selector service serviceAccountName serviceName sources spec
    storageClassName subjects template tls valueFrom values volumes
"""
KEYS = WORDS.split()
PLACE = Span("x.yaml", 1, 1, 1, 2)
leaves: st.SearchStrategy[object] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.sampled_from(["a", "b", "Service", "*", ""])
)
leaves = leaves | st.just(Unknown("is not known", span=PLACE))
shapes: st.SearchStrategy[object] = st.recursive(
    leaves,
    lambda children: (
        st.dictionaries(st.sampled_from(KEYS), children, max_size=5).map(lambda found: Map(found, PLACE))
        | st.lists(children, max_size=3).map(lambda found: List(found, PLACE))
    ),
    max_leaves=25,
)
KINDS = sorted(
    {*VERSIONS, "Pod", "Service", "Namespace", "Secret", "List", "PodList", "PersistentVolumeClaim"}
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(KEYS), shapes)), max_size=4)
)
def test_no_shape_of_a_manifest_breaks_the_builder_or_the_links(
    objects: list[tuple[str, dict[str, object]]],
) -> None:
    documents = []
    for kind, rest in objects:
        body = Map({**rest, "apiVersion": VERSIONS.get(kind, "v1"), "kind": kind}, PLACE)
        documents.append(YamlDocument(body, PLACE))
    resources, _ = build([("x.yaml", YamlFile(documents))])
    link(resources)
    addresses = {resource.address for resource in resources}
    for resource in resources:
        assert {item.address for item in resource.links} <= addresses
