"""Texts → the services of their estate, without a disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from readiness.estate.build import from_texts
from readiness.estate.model import Estate
from readiness.estate.services.find import unassigned
from readiness.estate.services.model import Service


class Found:
    """The services of some texts by name, and what is said of them."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        loaded = from_texts(texts)
        assert loaded.errors == []
        self.estate: Estate = loaded.estate
        self.problems = [(one.path, one.line, one.column, one.message) for one in self.estate.problems]

    def __getitem__(self, name: str) -> Service:
        return next(service for service in self.estate.services if service.name == name)

    @property
    def found_by(self) -> dict[str, str]:
        """What each service is found by."""
        return {service.name: service.found_by for service in self.estate.services}

    @property
    def members(self) -> dict[str, list[str]]:
        """The addresses of the resources of each service."""
        return {s.name: [resource.address for resource in s.resources] for s in self.estate.services}

    @property
    def unassigned(self) -> list[str]:
        """The addresses of what belongs to no service."""
        return [resource.address for resource in unassigned(self.estate)]


@pytest.fixture
def find() -> Callable[[Mapping[str, str]], Found]:
    """Find the services of texts by file name."""
    return Found


def manifest(
    address: str, labels: str = "{}", annotations: str = "{}", template: str | None = None, spec: str = "{}"
) -> str:
    """A manifest of one object; `template` are the labels of its pods, where it has any."""
    kind, *space, name = address.split("/")
    version = {"Deployment": "apps/v1", "PrometheusRule": "monitoring.coreos.com/v1"}.get(kind, "v1")
    where = f", namespace: {space[0]}" if space else ""
    if template is not None:
        image = "{containers: [{name: main, image: registry.example.com/main:1}]}"
        spec = f"{{selector: {{matchLabels: {template}}}, template: {{metadata: {{labels: {template}}}, spec: {image}}}}}"
    return (
        f"---\napiVersion: {version}\nkind: {kind}\n"
        f"metadata: {{name: {name}{where}, labels: {labels}, annotations: {annotations}}}\nspec: {spec}\n"
    )


def component(name: str, spec: str = "{type: service}", annotations: str = "{}", labels: str = "{}") -> str:
    """A catalog file of one component."""
    return (
        "---\napiVersion: backstage.io/v1alpha1\nkind: Component\n"
        f"metadata:\n  name: {name}\n  labels: {labels}\n  annotations: {annotations}\nspec: {spec}\n"
    )
