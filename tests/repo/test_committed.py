"""Whether the files that were read are those of the commit that is checked out."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import Cli

from readiness.repo.revision import committed

FILES = {"main.tf": 'resource "a" "a" {}\n', "b/other.tf": 'resource "b" "b" {}\n'}


@pytest.fixture
def head(cli: Cli) -> str:
    cli.write(FILES)
    cli.git("init", "-q")
    cli.commit()
    return cli.git("rev-parse", "HEAD").strip()


def of(root: Path) -> str:
    return committed(root, [f"{root}/{path}" for path in FILES])


def test_as_it_was_committed(cli: Cli, head: str) -> None:
    assert of(cli.root) == head


def test_touched_and_the_same(cli: Cli, head: str) -> None:
    os.utime(cli.root / "main.tf", (1, 1))
    assert of(cli.root) == head


def test_line_ends_of_the_machine(cli: Cli, head: str) -> None:
    (cli.root / "main.tf").write_bytes(FILES["main.tf"].replace("\n", "\r\n").encode())
    assert of(cli.root) == head


def test_by_a_link_and_outside(cli: Cli, head: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "link").symlink_to(cli.root)
    (other / "x.tf").write_text("")
    paths = [f"{other}/link/main.tf", f"{other}/link/../x.tf", f"{other}/x.tf"]
    assert committed(cli.root, paths) == head


def staged(cli: Cli) -> None:
    cli.write({"main.tf": FILES["main.tf"].replace("a", "c")})
    cli.git("add", "main.tf")


def of_the_same_size(cli: Cli) -> None:
    """Git would look into such a file as well: its time is that of the index, or later."""
    path = cli.root / "main.tf"
    before = path.stat()
    path.write_text(FILES["main.tf"].replace("a", "c"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    index = cli.root / ".git" / "index"
    os.utime(index, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        lambda cli: cli.write({"main.tf": "# changed\n"}),
        lambda cli: (cli.root / "b" / "other.tf").unlink(),
        lambda cli: cli.git("rm", "-q", "--cached", "main.tf"),
        lambda cli: cli.git("mv", "main.tf", "new.tf"),
        staged,
        of_the_same_size,
    ],
)
def test_changed_since(cli: Cli, head: str, change: Callable[[Cli], object]) -> None:
    change(cli)
    assert (of(cli.root), len(head)) == ("", 40)


def test_no_repository(cli: Cli) -> None:
    cli.write(FILES)
    assert of(cli.root) == ""
