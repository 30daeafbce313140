"""Resources that do not say whose they are: by what they are linked with, and where they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from functools import partial

from readiness.estate.metadata import Meaning
from readiness.estate.model import Estate, Resource
from readiness.estate.releases import ARGO, TERRAFORM
from readiness.estate.services.claims import Claim, Claims, common_word, folder_of, is_helper
from readiness.estate.services.folders import Folders
from readiness.estate.services.installed import (
    by_only_release,
    by_release,
    give_name,
    release_of,
    rendering,
)
from readiness.estate.services.names import is_shared, is_template, key_of, without_environment
from readiness.estate.services.operated import OPERATIONS, by_alerts, by_name
from readiness.estate.services.regroup import parts, systems
from readiness.repo.discover import HCL_ENDS, HCL_JSON_ENDS
from readiness.values import Map

_NEAR = ("workload", "Service")
"""What an object is linked with that says whose it is."""

_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
_NEAR_OF = {
    **dict.fromkeys(_BINDINGS, ("ServiceAccount",)),
    **dict.fromkeys(("Role", "ClusterRole"), _BINDINGS),
}
"""The same, for permissions: who has them."""

_DECLARING = ("kubernetes_", "kubectl_")
"""How types of Terraform begin that declare objects."""

_ENTITIES = "backstage.io/"


def spread(estate: Estate, claims: Claims, meaning: Meaning, folders: Folders) -> None:
    """Give resources without a claim the service of what is near them, the most trusted first."""
    systems(estate, claims, meaning)
    parts(estate, claims)
    left = [one for one in estate.resources if id(one) not in claims.of and not _is_nobodys(one)]
    for step in (
        *(by_only_release, _by_terraform, _by_links, _by_catalog_folder),
        *(_by_release, _by_namespace, _by_object),
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

    Members that carry no tags or labels say nothing either way.  The name of a workload does not stand for a
    group in which a chart is installed by another name.
    """
    found: dict[Hashable, Claim | None] = {}
    balance: Counter[Hashable] = Counter()
    installed: dict[Hashable, set[str]] = {}
    for resource in estate.resources:
        key = group(resource)
        if key is None:
            continue
        claim = claims.of.get(id(resource))
        if claim is None:
            if resource.type == TERRAFORM:
                installed.setdefault(key, set()).add(key_of(release_of(resource)))
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
            elif before is not None and before.weak:
                found[key] = claim
    return {
        key: claim
        for key, claim in found.items()
        if claim is not None
        and balance[key] >= 0
        and not (claim.weak and installed.get(key, set()) - {claim.key})
    }


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
    """An object that is linked with workloads of one service alone, and permissions of its accounts alone.

    An account follows its workloads, a binding its accounts and a role its bindings, one after the other.
    """
    here = [one for one in left if one.platform != "terraform" and one.type != "Namespace"]
    while here:
        found = [(one, claim) for one in here if (claim := _near(one, claims)) is not None]
        if not found:
            return
        for resource, claim in found:
            claims.of[id(resource)] = claim
        here = [one for one in here if one.type in _NEAR_OF and id(one) not in claims.of]


def _near(resource: Resource, claims: Claims) -> Claim | None:
    """The claim of all that a resource is linked with and that has one; None where it is more than one."""
    near: dict[str, Claim] = {}
    for pattern in _NEAR_OF.get(resource.type, _NEAR):
        for other in resource.links.of(pattern):
            claim = claims.of.get(id(other))
            if claim is not None:
                near[claim.key] = claim
                if len(near) > 1:
                    return None
    return next(iter(near.values()), None)


def _by_catalog_folder(left: Sequence[Resource], estate: Estate, claims: Claims) -> None:
    """What stands below the only component of a folder."""
    if not claims.catalog.folders:
        return
    for resource in left:
        key = claims.catalog.folder_of(resource.header.path)
        if key is not None:
            claims.of[id(resource)] = Claim(key, claims.known(key) or "catalog")


def _by_release(left: Sequence[Resource], estate: Estate, claims: Claims) -> None:
    """What a chart or an application of a delivery brings."""
    by_release(left, estate, claims, _agreed(estate, claims, rendering))


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
            give_name(resource, name, "namespace", claims)


def _namespace(resource: Resource) -> str | None:
    if resource.type == "Namespace":
        return resource.name
    # An application of Argo CD stands in the namespace of Argo CD, whatever it delivers.
    return None if resource.type == ARGO else resource.namespace


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
        if name is not None and not is_template(name):
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
    """What stands beside the objects of one service alone, in a folder, a chart or a part of a chart."""
    here = [resource for resource in left if resource.platform != "terraform"]
    if not here:
        return
    for where in (_place, folder_of):
        _give(here, _agreed(estate, claims, partial(_beside, where=where)), where, claims)
        here = [resource for resource in here if resource.scattered and id(resource) not in claims.of]


def _beside(resource: Resource, where: Callable[[Resource], Hashable]) -> Hashable | None:
    """The place of an object; rules of many services often stand in one folder, so these have none."""
    own = resource.platform == "kubernetes" and resource.type not in OPERATIONS
    return where(resource) if own else None
