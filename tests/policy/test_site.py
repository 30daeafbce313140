"""The site: every link of the documentation leads somewhere, and the generator accepts all pages."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from readiness.policy.bundle import builtin_folder

ROOT = builtin_folder().parent


@pytest.fixture(scope="module")
def site() -> ModuleType:
    """`scripts/site.py`."""
    spec = importlib.util.spec_from_file_location("site_layout", ROOT / "scripts" / "site.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(root: Path, files: dict[str, str]) -> None:
    """Files below a folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_every_link_of_the_documentation_holds(site: ModuleType, tmp_path: Path) -> None:
    assert site.lay_out(ROOT, tmp_path / "pages") == []
    assert (tmp_path / "pages" / "docs" / "policies" / "README.md").is_file()
    assert (tmp_path / "pages" / "policies" / "controls.yaml").is_file()


def test_decisions_are_all_listed() -> None:
    listed = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    for path in sorted((ROOT / "docs" / "decisions").glob("0*.md")):
        number, _, title = path.read_text(encoding="utf-8").split("\n")[0].removeprefix("# ").partition(". ")
        assert f"* [{number}. {title}]({path.name})\n" in listed


def test_links_that_do_not_hold_are_named(site: ModuleType, tmp_path: Path) -> None:
    readme = "# Start\n\n[a](docs/a.md) [b](docs/b.md) [c](docs/a.md#there) [d](docs/a.md#gone) [e](#start)\n"
    write(
        tmp_path,
        {
            "README.md": f"{readme}\n```text\n[f](gone.md)\n```\n[g](code) [h](data.json) [i](https://example.com/x)\n",
            "docs/a.md": "# A\n\n## There\n\n[up](../README.md)\n",
            "code/x.py": "",
            "data.json": "{}",
        },
    )
    assert site.lay_out(tmp_path, tmp_path / "pages") == [
        "README.md:3: there is no docs/b.md",
        "README.md:3: there is no heading docs/a.md#gone",
    ]
    laid = (tmp_path / "pages" / "README.md").read_text(encoding="utf-8")
    assert "\ng [h](data.json) [i](https://example.com/x)\n" in laid
    assert (tmp_path / "pages" / "data.json").is_file()


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("zensical") is None, reason="needs readiness[docs]")
def test_the_generator_accepts_all_pages(site: ModuleType, tmp_path: Path) -> None:
    shutil.copyfile(ROOT / "mkdocs.yml", tmp_path / "mkdocs.yml")
    site.lay_out(ROOT, tmp_path / "build" / "docs")
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--config-file", "mkdocs.yml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    page = tmp_path / "build" / "site" / "docs" / "policies" / "aws-rds-backup-retention.html"
    assert "Databases keep automated backups" in page.read_text(encoding="utf-8")
