"""Which kustomizations are built, and which of the builds are variants of one thing."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from readiness.kubernetes.overlays.model import Object
from readiness.kubernetes.overlays.source import Kustomization, Sources


class Variant(NamedTuple):
    """Which variant of what a build is."""

    root: str
    name: str


def used_folders(found: Kustomization, sources: Sources) -> list[str]:
    """The folders that a kustomization names as resources, bases or components."""
    names = [name for name, _ in (*found.bases(), *found.entries("components"))]
    paths = dict.fromkeys(found.at(name) for name in names)
    return [path for path in paths if sources.files.is_folder(path)]


def entry_points(kustomizations: Iterable[str], sources: Sources) -> list[Kustomization]:
    """The kustomizations that no other one uses, in their order; one of each circle that none leads into."""
    found: dict[str, Kustomization] = {}
    for path in kustomizations:
        kustomization = sources.kustomization(path)
        if kustomization is not None:
            found.setdefault(kustomization.folder, kustomization)
    edges = {folder: used_folders(kustomization, sources) for folder, kustomization in found.items()}
    used = {folder for folders in edges.values() for folder in folders}
    entries = [folder for folder, one in found.items() if folder not in used and not one.component]
    reached = _reached(entries, edges, sources)
    for folder, kustomization in found.items():
        if folder not in reached and not kustomization.component:
            entries.append(folder)
            reached |= _reached([folder], edges, sources)
    return [found[folder] for folder in entries]


def _reached(folders: Iterable[str], edges: dict[str, list[str]], sources: Sources) -> set[str]:
    """Folders and all that they use."""
    reached: set[str] = set()
    stack = list(folders)
    while stack:
        folder = stack.pop()
        if folder in reached:
            continue
        reached.add(folder)
        if folder not in edges:
            kustomization = sources.kustomization_in(folder)
            edges[folder] = [] if kustomization is None else used_folders(kustomization, sources)
        stack.extend(edges[folder])
    return reached


def variants(
    entries: list[Kustomization],
    sources: Sources,
    names: Collection[str],
    contents: Mapping[str, frozenset[Any]],
) -> dict[str, Variant]:
    """What each entry point (by its path) is a variant of.

    Those with a common base belong together, where most of the smaller one's `contents` (by the path of the
    entry point) come from what they share: a base that holds no more than a quota for everybody makes no
    environments of one thing.
    """
    resources = _Resources(sources)

    def below(folder: str) -> set[str]:
        # Without components: those are for whatever there is.
        return _reached([folder], resources, sources) - {folder}

    bases = {entry.path: below(entry.folder) for entry in entries}
    users = Counter(folder for folders in bases.values() for folder in folders)
    result: dict[str, Variant] = {}
    taken: set[Variant] = set()
    by_path = {entry.path: entry for entry in entries}
    for group in (part for whole in _groups(bases) for part in _alike(whole, contents)):
        members = [by_path[path] for path in group]
        if len(members) == 1:
            single = _single(members[0], names)
            choices = [[single], [Variant(members[0].folder, single.name)]]
        else:
            shared = set.intersection(*(bases[path] for path in group))
            folders = [entry.folder for entry in members]
            told = _told_apart(folders, names)
            roots = _roots(shared.difference(*map(below, shared)), users, _common(folders))
            choices = [[Variant(root, name) for name in told] for root in roots]
        found = next((choice for choice in choices if taken.isdisjoint(choice)), choices[-1])
        taken.update(found)
        result.update(zip(group, found, strict=True))
    return result


_PODS = frozenset(
    {"CronJob", "DaemonSet", "Deployment", "DeploymentConfig", "HelmRelease", "Job", "Pod", "ReplicaSet"}
    | {"ReplicationController", "Rollout", "StatefulSet"}
)

_NOTHING = frozenset({""})
"""What is in an empty build: the same as in another one."""


def contents_of(objects: Iterable[Object]) -> frozenset[Any]:
    """What is in a build, as the places where its objects are written: what runs, else all of them."""
    listed = list(objects)
    running = [found for found in listed if found.kind in _PODS]
    return frozenset(found.body.span or found.shown for found in running or listed) or _NOTHING


def _roots(shared: set[str], users: Counter[str], common: str) -> list[str]:
    """What entry points may be called variants of, the best first.

    Of several bases it is the one that is for these alone; where that is no answer, the folder that all are
    in.
    """
    least = sorted(folder for folder in shared if users[folder] == min(map(users.__getitem__, shared)))
    return least if len(least) == 1 else [common, *least]


def _alike(group: list[str], contents: Mapping[str, frozenset[Any]]) -> list[list[str]]:
    """The entry points of a group by what is in them: parts that have most of it in common, in order."""
    parts: dict[int, list[str]] = {}
    holders: dict[Any, set[int]] = {}  # the parts in which something is
    for place, path in enumerate(group):
        own = contents[path]
        joined = [
            part
            for part in sorted({part for item in own for part in holders.get(item, ())})
            if any(2 * len(own & contents[one]) > min(len(own), len(contents[one])) for one in parts[part])
        ]
        kept = joined[0] if joined else place
        parts.setdefault(kept, []).append(path)
        moved = [path]
        for part in joined[1:]:
            moved += parts[part]
            parts[kept] += parts.pop(part)
        for item in (item for one in moved for item in contents[one]):
            held = holders.setdefault(item, set())
            held.difference_update(joined[1:])
            held.add(kept)
    order = {path: place for place, path in enumerate(group)}
    return [sorted(part, key=order.__getitem__) for part in parts.values()]


def _single(entry: Kustomization, names: Collection[str]) -> Variant:
    parent, _, name = entry.folder.rpartition("/")
    if name.lower() in names:
        return Variant(parent or ".", name)
    return Variant(entry.folder, "")


class _Resources(dict[str, list[str]]):
    """The folders that kustomizations name as resources, found when asked for."""

    def __init__(self, sources: Sources) -> None:
        super().__init__()
        self.sources = sources

    def __contains__(self, folder: object) -> bool:
        return True

    def __missing__(self, folder: str) -> list[str]:
        found = self.sources.kustomization_in(folder)
        paths = () if found is None else (found.at(name) for name, _ in found.bases())
        self[folder] = [path for path in paths if self.sources.files.is_folder(path)]
        return self[folder]


def _groups(bases: dict[str, set[str]]) -> list[list[str]]:
    """Entries that have a base in common, directly or through others, in their order."""
    leader = {path: path for path in bases}

    def find(path: str) -> str:
        while leader[path] != path:
            leader[path] = leader[leader[path]]
            path = leader[path]
        return path

    owner: dict[str, str] = {}
    for path, folders in bases.items():
        for folder in folders:
            other = owner.setdefault(folder, path)
            first, second = find(other), find(path)
            if first != second:
                leader[second] = first
    groups: dict[str, list[str]] = {}
    for path in bases:
        groups.setdefault(find(path), []).append(path)
    return list(groups.values())


def _common(folders: list[str]) -> str:
    """The closest folder that all are in."""
    return posixpath.commonpath(folders) or "." if "." not in folders else "."


def _told_apart(folders: list[str], names: Collection[str]) -> list[str]:
    """What is different about folders: `prod` and `dev` of `overlays/prod/app` and `overlays/dev/app`."""
    common = _common(folders)
    base = [] if common == "." else common.split("/")
    start = next((index for index, part in enumerate(base) if part.lower() in names), len(base))
    parts = [([] if folder == "." else folder.split("/"))[start:] for folder in folders]
    shortest = min(len(part) for part in parts)
    while shortest > 1 and len({part[-1] for part in parts}) == 1:
        parts = [part[:-1] for part in parts]
        shortest -= 1
    ends = Counter(part[-1] for part in parts if part)
    return [
        # `overlays/prod` beside `tests/load` is `prod`, as it is where there are overlays alone.
        part[-1]
        if part and part[-1].lower() in names and ends[part[-1]] == 1
        else "/".join(part) or folder.rpartition("/")[2]
        for part, folder in zip(parts, folders, strict=True)
    ]
