"""What a change touches: of a whole estate, the resources that changed files have a part in.

A folder of Terraform means something only as a whole, so a change of one touches every root that it is
part of, also where it is a module that roots call.  An object of Kubernetes, a rule or a dashboard is touched
by itself, and a chart or overlay as far as the file says something of it.  So is what is linked with any of
these: a replica less is a matter of the disruption budget.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field

from readiness.errors import SourceError
from readiness.estate.model import Resource
from readiness.estate.scope import Scope
from readiness.kubernetes.kustomize import is_kustomization
from readiness.repo.discover import kind_of
from readiness.repo.paths import below
from readiness.terraform.build import Builder
from readiness.values import List, Map, Span


class Made(Struct):
    """What charts and overlays were made from: the files that took part, and folders of charts."""

    texts: Collection[str]
    charts: Collection[str]


class Touched(Struct):
    """Resources (by `id`) that a change touches, and the files whose errors are its own.

    `files` are files, `folders` folders by themselves, and `trees` folders with all that lies below.
    """

    ids: set[int] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    trees: list[str] = field(default_factory=list)

    def holds(self, path: str) -> bool:
        """Whether something that is said of a file is said of the change."""
        return path in self.files or _folder(path) in self.folders or any(_is_in(path, t) for t in self.trees)

    def own(self, errors: Iterable[SourceError]) -> list[SourceError]:
        """The errors that are the change's."""
        return [error for error in errors if self.holds(error.path)]


def touched(
    scope: Scope,
    resources: list[Resource],
    builder: Builder,
    readers: Mapping[str, Collection[str]],
    made: Made,
    base: Path,
) -> Touched:
    """What the files and folders of a scope touch.

    `readers` are roots of Terraform by the files that their functions read.  A file need not be there any
    more; paths are those that users see, relative to `base`.
    """
    result = Touched(files=set(scope.files), trees=list(scope.folders))
    roots = _Roots(builder, resources, readers)
    folders = {
        folder for folder in roots.folders if any(_is_in(below(folder, "_"), t) for t in scope.folders)
    }
    near: list[Resource] = []
    for path in scope.files:
        folders |= roots.folders_of(path)
        near += _objects(path, resources, missing=not (base / path).exists())
    hit = roots.reaching(folders).union(*(roots.given(path) for path in scope.files))
    result.folders |= folders.union(*(roots.closure(root) for root in hit))
    near += [r for r in resources if r.platform == "terraform" and (r.root in hit or _place(r) in folders)]
    near += [r for r in resources if r.platform != "terraform" and scope.folders and scope.holds(r.span.path)]
    near += _made(scope, resources, made, result)
    linked = [link.target for resource in near for link in resource.links if link.target is not None]
    every = _with_others(resources, [*near, *linked])
    result.ids = {id(resource) for resource in every}
    for resource in every:
        result.files.update(span_files(resource) if resource.scattered else (resource.span.path,))
    result.ids.update(id(r) for r in resources if r.type == "ignore" and result.holds(r.header.path))
    return result


class _Roots:
    """Which folders of Terraform are parts of which roots."""

    def __init__(
        self, builder: Builder, resources: Iterable[Resource], readers: Mapping[str, Collection[str]]
    ) -> None:
        self._builder = builder
        self._readers = readers
        self._roots = {r.root for r in resources if r.platform == "terraform"}
        self._closures: dict[str, set[str]] = {}
        self.folders = set(builder.configs)

    def closure(self, root: str) -> set[str]:
        """A root's folder and those of the modules that it calls, directly or not."""
        found = self._closures.get(root)
        if found is None:
            found, waiting = set(), [root]
            while waiting:
                folder = waiting.pop()
                if folder not in found:
                    found.add(folder)
                    waiting += self._builder.called(folder)
            self._closures[root] = found
        return found

    def reaching(self, folders: set[str]) -> set[str]:
        """The roots that some folders are parts of."""
        return (
            {root for root in self._roots if not self.closure(root).isdisjoint(folders)} if folders else set()
        )

    def folders_of(self, path: str) -> set[str]:
        """The folder of Terraform that a file is part of, or is read for."""
        kind = kind_of(posixpath.basename(path))
        if kind in ("hcl", "hcl-json") and not _gives_values(path):
            return {_folder(path)}
        if path in self._readers:
            return self._around(path, self.folders)
        return set()

    def given(self, path: str) -> set[str]:
        """The roots that take values from a file, or whose functions read it."""
        found = set(self._readers.get(path, ()))
        if _gives_values(path):
            found |= self._around(path, self._roots) | self._builder.given(path, self._roots)
        return found

    def _around(self, path: str, folders: set[str]) -> set[str]:
        """The nearest of some folders that a file lies in."""
        folder = _folder(path)
        while folder not in folders:
            if folder in (".", "", "/"):
                return set()
            folder = _folder(folder)
        return {folder}


def _objects(path: str, resources: list[Resource], missing: bool) -> list[Resource]:
    """What a file declares beside Terraform; where it is gone, what its folder declares."""
    if kind_of(posixpath.basename(path)) != "data":
        return []
    declared = [r for r in resources if r.platform != "terraform" and not r.scattered]
    if missing:
        folder = _folder(path)
        return [r for r in declared if _place(r) == folder]
    return [r for r in declared if r.span.path == path]


def _made(scope: Scope, resources: list[Resource], made: Made, result: Touched) -> list[Resource]:
    """The objects of charts and overlays that files have a part in."""
    charts = [(path, _innermost(path, made.charts)) for path in scope.files]
    changed = [(path, chart) for path, chart in charts if chart is not None or path in made.texts]
    result.trees += sorted({chart for _, chart in changed if chart is not None})
    scattered = [resource for resource in resources if resource.scattered]
    if scope.folders:
        changed += [(path, None) for path in made.texts if scope.holds(path)]
    if not changed or not scattered:
        return []
    files = {id(resource): span_files(resource) for resource in scattered}
    by_root: dict[str, set[str]] = {}
    for resource in scattered:
        by_root.setdefault(resource.root, set()).update(files[id(resource)])
    found: list[Resource] = []
    for path, chart in changed:
        own = [r for r in scattered if path in files[id(r)]]
        if own and _is_of_objects(path, scattered):
            found += own
            continue
        # What says something of a chart or overlay as a whole: its values, helpers, kustomization.
        folder = _folder(path)
        hit = {root for root, parts in by_root.items() if path in parts or root == chart}
        if chart is None:
            hit |= {root for root, parts in by_root.items() if folder in map(_folder, parts)}
            result.folders |= {_folder(part) for root in hit for part in by_root[root]}
        found += [r for r in scattered if r.root in hit]
    return found


def _is_of_objects(path: str, scattered: Iterable[Resource]) -> bool:
    """Whether a file speaks of the objects that name it alone: a template or manifest, or a patch."""
    if is_kustomization(path) or _folder(path).endswith("/charts"):
        return False
    return any(resource.span.path == path for resource in scattered)


def _with_others(resources: list[Resource], chosen: list[Resource]) -> list[Resource]:
    """Resources with those of the same block or address, in order: findings of them are told as one.

    A finding is known by the first of its instances, so all of them have to be there.
    """
    blocks = {(r.inside or r.span, r.type) for r in chosen}
    names = {(r.span.path, r.address) for r in chosen}
    return [
        r for r in resources if (r.inside or r.span, r.type) in blocks or (r.span.path, r.address) in names
    ]


def span_files(resource: Resource) -> set[str]:
    """The files that the values of a resource are written in."""
    found = {resource.span.path, resource.header.path}
    found.update(span.path for span in _spans(resource.body))
    return found


def _spans(value: object) -> Iterator[Span]:
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, Map):
            yield from current.key_spans.values()
            yield from current.value_spans.values()
            waiting += current.values()
        elif isinstance(current, List):
            yield from current.item_spans
            waiting += current
        else:
            continue
        if current.span is not None:
            yield current.span


def _innermost(path: str, charts: Collection[str]) -> str | None:
    return max((chart for chart in charts if _is_in(path, chart)), key=len, default=None)


def _gives_values(path: str) -> bool:
    return path.endswith((".tfvars", ".tfvars.json"))


def _folder(path: str) -> str:
    return posixpath.dirname(path) or "."


def _place(resource: Resource) -> str:
    """The folder of the file in which a resource is declared."""
    return _folder(resource.span.path)


def _is_in(path: str, folder: str) -> bool:
    return not path.startswith("../") if folder == "." else path.startswith(f"{folder}/")
