"""The keys of a ConfigMap or Secret that are asked for, and whether they are there."""

from __future__ import annotations

from typing import Any

from readiness.estate.model import Resource
from readiness.kubernetes.linking.mentions import Reference, copy_span, inner
from readiness.kubernetes.linking.network import HOST
from readiness.values import List, Map, Unknown, dig, maps

_DATA = {"ConfigMap": ("data", "binaryData"), "Secret": ("data", "stringData")}
# Something else fills these in.
_FILLED = (
    "config.openshift.io/inject-trusted-cabundle",
    "service.beta.openshift.io/inject-cabundle",
    "kubernetes.io/service-account.name",
    "replicator.v1.mittwald.de/replicate-from",
    "reflector.v1.k8s.emberstack.com/reflects",
)


def entries_of(reference: Reference, targets: list[Resource]) -> List:
    """A map for each key that is asked for: `key`, `found` (or an unknown) and `candidates`.

    Nothing where the keys of the object are not all written: an empty ConfigMap is filled by something,
    and what operators make is their matter.
    """
    if not reference.entries or not targets:
        return List()
    known: set[str] = set()
    waiting: Unknown | None = None
    for target in targets:
        keys = _keys(target, reference.type)
        if isinstance(keys, Unknown):
            waiting = keys
        elif not keys:
            return List()
        else:
            known |= keys
    result = List()
    for holder, key in reference.entries:
        name = holder.get(key)
        found: Any = name
        if isinstance(name, str):
            found = True if name in known else False if waiting is None else waiting
        elif not isinstance(name, Unknown):
            continue
        entry = Map({"key": name, "found": found, "name": reference.name, "kind": reference.type})
        entry["candidates"] = List(sorted(known))
        copy_span(entry, "key", holder, key)
        result.append(entry)
    return result


def _keys(target: Resource, type_: str) -> set[str] | Unknown:
    """The keys of what a reference means; none where they are not all written."""
    body = target.body
    if type_ == HOST:
        subsets = dig(body, "spec", "subsets")
        if isinstance(subsets, Unknown):
            return subsets
        names = [item.get("name") for item in maps(subsets)]
        # A rule without subsets is asked for one all the same.
        return _texts(names) or {""}
    if target.type in _DATA:
        return _data(target)
    if target.type == "SealedSecret":
        sealed, template = inner(body, "spec", "encryptedData"), inner(body, "spec", "template", "data")
        return _texts([*sealed, *template])
    if target.type == "ExternalSecret":
        return _external(inner(body, "spec"))
    return set()


def _data(target: Resource) -> set[str] | Unknown:
    if isinstance(target.annotations, Map) and any(key in target.annotations for key in _FILLED):
        return set()
    if isinstance(target.labels, Map) and any(key in target.labels for key in _FILLED):
        return set()
    found: set[str] = set()
    for key in _DATA[target.type]:
        value = target.body.get(key)
        if isinstance(value, Unknown):
            return value
        found |= _texts(value) if isinstance(value, Map) else set()
    return found


def _external(spec: Map) -> set[str]:
    """The keys that an ExternalSecret writes: those of its template, else those of `data`.

    Source: https://external-secrets.io/latest/guides/templating/
    """
    template = inner(spec, "target", "template")
    if "dataFrom" in spec or "templateFrom" in template or "mergePolicy" in template:
        return set()
    written = template.get("data")
    if isinstance(written, Map) and written:
        return _texts(written)
    names = [item.get("secretKey") for item in maps(spec.get("data"))]
    return _texts(names) if all(isinstance(name, str) for name in names) else set()


def _texts(values: Any) -> set[str]:
    return {value for value in values if isinstance(value, str)}
