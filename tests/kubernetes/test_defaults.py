"""A container as it will run: defaults of the API, of its pod and of its namespace."""

from __future__ import annotations

from typing import Any

import pytest

from readiness.estate.model import Estate, Resource
from readiness.kubernetes.build import build
from readiness.kubernetes.defaults import effective_container, pull_policy
from readiness.policy.cel import CelError
from readiness.policy.workloads import Containers, count, scaled
from readiness.sources import yaml_source
from readiness.values import List, Map, Unknown

PATH = "pod.yaml"


def mapping(text: str) -> Map:
    root = yaml_source.read(PATH, text).documents[0].root
    assert isinstance(root, Map)
    return root


def effective(container: str, pod: str = "{}", *limits: str) -> Map:
    return effective_container(mapping(container), mapping(pod), [mapping(item) for item in limits])


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:1.29", "IfNotPresent"),
        ("registry:5000/nginx", "Always"),
        ("registry:5000/nginx:1", "IfNotPresent"),
        ("nginx@sha256:abc", "IfNotPresent"),
        ("nginx:latest@sha256:abc", "Always"),
        ("nginx:1@sha256:abc", "IfNotPresent"),
    ],
)
def test_the_pull_policy_follows_the_tag(image: str, policy: str) -> None:
    assert pull_policy(image) == policy
    assert effective(f"{{image: '{image}'}}")["imagePullPolicy"] == policy
    assert effective(f"{{image: '{image}', imagePullPolicy: Never}}")["imagePullPolicy"] == "Never"


SECURITY: list[tuple[str, str, str, Any]] = [
    # The container, the pod, a field, what holds.
    ("{}", "{}", "runAsUser", None),
    ("{}", "{runAsUser: 5}", "runAsUser", 5),
    ("{runAsUser: 0}", "{runAsUser: 5}", "runAsUser", 0),
    ("{runAsUser: null}", "{runAsUser: 5}", "runAsUser", 5),
    ("{runAsNonRoot: false}", "{runAsNonRoot: true}", "runAsNonRoot", False),
    ("{}", "{runAsGroup: 7}", "runAsGroup", 7),
    ("{}", "{fsGroup: 7}", "fsGroup", None),
    (
        "{seccompProfile: {type: Localhost}}",
        "{seccompProfile: {type: Unconfined}}",
        "seccompProfile",
        {"type": "Localhost"},
    ),
    ("{seLinuxOptions: {type: a}}", "{seLinuxOptions: {user: b}}", "seLinuxOptions", {"type": "a"}),
    (
        "{windowsOptions: {runAsUserName: a}}",
        "{windowsOptions: {hostProcess: true, runAsUserName: b}}",
        "windowsOptions",
        {"runAsUserName": "a", "hostProcess": True},
    ),
    ("{}", "{capabilities: {drop: [ALL]}}", "capabilities", None),
    ("{}", "{}", "allowPrivilegeEscalation", True),
    ("{allowPrivilegeEscalation: false}", "{}", "allowPrivilegeEscalation", False),
    ("{allowPrivilegeEscalation: false, privileged: true}", "{}", "allowPrivilegeEscalation", True),
    (
        "{allowPrivilegeEscalation: false, capabilities: {add: [CAP_SYS_ADMIN]}}",
        "{}",
        "allowPrivilegeEscalation",
        True,
    ),
]


@pytest.mark.parametrize(("own", "shared", "field", "value"), SECURITY)
def test_security_contexts_are_combined(own: str, shared: str, field: str, value: Any) -> None:
    result = effective(f"{{securityContext: {own}}}", f"{{securityContext: {shared}}}")
    assert result["securityContext"].get(field) == value


def test_values_stand_where_they_are_written() -> None:
    container = mapping("name: a\nsecurityContext:\n  runAsUser: 5\n")
    pod = mapping("securityContext:\n\n\n\n  runAsUser: 6\n  runAsGroup: 7\n")
    security = effective_container(container, pod)["securityContext"]
    assert security.span_of("runAsUser").line == 3
    assert security.span_of("runAsGroup").line == 6
    assert security.span_of("allowPrivilegeEscalation") is None
    assert "runAsGroup" not in container["securityContext"], "the manifest itself stays as it is"


def test_a_container_that_says_nothing_is_pointed_at_itself() -> None:
    container = mapping("name: a\nimage: b\n")
    result = effective_container(container, Map())
    assert result["securityContext"].span == container.span
    assert result["resources"].span == container.span


def test_what_is_unknown_stays_unknown() -> None:
    own = effective("{securityContext: !Ref a}", "{securityContext: {runAsUser: 5}}")
    assert isinstance(own["securityContext"], Unknown)
    shared = effective("{securityContext: {runAsUser: 5}}", "{securityContext: !Ref a}")["securityContext"]
    assert shared["runAsUser"] == 5
    assert isinstance(shared["runAsNonRoot"], Unknown)
    assert isinstance(effective("{resources: !Ref a}")["resources"], Unknown)
    assert isinstance(effective("{resources: {limits: !Ref a}}")["resources"]["limits"], Unknown)
    assert isinstance(effective("{image: !Ref a}")["imagePullPolicy"], Unknown)


RESOURCES: list[tuple[str, list[str], dict[str, Any], dict[str, Any]]] = [
    ("{}", [], {}, {}),
    ("{limits: {cpu: 1}}", [], {"cpu": 1}, {"cpu": 1}),
    ("{requests: {cpu: 2}, limits: {cpu: 3}}", [], {"cpu": 2}, {"cpu": 3}),
    ("{}", ["{type: Container, default: {memory: 1Gi}}"], {"memory": "1Gi"}, {"memory": "1Gi"}),
    ("{}", ["{type: Container, max: {memory: 2Gi}}"], {"memory": "2Gi"}, {"memory": "2Gi"}),
    ("{}", ["{type: Container, min: {memory: 1Mi}}"], {"memory": "1Mi"}, {}),
    (
        "{}",
        ["{type: Container, defaultRequest: {cpu: 1}, default: {cpu: 2}, max: {cpu: 3}}"],
        {"cpu": 1},
        {"cpu": 2},
    ),
    # The limit that is written comes before the default request.
    ("{limits: {cpu: 4}}", ["{type: Container, defaultRequest: {cpu: 1}}"], {"cpu": 4}, {"cpu": 4}),
    ("{requests: {cpu: 4}}", ["{type: Container, default: {cpu: 1}}"], {"cpu": 4}, {"cpu": 1}),
    ("{}", ["{type: Pod, max: {memory: 2Gi}}"], {}, {}),
]


@pytest.mark.parametrize(("written", "limits", "requests", "bounds"), RESOURCES)
def test_requests_and_limits(
    written: str, limits: list[str], requests: dict[str, Any], bounds: dict[str, Any]
) -> None:
    resources = effective(f"{{resources: {written}}}", "{}", *limits)["resources"]
    assert (resources["requests"], resources["limits"]) == (requests, bounds)


def test_probes_have_their_defaults() -> None:
    result = effective(
        "{livenessProbe: {httpGet: {port: 80, path: ''}, periodSeconds: 0, failureThreshold: 5},"
        " readinessProbe: {grpc: {port: 90}, timeoutSeconds: 4}}"
    )
    live, ready = result["livenessProbe"], result["readinessProbe"]
    assert (live["timeoutSeconds"], live["periodSeconds"], live["failureThreshold"]) == (1, 10, 5)
    assert live["httpGet"] == {"port": 80, "path": "/", "scheme": "HTTP"}
    assert (ready["timeoutSeconds"], ready["successThreshold"], ready["grpc"]["service"]) == (4, 1, "")
    assert "startupProbe" not in result


@pytest.mark.parametrize(
    ("pod", "port", "expected"),
    [
        ("{}", "{containerPort: 80}", {"containerPort": 80, "protocol": "TCP"}),
        (
            "{hostNetwork: true}",
            "{containerPort: 80}",
            {"containerPort": 80, "protocol": "TCP", "hostPort": 80},
        ),
        (
            "{hostNetwork: true}",
            "{containerPort: 80, hostPort: 0, protocol: UDP}",
            {"containerPort": 80, "protocol": "UDP", "hostPort": 80},
        ),
    ],
)
def test_ports_on_the_network_of_the_host(pod: str, port: str, expected: dict[str, Any]) -> None:
    result = effective(f"{{ports: [{port}]}}", pod)
    assert result["ports"] == [expected]
    assert isinstance(result["ports"], List)


def _resources(text: str, variant: str = "") -> list[Resource]:
    resources, errors = build([(PATH, yaml_source.read(PATH, text))])
    assert errors == []
    for resource in resources:
        resource.root, resource.variant = "overlays", variant
    return resources


TWO = """\
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: shop}
spec: {containers: [{name: a, image: "a:1"}]}
---
apiVersion: v1
kind: LimitRange
metadata: {name: defaults, namespace: shop}
spec: {limits: [{type: Container, default: {memory: 1Gi}}]}
"""


def test_limit_ranges_hold_in_their_namespace_and_environment() -> None:
    prod, stage = _resources(TWO, "prod"), _resources(TWO.replace("1Gi", "2Gi"), "stage")
    elsewhere = _resources(TWO.split("---")[0].replace("shop", "other"))
    estate = Estate()
    estate.add([*prod, *stage, *elsewhere])
    containers = Containers(estate)
    limits = []
    for pod in (prod[0], stage[0], elsewhere[0]):
        assert pod.workload is not None
        limits.append(containers.effective(pod, pod.workload.containers[0])["resources"]["limits"])
    assert limits == [{"memory": "1Gi"}, {"memory": "2Gi"}, {}]


def test_a_container_is_worked_out_once() -> None:
    (pod,) = _resources(TWO.split("---")[0])
    estate = Estate()
    estate.add([pod])
    containers = Containers(estate)
    assert pod.workload is not None
    first = containers.effective(pod, pod.workload.containers[0])
    assert containers.effective(pod, pod.workload.containers[0]) is first
    assert containers.effective(pod, None) is None
    assert containers.effective(None, first) is first


@pytest.mark.parametrize(
    ("value", "total", "up", "expected"),
    [
        (2, 10, True, 2),
        ("25%", 10, True, 3),
        ("25%", 10, False, 2),
        ("0%", 10, True, 0),
        ("1%", 1, True, 1),
        ("100%", 3, False, 3),
        (None, 3, True, None),
        ("25%", None, True, None),
    ],
)
def test_whole_numbers_of_percentages(value: Any, total: Any, up: bool, expected: int | None) -> None:
    assert scaled(value, total, up) == expected


@pytest.mark.parametrize("value", ["25", "a%", "-1%", 2.5, True, "25 %"])
def test_what_is_neither_number_nor_percentage(value: Any) -> None:
    with pytest.raises(CelError, match="neither a whole number nor a percentage"):
        scaled(value, 10, True)


@pytest.mark.parametrize(
    ("number", "noun", "expected"),
    [
        (1, "replica", "1 replica"),
        (0, "replica", "0 replicas"),
        (2, "policy", "2 policies"),
        (3, "day", "3 days"),
        (2, "class", "2 classes"),
        ("1", "second", "1 second"),
        (1.5, "second", "1.5 seconds"),
        (None, "second", None),
    ],
)
def test_counted_words(number: Any, noun: str, expected: str | None) -> None:
    assert count(number, noun) == expected


def test_what_cannot_be_counted() -> None:
    with pytest.raises(CelError, match="count takes a number and a word"):
        count(List(), "replica")
