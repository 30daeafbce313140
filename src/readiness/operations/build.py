"""Operations as code as resources: from files of their own, and from objects of Kubernetes that hold them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from msgspec import Struct, field

from readiness.errors import SourceError
from readiness.estate.model import Resource, connect
from readiness.operations import alertmanager, collector, detect, grafana
from readiness.operations.rules import rule_body
from readiness.sources import nested
from readiness.sources.yaml_model import YamlFile
from readiness.values import Map, Span, dig

ALERTMANAGER, DASHBOARD, COLLECTOR = (
    "alertmanager/Configuration",
    "grafana/Dashboard",
    "opentelemetry/Collector",
)
"""What policies call them; rules have the type and the shape of a `PrometheusRule`."""

# Objects of other operators (VictoriaMetrics, OpenShift, Loki) whose `spec.groups` is that of a
# PrometheusRule, and whether its expressions are LogQL.
_RULE_KINDS = {
    ("VMRule", "operator.victoriametrics.com"): False,
    ("AlertingRule", "monitoring.openshift.io"): False,
    ("AlertingRule", "loki.grafana.com"): True,
    ("RecordingRule", "loki.grafana.com"): True,
}
_TEXT_ENDS = (".yaml", ".yml", ".json")


def build(files: Iterable[tuple[str, YamlFile]]) -> tuple[list[Resource], list[SourceError]]:
    """The resources that operations files declare, and what is wrong with these files.

    Documents that are something else are passed over.  The errors of a file are told where some document
    of it is operations as code, or none could be read.
    """
    resources: list[Resource] = []
    errors: list[SourceError] = []
    for path, file in files:
        found = [resource for document in file.documents for resource in _of_document(path, document)]
        resources.extend(found)
        errors.extend(_told(file, found))
    return resources, errors


def _of_document(path: str, document: Any) -> Iterator[Resource]:
    made = _made(document.root, PurePosixPath(path).stem, document.span)
    if made is not None:
        yield _resource(*made, PurePosixPath(path).stem, document.span)


def _made(root: Any, name: str, span: Span) -> tuple[str, Map] | None:
    """The type and the body of a document, or None for one that is no operations file."""
    kind = detect.kind_of(root)
    if kind == detect.RULES:
        return "PrometheusRule", rule_body(root, name, span)
    if kind == detect.ALERTMANAGER:
        return ALERTMANAGER, root
    if kind == detect.COLLECTOR:
        return COLLECTOR, collector.configuration(root)
    if kind == detect.DASHBOARD:
        model = grafana.dashboard(root)
        return None if model is None else (DASHBOARD, model)
    return None


def _resource(
    type_: str, body: Map, name: str, span: Span, holder: Resource | None = None, via: str = ""
) -> Resource:
    """A resource; of one that stands in an object, that object says where it belongs."""
    namespace = holder.namespace if holder is not None else None
    place = body.span or span
    result = Resource(
        address=f"{type_}/{namespace}/{name}" if namespace else f"{type_}/{name}",
        type=type_,
        name=name,
        platform="kubernetes" if type_ == "PrometheusRule" else "observability",
        body=body,
        span=place,
        header=_header(body, place),
        namespace=namespace,
    )
    if holder is not None:
        result.root, result.variant, result.module = holder.root, holder.variant, holder.module
        result.inside, result.maybe, result.secrets = holder.inside, holder.maybe, holder.secrets
        result.scattered = holder.scattered
        result.labels, result.annotations, result.tags = holder.labels, holder.annotations, holder.tags
        connect(result, holder, via)
    return result


def _header(body: Map, place: Span) -> Span:
    """What a finding about something absent points at: the line that says what the thing is."""
    for key in ("title", "route", "service"):
        found = body.span_of(key)
        if found is not None and found.path == place.path:
            return found
    return Span(place.path, place.line, place.column, place.line, place.column + 1)


class _Entry(Struct):
    """A text that an object holds: its key, its place, and what leads to it."""

    name: str
    text: str
    span: Span
    via: str


class _Texts(Struct):
    """The lines of files, split when they are first needed, and what parses texts inside them."""

    texts: Mapping[str, str]
    parse: nested.Parse
    lines: dict[str, list[str]] = field(default_factory=dict)

    def of(self, path: str) -> list[str] | None:
        if path not in self.texts:
            return None
        if path not in self.lines:
            self.lines[path] = nested.lines_of(self.texts[path])
        return self.lines[path]


def embedded(
    resources: Iterable[Resource],
    texts: Mapping[str, str] | None = None,
    parse: nested.Parse = nested.parse_here,
) -> tuple[list[Resource], list[SourceError]]:
    """What ConfigMaps, Secrets and the objects of operators hold, and what is wrong with those texts.

    `texts` are the files that the objects stand in: with them, findings in a literal block text (`|`)
    have their own line, else that of the entry.  The result belongs to the object that holds it: its root
    and environment, namespace, labels, annotations; both are linked.  `parse` may keep what it parses; it is
    given nothing of a Secret.
    """
    listed = list(resources)
    lines = _Texts(texts or {}, parse)
    whole = _whole(listed)
    found: list[Resource] = []
    errors: list[SourceError] = []
    for holder in listed:
        if holder.platform != "kubernetes":
            continue
        if holder.type in ("ConfigMap", "Secret"):
            for entry in _entries(holder):
                _read(holder, entry, f"{holder.name}/{entry.name}", lines, found, errors)
        elif holder.type != "PrometheusRule":
            _of_object(holder, whole, lines, found, errors)
    return found, errors


def _whole(resources: list[Resource]) -> set[tuple[tuple[str, str], str | None, str]]:
    """The AlertmanagerConfig objects that are the configuration of an Alertmanager, not a part of it."""
    found = set()
    for resource in resources:
        if resource.type == "Alertmanager":
            name = dig(resource.body, "spec", "alertmanagerConfiguration", "name")
            if isinstance(name, str):
                found.add((resource.home, resource.namespace, name))
    return found


def _entries(holder: Resource) -> Iterator[_Entry]:
    for section in ("data", "stringData"):
        entries = holder.body.get(section)
        if not isinstance(entries, Map):
            continue
        encoded = holder.type == "Secret" and section == "data"
        for key, value in entries.items():
            text = _decoded(key, value) if encoded else value
            if isinstance(text, str) and detect.may_be_operations(key, text):
                yield _Entry(key, text, entries.value_spans.get(key) or holder.span, f"{section}.{key}")


def _decoded(key: str, value: Any) -> str | None:
    """The text of an entry of a Secret; only keys that are names of such files are looked at."""
    if not isinstance(value, str) or not key.endswith(_TEXT_ENDS):
        return None
    try:
        return base64.b64decode("".join(value.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def _read(
    holder: Resource,
    entry: _Entry,
    name: str,
    lines: _Texts,
    found: list[Resource],
    errors: list[SourceError],
) -> None:
    parse = nested.parse_here if holder.type == "Secret" else lines.parse
    file = nested.read(entry.text, entry.span, lines.of(entry.span.path), parse)
    before = len(found)
    for document in file.documents:
        made = _made(document.root, name, document.span)
        if made is not None:
            found.append(_resource(*made, name, entry.span, holder, entry.via))
    if "{{" not in entry.text or len(found) > before:  # else it is a template, and no such file yet
        errors.extend(_told(file, found[before:]))
    if "{{" not in entry.text and any(made.type == DASHBOARD for made in found[before:]):
        # Grafana reads JSON: what is right as YAML alone it does not load.
        errors.extend(nested.json_errors(entry.text, entry.span, lines.of(entry.span.path)))


def _told(file: YamlFile, found: list[Resource]) -> list[SourceError]:
    """The errors of a text that are worth telling: Grafana loads a dashboard that has a key twice."""
    wanted = any(resource.type != DASHBOARD for resource in found) if found else not file.documents
    return file.errors if wanted else []


def _of_object(
    holder: Resource,
    whole: set[tuple[tuple[str, str], str | None, str]],
    lines: _Texts,
    found: list[Resource],
    errors: list[SourceError],
) -> None:
    """What an object of an operator holds."""
    body, group = holder.body, str(holder.body.get("apiVersion")).rpartition("/")[0]
    kind, spec = body.get("kind"), body.get("spec")
    if not isinstance(spec, Map):
        return
    made: tuple[str, Map] | None = None
    text: tuple[str, str] | None = None
    if kind == "AlertmanagerConfig" and group == "monitoring.coreos.com":
        all_of_it = (holder.home, holder.namespace, holder.name) in whole
        made = ALERTMANAGER, alertmanager.from_object(spec, holder.namespace, all_of_it)
    elif kind == "OpenTelemetryCollector" and group == "opentelemetry.io":
        config = spec.get("config")
        if isinstance(config, Map) and detect.is_collector(config):
            made = COLLECTOR, collector.configuration(config)
        elif isinstance(config, str):
            text = "config", config
    elif kind == "GrafanaDashboard" and isinstance(spec.get("json"), str):
        text = "json", spec["json"]
    elif kind == "Dashboard" and group == "dashboard.grafana.app":
        model = grafana.of_resource(body)
        made = None if model is None else (DASHBOARD, model)
    elif (str(kind), group) in _RULE_KINDS:
        made = (
            "PrometheusRule",
            rule_body(spec, holder.name, holder.span, logql=_RULE_KINDS[str(kind), group]),
        )
    if made is not None:
        found.append(_resource(*made, holder.name, holder.span, holder, "spec"))
    elif text is not None and detect.may_be_operations(f"{holder.name}.{text[0]}", text[1]):
        span = spec.value_spans.get(text[0]) or holder.span
        _read(holder, _Entry(*text, span, f"spec.{text[0]}"), holder.name, lines, found, errors)
