"""Charts and overlays of the repository as resources."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from readiness.errors import SourceError
from readiness.estate.model import Resource
from readiness.estate.reader import Reader, Sources
from readiness.estate.releases import find, link
from readiness.kubernetes import build as kubernetes
from readiness.repo.paths import below
from readiness.repo.tree import CHART, Tree, is_chart
from readiness.sources.comments import MARKER
from readiness.values import Map

if TYPE_CHECKING:
    from readiness.kubernetes.charts.render import Charts, Means


class Told(Struct):
    """Resources, what is wrong with what they were made from, and what is worth knowing of it."""

    resources: list[Resource] = field(default_factory=list)
    errors: list[SourceError] = field(default_factory=list)
    notices: list[SourceError] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)  # the paths of the files that took part
    environments: set[str] = field(default_factory=set)
    places: dict[tuple[str, str], str] = field(default_factory=dict)  # the folder of each root and variant


def chart_folders(names: Iterable[str]) -> list[str]:
    """The folders of charts among file names; charts within the `charts` folder of another are part of it."""
    folders = sorted(posixpath.dirname(name) or "." for name in names if posixpath.basename(name) == CHART)
    known = set(folders)
    return [folder for folder in folders if not _is_subchart(folder, known)]


def _is_subchart(folder: str, known: set[str]) -> bool:
    parts = folder.split("/")
    return any(
        part == "charts" and ("/".join(parts[:index]) or ".") in known for index, part in enumerate(parts)
    )


def owning_charts(names: Iterable[str], tree: Tree) -> list[str]:
    """The outermost charts that named files are part of: one that changes may change all of its chart."""
    found: dict[str, None] = {}
    for name in names:
        folder: str | None = None
        parts = name.split("/")[:-1]
        for index in range(len(parts), -1, -1):
            above = "/".join(parts[:index]) or "."
            if ".." not in parts[:index] and is_chart(above, tree):
                folder = above
        if folder is not None:
            found[folder] = None
    return list(found)


def templates(names: Iterable[str], folders: Sequence[str]) -> set[str]:
    """The names of the templates of charts, which mean nothing until they are rendered."""
    if not folders or not engine_available():
        return set()
    prefixes = {below(folder, "templates") for folder in folders}
    return {name for name in names if _is_template(name, prefixes)}


def _is_template(path: str, prefixes: set[str]) -> bool:
    parts = path.split("/")
    return any("/".join(parts[:index]) in prefixes for index in range(1, len(parts)))


def engine_available() -> bool:
    """Whether charts can be rendered here."""
    from readiness.kubernetes.charts.engine import available

    return available()


def charts(
    folders: Sequence[str], resources: Sequence[Resource], tree: Tree, reader: Reader, sources: Sources
) -> Told:
    """The resources that the charts in some folders give, for each of their environments.

    `resources` are those that may install a chart with values of their own.

    The texts of templates and values files join `sources`, with their comments.
    """
    releases = find(resources, tree, sources.texts)
    result = Told(errors=releases.errors, notices=releases.notices)
    folders = list(dict.fromkeys((*folders, *releases.renders)))
    if not folders:
        return result
    if not engine_available():
        where = below(folders[0], CHART)
        message = (
            "Helm charts are not rendered, so not checked: the engine is not installed"
            " (`pip install 'readiness[helm]'`)"
        )
        result.notices.append(SourceError(where, 1, 1, message))
        return result
    from readiness.kubernetes.charts.render import render_charts

    found = render_charts(folders, releases.renders, means(tree, reader))
    take(found, result, sources)
    for rendered in found.rendered:
        home = rendered.chart.folder, rendered.render.variant
        pairs = [(each.path, each.file) for each in rendered.files]
        for _, file in pairs:
            file.errors.clear()  # told already, at the place in the template
        built, errors = kubernetes.build(pairs)
        result.errors += errors
        made: list[Resource] = []
        for resource in built:
            if _is_test(resource):
                continue
            made.append(scatter(resource, *home))
        release = releases.by_home.get(home)
        if release is None:
            result.places[home] = rendered.chart.folder
        else:
            link(release, made)
        result.resources += made
    return result


def means(tree: Tree, reader: Reader) -> Means:
    """What charts are rendered with."""
    from readiness.kubernetes.charts.render import Means

    return Means(tree, reader.cache, reader.parse_yaml, reader.workers, reader.kubernetes)


def scatter(resource: Resource, root: str, variant: str) -> Resource:
    """Mark an object as put together from several files, for one environment of a root."""
    resource.root = root
    resource.variant = variant
    resource.scattered = True
    if resource.header.path != resource.span.path:
        # Its name stands elsewhere: what is said of the whole object points at where that begins.
        start = resource.span
        resource.header = start._replace(end_line=start.line, end_column=start.column + 1)
    return resource


def _is_test(resource: Resource) -> bool:
    """Whether an object only runs when somebody tests a release (https://helm.sh/docs/topics/chart_tests/)."""
    annotations = resource.annotations
    hooks = annotations.get("helm.sh/hook") if isinstance(annotations, Map) else None
    return isinstance(hooks, str) and any(hook.strip().startswith("test") for hook in hooks.split(","))


def take(found: Charts, told: Told, sources: Sources) -> None:
    """Take over what a rendering has to say; texts of templates and values files join the sources."""
    told.errors += found.errors
    told.notices += found.notices
    told.texts.update(found.texts)
    for path, text in found.texts.items():
        if path in sources.texts:
            continue
        sources.texts[path] = text
        if MARKER.search(text):
            from readiness.kubernetes.charts.comments import template_comments

            sources.comments[path] = template_comments(text)
