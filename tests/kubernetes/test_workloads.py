"""Which objects run pods, where their templates stand, and which of their containers do what."""

from __future__ import annotations

import pytest

from readiness.errors import UsageError
from readiness.estate.model import Estate, Resource, in_view
from readiness.kubernetes.build import build, with_templates
from readiness.kubernetes.linking.links import link
from readiness.kubernetes.workloads import parse_path, parse_templates
from readiness.sources import yaml_source
from readiness.values import Map, Unknown

POD = "{containers: [{name: main, image: 'a:1'}]}"


def built(text: str, path: str = "app.yaml") -> list[Resource]:
    resources, errors = build([(path, yaml_source.read(path, text))])
    assert errors == []
    return resources


def one(text: str) -> Resource:
    (resource,) = built(text)
    return resource


# The kind as it is written, its type, and whether its pods end.
SINGLE = [
    ("v1", "Pod", "metadata: {name: a}\nspec: POD", "Pod", False),
    ("apps.openshift.io/v1", "DeploymentConfig", "spec: {template: {spec: POD}}", "DeploymentConfig", False),
    ("argoproj.io/v1alpha1", "Rollout", "spec: {template: {spec: POD}}", "argoproj.io/Rollout", False),
    (
        "serving.knative.dev/v1",
        "Service",
        "spec: {template: {spec: POD}}",
        "serving.knative.dev/Service",
        False,
    ),
    (
        "serving.knative.dev/v1",
        "Configuration",
        "spec: {template: {spec: POD}}",
        "serving.knative.dev/Configuration",
        False,
    ),
    ("apps.kruise.io/v1alpha1", "CloneSet", "spec: {template: {spec: POD}}", "CloneSet", False),
    (
        "apps.kruise.io/v1beta1",
        "StatefulSet",
        "spec: {template: {spec: POD}}",
        "apps.kruise.io/StatefulSet",
        False,
    ),
    ("keda.sh/v1alpha1", "ScaledJob", "spec: {jobTargetRef: {template: {spec: POD}}}", "ScaledJob", True),
    ("batch/v1", "Job", "spec: {template: {spec: POD}}", "Job", True),
    ("batch/v1", "CronJob", "spec: {jobTemplate: {spec: {template: {spec: POD}}}}", "CronJob", True),
    (
        "jobset.x-k8s.io/v1alpha2",
        "JobSet",
        "spec: {replicatedJobs: [{name: w, template: {spec: {template: {spec: POD}}}}]}",
        "JobSet",
        True,
    ),
    # By its shape, which does not say whether it runs for long.
    ("example.com/v1", "Game", "spec: {template: {spec: POD}}", "Game", True),
]


@pytest.mark.parametrize(("version", "kind", "rest", "type_", "ends"), SINGLE, ids=[row[3] for row in SINGLE])
def test_kinds_with_one_template(version: str, kind: str, rest: str, type_: str, ends: bool) -> None:
    resource = one(f"apiVersion: {version}\nkind: {kind}\n{rest.replace('POD', POD)}\n")
    assert resource.type == type_
    assert resource.workload is not None
    assert [container["name"] for container in resource.workload.containers] == ["main"]
    assert in_view(resource, "pod")
    assert in_view(resource, "workload") is not ends


NOT_WHOLE = [
    "spec: {template: {spec: {containers: [{name: pooler}]}}}",
    "spec: {template: {spec: {containers: [{name: a, image: 'a:1'}, {name: pooler}]}}}",
    "spec: {template: {spec: {containers: []}}}",
    "spec: {template: {containers: [{image: 'a:1'}]}}",
    "spec: {template: nothing}",
]


@pytest.mark.parametrize("rest", NOT_WHOLE)
def test_a_custom_kind_without_a_whole_template_is_no_workload(rest: str) -> None:
    assert one(f"apiVersion: example.com/v1\nkind: Game\n{rest}\n").workload is None


def test_a_built_in_kind_is_not_recognised_by_its_shape() -> None:
    text = f"apiVersion: networking.k8s.io/v1\nkind: Ingress\nspec: {{template: {{spec: {POD}}}}}\n"
    assert one(text).workload is None


@pytest.mark.parametrize(("policy", "long"), [("Never", False), ("OnFailure", False), ("Always", True)])
def test_pods_of_a_named_kind_that_are_not_restarted_end(policy: str, long: bool) -> None:
    pod = POD.replace("{containers", f"{{restartPolicy: {policy}, containers")
    resource = one(f"apiVersion: example.com/v1\nkind: Run\nspec: {{pods: {{spec: {pod}}}}}\n")
    (resource,) = with_templates([resource], parse_templates({"Run": "spec.pods"}))
    assert in_view(resource, "pod")
    assert in_view(resource, "workload") is long


JOB_SET = f"""\
apiVersion: jobset.x-k8s.io/v1alpha2
kind: JobSet
metadata: {{name: train, namespace: ml}}
spec:
  replicatedJobs:
    - name: driver
      template: {{spec: {{template: {{metadata: {{labels: {{role: driver}}}}, spec: {POD}}}}}}}
    - template: {{spec: {{template: {{metadata: {{labels: {{role: worker}}}}, spec: {POD}}}}}}}
"""


def test_several_templates_are_a_resource_each() -> None:
    whole, driver, worker = built(JOB_SET)
    assert [r.address for r in (whole, driver, worker)] == [
        "JobSet/ml/train",
        "JobSet/ml/train[driver]",
        "JobSet/ml/train[1]",
    ]
    assert whole.workload is None
    assert driver.workload is not None
    assert driver.workload.template_labels == {"role": "driver"}
    assert worker.workload is not None
    assert worker.workload.template_labels == {"role": "worker"}
    assert whole.links is not driver.links
    assert (driver.body, driver.header) == (whole.body, whole.header)


def test_entries_of_a_mapping_are_named_by_their_keys() -> None:
    text = (
        "apiVersion: kubeflow.org/v1\nkind: PyTorchJob\nmetadata: {name: net}\nspec:\n  pytorchReplicaSpecs:\n"
        f"    Master: {{template: {{spec: {POD}}}}}\n    Worker: {{template: {{spec: {POD}}}}}\n"
    )
    assert [r.address for r in built(text)] == [
        "PyTorchJob/net",
        "PyTorchJob/net[Master]",
        "PyTorchJob/net[Worker]",
    ]


CONTAINERS = """\
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  initContainers:
    - {name: migrate, image: "a:1"}
    - name: proxy
      image: "b:1"
      restartPolicy: Always
    - {name: later, image: "c:1", restartPolicy: !Ref policy}
  containers:
    - {name: main, image: "d:1"}
  ephemeralContainers:
    - {name: debug, image: "e:1"}
"""


def test_containers_are_told_apart() -> None:
    workload = one(CONTAINERS).workload
    assert workload is not None

    def names(containers: list[object]) -> list[object]:
        return [c["name"] if isinstance(c, Map) else type(c) for c in containers]

    assert names(workload.containers) == ["main"]
    assert names(workload.init_containers) == ["migrate", "proxy", "later"]
    assert names(workload.sidecar_containers) == ["proxy", Unknown]
    assert names(workload.ephemeral_containers) == ["debug"]
    assert names(workload.all_containers) == ["main", "migrate", "proxy", "later", "debug"]
    assert [span.line for span in workload.all_containers.item_spans] == [12, 6, 7, 10, 14]
    assert [span.line for span in workload.sidecar_containers.item_spans] == [7, 10]


ROLLOUT = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {{name: web, namespace: shop}}
spec:
  replicas: 3
  workloadRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:
  replicas: 0
  template: {{metadata: {{labels: {{app: web}}}}, spec: {POD}}}
---
apiVersion: v1
kind: Service
metadata: {{name: web, namespace: shop}}
spec: {{selector: {{app: web}}}}
"""


def test_a_rollout_takes_the_template_of_the_deployment_that_it_names() -> None:
    rollout, deployment, service = built(ROLLOUT)
    assert rollout.workload is not None
    assert deployment.workload is not None
    assert rollout.workload.pod is deployment.workload.pod
    assert not in_view(rollout, "pod"), "its containers are judged at the Deployment"
    assert in_view(deployment, "pod")
    link([rollout, deployment, service])
    estate = Estate()
    estate.add([rollout, deployment, service])
    assert {r.address for r in estate.linked(service, "workload")} == {
        "Rollout/shop/web",
        "Deployment/shop/web",
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: web}\n---", "name: other}\n---"),
        ("kind: Deployment, name: web}\n---", "kind: ReplicaSet, name: web}\n---"),
        (
            "metadata: {name: web, namespace: shop}\nspec:\n  replicas: 0",
            "metadata: {name: web}\nspec:\n  replicas: 0",
        ),
    ],
)
def test_a_rollout_that_names_nothing_here_has_no_template(old: str, new: str) -> None:
    assert old in ROLLOUT
    assert built(ROLLOUT.replace(old, new))[0].workload is None


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("spec.template", ("spec", "template")),
        ("spec.tasks[*].template", ("spec", "tasks", "*", "template")),
        ("spec.groups.*.template", ("spec", "groups", "*", "template")),
    ],
)
def test_written_paths(text: str, path: tuple[str, ...]) -> None:
    assert parse_path(text) == path


@pytest.mark.parametrize("text", ["spec..template", "spec.tasks[0].template", ".spec", "spec.a b", "spec."])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="the pod template of 'Game'"):
        parse_templates({"Game": text})


def test_templates_that_a_user_names() -> None:
    text = (
        "apiVersion: batch.volcano.sh/v1alpha1\nkind: Job\nmetadata: {name: train}\n"
        f"spec: {{tasks: [{{name: ps, template: {{spec: {POD}}}}}, {{name: w, template: {{spec: {POD}}}}}]}}\n---\n"
        f"apiVersion: example.com/v1\nkind: Game\nmetadata: {{name: chess}}\nspec: {{template: {{spec: {POD}}}}}\n"
    )
    resources = built(text)
    assert [(r.address, r.workload is not None) for r in resources] == [
        ("Job/train", False),
        ("Game/chess", True),
    ]
    templates = parse_templates({"batch.volcano.sh/Job": "spec.tasks[*].template", "Game": ""})
    for _ in range(2):
        resources = with_templates(resources, templates)
        assert [(r.address, r.workload is not None) for r in resources] == [
            ("Job/train", False),
            ("Job/train[ps]", True),
            ("Job/train[w]", True),
            ("Game/chess", False),
        ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", True),
        ("off", False),
        ("012", 10),
        ("0o7", 7),
        ("1_000", 1000),
        ("1e3", 1000),
        ("~", None),
        ("=", "="),
        ("22:22", "22:22"),
        ("2026-01-31", "2026-01-31"),
        ("1E", "1E"),
        ("0.5Gi", "0.5Gi"),
        ('"yes"', "yes"),
        ('"012"', "012"),
    ],
)
def test_scalars_are_what_the_api_gets(written: str, value: object) -> None:
    resource = one(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n"
        f"  - name: main\n    env:\n    - name: X\n      value: {written}\n"
    )
    assert resource.workload is not None
    got = resource.workload.containers[0]["env"][0]["value"]
    assert (got, type(got)) == (value, type(value))
