"""Which objects in the files may make one that is not: charts, and kinds that are not known here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from readiness.estate.model import Resource
from readiness.kubernetes.kinds import group_of, is_cluster_scoped
from readiness.kubernetes.linking.mentions import first, namespace_of
from readiness.kubernetes.linking.references import FINDERS
from readiness.kubernetes.linking.secrets import MAKERS
from readiness.values import Map, dig

_INSTALLERS = ("HelmRelease", "argoproj.io/Application", "HelmChart", "ApplicationSet")


class Makers:
    """Charts by the namespace they are installed in, and the texts that objects of custom kinds hold."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._charts: dict[str, list[tuple[str, Resource]]] = {}
        self._custom: list[Resource] = []
        self._named: dict[tuple[str, str], Resource] = {}
        self._texts: dict[tuple[str, str], Resource] | None = None
        for resource in resources:
            release = _release(resource)
            if release is not None:
                namespace, name = release
                self._charts.setdefault(namespace, []).append((name, resource))
            if resource.platform == "kubernetes" and _is_custom(resource):
                self._custom.append(resource)
                self._named.setdefault((namespace_of(resource), resource.name), resource)

    def of(self, type_: str, namespace: str, name: str) -> Resource | None:
        """A resource that may make an object.

        That is a chart or a custom object by whose name its name begins (operators name what they make so),
        or a custom object that says the name.
        """
        for release, resource in self._charts.get(namespace, ()):
            if name == release or name.startswith(f"{release}-") or name.endswith(f"-{release}"):
                return resource
        if is_cluster_scoped(type_):
            return None
        parts = name.split("-")
        for end in range(len(parts), 0, -1):
            operated = self._named.get((namespace, "-".join(parts[:end])))
            if operated is not None:
                return operated
        if self._texts is None:
            self._texts = {
                (namespace_of(resource), text): resource
                for resource in reversed(self._custom)
                for text in _strings(resource.body.get("spec"))
            }
        return self._texts.get((namespace, name))


def _release(resource: Resource) -> tuple[str, str] | None:
    """The namespace and name of the release that a resource installs."""
    body = resource.body
    spec = body.get("spec")
    namespace: Any
    if resource.type == "helm_release":
        namespace, name = first(body.get("namespace"), "default"), body.get("name")
    elif resource.type == "HelmRelease":
        namespace = first(dig(spec, "targetNamespace"), namespace_of(resource))
        name = first(dig(spec, "releaseName"), resource.name)
    elif resource.type == "argoproj.io/Application":
        namespace = dig(spec, "destination", "namespace")
        name = first(dig(spec, "source", "helm", "releaseName"), resource.name)
    elif resource.type == "HelmChart" and group_of(str(body.get("apiVersion"))) == "helm.cattle.io":
        namespace = first(dig(spec, "targetNamespace"), namespace_of(resource))
        name = resource.name
    else:
        return None
    return (namespace, name) if isinstance(namespace, str) and isinstance(name, str) else None


def _is_custom(resource: Resource) -> bool:
    """Whether a kind is one of which it is not known what it makes."""
    if resource.type in _INSTALLERS:
        return True
    group = group_of(str(resource.body.get("apiVersion")))
    if "." not in group or resource.type in FINDERS or resource.type in MAKERS:
        return False
    return not group.endswith((".k8s.io", "monitoring.coreos.com", ".istio.io"))


def _strings(value: Any) -> Iterator[str]:
    """The texts of a value that could be the name of an object."""
    if isinstance(value, str):
        if len(value) <= 253 and " " not in value:
            yield value
    elif isinstance(value, Map):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
