"""Resources that do not say whose they are: by what they are linked with, and where they stand."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from functools import partial

from readiness.estate.metadata import Meaning
from readiness.estate.model import Estate, Resource
from readiness.estate.releases import ARGO, FLUX, TERRAFORM
from readiness.estate.services.claims import Claim, Claims, common_word, folder_of, is_helper
from readiness.estate.services.folders import Folders
from readiness.estate.services.names import is_shared, key_of, without_environment
from readiness.estate.services.operated import OPERATIONS, by_alerts, by_name
from readiness.estate.services.regroup import parts, systems
from readiness.repo.discover import HCL_ENDS, HCL_JSON_ENDS
from readiness.values import Map, Unknown, dig

_RELEASES = (ARGO, FLUX, TERRAFORM)
_NEAR = ("workload", "Service")
"""What an object is linked with that says whose it is."""

_DECLARING = ("kubernetes_", "kubectl_")
"""How types of Terraform begin that declare objects."""

_ENTITIES = "backstage.io/"


def spread(estate: Estate, claims: Claims, meaning: Meaning, folders: Folders) -> None:
    """Give resources without a claim the service of what is near them, the most trusted first."""
    systems(estate, claims, meaning)
    parts(estate, claims)
    left = [one for one in estate.resources if id(one) not in claims.of and not _is_nobodys(one)]
    for step in (
        *(_by_terraform, _by_links, _by_catalog_folder, _by_release, _by_namespace, _by_object),
        partial(_by_pattern, folders=folders),
        *(_by_common_word, partial(by_alerts, meaning=meaning), by_name, _by_links, _by_folder),
    ):
        if left:
            step(left, estate, claims)
            left = [resource for resource in left if id(resource) not in claims.of]


def _is_nobodys(resource: Resource) -> bool:
    """Whether no service has a resource: a request to ignore, people and systems of a catalog."""
    return resource.type == "ignore" or resource.type.startswith(_ENTITIES)


def _agreed(
    estate: Estate, claims: Claims, group: Callable[[Resource], Hashable | None]
) -> dict[Hashable, Claim]:
    """The claim of each group whose members have but one service, and which at least half of them name.

    Members that carry no tags or labels say nothing either way.
    """
    found: dict[Hashable, Claim | None] = {}
    balance: Counter[Hashable] = Counter()
    for resource in estate.resources:
        key = group(resource)
        if key is None:
            continue
        claim = claims.of.get(id(resource))
        if claim is None:
            written = resource.tags if resource.platform == "terraform" else resource.labels
            balance[key] -= resource.mode == "managed" and isinstance(written, Map) and bool(written)
            continue
        balance[key] += 1
        if key not in found:
            found[key] = claim
        else:
            before = found[key]
            if before is not None and before.key != claim.key:
                found[key] = None
    return {key: claim for key, claim in found.items() if claim is not None and balance[key] >= 0}


def _give(
    left: Sequence[Resource],
    agreed: dict[Hashable, Claim],
    group: Callable[[Resource], Hashable | None],
    claims: Claims,
) -> None:
    for resource in left:
        key = group(resource)
        claim = None if key is None else agreed.get(key)
        if claim is not None:
            claims.of[id(resource)] = claim


def _call(resource: Resource) -> Hashable | None:
    """The module call that a resource of Terraform comes from."""
    if resource.platform != "terraform" or not resource.module:
        return None
    return resource.home, resource.module


def _root(resource: Resource) -> Hashable | None:
    """The root that a resource of Terraform is part of, or an object that Terraform declares."""
    if resource.platform == "terraform":
        return resource.home
    return resource.home if resource.header.path.endswith((*HCL_ENDS, *HCL_JSON_ENDS)) else None


def _by_terraform(left: Sequence[Resource], estate: Estate, claims: Claims) -> None:
    """What stands in a module call, or a root, in which only one service has anything."""
    if not any(resource.platform == "terraform" for resource in left):
        return
    _give(left, _agreed(estate, claims, _call), _call, claims)
    rest = [resource for resource in left if id(resource) not in claims.of]
    _give(rest, _agreed(estate, claims, _root), _root, claims)


def _by_links(left: Sequence[Resource], estate: Estate, claims: Claims) -> None:
    """An object that is linked with workloads of one service alone."""
    found: list[tuple[Resource, Claim]] = []
    for resource in left:
        if resource.platform == "terraform" or resource.type == "Namespace":
            continue
        near: dict[str, Claim] = {}
        for pattern in _NEAR:
            for other in resource.links.of(pattern):
                claim = claims.of.get(id(other))
                if claim is not None:
                    near[claim.key] = claim
                    if len(near) > 1:
                        break
        if len(near) == 1:
            found.append((resource, next(iter(near.values()))))
    for resource, claim in found:
        claims.of[id(resource)] = claim


def _by_catalog_folder(left: Sequence[Resource], estate: Estate, claims: Claims) -> None:
    """What stands below the only component of a folder."""
    if not claims.catalog.folders:
        return
    for resource in left:
        key = claims.catalog.folder_of(resource.header.path)
        if key is not None:
            claims.of[id(resource)] = Claim(key, claims.known(key) or "catalog")


def _by_release(left: Sequence[Resource], estate: Estate, claims: Claims) -> None:
    """What a chart gives: that of the rest of its rendering, else the release, else the chart."""
    agreed = _agreed(estate, claims, _rendering)
    for resource in left:
        rendering = _rendering(resource)
        name: str | None
        if resource.type in _RELEASES:
            name = _release_of(resource)
        elif rendering is None:
            notes = resource.annotations
            name = _text(notes.get("meta.helm.sh/release-name")) if isinstance(notes, Map) else None
        elif rendering in agreed:
            claims.of[id(resource)] = agreed[rendering]
            continue
        else:
            name = _release(resource)
        if name is not None:
            _name(resource, without_environment(name), "release", claims)


def _release_of(resource: Resource) -> str:
    """The name that a resource installs a chart by."""
    said = _text(dig(resource.body, "spec", "releaseName"))
    if resource.type == TERRAFORM:
        said = _text(resource.body.get("name"))
    return said or resource.name


def _rendering(resource: Resource) -> Hashable | None:
    return resource.home if resource.scattered else None


def _release(resource: Resource) -> str | None:
    """The release that an object of a chart is part of, by its links; None for one of an overlay."""
    for type_ in _RELEASES:
        for release in resource.links.of(type_):
            return _release_of(release)
    labels = resource.labels
    is_chart = isinstance(labels, Map) and ("helm.sh/chart" in labels or "chart" in labels)
    return posixpath.basename(resource.root) if is_chart and resource.root != "." else None


def _text(value: object) -> str | None:
    return None if isinstance(value, Unknown) or not isinstance(value, str) or not value else value


def _name(resource: Resource, name: str, by: str, claims: Claims) -> None:
    """Let a resource belong to a service by a name that may be that of a cluster, which is nobody's."""
    key = key_of(name)
    if is_shared(name) or key in claims.catalog.systems:
        return
    known = claims.known(key)
    claims.add(resource, Claim(key, known or by), name)


def _by_namespace(left: Sequence[Resource], estate: Estate, claims: Claims) -> None:
    """What stands in a namespace of one service; one in which nothing says anything is one,
    where it is declared or something runs in it."""
    held: dict[str, dict[str, Claim]] = {}
    whole: set[str] = set()
    for resource in estate.resources:
        claim = claims.of.get(id(resource))
        space = _namespace(resource)
        if space is None:
            continue
        if resource.type == "Namespace" or resource.workload is not None:
            whole.add(space)
        if claim is not None:
            held.setdefault(space, {})[claim.key] = claim
    for resource in left:
        space = _namespace(resource)
        if space is None or (is_helper(resource) and resource.platform == "terraform"):
            continue
        own = held.get(space, {})
        name = without_environment(space)
        if len(own) == 1 and not is_shared(name):
            claims.of[id(resource)] = next(iter(own.values()))
        elif space in whole and (not own or key_of(name) in own):
            _name(resource, name, "namespace", claims)


def _namespace(resource: Resource) -> str | None:
    if resource.type == "Namespace":
        return resource.name
    return resource.namespace


def _by_object(left: Sequence[Resource], estate: Estate, claims: Claims) -> None:
    """A block of Terraform that declares an object: what its object belongs to."""
    blocks = [resource for resource in left if resource.type.startswith(_DECLARING)]
    if not blocks:
        return
    declared: dict[Hashable, Claim] = {}
    for resource in estate.resources:
        claim = claims.of.get(id(resource))
        if claim is not None and resource.platform == "kubernetes":
            declared.setdefault((resource.home, *resource.header[:2]), claim)
    for resource in blocks:
        claim = declared.get((resource.home, *resource.header[:2]))
        if claim is not None:
            claims.of[id(resource)] = claim


def _by_pattern(left: Sequence[Resource], estate: Estate, claims: Claims, folders: Folders) -> None:
    """What stands in a folder that the settings call a service."""
    if not folders.patterns:
        return
    for resource in left:
        name = folders.name_of(resource.header.path)
        if name is not None:
            key = key_of(name)
            claims.add(resource, Claim(key, claims.known(key) or "folder"), name)


def _by_common_word(left: Sequence[Resource], estate: Estate, claims: Claims) -> None:
    """What has a word in place of a name (`app: frontend`): a service where it means one thing everywhere.

    That is where all that has it stands in one place, or in places that hold copies of the same services.
    """
    held: dict[str, list[Resource]] = {}
    for resource in left:
        if resource.platform == "kubernetes" and not is_helper(resource):
            word = common_word(resource)
            if word is not None:
                held.setdefault(word, []).append(resource)
    if not held:
        return
    near: dict[Hashable, set[str]] = {}
    for resource in estate.resources:
        claim = claims.of.get(id(resource))
        if claim is not None:
            near.setdefault(_place(resource), set()).add(claim.key)
    for word, resources in held.items():
        places = {_place(resource) for resource in resources}
        alike = set.intersection(*(near.get(place, set()) for place in places))
        if len(places) == 1 or alike:
            for resource in resources:
                claims.add(resource, Claim(word, claims.known(word) or "label", weak=True), word)


def _place(resource: Resource) -> Hashable:
    """Where an object stands: the folder of its file, or the chart or overlay that gives it."""
    return resource.home if resource.scattered else folder_of(resource)


def _by_folder(left: Sequence[Resource], estate: Estate, claims: Claims) -> None:
    """What stands beside the objects of one service alone, in a folder or a chart."""
    here = [resource for resource in left if resource.platform != "terraform"]
    if not here:
        return

    def place(resource: Resource) -> Hashable | None:
        # Rules of many services often stand in one folder.
        own = resource.platform == "kubernetes" and resource.type not in OPERATIONS
        return _place(resource) if own else None

    _give(here, _agreed(estate, claims, place), _place, claims)
