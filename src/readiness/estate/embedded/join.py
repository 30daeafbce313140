"""Links between objects of which names, labels or selectors are not known.

`kubernetes/linking/links.py` links by what is known.  Where Terraform leaves a part open, two objects may
still name the same value (both have `var.name`): then they are linked.  Where it cannot be said, each
is linked with a copy of the other of which it is not known whether it is there, so that a policy
which asks for it gets an unknown and never a wrong answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from msgspec.structs import replace

from readiness.estate.model import Link, Links, Resource, connect
from readiness.kubernetes.linking.mentions import namespace_of
from readiness.values import Map, Unknown, dig, dig_known, unknowns

_TEMPLATES: dict[str, tuple[str, ...]] = {
    "Pod": (),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
_SELECTORS: dict[str, tuple[str, ...]] = {
    "NetworkPolicy": ("spec", "podSelector"),
    "PodDisruptionBudget": ("spec", "selector"),
    "Service": ("spec", "selector"),
}
_TARGETS = {
    "HorizontalPodAutoscaler": "scaleTargetRef",
    "ScaledObject": "scaleTargetRef",
    "VerticalPodAutoscaler": "targetRef",
}
_CERTAIN, _OPEN, _NO = "certain", "open", "no"


class _Match(NamedTuple):
    """Whether two objects belong together, and whether anything that says so is unknown."""

    answer: str
    unknown: bool


PAIR_LIMIT = 250_000
"""Pairs of objects of one root that are compared; above it each may belong to each."""


def join(declared: Iterable[Resource]) -> None:
    """Link the objects that Terraform declares in one root, for one environment, both ways."""
    homes: dict[tuple[str, str], list[Resource]] = {}
    for resource in declared:
        homes.setdefault(resource.home, []).append(resource)
    for resources in homes.values():
        _join_home(resources)


def _join_home(resources: list[Resource]) -> None:
    pods = [resource for resource in resources if _has_pods(resource)]
    open_pods = [resource for resource in pods if _is_waiting(resource)]
    asking = [resource for resource in resources if resource.type in _SELECTORS or resource.type in _TARGETS]
    chosen = [(resource, pods if _is_waiting(resource) else open_pods) for resource in asking]
    if sum(len(others) for _, others in chosen) <= PAIR_LIMIT:
        for resource, others in chosen:
            _join_one(resource, others)
        return
    first = {resource.type: (resource, others) for resource, others in reversed(chosen) if others}
    for resource, others in chosen:
        if others:
            _may_belong(resource, others[0], _via(resource))
    for resource, others in first.values():
        for other in others:
            _may_belong(other, resource, _via(resource))


def _has_pods(resource: Resource) -> bool:
    return resource.type in _TEMPLATES or dig(resource.body, "spec", "template") is not None


def _is_waiting(resource: Resource) -> bool:
    """Whether something is unknown that says what an object belongs to."""
    metadata = resource.body.get("metadata")
    parts = [metadata if isinstance(metadata, Unknown) else dig(metadata, "name"), dig(metadata, "namespace")]
    if resource.type in _SELECTORS:
        parts.append(dig_known(resource.body, *_SELECTORS[resource.type]))
    elif resource.type in _TARGETS:
        parts.append(dig_known(resource.body, "spec", _TARGETS[resource.type]))
    else:
        parts.append(_labels(resource))
    return any(next(unknowns(part), None) is not None for part in parts)


def _via(resource: Resource) -> str:
    return ".".join(_SELECTORS.get(resource.type) or ("spec", _TARGETS[resource.type]))


def _join_one(resource: Resource, others: list[Resource]) -> None:
    via = _via(resource)
    known = {id(link.target) for link in resource.links if link.via == via}
    for other in others:
        if id(other) in known or other is resource:
            continue
        match = _matches(resource, other)
        if not match.unknown or match.answer == _NO:
            continue
        if match.answer == _CERTAIN:
            connect(resource, other, via)
        else:
            _may_belong(resource, other, via)
            _may_belong(other, resource, via)


def _may_belong(resource: Resource, other: Resource, via: str) -> None:
    """Link an object with another that may belong to it; one of a kind says all there is to say."""
    if not any(_is_open(link, via, other.type) for link in resource.links):
        resource.links.append(Link(other.address, via, replace(other, maybe=True, links=Links())))


def _is_open(link: Link, via: str, type_: str) -> bool:
    """Whether a link is one of those that may not be."""
    other = link.target
    return other is not None and link.via == via and other.type == type_ and other.maybe


def _matches(resource: Resource, other: Resource) -> _Match:
    parts = list(_parts(resource, other))
    answers = [answer for answer, _ in parts]
    unknown = any(seen for _, seen in parts)
    if _NO in answers:
        return _Match(_NO, unknown)
    return _Match(_OPEN if _OPEN in answers else _CERTAIN, unknown)


def _parts(resource: Resource, other: Resource) -> Iterator[tuple[str, bool]]:
    """What has to agree: the namespace, and labels or kind and name."""
    yield _equal(_namespace(resource), _namespace(other))
    if resource.type in _TARGETS:
        target = dig(resource.body, "spec", _TARGETS[resource.type])
        if isinstance(target, Unknown):
            yield _OPEN, True
            return
        kind = dig(target, "kind")
        yield _equal("Deployment" if kind is None else kind, other.body["kind"])
        yield _equal(dig(target, "name"), dig(other.body, "metadata", "name"))
        return
    yield from _selected(resource, _labels(other))


def _selected(resource: Resource, labels: Any) -> Iterator[tuple[str, bool]]:
    selector = dig_known(resource.body, *_SELECTORS[resource.type])
    if isinstance(selector, Unknown):
        yield _OPEN, True
        return
    if resource.type != "Service":
        if not isinstance(selector, Map):
            yield _NO, False
            return
        expressions = selector.get("matchExpressions")
        if expressions is not None:
            waits = isinstance(labels, Unknown) or next(unknowns(expressions), None) is not None
            yield _OPEN, waits
        pairs = selector.get("matchLabels")
        pairs = Map() if pairs is None else pairs
    else:
        pairs = selector
    if isinstance(pairs, Unknown):
        yield _OPEN, True
    elif isinstance(pairs, Map) and (pairs or resource.type != "Service"):
        for key, value in pairs.items():
            if isinstance(labels, Unknown):
                yield _OPEN, True
            else:
                yield _equal(value, labels.get(key))
    else:
        yield _NO, False


def _equal(one: Any, other: Any) -> tuple[str, bool]:
    """Whether two values are equal: an unknown equals itself, and what else is not certain."""
    if one is other and isinstance(one, Unknown):
        return _CERTAIN, True
    for unknown, value in ((one, other), (other, one)):
        if isinstance(unknown, Unknown):
            if not isinstance(value, Unknown) and (value is None or unknown.differs(value)):
                return _NO, True
            return _OPEN, True
    return (_CERTAIN if one == other else _NO), False


def _namespace(resource: Resource) -> Any:
    written = dig(resource.body, "metadata", "namespace")
    return written if isinstance(written, Unknown) else namespace_of(resource)


def _labels(resource: Resource) -> Any:
    """The labels of the pods of an object; of a template that is not known, not known either."""
    path = _TEMPLATES.get(resource.type, ("spec", "template"))
    labels = dig_known(resource.body, *path, "metadata", "labels")
    return labels if isinstance(labels, (Map, Unknown)) else Map()
