"""The command line on small repositories that tests write: what a user meets, whole."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from readiness.cli.main import main

OWN_POLICIES = Path(__file__).parent / "engine" / "policies"
"""Policies of the tests' own, so that the built-in set may change freely."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one run of the program gave."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report on standard output."""
        document: dict[str, Any] = json.loads(self.out)
        return document

    @property
    def findings(self) -> list[dict[str, Any]]:
        """The findings of a JSON report."""
        found: list[dict[str, Any]] = self.report["findings"]
        return found

    @property
    def errors(self) -> list[tuple[str, int, int, str]]:
        """The errors of a JSON report as (path, line, column, message)."""
        return [(e["path"], e["line"], e["column"], e["message"]) for e in self.report["errors"]]

    def found(self, *statuses: str) -> list[tuple[str, str, str, int]]:
        """The findings as (policy, address, path, line); only those that fail unless told otherwise."""
        return [
            (f["policy"], f["resource"]["address"], f["location"]["path"], f["location"]["line"])
            for f in self.findings
            if f["status"] in (statuses or ("fail",))
        ]


class Cli:
    """A small repository, and the program run in it."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[bytes]) -> None:
        self.root = root
        self._patch = patch
        self._capture = capture

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files by their names; folders are made."""
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def run(self, *args: str, stdin: bytes | None = None) -> Result:
        """Run the program.  No output may hold a traceback, whatever the test is about."""
        if stdin is not None:
            self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = main(args)
        captured = self._capture.readouterr()
        result = Result(status, captured.out.decode(), captured.err.decode())
        assert "Traceback" not in result.out + result.err
        assert "internal error: " not in result.err
        return result

    def git(self, *args: str, folder: Path | None = None) -> str:
        """Run git as nobody in particular, in the repository; a new one begins on `main`."""
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main")
        where = folder or self.root
        done = subprocess.run(["git", *who, *args], cwd=where, check=True, capture_output=True, text=True)
        return done.stdout

    def commit(self) -> None:
        """Commit everything."""
        self.git("add", "-A")
        self.git("commit", "-qm", "x", "--allow-empty")

    def check(self, *args: str, select: str = "demo-*", stdin: bytes | None = None) -> Result:
        """`check --format json` with the tests' own policies alone."""
        own = ("--policies", str(OWN_POLICIES), "--select", select)
        return self.run("check", "--format", "json", *own, *args, stdin=stdin)


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder of this test run: grammar tables and policies are made once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def cli(
    tmp_path: Path,
    shared_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
) -> Cli:
    """An empty repository in which the program runs, with no settings from outside."""
    for name in ("NO_COLOR", "FORCE_COLOR", "READINESS_DEBUG", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("READINESS_CACHE_DIR", str(shared_cache))
    root = tmp_path / "repository"
    root.mkdir()
    monkeypatch.chdir(root)
    return Cli(root, monkeypatch, capsysbinary)
