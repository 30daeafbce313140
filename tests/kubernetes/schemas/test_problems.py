"""What is said of an object, and where: built-in kinds."""

from __future__ import annotations

import textwrap

import pytest

from readiness.estate.build import from_texts
from readiness.kubernetes.schemas.model import LIMIT
from readiness.policy.manifests import Manifests
from readiness.values import Map, Unknown

Found = tuple[str, str, int, str]


def found(text: str, release: str = "1.37", path: str = "app.yaml") -> list[Found] | None:
    """The problems of the last object in a text: kind, path, line, message."""
    loaded = from_texts({path: textwrap.dedent(text)})
    assert loaded.errors == []
    resource = loaded.estate.resources[-1]
    problems = Manifests(loaded.estate, release).problems(resource)
    if problems is None:
        return None
    return [(p["kind"], p["path"], p.span.line if p.span else 0, p["message"]) for p in problems]


def deployment(spec: str = "", pod: str = "", container: str = "") -> str:
    """A Deployment with lines added to its parts; `spec` begins at line 5."""
    lines = ["apiVersion: apps/v1", "kind: Deployment", "metadata: {name: web}", "spec:"]
    lines += [f"  {line}" for line in spec.splitlines()]
    lines += ["  selector: {matchLabels: {app: web}}", "  template:", "    metadata: {labels: {app: web}}"]
    lines += ["    spec:", *(f"      {line}" for line in pod.splitlines())]
    lines += ["      containers:", "        - name: web", "          image: web:1"]
    lines += [f"          {line}" for line in container.splitlines()]
    return "\n".join(lines) + "\n"


CONTAINER = "spec.template.spec.containers[0]"
FIELDS = [
    # (additions, path below the container, line, end of the message)
    ("imagePullPolcy: Always", ".imagePullPolcy", 12, "; did you mean `imagePullPolicy`?"),
    ("imagepullpolicy: Always", ".imagepullpolicy", 12, "; did you mean `imagePullPolicy`?"),
    ("image_pull_policy: Always", ".image_pull_policy", 12, "; did you mean `imagePullPolicy`?"),
    ("runAsUser: 1000", ".runAsUser", 12, f": it belongs in `{CONTAINER}.securityContext`"),
    ("volumes: []", ".volumes", 12, ": it belongs one level up, in `spec.template.spec`"),
    ("nonsense: null", ".nonsense", 12, "of Kubernetes 1.37"),
]


@pytest.mark.parametrize(("text", "path", "line", "end"), FIELDS, ids=[row[0] for row in FIELDS])
def test_unknown_field(text: str, path: str, line: int, end: str) -> None:
    ((kind, where, at, message),) = found(deployment(container=text)) or []
    assert (kind, where, at) == ("unknown-field", CONTAINER + path, line)
    assert message.startswith(f"there is no field `{path[1:]}` in `{CONTAINER}` of Kubernetes 1.37")
    assert message.endswith(end)


def test_a_field_that_stands_beside_its_block() -> None:
    text = "replicas: 3\n" + deployment()
    ((_, path, line, message),) = found(text) or []
    assert (path, line) == ("replicas", 1)
    assert message == "there is no field `replicas` in a Deployment of Kubernetes 1.37: it belongs in `spec`"


TYPES = [
    (
        deployment('replicas: "3"'),
        "spec.replicas",
        5,
        '`replicas` is the text "3", a whole number is wanted: write it without quotes',
    ),
    (deployment("replicas: true"), "spec.replicas", 5, "`replicas` is true, a whole number is wanted"),
    (
        deployment("replicas: 1.5"),
        "spec.replicas",
        5,
        "`replicas` is the number 1.5, a whole number is wanted",
    ),
    (
        deployment('paused: "true"'),
        "spec.paused",
        5,
        '`paused` is the text "true", true or false is wanted: write it without quotes',
    ),
    (
        deployment(container="env:\n  - name: A\n    value: yes"),
        f"{CONTAINER}.env[0].value",
        14,
        "`value` is true, a text is wanted: put it in quotes"
        " (YAML reads `yes`, `no`, `on`, `off`, `y` and `n` as true and false)",
    ),
    (
        deployment(container="env:\n  - name: A\n    value: 8080"),
        f"{CONTAINER}.env[0].value",
        14,
        "`value` is the number 8080, a text is wanted: put it in quotes",
    ),
    (
        deployment(container="args: [1, b]"),
        f"{CONTAINER}.args[0]",
        12,
        "`args` is the number 1, a text is wanted: put it in quotes",
    ),
    (
        deployment(container="env: {A: b}"),
        f"{CONTAINER}.env",
        12,
        "`env` is a mapping, a list is wanted: begin each item with `- `",
    ),
    (
        deployment(container="resources: [a]"),
        f"{CONTAINER}.resources",
        12,
        "`resources` is a list, a mapping is wanted",
    ),
    (
        deployment(container="livenessProbe: {httpGet: {port: true}}"),
        f"{CONTAINER}.livenessProbe.httpGet.port",
        12,
        "`port` is true, a number or a text is wanted",
    ),
    (
        'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n  labels: {"a.b/c": 1}\n',
        'metadata.labels["a.b/c"]',
        5,
        "`a.b/c` is the number 1, a text is wanted: put it in quotes",
    ),
]


@pytest.mark.parametrize(("text", "path", "line", "message"), TYPES, ids=[row[3] for row in TYPES])
def test_wrong_type(text: str, path: str, line: int, message: str) -> None:
    assert found(text) == [("type", path, line, message)]


VALUES = [
    (
        deployment(container="resources: {limits: {memory: 1GB}}"),
        f"{CONTAINER}.resources.limits.memory",
        '`memory`, the text "1GB", is no quantity such as 500m or 1Gi',
    ),
    (
        deployment("replicas: 3000000000"),
        "spec.replicas",
        "`replicas`, the number 3000000000, does not fit 32 bits",
    ),
    (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nbinaryData: {a: x!}\n",
        "binaryData.a",
        '`a`, the text "x!", is not base64',
    ),
    # The text of a secret is not repeated.
    (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {password: hunter2!}\n",
        "data.password",
        "`password`, a text, is not base64",
    ),
    (
        "apiVersion: coordination.k8s.io/v1\nkind: Lease\nmetadata: {name: a}\nspec: {renewTime: today}\n",
        "spec.renewTime",
        '`renewTime`, the text "today", is no time such as 2026-01-31T00:00:00Z',
    ),
]


@pytest.mark.parametrize(("text", "path", "message"), VALUES, ids=[row[2] for row in VALUES])
def test_wrong_value(text: str, path: str, message: str) -> None:
    assert [(kind, where, said) for kind, where, _, said in found(text) or []] == [("value", path, message)]


FINE = [
    deployment(
        "replicas: 2\nstrategy: {rollingUpdate: {maxSurge: 25%, maxUnavailable: 0}}",
        "nodeSelector: {}\nvolumes: null",
        "resources: {requests: {cpu: 1, memory: 1.5e3, ephemeral-storage: 10Gi}, limits: {cpu: 0.5}}\n"
        'livenessProbe: {httpGet: {port: "80"}}\nports: null',
    ),
    # What another tool fills in.
    deployment("replicas: ${REPLICAS}", container="resources: {limits: {memory: '{{ memory }}'}}"),
    "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: '<path:kv/data/a#b>', b: 'ENC[AES256_GCM,x]'}\n",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  a: |\n    aGVsbG8g\n    d29ybGQ=\n",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: 'ENC[AES256_GCM,x]'}\nsops: {version: 3.9.0}\n",
    # The server fills in what is not written.
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec: {policyTypes: [Ingress]}\n",
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}\n"
    "aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}\n",
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a}\n"
    "roleRef: {kind: Role, name: a}\nsubjects: [{kind: User, name: a}]\n",
    # Status is not read, and two ports of one number are, of two protocols.
    "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nstatus: {anything: goes}\n"
    "spec: {ports: [{name: a, port: 53}, {name: b, port: 53, protocol: UDP}]}\n",
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: as.example.com}\n"
    "spec:\n  group: example.com\n  names: {kind: A, plural: as}\n  scope: Namespaced\n"
    "  versions:\n    - name: v1\n      served: true\n      storage: true\n"
    "      schema: {openAPIV3Schema: {type: object, additionalProperties: true}}\n",
]


@pytest.mark.parametrize("text", FINE)
def test_nothing_is_wrong(text: str) -> None:
    assert found(text) == []


def test_an_unknown_is_no_problem() -> None:
    loaded = from_texts({"app.yaml": deployment("replicas: 3")})
    resource = loaded.estate.resources[0]
    body: Map = resource.body
    body["spec"]["replicas"] = Unknown("var.replicas")
    body["spec"]["template"]["spec"]["containers"][0]["image"] = Unknown("var.image")
    body["spec"]["template"]["metadata"] = Unknown("var.metadata")
    assert Manifests(loaded.estate).problems(resource) == []


HPA = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\n"
MISSING = [
    (deployment().replace("name: web\n          image", "image"), f"{CONTAINER}.name", 10),
    (HPA, "spec", 0),
    (f"{HPA}spec: null\n", "spec", 4),
    (
        f"{HPA}spec:\n  maxReplicas: 3\n  scaleTargetRef:\n    kind: Deployment\n",
        "spec.scaleTargetRef.name",
        6,
    ),
]


@pytest.mark.parametrize(("text", "path", "line"), MISSING, ids=[row[1] for row in MISSING])
def test_missing(text: str, path: str, line: int) -> None:
    assert [(kind, where, at) for kind, where, at, _ in found(text) or []] == [("required", path, line)]


@pytest.mark.parametrize("path", ["config/patches/web.yaml", "web-patch.yaml"])
def test_a_patch_lacks_nothing(path: str) -> None:
    text = f"{HPA}spec: {{maxReplica: 3, scaleTargetRef: {{kind: Deployment, name: a}}}}\n"
    assert [kind for kind, *_ in found(text) or []] == ["unknown-field", "required"]
    assert [kind for kind, *_ in found(text, path=path) or []] == ["unknown-field"]


DUPLICATES = [
    (
        deployment(container="env:\n  - {name: A, value: b}\n  - {name: A, value: c}"),
        f"{CONTAINER}.env[1]",
        14,
        'two items of `env` have `name` "A"',
    ),
    (
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports:\n"
        "    - {name: a, port: 80}\n    - {name: b, port: 80, protocol: TCP}\n",
        "spec.ports[1]",
        7,
        'two items of `ports` have `port` the number 80 and `protocol` "TCP"',
    ),
]


@pytest.mark.parametrize(("text", "path", "line", "message"), DUPLICATES, ids=[row[1] for row in DUPLICATES])
def test_duplicates(text: str, path: str, line: int, message: str) -> None:
    assert found(text) == [("duplicate", path, line, message)]


KINDS = [
    ("v1", "Deployment", "1.37", 1, "`Deployment` is not in `v1` but in `apps/v1`"),
    ("apps/v1", "Deploymnt", "1.37", 2, "`apps/v1` has no kind `Deploymnt`; did you mean `Deployment`?"),
    (
        "resource.k8s.io/v1",
        "DeviceClass",
        "1.30",
        1,
        "`DeviceClass` of `resource.k8s.io/v1` came with Kubernetes 1.34; 1.30 is chosen",
    ),
]


@pytest.mark.parametrize(("version", "kind", "release", "line", "message"), KINDS)
def test_no_such_kind(version: str, kind: str, release: str, line: int, message: str) -> None:
    text = deployment().partition("\n")[2].replace("kind: Deployment", f"kind: {kind}")
    text = f"apiVersion: {version}\n{text}"
    assert [(k, at, said) for k, _, at, said in found(text, release) or []] == [("kind", line, message)]


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("v1", "Template"),  # of OpenShift
        ("v1", "ConfigMapList"),
        ("extensions/v1beta1", "Deployment"),  # gone, which its lifecycle says
        ("gateway.networking.k8s.io/v1", "HTTPRoute"),
        ("example.com/v1", "Thing"),
    ],
)
def test_without_a_schema(version: str, kind: str) -> None:
    text = deployment().partition("\n")[2].replace("kind: Deployment", f"kind: {kind}")
    assert found(f"apiVersion: {version}\n{text}any: thing\n") is None


def test_fields_come_with_releases() -> None:
    text = deployment(container="restartPolicy: Always")
    assert found(text, "1.37") == []
    ((_, path, _, message),) = found(text, "1.27") or []
    assert (path, message.partition(" of ")[2]) == (
        f"{CONTAINER}.restartPolicy",
        "Kubernetes 1.27: it belongs one level up, in `spec.template.spec`",
    )


def test_an_object_has_so_many_problems_and_no_more() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"
    assert len(found(text + "".join(f"  k{n}: {n}\n" for n in range(LIMIT + 20))) or []) == LIMIT
