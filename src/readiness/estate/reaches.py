"""What a workload reaches, as far as its manifest says so: databases, buckets, queues, other workloads.

A name links only where it is written in full: an ARN, a host name, a connection name, an address such as
`s3://bucket`, a variable that says what its value names (`UPLOAD_BUCKET`), a reference of Terraform.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from readiness.estate import names_hosts, naming
from readiness.estate.identity import COPIES_LIMIT, closest, join, referred
from readiness.estate.links import mentions
from readiness.estate.model import Estate, Resource
from readiness.values import Map, Unknown, maps

Names = dict[tuple[str, str], list[Resource]]
"""Resources of Terraform by type and name, Services by `Service` and `namespace/name`."""

_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+(?:/[0-9]+/[a-z0-9_.-]+)?")
_SERVICE = re.compile(r"(?:[a-z0-9-]+\.)*([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?")
_SQL = re.compile(
    r"(?<![\w.:-])([a-z][a-z0-9-]+(?:\.[a-z]+:[a-z][a-z0-9-]+)?):([a-z]+-[a-z]+[0-9]+):([a-z][a-z0-9-]*)(?![\w:-])"
)
_MARKS = ("arn:aws", *(kind.mark for kind in naming.TEXTS))
_VARIABLES = tuple(
    (f"{word}{end}", tuple(types.split())) for word, types in names_hosts.VARIABLES for end in ("", "_NAME")
)
_ENVIRONMENT = ("containers", "initContainers", "ephemeralContainers")


def link_reached(estate: Estate) -> None:
    """Link workloads, both ways, with what their environment, arguments and configuration name.

    The `via` says where it is written: `env.DATABASE_URL`, `args`, or `ConfigMap/shop/web data.url` for a
    ConfigMap or Secret that the workload refers to (so call it after those links are made).  Doing it
    twice adds nothing.
    """
    workloads = [resource for resource in estate.resources if resource.workload is not None]
    if not workloads:
        return
    finder = _Finder(estate)
    for resource in workloads:
        assert resource.workload is not None
        for via, found in finder.of_pod(resource, resource.workload.pod):
            for other in found:
                join(resource, other, via)


class _Finder:
    """The names of an estate, and what the configurations that workloads share mention."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.names = _names(estate)
        self._mentioned: dict[int, dict[str, list[Resource]]] = {}
        self._selected: dict[int, list[Resource]] = {}

    def of_pod(self, resource: Resource, pod: Map) -> Iterator[tuple[str, list[Resource]]]:
        """What a pod names, with where it is written."""
        configurations = _configurations(resource)
        for key in _ENVIRONMENT:
            for container in maps(pod.get(key)):
                for entry in maps(container.get("env")):
                    yield from self._entry(resource, entry, configurations)
                for source in maps(container.get("envFrom")):
                    yield from self._whole(resource, source, configurations, True)
                for argument in ("command", "args"):
                    for text in _listed(container.get(argument)):
                        yield argument, self._named(resource, text)
        for volume in maps(pod.get("volumes")):
            projected = volume.get("projected")
            sources = maps(projected.get("sources")) if isinstance(projected, Map) else ()
            for source in (volume, *sources):
                yield from self._whole(resource, source, configurations, False)

    def _entry(
        self, resource: Resource, entry: Map, configurations: dict[tuple[str, str], list[Resource]]
    ) -> Iterator[tuple[str, list[Resource]]]:
        name = entry.get("name")
        value, source = entry.get("value"), entry.get("valueFrom")
        if value is not None:
            found = self._named(resource, value)
            if isinstance(name, str) and isinstance(value, str):
                found = found + self._variable(resource, name, value)
            yield f"env.{name if isinstance(name, str) else '?'}", found
        for kind, key in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
            reference = source.get(key) if isinstance(source, Map) else None
            if isinstance(reference, Map) and isinstance(reference.get("key"), str):
                entry_key = reference["key"]
                for holder in _holders(configurations, kind, reference.get("name")):
                    data = _data(holder).get(entry_key)
                    found = self._named(resource, data)
                    if isinstance(name, str) and isinstance(data, str):
                        found = found + self._variable(resource, name, data)
                    yield _via(holder, entry_key), found

    def _whole(
        self,
        resource: Resource,
        source: Map,
        configurations: dict[tuple[str, str], list[Resource]],
        variables: bool,
    ) -> Iterator[tuple[str, list[Resource]]]:
        """What all entries of a ConfigMap or Secret name; as variables, where they become some."""
        for kind, key in _SOURCES:
            reference = source.get(key)
            if not isinstance(reference, Map):
                continue
            name = (
                reference.get("secretName")
                if key == "secret" and "secretName" in reference
                else reference.get("name")
            )
            prefix = source.get("prefix") if variables else ""
            for holder in _holders(configurations, kind, name):
                for entry_key, found in self._of_holder(holder).items():
                    yield _via(holder, entry_key), found
                for entry_key, text in _data(holder).items() if variables else ():
                    if isinstance(text, str) and (prefix is None or isinstance(prefix, str)):
                        variable = f"{prefix or ''}{entry_key}"
                        yield _via(holder, entry_key), self._variable(resource, variable, text)

    def _of_holder(self, holder: Resource) -> dict[str, list[Resource]]:
        known = self._mentioned.get(id(holder))
        if known is None:
            known = {}
            for key, value in _data(holder).items():
                found = list(self._all(holder, value))
                if found:
                    known[key] = found
            self._mentioned[id(holder)] = known
        return known

    def _named(self, resource: Resource, value: Any) -> list[Resource]:
        return list(self._all(resource, value))

    def _all(self, resource: Resource, value: Any) -> Iterator[Resource]:
        """What a value mentions: for a text the names in it, for an unknown what it waits for."""
        if isinstance(value, Unknown):
            yield from (r for r in referred(self.estate, value, resource.home) if r.platform == "terraform")
            value = value.document if isinstance(value.document, str) else None
        if isinstance(value, str):
            seen: set[int] = set()
            for other in self._in_text(value, resource):
                if id(other) not in seen:
                    seen.add(id(other))
                    yield other

    def _in_text(self, text: str, near: Resource) -> Iterator[Resource]:
        if any(mark in text for mark in _MARKS):
            for choices in mentions(text):
                hits = (self._of_types(to, name, near) for to, name in choices)
                yield from next(filter(None, hits), ())
        lower = text.lower()
        if ".svc" in lower or any(mark in lower for mark in names_hosts.MARKS):
            for host in _HOST.findall(lower):
                yield from self._host(host, near)
        if text.count(":") > 1:
            for project, region, name in _SQL.findall(text):
                found = self.names.get(("google_sql_database_instance", name), ())
                here = (r for r in found if _may_be(r, "region", region) and _may_be(r, "project", project))
                yield from closest(here, near)

    def _host(self, host: str, near: Resource) -> Iterator[Resource]:
        service = _SERVICE.fullmatch(host.rstrip("."))
        if service is not None:
            yield from self._behind(f"{service.group(2)}/{service.group(1)}", near)
            return
        for name in (host, host.partition("/")[0]):
            for pattern, types in _patterns():
                match = pattern.fullmatch(name)
                if match is not None:
                    yield from self._of_types(types, match.group(1), near)
                    return

    def _behind(self, service: str, near: Resource) -> Iterator[Resource]:
        """The workloads behind a Service.

        The Service itself is not linked with those that call it: a link between a Service and a workload
        says that the one selects the other.
        """
        for found in closest(self.names.get(("Service", service), ()), near):
            if id(found) not in self._selected:
                links = (link.target for link in found.links if link.via == "spec.selector")
                pods = (other for other in links if other is not None and other.workload is not None)
                self._selected[id(found)] = list(itertools.islice(pods, COPIES_LIMIT))
            yield from self._selected[id(found)]

    def _variable(self, resource: Resource, variable: str, value: str) -> list[Resource]:
        """What the value of a variable names by the last words of the variable."""
        upper = variable.upper().replace("-", "_").replace(".", "_")
        for end, types in _VARIABLES:
            if upper == end or upper.endswith(f"_{end}"):
                return self._of_types(types, value, resource)
        return []

    def _of_types(self, types: Iterable[str], name: str, near: Resource) -> list[Resource]:
        return [other for type_ in types for other in closest(self.names.get((type_, name), ()), near)]


_SOURCES = (
    ("ConfigMap", "configMapRef"),
    ("Secret", "secretRef"),
    ("ConfigMap", "configMap"),
    ("Secret", "secret"),
)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    """The patterns of hosts with the types that they name, compiled when a text may hold one."""
    return tuple((re.compile(pattern), tuple(types.split())) for pattern, types in names_hosts.HOSTS)


def _names(estate: Estate) -> Names:
    names: Names = {}
    for resource in estate.resources:
        if resource.type == "Service":
            key = f"{resource.namespace or 'default'}/{resource.name}"
            names.setdefault(("Service", key), []).append(resource)
        elif resource.platform == "terraform" and resource.mode != "block":
            attribute = naming.identity(resource.type)
            name = resource.body.get(attribute) if attribute is not None else None
            if isinstance(name, str):
                names.setdefault((resource.type.removeprefix("data."), name), []).append(resource)
    return names


def _may_be(resource: Resource, argument: str, value: str) -> bool:
    """False where an argument says something else."""
    written = resource.body.get(argument)
    return not isinstance(written, str) or written == value


def _configurations(resource: Resource) -> dict[tuple[str, str], list[Resource]]:
    """The ConfigMaps and Secrets that a workload is linked with, by type and name."""
    found: dict[tuple[str, str], list[Resource]] = {}
    for type_ in ("ConfigMap", "Secret"):
        for other in resource.links.of(type_):
            if not other.maybe:
                found.setdefault((type_, other.name), []).append(other)
    return found


def _holders(configurations: dict[tuple[str, str], list[Resource]], kind: str, name: Any) -> list[Resource]:
    return configurations.get((kind, name), []) if isinstance(name, str) else []


def _data(holder: Resource) -> dict[str, Any]:
    """The texts of a ConfigMap, and those of a Secret that are not encoded."""
    data = holder.body.get("stringData" if holder.type == "Secret" else "data")
    return data if isinstance(data, Map) else {}


def _via(holder: Resource, key: str) -> str:
    return f"{holder.address} {'stringData' if holder.type == 'Secret' else 'data'}.{key}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
