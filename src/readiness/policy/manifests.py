"""What conditions ask of Kubernetes objects: their schemas, and the life of their API versions."""

from __future__ import annotations

import functools
from typing import Any

from readiness.estate.model import Estate, Resource
from readiness.kubernetes.kinds import group_of
from readiness.kubernetes.schemas.custom import Definition
from readiness.kubernetes.schemas.lifecycle import lifecycle
from readiness.kubernetes.schemas.model import Node, Problem
from readiness.kubernetes.schemas.store import load, minor, releases, served, versions_of
from readiness.kubernetes.schemas.validate import validate
from readiness.kubernetes.schemas.words import meant
from readiness.policy.cel.errors import CelError
from readiness.policy.cel.regex import compile_pattern
from readiness.values import List, Map

_MOST = 20
"""Definitions of one kind above which nobody can tell which is meant: a folder of releases, say."""


class Manifests:
    """The schemas for one estate and one release of Kubernetes, the newest where none is chosen.

    Raises:
        UsageError: the schemas of that release are not at hand.
    """

    def __init__(self, estate: Estate, release: str = "") -> None:
        self.estate = estate
        self.release = load(minor(release or releases()[-1]))
        self._last: tuple[Resource, List | None] | None = None

    @functools.cached_property
    def definitions(self) -> dict[tuple[str, str], list[Definition]]:
        """The definitions of custom kinds by group and kind; several where the estate has several."""
        found: dict[tuple[str, str], list[Definition]] = {}
        seen: set[int] = set()
        for resource in self.estate.of_type("CustomResourceDefinition"):
            if id(resource.body) in seen:
                continue
            seen.add(id(resource.body))
            definition = Definition(resource.body)
            if isinstance(definition.group, str) and isinstance(definition.kind, str):
                found.setdefault((definition.group, definition.kind), []).append(definition)
        return found

    def problems(self, resource: Resource | None) -> List | None:
        """The problems of an object as mappings, each with the span of its place; null without a schema.

        Each has `kind`, `path`, `field`, `message` and `id`, which tells it from others of the object.
        """
        if resource is None or resource.platform != "kubernetes":
            return None
        if self._last is None or self._last[0] is not resource:
            found = self._problems(resource)
            self._last = (resource, None if found is None else List([_shown(entry) for entry in found]))
        return self._last[1]

    def _problems(self, resource: Resource) -> list[Problem] | None:
        body = resource.body
        api_version, kind = body.get("apiVersion"), body.get("kind")
        if not isinstance(api_version, str) or not isinstance(kind, str):
            return None
        node = self.release.kind(api_version, kind)
        if node is not None:
            return _without_gaps(_validated(body, [node], kind == "Secret", self.release.name), resource)
        group = group_of(api_version)
        if group in self.release.groups:
            problem = self._unserved(body, api_version, kind)
            return None if problem is None else [problem]
        definitions = self.definitions.get((group, kind))
        if not definitions or not all(definition.readable for definition in definitions):
            return None
        version = api_version.rpartition("/")[2]
        having = [definition for definition in definitions if version in definition.served()]
        if not having:
            names = sorted({name for definition in definitions for name in definition.served()})
            what = (
                f"`{group}` has no `{kind}` of version `{version}`; its definition serves {', '.join(names)}"
            )
            return [Problem("kind", "apiVersion", "apiVersion", what, body.span_of("apiVersion"))]
        if len(having) > _MOST:
            return None
        nodes = [definition.node(version, self.release) for definition in having]
        known = [node for node in nodes if node is not None]
        return _without_gaps(_validated(body, known), resource) if len(known) == len(nodes) else None

    def _unserved(self, body: Map, api_version: str, kind: str) -> Problem | None:
        """What is wrong with a kind that a group of Kubernetes does not have in this release.

        Nothing of one that is gone: its life says that.
        """
        life = lifecycle(api_version, kind)
        if (life is not None and life.removed(self.release)) or kind.endswith("List"):
            return None
        span = served(api_version, kind)
        if span is not None:
            what = (
                f"`{kind}` of `{api_version}` came with Kubernetes 1.{span[0]}; {self.release.name} is chosen"
            )
            return Problem("kind", "apiVersion", "apiVersion", what, body.span_of("apiVersion"))
        elsewhere = list(versions_of(kind, self.release))
        if elsewhere:
            what = f"`{kind}` is not in `{api_version}` but in {' and '.join(f'`{v}`' for v in elsewhere)}"
            return Problem("kind", "apiVersion", "apiVersion", what, body.span_of("apiVersion"))
        near = meant(kind, [name for version, name in self.release.kinds if version == api_version], 0.88)
        if near is None:
            # Other tools have kinds of their own in `v1`, and OpenShift had.
            return None
        what = f"`{api_version}` has no kind `{kind}`; did you mean `{near}`?"
        return Problem("kind", "kind", "kind", what, body.span_of("kind"))

    def lifecycle(self, resource: Resource | None) -> Map | None:
        """The life of the API version of an object, null where it neither is nor will be deprecated."""
        if resource is None or resource.platform != "kubernetes":
            return None
        api_version, kind = resource.body.get("apiVersion"), resource.body.get("kind")
        if not isinstance(api_version, str) or not isinstance(kind, str):
            return None
        life = lifecycle(api_version, kind)
        if life is None:
            return None
        return Map(
            {
                "deprecated": life.deprecated(self.release),
                "removed": life.removed(self.release),
                "deprecated_in": life.deprecated_in,
                "removed_in": life.removed_in,
                "project": life.project,
                "replacement": life.replacement,
                "kubernetes": self.release.name,
                "source": life.source,
            }
        )


def _validated(body: Map, nodes: list[Node], secret: bool = False, release: str = "") -> list[Problem]:
    """The problems by the schema that finds fewest: the estate may hold several versions of a definition."""
    best: list[Problem] = []
    for node in nodes:
        found = validate(body, node, _matches, secret, release)
        if not found:
            return found
        if not best or _order(found) < _order(best):
            best = found
    return best


def _order(problems: list[Problem]) -> tuple[int, int]:
    """Fewer problems first, then those deeper down: their schema knows more of the object."""
    return len(problems), -sum(len(problem.path) for problem in problems)


def _without_gaps(problems: list[Problem], resource: Resource) -> list[Problem]:
    """Of an object that a folder or file of patches holds only what it has, not what it lacks."""
    if not any("patch" in part for part in resource.span.path.split("/")):
        return problems
    return [problem for problem in problems if problem.kind != "required"]


def _matches(pattern: str, text: str) -> bool:
    try:
        return compile_pattern(pattern).test(text)
    except CelError:
        return True


def _shown(problem: Problem) -> Map:
    entry: dict[str, Any] = {
        "kind": problem.kind,
        "path": problem.path,
        "field": problem.name,
        "message": problem.message,
        "id": f"{problem.kind} {problem.path}",
    }
    return Map(entry, problem.span)
