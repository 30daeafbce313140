"""Kustomize overlays of the repository as resources."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from msgspec import field

from readiness.estate.environments import NAMES
from readiness.estate.reader import Reader, Sources
from readiness.estate.rendered import Told, engine_available, means, scatter, take
from readiness.kubernetes import build as kubernetes
from readiness.kubernetes.charts.model import Render
from readiness.kubernetes.kustomize import NAMES as KUSTOMIZATIONS
from readiness.kubernetes.kustomize import is_kustomization
from readiness.repo.tree import Tree, is_chart
from readiness.sources.yaml_model import YamlDocument, YamlFile
from readiness.values import List, Map, Span


class _Files:
    """The files of a run, and those of the repository that overlays name besides."""

    def __init__(self, sources: Sources, tree: Tree, reader: Reader) -> None:
        self._parsed: dict[str, YamlFile] = dict(sources.data)
        self._sources = sources
        self._tree = tree
        self._reader = reader
        self.read: set[str] = set()

    def yaml(self, path: str) -> YamlFile | None:
        """A file parsed with its spans."""
        if path not in self._parsed:
            content = self._tree.read(path)
            if content is None:
                return None
            text = content.decode("utf-8", "replace")
            self._parsed[path] = self._reader.parse_yaml([(path, text)])[0]
            self._sources.texts.setdefault(path, text)
        self.read.add(path)
        return self._parsed[path]

    def raw(self, path: str) -> bytes | None:
        """The bytes of a file."""
        content = self._tree.read(path)
        if content is not None:
            self.read.add(path)
            self._sources.texts.setdefault(path, content.decode("utf-8", "replace"))
        return content

    def is_folder(self, path: str) -> bool:
        """True for a folder inside the repository."""
        return self._tree.is_folder(path)

    def is_ignored(self, path: str) -> bool:
        """True for what git ignores."""
        return self._tree.is_ignored(path)


def owning_kustomizations(names: Sequence[str], tree: Tree) -> list[str]:
    """The kustomizations at or above named files that mention them: they say what these files are."""
    found: dict[str, None] = {}
    for name in names:
        parts = name.split("/")
        for index in range(len(parts) - 1, -1, -1):
            if ".." in parts[:index]:
                break
            owner = _mentioning("/".join(parts[:index]), "/".join(parts[index:]), tree)
            if owner is not None:
                found[owner] = None
                break
    return list(found)


def _mentioning(folder: str, name: str, tree: Tree) -> str | None:
    for own in KUSTOMIZATIONS:
        path = f"{folder}/{own}" if folder else own
        content = tree.read(path)
        if content is not None and name.encode() in content:
            return path
    return None


class Overlaid(Told):
    """The resources of overlays, and the files that are parts of them: no objects by themselves."""

    used: set[str] = field(default_factory=set)
    charts: set[str] = field(default_factory=set)  # the folders of charts that overlays install


class _Charts:
    """Renders the charts that kustomizations name (`helmCharts`), where they are in the repository.

    Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/helmcharts/
    """

    def __init__(self, sources: Sources, tree: Tree, reader: Reader, told: Overlaid) -> None:
        self._sources = sources
        self._tree = tree
        self._reader = reader
        self._told = told

    def render(self, entry: Map, folder: str) -> list[Map] | None:
        """The objects of an entry; None where its chart is not at hand."""
        name = entry.get("name")
        if not isinstance(name, str) or not engine_available():
            return None
        names = [f"charts/{name}-{entry.get('version')}/{name}", f"charts/{name}"]
        places = [posixpath.normpath(posixpath.join(folder, place)) for place in names]
        chart = next((place for place in places if is_chart(place, self._tree)), None)
        if chart is None:
            return None
        from readiness.kubernetes.charts.folder import ChartError
        from readiness.kubernetes.charts.render import render_one

        render = self._render(entry, folder, name)
        self._told.charts.add(chart)
        try:
            found = render_one(chart, render, means(self._tree, self._reader))
        except ChartError as error:
            self._told.errors.append(error.error)
            return None
        take(found, self._told, self._sources)
        roots = [d.root for each in found.rendered for f in each.files for d in f.file.documents]
        return [root for root in roots if isinstance(root, Map)]

    def _render(self, entry: Map, folder: str, name: str) -> Render:
        from readiness.kubernetes.charts.environments import read_values

        values: list[tuple[str, Map]] = []
        more = entry.get("additionalValuesFiles")
        for file in [entry.get("valuesFile"), *(more if isinstance(more, List) else ())]:
            path = posixpath.normpath(posixpath.join(folder, file)) if isinstance(file, str) else ""
            content = self._tree.read(path) if path else None
            written = read_values(path, content, self._told.errors) if content is not None else None
            if written is not None:
                values.append((path, written))
        inline = entry.get("valuesInline")
        if isinstance(inline, Map):
            merge = entry.get("valuesMerge", "override")
            values.insert(0 if merge == "merge" else len(values), (folder, inline))
        release, namespace = entry.get("releaseName"), entry.get("namespace")
        return Render(
            "",
            values,
            release if isinstance(release, str) else name,
            namespace if isinstance(namespace, str) else "default",
        )


def overlays(sources: Sources, tree: Tree, reader: Reader, more: Sequence[str] = ()) -> Overlaid:
    """Build every kustomization that no other one uses; `more` are the paths of some outside the run."""
    names = [path for path, _ in sources.data if is_kustomization(path)]
    names += [path for path in more if path not in names]
    result = Overlaid()
    if not names:
        return result
    from readiness.kubernetes.overlays import build_overlays

    files = _Files(sources, tree, reader)
    found = build_overlays(names, files, _Charts(sources, tree, reader, result).render, NAMES)
    result.errors += found.errors
    result.notices += found.notices
    result.texts.update(files.read)
    result.used = found.used
    for built in found.built:
        result.places[built.root, built.variant] = posixpath.dirname(built.entry)
        for body in built.objects:
            resources, errors = kubernetes.build([_as_file(body, built.entry)])
            result.errors += errors
            for resource in resources:
                result.resources.append(scatter(resource, built.root, built.variant))
    return result


def _as_file(body: Map, entry: str) -> tuple[str, YamlFile]:
    span = body.span or Span(entry, 1, 1, 1, 2)
    return span.path, YamlFile([YamlDocument(body, span)])
