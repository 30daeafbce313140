"""The steps that set the same in many objects: namespace, names, labels, annotations, images, replicas.

Sources: `api/internal/builtins/*Transformer.go` and `api/filters` of Kustomize 5.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from readiness.kubernetes.overlays.accumulated import Step
from readiness.kubernetes.overlays.edit import Change, Place, change_at, copied, place_of, put
from readiness.kubernetes.overlays.fields import Field, selected
from readiness.kubernetes.overlays.model import Object, text_of
from readiness.kubernetes.overlays.select import SelectorError, check_effort
from readiness.values import List, Map, Unknown

SUBJECTS = ("defaultOnly", "allServiceAccounts", "none")
"""Which subjects of role bindings get the namespace."""

_SUBJECTS_NAMESPACE = "subjects/namespace"
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_KEEPS_NAME = ("CustomResourceDefinition", "Namespace")


def set_namespace(
    step: Step,
    fields: Iterable[Field],
    name: str,
    place: Place,
    subjects: str = SUBJECTS[0],
    only_unset: bool = False,
) -> None:
    """Put all objects into a namespace."""

    def change(old: Any) -> tuple[Any, Place | None]:
        if (only_unset and old) or isinstance(old, (Map, List)):
            return old, None
        return name, place

    def rename(old: Any) -> tuple[Any, Place | None]:
        return (old if old == name else name), None

    fields = tuple(fields)
    for target in step.objects:
        if target.chart:
            continue
        target.remember()
        if not target.cluster_scoped:
            step.change(target, ("metadata", "namespace"), change, place)
        if target.kind in _BINDINGS:
            _set_subjects(step, target, change, place, subjects)
        for field, parts in selected(fields, target.api_version, target.kind):
            if field.path == "metadata/namespace" or (
                field.path == _SUBJECTS_NAMESPACE and target.kind in _BINDINGS
            ):
                continue
            if field.path == "metadata/name":
                if target.api_version == "v1":
                    step.change(target, parts, rename, place)
                continue
            step.change(target, parts, change, place if field.create else None)
    step.accumulated.changed()
    _without_conflicts(step, place)


def _set_subjects(step: Step, target: Object, change: Change, place: Place, mode: str) -> None:
    if mode == "none":
        return
    key, wanted = ("kind", "ServiceAccount") if mode == "allServiceAccounts" else ("name", "default")

    def subject(old: Any) -> tuple[Any, Place | None]:
        if not isinstance(old, List):
            return old, None
        result = old
        for index, item in enumerate(old):
            if isinstance(item, Map) and item.get(key) == wanted:
                new = change_at(item, ("namespace",), change, place)
                if new is not item:
                    if result is old:
                        result = List(old, old.span, list(old.item_spans))
                    result[index] = new
        return result, None

    step.change(target, ("subjects",), subject, None)


def _without_conflicts(step: Step, place: Place) -> None:
    """Take out what has the id of another since it is in the same namespace."""
    seen: set[Any] = set()
    kept = []
    for target in step.objects:
        if target.current in seen:
            message = (
                f"with this namespace two objects have the same name, {target.shown}; the second is left out"
            )
            step.error(place.key or place.value, message)
        else:
            seen.add(target.current)
            kept.append(target)
    if len(kept) < len(step.objects):
        step.accumulated.objects = kept
        step.accumulated.changed()


def add_to_names(step: Step, fields: Iterable[Field], prefix: str = "", suffix: str = "") -> None:
    """Put a text before or after the names of all objects."""

    def change(old: Any) -> tuple[Any, Place | None]:
        if isinstance(old, (Unknown, Map, List)):
            return old, None
        # The place stays: it is where the object stands.
        return prefix + text_of(old) + suffix, None

    fields = tuple(fields)
    for target in step.objects:
        group, version, kind = target.original[:3]
        if kind in _KEEPS_NAME or (kind == "APIService" and group == "apiregistration.k8s.io"):
            continue
        for field in fields:
            if not field.selects(group, version, kind):
                continue
            if field.path == "metadata/name":
                target.prefixes += (prefix,) if prefix else ()
                target.suffixes += (suffix,) if suffix else ()
                target.remember()
            step.change(target, field.parts, change, Place() if field.create else None)
    step.accumulated.changed()


def set_entries(step: Step, fields: Iterable[Field], pairs: Map, owner: Place) -> None:
    """Set labels or annotations in the fields of all objects."""

    def change(old: Any) -> tuple[Any, Place | None]:
        if old is None:
            return copied_from(pairs, owner), owner
        if not isinstance(old, Map):
            return old, None
        new = old
        for key, value in pairs.items():
            if key not in old or old[key] != value or not isinstance(old[key], str):
                new = copied(old) if new is old else new
                new[key] = value
                place = place_of(pairs, key)
                for spans, span in ((new.key_spans, place.key), (new.value_spans, place.value)):
                    if span is not None:
                        spans[key] = span
        return new, None

    fields = tuple(fields)
    found: dict[tuple[str, str], list[tuple[Field, tuple[str, ...]]]] = {}
    for target in step.objects:
        key = target.api_version, target.kind
        if key not in found:
            found[key] = selected(fields, *key)
        for field, parts in found[key]:
            step.change(target, parts, change, owner if field.create else None)


def copied_from(pairs: Map, owner: Place) -> Map:
    """Entries as a mapping of their own, which stands where they are written."""
    return Map(pairs, pairs.span or owner.value, dict(pairs.key_spans), dict(pairs.value_spans))


class ImageChange:
    """An entry of `images`: the images it means and what becomes of them.

    Source: `api/internal/image/image.go`, where the name is taken for a pattern.
    """

    def __init__(self, entry: Map) -> None:
        self.name = text_of(entry.get("name"))
        self.new_name, self.new_tag, self.digest, self.suffix = (
            text_of(entry.get(key)) for key in ("newName", "newTag", "digest", "tagSuffix")
        )
        written = next(
            (key for key in ("newTag", "digest", "newName", "tagSuffix") if entry.get(key)), "name"
        )
        self.place = place_of(entry, written)
        self.pattern = _image_pattern(self.name)

    def means(self, image: str) -> bool:
        """Whether this is about an image."""
        return self.pattern.match(image) is not None

    def apply(self, image: str) -> str:
        """What an image becomes; the same where it is not meant."""
        if not self.means(image):
            return image
        name, tag, digest = split_image(image)
        name = self.new_name or name
        if self.new_tag or self.digest:
            tag, digest = self.new_tag, self.digest
        elif self.suffix:
            tag, digest = tag + self.suffix, ""
        return name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


_ENDS = r"(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?\Z"


def _image_pattern(name: str) -> re.Pattern[str]:
    try:
        check_effort(name)
        return re.compile(f"^{name}{_ENDS}")
    except (SelectorError, re.error):
        return re.compile(f"^{re.escape(name)}{_ENDS}")


def split_image(image: str) -> tuple[str, str, str]:
    """Name, tag and digest of an image."""
    start = max(image.find("/"), 0)
    at, colon = image.find("@", start), image.find(":", start)
    if at < 0 and colon < 0:
        return image, "", ""
    if at >= 0 and (at < colon or colon < 0):
        return image[:at], "", image[at + 1 :]
    if at >= 0:
        return image[:colon], image[colon + 1 : at], image[at + 1 :]
    return image[:colon], image[colon + 1 :], ""


def set_images(step: Step, fields: Iterable[Field], entries: Iterable[Map]) -> None:
    """Change the images of all containers, and of the fields given."""
    changes = [ImageChange(entry) for entry in entries]
    fields = tuple(fields)
    for target in step.objects:
        if target.kind == "CustomResourceDefinition":
            continue
        images = set(_images_in(target.body))
        for image in changes:
            meant = any(map(image.means, images))
            _change_image(step, target, fields, image, meant)
            images = {image.apply(old) for old in images} if meant else images


def _images_in(value: Any) -> Iterator[str]:
    """The images in a value, and whatever else is called so."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Map):
            stack.extend(item.values())
            image = item.get("image")
            if isinstance(image, str):
                yield image
        elif isinstance(item, List):
            stack.extend(item)


def _change_image(
    step: Step, target: Object, fields: tuple[Field, ...], image: ImageChange, in_containers: bool
) -> None:
    def change(old: Any) -> tuple[Any, Place | None]:
        if not isinstance(old, str) or not image.means(old):
            return old, None
        return image.apply(old), image.place

    if in_containers:
        target.body = _in_containers(target.body, change)
    for _, parts in selected(fields, target.api_version, target.kind):
        step.change(target, parts, change, None)


def _in_containers(value: Any, change: Change) -> Any:
    """A value with the images of every `containers` and `initContainers` in it changed."""
    result = value
    if isinstance(value, List):
        for index, item in enumerate(value):
            new = _in_containers(item, change) if isinstance(item, (Map, List)) else item
            if new is not item:
                if result is value:
                    result = List(value, value.span, list(value.item_spans))
                result[index] = new
    elif isinstance(value, Map):
        for key, item in value.items():
            if not isinstance(item, (Map, List)):
                continue
            new = _in_containers(item, change)
            if key in ("containers", "initContainers") and isinstance(new, List):
                new = _own_images(new, change)
            if new is not item:
                result = put(result, key, new, None)
    return result


def _own_images(containers: List, change: Change) -> List:
    result = containers
    for index, item in enumerate(containers):
        if isinstance(item, Map) and "image" in item:
            new = change_at(item, ("image",), change)
            if new is not item:
                if result is containers:
                    result = List(containers, containers.span, list(containers.item_spans))
                result[index] = new
    return result


def set_replicas(step: Step, fields: Iterable[Field], entries: Iterable[Map]) -> None:
    """Set the number of replicas of objects by name."""
    fields = tuple(fields)
    by_name: dict[str, list[Object]] = {}
    for target in step.objects:
        for name in dict.fromkeys(found.name for found in target.ids):
            by_name.setdefault(name, []).append(target)
    for entry in entries:
        name, count, place = text_of(entry.get("name")), entry.get("count", 0), place_of(entry, "count")

        def change(_old: Any, count: int = count, place: Place = place) -> tuple[Any, Place | None]:
            return count, place

        found = False
        for target in by_name.get(name, ()):
            for field in fields:
                if any(
                    field.selects(one.group, one.version, one.kind) for one in target.ids if one.name == name
                ):
                    found = True
                    step.change(target, field.parts, change, place if field.create else None)
        if not found and not step.accumulated.incomplete:
            step.error(
                entry.span_of("name") or entry.span, f"nothing with replicas is called `{name}` in this build"
            )
