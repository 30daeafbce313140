"""Which files Kustomize uses as patches: parts of objects, never to be taken for whole ones.

Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any

from readiness.estate.model import Resource
from readiness.sources.yaml_model import YamlFile
from readiness.values import Map

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""File names by which Kustomize finds its own file in a folder."""


_SELECTED = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})
_UNSELECTED = frozenset({"Pod", "Job", "CronJob"})


def is_kustomization(path: str) -> bool:
    """True for a file that Kustomize reads by its name."""
    return posixpath.basename(path) in NAMES


def patch_files(files: Iterable[tuple[str, YamlFile]]) -> set[str]:
    """The paths of the files that the kustomizations among `files` use as patches or settings."""
    found: set[str] = set()
    for path, file in files:
        if not is_kustomization(path):
            continue
        folder = posixpath.dirname(path)
        for document in file.documents:
            if isinstance(document.root, Map):
                paths = (posixpath.join(folder, name) for name in _named(document.root))
                found.update(map(posixpath.normpath, paths))
    return found


def is_partial(resource: Resource) -> bool:
    """True for part of a workload (a patch): no image, and no selector where one is required.

    The API refuses an object without either, so nobody applies it by itself.
    Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/
    """
    if resource.type not in _SELECTED and resource.type not in _UNSELECTED:
        return False
    spec = resource.body.get("spec")
    if resource.type in _SELECTED and isinstance(spec, Map) and "selector" in spec:
        return False
    containers = resource.workload.containers if resource.workload is not None else ()
    return not any(not isinstance(item, dict) or "image" in item for item in containers)


def _named(root: Map) -> Iterator[str]:
    """The files that a kustomization names where it does not mean whole resources."""
    for field in ("patches", "patchesJson6902", "replacements"):
        for entry in _listed(root.get(field)):
            if isinstance(entry, Map) and isinstance(entry.get("path"), str):
                yield entry["path"]
    for field in ("patchesStrategicMerge", "patches", "configurations", "transformers"):
        for entry in _listed(root.get(field)):
            if isinstance(entry, str) and "\n" not in entry:
                yield entry


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
