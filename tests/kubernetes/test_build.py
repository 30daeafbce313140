"""Documents become resources with addresses, types, labels and spans."""

from __future__ import annotations

import pytest

from readiness.errors import SourceError
from readiness.estate.model import Resource
from readiness.kubernetes.build import build
from readiness.sources import json_source, yaml_source
from readiness.values import List, Map, Span, Unknown

PATH = "k8s/app.yaml"


def built(text: str, path: str = PATH) -> tuple[list[Resource], list[SourceError]]:
    return build([(path, yaml_source.read(path, text))])


def one(text: str) -> Resource:
    resources, errors = built(text)
    assert errors == []
    (resource,) = resources
    return resource


def test_a_resource() -> None:
    resource = one(
        "apiVersion: apps/v1\n"
        "kind: Deployment\n"
        "metadata:\n"
        "  name: web\n"
        "  namespace: shop\n"
        "  labels:\n"
        "    app: web\n"
        "  annotations: {note: x}\n"
        "spec: {}\n"
        "\n"
    )
    assert resource.address == "Deployment/shop/web"
    assert (resource.type, resource.name, resource.namespace) == ("Deployment", "web", "shop")
    assert (resource.platform, resource.root) == ("kubernetes", ".")
    assert resource.environment is None
    assert resource.span == Span(PATH, 1, 1, 9, 9)
    assert resource.header == Span(PATH, 4, 3, 4, 12)
    assert resource.labels == {"app": "web"}
    assert isinstance(resource.labels, Map)
    assert resource.labels.span == Span(PATH, 7, 5, 7, 13)
    assert resource.annotations == {"note": "x"}
    assert resource.body["metadata"]["labels"] is resource.labels


@pytest.mark.parametrize(
    ("text", "address", "type_"),
    [
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", "Pod/a", "Pod"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: ns}\n", "Pod/ns/a", "Pod"),
        (
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a, namespace: ns}\n",
            "ClusterRole/a",
            "ClusterRole",
        ),
        (
            "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a, namespace: ns}\n",
            "Rollout/ns/a",
            "argoproj.io/Rollout",
        ),
        ("apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: run-}\n", "Job/run-*", "Job"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: 12}\n", "Pod/12", "Pod"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: on}\n", "Pod/true", "Pod"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: !Ref x}\n", "Pod/(unknown)", "Pod"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: [x], namespace: {}}\n", "Pod/(unnamed)", "Pod"),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n", "Pod/(unnamed)", "Pod"),
        (
            "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n",
            "KubeletConfiguration/(unnamed)",
            "KubeletConfiguration",
        ),
    ],
)
def test_addresses(text: str, address: str, type_: str) -> None:
    resource = one(text)
    assert (resource.address, resource.type) == (address, type_)


def test_the_header_is_the_kind_where_there_is_no_name() -> None:
    assert one("apiVersion: v1\nkind: Pod\nspec: {}\n").header == Span(PATH, 2, 1, 2, 10)
    assert one("apiVersion: v1\nkind: Pod\nmetadata:\n  generateName: a-\n").header == Span(PATH, 4, 3, 4, 19)


LIST = """\
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Service
    metadata:
      name: a
  - apiVersion: apps/v1
    kind: DeploymentList
    items:
      - metadata: {name: b}
        spec: {}
      - apiVersion: apps/v1
        kind: Deployment
        metadata: {name: c}
"""


def test_lists_are_unpacked() -> None:
    resources, errors = built(LIST)
    assert errors == []
    assert [(resource.address, resource.span) for resource in resources] == [
        ("Service/a", Span(PATH, 4, 5, 7, 14)),
        ("Deployment/b", Span(PATH, 11, 9, 12, 17)),
        ("Deployment/c", Span(PATH, 13, 9, 15, 28)),
    ]
    assert resources[1].body["kind"] == "Deployment"
    assert resources[1].header == Span(PATH, 11, 20, 11, 27)


def test_an_empty_list_has_no_resources() -> None:
    assert built("apiVersion: v1\nkind: List\nitems: []\n") == ([], [])


def test_a_kind_that_only_ends_in_list_is_a_resource() -> None:
    resource = one("apiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {}\n")
    assert resource.address == "AllowList/a"


def test_bad_items_of_a_list_are_named() -> None:
    resources, errors = built(
        "apiVersion: v1\nkind: List\nitems:\n- 5\n- {kind: Pod}\n- apiVersion: v1\n  kind: Pod\n- !Ref x\n"
    )
    assert [resource.address for resource in resources] == ["Pod/(unnamed)"]
    assert [(error.line, error.column, error.message) for error in errors] == [
        (4, 3, "item 1 of this List is not an object"),
        (5, 3, "item 2 of this List has no valid `apiVersion` and `kind`"),
    ]


def test_several_documents_files_and_formats() -> None:
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\nnot: one\n---\nx: [\n---\nkind: Pod\napiVersion: v1\n"
    json_text = '{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}'
    resources, errors = build(
        [
            ("a.yaml", yaml_source.read("a.yaml", text)),
            ("b.json", json_source.read("b.json", json_text)),
            ("c.yaml", yaml_source.read("c.yaml", text)),
        ]
    )
    assert [(resource.span.path, resource.address) for resource in resources] == [
        ("a.yaml", "Pod/a"),
        ("a.yaml", "Pod/(unnamed)"),
        ("b.json", "Secret/s"),
        ("c.yaml", "Pod/a"),
        ("c.yaml", "Pod/(unnamed)"),
    ]
    assert [(error.path, error.line) for error in errors] == [("a.yaml", 7), ("c.yaml", 7)]


def test_broken_metadata_is_an_error_with_its_place() -> None:
    resources, errors = built("apiVersion: v1\nkind: Pod\nmetadata: web\n")
    assert [resource.address for resource in resources] == ["Pod/(unnamed)"]
    assert errors == [SourceError(PATH, 3, 1, "the `metadata` of this Pod is not a mapping")]


@pytest.mark.parametrize(
    "rest",
    [
        "metadata: !Ref x\n",
        "metadata: {labels: [], annotations: 5}\n",
        "metadata: {name: a}\nspec: []\n",
        "metadata: {name: a}\nspec: {template: 5}\n",
        "metadata: {name: a}\nspec: {template: {metadata: 5, spec: {containers: {}}}}\n",
        "metadata: {name: a}\nspec: !Ref x\n",
    ],
)
def test_broken_objects_do_not_stop_the_run(rest: str) -> None:
    resource = one("apiVersion: apps/v1\nkind: Deployment\n" + rest)
    assert resource.type == "Deployment"
    assert resource.labels == {}


def test_unknown_labels_stay_unknown() -> None:
    resource = one("apiVersion: v1\nkind: Pod\nmetadata:\n  labels: !Ref x\n")
    assert isinstance(resource.labels, Unknown)


TEMPLATE = """\
      metadata:
        labels: {app: web}
        annotations: {note: x}
      spec:
        initContainers:
          - name: init
        containers:
          - name: main
          - name: side
"""


WORKLOADS = {
    "Deployment": "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n" + TEMPLATE,
    "StatefulSet": "apiVersion: apps/v1\nkind: StatefulSet\nspec:\n  template:\n" + TEMPLATE,
    "DaemonSet": "apiVersion: apps/v1\nkind: DaemonSet\nspec:\n  template:\n" + TEMPLATE,
    "ReplicaSet": "apiVersion: apps/v1\nkind: ReplicaSet\nspec:\n  template:\n" + TEMPLATE,
    "ReplicationController": "apiVersion: v1\nkind: ReplicationController\nspec:\n  template:\n" + TEMPLATE,
    "Job": "apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n" + TEMPLATE,
    "CronJob": "apiVersion: batch/v1\nkind: CronJob\nspec:\n jobTemplate:\n  spec:\n   template:\n"
    + TEMPLATE,
    "Rollout": "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec:\n  template:\n" + TEMPLATE,
    "Knative": "apiVersion: serving.knative.dev/v1\nkind: Service\nspec:\n  template:\n" + TEMPLATE,
    "DeploymentConfig": "apiVersion: apps.openshift.io/v1\nkind: DeploymentConfig\nspec:\n  template:\n"
    + TEMPLATE,
    "Pod": "apiVersion: v1\nkind: Pod\n" + "".join(line[6:] + "\n" for line in TEMPLATE.splitlines()),
}


@pytest.mark.parametrize("text", WORKLOADS.values(), ids=WORKLOADS.keys())
def test_the_pod_view_of_every_kind(text: str) -> None:
    workload = one(text).workload
    assert workload is not None
    assert workload.template_labels == {"app": "web"}
    assert workload.template_annotations == {"note": "x"}
    assert [container["name"] for container in workload.containers] == ["main", "side"]
    assert [container["name"] for container in workload.init_containers] == ["init"]
    assert workload.containers is workload.pod["containers"]
    line = text.splitlines().index(next(row for row in text.splitlines() if "name: side" in row)) + 1
    span = workload.containers.item_spans[1]
    assert (span.path, span.line) == (PATH, line)


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Service\nspec: {template: {spec: {}}}\n",
        "apiVersion: apps/v1\nkind: Deployment\n",
        "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {}}\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {workloadRef: {kind: Deployment, name: a}}\n",
        "apiVersion: v1\nkind: PodTemplate\ntemplate: {spec: {}}\n",
    ],
)
def test_no_pod_view_without_a_pod_spec(text: str) -> None:
    assert one(text).workload is None


def test_absent_containers_are_an_empty_list_at_the_pod_spec() -> None:
    workload = one("apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: true\n").workload
    assert workload is not None
    assert (workload.containers, workload.init_containers) == ([], [])
    assert workload.containers.span == Span(PATH, 4, 3, 4, 20)
    assert (workload.template_labels, workload.template_annotations) == ({}, {})


def test_unknown_containers_stay_unknown() -> None:
    workload = one("apiVersion: v1\nkind: Pod\nspec:\n  containers: !Ref x\n").workload
    assert workload is not None
    assert isinstance(workload.containers, List)
    assert isinstance(workload.containers[0], Unknown)
    assert workload.containers.item_spans == [Span(PATH, 4, 15, 4, 21)]


def test_entries_that_are_no_containers_are_left_out() -> None:
    workload = one("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - null\n  - name: a\n  - 5\n").workload
    assert workload is not None
    assert workload.containers == [{"name": "a"}]
    assert workload.containers.item_spans == [Span(PATH, 6, 5, 6, 12)]
