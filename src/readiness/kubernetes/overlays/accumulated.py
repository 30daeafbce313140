"""The objects of a build on their way through the steps, and where the steps note what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from readiness.kubernetes.overlays.edit import Change, FieldError, Place, change_at
from readiness.kubernetes.overlays.fields import NOTHING, Configuration
from readiness.kubernetes.overlays.model import Id, Object, text_of
from readiness.kubernetes.overlays.schema import Schema
from readiness.kubernetes.overlays.source import Kustomization, Sources, is_remote
from readiness.kubernetes.overlays.words import as_written
from readiness.sources.yaml_model import YamlDocument
from readiness.values import List, Map, Span, Unknown


class Accumulated:
    """What has been put together so far.

    `incomplete` says that objects may be missing that Kustomize would have: then nothing is said about a
    patch that finds none.
    """

    def __init__(self) -> None:
        self.objects: list[Object] = []
        self.configuration: Configuration = NOTHING
        self.variables: dict[str, Map] = {}
        self.incomplete = False
        self.used: set[str] = set()
        self._ids: dict[Id, Object] | None = None
        self._any: dict[Id, list[Object]] | None = None

    def changed(self) -> None:
        """Forget what is known of ids, after names, namespaces or kinds have changed."""
        self._ids = self._any = None

    def append(self, new: Object) -> Object | None:
        """Add an object; gives the one with the same id where there is one, and adds nothing."""
        if self._ids is None:
            self._ids = {old.current: old for old in self.objects}
        other = self._ids.get(new.current) if new.name else None
        if other is None:
            self._ids[new.current] = new
            self._any = None
            self.objects.append(new)
        return other

    def replace(self, old: Object, new: Object) -> None:
        """Put an object in the place of another."""
        self.objects[self.objects.index(old)] = new
        self.changed()

    def remove(self, gone: Object) -> None:
        """Take an object out."""
        self.objects = [old for old in self.objects if old is not gone]
        self.changed()

    def find(self, wanted: Id) -> list[Object]:
        """The objects that have an id, or had it."""
        if self._any is None:
            self._any = {}
            for candidate in self.objects:
                for found in dict.fromkeys(candidate.ids):
                    self._any.setdefault(found, []).append(candidate)
        return self._any.get(wanted, [])


class Step:
    """What every step works with: the kustomization that asks for it, and what it works on."""

    __slots__ = ("accumulated", "kustomization", "schema", "sources")

    def __init__(
        self, sources: Sources, kustomization: Kustomization, accumulated: Accumulated, schema: Schema
    ) -> None:
        self.sources = sources
        self.kustomization = kustomization
        self.accumulated = accumulated
        self.schema = schema

    @property
    def objects(self) -> list[Object]:
        return self.accumulated.objects

    def error(self, span: Span | None, message: str) -> None:
        """Note what is wrong, at a place or in the kustomization as a whole."""
        self.sources.error(self.kustomization.path, span, message)

    def notice(self, span: Span | None, message: str) -> None:
        """Note what is left out."""
        self.sources.notice(self.kustomization.path, span, message)

    def change(self, target: Object, parts: tuple[str, ...], change: Change, created: Place | None) -> None:
        """Change a field of an object; a path that cannot be followed is an error at its place."""
        try:
            target.body = change_at(target.body, parts, change, created)
        except FieldError as error:
            place = created.key or created.value if created is not None else None
            self.error(place or target.body.span, f"{target.shown}: {error}")

    def files(self, name: str, span: Span | None) -> str | None:
        """The path of a file that the kustomization names; None after noting why there is none."""
        path = self.kustomization.at(name)
        if is_remote(name) and self.sources.raw(path) is None:
            self.notice(span, f"`{name}` is not fetched")
            self.accumulated.incomplete = True
            return None
        if name.startswith("/"):
            self.error(span, f"`{name}` is an absolute path; Kustomize reads files of the repository only")
            return None
        if self.sources.files.is_folder(path):
            self.error(span, f"`{name}` is a folder, and a file is needed here")
            return None
        if self.sources.raw(path) is None:
            where = (
                "it lies outside of what is checked" if path.startswith("../") else f"there is no `{path}`"
            )
            self.error(span, f"`{name}` does not exist: {where}")
            return None
        self.accumulated.used.add(path)
        folder = self.kustomization.folder
        if not (path.startswith(f"{folder}/") or (folder == "." and not path.startswith("../"))):
            self.notice(
                span,
                f"`{name}` lies outside of the folder of this kustomization: Kustomize reads it only with "
                "`--load-restrictor LoadRestrictionsNone`",
            )
        return path

    def documents(self, name: str, span: Span | None) -> list[YamlDocument] | None:
        """The documents of a file; None after noting why there are none."""
        path = self.files(name, span)
        if path is None:
            return None
        file = self.sources.yaml(path)
        if file is None:
            self.notice(span, f"`{name}` is not read: it is no YAML or JSON")
            return None
        if file.errors:
            self.accumulated.incomplete = True
        return file.documents


def objects_in(step: Step, documents: Iterable[YamlDocument], origin: Span | None, path: str) -> list[Object]:
    """The objects of documents, those of lists at the end as Kustomize has them; what is none is noted."""
    found: list[Object] = []
    words = step.sources.words(path)
    queue: list[tuple[Any, Span]] = [
        (document.root if words is None else as_written(document.root, words), document.span)
        for document in documents
    ]
    for root, span in queue:
        if isinstance(root, Unknown) or root is None or root == {}:
            continue
        if not isinstance(root, Map):
            step.sources.error(path, span, "this document is no Kubernetes object")
            continue
        kind, items = root.get("kind"), root.get("items")
        if isinstance(kind, str) and kind.endswith("List") and "items" in root:
            queue.extend(_items(items))
        elif problem := _problem(root):
            step.sources.error(path, span, f"{problem}, so Kustomize does not take it for an object")
            step.accumulated.incomplete = True
        else:
            found.append(Object(root, origin or span))
    return found


def _items(items: Any) -> Iterator[tuple[Any, Span]]:
    if isinstance(items, List):
        for index, item in enumerate(items):
            span = items.span_of(index) or items.span
            if span is not None:
                yield item, span


def _problem(root: Map) -> str:
    """Why a mapping is no object, empty where it is one."""
    if not isinstance(root.get("kind"), (str, Unknown)):
        return "this has no `kind`"
    metadata = root.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Map) else None
    if isinstance(name, Unknown) or text_of(name):
        return ""
    return f"this {text_of(root['kind'])} has no `metadata.name`"
