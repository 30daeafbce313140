"""What objects about secrets and certificates name, and which objects make others.

An ExternalSecret becomes a Secret, a Certificate its key pair: a pod that names the Secret means them.

Sources: External Secrets (https://external-secrets.io/latest/api/externalsecret/, …/clusterexternalsecret/,
…/pushsecret/), Sealed Secrets, cert-manager 1.19 (https://cert-manager.io/docs/reference/api-docs/), the
Secrets Store CSI driver, Vault Secrets Operator, Infisical, Crossplane (`writeConnectionSecretToRef`),
CloudNativePG (https://cloudnative-pg.io/documentation/current/applications/), trust-manager.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from readiness.estate.model import Resource
from readiness.kubernetes.kinds import is_cluster_scoped
from readiness.kubernetes.linking.mentions import (
    Finder,
    Found,
    first,
    grouped,
    inner,
    named,
    namespace_in,
    namespace_of,
    typed,
)
from readiness.kubernetes.linking.network import HOST, host_key
from readiness.values import Map, dig, maps

CLAIM_LIMIT = 100
"""Claims of one template of a StatefulSet that are counted."""


class Made(NamedTuple):
    """An object that a controller makes of another one; any namespace where that is None."""

    type: str
    namespace: str | None
    name: Any  # a text, but for one whose name is not known or not written


def made_by(resource: Resource) -> Iterator[Made]:
    """The objects that a controller makes of a resource, as far as their names are known."""
    spec = resource.body.get("spec")
    if not isinstance(spec, Map):
        return
    namespace = namespace_of(resource)
    found = MAKERS.get(resource.type)
    if found is not None:
        for made in found(resource, spec, namespace):
            if isinstance(made.name, str) and made.name:
                yield made
    connection = spec.get("writeConnectionSecretToRef")
    name = dig(connection, "name")
    if isinstance(name, str) and name:
        place = namespace_in(connection, namespace)
        if isinstance(place, str):
            yield Made("Secret", place, name)


Maker = Callable[[Resource, Map, str], Iterator[Made]]


def _at(*path: str, own_name: bool = False) -> Maker:
    """Makers of one Secret whose name stands at a path, else is that of the object itself."""

    def found(resource: Resource, spec: Map, namespace: str) -> Iterator[Made]:
        name = dig(spec, *path) if path else None
        if name is None and own_name:
            name = resource.name
        yield Made("Secret", namespace, name)

    return found


def _external_secret(resource: Resource, spec: Map, namespace: str) -> Iterator[Made]:
    target = spec.get("target")
    # `Merge` fills a Secret that has to be there already, `None` makes none.
    if dig(target, "creationPolicy") not in ("Merge", "None"):
        type_ = first(dig(target, "manifest", "kind"), "Secret")
        if isinstance(type_, str):
            yield Made(type_, namespace, first(dig(target, "name"), resource.name))


def cluster_secret_name(resource: Resource) -> Any:
    """The name of the Secret that a ClusterExternalSecret makes in the namespaces it selects."""
    spec = inner(resource.body, "spec", "externalSecretSpec")
    return first(dig(spec, "target", "name"), dig(resource.body, "spec", "externalSecretName"), resource.name)


def _certificate_holder(resource: Resource, spec: Map, namespace: str) -> Iterator[Made]:
    """An Ingress or Gateway for which cert-manager makes certificates.

    Source: https://cert-manager.io/docs/usage/ingress/, …/usage/gateway/
    """
    keys = ("cert-manager.io/cluster-issuer", "cert-manager.io/issuer", "kubernetes.io/tls-acme")
    if not isinstance(resource.annotations, Map) or not any(key in resource.annotations for key in keys):
        return
    for tls in maps(spec.get("tls")):
        yield Made("Secret", namespace, tls.get("secretName"))
    for listener in maps(spec.get("listeners")):
        for reference in maps(dig(listener, "tls", "certificateRefs")):
            if namespace_in(reference, namespace) == namespace:
                yield Made("Secret", namespace, reference.get("name"))


def _provider_class(resource: Resource, spec: Map, namespace: str) -> Iterator[Made]:
    for item in maps(spec.get("secretObjects")):
        yield Made("Secret", namespace, item.get("secretName"))


def _managed(resource: Resource, spec: Map, namespace: str) -> Iterator[Made]:
    """Infisical: one reference, or a list of them; Doppler: `managedSecret`."""
    references = [spec.get("managedSecretReference"), *maps(spec.get("managedKubeSecretReferences"))]
    for reference in references:
        place = first(dig(reference, "secretNamespace"), namespace)
        if isinstance(place, str):
            yield Made("Secret", place, dig(reference, "secretName"))
    managed = spec.get("managedSecret")
    place = namespace_in(managed, namespace)
    if isinstance(place, str):
        yield Made("Secret", place, dig(managed, "name"))


def _templates(resource: Resource, spec: Map, namespace: str) -> Iterator[Made]:
    for item in maps(spec.get("secretTemplates")):
        yield Made("Secret", namespace, item.get("name"))


def _postgres(resource: Resource, spec: Map, namespace: str) -> Iterator[Made]:
    for ending in ("app", "superuser", "ca", "server", "replication"):
        yield Made("Secret", namespace, f"{resource.name}-{ending}")
    for ending in ("rw", "ro", "r"):
        yield Made("Service", namespace, f"{resource.name}-{ending}")


def _bundle(resource: Resource, spec: Map, namespace: str) -> Iterator[Made]:
    target = spec.get("target")
    for key, type_ in (("configMap", "ConfigMap"), ("secret", "Secret")):
        if dig(target, key) is not None:
            yield Made(type_, None, resource.name)


def _claims(resource: Resource, spec: Map, namespace: str) -> Iterator[Made]:
    """The claims of a StatefulSet: template, set and number, joined by hyphens."""
    replicas = spec.get("replicas", 1)
    start = dig(spec, "ordinals", "start") or 0
    if not isinstance(replicas, int) or not isinstance(start, int):
        return
    for template in maps(spec.get("volumeClaimTemplates")):
        name = dig(template, "metadata", "name")
        if isinstance(name, str):
            for number in range(start, start + min(replicas, CLAIM_LIMIT)):
                yield Made("PersistentVolumeClaim", namespace, f"{name}-{resource.name}-{number}")


def _rules(resource: Resource, spec: Map, namespace: str) -> Iterator[Made]:
    key = host_key(spec.get("host"), namespace)
    if key is not None:
        yield Made(HOST, *key)


def _operated(name: str) -> Maker:
    def found(resource: Resource, spec: Map, namespace: str) -> Iterator[Made]:
        yield Made("Service", namespace, name)

    return found


MAKERS: dict[str, Maker] = {
    "ExternalSecret": _external_secret,
    "SealedSecret": _at("template", "metadata", "name", own_name=True),
    "cert-manager.io/Certificate": _at("secretName"),
    "Ingress": _certificate_holder,
    "gateway.networking.k8s.io/Gateway": _certificate_holder,
    "SecretProviderClass": _provider_class,
    "VaultStaticSecret": _at("destination", "name"),
    "VaultDynamicSecret": _at("destination", "name"),
    "VaultPKISecret": _at("destination", "name"),
    "HCPVaultSecretsApp": _at("destination", "name"),
    "InfisicalSecret": _managed,
    "InfisicalDynamicSecret": _managed,
    "DopplerSecret": _managed,
    "OnePasswordItem": _at(own_name=True),
    "SopsSecret": _templates,
    "AzureKeyVaultSecret": _at("output", "secret", "name"),
    "KafkaUser": _at(own_name=True),
    "postgresql.cnpg.io/Cluster": _postgres,
    "Bundle": _bundle,
    "StatefulSet": _claims,
    "DestinationRule": _rules,
    "Prometheus": _operated("prometheus-operated"),
    "Alertmanager": _operated("alertmanager-operated"),
}


def _store(via: str, holder: Any, namespace: str) -> Found:
    version = "external-secrets.io/v1"
    yield from typed(via, holder, namespace, version, "SecretStore")


def _external(body: Map, spec: Map, namespace: str) -> Found:
    if body.get("kind") == "ClusterExternalSecret":
        # The stores of a namespace are named in each of those that are selected.
        spec, path = inner(spec, "externalSecretSpec"), "spec.externalSecretSpec"
        if dig(spec, "secretStoreRef", "kind") != "ClusterSecretStore":
            return
    else:
        path = "spec"
    yield from _store(f"{path}.secretStoreRef", spec.get("secretStoreRef"), namespace)
    if path != "spec":
        return
    for key in ("data", "dataFrom"):
        for entry in maps(spec.get(key)):
            source = entry.get("sourceRef")
            yield from _store(f"spec.{key}.sourceRef.storeRef", dig(source, "storeRef"), namespace)
            version = "generators.external-secrets.io/v1alpha1"
            via = f"spec.{key}.sourceRef.generatorRef"
            yield from typed(via, dig(source, "generatorRef"), namespace, version, None)
    for template in maps(dig(spec, "target", "template", "templateFrom")):
        for key, type_ in (("configMap", "ConfigMap"), ("secret", "Secret")):
            yield from named("spec.target.template.templateFrom", type_, namespace, template.get(key))


def _push_secret(body: Map, spec: Map, namespace: str) -> Found:
    for store in maps(spec.get("secretStoreRefs")):
        yield from _store("spec.secretStoreRefs", store, namespace)
    yield from named("spec.selector.secret", "Secret", namespace, dig(spec, "selector", "secret"))


def _certificate(body: Map, spec: Map, namespace: str) -> Found:
    reference = spec.get("issuerRef")
    yield from grouped("spec.issuerRef", reference, namespace, "cert-manager.io", "Issuer")


def _issuer(body: Map, spec: Map, namespace: str) -> Found:
    # A ClusterIssuer reads from a namespace that is a setting of cert-manager.
    if not is_cluster_scoped(str(body.get("kind"))):
        authority = spec.get("ca")
        yield from named("spec.ca.secretName", "Secret", namespace, authority, "secretName")


FINDERS: dict[str, Finder] = {
    "ExternalSecret": _external,
    "ClusterExternalSecret": _external,
    "PushSecret": _push_secret,
    "cert-manager.io/Certificate": _certificate,
    "Issuer": _issuer,
}
