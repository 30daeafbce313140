"""Terraform texts → resources, without a disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from readiness.errors import SourceError
from readiness.estate.model import Resource
from readiness.estate.reader import Reader
from readiness.sources.cache import Cache
from readiness.sources.hcl.file import HclFile
from readiness.terraform.build import Builder
from readiness.terraform.config import file_values
from readiness.terraform.inputs import PATTERNS, Inputs
from readiness.values import Unknown


class Built:
    """The resources of some files by address; `errors` holds those of reading and building."""

    def __init__(
        self,
        texts: Mapping[str, str],
        outside: Mapping[str, Mapping[str, str]] | None = None,
        var_files: Mapping[str, str] | None = None,
    ) -> None:
        folders = outside or {}

        def read_folder(folder: str) -> list[HclFile] | None:
            return (
                self._read({f"{folder}/{k}": v for k, v in folders[folder].items()})
                if folder in folders
                else None
            )

        self.errors: list[SourceError] = []
        files = self._read(texts)
        for file in files:
            self.errors.extend(file.errors)
        given = [value for file in self._read(var_files or {}) for value in file_values(file)]
        inputs = Inputs(given=given, patterns=() if var_files else PATTERNS)
        builder = Builder(files, read_folder, inputs)
        self.resources: list[Resource] = builder.build()
        self.errors.extend(builder.errors)

    @staticmethod
    def _read(texts: Mapping[str, str]) -> list[HclFile]:
        return Reader(Cache(None), 1).read_texts(texts).hcl

    def __getitem__(self, address: str) -> Resource:
        found = [resource for resource in self.resources if resource.address == address]
        assert len(found) == 1, f"{address}: {len(found)} of {self.addresses}"
        return found[0]

    @property
    def addresses(self) -> list[str]:
        """The addresses of all resources and data sources, in order."""
        return [resource.address for resource in self.resources if resource.mode != "block"]


Build = Callable[..., Built]


@pytest.fixture
def build() -> Build:
    """Builds the resources of texts by file name; one text alone is `main.tf`."""

    def function(texts: str | Mapping[str, str], **options: Any) -> Built:
        return Built({"main.tf": texts} if isinstance(texts, str) else texts, **options)

    return function


@pytest.fixture
def value() -> Callable[..., Any]:
    """The value of an expression, with more blocks beside it."""

    def function(expression: str, beside: str = "") -> Any:
        built = Built({"main.tf": f'resource "r" "r" {{\n  x = {expression}\n}}\n', "beside.tf": beside})
        assert built.errors == []
        return built["r.r"].body["x"]

    return function


@pytest.fixture
def reason(value: Callable[..., Any]) -> Callable[..., str]:
    """Why an expression is not known."""

    def function(expression: str, beside: str = "") -> str:
        found = value(expression, beside)
        assert isinstance(found, Unknown), found
        return found.reason

    return function
