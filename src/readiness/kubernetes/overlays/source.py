"""Reading kustomizations and the files that they name; what is wrong with them is noted with its place."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from readiness.errors import SourceError
from readiness.kubernetes.kustomize import NAMES
from readiness.kubernetes.overlays.inline import documents_in
from readiness.kubernetes.overlays.model import Files, text_of
from readiness.kubernetes.overlays.shapes import KUSTOMIZATION, MISSING, conforming
from readiness.kubernetes.overlays.words import lines_with_words
from readiness.sources.yaml_model import YamlDocument, YamlFile
from readiness.values import List, Map, Span

GROUP = "kustomize.config.k8s.io"
_REMOTE = re.compile(
    r"(?:git::)?(?:[a-z][a-z0-9+.-]*://|[^/\s@]+@[^/\s]+[:/]|(?:www\.)?github\.com[:/]|gh:)", re.IGNORECASE
)


def is_remote(name: str) -> bool:
    """True for what Kustomize would fetch: an address, or a repository of git.

    Source: `extractHost` in `api/internal/git/repospec.go`.
    """
    return _REMOTE.match(name) is not None


class Kustomization:
    """One kustomization: `body` has the fields that have the shape they should have."""

    __slots__ = ("body", "component", "folder", "path")

    def __init__(self, path: str, body: Map) -> None:
        self.path = path
        self.folder = posixpath.dirname(path) or "."
        self.body = body
        self.component = body.get("kind") == "Component"

    def entries(self, key: str) -> Iterator[tuple[Any, Span | None]]:
        """The items of a list and where they are written."""
        value = self.body.get(key)
        if isinstance(value, List):
            for index, item in enumerate(value):
                yield item, value.span_of(index) or value.span

    def text(self, key: str) -> str:
        """A text, empty where there is none."""
        return text_of(self.body.get(key))

    def bases(self) -> Iterator[tuple[str, Span | None]]:
        """What it names as resources, the deprecated `bases` last."""
        yield from self.entries("resources")
        yield from self.entries("bases")

    def at(self, name: str) -> str:
        """The path of what it names."""
        return posixpath.normpath(posixpath.join(self.folder, name))


class Sources:
    """All files of one run, each read once; collects what is wrong and what is left out."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.errors: dict[SourceError, None] = {}
        self.notices: dict[SourceError, None] = {}
        self._yaml: dict[str, YamlFile | None] = {}
        self._found: dict[str, Kustomization | None] = {}
        self._inline: dict[Span, list[YamlDocument]] = {}
        self._matched: dict[Span, bool] = {}
        self._words: dict[str, list[str] | None] = {}

    def error(self, path: str, span: Span | None, message: str) -> None:
        """Note what is wrong at a place, else at the start of a file."""
        self.errors[_at(path, span, message)] = None

    def notice(self, path: str, span: Span | None, message: str) -> None:
        """Note what is left out."""
        self.notices[_at(path, span, message)] = None

    def yaml(self, path: str) -> YamlFile | None:
        """A parsed file, None where there is none."""
        if path not in self._yaml:
            file = self._yaml[path] = self.files.yaml(path)
            if file is not None:
                self.errors.update(dict.fromkeys(file.errors))
        return self._yaml[path]

    def raw(self, path: str) -> bytes | None:
        """The bytes of a file, None where there is none."""
        return self.files.raw(path)

    def words(self, path: str) -> list[str] | None:
        """The lines of a file where it may hold words that are no texts to Kubernetes; else None."""
        if path not in self._words:
            self._words[path] = lines_with_words(self.files.raw(path))
        return self._words[path]

    def inline(self, text: str, span: Span | None, path: str) -> list[YamlDocument]:
        """The documents of a text in a kustomization, with spans into that file."""
        if span is None:
            return []
        if span not in self._inline:
            documents, errors = documents_in(text, span, self.files.raw(span.path))
            self._inline[span] = documents
            self.errors.update(dict.fromkeys(errors))
        return self._inline[span]

    def matched(self, span: Span | None, found: bool) -> None:
        """Note whether a selector means anything in one build."""
        if span is not None:
            self._matched[span] = self._matched.get(span, False) or found

    def tell_unmatched(self) -> None:
        """Note the selectors that mean nothing in any build."""
        for span, found in self._matched.items():
            if not found:
                self.notice(span.path, span, "no build has an object that this `target` means")

    def kustomization_in(self, folder: str) -> Kustomization | None:
        """The kustomization of a folder, None where there is none that can be read."""
        paths = [posixpath.normpath(posixpath.join(folder, name)) for name in NAMES]
        found = [path for path in paths if self.kustomization(path) is not None]
        for path in found[1:]:
            self.error(path, None, f"`{folder}` has two kustomizations: this one and `{found[0]}`")
        return self.kustomization(found[0]) if found else None

    def kustomization(self, path: str) -> Kustomization | None:
        """A kustomization by its path, None where there is none."""
        if path not in self._found:
            self._found[path] = self._read(path)
        return self._found[path]

    def _read(self, path: str) -> Kustomization | None:
        file = self.yaml(path)
        if file is None:
            return None
        if not file.documents:
            if not file.errors:
                self.error(path, None, "this kustomization is empty")
            return Kustomization(path, Map())
        root, span = file.documents[0].root, file.documents[0].span
        if isinstance(root, Map) and _foreign(root):
            return None
        for document in file.documents[1:]:
            self.error(path, document.span, "a kustomization is one document; this one is not read")
        root = _renamed(root) if isinstance(root, Map) else root
        body = conforming(root, KUSTOMIZATION, lambda message, place: self.error(path, place, message), span)
        body = Map() if body is MISSING else body
        if isinstance(root, Map) and not root.keys() - {"apiVersion", "kind"}:
            self.error(path, span, "this kustomization is empty")
        self._check_version(path, body)
        return Kustomization(path, body)

    def _check_version(self, path: str, body: Map) -> None:
        kind = body.get("kind") or "Kustomization"
        if kind not in ("Kustomization", "Component"):
            message = f"`kind` of a kustomization is `Kustomization` or `Component`, not `{kind}`"
            self.error(path, body.span_of("kind"), message)
            return
        expected = f"{GROUP}/{'v1alpha1' if kind == 'Component' else 'v1beta1'}"
        if body.get("apiVersion") not in (None, "", expected):
            message = f"`apiVersion` of a {kind} is `{expected}`, not `{body['apiVersion']}`"
            self.error(path, body.span_of("apiVersion"), message)


def _foreign(root: Map) -> bool:
    """True for an object of somebody else in a file of this name: of Flux, for instance."""
    version = root.get("apiVersion")
    return isinstance(version, str) and "/" in version and not version.startswith(f"{GROUP}/")


def _at(path: str, span: Span | None, message: str) -> SourceError:
    if span is None:
        return SourceError(path, 1, 1, message)
    return SourceError(span.path, span.line, span.column, message)


def _renamed(root: Map) -> Map:
    """A kustomization whose `patches` are texts, as `patchesStrategicMerge` was called once.

    Source: https://github.com/kubernetes-sigs/kustomize/blob/master/api/types/fix.go
    """
    old, new, patches = "patches", "patchesStrategicMerge", root.get("patches")
    if new in root or not isinstance(patches, List) or not any(isinstance(one, str) for one in patches):
        return root
    parts = [
        {new if key == old else key: value for key, value in part.items()}
        for part in (root, root.key_spans, root.value_spans)
    ]
    return Map(parts[0], root.span, parts[1], parts[2], root.origin)
