"""Who installs a chart of the repository, and with which values: Argo CD, Flux and `helm_release`.

Sources: https://argo-cd.readthedocs.io/en/stable/user-guide/helm/ ,
https://fluxcd.io/flux/components/helm/helmreleases/ and
https://registry.terraform.io/providers/hashicorp/helm/latest/docs/resources/release
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import Any

from msgspec import Struct, field

from readiness.errors import SourceError
from readiness.estate.environments import of_folder
from readiness.estate.model import Resource, connect
from readiness.kubernetes.charts.environments import read_values
from readiness.kubernetes.charts.model import Render
from readiness.repo.paths import below
from readiness.repo.tree import Tree, is_chart
from readiness.sources.nested import lines_of, read
from readiness.terraform.secrets import sensitive_texts
from readiness.values import List, Map, Span, Unknown, dig, maps, unknowns

ARGO = "argoproj.io/Application"
FLUX = "HelmRelease"
TERRAFORM = "helm_release"


class Releases(Struct):
    """What asks for charts: the renderings by folder, and what is wrong or unknown about them."""

    renders: dict[str, list[Render]] = field(default_factory=dict)
    by_home: dict[tuple[str, str], Resource] = field(default_factory=dict)  # folder and variant
    errors: list[SourceError] = field(default_factory=list)
    notices: list[SourceError] = field(default_factory=list)


class _Finder:
    """Finds releases among resources, and reads the values that they name."""

    def __init__(self, tree: Tree, texts: dict[str, str]) -> None:
        self.tree = tree
        self.texts = texts
        self.found = Releases()

    def add(self, resource: Resource, folder: str, render: Render) -> None:
        """Take one release, unless a part of its values is unknown."""
        first = next((u for _, values in render.values for u in unknowns(values)), None)
        if first is not None:
            message = f"{resource.address} is not rendered, because {first.reason}"
            self.notice(resource, message)
            return
        render.at = resource.header
        wanted = self.found.renders.setdefault(folder, [])
        render.variant = _untaken(render, resource, {other.variant for other in wanted})
        wanted.append(render)
        self.found.by_home[folder, render.variant] = resource

    def notice(self, resource: Resource, message: str) -> None:
        at = resource.header
        self.found.notices.append(SourceError(at.path, at.line, at.column, message))

    def chart(self, resource: Resource, path: Any, start: str) -> str | None:
        """The folder of a chart that a path names, None where it is not in this repository."""
        if not isinstance(path, str) or not path or "://" in path:
            return None
        folder = posixpath.normpath(posixpath.join(start, path.lstrip("/")))
        return folder if is_chart(folder, self.tree) else None

    def files(
        self, resource: Resource, names: Any, start: str, *, optional: bool
    ) -> list[tuple[str, Map]] | None:
        """The values in files that a release names; None after saying which of them is not to be had.

        Where they are `optional`, a release leaves out those that do not exist.
        """
        found: list[tuple[str, Map]] = []
        for index, name in enumerate(names if isinstance(names, List) else ()):
            path = self._path(name, start)
            content = None if path is None else self.tree.read(path)
            span = names.span_of(index) or resource.header
            if path is None or (content is None and str(name).startswith("$")):
                message = f"the values file {name!r} is not in these files"
                self.notice(resource, f"{resource.address} is not rendered: {message}")
                return None
            if content is None and optional:
                continue
            if content is None:
                message = f"the values file {name!r} of {resource.address} does not exist"
                self.found.errors.append(SourceError(span.path, span.line, span.column, message))
                return None
            values = read_values(path, content, self.found.errors)
            if values is None:
                return None
            found.append((path, values))
        return found

    def _path(self, name: Any, start: str) -> str | None:
        """Where a values file is; None for one that is elsewhere, or has a pattern or a variable in it."""
        if not isinstance(name, str) or "://" in name or "*" in name or "{{" in name or "$" in name[1:]:
            return None
        if name.startswith("$"):  # `$values/prod.yaml`: a file of another source of the application
            return self.tree.at_root(name.partition("/")[2])
        if name.startswith("/"):
            return self.tree.at_root(name.lstrip("/"))
        return posixpath.normpath(posixpath.join(start, name))

    def text(self, value: Any, span: Span | None) -> Map | None:
        """Values that are written as a text in another file."""
        if isinstance(value, Map):
            return value
        if not isinstance(value, str) or span is None:
            return None
        outer = self.texts.get(span.path)
        file = read(value, span, lines_of(outer) if outer is not None else None)
        self.found.errors += file.errors
        root = file.documents[0].root if file.documents else None
        return root if isinstance(root, Map) else None


def find(resources: Iterable[Resource], tree: Tree, texts: dict[str, str]) -> Releases:
    """The releases of charts in this repository that resources ask for."""
    finder = _Finder(tree, texts)
    for resource in resources:
        if resource.type == ARGO:
            _argo(resource, finder)
        elif resource.type in (FLUX, f"helm.toolkit.fluxcd.io/{FLUX}"):
            _flux(resource, finder)
        elif resource.type == TERRAFORM and resource.mode == "managed":
            _terraform(resource, finder)
    return finder.found


def link(release: Resource, installed: Iterable[Resource]) -> None:
    """Link a release with what it installs, both ways."""
    via = {TERRAFORM: "chart", ARGO: "spec.source.path"}.get(release.type, "spec.chart")
    for resource in installed:
        connect(release, resource, via)


def _argo(resource: Resource, finder: _Finder) -> None:
    spec = resource.body.get("spec")
    sources = [dig(spec, "source"), *maps(dig(spec, "sources"))]
    for source in sources:
        path = dig(source, "path")
        folder = finder.chart(resource, path, finder.tree.at_root("."))
        if folder is None:
            continue
        helm = source.get("helm")
        helm = helm if isinstance(helm, Map) else Map()
        optional = helm.get("ignoreMissingValueFiles") is True
        values = finder.files(resource, helm.get("valueFiles"), folder, optional=optional)
        if values is None:
            continue
        if helm.get("fileParameters"):
            message = "it takes values from files (`fileParameters`)"
            finder.notice(resource, f"{resource.address} is not rendered: {message}")
            continue
        key = "values" if helm.get("valuesObject") is None else "valuesObject"  # which makes it ignored
        written = finder.text(helm.get(key), helm.value_spans.get(key))
        if written is not None:
            values.append((resource.header.path, written))
        for parameter in maps(helm.get("parameters")):
            written = _parameter(parameter)
            if written is not None:
                values.append((resource.header.path, written))
        release = helm.get("releaseName")
        namespace = dig(spec, "destination", "namespace")
        finder.add(resource, folder, _render(resource, values, release, namespace))


def _flux(resource: Resource, finder: _Finder) -> None:
    spec = resource.body.get("spec")
    chart = dig(spec, "chart", "spec")
    if dig(chart, "sourceRef", "kind") not in ("GitRepository", "Bucket"):
        return
    folder = finder.chart(resource, dig(chart, "chart"), finder.tree.at_root("."))
    if folder is None or not isinstance(spec, Map):
        return
    if dig(spec, "valuesFrom"):
        finder.notice(
            resource, f"{resource.address} is not rendered: it takes values from the cluster (`valuesFrom`)"
        )
        return
    names = dig(chart, "valuesFiles")
    optional = dig(chart, "ignoreMissingValuesFiles") is True
    values = finder.files(resource, names, finder.tree.at_root("."), optional=optional)
    if values is None:
        return
    own = below(folder, "values.yaml")
    if names and own not in {path for path, _ in values} and finder.tree.read(own) is not None:
        message = "its `valuesFiles` take the place of the `values.yaml` of its chart"
        finder.notice(resource, f"{resource.address} is not rendered: {message}")
        return
    written = finder.text(spec.get("values"), spec.value_spans.get("values"))
    if written is not None:
        values.append((resource.header.path, written))
    target = spec.get("targetNamespace")
    name = spec.get("releaseName") or (f"{target}-{resource.name}" if target else None)
    finder.add(resource, folder, _render(resource, values, name, target or resource.namespace))


def _terraform(resource: Resource, finder: _Finder) -> None:
    body = resource.body
    path = body.get("chart")
    if body.get("repository") is not None:
        return
    folder = finder.chart(resource, path, resource.root)
    if folder is None:
        return
    merged = body.get("merged_values")
    if isinstance(merged, Unknown):
        finder.notice(resource, f"{resource.address} is not rendered, because {merged.reason}")
        return
    if any(secret in text for text in sensitive_texts(merged) for secret in resource.secrets):
        # What is rendered is cached, and may hold the value in another form.
        finder.notice(
            resource, f"{resource.address} is not rendered, because a part of its values is sensitive"
        )
        return
    values = [(resource.header.path, merged)] if isinstance(merged, Map) else []
    finder.add(resource, folder, _render(resource, values, body.get("name"), body.get("namespace")))


def _render(resource: Resource, values: list[tuple[str, Map]], release: Any, namespace: Any) -> Render:
    return Render(
        variant=resource.variant or resource.name,
        values=values,
        release=release if isinstance(release, str) and release else resource.name,
        namespace=namespace if isinstance(namespace, str) and namespace else "default",
    )


def _untaken(render: Render, resource: Resource, taken: set[str]) -> str:
    """A name for a rendering: one chart may be installed several times under the same name."""
    if render.variant not in taken:
        return render.variant
    folder = of_folder(posixpath.dirname(resource.header.path))
    instance = resource.address.rpartition(".")[2]
    ends = [folder[1]] if folder is not None and not resource.variant else []
    ends += [instance] if resource.type == TERRAFORM else [resource.name, render.namespace]
    for end in ends:
        name = f"{render.variant}/{end}"
        if name not in taken:
            return name
    number = 2
    while f"{render.variant}/{number}" in taken:
        number += 1
    return f"{render.variant}/{number}"


def _parameter(parameter: Map) -> Map | None:
    """A parameter of Argo CD (`image.tag=v1`) as values."""
    from readiness.estate.embedded.strvals import StrvalsError, parse_into

    name, value = parameter.get("name"), parameter.get("value")
    if not isinstance(name, str) or not isinstance(value, str):
        return None
    values = Map({}, parameter.span)
    try:
        typed = parameter.get("forceString") is not True
        parse_into(name, value, values, typed=typed, span=parameter.span)
    except StrvalsError:
        return None
    return values
