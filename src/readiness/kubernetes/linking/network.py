"""What objects of the network name: ingresses, routes, gateways, meshes, webhooks.

Sources: the API reference of Kubernetes 1.33; the resource definitions of the Gateway API 1.4
(https://gateway-api.sigs.k8s.io/reference/spec/); Istio 1.27
(https://istio.io/latest/docs/reference/config/networking/); OpenShift 4.19 (`route.openshift.io/v1`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from readiness.estate.model import Resource
from readiness.kubernetes.kinds import group_of
from readiness.kubernetes.linking.mentions import (
    Finder,
    Found,
    Reference,
    grouped,
    inner,
    named,
    namespace_in,
    namespace_of,
    of_group,
)
from readiness.values import List, Map, Unknown, dig, maps

GATEWAY_GROUP = "gateway.networking.k8s.io"
_CLUSTER_DOMAIN = ".svc.cluster.local"


def _ingress(body: Map, spec: Map, namespace: str) -> Found:
    backends = [("spec.defaultBackend", spec.get("defaultBackend")), ("spec.backend", spec.get("backend"))]
    for rule in maps(spec.get("rules")):
        for path in maps(dig(rule, "http", "paths")):
            backends.append(("spec.rules.http.paths.backend", path.get("backend")))
    for via, backend in backends:
        yield from named(f"{via}.service.name", "Service", namespace, dig(backend, "service"))
        yield from named(f"{via}.serviceName", "Service", namespace, backend, "serviceName")
    for tls in maps(spec.get("tls")):
        yield from named("spec.tls.secretName", "Secret", namespace, tls, "secretName")
    yield from named("spec.ingressClassName", "IngressClass", "", spec, "ingressClassName")
    yield from issuer_annotations(body, namespace)


def issuer_annotations(body: Map, namespace: str) -> Found:
    """The issuer that annotations of an Ingress or Gateway name.

    One of another kind or group is not of cert-manager itself.
    Source: https://cert-manager.io/docs/usage/ingress/
    """
    annotations = inner(body, "metadata", "annotations")
    if "cert-manager.io/issuer-kind" in annotations or "cert-manager.io/issuer-group" in annotations:
        return
    via = "metadata.annotations"
    yield from named(via, "ClusterIssuer", "", annotations, "cert-manager.io/cluster-issuer")
    yield from named(via, "Issuer", namespace, annotations, "cert-manager.io/issuer")


def _route(body: Map, spec: Map, namespace: str) -> Found:
    for rule in maps(spec.get("rules")):
        yield from _backends("spec.rules", rule, namespace)
        for filter_ in maps(rule.get("filters")):
            yield from _filter(filter_, namespace)
        for backend in maps(rule.get("backendRefs")):
            for filter_ in maps(backend.get("filters")):
                yield from _filter(filter_, namespace)
    for parent in maps(spec.get("parentRefs")):
        yield from grouped("spec.parentRefs", parent, namespace, GATEWAY_GROUP, "Gateway", True)


def _backends(via: str, rule: Map, namespace: str) -> Found:
    for backend in maps(rule.get("backendRefs")):
        yield from grouped(f"{via}.backendRefs", backend, namespace, "", "Service", True)


def _filter(filter_: Map, namespace: str) -> Found:
    mirror = dig(filter_, "requestMirror", "backendRef")
    yield from grouped("spec.rules.filters.requestMirror", mirror, namespace, "", "Service", True)
    extension = filter_.get("extensionRef")
    yield from grouped("spec.rules.filters.extensionRef", extension, namespace, "", None)


def _gateway(body: Map, spec: Map, namespace: str) -> Found:
    yield from named("spec.gatewayClassName", "GatewayClass", "", spec, "gatewayClassName")
    for listener in maps(spec.get("listeners")):
        for reference in maps(dig(listener, "tls", "certificateRefs")):
            via = "spec.listeners.tls.certificateRefs"
            yield from grouped(via, reference, namespace, "", "Secret", True)
    parameters = dig(spec, "infrastructure", "parametersRef")
    yield from grouped("spec.infrastructure.parametersRef", parameters, namespace, "", None)
    yield from issuer_annotations(body, namespace)


def _parameters(body: Map, spec: Map, namespace: str) -> Found:
    """Parameters of a GatewayClass (`parametersRef`) or IngressClass (`parameters`)."""
    key = "parametersRef" if body.get("kind") == "GatewayClass" else "parameters"
    holder = inner(spec, key)
    group, kind = holder.get("apiGroup", holder.get("group", "")), holder.get("kind")
    if isinstance(group, str) and isinstance(kind, str):
        yield from of_group(f"spec.{key}", holder, "", group, kind, elsewhere=True)


def _openshift_route(body: Map, spec: Map, namespace: str) -> Found:
    if group_of(str(body.get("apiVersion"))) != "route.openshift.io":
        return
    targets = [("spec.to", spec.get("to"))]
    targets += [("spec.alternateBackends", other) for other in maps(spec.get("alternateBackends"))]
    for via, target in targets:
        if dig(target, "kind") in (None, "", "Service"):
            yield from named(via, "Service", namespace, target)
    certificate = dig(spec, "tls", "externalCertificate")
    yield from named("spec.tls.externalCertificate", "Secret", namespace, certificate)


def mesh_host(host: Any, namespace: str) -> tuple[str, str] | None:
    """The Service (name, namespace) that a host of Istio means; None for one outside of the cluster.

    A short name is taken from the namespace of the rule.  `name.namespace` means a Service only where the
    registry has no such domain, so it is left alone.
    """
    if not isinstance(host, str) or not host or "*" in host:
        return None
    if "." not in host:
        return host, namespace
    name, _, rest = host.partition(".")
    place = (
        rest.removesuffix(_CLUSTER_DOMAIN) if rest.endswith(_CLUSTER_DOMAIN) else rest.removesuffix(".svc")
    )
    return (name, place) if place != rest and place and "." not in place else None


def destinations(spec: Map) -> Iterator[tuple[str, Map]]:
    """Every destination of a VirtualService, with the path that leads to it."""
    for protocol in ("http", "tls", "tcp"):
        for rule in maps(spec.get(protocol)):
            for route in maps(rule.get("route")):
                if isinstance(route.get("destination"), Map):
                    yield f"spec.{protocol}.route.destination", route["destination"]
            if isinstance(rule.get("mirror"), Map):
                yield "spec.http.mirror", rule["mirror"]
            for mirror in maps(rule.get("mirrors")):
                if isinstance(mirror.get("destination"), Map):
                    yield "spec.http.mirrors.destination", mirror["destination"]


HOST = "networking.istio.io/host"
"""Stands for the rules of a host: a DestinationRule is found by its host, and not by its name."""


def host_key(host: Any, namespace: str) -> tuple[str, str] | None:
    """The namespace and name that the rules of a host are kept under; no namespace for one outside."""
    if not isinstance(host, str) or not host or "*" in host:
        return None
    place = mesh_host(host, namespace)
    return ("", host) if place is None else (place[1], place[0])


def _host(via: str, holder: Any, namespace: str) -> Found:
    place = mesh_host(dig(holder, "host"), namespace)
    if place is not None and isinstance(holder, Map):
        yield Reference(via, "Service", place[1], place[0], holder, "host")


def _virtual_service(body: Map, spec: Map, namespace: str) -> Found:
    for via, destination in destinations(spec):
        yield from _host(f"{via}.host", destination, namespace)
        key = host_key(destination.get("host"), namespace)
        if key is not None:
            entries = ((destination, "subset"),) if "subset" in destination else ()
            yield Reference(f"{via}.host", HOST, *key, destination, "host", False, entries)
    gateways = spec.get("gateways")
    if not isinstance(gateways, List):
        return
    for index, written in enumerate(gateways):
        if isinstance(written, str) and written != "mesh":
            place, slash, name = written.rpartition("/")
            span = gateways.span_of(index)
            holder = Map({"name": written}, span, {}, {"name": span} if span else {})
            gateway = "networking.istio.io/Gateway"
            yield Reference("spec.gateways", gateway, place if slash else namespace, name, holder)


def _destination_rule(body: Map, spec: Map, namespace: str) -> Found:
    yield from _host("spec.host", spec, namespace)


def _webhooks(body: Map, spec: Map, namespace: str) -> Found:
    for webhook in maps(body.get("webhooks")):
        service = dig(webhook, "clientConfig", "service")
        yield from _located("webhooks.clientConfig.service", service)


def _conversion(body: Map, spec: Map, namespace: str) -> Found:
    service = dig(spec, "conversion", "webhook", "clientConfig", "service")
    yield from _located("spec.conversion.webhook.clientConfig.service", service)


def _api_service(body: Map, spec: Map, namespace: str) -> Found:
    yield from _located("spec.service", spec.get("service"))


def _located(via: str, service: Any) -> Found:
    """A Service named with its namespace, which is required."""
    place = namespace_in(service, None)
    if place is not None:
        yield from named(via, "Service", place, service)


def _endpoints(body: Map, spec: Map, namespace: str) -> Found:
    """Endpoints that are written by hand have the name of their Service, slices a label with it.

    Source: https://kubernetes.io/docs/concepts/services-networking/service/#services-without-selectors
    """
    metadata = inner(body, "metadata")
    if body.get("kind") == "Endpoints":
        yield from named("metadata.name", "Service", namespace, metadata)
    else:
        label = "kubernetes.io/service-name"
        yield from named("metadata.labels", "Service", namespace, metadata.get("labels"), label)


def _knative(body: Map, spec: Map, namespace: str) -> Found:
    for target in maps(spec.get("traffic")):
        yield from named("spec.traffic", "Revision", namespace, target, "revisionName")


def needs_grant(resource: Resource, reference: Reference) -> bool:
    """Whether the Gateway API wants a ReferenceGrant in the namespace that is referred to.

    A route needs none for the Gateway it attaches to.
    Source: https://gateway-api.sigs.k8s.io/api-types/referencegrant/
    """
    return (
        reference.type in ("Service", "Secret")
        and reference.namespace != namespace_of(resource)
        and group_of(str(resource.body.get("apiVersion"))) == GATEWAY_GROUP
        and reference.via.startswith("spec.")
    )


def grants(grant: Resource, route: Resource, reference: Reference) -> bool | Unknown:
    """Whether a ReferenceGrant lets an object of another namespace refer to what it refers to."""
    group, kind = group_of(str(route.body.get("apiVersion"))), route.body.get("kind")
    source = {"group": group, "kind": kind, "namespace": namespace_of(route)}
    from_ = _any_entry(dig(grant.body, "spec", "from"), source, ())
    target = {"group": "", "kind": reference.type, "name": reference.name}
    to = _any_entry(dig(grant.body, "spec", "to"), target, ("name",))
    for part in (from_, to):
        if part is False:
            return False
    return from_ if isinstance(from_, Unknown) else to


def _any_entry(entries: Any, wanted: dict[str, Any], optional: Iterable[str]) -> bool | Unknown:
    if isinstance(entries, Unknown):
        return entries
    waiting: Unknown | None = None
    for entry in entries if isinstance(entries, List) else ():
        if isinstance(entry, Unknown):
            waiting = entry
            continue
        if not isinstance(entry, Map):
            continue
        pairs = [
            (entry.get(key), value) for key, value in wanted.items() if key in entry or key not in optional
        ]
        if all(
            isinstance(one, Unknown) or one == other or (one is None and other == "") for one, other in pairs
        ):
            open_ = next((one for one, _ in pairs if isinstance(one, Unknown)), None)
            if open_ is None:
                return True
            waiting = open_
    return False if waiting is None else waiting


FINDERS: dict[str, Finder] = {
    "Ingress": _ingress,
    **dict.fromkeys(("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"), _route),
    f"{GATEWAY_GROUP}/Gateway": _gateway,
    "GatewayClass": _parameters,
    "IngressClass": _parameters,
    "Route": _openshift_route,
    "VirtualService": _virtual_service,
    "DestinationRule": _destination_rule,
    "MutatingWebhookConfiguration": _webhooks,
    "ValidatingWebhookConfiguration": _webhooks,
    "CustomResourceDefinition": _conversion,
    "APIService": _api_service,
    "Endpoints": _endpoints,
    "EndpointSlice": _endpoints,
    "serving.knative.dev/Service": _knative,
}
