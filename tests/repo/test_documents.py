"""Which documents are found from a file, and what is known of each."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from readiness.repo.documents import Documents
from readiness.repo.facts import RepositoryFacts

TODAY = datetime.date(2026, 11, 21)
TEXTS = {
    "docs/runbooks/restore.md": "---\nowner: team-data\nlast_reviewed: 2026-11-01\n---\n# Restore\n\n## Steps\n",
    "docs/runbooks/shop/cart.md": "# The cart\n",
    "docs/runbooks/diagram.png": "",
    "docs/other.md": "# Other\n",
    "services/pay/docs/runbooks/pay.md": "# Payments\n",
    "services/pay/docs/tests/2026-11-08.md": "# Restored\n",
    "services/pay/docs/tests/2026-02-31.txt": "no such day",
    "services/pay/deploy/web.yaml": "",
}


def found(folders: Any, file: str, key: str = "path", **facts: Any) -> list[Any]:
    given = facts or {"root": Path(), "texts": TEXTS, "today": TODAY}
    return [document[key] for document in Documents(RepositoryFacts(**given)).find(folders, file)]


@pytest.mark.parametrize(
    ("folders", "file", "paths"),
    [
        ("docs/runbooks", "deploy.yaml", ["docs/runbooks/restore.md", "docs/runbooks/shop/cart.md"]),
        # Beside the file first, then above it; the neighbour's documents are not those of the root.
        (
            ["docs/runbooks"],
            "services/pay/deploy/web.yaml",
            ["services/pay/docs/runbooks/pay.md", "docs/runbooks/restore.md", "docs/runbooks/shop/cart.md"],
        ),
        ("/docs/runbooks/shop/", "services/pay/deploy/web.yaml", ["docs/runbooks/shop/cart.md"]),
        (
            ["docs/runbooks/shop", "docs/runbooks"],
            "a.tf",
            ["docs/runbooks/shop/cart.md", "docs/runbooks/restore.md"],
        ),
        ("runbooks", "a.tf", []),
        ("../docs", "a.tf", []),
        (None, "a.tf", []),
        ([7], "a.tf", []),
    ],
)
def test_folders_are_looked_for_beside_a_file_and_above_it(folders: Any, file: str, paths: list[str]) -> None:
    assert found(folders, file) == paths


def test_a_document_says_its_title_sections_owner_and_days() -> None:
    one = Documents(RepositoryFacts(Path(), texts=TEXTS, today=TODAY)).find("docs/runbooks", "a.tf")[0]
    assert dict(one) == {
        "path": "docs/runbooks/restore.md",
        "name": "restore",
        "title": "Restore",
        "sections": ["Restore", "Steps"],
        "owner": "team-data",
        "reviewed": "2026-11-01",
        "dated": "2026-11-01",
        "days": 20,
    }


def test_the_day_is_that_of_the_path_and_must_exist() -> None:
    file = "services/pay/deploy/web.yaml"
    assert found("docs/tests", file, "dated") == [None, "2026-11-08"]
    assert found("docs/tests", file, "days") == [None, 13]
    assert found("docs/tests", file, "title") == ["2026-02-31", "Restored"]


def test_links_that_leave_the_repository_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("# Secret\n")
    root = tmp_path / "repository"
    (root / "docs" / "runbooks").mkdir(parents=True)
    (root / "docs" / "runbooks" / "web.md").write_text("# Web\n")
    (root / "docs" / "runbooks" / "more").symlink_to(outside)
    (root / "docs" / "evidence").symlink_to(outside)
    facts: dict[str, Any] = {"root": root, "today": TODAY}
    assert found("docs/runbooks", "deploy/web.yaml", **facts) == ["docs/runbooks/web.md"]
    assert found("docs/evidence", "deploy/web.yaml", **facts) == []
