"""The command line on small repositories that tests write: what a user meets, whole."""

from __future__ import annotations

import atexit
import copy
import gc
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from readiness.cli.main import main
from readiness.policy import bundle, controls

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


CACHE = pytest.StashKey[Path]()
"""The cache folder of this test process."""


def pytest_configure(config: pytest.Config) -> None:
    """One cache for the whole of this process, modules that load policies when collected included."""
    folder = Path(tempfile.mkdtemp(prefix="readiness-cache-"))
    config.stash[CACHE] = folder
    os.environ["READINESS_CACHE_DIR"] = str(folder)
    # Before any module takes the function over by name.
    controls.load_controls = _once(controls.load_controls, _seen_controls)
    bundle._load = _once(bundle._load, lambda folder: bundle._fingerprint([folder]))


def _once(load: Callable[[Path], Any], seen: Callable[[Path], Any]) -> Callable[[Path], Any]:
    """A function that reads the files of a folder again only when they changed, which `seen` tells.

    A process of the program reads the built-in files once at most.  A test process is many such: every
    repository of a test is a new one, for which no cache has anything yet, and wants them again.
    """
    known: dict[tuple[Path, Any], Any] = {}

    def loaded(folder: Path) -> Any:
        key = (folder.absolute(), seen(folder))
        if key not in known:
            known[key] = load(folder)
        return copy.copy(known[key])

    return loaded


def _seen_controls(folder: Path) -> Any:
    """What changes with `controls.yaml`; None where there is none."""
    try:
        stat = (folder / controls.CONTROLS_FILE).stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind, and let DuckDB's binding be taken down.

    The program freezes what there is when it ends (`cli/main.py`), which is for programs of one run; the
    binding, which is part of a test process as soon as one test asks for a table, calls that a leak.
    """
    shutil.rmtree(config.stash[CACHE], ignore_errors=True)
    if "duckdb" in sys.modules:
        atexit.unregister(gc.freeze)


@pytest.fixture(scope="session")
def shared_cache(pytestconfig: pytest.Config) -> Path:
    """The cache folder of this test process: grammar tables and policies are made once."""
    return pytestconfig.stash[CACHE]


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
