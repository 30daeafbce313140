"""Patches: which objects they mean, and what becomes of those.

Sources: `api/internal/builtins/Patch*Transformer.go` of Kustomize 5.5.
"""

from __future__ import annotations

from readiness.kubernetes.overlays import jsonpatch
from readiness.kubernetes.overlays.accumulated import Step, objects_in
from readiness.kubernetes.overlays.edit import place_of, put, without
from readiness.kubernetes.overlays.merge import MergeError, merge
from readiness.kubernetes.overlays.model import Object, text_of
from readiness.kubernetes.overlays.select import Selector, SelectorError
from readiness.sources.yaml_model import YamlDocument
from readiness.values import List, Map, Span


def apply_patch(step: Step, entry: Map) -> None:
    """Apply an entry of `patches`: a strategic merge patch or a JSON patch, inline or in a file."""
    loaded = _load(step, entry, "patch")
    if loaded is None:
        return
    documents, path = loaded
    if not documents:
        step.error(entry.span_of("path") or entry.span, "this patch is empty")
        return
    if isinstance(documents[0].root, List):
        _apply_json(step, entry, documents[0].root, remember=True)
        return
    patches = objects_in(step, documents, entry.span, path)
    options = entry.get("options")
    options = options if isinstance(options, Map) else Map()
    if isinstance(entry.get("target"), Map):
        _merge_selected(step, entry, patches, options)
        return
    for patch in patches:
        merge_into(step, patch, options, entry.span)


def apply_json_patch(step: Step, entry: Map) -> None:
    """Apply an entry of the deprecated `patchesJson6902`."""
    loaded = _load(step, entry, "patch")
    if loaded is None:
        return
    documents, path = loaded
    target = entry.get("target")
    if isinstance(target, Map) and not text_of(target.get("name")):
        step.error(target.span, "the `target` of a JSON patch needs a `name` here")
    elif not documents or not isinstance(documents[0].root, List):
        step.sources.error(path, documents[0].span if documents else entry.span, "a JSON patch is a list")
    else:
        _apply_json(step, entry, documents[0].root, remember=False)


def apply_merge_patch(step: Step, written: str, span: Span | None) -> None:
    """Apply an entry of the deprecated `patchesStrategicMerge`: a path, or a patch as text."""
    if "\n" in written or written.lstrip().startswith("{"):
        documents: list[YamlDocument] | None = step.sources.inline(written, span, step.kustomization.path)
        path = step.kustomization.path
    else:
        documents, path = step.documents(written, span), step.kustomization.at(written)
    if documents is None:
        return
    patches = objects_in(step, documents, span, path)
    if not patches and not step.accumulated.incomplete:
        step.error(span, "this patch names no object")
    for patch in patches:
        merge_into(step, patch, Map(), span)


def _load(step: Step, entry: Map, key: str) -> tuple[list[YamlDocument], str] | None:
    """The documents of a patch and the file that they stand in; None after noting why there are none."""
    text, name = text_of(entry.get(key)).strip(), text_of(entry.get("path"))
    if bool(text) == bool(name):
        step.error(entry.span, f"a patch has either a `path` or a `{key}`")
        return None
    if text:
        documents = step.sources.inline(
            text_of(entry[key]), entry.value_spans.get(key), step.kustomization.path
        )
        return documents, step.kustomization.path
    found = step.documents(name, entry.value_spans.get("path"))
    return None if found is None else (found, step.kustomization.at(name))


def _selected(step: Step, entry: Map) -> list[Object]:
    """The objects that the `target` of a patch means."""
    target = entry["target"]
    try:
        selector = Selector(target)
    except SelectorError as error:
        step.error(target.span, str(error))
        return []
    found = [candidate for candidate in step.objects if selector.matches(candidate)]
    step.sources.matched(target.span, bool(found) or step.accumulated.incomplete)
    return found


def _merge_selected(step: Step, entry: Map, patches: list[Object], options: Map) -> None:
    if len(patches) > 1:
        step.error(entry.span_of("target"), "a patch with a `target` is one document, and this has several")
        return
    for patch in patches:
        for target in _selected(step, entry):
            group = put(
                patch.body, "apiVersion", target.body.get("apiVersion"), place_of(target.body, "apiVersion")
            )
            _merge(step, target, group, options)


def merge_into(step: Step, patch: Object, options: Map, entry: Span | None) -> None:
    """Merge a patch into the object that it names."""
    found = step.accumulated.find(patch.original)
    if len(found) == 1:
        _merge(step, found[0], patch.body, options)
    elif len(found) > 1:
        step.error(
            patch.body.span or entry,
            f"{len(found)} objects of this build may be the {patch.shown} of this patch",
        )
    elif not step.accumulated.incomplete:
        step.error(
            patch.body.span or entry,
            f"this patch is for {patch.shown}, which is not in this build{_near(step, patch)}",
        )


def _near(step: Step, patch: Object) -> str:
    """What the patch may mean: the same name and kind elsewhere."""
    for candidate in step.objects:
        if candidate.kind == patch.kind and patch.name in {found.name for found in candidate.ids}:
            if candidate.api_version != patch.api_version:
                return f"; there it is of `{candidate.api_version}`"
            return f"; there it is in the namespace `{candidate.namespace or 'default'}`"
    return ""


def _merge(step: Step, target: Object, patch: Map, options: Map) -> None:
    rename, retype = (options.get(key) is True for key in ("allowNameChange", "allowKindChange"))
    before = target.body
    try:
        merged = merge(before, patch, step.schema)
    except MergeError as error:
        step.error(error.span or patch.span, f"{target.shown}: {error}")
        return
    if merged is None or not merged:
        step.accumulated.remove(target)
        return
    if rename or retype:
        target.remember()
    if not retype:
        merged = _restored(merged, before, "kind")
    metadata, old = merged.get("metadata"), before.get("metadata")
    if isinstance(metadata, Map) and isinstance(old, Map):
        kept = metadata if rename else _restored(metadata, old, "name")
        kept = _restored(kept, old, "namespace")
        merged = merged if kept is metadata else put(merged, "metadata", kept, None)
    target.body = merged
    if rename or retype:
        _renamed(step, target, patch)


def _restored(merged: Map, before: Map, key: str) -> Map:
    """A mapping with an entry as it was."""
    if key in before:
        return (
            merged if merged.get(key) == before[key] else put(merged, key, before[key], place_of(before, key))
        )
    return without(merged, key)


def _renamed(step: Step, target: Object, patch: Map) -> None:
    step.accumulated.changed()
    current = target.current
    if sum(candidate.current == current for candidate in step.objects) > 1:
        step.error(
            patch.span, f"with this patch two objects are called {target.shown}; the patched one is left out"
        )
        step.accumulated.remove(target)


def _apply_json(step: Step, entry: Map, patch: List, remember: bool) -> None:
    if not isinstance(entry.get("target"), Map):
        step.error(entry.span, "a JSON patch needs a `target`")
        return
    wrong = jsonpatch.problems(patch)
    for message, span in wrong:
        step.error(span or patch.span, message)
    if wrong:
        return
    for target in _selected(step, entry):
        if remember:
            target.remember()
        try:
            body = jsonpatch.apply(target.body, patch)
        except jsonpatch.JsonPatchError as error:
            step.error(error.span or patch.span, f"{target.shown}: {error}")
            continue
        target.body = body
    step.accumulated.changed()
