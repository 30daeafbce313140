"""The development tasks: check, test, lint, bench, docs, clean.

Needs Python >= 3.11 and git, nothing else: every task makes `.venv` and installs what it
needs first.  The exit status is that of the task's command.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036  this file is what tells the users of an older Python
    sys.exit(
        f"readiness needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable}).\n"
        "Name another one, for example: make test PYTHON=python3.12"
    )

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".readiness-installed"
BIN = "Scripts" if os.name == "nt" else "bin"
READY = "fixtures/checkout-ready"
# What pytest prints last: `12 passed, 1 skipped in 3.21s`.
CLOSING_LINE = re.compile(r"\b\d+ (passed|failed|errors?|skipped|deselected)\b.* in [\d.]+s")


def say(text: str) -> None:
    """Progress goes to standard error: standard output belongs to the commands."""
    print(text, file=sys.stderr, flush=True)


def tool(name: str, directory: Path = VENV) -> str:
    """The path of a command inside a virtual environment."""
    return str(directory / BIN / name)


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    """Run a command in the repository and return its exit status."""
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **(environment or {})}, check=False
    ).returncode


def must(
    what: str, command: Sequence[str], expect: int = 0, environment: Mapping[str, str] | None = None
) -> None:
    """Run a command and end the task if its exit status is not the expected one."""
    say(f"== {what}")
    began = time.monotonic()
    status = run(command, environment)
    if status != expect:
        say(f"-- {what}: exit status {status}, expected {expect}")
        sys.exit(status if status not in (0, expect) else 1)
    say(f"-- {what}: {time.monotonic() - began:.1f} s")


def fingerprint() -> str:
    """A digest of what an editable installation depends on: the code itself is not part of it."""
    digest = hashlib.sha256(sys.version.encode())
    for name in ("pyproject.toml", "hatch_build.py", "src/readiness/sources/hcl/tables.py"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def install(extra: str = "") -> None:
    """Make `.venv` and install the package into it, unless that is already so."""
    wanted = {"digest": fingerprint(), "extras": [extra] if extra else []}
    if STAMP.is_file():
        present = json.loads(STAMP.read_text(encoding="utf-8"))
        wanted["extras"] = sorted({*wanted["extras"], *present["extras"]})
        if present == wanted:
            return
    if not Path(tool("python")).exists():
        say(f"== making {VENV.name} with Python {sys.version.split()[0]}")
        venv.create(VENV, with_pip=True, clear=VENV.exists())
    extras = ",".join(wanted["extras"])
    target = f"{ROOT}[{extras}]" if extras else str(ROOT)
    pip = [tool("python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    must("installing readiness", [*pip, "--editable", target])
    STAMP.write_text(json.dumps(wanted), encoding="utf-8")


def check(paths: Sequence[str]) -> int:
    """The main job: `readiness check` on the given paths."""
    install()
    return run([tool("readiness"), "check", *(paths or [READY])])


def lint() -> None:
    """Style, types and the import contracts."""
    must("ruff check", [tool("ruff"), "check", "."])
    must("ruff format", [tool("ruff"), "format", "--check", "."])
    must("mypy", [tool("mypy")])
    must("import contracts", [tool("lint-imports")])


def pytest() -> str:
    """Run the tests with coverage, passing their output on; returns pytest's closing line."""
    say("== pytest")
    # Neighbours share what they set up, so each process begins with a part of its own.
    shared = ["-n", "auto", "--dist", "worksteal"]
    command = [tool("python"), "-m", "pytest", *shared, "--cov", "--cov-report=term"]
    closing = ""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, errors="replace") as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if CLOSING_LINE.search(line):
                closing = line.strip()
    if process.returncode != 0:
        say(f"-- pytest: exit status {process.returncode}\n{closing}")
        sys.exit(process.returncode)
    return closing


def try_the_wheel() -> None:
    """Build the wheel, install it where nothing else is, and hold it against the fixtures."""
    with tempfile.TemporaryDirectory(prefix="readiness-wheel-") as name:
        work = Path(name)
        must("wheel", [tool("python"), "-m", "build", "--wheel", "--outdir", str(work), str(ROOT)])
        (wheel,) = work.glob("*.whl")
        say(f"   {wheel.name}: {wheel.stat().st_size / 1024:.0f} KiB")
        empty = work / "venv"
        venv.create(empty, with_pip=True)
        python = tool("python", empty)
        pip = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        must("wheel in an empty environment", [*pip, str(wheel)])
        command = [tool("readiness", empty), "check"]
        cache = {"READINESS_CACHE_DIR": str(work / "cache")}
        quiet = ["--format", "concise", "--output", str(work / "findings.txt")]
        must(
            "the wheel finds what the fixtures lack",
            [*command, *quiet, "fixtures/"],
            expect=1,
            environment=cache,
        )
        found = (work / "findings.txt").read_text(encoding="utf-8").strip().splitlines()
        if not found:
            sys.exit("the wheel ended with status 1 but wrote no finding")
        must("the wheel finds nothing in the ready service", [*command, READY], environment=cache)


def test() -> int:
    """Everything a change must pass."""
    began = time.monotonic()
    install("dev")
    lint()
    closing = pytest()
    must("the policies' own examples", [tool("readiness"), "policies", "test"])
    try_the_wheel()
    print(closing)
    print(f"all checks passed in {time.monotonic() - began:.0f} s")
    return 0


def docs() -> int:
    """Bring the pages about policies up to date, and build the site from all of the documentation."""
    install("docs")
    must("pages about policies", [tool("readiness"), "policies", "docs"])
    must("layout of the site", [tool("python"), "scripts/site.py"])
    must("site", [tool("zensical"), "build", "--clean", "--strict", "--config-file", "mkdocs.yml"])
    say(f"   {ROOT / 'build' / 'site' / 'index.html'}")
    return 0


def clean() -> int:
    """Remove the virtual environment and every cache and build product."""
    names = [".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache"]
    names += ["build", "dist", "bench/.work", "src/readiness/_data", ".coverage"]
    for target in [ROOT / name for name in names]:
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)
    for part in ROOT.glob(".coverage.*"):
        part.unlink()
    for folder in ("src", "tests", "scripts", "bench"):
        for cache in (ROOT / folder).rglob("__pycache__"):
            shutil.rmtree(cache)
    return 0


def main(arguments: Sequence[str]) -> int:
    """Run one task."""
    parser = argparse.ArgumentParser(prog="scripts/dev.py", description=__doc__.split("\n\n")[0])
    tasks = parser.add_subparsers(dest="task", required=True, metavar="TASK")
    checking = tasks.add_parser("check", help="run `readiness check` on PATHs (default: a ready service)")
    checking.add_argument("paths", nargs="*", metavar="PATH")
    tasks.add_parser("test", help="lint, types, import contracts, tests, policies, the wheel")
    tasks.add_parser("lint", help="ruff, mypy and the import contracts")
    tasks.add_parser("bench", help="time readiness beside its peers (see bench/run.py)", add_help=False)
    tasks.add_parser("docs", help="the pages about policies, and the site in build/site")
    tasks.add_parser("clean", help="remove what the other tasks made")
    options, rest = parser.parse_known_args(arguments)
    if rest and options.task not in ("check", "bench"):
        parser.error(f"unknown arguments: {' '.join(rest)}")
    if options.task == "check":
        return check([*options.paths, *rest])
    if options.task == "test":
        return test()
    if options.task == "lint":
        install("dev")
        lint()
        return 0
    if options.task == "bench":
        install()
        return run([tool("python"), "bench/run.py", *rest])
    return docs() if options.task == "docs" else clean()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
