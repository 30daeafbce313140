"""The files of a repository → charts.

Sources: https://helm.sh/docs/topics/charts/ ; the patterns of `.helmignore` are those of
https://helm.sh/docs/chart_template_guide/helm_ignore_file/
"""

from __future__ import annotations

import posixpath
from typing import Any

from readiness.errors import SourceError
from readiness.kubernetes.charts.model import Chart, Dependency
from readiness.kubernetes.charts.versions import satisfies
from readiness.repo.paths import below
from readiness.repo.tree import CHART, Tree, is_chart
from readiness.sources.yaml_model import YamlFile
from readiness.values import List, Map, Span

SIZE_LIMIT = 50_000_000
"""Bytes of all files of a chart; Helm itself refuses archives above 100 MB."""

COUNT_LIMIT = 500
"""Charts in a chart, each counted as often as it is there."""

_DEPTH_LIMIT = 8  # charts within charts


class ChartError(Exception):
    """A chart that cannot be read, with the place of what is wrong."""

    def __init__(self, error: SourceError) -> None:
        super().__init__(error.message)
        self.error = error


class Shelf:
    """Charts that were read, each once: many charts share one that they depend on."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._charts: dict[str, Chart] = {}
        self._abouts: dict[str, Map] = {}
        self._open: list[str] = []  # folders that are being read, outermost first
        self._count = 0

    def read(self, folder: str) -> Chart:
        """The chart in a folder.

        Raises:
            ChartError: it has no `Chart.yaml` that can be read, is too large, or holds too many charts.
        """
        if not self._open:
            self._count = 0
        self._count += 1
        if self._count > COUNT_LIMIT:
            message = f"the chart has more than {COUNT_LIMIT} charts in it, so it is not rendered"
            raise ChartError(SourceError(below(self._open[0], CHART), 1, 1, message))
        if folder not in self._charts:
            self._open.append(folder)
            try:
                self._charts[folder] = _read(folder, self._tree, self)
            finally:
                self._open.pop()
        return self._charts[folder]

    def fits(self, folder: str) -> bool:
        """Whether a folder holds a chart that may be part of the one being read: no chart is in itself."""
        if len(self._open) > _DEPTH_LIMIT or folder in self._open:
            return False
        return is_chart(folder, self._tree)

    def about(self, folder: str) -> Map:
        """The `Chart.yaml` of a chart.

        Raises:
            ChartError: there is none that can be read.
        """
        if folder not in self._abouts:
            self._abouts[folder] = _about(below(folder, CHART), self._tree)
        return self._abouts[folder]


def _read(folder: str, tree: Tree, shelf: Shelf) -> Chart:
    path = below(folder, CHART)
    about = shelf.about(folder)
    chart = Chart(
        folder=folder,
        name=_text(about, "name") or posixpath.basename(folder) or "chart",
        library=about.get("type") == "library",
        header=about.span_of("name") or Span(path, 1, 1, 1, 2),
        dependencies=_dependencies(about, folder, tree),
    )
    ignored = _ignore_spec(tree.read(below(folder, ".helmignore")))
    nested: set[str] = set()
    size = 0
    for full in tree.below(folder):
        name = full if folder == "." else full[len(folder) + 1 :]
        parts = name.split("/")
        if parts[0] == "charts" and len(parts) > 2:
            nested.add(parts[1])
            continue
        if _is_hidden(parts) or (ignored is not None and ignored.match_file(name)):
            continue
        content = tree.read(full)
        if content is None:
            message = "this file of a chart is not read: it is too large, or leads out of the repository"
            chart.problems.append(SourceError(full, 1, 1, message))
            continue
        size += len(content)
        if size > SIZE_LIMIT:
            raise ChartError(too_large(path))
        _add(chart, name, content)
    for name in sorted(nested):
        sub = below(folder, f"charts/{name}")
        left_out = ignored is not None and ignored.match_file(f"charts/{name}/Chart.yaml")
        if not left_out and not name.startswith(("_", ".")) and shelf.fits(sub):
            chart.subcharts[name] = shelf.read(sub)
    _local_dependencies(chart, tree, shelf)
    return chart


def too_large(path: str) -> SourceError:
    """What is said of a chart above the limit, with its subcharts."""
    message = f"the chart has more than {SIZE_LIMIT / 1e6:.0f} MB, so it is not rendered"
    return SourceError(path, 1, 1, message)


def _is_hidden(parts: list[str]) -> bool:
    """Whether Helm leaves a file out whatever `.helmignore` says (its rule is `templates/.?*`)."""
    return parts[0] == "templates" and len(parts) > 1 and parts[1][:1] == "." and len(parts[1]) > 1


def _add(chart: Chart, name: str, content: bytes) -> None:
    if name.startswith("charts/"):
        if name.endswith((".tgz", ".tar.gz")):
            chart.archives[name] = content
    elif name != ".helmignore":
        chart.files[name] = content


def missing_dependencies(chart: Chart) -> list[Dependency]:
    """What a chart depends on and is not in its `charts` folder."""
    there = {sub.name for sub in chart.subcharts.values()} | set(chart.subcharts)
    packed = [posixpath.basename(name) for name in chart.archives]
    return [
        dependency
        for dependency in chart.dependencies
        if dependency.name not in there and not any(name.startswith(f"{dependency.name}-") for name in packed)
    ]


def _local_dependencies(chart: Chart, tree: Tree, shelf: Shelf) -> None:
    """Dependencies that the repository holds elsewhere, where they are not vendored.

    That is where `file://../common` leads, and a chart of that name beside this one whose version is one
    that is asked for: repositories of charts install their own charts from where these are published.
    """
    for dependency in missing_dependencies(chart):
        linked = below(chart.folder, f"charts/{dependency.name}")
        if "/" not in dependency.name and tree.is_folder(linked) and shelf.fits(linked):
            # A link to a folder, which is not walked into.
            chart.subcharts[dependency.name] = shelf.read(linked)
            continue
        local = dependency.repository.startswith("file://")
        name = dependency.repository.removeprefix("file://") if local else f"../{dependency.name}"
        folder = posixpath.normpath(below(chart.folder, name))
        if folder == chart.folder or folder.startswith("..") or not shelf.fits(folder):
            continue
        if local or satisfies(_text(shelf.about(folder), "version"), dependency.version):
            chart.subcharts[dependency.name] = shelf.read(folder)


def _about(path: str, tree: Tree) -> Map:
    from readiness.sources.yaml_source import read

    content = tree.read(path)
    if content is None:
        raise ChartError(SourceError(path, 1, 1, "the chart has no `Chart.yaml` that can be read"))
    file = read(path, content.decode("utf-8", "replace"))
    if file.errors:
        raise ChartError(file.errors[0])
    root = file.documents[0].root if file.documents else None
    if not isinstance(root, Map):
        raise ChartError(SourceError(path, 1, 1, "the `Chart.yaml` of this chart is not a mapping"))
    return root


def _dependencies(about: Map, folder: str, tree: Tree) -> list[Dependency]:
    """The dependencies of a chart; charts of the first version list them in `requirements.yaml`."""
    listed: Any = about.get("dependencies")
    content = tree.read(below(folder, "requirements.yaml")) if listed is None else None
    if content is not None:
        file = parsed(below(folder, "requirements.yaml"), content)
        root = file.documents[0].root if file.documents else None
        listed = root.get("dependencies") if isinstance(root, Map) else None
    if not isinstance(listed, List):
        return []
    return [
        Dependency(
            _text(entry, "name"),
            _text(entry, "alias"),
            _text(entry, "version"),
            _text(entry, "repository"),
            entry.span or Span(below(folder, CHART), 1, 1, 1, 2),
        )
        for entry in listed
        if isinstance(entry, Map)
    ]


def parsed(path: str, content: bytes) -> YamlFile:
    """A YAML file of a chart."""
    from readiness.sources.yaml_source import read

    return read(path, content.decode("utf-8", "replace"))


def _text(holder: Map, key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else ""


def _ignore_spec(content: bytes | None) -> Any:
    if content is None:
        return None
    from pathspec import GitIgnoreSpec

    lines = content.decode("utf-8", "replace").splitlines()
    kept = [line for line in lines if line.strip() and not line.startswith("#")]
    try:
        return GitIgnoreSpec.from_lines(kept) if kept else None
    except ValueError:
        return None
