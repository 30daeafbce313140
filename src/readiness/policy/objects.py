"""`references`, `selections`, `duplicates`, `deliveries`: what conditions see of links that lead nowhere."""

from __future__ import annotations

import functools
from typing import Any

from readiness.estate.model import Estate, Resource
from readiness.kubernetes.linking.dangling import Dangling
from readiness.kubernetes.linking.delivery import Delivered, delivered
from readiness.kubernetes.linking.duplicates import Duplicates
from readiness.kubernetes.linking.mentions import copy_span
from readiness.kubernetes.linking.selecting import Selecting
from readiness.repo.facts import RepositoryFacts
from readiness.repo.remotes import repository_of
from readiness.values import List, Map, Unknown


class Objects:
    """The Kubernetes objects of an estate, for questions about what one of them names."""

    def __init__(self, estate: Estate, facts: RepositoryFacts) -> None:
        self.estate = estate
        self.facts = facts

    @functools.cached_property
    def _dangling(self) -> Dangling:
        return Dangling(self.estate.resources)

    @functools.cached_property
    def _selecting(self) -> Selecting:
        return Selecting(self._dangling.resources, self._dangling.neighbours)

    @functools.cached_property
    def _duplicates(self) -> Duplicates:
        return Duplicates(self.estate.resources)

    @functools.cached_property
    def _resolved(self) -> set[tuple[str, str]]:
        """The repositories and revisions of which a delivered folder is in these files."""
        return {
            (repository_of(item.repository) or item.repository, item.revision)
            for resource in self.estate.resources
            for item in delivered(resource)
            if not item.pattern and self._is_folder(item.path)
        }

    def references(self, resource: Resource | None, types: Any) -> List | Unknown:
        """What a resource names, of a type, a glob of types or a list of them."""
        if isinstance(types, Unknown) or resource is None:
            return List() if resource is None else types
        patterns = [types] if isinstance(types, str) else types
        return self._dangling.references(resource, [str(pattern) for pattern in patterns])

    def selections(self, resource: Resource | None, ignored: Any) -> List | Unknown:
        """What a resource selects by labels, those that are `ignored` aside."""
        if isinstance(ignored, Unknown) or resource is None:
            return List() if resource is None else ignored
        return self._selecting.of(resource, [str(label) for label in ignored])

    def duplicates(self, resource: Resource | None) -> List:
        """The objects that a resource repeats."""
        return List() if resource is None else self._duplicates.before(resource)

    def deliveries(self, resource: Resource | None) -> List:
        """The folders that a resource delivers: `path`, `repository`, `revision`, `found` and `expected`.

        `expected` is true where the repository is this one: by its remotes, or because another folder
        of it is here.
        """
        if resource is None:
            return List()
        return List([self._delivery(item) for item in delivered(resource) if not item.pattern])

    def _delivery(self, item: Delivered) -> Map:
        repository = repository_of(item.repository) or item.repository
        own = repository in self.facts.config.remotes and item.revision in self.facts.branches
        expected = (own and not self.facts.config.sparse) or (repository, item.revision) in self._resolved
        result = Map({"path": item.path, "repository": item.repository, "revision": item.revision})
        result.update(found=self._is_folder(item.path), expected=expected)
        copy_span(result, "path", item.holder, item.key)
        return result

    def _is_folder(self, path: str) -> bool:
        place = self.facts.place(f"/{path}")
        return place is not None and self.facts.kind_at(place) == "folder"
