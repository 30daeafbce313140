"""Temporary git repositories, and the program as a command of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from readiness.policy.bundle import load_builtin, load_lifecycles

ROOT = Path(__file__).parents[2]

TABLE = """resource "aws_dynamodb_table" "{name}" {{
  name     = "{name}"
  hash_key = "id"
}}
"""
"""A table without recovery to a point in time: `aws-dynamodb-pitr`, high, with a safe fix."""

RECOVERY = """
  point_in_time_recovery {
    enabled = true
  }
}
"""
"""How the fix ends such a table."""


def table(name: str) -> str:
    """A table that policies have something to say about."""
    return TABLE.format(name=name)


def mended(name: str) -> str:
    """The same after its fix."""
    return table(name).removesuffix("}\n") + RECOVERY


def copied() -> list[str]:
    """The names that the first stage of the image copies: all that a wheel is built from."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").split("\nFROM ")[1]
    lines = [line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY ")]
    return [name for names in lines for name in names]


class Repository:
    """A git repository in a folder of its own, with an environment for commands."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self.root = root
        self.environment = dict(environment)
        root.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def write(self, files: Mapping[str, str]) -> None:
        """Write files by their names."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def run(self, *command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command here, whatever its exit status."""
        return subprocess.run(
            [str(word) for word in command],
            cwd=self.root,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=600,
        )

    def git(self, *words: str) -> str:
        """Run git, which has to succeed; gives what it printed."""
        done = self.run("git", *words)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, message: str = "Change") -> str:
        """Commit everything without hooks; gives the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "--message", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture(scope="session")
def made_policies(shared_cache: Path) -> list[Path]:
    """The bundles of the built-in policies: a wheel has them, and a source tree makes them for each new cache."""
    load_builtin()
    load_lifecycles()
    return [path for stem in ("policies", "lifecycles") for path in shared_cache.glob(f"{stem}-*.bundle")]


@pytest.fixture
def with_policies(made_policies: list[Path]) -> Callable[[Path], None]:
    """Makes a cache folder that has nothing but the policies."""

    def make(cache: Path) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        for path in made_policies:
            shutil.copy(path, cache)

    return make


@pytest.fixture
def environment(tmp_path: Path, shared_cache: Path) -> dict[str, str]:
    """The environment of a user without settings, with `readiness` of this tree among the commands."""
    commands = tmp_path / "bin"
    commands.mkdir()
    program = commands / "readiness"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m readiness "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    kept = {
        name: os.environ[name] for name in ("LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT") if name in os.environ
    }
    return {
        **kept,
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "HOME": str(home),
        "READINESS_CACHE_DIR": str(shared_cache),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Somebody",
        "GIT_AUTHOR_EMAIL": "somebody@example.com",
        "GIT_COMMITTER_NAME": "Somebody",
        "GIT_COMMITTER_EMAIL": "somebody@example.com",
    }


@pytest.fixture
def repository(tmp_path: Path, environment: dict[str, str]) -> Callable[[str], Repository]:
    """Makes repositories by name."""
    return lambda name: Repository(tmp_path / name, environment)
