"""A container as it will run: with the defaults of the API, of its pod and of its namespace.

Sources: `pkg/apis/core/v1/defaults.go` (probes, pull policy, requests from limits, host ports, limit
ranges) of Kubernetes; https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ (what a
container takes from its pod, and when privilege escalation cannot be switched off);
https://kubernetes.io/docs/concepts/policy/limit-range/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from readiness.values import List, Map, Unknown, take_spans

# Fields of a pod's security context that hold for each container which does not say otherwise.
_INHERITED = (
    "runAsUser",
    "runAsGroup",
    "runAsNonRoot",
    "seLinuxOptions",
    "seccompProfile",
    "appArmorProfile",
    "windowsOptions",
)
_PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
# The API takes 0 for absent, too.
_PROBE_NUMBERS = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_HTTP = {"path": "/", "scheme": "HTTP"}
_TAG = re.compile(r":([^/:@]+)(?:@|$)")


def effective_container(container: Map, pod: Map, limits: Iterable[Map] = ()) -> Map:
    """A copy of a container with what it leaves out filled in; what is written keeps its place.

    `limits` are the items of the LimitRanges of its namespace.  A value that is taken from the pod stands
    where the pod has it; a default stands nowhere, so that what is pointed at is the container.
    """
    result = _copy(container)
    security = _security(container, pod)
    if security is not None:
        result["securityContext"] = security
    result["resources"] = _resources(container, [item for item in limits if _applies(item)])
    image = container.get("image")
    if container.get("imagePullPolicy") in (None, ""):
        result["imagePullPolicy"] = image if isinstance(image, Unknown) else pull_policy(image)
    for key in _PROBES:
        probe = container.get(key)
        if isinstance(probe, Map):
            result[key] = _probe(probe)
    ports = container.get("ports")
    if isinstance(ports, List):
        result["ports"] = _ports(ports, pod.get("hostNetwork"))
    return result


def pull_policy(image: Any) -> str:
    """The `imagePullPolicy` of a container that has none: by the tag of its image."""
    text = image if isinstance(image, str) else ""
    tag = _TAG.search(text)
    if tag is not None:
        return "Always" if tag[1] == "latest" else "IfNotPresent"
    return "IfNotPresent" if "@" in text else "Always"


def _copy(value: Map) -> Map:
    return Map(value, value.span, dict(value.key_spans), dict(value.value_spans), value.origin)


def _fill(target: Map, source: Map, keys: Iterable[str]) -> None:
    """Take from `source`, with its place, what `target` does not have."""
    for key in keys:
        if target.get(key) is None and source.get(key) is not None:
            target[key] = source[key]
            target.key_spans.pop(key, None)
            target.value_spans.pop(key, None)
            take_spans(target, key, source, key)


def _security(container: Map, pod: Map) -> Map | Unknown | None:
    own, shared = container.get("securityContext"), pod.get("securityContext")
    if isinstance(own, Unknown):
        return own
    result = _copy(own) if isinstance(own, Map) else Map(span=container.span, origin=container.origin)
    if isinstance(shared, Unknown):
        for key in _INHERITED:
            if result.get(key) is None:
                result[key] = shared
    elif isinstance(shared, Map):
        windows, inherited = result.get("windowsOptions"), shared.get("windowsOptions")
        if isinstance(windows, Map) and isinstance(inherited, Map):
            merged = result["windowsOptions"] = _copy(windows)
            _fill(merged, inherited, inherited)
        _fill(result, shared, _INHERITED)
    _escalation(result)
    return result


def _escalation(security: Map) -> None:
    """`allowPrivilegeEscalation`: true unless switched off, and always true of what has every right."""
    capabilities = security.get("capabilities")
    added = capabilities.get("add") if isinstance(capabilities, Map) else None
    names = added if isinstance(added, List) else ()
    if (
        security.get("privileged") is True
        or any(name in ("CAP_SYS_ADMIN", "SYS_ADMIN") for name in names)
        or security.get("allowPrivilegeEscalation") is None
    ):
        security["allowPrivilegeEscalation"] = True


def _applies(item: Map) -> bool:
    return item.get("type") == "Container"


def _resources(container: Map, limits: Sequence[Map]) -> Map | Unknown:
    written = container.get("resources")
    if isinstance(written, Unknown):
        return written
    own = written if isinstance(written, Map) else Map(span=container.span, origin=container.origin)
    result = _copy(own)
    amounts = [own.get(key) for key in ("requests", "limits")]
    if any(isinstance(amount, Unknown) for amount in amounts):
        return result
    shown = container.span_of("resources") or own.span
    requests, bounds = (
        _copy(amount) if isinstance(amount, Map) else Map(span=shown, origin=own.origin) for amount in amounts
    )
    # The limits that are written stand in for requests before any LimitRange is asked.
    _fill(requests, bounds, list(bounds))
    for item in limits:
        _default(bounds, item, ("default", "max"))
        _default(requests, item, ("defaultRequest", "default", "max", "min"))
    result["requests"], result["limits"] = requests, bounds
    return result


def _default(target: Map, item: Map, keys: Sequence[str]) -> None:
    for key in keys:
        amounts = item.get(key)
        if isinstance(amounts, Map):
            for name, amount in amounts.items():
                if target.get(name) is None:
                    target[name] = amount


def _probe(probe: Map) -> Map:
    result = _copy(probe)
    for key, number in _PROBE_NUMBERS.items():
        if _is_unset(probe.get(key)):
            result[key] = number
    http, grpc = probe.get("httpGet"), probe.get("grpc")
    if isinstance(http, Map):
        result["httpGet"] = _copy(http)
        for key, text in _HTTP.items():
            if http.get(key) in (None, ""):
                result["httpGet"][key] = text
    if isinstance(grpc, Map) and grpc.get("service") is None:
        result["grpc"] = _copy(grpc)
        result["grpc"]["service"] = ""
    return result


def _is_unset(value: Any) -> bool:
    return value is None or (value == 0 and not isinstance(value, (bool, Unknown)))


def _ports(ports: List, on_host: Any) -> List:
    items: list[Any] = []
    for port in ports:
        if isinstance(port, Map):
            result = _copy(port)
            if port.get("protocol") in (None, ""):
                result["protocol"] = "TCP"
            if on_host is True and _is_unset(port.get("hostPort")):
                result["hostPort"] = port.get("containerPort")
            elif isinstance(on_host, Unknown) and _is_unset(port.get("hostPort")):
                result["hostPort"] = on_host
            items.append(result)
        else:
            items.append(port)
    return List(items, ports.span, list(ports.item_spans))
