"""The owners that CODEOWNERS gives to services: of most files, by the rule that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.estate.build import from_texts
from readiness.estate.services.complete import complete
from readiness.repo.facts import RepositoryFacts

FILES = {
    "cart/catalog-info.yaml": (
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: cart}\nspec: {type: service}\n"
    ),
    "cart/main.tf": 'resource "aws_s3_bucket" "a" {}\n',
    "cart/b.tf": 'resource "aws_s3_bucket" "b" {}\n',
}


@pytest.mark.parametrize(
    ("rules", "owner", "line"),
    [
        ("# who\n\n/cart/ @acme/cart\n", "@acme/cart", 3),
        ("* @zoe @ann @bob\n", "@zoe", 1),
        ("* @zoe @acme/shop\n", "@acme/shop", 1),
        ("* @zoe\n*.tf @acme/infra\n", "@acme/infra", 2),
        ("*.yaml @zoe @ann\n*.tf @ann\n", "@ann", 2),
    ],
)
def test_owner(rules: str, owner: str, line: int) -> None:
    files = {**FILES, "CODEOWNERS": rules}
    estate = from_texts(files).estate
    complete(estate, RepositoryFacts(Path(), texts=files))
    (cart,) = estate.services
    said = cart.said["owner"]
    assert (cart.owner, said.by, said.span.path, said.span.line) == (owner, "codeowners", "CODEOWNERS", line)


def test_a_declared_name_without_the_namespace_of_the_catalog_brings_its_documents() -> None:
    entry = FILES["cart/catalog-info.yaml"].replace("{name: cart}", "{name: cart, namespace: lab}")
    files = {
        "cart/catalog-info.yaml": entry,
        "pay/catalog-info.yaml": FILES["cart/catalog-info.yaml"].replace("cart", "pay"),
        "docs/a.md": "# A\n",
        "readiness-services.yaml": "services:\n  cart: {documents: [docs/a.md]}\n",
    }
    estate = from_texts(files).estate
    complete(estate, RepositoryFacts(Path(), texts=files))
    assert {one.name: one.documents for one in estate.services} == {"cart": ["docs/a.md"], "pay": []}
