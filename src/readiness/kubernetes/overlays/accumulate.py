"""One kustomization with all that it names, step by step: the objects it gives.

The order of the steps is that of `accumulateTarget` and `makeCustomizedResMap` in
`api/internal/target/kusttarget.go` of Kustomize 5.5.
"""

from __future__ import annotations

from typing import Any

from readiness.kubernetes.kustomize import is_kustomization
from readiness.kubernetes.overlays import transforms
from readiness.kubernetes.overlays.accumulated import Accumulated, Step, objects_in
from readiness.kubernetes.overlays.crds import read_crds
from readiness.kubernetes.overlays.defaults import default
from readiness.kubernetes.overlays.edit import copied, place_of, put, without
from readiness.kubernetes.overlays.fields import (
    Configuration,
    ConfigurationError,
    Field,
    merged_fields,
    read_configuration,
    read_fields,
)
from readiness.kubernetes.overlays.generate import add_hashes, generate
from readiness.kubernetes.overlays.model import Object, RenderChart, text_of
from readiness.kubernetes.overlays.names import fix_names
from readiness.kubernetes.overlays.order import sort_objects
from readiness.kubernetes.overlays.patches import apply_json_patch, apply_merge_patch, apply_patch
from readiness.kubernetes.overlays.plugins import note_validators, run_generators, run_transformers
from readiness.kubernetes.overlays.replacements import apply_replacement
from readiness.kubernetes.overlays.schema import BUILT_IN, Schema, with_openapi
from readiness.kubernetes.overlays.source import Kustomization, Sources, is_remote
from readiness.kubernetes.overlays.variables import collect, resolve_variables
from readiness.values import Map, Span, Unknown

_METADATA_LABELS = Field("metadata/labels", True)
_SCALARS = (bool, int, float, type(None))
_LOCAL = "config.kubernetes.io/local-config"


class Accumulator:
    """Puts kustomizations together; what several builds use is put together once."""

    def __init__(self, sources: Sources, render_chart: RenderChart | None) -> None:
        self.sources = sources
        self.render_chart = render_chart
        self._done: dict[tuple[str, int], Accumulated] = {}
        self._schemas: dict[str, Schema] = {}

    def build(self, kustomization: Kustomization) -> Accumulated:
        """The objects of an entry point, with the steps that are taken once at the end."""
        schema = self._schema(kustomization) or BUILT_IN
        whole = self._base(kustomization, schema, ())
        result = Accumulated()
        result.objects = [found.copy() for found in whole.objects]
        result.configuration, result.variables = whole.configuration, dict(whole.variables)
        result.incomplete, result.used = whole.incomplete, set(whole.used)
        step = Step(self.sources, kustomization, result, schema)
        add_hashes(result.objects)
        result.changed()
        fix_names(step)
        resolve_variables(step)
        result.objects = [found for found in result.objects if not _local(found)]
        for found in result.objects:
            _tidy_annotations(found)
        result.objects = sort_objects(result.objects, kustomization.body.get("sortOptions"), step)
        return result

    def _schema(self, kustomization: Kustomization) -> Schema | None:
        """The schema that a kustomization names."""
        openapi = kustomization.body.get("openapi")
        name = text_of(openapi.get("path")) if isinstance(openapi, Map) else ""
        if not name:
            return None
        path = kustomization.at(name)
        if path not in self._schemas:
            step = Step(self.sources, kustomization, Accumulated(), BUILT_IN)
            documents = step.documents(
                name, openapi.value_spans.get("path") if isinstance(openapi, Map) else None
            )
            root = documents[0].root if documents else None
            self._schemas[path] = with_openapi(root) if isinstance(root, Map) else BUILT_IN
        return self._schemas[path]

    def _base(self, kustomization: Kustomization, schema: Schema, visited: tuple[str, ...]) -> Accumulated:
        """The objects of a kustomization; they belong to everybody and must be copied."""
        key = kustomization.path, id(schema)
        if key not in self._done:
            result = Accumulated()
            self._fill(Step(self.sources, kustomization, result, schema), (*visited, kustomization.folder))
            self._done[key] = result
        return self._done[key]

    def _fill(self, step: Step, visited: tuple[str, ...]) -> None:
        """Take all steps of one kustomization; those of a component work on what is there already."""
        step.accumulated.used.add(step.kustomization.path)
        for name, span in step.kustomization.bases():
            self._resource(step, name, span, visited)
        self._configure(step)
        self._generate(step)
        for name, span in step.kustomization.entries("components"):
            self._component(step, name, span, visited)
        self._transform(step)
        note_validators(step)
        collect(step)

    def _resource(self, step: Step, name: str, span: Span | None, visited: tuple[str, ...]) -> None:
        path = step.kustomization.at(name)
        folder = self.sources.files.is_folder(path)
        if not folder and self.sources.raw(path) is None and is_remote(name):
            step.notice(span, f"`{name}` is not fetched, so its objects are not checked")
            step.accumulated.incomplete = True
        elif folder:
            base = self._kustomization(step, name, span, visited)
            if base is None:
                step.accumulated.incomplete = True
            elif base.component:
                step.error(span, f"`{name}` is a component, which belongs to `components`")
            else:
                self._merge(step, self._base(base, step.schema, visited), span)
        elif is_kustomization(path) and self.sources.kustomization(path) is not None:
            step.error(span, f"`{name}` is a kustomization: name its folder instead")
            step.accumulated.incomplete = True
        else:
            self._file(step, name, span)

    def _file(self, step: Step, name: str, span: Span | None) -> None:
        documents = step.documents(name, span)
        if documents is None:
            step.accumulated.incomplete = True
            return
        for new in objects_in(step, documents, span, step.kustomization.at(name)):
            self._append(step, new, span)

    def _append(self, step: Step, new: Object, span: Span | None) -> None:
        other = step.accumulated.append(new)
        if other is not None:
            place = other.body.span
            where = f" (the other one is at {place.path}:{place.line})" if place is not None else ""
            step.error(span, f"{new.shown} is in this build twice{where}; Kustomize does not allow that")

    def _kustomization(
        self, step: Step, name: str, span: Span | None, visited: tuple[str, ...]
    ) -> Kustomization | None:
        """The kustomization of a folder that another one names; None after noting why there is none."""
        folder = step.kustomization.at(name)
        for before in visited:
            if folder == before:
                way = " → ".join((*visited[visited.index(before) :], folder))
                step.error(span, f"the kustomizations name each other in a circle: {way}")
                return None
            if folder == "." or before.startswith(f"{folder}/"):
                step.error(
                    span,
                    f"`{name}` contains this kustomization or one that names it, which Kustomize refuses",
                )
                return None
        found = self.sources.kustomization_in(folder)
        if found is None:
            step.error(span, f"`{name}` has no kustomization: there is none in `{folder}`")
        return found

    def _merge(self, step: Step, base: Accumulated, span: Span | None) -> None:
        into = step.accumulated
        into.used |= base.used
        into.incomplete = into.incomplete or base.incomplete
        for found in base.objects:
            self._append(step, found.copy(), span)
        self._add_configuration(step, base.configuration, span)
        for name, variable in base.variables.items():
            if name in into.variables:
                step.error(span, f"the variable `{name}` of this base is there already")
            else:
                into.variables[name] = variable

    def _component(self, step: Step, name: str, span: Span | None, visited: tuple[str, ...]) -> None:
        path = step.kustomization.at(name)
        if not self.sources.files.is_folder(path):
            if is_remote(name):
                step.notice(span, f"the component `{name}` is not fetched, so what it changes is not known")
            else:
                step.error(span, f"the component `{name}` does not exist: there is no folder `{path}`")
            step.accumulated.incomplete = True
            return
        found = self._kustomization(step, name, span, visited)
        if found is None:
            step.accumulated.incomplete = True
        elif not found.component:
            step.error(span, f"`{name}` is no component (`kind: Component`), so it belongs to `resources`")
        else:
            inner = Step(self.sources, found, step.accumulated, step.schema)
            self._fill(inner, (*visited, found.folder))

    def _configure(self, step: Step) -> None:
        """Add the fields that files of the kustomization name to the built-in ones."""
        own: Configuration = default()
        for key in ("configurations", "crds"):
            for name, span in step.kustomization.entries(key):
                for document in step.documents(name, span) or ():
                    if not isinstance(document.root, Map):
                        step.error(span, f"`{name}` is no mapping")
                        continue
                    read = read_configuration if key == "configurations" else read_crds
                    try:
                        own = own.merged(read(document.root))
                    except ConfigurationError as error:
                        step.error(span, str(error))
        self._add_configuration(step, own, None)

    def _add_configuration(self, step: Step, other: Configuration, span: Span | None) -> None:
        into = step.accumulated
        if not into.configuration.lists:
            into.configuration = other
            return
        try:
            into.configuration = into.configuration.merged(other)
        except ConfigurationError as error:
            step.error(span, str(error))

    def _generate(self, step: Step) -> None:
        body = step.kustomization.body
        defaults = body.get("generatorOptions")
        defaults = defaults if isinstance(defaults, Map) else Map()
        for key, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
            for entry, _ in step.kustomization.entries(key):
                generate(step, entry, kind, defaults)
        charts = [(entry, span) for entry, span in step.kustomization.entries("helmCharts")]
        for entry, span in step.kustomization.entries("helmChartInflationGenerator"):
            step.notice(
                span, f"the chart `{text_of(entry.get('chartName'))}` of this old field is not rendered"
            )
            step.accumulated.incomplete = True
        charts += [(entry, entry.span) for entry in run_generators(step)]
        for entry, span in charts:
            self._chart(step, entry, span)

    def _chart(self, step: Step, entry: Map, span: Span | None) -> None:
        rendered = (
            self.render_chart(entry, step.kustomization.folder) if self.render_chart is not None else None
        )
        if rendered is None:
            name = text_of(entry.get("name"))
            step.notice(span, f"the chart `{name}` is not rendered, so its objects are not checked")
            step.accumulated.incomplete = True
            return
        for body in rendered:
            new = Object(body, span or body.span or Span(step.kustomization.path, 1, 1, 1, 1))
            new.chart = True
            self._append(step, new, span)

    def _transform(self, step: Step) -> None:
        kustomization, configuration = step.kustomization, step.accumulated.configuration
        body, lists = kustomization.body, configuration.lists
        for written, span in kustomization.entries("patchesStrategicMerge"):
            apply_merge_patch(step, written, span)
        for entry, _ in kustomization.entries("patches"):
            apply_patch(step, entry)
        if kustomization.text("namespace"):
            place = place_of(body, "namespace")
            transforms.set_namespace(step, lists["namespace"], kustomization.text("namespace"), place)
        if kustomization.text("namePrefix"):
            transforms.add_to_names(step, lists["namePrefix"], prefix=kustomization.text("namePrefix"))
        if kustomization.text("nameSuffix"):
            transforms.add_to_names(step, lists["nameSuffix"], suffix=kustomization.text("nameSuffix"))
        self._labels(step)
        annotations = body.get("commonAnnotations")
        if isinstance(annotations, Map) and annotations:
            place = place_of(body, "commonAnnotations")
            transforms.set_entries(step, lists["commonAnnotations"], annotations, place)
        for entry, _ in kustomization.entries("patchesJson6902"):
            apply_json_patch(step, entry)
        replicas = [entry for entry, _ in kustomization.entries("replicas")]
        if replicas:
            transforms.set_replicas(step, lists["replicas"], replicas)
        images = [entry for key in ("images", "imageTags") for entry, _ in kustomization.entries(key)]
        if images:
            transforms.set_images(step, lists["images"], images)
        for entry, _ in kustomization.entries("replacements"):
            apply_replacement(step, entry)
        run_transformers(step)

    def _labels(self, step: Step) -> None:
        body, lists = step.kustomization.body, step.accumulated.configuration.lists
        for entry, span in step.kustomization.entries("labels"):
            try:
                fields = _label_fields(entry, lists)
            except ConfigurationError as error:
                step.error(span, str(error))
                continue
            pairs = entry.get("pairs")
            if isinstance(pairs, Map) and pairs:
                transforms.set_entries(step, fields, pairs, place_of(entry, "pairs"))
        labels = body.get("commonLabels")
        if isinstance(labels, Map) and labels:
            transforms.set_entries(step, lists["commonLabels"], labels, place_of(body, "commonLabels"))


def _label_fields(entry: Map, lists: dict[str, Any]) -> tuple[Field, ...]:
    fields = merged_fields(tuple(read_fields(entry.get("fields"))), lists["labels"])
    if entry.get("includeSelectors") is True:
        return merged_fields(fields, lists["commonLabels"])
    if entry.get("includeTemplates") is True:
        fields = merged_fields(fields, lists["templateLabels"])
    return merged_fields(fields, (_METADATA_LABELS,))


def _tidy_annotations(found: Object) -> None:
    """Leave annotations as Kustomize does after it has noted its own in them: as texts, and not empty."""
    metadata = found.body.get("metadata")
    if not isinstance(metadata, Map) or "annotations" not in metadata:
        return
    annotations = metadata["annotations"]
    if not isinstance(annotations, Unknown) and not annotations:
        found.body = put(found.body, "metadata", without(metadata, "annotations"), None)
    elif isinstance(annotations, Map):
        texts = {key: text_of(value) for key, value in annotations.items() if isinstance(value, _SCALARS)}
        if texts:
            changed = copied(annotations)
            changed.update(texts)
            found.body = put(found.body, "metadata", put(metadata, "annotations", changed, None), None)


def _local(found: Object) -> bool:
    """True for an object that only serves others in the build."""
    metadata = found.body.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Map) else None
    if not isinstance(annotations, Map) or _LOCAL not in annotations:
        return False
    return text_of(annotations[_LOCAL]) != "false"
