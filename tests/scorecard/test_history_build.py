"""A history made from git: which revisions, what of them, and what happens when one cannot be looked at."""

from __future__ import annotations

import datetime
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from tests.conftest import OWN_POLICIES

from readiness import api
from readiness.engine.model import Identity
from readiness.engine.prepare import prepare
from readiness.engine.settings import Settings, found_settings
from readiness.errors import UsageError
from readiness.repo.history import History
from readiness.repo.revision import Revision
from readiness.repo.snapshot import files_of
from readiness.scorecard import history_build
from readiness.scorecard.definitions import definitions
from readiness.scorecard.history import Run, run_of
from readiness.scorecard.history_build import (
    Asked,
    Built,
    Commit,
    Line,
    Skipped,
    build_history,
    chosen,
    line_of,
    report_at,
)
from readiness.scorecard.history_read import known, read, seen
from readiness.scorecard.trend import Since, utc

BAD = 'resource "demo_bucket" "{}" {{\n  encrypted = false\n  tags = {{ service = "shop" }}\n}}\n'
GOOD = BAD.replace("false", "true")
WORKLOAD = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels:
    app.kubernetes.io/part-of: {name}
spec:
  template:
    spec:
      containers:
        - name: main
          image: example.com/{name}:1
"""


def asked(folder: Path, *paths: str, **more: Any) -> Asked:
    """What is asked for, by the tests' own policies."""
    given = {"policies": (str(OWN_POLICIES),), "select": ("demo-*",), "jobs": 1, **more}
    settings = Settings(**given)
    return Asked(paths or (".",), folder, settings, prepare(settings), definitions(settings))


class Repo:
    """A repository whose commits have days."""

    def __init__(self, cli: Any, patch: pytest.MonkeyPatch) -> None:
        self.cli = cli
        self.root: Path = cli.root
        self.file = str(cli.root.parent / "h.db")
        self._patch = patch
        cli.git("init", "-q")

    def commit(self, day: str, files: dict[str, str] | None = None) -> str:
        """Commit files on a day (`MM-DD` of 2026), at noon; gives the commit."""
        self._patch.setenv("GIT_COMMITTER_DATE", f"2026-{day}T12:00:00Z")
        self.cli.write(files or {})
        self.cli.commit()
        return str(self.cli.git("rev-parse", "HEAD")).strip()

    def build(self, every: int = 30, *paths: str, since: Since | None = None, **more: Any) -> Built:
        """Build the history with the tests' own policies."""
        return build_history(self.file, asked(self.root, *paths, **more), every, since)


@pytest.fixture
def repo(cli: Any, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """An empty repository."""
    return Repo(cli, monkeypatch)


def names(commits: Sequence[Commit]) -> list[str]:
    """The names of commits."""
    return [one.commit for one in commits]


# Which revisions.


def line(*days: float, shallow: bool = False) -> Line:
    """Commits at days since 1970, the oldest first, called by their numbers."""
    commits = [Commit(str(number), int(day * 86_400)) for number, day in enumerate(days)]
    return Line(Path(), "main", tuple(reversed(commits)), shallow)


def test_the_last_commit_of_each_span_is_chosen() -> None:
    assert names(chosen(line(0, 9.9, 10, 15, 19.99, 35, 36), 10, None)) == ["1", "4", "6"]
    assert names(chosen(line(0, 0.5, 1, 1.5), 1, None)) == ["1", "3"]
    assert names(chosen(line(5), 365, None)) == ["0"]


def test_with_more_commits_the_same_are_chosen_again() -> None:
    days = [0, 3, 11, 14, 22, 25, 31, 38]
    before: set[str] = set()
    for count in range(1, len(days) + 1):
        now = names(chosen(line(*days[:count]), 10, None))
        # Only the newest may give way, to a later commit of its span.
        assert len(before - set(now)) <= 1
        assert now[-1] == str(count - 1)
        before = set(now)
    assert before == {"1", "3", "5", "7"}


def test_since_a_time_or_a_commit() -> None:
    days = (0, 3, 11, 14, 22)
    assert names(chosen(line(*days), 10, Since(utc(11 * 86_400)))) == ["3", "4"]
    assert names(chosen(line(*days), 10, Since(utc(11 * 86_400 + 1)))) == ["3", "4"]
    # A commit that is named is one of them, though it is not the last of its span.
    assert names(chosen(line(*days), 10, Since(utc(11 * 86_400), "2"))) == ["2", "3", "4"]
    assert names(chosen(line(*days), 10, Since(utc(11 * 86_400), "elsewhere"))) == ["3", "4"]
    with pytest.raises(UsageError) as caught:
        chosen(line(*days), 10, Since("2026-01-01T00:00:00Z"))
    message = "there is no commit since 2026-01-01T00:00:00Z: the newest is of 1970-01-23T00:00:00Z"
    assert caught.value.message == message


def test_times_that_go_back_lose_no_span() -> None:
    assert names(chosen(line(11, 3, 25, 21), 10, None)) == ["0", "1", "3"]


def test_a_shallow_history_says_what_is_missing() -> None:
    shallow = line(3, 11, 25, shallow=True)
    with pytest.raises(UsageError) as caught:
        chosen(shallow, 10, None)
    assert caught.value.message == (
        "the history here is shallow: it begins with 0 of 1970-01-04, and what was before is missing; fetch "
        "more of it (actions/checkout: `fetch-depth: 0`; GitLab: `GIT_DEPTH: 0`), or say --since 1970-01-05"
    )
    assert names(chosen(shallow, 10, Since("1970-01-05T00:00:00Z"))) == ["1", "2"]
    with pytest.raises(UsageError, match=r"GIT_DEPTH: 0`\)$"):
        chosen(line(3, shallow=True), 10, None)


def test_commits_of_merged_branches_are_not_looked_at(repo: Repo) -> None:
    first = repo.commit("01-01")
    repo.cli.git("switch", "-qc", "side")
    repo.commit("02-01", {"side.tf": ""})
    repo.cli.git("switch", "-q", "main")
    second = repo.commit("02-02", {"main.tf": ""})
    repo._patch.setenv("GIT_COMMITTER_DATE", "2026-03-01T12:00:00Z")
    repo.cli.git("merge", "-q", "side", "-m", "x")
    merge = repo.cli.git("rev-parse", "HEAD").strip()
    found = line_of(repo.root)
    assert names(found.commits) == [merge, second, first]
    assert [one.when for one in found.commits][::-1] == [
        f"2026-{d}T12:00:00Z" for d in ("01-01", "02-02", "03-01")
    ]
    assert (found.root, found.branch, found.shallow) == (repo.root, "main", False)
    repo.cli.git("switch", "-q", "--detach")
    assert line_of(repo.root).branch == ""


def test_what_has_no_commits(tmp_path: Path, cli: Any) -> None:
    with pytest.raises(UsageError, match=r"a history is made from git, and '.*' lies in no repository"):
        line_of(tmp_path)
    cli.git("init", "-q")
    with pytest.raises(UsageError, match="a history is made from commits, and git gives none"):
        line_of(cli.root)


def test_a_shallow_clone(repo: Repo, tmp_path: Path) -> None:
    for day in ("01-01", "02-01", "03-01"):
        repo.commit(day, {"main.tf": BAD.format(f"b{day}")})
    clone = tmp_path / "clone" / repo.root.name
    repo.cli.git("clone", "-q", "--depth=2", f"file://{repo.root}", str(clone))
    assert line_of(clone).shallow
    with pytest.raises(
        UsageError, match=r"the history here is shallow: it begins with [0-9a-f]{12} of 2026-02-01"
    ):
        build_history(repo.file, asked(clone), 30)
    built = build_history(repo.file, asked(clone), 30, Since("2026-02-02T00:00:00Z"))
    assert [one.when for one in built.added] == ["2026-03-01T12:00:00Z"]


# What of them.


def test_runs_are_what_a_report_on_a_checkout_says(repo: Repo, tmp_path: Path) -> None:
    files = {"main.tf": BAD.format("a") + BAD.format("b"), "k8s/a.yaml": WORKLOAD.format(name="checkout")}
    commits = [
        repo.commit("01-01", files),
        repo.commit("02-15", {"main.tf": BAD.format("a") + GOOD.format("b")}),
        repo.commit("04-01", {"main.tf": GOOD.format("a"), "k8s/b.yaml": WORKLOAD.format(name="ledger")}),
    ]
    policies = asked(repo.root)
    built = build_history(repo.file, policies, 30)
    assert (names(built.added), built.there, built.skipped, built.unread) == (commits, 0, [], {})
    stored = read(repo.file)
    for commit, point in zip(commits, stored, strict=True):
        checkout = tmp_path / commit / repo.root.name
        repo.cli.git("clone", "-q", str(repo.root), str(checkout))
        repo.cli.git("checkout", "-q", commit, folder=checkout)
        repo._patch.chdir(checkout)
        expected = api.report((".",), policies.settings)
        assert point.commit == commit == expected.commit
        assert {s.name: (s.score, s.level) for s in expected.services} == point.services
        assert {k.id: k.actual for k in expected.kpis} == point.kpis
        revision = Revision(repo.root, commit, commit)
        at = report_at(revision, Commit(commit, 0), policies)
        assert at is not None
        own, other = run_of(at), run_of(expected)
        assert (own.areas, own.controls, own.policies, own.findings) == (
            other.areas,
            other.controls,
            other.policies,
            other.findings,
        )
        assert own.findings or commit == commits[2]
    assert [set(point.services) for point in stored] == [{"checkout", "shop"}] * 2 + [
        {"checkout", "ledger", "shop"}
    ]
    assert [point.when for point in stored] == [f"2026-{d}T12:00:00Z" for d in ("01-01", "02-15", "04-01")]
    times = {first[5:10] + last[5:10] for first, last in seen(repo.file).values()}
    assert {"01-0102-15", "01-0101-01"} <= times


def test_a_revision_counts_as_of_its_day(repo: Repo) -> None:
    """An ignore that ended since was good then, and one that had ended was not."""
    ignored = "# readiness:ignore demo-bucket-encrypted reason: public, until {}\n" + BAD
    files = {
        "a.tf": ignored.format("2026-03-01", "a"),
        "b.tf": ignored.format("2025-12-01", "b"),
    }
    commit = repo.commit("02-01", files)
    policies = asked(repo.root, select=("demo-bucket-encrypted", "gov-ignore-expired"))
    scorecard = report_at(
        Revision(repo.root, commit, commit),
        Commit(commit, int(datetime.datetime(2026, 2, 1, tzinfo=datetime.UTC).timestamp())),
        policies,
    )
    assert scorecard is not None
    found = {(f.policy, f.span.path, f.status) for f in scorecard.report.findings}
    assert found == {
        ("demo-bucket-encrypted", "a.tf", "suppressed"),
        ("demo-bucket-encrypted", "b.tf", "fail"),
        ("gov-ignore-expired", "b.tf", "fail"),
    }
    assert (scorecard.when, scorecard.commit) == ("2026-02-01T00:00:00Z", commit)


def test_files_of_then_are_as_old_as_they_were_then(repo: Repo) -> None:
    first = repo.commit("01-01", {"docs/a.md": "# A\n"})
    second = repo.commit("02-01", {"main.tf": GOOD.format("a")})
    repo.commit("12-01", {"docs/a.md": "# B\n"})
    for commit in (first, second):
        with files_of(Revision(repo.root, commit, commit)) as top:
            assert History(top).changed("docs/a.md") == datetime.date(2026, 1, 1)


def test_nothing_is_written_into_the_repository(repo: Repo) -> None:
    repo.commit("01-01", {"main.tf": BAD.format("a")})
    repo.commit("03-01", {"main.tf": GOOD.format("a")})
    repo.cli.write({"main.tf": "not committed"})

    def state() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in repo.root.rglob("*") if path.is_file()}

    before = state()
    repo.build()
    assert state() == before


def test_a_part_of_a_repository_from_a_folder_of_it(repo: Repo) -> None:
    repo.commit("01-01", {"main.tf": BAD.format("x")})
    second = repo.commit("03-01", {"eu/infra/main.tf": BAD.format("a"), "eu/main.tf": BAD.format("y")})
    folder = repo.root / "eu"
    encrypted = {"select": ("demo-bucket-encrypted",)}
    built = build_history(repo.file, asked(folder, "infra", **encrypted), 30)
    assert names(built.added) == [second]
    why = "nothing of what is asked for was there yet"
    assert [(one.why, one.broken) for one in built.skipped] == [(why, False)]
    print_of = Identity("demo-bucket-encrypted", "infra/main.tf", "demo_bucket.a").fingerprint
    assert list(seen(repo.file)) == [print_of]
    # Another part is another measure: both are kept.
    built = build_history(repo.file, asked(folder, **encrypted), 30)
    assert names(built.added) == [second]
    assert len(read(repo.file)) == 2
    built = build_history(repo.file, asked(repo.root, "eu/infra", **encrypted), 30)
    assert (names(built.added), built.there) == ([], 1)


def test_a_path_that_no_revision_has(repo: Repo) -> None:
    repo.commit("01-01", {"main.tf": BAD.format("x")})
    with pytest.raises(UsageError, match="no revision has any of 'infar'"):
        repo.build(30, "infar")
    assert not Path(repo.file).exists()


def test_files_of_then_that_cannot_be_read_are_counted(repo: Repo) -> None:
    first = repo.commit("01-01", {"main.tf": BAD.format("a"), "broken.tf": 'resource "a" {{{'})
    repo.commit("03-01", {"broken.tf": ""})
    assert repo.build().unread == {first: 1}


# Again, and when something goes wrong.


def test_what_is_there_is_left(repo: Repo) -> None:
    commits = [repo.commit("01-01", {"main.tf": BAD.format("a")}), repo.commit("03-01")]
    assert names(repo.build().added) == commits
    before = Path(repo.file).read_bytes()
    built = repo.build()
    assert (built.added, built.there) == ([], 2)
    assert Path(repo.file).read_bytes() == before
    third = repo.commit("05-01")
    assert names(repo.build().added) == [third]
    # By another measure all are looked at.
    assert names(repo.build(tier=2).added) == [*commits, third]
    assert len(read(repo.file)) == 6


def test_work_that_was_broken_off_goes_on(repo: Repo) -> None:
    commits = [repo.commit(day, {"main.tf": BAD.format(f"b{day}")}) for day in ("01-01", "03-01", "05-01")]

    def told(done: int, of: int) -> None:
        steps.append((done, of))
        if done == 2:
            raise KeyboardInterrupt

    steps: list[tuple[int, int]] = []
    with pytest.raises(KeyboardInterrupt):
        build_history(repo.file, asked(repo.root), 30, None, told)
    assert steps == [(0, 3), (1, 3), (2, 3)]
    assert [point.commit for point in read(repo.file)] == commits[:2]
    assert names(repo.build().added) == commits[2:]


def test_several_at_once_give_the_same(repo: Repo) -> None:
    for month in range(1, 8):
        repo.commit(f"{month:02d}-15", {"main.tf": "".join(BAD.format(f"b{n}") for n in range(month))})
    repo.build()
    one = read(repo.file)
    repo.file += ".other"
    repo.build(jobs=4)
    assert read(repo.file) == one
    assert len(one) >= 6


def test_a_revision_whose_files_are_lost_is_told_and_left_out(repo: Repo) -> None:
    first = repo.commit("01-01", {"main.tf": BAD.format("a")})
    second = repo.commit("03-01", {"main.tf": BAD.format("gone")})
    third = repo.commit("05-01", {"main.tf": BAD.format("c")})
    blob = repo.cli.git("rev-parse", f"{second}:main.tf").strip()
    (repo.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    built = repo.build()
    assert names(built.added) == [first, third]
    why = f"the files of {second!r} cannot be had: the object {blob} is not here"
    assert [(one.commit.commit, one.why, one.broken) for one in built.skipped] == [(second, why, True)]
    assert known(repo.file, read(repo.file)[0].definitions) == {first, third}


def test_a_process_that_dies_costs_its_revision_alone(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = [repo.commit(day, {"main.tf": BAD.format(f"b{day}")}) for day in ("01-01", "03-01", "05-01")]

    def look(revision: Any, commit: Commit, what: Asked) -> Any:
        if commit.commit == commits[0]:
            os._exit(9)
        if commit.commit == commits[1]:
            raise ZeroDivisionError("a mistake")
        return report_at(revision, commit, what)

    monkeypatch.setattr(history_build, "report_at", look)
    built = repo.build()
    assert names(built.added) == commits[2:]
    assert built.skipped == [
        Skipped(built.skipped[0].commit, "the process that looked at it died (too little memory?)"),
        Skipped(built.skipped[1].commit, "internal error: ZeroDivisionError: a mistake"),
    ]


def test_without_copies_of_the_process_it_is_the_same(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit("01-01", {"main.tf": BAD.format("a")})
    repo.commit("03-01", {"main.tf": GOOD.format("a")})
    repo.build()
    forked = read(repo.file)
    repo.file += ".other"
    monkeypatch.setattr(history_build, "POSSIBLE", False)
    repo.build()
    assert read(repo.file) == forked
    repo.file += ".third"
    monkeypatch.setattr(history_build, "POSSIBLE", True)

    def refuse(work: Any) -> Any:
        raise OSError("no more processes")

    monkeypatch.setattr(history_build, "Forked", refuse)
    repo.build()
    assert read(repo.file) == forked


def test_a_file_that_is_no_history_is_refused_before_the_work(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit("01-01", {"main.tf": BAD.format("a")})
    Path(repo.file).write_text("no database at all")
    monkeypatch.setattr(history_build, "report_at", None)
    with pytest.raises(UsageError, match="this is no history"):
        repo.build()


def test_settings_of_folders_of_then_do_not_break_it(repo: Repo) -> None:
    """What is wrong in a file of settings of then is told of its revision alone."""
    first = repo.commit(
        "01-01",
        {
            "main.tf": BAD.format("a"),
            "svc/readiness.yaml": "ignore: [no-such-policy]\n",
            "svc/m.tf": BAD.format("b"),
        },
    )
    second = repo.commit("03-01", {"svc/readiness.yaml": "ignore: [demo-bucket-encrypted]\n"})
    given = {"policies": (str(OWN_POLICIES),), "select": ("demo-*",), "jobs": 1}
    settings = found_settings(given)
    what = Asked((".",), repo.root, settings, prepare(settings), definitions(settings))
    built = build_history(repo.file, what, 30)
    done = {*names(built.added), *(one.commit.commit for one in built.skipped)}
    assert done == {first, second}
    assert second in names(built.added)


def test_a_run_as_it_comes_from_a_process() -> None:
    run = Run(
        when="2026-01-01T00:00:00Z",
        services=[("a", 1, "", None, None)],
        kpis=[("k", 1.5, 1, 2, 0, 9.0, ">=", "%")],
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(run), type=Run) == run
    assert replace(run, commit="x") != run


def test_a_repository_in_another_folder_has_the_same_measure(repo: Repo, tmp_path: Path) -> None:
    repo.commit("01-01", {"main.tf": BAD.format("a")})
    repo.build()
    moved = tmp_path / "moved"
    shutil.copytree(repo.root, moved)
    built = build_history(repo.file, asked(moved), 30)
    assert (built.added, built.there) == ([], 1)
