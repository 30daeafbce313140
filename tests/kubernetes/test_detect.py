"""Manifests are told from other YAML and JSON by their content."""

from __future__ import annotations

import pytest

from readiness.kubernetes.detect import is_kubernetes, looks_like_template, may_be_kubernetes
from readiness.kubernetes.kinds import group_of, is_cluster_scoped, type_name
from readiness.sources import json_source, yaml_source


def root(text: str) -> object:
    documents = yaml_source.read("x.yaml", text).documents
    return documents[0].root if documents else None


MANIFESTS = [
    "apiVersion: v1\nkind: Service\n",
    "apiVersion: apps/v1\nkind: Deployment\n",
    "apiVersion: autoscaling/v2beta2\nkind: HorizontalPodAutoscaler\n",
    "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\n",
    "apiVersion: backstage.io/v1alpha1\nkind: Component\n",
    "apiVersion: openslo/v1\nkind: SLO\n",
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n",
    "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n",
    "apiVersion: v1\nkind: List\nitems: []\n",
    "# c\n---\n'kind': Pod\n\"apiVersion\" : v1\n",
    "{apiVersion: v1, kind: Pod}\n",
    "--- {kind: Pod, apiVersion: v1}\n",
    '{"apiVersion":"v1","kind":"Pod"}',
    "  apiVersion: v1\n  kind: Pod\n",
    "\ufeffapiVersion: v1\r\nkind: Pod\r\n",
]


@pytest.mark.parametrize("text", MANIFESTS)
def test_manifests(text: str) -> None:
    assert may_be_kubernetes(text)
    assert is_kubernetes(root(text))


def test_json_manifests() -> None:
    text = '{\n  "kind": "Pod",\n  "apiVersion": "v1"\n}'
    assert may_be_kubernetes(text)
    assert is_kubernetes(json_source.read("x.json", text).documents[0].root)


OTHERS = {
    "chart": "apiVersion: v2\nname: web\ntype: application\nversion: 1.0.0\n",
    "chart dependencies": "apiVersion: v2\nname: web\ndependencies:\n  - name: a\n    kind: x\n",
    "values": "image:\n  tag: 1\nservice:\n  kind: ClusterIP\n  apiVersion: v1\n",
    "kustomization": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n",
    "component": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
    "kubeconfig": "apiVersion: v1\nkind: Config\nclusters: []\n",
    "kubeadm": "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\n",
    "kind": "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n",
    "skaffold": "apiVersion: skaffold/v4beta6\nkind: Config\n",
    "compose": "services:\n  web:\n    image: nginx\n",
    "workflow": "on: push\njobs:\n  a:\n    runs-on: x\n",
    "kind is a map": "apiVersion: v1\nkind: {a: b}\n",
    "version is a number": "apiVersion: 1\nkind: Pod\n",
    "no version": "apiVersion: apps/latest\nkind: Pod\n",
    "kind with spaces": "apiVersion: v1\nkind: a guide\n",
    "list": "- apiVersion: v1\n  kind: Pod\n",
    "text": "apiVersion and kind are keys",
    "empty": "",
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS.keys())
def test_other_files(text: str) -> None:
    assert not is_kubernetes(root(text))


@pytest.mark.parametrize("name", ["chart", "values", "compose", "workflow", "text", "empty"])
def test_other_files_are_not_even_parsed(name: str) -> None:
    assert not may_be_kubernetes(OTHERS[name])


TEMPLATES = {
    "value": "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Values.name }}\n",
    "line": "apiVersion: v1\nkind: Service\n{{- if .Values.on }}\nspec: {}\n{{- end }}\n",
    "indented line": 'metadata:\n  labels:\n    {{- include "x.labels" . | nindent 4 }}\n',
    "item": "args:\n  - {{ .foo }}\n",
    "item with key": "env:\n  - name: {{ .foo }}\n",
    "quoted": 'kind: Pod\nmetadata:\n  name: "{{ .Release.Name }}-web"\n',
    "inside a plain value": "kind: Pod\nmetadata:\n  name: web-{{ .Chart.Name }}\n",
    "comment directive": "{{/* a comment */}}\nkind: Pod\n",
    "after a block text": "a: |\n  x {{ y }}\nb: {{ z }}\n",
    "after a block text in an item": "- a: |\n    x\n  b: {{ z }}\n",
    "jinja block": "kind: Pod\n{% if x %}\na: 1\n{% endif %}\n",
    "jinja value": "kind: Pod\nname: {{ app_name }}\n",
}

NO_TEMPLATES = {
    "alert": 'annotations:\n  summary: "Instance {{ $labels.instance }} down"\n',
    "alert in a folded quote": 'summary: "Latency\n  {{ $value }} of {{ $labels.job }}"\n',
    "block text": 'data:\n  x.tmpl: |\n    {{ define "a" }}\n    {{ .Values.x }}\n\n    {% if y %}\n  other: 1\n',
    "folded text in an item": "- >-\n  {{ x }}\n- b\n",
    "header with a comment": "a: |2- # note\n  {{ x }}\n",
    "argo workflow": 'args: ["{{inputs.parameters.message}}"]\n',
    "inside a plain value": "name: web-{{workflow.uid}}\n",
    "helm release values": 'kind: HelmRelease\nspec:\n  values:\n    host: "{{ .Release.Name }}.example.com"\n',
    "comment": "# name: {{ .Values.name }}\nkind: Pod\n",
    "flow mapping": "a: {b: {c: d}}\n",
    "github": 'name: "${{ matrix.x }}"\n',
    "no braces": "kind: Pod\n",
}


@pytest.mark.parametrize("text", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_templates(text: str) -> None:
    assert looks_like_template(text)


@pytest.mark.parametrize("text", NO_TEMPLATES.values(), ids=NO_TEMPLATES.keys())
def test_manifests_with_braces_are_no_templates(text: str) -> None:
    assert not looks_like_template(text)


@pytest.mark.parametrize(
    ("api_version", "kind", "expected"),
    [
        ("v1", "Service", "Service"),
        ("apps/v1", "Deployment", "Deployment"),
        ("extensions/v1beta1", "Deployment", "Deployment"),
        ("networking.k8s.io/v1", "Ingress", "Ingress"),
        ("policy/v1", "PodDisruptionBudget", "PodDisruptionBudget"),
        ("rbac.authorization.k8s.io/v1", "Role", "Role"),
        ("apps.openshift.io/v1", "DeploymentConfig", "DeploymentConfig"),
        ("monitoring.coreos.com/v1", "PrometheusRule", "PrometheusRule"),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", "HTTPRoute"),
        ("cert-manager.io/v1", "Issuer", "Issuer"),
        ("networking.istio.io/v1", "VirtualService", "VirtualService"),
        ("serving.knative.dev/v1", "Service", "serving.knative.dev/Service"),
        ("argoproj.io/v1alpha1", "Rollout", "argoproj.io/Rollout"),
        ("argoproj.io/v1alpha1", "Application", "argoproj.io/Application"),
        ("argoproj.io/v1alpha1", "AppProject", "AppProject"),
        ("velero.io/v1", "Schedule", "velero.io/Schedule"),
        ("chaos-mesh.org/v1alpha1", "Schedule", "chaos-mesh.org/Schedule"),
        ("cert-manager.io/v1", "Certificate", "cert-manager.io/Certificate"),
        ("backstage.io/v1alpha1", "Component", "backstage.io/Component"),
        ("gateway.networking.k8s.io/v1", "Gateway", "gateway.networking.k8s.io/Gateway"),
        ("networking.istio.io/v1beta1", "Gateway", "networking.istio.io/Gateway"),
        ("flagger.app/v1beta1", "Canary", "flagger.app/Canary"),
        ("openslo/v1", "SLO", "openslo.com/SLO"),
        ("openslo.com/v1", "SLO", "openslo.com/SLO"),
        ("pyrra.dev/v1alpha1", "ServiceLevelObjective", "pyrra.dev/ServiceLevelObjective"),
        ("kyverno.io/v1", "ClusterPolicy", "kyverno.io/ClusterPolicy"),
        ("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "kustomize.toolkit.fluxcd.io/Kustomization"),
        ("example.com/v1", "PrometheusRule", "example.com/PrometheusRule"),
    ],
)
def test_type_names(api_version: str, kind: str, expected: str) -> None:
    assert type_name(group_of(api_version), kind) == expected


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("Namespace", True),
        ("ClusterRole", True),
        ("StorageClass", True),
        ("kyverno.io/ClusterPolicy", True),
        ("Role", False),
        ("Deployment", False),
    ],
)
def test_scope(type_: str, expected: bool) -> None:
    assert is_cluster_scoped(type_) is expected
