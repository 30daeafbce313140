"""Links by name of the kinds that projects add: routes, meshes, secrets, delivery, storage, scaling."""

from __future__ import annotations

import pytest

from readiness.estate.model import Link, Resource
from readiness.kubernetes.build import build
from readiness.kubernetes.linking.links import link
from readiness.sources import yaml_source

VERSIONS = {
    "APIService": "apiregistration.k8s.io/v1",
    "AnalysisTemplate": "argoproj.io/v1alpha1",
    "AppProject": "argoproj.io/v1alpha1",
    "Application": "argoproj.io/v1alpha1",
    "ApplicationSet": "argoproj.io/v1alpha1",
    "Backup": "velero.io/v1",
    "Certificate": "cert-manager.io/v1",
    "Cluster": "postgresql.cnpg.io/v1",
    "ClusterAnalysisTemplate": "argoproj.io/v1alpha1",
    "ClusterExternalSecret": "external-secrets.io/v1",
    "ClusterIssuer": "cert-manager.io/v1",
    "ClusterSecretStore": "external-secrets.io/v1",
    "ClusterTriggerAuthentication": "keda.sh/v1alpha1",
    "CustomResourceDefinition": "apiextensions.k8s.io/v1",
    "Deployment": "apps/v1",
    "DestinationRule": "networking.istio.io/v1",
    "EndpointSlice": "discovery.k8s.io/v1",
    "ExternalSecret": "external-secrets.io/v1",
    "GRPCRoute": "gateway.networking.k8s.io/v1",
    "Gateway": "gateway.networking.k8s.io/v1",
    "GatewayClass": "gateway.networking.k8s.io/v1",
    "GitRepository": "source.toolkit.fluxcd.io/v1",
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "HelmRelease": "helm.toolkit.fluxcd.io/v2",
    "HelmRepository": "source.toolkit.fluxcd.io/v1",
    "Ingress": "networking.k8s.io/v1",
    "IngressClass": "networking.k8s.io/v1",
    "Issuer": "cert-manager.io/v1",
    "Kustomization": "kustomize.toolkit.fluxcd.io/v1",
    "MutatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
    "OCIRepository": "source.toolkit.fluxcd.io/v1",
    "Probe": "monitoring.coreos.com/v1",
    "PushSecret": "external-secrets.io/v1alpha1",
    "ReferenceGrant": "gateway.networking.k8s.io/v1beta1",
    "Rollout": "argoproj.io/v1alpha1",
    "Route": "route.openshift.io/v1",
    "RuntimeClass": "node.k8s.io/v1",
    "Schedule": "velero.io/v1",
    "ScaledObject": "keda.sh/v1alpha1",
    "SealedSecret": "bitnami.com/v1alpha1",
    "SecretProviderClass": "secrets-store.csi.x-k8s.io/v1",
    "SecretStore": "external-secrets.io/v1",
    "StatefulSet": "apps/v1",
    "StorageClass": "storage.k8s.io/v1",
    "TCPRoute": "gateway.networking.k8s.io/v1alpha2",
    "TriggerAuthentication": "keda.sh/v1alpha1",
    "VaultStaticSecret": "secrets.hashicorp.com/v1beta1",
    "VerticalPodAutoscaler": "autoscaling.k8s.io/v1",
    "VirtualService": "networking.istio.io/v1",
    "VolumeSnapshot": "snapshot.storage.k8s.io/v1",
    "VolumeSnapshotClass": "snapshot.storage.k8s.io/v1",
}


def manifest(address: str, rest: str = "", version: str | None = None, metadata: str = "") -> str:
    """`Kind/namespace/name` as a manifest; the kind may be followed by `:` and its version."""
    kind, _, place = address.partition("/")
    namespace, _, name = place.rpartition("/")
    named = f"name: {name}" + (f", namespace: {namespace}" if namespace else "")
    head = f"apiVersion: {version or VERSIONS.get(kind, 'v1')}\nkind: {kind}\n"
    return f"{head}metadata: {{{named}{', ' + metadata if metadata else ''}}}\n{rest}\n"


def linked(*texts: str, paths: tuple[str, ...] = ()) -> list[Resource]:
    files = []
    for index, text in enumerate(texts):
        path = paths[index] if paths else f"k8s/{index}.yaml"
        files.append((path, yaml_source.read(path, text)))
    resources, errors = build(files)
    assert errors == []
    link(resources)
    return resources


def pod(spec: str) -> str:
    return manifest("Pod/shop/p", f"spec: {{{spec}}}")


ISTIO = "networking.istio.io/v1"
MESH_ROUTE = "spec: {hosts: [web], http: [{route: [{destination: {host: HOST}}]}]}"
EDGES: dict[str, tuple[str, str, str]] = {
    "grpc route": (
        manifest("GRPCRoute/shop/r", "spec: {rules: [{backendRefs: [{name: web}]}]}"),
        manifest("Service/shop/web"),
        "spec.rules.backendRefs",
    ),
    "mirror of a route": (
        manifest(
            "HTTPRoute/shop/r",
            "spec: {rules: [{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: web}}}]}]}",
        ),
        manifest("Service/shop/web"),
        "spec.rules.filters.requestMirror",
    ),
    "tcp route": (
        manifest("TCPRoute/shop/r", "spec: {rules: [{backendRefs: [{name: web, port: 80}]}]}"),
        manifest("Service/shop/web"),
        "spec.rules.backendRefs",
    ),
    "class of a gateway": (
        manifest("Gateway/edge/g", "spec: {gatewayClassName: envoy}"),
        manifest("GatewayClass/envoy"),
        "spec.gatewayClassName",
    ),
    "certificate of a gateway": (
        manifest("Gateway/edge/g", "spec: {listeners: [{tls: {certificateRefs: [{name: tls}]}}]}"),
        manifest("Secret/edge/tls"),
        "spec.listeners.tls.certificateRefs",
    ),
    "class of an ingress": (
        manifest("Ingress/shop/i", "spec: {ingressClassName: nginx}"),
        manifest("IngressClass/nginx"),
        "spec.ingressClassName",
    ),
    "issuer of an ingress": (
        manifest("Ingress/shop/i", "spec: {}", metadata="annotations: {cert-manager.io/cluster-issuer: le}"),
        manifest("ClusterIssuer/le"),
        "metadata.annotations",
    ),
    "openshift route": (
        manifest("Route/shop/r", "spec: {to: {kind: Service, name: web}}"),
        manifest("Service/shop/web"),
        "spec.to",
    ),
    "other backend of an openshift route": (
        manifest("Route/shop/r", "spec: {alternateBackends: [{kind: Service, name: web}]}"),
        manifest("Service/shop/web"),
        "spec.alternateBackends",
    ),
    "mesh route by a short name": (
        manifest("VirtualService/shop/v", MESH_ROUTE.replace("HOST", "web")),
        manifest("Service/shop/web"),
        "spec.http.route.destination.host",
    ),
    "mesh route by a full name": (
        manifest("VirtualService/shop/v", MESH_ROUTE.replace("HOST", "web.other.svc.cluster.local")),
        manifest("Service/other/web"),
        "spec.http.route.destination.host",
    ),
    "mesh route to the rules of its host": (
        manifest("VirtualService/shop/v", MESH_ROUTE.replace("HOST", "web.other.svc.cluster.local")),
        manifest("DestinationRule/mesh/d", "spec: {host: web.other.svc.cluster.local}"),
        "spec.http.route.destination.host",
    ),
    "mesh route to its gateway": (
        manifest("VirtualService/shop/v", "spec: {gateways: [edge/public, mesh]}"),
        manifest("Gateway/edge/public", "spec: {}", ISTIO),
        "spec.gateways",
    ),
    "destination rule": (
        manifest("DestinationRule/shop/d", "spec: {host: web}"),
        manifest("Service/shop/web"),
        "spec.host",
    ),
    "webhook": (
        manifest(
            "MutatingWebhookConfiguration/m",
            "webhooks: [{clientConfig: {service: {name: hook, namespace: shop}}}]",
        ),
        manifest("Service/shop/hook"),
        "webhooks.clientConfig.service",
    ),
    "api service": (
        manifest("APIService/v1.x", "spec: {service: {name: api, namespace: shop}}"),
        manifest("Service/shop/api"),
        "spec.service",
    ),
    "slice of endpoints": (
        manifest("EndpointSlice/shop/db-1", metadata="labels: {kubernetes.io/service-name: db}"),
        manifest("Service/shop/db"),
        "metadata.labels",
    ),
    "custom object": (
        manifest("Gadget/shop/g", "spec: {}", "example.com/v1"),
        manifest("CustomResourceDefinition/gadgets", "spec: {group: example.com, names: {kind: Gadget}}"),
        "apiVersion",
    ),
    "store of an external secret": (
        manifest("ExternalSecret/shop/e", "spec: {secretStoreRef: {name: vault}}"),
        manifest("SecretStore/shop/vault"),
        "spec.secretStoreRef",
    ),
    "store of the cluster": (
        manifest("ExternalSecret/shop/e", "spec: {secretStoreRef: {kind: ClusterSecretStore, name: vault}}"),
        manifest("ClusterSecretStore/vault"),
        "spec.secretStoreRef",
    ),
    "store of one key": (
        manifest("ExternalSecret/shop/e", "spec: {data: [{sourceRef: {storeRef: {name: vault}}}]}"),
        manifest("SecretStore/shop/vault"),
        "spec.data.sourceRef.storeRef",
    ),
    "pushed secret": (
        manifest("PushSecret/shop/p", "spec: {selector: {secret: {name: s}}}"),
        manifest("Secret/shop/s"),
        "spec.selector.secret",
    ),
    "issuer of a certificate": (
        manifest("Certificate/shop/c", "spec: {issuerRef: {name: ca}}"),
        manifest("Issuer/shop/ca"),
        "spec.issuerRef",
    ),
    "authority of an issuer": (
        manifest("Issuer/shop/ca", "spec: {ca: {secretName: pair}}"),
        manifest("Secret/shop/pair"),
        "spec.ca.secretName",
    ),
    "application of a project": (
        manifest("Application/argocd/a", "spec: {project: shop}"),
        manifest("AppProject/argocd/shop"),
        "spec.project",
    ),
    "canary service of a rollout": (
        manifest("Rollout/shop/r", "spec: {strategy: {canary: {canaryService: web-canary}}}"),
        manifest("Service/shop/web-canary"),
        "spec.strategy.canary.canaryService",
    ),
    "preview service of a rollout": (
        manifest("Rollout/shop/r", "spec: {strategy: {blueGreen: {previewService: next}}}"),
        manifest("Service/shop/next"),
        "spec.strategy.blueGreen.previewService",
    ),
    "analysis of a step": (
        manifest(
            "Rollout/shop/r",
            "spec: {strategy: {canary: {steps: [{analysis: {templates: [{templateName: t}]}}]}}}",
        ),
        manifest("AnalysisTemplate/shop/t"),
        "spec.strategy.canary.steps.analysis",
    ),
    "analysis of the cluster": (
        manifest(
            "Rollout/shop/r",
            "spec: {strategy: {canary: {analysis: {templates: [{templateName: t, clusterScope: true}]}}}}",
        ),
        manifest("ClusterAnalysisTemplate/t"),
        "spec.strategy.canary.analysis",
    ),
    "source of a release": (
        manifest(
            "HelmRelease/shop/h",
            "spec: {chart: {spec: {sourceRef: {kind: HelmRepository, name: c, namespace: flux-system}}}}",
        ),
        manifest("HelmRepository/flux-system/c"),
        "spec.chart.spec.sourceRef",
    ),
    "chart of a release": (
        manifest("HelmRelease/shop/h", "spec: {chartRef: {kind: OCIRepository, name: c}}"),
        manifest("OCIRepository/shop/c"),
        "spec.chartRef",
    ),
    "values of a release": (
        manifest("HelmRelease/shop/h", "spec: {valuesFrom: [{kind: Secret, name: v}]}"),
        manifest("Secret/shop/v"),
        "spec.valuesFrom",
    ),
    "source of a kustomization": (
        manifest("Kustomization/flux-system/k", "spec: {sourceRef: {kind: GitRepository, name: g}}"),
        manifest("GitRepository/flux-system/g"),
        "spec.sourceRef",
    ),
    "what a kustomization waits for": (
        manifest("Kustomization/flux-system/k", "spec: {dependsOn: [{name: crds}]}"),
        manifest("Kustomization/flux-system/crds", "spec: {}"),
        "spec.dependsOn",
    ),
    "vertical autoscaler": (
        manifest(
            "VerticalPodAutoscaler/shop/v",
            "spec: {targetRef: {apiVersion: apps/v1, kind: StatefulSet, name: db}}",
        ),
        manifest("StatefulSet/shop/db", "spec: {}"),
        "spec.targetRef",
    ),
    "credentials of a scaler": (
        manifest("ScaledObject/shop/s", "spec: {triggers: [{authenticationRef: {name: mq}}]}"),
        manifest("TriggerAuthentication/shop/mq", "spec: {}"),
        "spec.triggers.authenticationRef",
    ),
    "credentials of the cluster": (
        manifest(
            "ScaledObject/shop/s",
            "spec: {triggers: [{authenticationRef: {kind: ClusterTriggerAuthentication, name: mq}}]}",
        ),
        manifest("ClusterTriggerAuthentication/mq", "spec: {}"),
        "spec.triggers.authenticationRef",
    ),
    "secret of credentials": (
        manifest("TriggerAuthentication/shop/mq", "spec: {secretTargetRef: [{name: s, key: host}]}"),
        manifest("Secret/shop/s"),
        "spec.secretTargetRef",
    ),
    "volume of a claim": (
        manifest("PersistentVolumeClaim/shop/c", "spec: {volumeName: v}"),
        manifest("PersistentVolume/v", "spec: {}"),
        "spec.volumeName",
    ),
    "snapshot that a claim is made of": (
        manifest(
            "PersistentVolumeClaim/shop/c",
            "spec: {dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: s}}",
        ),
        manifest("VolumeSnapshot/shop/s", "spec: {}"),
        "spec.dataSource",
    ),
    "class of a snapshot": (
        manifest("VolumeSnapshot/shop/s", "spec: {volumeSnapshotClassName: ebs}"),
        manifest("VolumeSnapshotClass/ebs"),
        "spec.volumeSnapshotClassName",
    ),
    "runtime class": (
        pod("runtimeClassName: gvisor"),
        manifest("RuntimeClass/gvisor"),
        "runtimeClassName",
    ),
    "secrets of a store driver": (
        pod("volumes: [{name: v, csi: {volumeAttributes: {secretProviderClass: vault}}}]"),
        manifest("SecretProviderClass/shop/vault"),
        "volumes.csi.volumeAttributes.secretProviderClass",
    ),
    "class of an ephemeral volume": (
        pod(
            "volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {storageClassName: fast}}}}]",
        ),
        manifest("StorageClass/fast"),
        "volumes.ephemeral.volumeClaimTemplate.spec.storageClassName",
    ),
    "probe of an ingress": (
        manifest("Probe/shop/p", "spec: {targets: {ingress: {selector: {matchLabels: {app: web}}}}}"),
        manifest("Ingress/shop/i", "spec: {}", metadata="labels: {app: web}"),
        "spec.targets.ingress.selector",
    ),
    "gateway of a mesh": (
        manifest("Gateway/edge/g", "spec: {selector: {istio: ingress}}", ISTIO),
        manifest("Pod/istio-system/p", "spec: {}", metadata="labels: {istio: ingress}"),
        "spec.selector",
    ),
    "backup of namespaces by a glob": (
        manifest("Backup/velero/b", "spec: {includedNamespaces: ['shop-*']}"),
        manifest("Namespace/shop-web"),
        "spec.includedNamespaces",
    ),
}


@pytest.mark.parametrize(("source", "target", "via"), EDGES.values(), ids=EDGES.keys())
def test_every_edge_runs_both_ways(source: str, target: str, via: str) -> None:
    for texts in ((source, target), (target, source)):
        resources = linked(*texts)
        first, second = resources if texts[0] is source else resources[::-1]
        assert Link(second.address, via) in list(first.links)
        assert Link(first.address, via) in list(second.links)


NO_EDGES = {
    "route of another project": (
        manifest("Route/shop/r", "spec: {to: {kind: Service, name: web}}", "serving.knative.dev/v1"),
        manifest("Service/shop/web"),
    ),
    "host outside of the cluster": (
        manifest("VirtualService/shop/v", MESH_ROUTE.replace("HOST", "web.example.com")),
        manifest("Service/example/web"),
    ),
    "short host of another namespace": (
        manifest("VirtualService/shop/v", MESH_ROUTE.replace("HOST", "web")),
        manifest("Service/other/web"),
    ),
    "excluded namespace": (
        manifest("Schedule/velero/s", "spec: {template: {excludedNamespaces: [shop]}}"),
        manifest("Namespace/shop"),
    ),
    "namespaces that are not known": (
        manifest("Schedule/velero/s", "spec: {template: {includedNamespaces: !Ref x}}"),
        manifest("Namespace/shop"),
    ),
    "issuer of another project": (
        manifest(
            "Ingress/shop/i",
            "spec: {}",
            metadata="annotations: {cert-manager.io/issuer: ca, cert-manager.io/issuer-group: example.com}",
        ),
        manifest("Issuer/shop/ca"),
    ),
    "secret that is only filled": (
        pod("imagePullSecrets: [{name: s}]"),
        manifest("ExternalSecret/shop/e", "spec: {target: {name: s, creationPolicy: Merge}}"),
    ),
    "name that is not known": (
        pod("imagePullSecrets: [{name: !Ref x}]"),
        manifest("Secret/shop/s"),
    ),
}


@pytest.mark.parametrize("texts", NO_EDGES.values(), ids=NO_EDGES.keys())
def test_what_is_not_linked(texts: tuple[str, str]) -> None:
    assert [list(resource.links) for resource in linked(*texts)] == [[], []]


MAKERS = {
    "external secret": ("ExternalSecret/shop/e", "spec: {target: {name: s}}"),
    "external secret without a target": ("ExternalSecret/shop/s", "spec: {}"),
    "sealed secret": ("SealedSecret/shop/s", "spec: {encryptedData: {}}"),
    "template of a sealed secret": ("SealedSecret/shop/x", "spec: {template: {metadata: {name: s}}}"),
    "certificate": ("Certificate/shop/c", "spec: {secretName: s}"),
    "vault": ("VaultStaticSecret/shop/v", "spec: {destination: {name: s, create: true}}"),
    "store driver": ("SecretProviderClass/shop/c", "spec: {secretObjects: [{secretName: s}]}"),
    "cluster external secret": (
        "ClusterExternalSecret/c",
        "spec: {externalSecretName: x, externalSecretSpec: {target: {name: s}}, namespaces: [shop]}",
    ),
}


@pytest.mark.parametrize(("address", "rest"), MAKERS.values(), ids=MAKERS.keys())
def test_a_secret_means_what_makes_it(address: str, rest: str) -> None:
    maker, user = linked(manifest(address, rest), pod("imagePullSecrets: [{name: s}]"))
    assert list(user.links) == [Link(maker.address, "imagePullSecrets")]
    assert list(maker.links) == [Link("Pod/shop/p", "imagePullSecrets")]


def test_a_cluster_external_secret_makes_one_in_each_namespace_that_it_selects() -> None:
    cluster = manifest(
        "ClusterExternalSecret/s",
        "spec: {namespaceSelector: {matchLabels: {team: shop}}, externalSecretSpec: {target: {name: s}}}",
    )
    space = manifest("Namespace/shop", metadata="labels: {team: shop}")
    maker, _, user = linked(cluster, space, pod("imagePullSecrets: [{name: s}]"))
    assert Link(maker.address, "imagePullSecrets") in list(user.links)


def test_a_database_makes_secrets_and_services() -> None:
    route = manifest("HTTPRoute/shop/r", "spec: {rules: [{backendRefs: [{name: db-rw}]}]}")
    cluster, user, routed = linked(
        manifest("Cluster/shop/db", "spec: {}"), pod("imagePullSecrets: [{name: db-app}]"), route
    )
    assert list(cluster.links) == [
        Link(user.address, "imagePullSecrets"),
        Link(routed.address, "spec.rules.backendRefs"),
    ]


def test_a_claim_means_the_set_that_makes_it() -> None:
    made = manifest(
        "StatefulSet/shop/db", "spec: {replicas: 2, volumeClaimTemplates: [{metadata: {name: data}}]}"
    )
    for number, expected in ((1, 1), (2, 0)):
        volume = f"volumes: [{{name: v, persistentVolumeClaim: {{claimName: data-db-{number}}}}}]"
        assert len(linked(made, pod(volume))[0].links) == expected


@pytest.mark.parametrize(
    ("grant", "links"),
    [
        ("from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge}]", 1),
        ("from: [{group: gateway.networking.k8s.io, kind: GRPCRoute, namespace: edge}]", 0),
        ("from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: other}]", 0),
        ("from: [{group: '', kind: HTTPRoute, namespace: edge}]", 0),
    ],
)
def test_a_route_is_linked_with_the_grant_that_permits_it(grant: str, links: int) -> None:
    route = manifest("HTTPRoute/edge/r", "spec: {rules: [{backendRefs: [{name: web, namespace: shop}]}]}")
    granting = manifest("ReferenceGrant/shop/g", f"spec: {{{grant}, to: [{{group: '', kind: Service}}]}}")
    assert len(linked(granting, route, manifest("Service/shop/web"))[0].links) == links


def test_an_application_is_linked_with_what_its_folder_holds() -> None:
    application = manifest(
        "Application/argocd/a", "spec: {source: {repoURL: https://x.example/r.git, path: ./apps/web/}}"
    )
    paths = ("argocd/a.yaml", "apps/web/s.yaml", "apps/web/more/t.yaml", "apps/web-old/u.yaml")
    services = [manifest(f"Service/shop/{name}") for name in ("s", "t", "u")]
    found = linked(application, *services, paths=paths)
    assert [item.address for item in found[0].links] == ["Service/shop/s", "Service/shop/t"]
    assert list(found[3].links) == []


def test_an_application_set_is_linked_with_the_folders_that_it_generates() -> None:
    generators = "[{matrix: {generators: [{git: {repoURL: r, directories: [{path: 'apps/*'}]}}]}}]"
    source = "template: {spec: {source: {repoURL: r, path: '{{ .path.path }}'}}}"
    application = manifest("ApplicationSet/argocd/a", f"spec: {{generators: {generators}, {source}}}")
    paths = ("argocd/a.yaml", "apps/web/s.yaml", "infra/web/t.yaml")
    found = linked(application, manifest("Service/shop/s"), manifest("Service/shop/t"), paths=paths)
    assert [item.address for item in found[0].links] == ["Service/shop/s"]


def test_a_rendered_home_is_found_by_the_folder_it_comes_from() -> None:
    application = manifest(
        "Application/argocd/a", "spec: {source: {repoURL: r, path: apps/web/overlays/prod}}"
    )
    texts = (application, manifest("Service/shop/web"), manifest("Service/shop/web"))
    files = [(f"apps/web/{n}.yaml", yaml_source.read(f"{n}.yaml", text)) for n, text in enumerate(texts)]
    resources, _ = build(files)
    for resource, variant in zip(resources[1:], ("dev", "prod"), strict=True):
        resource.root, resource.variant = "apps/web", variant
    link(resources, {("apps/web", name): f"apps/web/overlays/{name}" for name in ("dev", "prod")})
    assert [item.target for item in resources[0].links] == [resources[2]]


def test_what_is_rendered_for_one_environment_is_not_linked_with_another() -> None:
    service, web = (
        manifest("Service/shop/web", "spec: {selector: {app: web}}"),
        manifest("Pod/shop/web", "spec: {imagePullSecrets: [{name: s}]}", metadata="labels: {app: web}"),
    )
    texts = [service, web, manifest("Secret/shop/s")] * 3
    files = [("base/all.yaml", yaml_source.read("base/all.yaml", text)) for text in texts]
    resources, _ = build(files)
    for index, resource in enumerate(resources):
        resource.root, resource.variant = "apps/web", ("dev", "stage", "prod")[index // 3]
    link(resources)
    for index in (0, 3, 6):
        assert [item.target for item in resources[index].links] == [resources[index + 1]]
        assert [item.target for item in resources[index + 1].links] == [
            resources[index],
            resources[index + 2],
        ]


def test_the_environment_of_another_root_is_nearest() -> None:
    web = manifest("Pod/shop/web", "spec: {imagePullSecrets: [{name: s}]}")
    texts = [web, manifest("Secret/shop/s"), manifest("Secret/shop/s")]
    files = [(f"{n}.yaml", yaml_source.read(f"{n}.yaml", text)) for n, text in enumerate(texts)]
    resources, _ = build(files)
    for resource, root, variant in zip(
        resources, ("web", "secrets", "secrets"), ("prod", "dev", "prod"), strict=True
    ):
        resource.root, resource.variant = root, variant
    link(resources)
    assert [item.target for item in resources[0].links] == [resources[2]]
