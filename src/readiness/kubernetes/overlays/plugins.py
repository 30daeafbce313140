"""`transformers`, `generators` and `validators`: the built-in ones that do what fields of a kustomization do.

Anything else is a program or a container; it is never run, and what it would have done is noted as left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from readiness.kubernetes.overlays import transforms
from readiness.kubernetes.overlays.accumulated import Step, objects_in
from readiness.kubernetes.overlays.edit import place_of, put
from readiness.kubernetes.overlays.fields import Field, read_fields
from readiness.kubernetes.overlays.generate import generate
from readiness.kubernetes.overlays.model import Object, text_of
from readiness.kubernetes.overlays.patches import apply_json_patch, apply_merge_patch, apply_patch
from readiness.kubernetes.overlays.replacements import apply_replacement
from readiness.values import List, Map, Span

Run = Callable[[Step, Map], None]


def configured(step: Step, key: str) -> list[Object]:
    """The objects that a list of plugins names: in files, or written as text."""
    found: list[Object] = []
    for name, span in step.kustomization.entries(key):
        if "\n" in name or name.lstrip().startswith("{"):
            documents = step.sources.inline(name, span, step.kustomization.path)
            found += objects_in(step, documents, span, step.kustomization.path)
        elif step.sources.files.is_folder(step.kustomization.at(name)):
            step.notice(span, f"the plugins that `{name}` builds are not run")
            step.accumulated.incomplete = True
        else:
            path = step.kustomization.at(name)
            found += objects_in(step, step.documents(name, span) or (), span, path)
    return found


def run_transformers(step: Step) -> None:
    """Run the built-in transformers that are named; the others are noted."""
    for plugin in configured(step, "transformers"):
        run = _TRANSFORMERS.get(plugin.kind) if plugin.api_version == "builtin" else None
        if run is None:
            _left_out(step, plugin)
        else:
            run(step, plugin.body)


def run_generators(step: Step) -> list[Map]:
    """Run the built-in generators that are named; gives the charts that they ask for."""
    charts = []
    for plugin in configured(step, "generators"):
        kind = plugin.kind.removesuffix("Generator")
        if plugin.api_version == "builtin" and kind in ("ConfigMap", "Secret"):
            entry = Map(plugin.body, plugin.body.span, plugin.body.key_spans, plugin.body.value_spans)
            metadata = plugin.body.get("metadata")
            if isinstance(metadata, Map):
                entry = _with_metadata(entry, metadata)
            generate(step, entry, kind, Map())
        elif plugin.api_version == "builtin" and kind == "HelmChartInflation":
            charts.append(plugin.body)
        else:
            _left_out(step, plugin)
            step.accumulated.incomplete = True
    return charts


def note_validators(step: Step) -> None:
    """Note that validators are not run."""
    for plugin in configured(step, "validators"):
        _left_out(step, plugin)


def _with_metadata(entry: Map, metadata: Map) -> Map:
    result = entry
    for key in ("name", "namespace"):
        if key in metadata:
            result = put(result, key, metadata[key], place_of(metadata, key))
    return result


def _left_out(step: Step, plugin: Object) -> None:
    place = plugin.body.span or plugin.origin
    step.sources.notice(place.path, place, f"the plugin {plugin.shown} of `{plugin.api_version}` is not run")


def _fields(body: Map) -> list[Field]:
    return list(read_fields(body.get("fieldSpecs")))


def _mapping(body: Map, key: str) -> Map:
    value = body.get(key)
    return value if isinstance(value, Map) else Map()


def _namespace(step: Step, body: Map) -> None:
    metadata = _mapping(body, "metadata")
    name = text_of(metadata.get("namespace"))
    if name:
        mode = text_of(body.get("setRoleBindingSubjects")) or transforms.SUBJECTS[0]
        place = place_of(metadata, "namespace")
        transforms.set_namespace(step, _fields(body), name, place, mode, body.get("unsetOnly") is True)


def _prefix(step: Step, body: Map) -> None:
    transforms.add_to_names(step, _fields(body), prefix=text_of(body.get("prefix")))


def _suffix(step: Step, body: Map) -> None:
    transforms.add_to_names(step, _fields(body), suffix=text_of(body.get("suffix")))


def _both(step: Step, body: Map) -> None:
    _prefix(step, body)
    _suffix(step, body)


def _entries(key: str) -> Run:
    def run(step: Step, body: Map) -> None:
        if _mapping(body, key):
            transforms.set_entries(step, _fields(body), _mapping(body, key), place_of(body, key))

    return run


def _image(step: Step, body: Map) -> None:
    transforms.set_images(step, _fields(body), [_mapping(body, "imageTag")])


def _replicas(step: Step, body: Map) -> None:
    transforms.set_replicas(step, _fields(body), [_mapping(body, "replica")])


def _merge_patches(step: Step, body: Map) -> None:
    paths, text = body.get("paths"), body.get("patches")
    for index, path in enumerate(paths if isinstance(paths, List) else ()):
        apply_merge_patch(step, text_of(path), _span(paths, index))
    if isinstance(text, str):
        apply_merge_patch(step, text + "\n", body.value_spans.get("patches"))


def _span(items: Any, index: int) -> Span | None:
    return items.span_of(index) if isinstance(items, List) else None


def _json_patch(step: Step, body: Map) -> None:
    entry = Map(body, body.span, dict(body.key_spans), dict(body.value_spans))
    if "jsonOp" in body:
        entry = put(entry, "patch", body["jsonOp"], place_of(body, "jsonOp"))
    apply_json_patch(step, entry)


def _replacements(step: Step, body: Map) -> None:
    written = body.get("replacements")
    for entry in written if isinstance(written, List) else ():
        if isinstance(entry, Map):
            apply_replacement(step, entry)


_TRANSFORMERS: dict[str, Run] = {
    "AnnotationsTransformer": _entries("annotations"),
    "ImageTagTransformer": _image,
    "LabelTransformer": _entries("labels"),
    "NamespaceTransformer": _namespace,
    "PatchJson6902Transformer": _json_patch,
    "PatchStrategicMergeTransformer": _merge_patches,
    "PatchTransformer": apply_patch,
    "PrefixSuffixTransformer": _both,
    "PrefixTransformer": _prefix,
    "ReplacementTransformer": _replacements,
    "ReplicaCountTransformer": _replicas,
    "SuffixTransformer": _suffix,
}
