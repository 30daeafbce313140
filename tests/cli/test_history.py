"""`readiness history`: made from git, listed, thrown away."""

from __future__ import annotations

import io
import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import OWN_POLICIES

from readiness import __version__
from readiness.cli.main import COMMANDS
from readiness.scorecard.history_file import VERSION

BAD = 'resource "demo_bucket" "{}" {{\n  encrypted = false\n  tags = {{ service = "{}" }}\n}}\n'
OWN = ("--policies", str(OWN_POLICIES), "--select", "demo-*", "--jobs", "1")
FILE = "readiness-history.db"


@pytest.fixture
def repo(cli: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A repository with a commit in January, one in March and one in May of 2026, and a way to add more."""
    monkeypatch.setitem(COMMANDS, "history", "readiness.cli.history")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1780228800")  # 2026-05-31T12:00:00Z
    monkeypatch.setenv("COLUMNS", "100")

    def commit(day: str, files: dict[str, str]) -> str:
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"2026-{day}T12:00:00Z")
        cli.write(files)
        cli.commit()
        return str(cli.git("rev-parse", "HEAD")).strip()

    cli.git("init", "-q")
    first = commit("01-01", {"a.tf": BAD.format("a", "shop")})
    second = commit("03-01", {"b.tf": BAD.format("b", "ledger")})
    third = commit("05-01", {"a.tf": BAD.format("a", "shop").replace("false", "true")})
    return cli, (first, second, third), commit


def history(cli: Any, *args: str) -> tuple[int, str, str]:
    """Status, standard output and standard error of `readiness history`."""
    result = cli.run("history", *args)
    return result.status, result.out, result.err


def test_made_listed_and_thrown_away(repo: Any) -> None:
    cli, commits, _ = repo
    assert history(cli, "build", *OWN) == (0, f"{FILE}: 3 revisions added, 0 there already\n", "")
    assert history(cli, "build", *OWN) == (0, f"{FILE}: 0 revisions added, 3 there already\n", "")
    status, out, err = history(cli, "list")
    assert (status, err) == (0, "")
    table = [line.split() for line in out.splitlines()]
    assert table[0] == ["when", "commit", "services", "score", "levels", "branch"]
    assert [row[:3] for row in table[1:]] == [
        [f"2026-{day}T12:00:00Z", commit[:12], number]
        for day, commit, number in zip(("01-01", "03-01", "05-01"), commits, "122", strict=True)
    ]
    assert [row[-1] for row in table[1:]] == ["main"] * 3

    assert history(cli, "prune", "--before", "90d") == (0, f"{FILE}: 2 runs taken out\n", "")
    assert history(cli, "prune", "--keep", "1") == (0, f"{FILE}: 0 runs taken out\n", "")
    assert history(cli, "prune", "--keep", "0") == (0, f"{FILE}: 1 run taken out\n", "")
    assert history(cli, "list") == (0, "no runs\n", "")


def test_since_and_every(repo: Any) -> None:
    cli, commits, _ = repo
    told = history(cli, "build", *OWN, "--since", "2026-02-01", "--history", "new.db")
    assert told == (0, "new.db: 2 revisions added, 0 there already\n", "")
    told = history(cli, "build", *OWN, "--since", commits[0][:8], "--every", "1y", "--history", "new.db")
    # The newest of the year, which is there, and the one that was named.
    assert told == (0, "new.db: 1 revision added, 1 there already\n", "")
    told = history(cli, "build", *OWN, "--since", "40d", "--history", "third.db")
    assert told == (0, "third.db: 1 revision added, 0 there already\n", "")


def test_the_list_as_json(repo: Any) -> None:
    cli, commits, _ = repo
    history(cli, "build", *OWN, "--since", "HEAD")
    status, out, _ = history(cli, "list", "--format", "json")
    document = json.loads(out)
    (run,) = document.pop("runs")
    assert (status, document) == (0, {"schema_version": 1})
    definitions, levels, score = (run.pop(name) for name in ("definitions", "levels", "score"))
    assert run == {
        "when": "2026-05-01T12:00:00Z",
        "commit": commits[2],
        "branch": "main",
        "title": "repository",
        "tool": __version__,
        "unread": 0,
        "services": 2,
    }
    assert len(definitions) == 16
    assert sum(levels.values()) == 2
    assert score is None or 0 <= score <= 100


def test_a_report_goes_on_with_what_was_built(repo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cli, commits, _ = repo
    history(cli, "build", *OWN)

    def report(*args: str) -> tuple[list[tuple[str, str]], list[Any], str]:
        result = cli.run("report", "--format", "json", "--history", FILE, *OWN, *args)
        document = json.loads(result.out)
        points = [(point["when"], point["commit"]) for point in document["history"]]
        return points, [kpi["trend"] for kpi in document["kpis"]], result.err

    at = "2026-{}T12:00:00Z".format
    past = [(at("01-01"), commits[0]), (at("03-01"), commits[1])]
    # The same options measure the same: the report takes the place of the run of its commit.
    points, trends, err = report()
    assert points == [*past, (at("05-31"), commits[2])]
    assert "cannot be compared" not in err
    assert report("--since", commits[1])[0] == points[1:]
    points, trends, err = report("--tier", "0")
    assert (points, set(trends)) == ([(at("05-31"), commits[2])], {None})
    assert "3 runs of the history were measured by other levels, policies or settings" in err
    assert len(json.loads(history(cli, "list", "--format", "json")[1])["runs"]) == 4


def test_runs_by_another_measure_are_marked(repo: Any) -> None:
    cli, _, _ = repo
    history(cli, "build", *OWN, "--since", "2026-04-01", "--tier", "2")
    history(cli, "build", *OWN)
    _, out, _ = history(cli, "list")
    rows = out.splitlines()
    # The last of the list is the newest, of one time the one that came last.
    assert [row.split()[0] for row in rows[1:5]] == [
        "2026-01-01T12:00:00Z",
        "2026-03-01T12:00:00Z",
        "2026-05-01T12:00:00Z*",
        "2026-05-01T12:00:00Z",
    ]
    assert rows[-1] == "* 1 run by other levels, policies or settings than the newest"


def test_settings_of_files_hold(repo: Any) -> None:
    cli, _, _ = repo
    history(cli, "build", *OWN)
    cli.write({"readiness.yaml": "tier: 3\n"})
    # By another tier it is another measure, though no option says so.
    assert history(cli, "build", *OWN)[1] == f"{FILE}: 3 revisions added, 0 there already\n"
    assert history(cli, "build", *OWN, "--isolated")[1] == f"{FILE}: 0 revisions added, 3 there already\n"
    cli.write({"readiness.yaml": "overrides: [{paths: [a.tf], fail-on: low}]\n"})
    other = history(cli, "build", *OWN)[1]
    cli.write({"readiness.yaml": "# Further down.\noverrides: [{paths: [a.tf], fail-on: high}]\n"})
    # What only a gate asks for is no measure, and neither is where it stands.
    assert history(cli, "build", *OWN)[1] == f"{FILE}: 0 revisions added, 3 there already\n" != other
    cli.write({"readiness.yaml": "overrides: [{paths: [a.tf], tier: 0}]\n"})
    assert history(cli, "build", *OWN)[1] == f"{FILE}: 3 revisions added, 0 there already\n"


def test_a_revision_that_is_lost(repo: Any) -> None:
    cli, commits, _ = repo
    blob = cli.git("rev-parse", f"{commits[0]}:a.tf").strip()
    (cli.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    status, out, err = history(cli, "build", *OWN)
    # The second commit has the same file.
    assert (status, out) == (3, f"{FILE}: 1 revision added, 0 there already, 2 skipped\n")
    assert err.splitlines() == [
        f"error: {commit[:12]} of 2026-{day} is left out: the files of {commit!r} cannot be had: the object "
        f"{blob} is not here"
        for commit, day in zip(commits, ("01-01", "03-01"), strict=False)
    ]


def test_what_is_worth_knowing_of_runs(repo: Any) -> None:
    cli, _, commit = repo
    broken = commit("05-20", {"infra/c.tf": 'resource "a" {{{'})
    status, out, err = history(cli, "build", *OWN, "--every", "1d", "infra")
    assert (status, out) == (0, f"{FILE}: 1 revision added, 0 there already, 3 skipped\n")
    lines = err.splitlines()
    assert [line.rpartition(": ")[2] for line in lines[:3]] == [
        "nothing of what is asked for was there yet"
    ] * 3
    assert lines[3:] == [f"note: {broken[:12]} is there without 1 file that could not be read"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("build", "--every", "monthly"), "'monthly' is no span such as 30d, 4w or 1y"),
        (
            ("build", "--since", "yesterday"),
            "--since takes a time (30d, 12w, 1y), a day (2026-08-01) or a revision",
        ),
        (("build", "-"), "standard input has no revisions"),
        (("build", "--since", "2026-05-30"), "there is no commit since 2026-05-30T00:00:00Z"),
        (("build", "no-such-folder"), "no revision has any of 'no-such-folder'"),
        (("build", "--history", "no/h.db"), "no/h.db: it cannot be written: its folder does not exist"),
        (("build", "--history", "a.tf"), "a.tf: this is no history: the file is no SQLite database"),
        (("build", "--profile", "reprot"), "did you mean 'report'?"),
        (("list",), f"{FILE}: there is no history here: `readiness history build` makes one"),
        (("list", "--history", "."), ".: this is a folder: a history is a file"),
        (("prune",), "say which runs: --before 1y, --keep 50, or both"),
        (("prune", "--keep", "3"), f"{FILE}: there is no history here"),
        (("prune", "--before", "nothing"), "--before takes a time"),
        ((), "Commands:"),
    ],
)
def test_wrong_usage(repo: Any, args: tuple[str, ...], message: str) -> None:
    cli, _, _ = repo
    status, out, err = (
        history(cli, *args) if args and args[0] != "build" else history(cli, *args, *(OWN if args else ()))
    )
    assert (status, out) == (2, "")
    assert message in err
    assert not (cli.root / FILE).exists()


def test_outside_of_a_repository(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "history", "readiness.cli.history")
    cli.write({"a.tf": BAD.format("a", "shop")})
    status, out, err = history(cli, "build", *OWN)
    assert (status, out) == (2, "")
    assert "a history is made from git" in err


def test_a_shallow_clone(repo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cli, commits, _ = repo
    clone = tmp_path / "clone"
    cli.git("clone", "-q", "--depth=2", f"file://{cli.root}", str(clone))
    monkeypatch.chdir(clone)
    status, _, err = history(cli, "build", *OWN)
    assert status == 2
    assert err == (
        f"error: the history here is shallow: it begins with {commits[1][:12]} of 2026-03-01, and what was before "
        "is missing; fetch more of it (actions/checkout: `fetch-depth: 0`; GitLab: `GIT_DEPTH: 0`), or say "
        "--since 2026-03-02\n"
    )
    assert history(cli, "build", *OWN, "--since", "2026-03-02")[0] == 0


def test_a_file_of_a_newer_program(repo: Any) -> None:
    cli, _, _ = repo
    history(cli, "build", *OWN, "--since", "HEAD")
    with closing(sqlite3.connect(cli.root / FILE)) as other:
        other.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = (cli.root / FILE).read_bytes()
    for args in (("list",), ("build", *OWN), ("prune", "--keep", "1")):
        status, out, err = history(cli, *args)
        assert (status, out) == (2, "")
        assert "a newer readiness wrote this history" in err
    assert (cli.root / FILE).read_bytes() == before


def test_hostile_names_are_shown_as_text(repo: Any) -> None:
    cli, _, commit = repo
    cli.git("switch", "-qc", "b\u202e##[error]x".replace("[", "("))
    commit("05-20", {})
    history(cli, "build", *OWN, "--since", "HEAD")
    _, out, _ = history(cli, "list")
    assert "\u202e" not in out
    assert "b\\u202e##(error]x" in out


class Terminal(io.TextIOWrapper):
    """Standard error of a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_progress_is_shown_on_a_terminal_alone(repo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    cli, _, _ = repo
    monkeypatch.setenv("TERM", "xterm")
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", Terminal(raw, encoding="utf-8", write_through=True))
    status, out, _ = history(cli, "build", *OWN)
    assert (status, out) == (0, f"{FILE}: 3 revisions added, 0 there already\n")
    shown = raw.getvalue().decode()
    assert "revisions" in shown
    assert " 33%" in shown
    assert "100%" in shown


def test_a_tree_with_a_file_taken_away_is_no_commit(repo: Any) -> None:
    cli, commits, _ = repo
    assert cli.run("report", *OWN, "-f", "json").report["commit"] == commits[-1]
    (cli.root / "b.tf").unlink()
    assert cli.run("report", *OWN, "-f", "json").report["commit"] == ""
    cli.git("rm", "-q", "--cached", "b.tf")
    assert cli.run("report", *OWN, "-f", "json").report["commit"] == ""
    cli.git("reset", "-q", "--hard")
    cli.git("sparse-checkout", "set", "--no-cone", "/a.tf")
    assert not (cli.root / "b.tf").exists()
    assert cli.run("report", *OWN, "-f", "json").report["commit"] == commits[-1]
