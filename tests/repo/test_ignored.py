"""`repo.ignored`: what git leaves alone, on a disk and among texts alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.repo.facts import RepositoryFacts

FILES = {
    ".gitignore": "*.tfstate\n/build/\n",
    "prod/.gitignore": "!terraform.tfstate\n",
    "prod/terraform.tfstate": "{}",
    "stage/terraform.tfstate": "{}",
    "stage/main.tf": "",
    "build/plan.out": "",
}
CASES = {
    "stage/terraform.tfstate": True,
    "prod/terraform.tfstate": False,  # the inner file takes it back
    "stage/main.tf": False,
    "build/plan.out": True,
    "stage/absent.tfstate": True,  # whether it is there is another question
    "../outside.tfstate": False,
}


@pytest.mark.parametrize("path", CASES)
def test_ignored(tmp_path: Path, path: str) -> None:
    (tmp_path / ".git").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert RepositoryFacts(tmp_path).ignored(path) is CASES[path]
    assert RepositoryFacts(Path(), texts=FILES).ignored(path) is CASES[path]


def test_what_is_no_path_is_not_ignored(tmp_path: Path) -> None:
    assert RepositoryFacts(tmp_path).ignored(None) is False
