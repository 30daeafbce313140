"""What is installed as a whole: resources by the release or the application that brings them."""

from __future__ import annotations

import posixpath
from collections.abc import Hashable, Iterator, Sequence

from readiness.estate.model import Estate, Resource
from readiness.estate.releases import ARGO, FLUX, TERRAFORM
from readiness.estate.services.claims import Claim, Claims, folder_of
from readiness.estate.services.names import ENVIRONMENTS, is_shared, is_template, key_of, without_environment
from readiness.values import Map, Unknown, dig, maps

RELEASES = (ARGO, FLUX, TERRAFORM)


def release_of(resource: Resource) -> str:
    """The name that a resource installs a chart by; that of their block for several that go on from it."""
    if resource.type != TERRAFORM:
        return _text(dig(resource.body, "spec", "releaseName")) or resource.name
    said = _text(resource.body.get("name"))
    block = key_of(resource.name)
    if said is None or (resource.address.endswith("]") and key_of(said).startswith(f"{block}-")):
        return block
    return said


def rendering(resource: Resource) -> Hashable | None:
    """The rendering of a chart or overlay that a resource comes from."""
    return resource.home if resource.scattered else None


def give_name(resource: Resource, name: str, by: str, claims: Claims) -> None:
    """Let a resource belong to a service by a name that may be that of a cluster, which is nobody's."""
    key = claims.catalog.full(key_of(name))
    if is_shared(name) or is_template(name) or key in claims.catalog.systems:
        return
    known = claims.known(key)
    claims.add(resource, Claim(key, known or by), name)


def by_release(
    left: Sequence[Resource], estate: Estate, claims: Claims, agreed: dict[Hashable, Claim]
) -> None:
    """What a chart gives: that of the rest of its rendering (`agreed`), else the release, else the chart.

    What an application of Argo CD delivers from a folder without a chart is of that application.
    """
    beside, above = _beside_environments(estate), _of_releases(estate)
    for resource in left:
        home = rendering(resource)
        name: str | None
        if resource.type == ARGO and any(path in above for path in _paths(resource)):
            continue  # it brings other applications, which have names of their own
        if resource.type in RELEASES:
            name = release_of(resource)
        elif home is None:
            notes = resource.annotations
            name = _text(notes.get("meta.helm.sh/release-name")) if isinstance(notes, Map) else None
        elif home in agreed:
            claims.of[id(resource)] = agreed[home]
            continue
        else:
            name = _release(resource)
        if name is not None:
            also = beside.get(folder_of(resource), "") if resource.type in RELEASES else ""
            give_name(resource, without_environment(name, also), "release", claims)
    _by_delivery(left, estate, claims)


def by_only_release(left: Sequence[Resource], estate: Estate, claims: Claims) -> None:
    """Workloads of a root of Terraform that go on from the name of its only release: they are parts of it."""
    installed: dict[Hashable, list[Resource]] = {}
    for resource in left:
        if resource.type == TERRAFORM:
            installed.setdefault(resource.root, []).append(resource)
    if not installed:
        return
    held: dict[Hashable, list[Resource]] = {}
    for resource in estate.resources:
        if resource.root in installed and id(resource) in claims.of:
            held.setdefault(resource.root, []).append(resource)
    for root, releases in installed.items():
        names = {without_environment(release_of(one)) for one in releases}
        name = names.pop()
        base = key_of(name)
        own = [claims.of[id(one)] for one in held.get(root, ())]
        if names or not own or not all(one.weak and one.key.startswith(f"{base}-") for one in own):
            continue
        if any(claims.known(one.key) for one in own):
            continue
        for resource in (*releases, *held[root]):
            give_name(resource, name, "release", claims)


def _beside_environments(estate: Estate) -> dict[str, str]:
    """Folders of releases that stand beside one of an environment, with the name of the environment they are.

    Of `apps/dev`, `apps/prod` and `apps/local` the last one is an environment too.
    """
    releases = (one for type_ in RELEASES for one in estate.by_type.get(type_, ()))
    folders = {folder for folder in map(folder_of, releases) if "/" in folder}
    parents = {
        posixpath.dirname(folder) for folder in folders if posixpath.basename(folder).lower() in ENVIRONMENTS
    }
    return {folder: posixpath.basename(folder) for folder in folders if posixpath.dirname(folder) in parents}


def _by_delivery(left: Sequence[Resource], estate: Estate, claims: Claims) -> None:
    """Plain manifests in a folder that applications of one service deliver."""
    delivered: dict[str, dict[str, Claim]] = {}
    for application in estate.by_type.get(ARGO, ()):
        claim = claims.of.get(id(application))
        if claim is None:
            continue
        for path in _paths(application):
            delivered.setdefault(path, {})[claim.key] = claim
    if not delivered:
        return
    for resource in left:
        if resource.platform != "kubernetes" or resource.scattered or id(resource) in claims.of:
            continue
        found = delivered.get(folder_of(resource), {})
        if len(found) == 1 and resource.type not in RELEASES:
            claims.of[id(resource)] = next(iter(found.values()))


def _paths(application: Resource) -> Iterator[str]:
    """The folders that an application of Argo CD delivers."""
    spec = application.body.get("spec")
    for source in (dig(spec, "source"), *maps(dig(spec, "sources"))):
        path = _text(dig(source, "path"))
        if path is not None:
            yield posixpath.normpath(path.lstrip("/"))


def _of_releases(estate: Estate) -> set[str]:
    """Folders of manifests in which there are only releases."""
    found: dict[str, bool] = {}
    for resource in estate.resources:
        if resource.platform == "kubernetes":
            folder = folder_of(resource)
            found[folder] = found.get(folder, True) and resource.type in RELEASES
    return {folder for folder, only in found.items() if only}


def _release(resource: Resource) -> str | None:
    """The release that an object of a chart is part of, by its links; None for one of an overlay."""
    for type_ in RELEASES:
        for release in resource.links.of(type_):
            return release_of(release)
    labels = resource.labels
    is_chart = isinstance(labels, Map) and ("helm.sh/chart" in labels or "chart" in labels)
    return posixpath.basename(resource.root) if is_chart and resource.root != "." else None


def _text(value: object) -> str | None:
    return None if isinstance(value, Unknown) or not isinstance(value, str) or not value else value
