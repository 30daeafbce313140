"""Which API versions are deprecated or gone: `lifecycle.txt`, and what the schemas of the releases show."""

from __future__ import annotations

import functools
from pathlib import Path

from msgspec import Struct

from readiness.kubernetes.schemas.store import Release, load, minor, releases, served, versions_of

_FILE = Path(__file__).with_name("lifecycle.txt")


class Lifecycle(Struct, frozen=True):
    """The life of one kind in one API version.

    `deprecated_in` and `removed_in` are releases of `project` (`Kubernetes`, or that of a custom kind),
    None where nothing says; `replacement` is `version` or `version Kind`; `source` an address, empty for
    what the schemas show.
    """

    project: str
    deprecated_in: str | None
    removed_in: str | None
    replacement: str | None
    source: str

    def deprecated(self, release: Release) -> bool:
        """Whether it is deprecated for a cluster of a release, or gone.

        What a cluster has of another project is not known; its deprecations hold for every release.
        """
        if self.project != "Kubernetes":
            return True
        return self.removed(release) or _reached(self.deprecated_in, release)

    def removed(self, release: Release) -> bool:
        """Whether a release of Kubernetes no longer serves it."""
        return self.project == "Kubernetes" and _reached(self.removed_in, release)


def _reached(since: str | None, release: Release) -> bool:
    return since is not None and int(since.partition(".")[2]) <= release.number


@functools.cache
def lifecycle(api_version: str, kind: str) -> Lifecycle | None:
    """The life of a kind that is deprecated or gone in some release, None for every other."""
    listed = _table().get((api_version, kind))
    if listed is not None:
        return listed
    newest = load(minor(releases()[-1]))
    span = served(api_version, kind)
    if span is None or span[1] >= newest.number:
        return None
    others = [version for version in versions_of(kind, newest) if _group(version) == _group(api_version)]
    return Lifecycle("Kubernetes", None, f"1.{span[1] + 1}", next(iter(others), None), "")


def _group(api_version: str) -> str:
    return api_version.rpartition("/")[0]


@functools.cache
def _table() -> dict[tuple[str, str], Lifecycle]:
    found: dict[tuple[str, str], Lifecycle] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        version, kinds, deprecated, removed, replacement, source = line.split(" ")
        project = (removed.partition(":")[0] if ":" in removed else "Kubernetes").replace(
            "Gateway-", "Gateway "
        )
        entry = Lifecycle(
            project, _release(deprecated), _release(removed), _release(replacement.replace("#", " ")), source
        )
        found.update(((version, kind), entry) for kind in kinds.split(","))
    return found


def _release(text: str) -> str | None:
    return None if text == "-" else text.rpartition(":")[2]
