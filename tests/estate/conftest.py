"""Texts → the estate, without a disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.estate.build import from_texts
from readiness.estate.model import Resource
from readiness.values import Unknown


class Declared:
    """The estate of some texts: Kubernetes objects by address, and what is wrong."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        loaded = from_texts(texts)
        self.errors: list[SourceError] = loaded.errors
        self.estate = loaded.estate
        self.objects = [r for r in loaded.estate.resources if r.platform == "kubernetes"]

    @property
    def addresses(self) -> list[str]:
        """The addresses of the Kubernetes objects, in order."""
        return [resource.address for resource in self.objects]

    def __getitem__(self, address: str) -> Resource:
        found = [resource for resource in self.estate.resources if resource.address == address]
        assert len(found) == 1, f"{address}: {len(found)} of {self.addresses}"
        return found[0]

    def body(self, address: str) -> Any:
        """The body of a resource without spans; an unknown is `?` with what it waits for."""
        return _plain(self[address].body)

    def linked(self, address: str, type_: str) -> list[str]:
        """The addresses of the resources of a type that one is linked with, with `?` where it may not be."""
        current = self[address]
        return [
            f"{other.address}{'?' if other.maybe else ''}" for other in self.estate.linked(current, type_)
        ]


Declare = Callable[..., Declared]


@pytest.fixture
def declare() -> Declare:
    """Builds the estate of texts by file name; one text alone is `main.tf`."""

    def function(texts: str | Mapping[str, str]) -> Declared:
        return Declared({"main.tf": texts} if isinstance(texts, str) else texts)

    return function


def _plain(value: Any) -> Any:
    """A value without spans; an unknown is `?` with what it waits for."""
    if isinstance(value, Unknown):
        return f"?{','.join(value.refs)}"
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
