"""Whether a policy or binding looks at a request: true, false, or an unknown that says why.

Source: `MatchResources` in `admissionregistration/v1/types.go` of https://github.com/kubernetes/api, and
`plugin/policy/matching` of https://github.com/kubernetes/apiserver for the order of its parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from readiness.kubernetes.linking.selectors import Selector, from_label_selector, opened_labels
from readiness.kubernetes.schemas.custom import Definition
from readiness.kubernetes.schemas.store import Release
from readiness.policy.admission.kinds import equivalent_groups
from readiness.policy.admission.model import Match, Rule
from readiness.policy.answers import Answer, every, some
from readiness.values import Map, Unknown

NAME_LABEL = "kubernetes.io/metadata.name"
"""The label that every Namespace has."""


class Request(Struct, eq=False):
    """An object that is created.  `namespace` is None for what has none; `plurals` are names of its resource.

    `space` is the Namespace that it is created in, None where it has none.
    """

    object: Map
    address: str
    group: str
    version: str
    kind: str
    plurals: frozenset[str]
    name: Any
    namespace: Any
    space: Any
    values: Map  # `request` in expressions


class World(Struct, eq=False):
    """What is served: the built-in kinds of a release, and definitions of custom ones."""

    release: Release
    definitions: Mapping[tuple[str, str], list[Definition]]


def matches(match: Match, request: Request, world: World) -> Answer:
    """Whether a request is one of those that are looked at."""
    excluded = some(_rule(rule, request, match.exact, world) for rule in match.excluded)
    if excluded is True:
        return False
    wanted: Answer = True
    if match.rules:
        wanted = some(_rule(rule, request, match.exact, world) for rule in match.rules)
    if wanted is False:
        return False
    left = excluded if isinstance(excluded, Unknown) else True
    return every([wanted, left, _in_namespace(match, request), _labelled(match, request)])


def _rule(rule: Rule, request: Request, exact: bool, world: World) -> Answer:
    if not {"*", "CREATE"} & set(rule.operations):
        return False
    if rule.scope != "*" and (rule.scope == "Namespaced") is (request.namespace is None):
        return False
    meant = [resource.partition("/") for resource in rule.resources]
    if not any(name in ("*", *request.plurals) and part in ("", "*") for name, _, part in meant):
        return False
    served = _served(rule, request, exact, world)
    if served is False or not rule.names:
        return served
    if isinstance(request.name, Unknown):
        return every([served, request.name])
    return served if request.name in rule.names else False


def _served(rule: Rule, request: Request, exact: bool, world: World) -> Answer:
    """Whether a rule means the group and version of a request, or, unless `exact`, others of the same."""
    any_group, any_version = "*" in rule.groups, "*" in rule.versions
    if (any_group or request.group in rule.groups) and (any_version or request.version in rule.versions):
        return True
    if exact:
        return False
    groups = {group for plural in request.plurals for group in equivalent_groups(request.group, plural)}
    groups = groups if any_group else groups & set(rule.groups)
    if not groups:
        return False
    others = [(group, version) for group, version in _versions(request, groups, world)]
    if others and not any(any_version or version in rule.versions for _, version in others):
        return False
    own = f"{request.group}/{request.version}".lstrip("/")
    wanted = ", ".join(rule.versions)
    why = f"the policy is for {wanted} of this kind, and how {own} is converted to that is not known"
    return Unknown(why, (own,))


def _versions(request: Request, groups: Iterable[str], world: World) -> list[tuple[str, str]]:
    """The groups and versions that serve the kind of a request; none where that is not known."""
    found = []
    for group in groups:
        prefix = f"{group}/" if group else ""
        found += [
            (group, name.removeprefix(prefix))
            for name, kind in world.release.kinds
            if kind == request.kind and name.rpartition("/")[0] == group
        ]
        for definition in world.definitions.get((group, request.kind), ()):
            found += [(group, version) for version in definition.served()]
    return found


def _in_namespace(match: Match, request: Request) -> Answer:
    if not match.namespaces:
        return True
    selector = from_label_selector(match.namespaces) or Selector()
    if selector == Selector():
        return True
    if request.kind == "Namespace" and not request.group:
        return selected(selector, _labels(request.object), request.address)
    if request.namespace is None:
        return True
    if isinstance(request.space, Map):
        return selected(selector, _labels(request.space), f"Namespace/{request.namespace}")
    if isinstance(request.namespace, Unknown):
        return request.namespace
    own = Selector(
        tuple(pair for pair in selector.pairs if pair[0] == NAME_LABEL),
        tuple(expression for expression in selector.expressions if expression[0] == NAME_LABEL),
    )
    if not own.matches({NAME_LABEL: request.namespace}):
        return False
    return True if own == selector else request.space


def _labelled(match: Match, request: Request) -> Answer:
    if not match.objects:
        return True
    selector = from_label_selector(match.objects) or Selector()
    return selected(selector, _labels(request.object), request.address)


def _labels(body: Map) -> Any:
    metadata = body.get("metadata")
    if isinstance(metadata, Unknown):
        return metadata
    labels = metadata.get("labels") if isinstance(metadata, Map) else None
    return labels if isinstance(labels, (Map, Unknown)) else Map()


def selected(selector: Selector, labels: Any, address: str) -> Answer:
    """Whether a selector takes an object with some labels."""
    opened = labels if isinstance(labels, Unknown) else opened_labels(labels)
    if selector.surely_matches(opened):
        return True
    if not selector.may_match(opened):
        return False
    return Unknown(f"the labels of {address} are not known", (f"{address}.metadata.labels",))
