"""The hooks of `.pre-commit-hooks.yaml`, run by pre-commit and by prek on real commits.

Here a copy of the file is used in which only the language differs: `system` runs the program of this tree,
where `python` would install it, with the network, for every test.  One test installs it as users do, from
what is installed already.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.ci.conftest import ROOT, Repository, copied, mended, table

FILE = ROOT / ".pre-commit-hooks.yaml"
HOOKS: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SELECT = "args: [--select, aws-dynamodb-pitr]"

pytestmark = pytest.mark.slow


def runner(name: str) -> str:
    """The path of pre-commit or prek beside this Python, else among the commands."""
    beside = Path(sysconfig.get_path("scripts")) / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (extra `dev`)")
    return found


class Project(Repository):
    """A repository whose commits run hooks."""

    def __init__(self, root: Path, environment: dict[str, str], program: str, hooks: Repository) -> None:
        super().__init__(root, environment)
        self.program = program
        self.hooks = hooks

    def use(self, *ids: str, more: str = SELECT) -> None:
        """Install the git hook, with some hooks in its configuration."""
        lines = [
            f"repos:\n  - repo: {self.hooks.root}\n    rev: {self.hooks.git('rev-parse', 'HEAD')}\n    hooks:\n"
        ]
        lines += [f"      - id: {id_}\n        {more}\n" for id_ in ids]
        self.write({".pre-commit-config.yaml": "".join(lines)})
        done = self.run(self.program, "install")
        assert done.returncode == 0, done.stdout + done.stderr

    def try_commit(self, *paths: str) -> subprocess.CompletedProcess[str]:
        """Commit files as a person does, with the hooks."""
        self.git("add", "--", *(paths or (".",)))
        done = self.run("git", "commit", "--message", "Change")
        assert "Traceback" not in done.stdout + done.stderr
        return done


@pytest.fixture(params=["pre-commit", "prek"])
def project(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    environment: dict[str, str],
    repository: Callable[[str], Repository],
) -> Project:
    program = runner(request.param)
    hooks = repository("hooks")
    text = FILE.read_text(encoding="utf-8")
    assert text.count("language: python") == len(HOOKS)
    hooks.write({FILE.name: text.replace("language: python", "language: system")})
    hooks.commit()
    environment |= {"PRE_COMMIT_HOME": str(tmp_path / "pre-commit"), "PREK_HOME": str(tmp_path / "prek")}
    return Project(tmp_path / "project", environment, program, hooks)


def test_a_commit_is_held_against_what_it_touches(project: Project) -> None:
    project.write({"live/old/main.tf": table("old"), "live/new/main.tf": mended("new")})
    project.commit()
    project.use("readiness")
    # What is wrong elsewhere stops nobody, and what is in order passes.
    project.write({"live/new/more.tf": mended("more")})
    assert project.try_commit().returncode == 0
    project.write({"live/new/main.tf": table("new")})
    stopped = project.try_commit()
    assert stopped.returncode == 1
    shown = stopped.stdout + stopped.stderr
    assert "live/new/main.tf:1:1" in shown
    assert "1 finding: 1 high" in shown
    assert "live/old" not in shown
    assert project.git("status", "--porcelain") == "M  live/new/main.tf"


def test_a_module_is_held_against_the_roots_that_call_it(project: Project) -> None:
    call = 'module "table" {\n  source = "../../modules/table"\n}\n'
    project.write({"modules/table/main.tf": mended("shared"), "live/a/main.tf": call, "live/b/main.tf": call})
    project.commit()
    project.use("readiness")
    project.write({"modules/table/main.tf": table("shared")})
    shown = project.try_commit()
    assert shown.returncode == 1
    assert "module.table.aws_dynamodb_table.shared" in shown.stdout + shown.stderr


def test_a_commit_with_nothing_to_check_passes(project: Project) -> None:
    project.use("readiness", "readiness-all", "readiness-fix")
    project.write({"README.md": "# Hello\n", ".github/workflows/ci.yml": "on: push\n", "data.json": "{}\n"})
    done = project.try_commit()
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_file_that_is_broken_stops_its_commit(project: Project) -> None:
    project.use("readiness")
    project.write({"main.tf": 'resource "aws_dynamodb_table" "a" {\n  name = = 1\n}\n'})
    done = project.try_commit()
    assert done.returncode == 1
    assert "main.tf:2" in done.stdout + done.stderr


def test_only_what_is_staged_counts(project: Project) -> None:
    project.use("readiness")
    project.write({"main.tf": mended("a")})
    project.git("add", ".")
    project.write({"main.tf": table("a")})
    done = project.run("git", "commit", "--message", "Change")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (project.root / "main.tf").read_text(encoding="utf-8") == table("a")


def test_the_whole_repository(project: Project) -> None:
    project.write({"live/old/main.tf": table("old")})
    project.commit()
    project.use("readiness-all")
    project.write({"README.md": "# Hello\n"})
    done = project.try_commit("README.md")
    assert done.returncode == 1
    assert "live/old/main.tf:1:1" in done.stdout + done.stderr


def test_fixes_stop_the_commit_once(project: Project) -> None:
    project.use("readiness-fix", "readiness")
    project.write({"main.tf": table("a"), "other/main.tf": mended("b")})
    first = project.try_commit()
    assert first.returncode == 1
    assert "files were modified by this hook" in first.stdout + first.stderr
    assert (project.root / "main.tf").read_text(encoding="utf-8") == mended("a")
    assert project.try_commit().returncode == 0
    assert project.git("status", "--porcelain") == ""


def test_a_gate_of_ones_own(project: Project) -> None:
    project.use("readiness", more="args: [--select, aws-dynamodb-pitr, --fail-on, critical]")
    project.write({"main.tf": table("a")})
    assert project.try_commit().returncode == 0


def test_a_wrong_setting_is_told(project: Project) -> None:
    project.use("readiness", more="args: [--fail-on, hihg]")
    project.write({"main.tf": table("a")})
    done = project.try_commit()
    assert done.returncode == 1
    assert "did you mean 'high'?" in done.stdout + done.stderr


def test_more_files_than_a_command_line_takes(project: Project) -> None:
    # 131,072 characters of names at most are given to one process, so there are two.
    folder = "/".join(["a" * 100, "b" * 100])
    names = [f"{folder}/{number:04}/main.tf" for number in range(700)]
    project.write({name: f'resource "demo" "d{index}" {{\n}}\n' for index, name in enumerate(names)})
    project.write({names[0]: table("first"), names[-1]: table("last")})
    project.use("readiness")
    done = project.try_commit()
    shown = done.stdout + done.stderr
    assert done.returncode == 1
    for name in (names[0], names[-1]):
        assert f"{name}:1:1" in shown


def test_installed_as_users_do(
    environment: dict[str, str], repository: Callable[[str], Repository], tmp_path: Path
) -> None:
    """The hook in an environment that pre-commit makes, from packages that are installed here already."""
    program = runner("pre-commit")
    missing = [name for name in ("hatchling", "hcl2") if find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed (extra `dev`)")
    hooks = repository("hooks")
    ignored = shutil.ignore_patterns("__pycache__", "_data", ".*_cache")
    shutil.copy(FILE, hooks.root / FILE.name)
    for name in copied():
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, hooks.root / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, hooks.root / name)
    hooks.commit()
    packages = Path(sysconfig.get_path("purelib"))
    environment |= {
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "PATH": environment["PATH"].split(":", 1)[1],
        "PYTHONPATH": str(packages),
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    project = Project(tmp_path / "project", environment, program, hooks)
    project.use("readiness")
    project.write({"main.tf": table("a")})
    done = project.try_commit()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "main.tf:1:1" in done.stdout + done.stderr
    assert list((tmp_path / "pre-commit").glob("repo*/py_env*/bin/readiness")), sys.version


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: str(hook["id"]))
def test_what_every_hook_says(hook: dict[str, Any]) -> None:
    assert hook["entry"].startswith("readiness check ")
    # In `entry`, not in `args`: those of users take the place of the latter.
    assert "--allow-empty" in hook["entry"] and "args" not in hook
    assert hook["language"] == "python" and hook["require_serial"] is True


def test_the_ids_are_stable() -> None:
    assert [hook["id"] for hook in HOOKS] == ["readiness", "readiness-all", "readiness-fix"]
